#include "policies/iam/compare/iam_ask.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"

/* Bytes of the shape of an ARN. */
#define SHAPE_BYTES 8192u

struct asking {
    struct iam_solver *t;
    struct arena room; /* of one question about ARNs */
    const struct iam_context *bound;
    struct iam_request *out;
    bool *refuted;        /* by iam_actions_shape: those resource types have nothing to offer */
    enum iam_answer none; /* is an action without resources left? */
    bool maybe;
};

/* The most powerful first, then the shortest. */
#define RANK_LENGTHS 256u
static unsigned rank(size_t action)
{
    static const unsigned ranks[] = {
        [IAM_PERMISSIONS] = 0, [IAM_WRITE] = 1, [IAM_READ] = 2, [IAM_LIST] = 3, [IAM_TAGGING] = 4};
    const struct iam_action x = iam_actions_at(action);
    const size_t len = x.service.len + x.name.len;

    return ranks[x.level] * RANK_LENGTHS + (unsigned)(len < RANK_LENGTHS ? len : RANK_LENGTHS - 1);
}

/* Actions of the table that are left, in the order in which one chooses; by counting each rank. */
static size_t choices(struct iam_solver *t, uint32_t **out)
{
    const struct iam_action_set left = iam_solver_set(t);
    const size_t count = iam_actions_count();
    size_t ends[5 * RANK_LENGTHS + 1] = {0}, n = 0;
    uint16_t *ranks = ARENA_ARRAY(t->work, uint16_t, count);

    for (size_t i = iam_actions_next(&left, 0); i < count; i = iam_actions_next(&left, i + 1)) {
        ranks[i] = (uint16_t)rank(i);
        ends[ranks[i] + 1]++;
        n++;
    }
    for (size_t i = 1; i < ARRAY_LEN(ends); i++)
        ends[i] += ends[i - 1];
    *out = ARENA_ARRAY(t->work, uint32_t, n);
    for (size_t i = iam_actions_next(&left, 0); i < count; i = iam_actions_next(&left, i + 1))
        (*out)[ends[ranks[i]]++] = (uint32_t)i;
    return n;
}

/* Which stars of a shape say more than "anything": as the fields of an ARN really are, or as one
 * would write them. */
enum {
    PLAIN_PARTITION = 1, /* aws */
    PLAIN_REGION = 2,    /* us-east-1 */
    PLAIN_ACCOUNT = 4,   /* 123456789012 */
    REAL = 8,    /* a region that is there, an account of twelve digits, names that are there */
    OF_AWS = 16, /* the account is "aws" */
    PARTITION_CN = 32 /* aws-cn */
};

static const char *field(unsigned n, unsigned how)
{
    switch (n) {
    case 1:
        return how & PLAIN_PARTITION ? "aws" : how & PARTITION_CN ? "aws-cn" : "aws*";
    case 3:
        return how & PLAIN_REGION ? "us-east-1" : how & REAL ? "?*" : "*";
    case 4:
        return how & OF_AWS          ? "aws"
               : how & PLAIN_ACCOUNT ? "123456789012"
               : how & REAL          ? "????????????"
                                     : "*";
    default:
        return "*";
    }
}

/* "arn:*:s3:::*" is "arn:aws*:s3:::?*": each star as `how` says. */
static const char *shaped(struct iam_solver *t, struct slice shape, unsigned how)
{
    const struct iam_arn arn = iam_arn_split(shape, IAM_ARN_RESOURCE);
    struct buf b;
    const char *out;

    buf_init(&b, SHAPE_BYTES);
    for (unsigned i = 0; i < 5 && i < arn.n; i++) {
        if (slice_is(arn.field[i], "*"))
            buf_str(&b, field(i, how));
        else
            buf_put(&b, arn.field[i]);
        buf_u8(&b, ':');
    }
    for (size_t i = 0; arn.n == 6 && i < arn.field[5].len; i++) {
        const uint8_t c = arn.field[5].data[i];

        if (c == '*' && (how & REAL) && (i == 0 || arn.field[5].data[i - 1] != '?'))
            buf_u8(&b, '?');
        buf_u8(&b, c);
    }
    out = arena_strndup(t->work, b.full ? SLICE_LIT(IAM_SOLVER_ARN) : buf_slice(&b));
    buf_release(&b);
    return out;
}

/* Names of buckets hold no slash: what has one is an object. SPEC: Amazon S3 User Guide, "Bucket
 * naming rules" */
static const char *not_like(struct slice shape)
{
    return slice_is(shape, "arn:*:s3:::*") ? "arn:*:s3:::*/*" : NULL;
}

/* One of many such questions: but for the text that is found, nothing of it is kept. */
static enum iam_answer arn_like(struct asking *k, struct slice shape, unsigned how,
                                struct slice *out)
{
    struct arena *kept = k->t->work;
    struct iam_solver_shape s = {.unlike = not_like(shape)};
    struct slice text = {NULL, 0};
    enum iam_answer m;

    k->t->work = &k->room;
    s.like = shaped(k->t, shape, how);
    m = iam_solver_arn(k->t, &s, k->bound, &text);
    k->t->work = kept;
    if (m == IAM_YES || (m == IAM_MAYBE && out->len == 0))
        *out = arena_slice(kept, text);
    arena_clear(&k->room);
    return m;
}

/* Is there an ARN of this shape? Then the plainest. */
static enum iam_answer arn(struct asking *k, struct slice shape, unsigned how)
{
    static const unsigned plain[] = {
        PLAIN_PARTITION | PLAIN_REGION | PLAIN_ACCOUNT, PLAIN_PARTITION | PLAIN_REGION,
        PLAIN_PARTITION | PLAIN_ACCOUNT, PLAIN_PARTITION, PARTITION_CN};
    enum iam_answer m;

    k->out->resource = (struct slice){NULL, 0};
    m = arn_like(k, shape, how, &k->out->resource);
    if (m != IAM_YES)
        return m;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (arn_like(k, shape, plain[i] | REAL | how, &k->out->resource) == IAM_YES)
            break;
    return IAM_YES;
}

/* An action of the table on its own resource types; the shortest ARN of them. */
static enum iam_answer typed(struct asking *k, size_t action)
{
    const unsigned shape = iam_actions_shape(action);
    struct slice best = {NULL, 0};
    struct iam_texts types;
    enum iam_answer out = IAM_NO;

    k->out->wildcard_only = iam_actions_at(action).wildcard_only;
    if (k->out->wildcard_only) {
        k->out->resource = SLICE_LIT("*");
        return k->none;
    }
    if (k->refuted[shape])
        return IAM_NO;
    types = iam_actions_resources(action, k->t->work);
    for (size_t i = 0; i < types.n; i++) {
        enum iam_answer m = arn(k, types.items[i], REAL);

        if (m == IAM_NO)
            m = arn(k, types.items[i], REAL | OF_AWS);
        if (m > out || (m == IAM_YES && k->out->resource.len < best.len))
            best = k->out->resource;
        out = m > out ? m : out;
    }
    k->out->resource = best;
    k->refuted[shape] = out == IAM_NO;
    return out;
}

/* Any ARN, or none: for actions that the table does not know, or does not know well. */
static enum iam_answer anything(struct asking *k, struct slice action)
{
    const uint8_t *colon = action.len > 0 ? memchr(action.data, ':', action.len) : NULL;
    const int n = colon != NULL ? (int)(colon - action.data) : 0;
    const char *shape = arena_printf(k->t->work, "arn:*:%.*s:*:*:?*", n, (const char *)action.data);
    enum iam_answer m;

    k->out->wildcard_only = false;
    if (k->t->nmembers[IAM_SLOT_RESOURCE] == 0) {
        k->out->resource = SLICE_LIT("*");
        return IAM_YES;
    }
    m = n > 0 ? arn(k, slice_str(shape), 0) : IAM_NO;
    if (m != IAM_YES)
        m = arn(k, slice_str(IAM_SOLVER_ARN), 0);
    if (m == IAM_YES || k->none != IAM_YES)
        return m;
    k->out->wildcard_only = true;
    k->out->resource = SLICE_LIT("*");
    return IAM_YES;
}

static enum iam_answer of_table(struct asking *k)
{
    uint32_t *list;
    const size_t n = choices(k->t, &list);
    struct iam_request guess = *k->out;

    k->refuted = ARENA_ARRAY(k->t->work, bool, IAM_ACTIONS_SHAPES);
    for (size_t i = 0; i < n; i++) {
        enum iam_answer m;

        if (k->t->budget->left == 0)
            return IAM_MAYBE;
        k->t->budget->left--;
        if (k->t->actions == IAM_SOLVER_TABLE) { /* on any ARN, one does as well as another */
            k->out->action = iam_actions_text(list[i], k->t->work);
            return anything(k, k->out->action);
        }
        m = typed(k, list[i]);
        if (m == IAM_NO)
            continue;
        k->out->action = iam_actions_text(list[i], k->t->work);
        if (m == IAM_YES)
            return IAM_YES;
        guess = *k->out;
        k->maybe = true;
    }
    *k->out = guess;
    return k->maybe ? IAM_MAYBE : IAM_NO;
}

enum iam_answer iam_ask_about(struct iam_solver *t, const struct iam_context *bound,
                              struct iam_request *out)
{
    struct asking k = {.t = t, .bound = bound, .out = out, .none = iam_solver_none(t)};
    enum iam_answer m;

    arena_init(&k.room);
    if (t->actions == IAM_SOLVER_TABLE || t->actions == IAM_SOLVER_TYPED) {
        m = of_table(&k);
    } else {
        m = iam_solver_name(t, &out->action);
        m = m == IAM_YES ? anything(&k, out->action) : m;
    }
    arena_release(&k.room);
    return m;
}
