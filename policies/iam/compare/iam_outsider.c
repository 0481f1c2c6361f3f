#include "policies/iam/compare/iam_outsider.h"

#include <string.h>

#include "policies/iam/text/iam_arn.h"
#include "policies/iam/aws/iam_issuer.h"
#include "policies/iam/document/iam_literal.h"
#include "policies/iam/document/iam_template.h"
#include "policies/iam/document/iam_variables.h"

static bool owned(const struct iam_outsider *o, struct slice account)
{
    for (size_t i = 0; i < o->accounts->n; i++)
        if (slice_eq(o->accounts->items[i], account))
            return true;
    return false;
}

bool iam_outsider_is(const struct iam_outsider *o, const struct iam_caller *c)
{
    switch (c->kind) {
    case IAM_CALLER_ANYBODY:
    case IAM_CALLER_STRANGER:
        return true;
    case IAM_CALLER_PROVIDER:
        return iam_issuer_of(c->name) != NULL;
    case IAM_CALLER_MEMBER:
    case IAM_CALLER_NAMED:
        return o->kind == IAM_ACCESS_CROSS && !owned(o, c->account);
    case IAM_CALLER_OTHER:
        return o->kind == IAM_ACCESS_CROSS;
    case IAM_CALLER_SERVICE:
        return false;
    }
    return true;
}

/* How a value of a key is known to be the owner's. */
enum fence {
    FENCE_WHOLE,   /* without wildcards: a VPC, an endpoint, a token */
    FENCE_ACCOUNT, /* an account number */
    FENCE_ARN,     /* of one account, or without wildcards */
    FENCE_ORG,     /* an organisation, or a path in it */
    FENCE_ID,      /* a unique id, maybe with a session's name behind it */
    FENCE_NETWORK,
    FENCE_TRUE,    /* that something is so */
    FENCE_SUBJECT, /* perhaps what an identity provider says of who it is */
    FENCE_CALLER   /* of whoever asks: fenced by what the resource's own keys are, alone */
};

static enum fence fence_of(struct slice key)
{
    static const struct {
        const char *key;
        enum fence fence;
    } table[] = {
        {"aws:SourceIp", FENCE_NETWORK},
        {"aws:SourceVpc", FENCE_WHOLE},
        {"aws:SourceVpce", FENCE_WHOLE},
        {"lambda:EventSourceToken", FENCE_WHOLE},
        {"aws:SourceArn", FENCE_ARN},
        {"aws:SourceVpcArn", FENCE_ARN},
        {"s3:DataAccessPointArn", FENCE_ARN},
        {"aws:SourceAccount", FENCE_ACCOUNT},
        {"aws:SourceOwner", FENCE_ACCOUNT},
        {"s3:DataAccessPointAccount", FENCE_ACCOUNT},
        {"aws:VpceAccount", FENCE_ACCOUNT},
        {"aws:VpceOrgID", FENCE_ORG},
        {"aws:VpceOrgPaths", FENCE_ORG},
        {"elasticfilesystem:AccessedViaMountTarget", FENCE_TRUE},
        {"aws:PrincipalAccount", FENCE_CALLER},
        {"aws:ResourceAccount", FENCE_CALLER},
        {"s3:ResourceAccount", FENCE_CALLER},
        {"aws:ResourceOrgID", FENCE_CALLER},
        {"aws:SourceOrgID", FENCE_ORG},
        {"aws:SourceOrgPaths", FENCE_ORG},
        {"aws:PrincipalOrgID", FENCE_ORG},
        {"aws:PrincipalOrgPaths", FENCE_ORG},
        {"aws:userid", FENCE_ID},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (iam_glob_same(key, slice_str(table[i].key)))
            return table[i].fence;
    return FENCE_SUBJECT;
}

/* The text before the first wildcard. */
static struct slice literal(struct slice text)
{
    size_t n = 0;

    while (n < text.len && text.data[n] != '*' && text.data[n] != '?')
        n++;
    return (struct slice){text.data, n};
}

static size_t count(struct slice text, const char *signs)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += strchr(signs, text.data[i]) != NULL;
    return n;
}

/* Of one's own? In the public question any one owner will do. */
static bool own(const struct iam_outsider *o, struct slice owner)
{
    return o->kind == IAM_ACCESS_PUBLIC || owned(o, owner);
}

/* What S3 has beside buckets, in accounts. SPEC: Service Authorization Reference, "Amazon S3" */
static bool of_account(struct slice name)
{
    static const char *const kinds[] = {"accesspoint/",       "accesspoint:", "access-grants/",
                                        "async-request/",     "job/",         "storage-lens/",
                                        "storage-lens-group/"};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (slice_starts(name, kinds[i]))
            return true;
    return false;
}

/* "arn:aws:s3:*:*:bucket": neither region nor account ever stand there. */
static bool bucket(struct slice arn)
{
    const struct iam_arn a = iam_arn_split(arn, IAM_ARN_RESOURCE);
    const struct slice name = a.n == 6 ? literal(a.field[5]) : (struct slice){0};

    return a.n == 6 && slice_is(a.field[2], "s3") && literal(a.field[3]).len == 0 &&
           literal(a.field[4]).len == 0 && name.len > 0 && !of_account(name) &&
           (name.len == a.field[5].len || memchr(name.data, '/', name.len) != NULL);
}

static bool fenced_arn(const struct iam_outsider *o, struct slice text, bool whole)
{
    const struct slice account = iam_request_account(text);

    if (bucket(text))
        return true;
    if (account.len == 0) /* a bucket's: its name is one's own in all of AWS */
        return whole;
    return account.len == 12 && literal(account).len == 12 && own(o, account);
}

/* "o-a1b2c3d4", "o-a1b2c3d4/r-ab12/..." */
static bool fenced_org(const struct iam_outsider *o, struct slice text, bool whole)
{
    struct slice org = literal(text);
    const uint8_t *slash = org.len > 0 ? memchr(org.data, '/', org.len) : NULL;

    if (slash == NULL && !whole)
        return false;
    if (slash != NULL)
        org.len = (size_t)(slash - org.data);
    return own(o, org);
}

/* Networks so wide that they are everybody's are none. SPEC: as above, "broad IP ranges" */
#define NARROW_V4 8u
#define NARROW_V6 32u

static bool narrow(struct slice text)
{
    struct iam_network n;

    return iam_literal_network(text, &n) && n.bits >= (n.v6 ? NARROW_V6 : NARROW_V4);
}

/* Stands for a value that is not known yet (iam_outsider_known). */
#define REFERENCE "reference"

/* Is this value one that an outsider's request cannot have? `like`: wildcards count. */
static bool fenced(const struct iam_outsider *o, struct slice key, struct slice text, bool like)
{
    const enum fence f = fence_of(key);
    const struct slice head = like ? literal(text) : text;
    const bool whole = head.len == text.len;

    switch (f) {
    case FENCE_WHOLE:
        return whole;
    case FENCE_ACCOUNT:
        return whole && (own(o, text) || slice_is(text, REFERENCE));
    case FENCE_ARN:
        return fenced_arn(o, text, whole);
    case FENCE_ORG:
        return fenced_org(o, text, whole);
    case FENCE_ID:
        return whole || count(head, ":") > 0;
    case FENCE_NETWORK:
        return narrow(text);
    case FENCE_TRUE:
        return iam_glob_same(text, SLICE_LIT("true"));
    case FENCE_SUBJECT:
        return iam_issuer_tells(key, text, like);
    case FENCE_CALLER:
        break;
    }
    return false;
}

/* Networks that are narrow each, and many together: a sixteenth of all addresses is everybody. */
static bool broad(const struct iam_texts *nets)
{
    double share = 0;

    for (size_t i = 0; i < nets->n; i++) {
        struct iam_network n;
        double part = 1;

        if (!iam_literal_network(nets->items[i], &n))
            continue;
        for (unsigned k = 0; k < n.bits; k++)
            part /= 2;
        share += part;
    }
    return share > 1.0 / 16;
}

static enum iam_operator positive(enum iam_operator op)
{
    switch (op) {
    case IAM_STRING_NOT_EQUALS:
        return IAM_STRING_EQUALS;
    case IAM_STRING_NOT_EQUALS_IGNORE_CASE:
        return IAM_STRING_EQUALS_IGNORE_CASE;
    case IAM_STRING_NOT_LIKE:
        return IAM_STRING_LIKE;
    case IAM_ARN_NOT_EQUALS:
    case IAM_ARN_NOT_LIKE:
    case IAM_ARN_EQUALS:
        return IAM_ARN_LIKE;
    case IAM_NOT_IP_ADDRESS:
        return IAM_IP_ADDRESS;
    default:
        return op;
    }
}

/* Is it what AWS says of the resource, or beside such a key of who asks? An outsider is neither of
 * the owner's account nor, unless members of the organisation are outside too, of that. */
static bool of_owner(const struct iam_outsider *o, struct slice key, struct slice text)
{
    static const struct {
        const char *key, *value;
        bool org;
    } table[] = {
        {"aws:PrincipalAccount", "${aws:ResourceAccount}", false},
        {"aws:SourceAccount", "${aws:ResourceAccount}", false},
        {"aws:SourceOwner", "${aws:ResourceAccount}", false},
        {"aws:VpceAccount", "${aws:ResourceAccount}", false},
        {"aws:PrincipalAccount", "${s3:ResourceAccount}", false},
        {"aws:ResourceAccount", "${aws:PrincipalAccount}", false},
        {"s3:ResourceAccount", "${aws:PrincipalAccount}", false},
        {"aws:PrincipalOrgID", "${aws:ResourceOrgID}", true},
        {"aws:SourceOrgID", "${aws:ResourceOrgID}", true},
        {"aws:VpceOrgID", "${aws:ResourceOrgID}", true},
        {"aws:ResourceOrgID", "${aws:PrincipalOrgID}", true},
    };
    bool member = o->kind == IAM_ACCESS_PUBLIC;

    for (size_t i = 0; i < o->accounts->n && !member; i++)
        member = slice_starts(o->accounts->items[i], "o-");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (iam_glob_same(key, slice_str(table[i].key)) &&
            iam_glob_same(text, slice_str(table[i].value)))
            return member || !table[i].org;
    return false;
}

/* The test that fails for outsiders, made of one of the policy's; false: there is none. */
static bool fence(const struct iam_outsider *o, const struct iam_doc *d, const struct iam_test *t,
                  struct iam_test *out)
{
    const enum iam_operator op = positive(t->op);
    const bool like = op == IAM_STRING_LIKE || op == IAM_ARN_LIKE;
    const enum fence f = fence_of(t->key);
    struct slice *values = ARENA_ARRAY(o->arena, struct slice, t->values.n);

    if (op == IAM_NULL || op == IAM_OPERATOR_UNKNOWN ||
        (f == FENCE_NETWORK) != (op == IAM_IP_ADDRESS))
        return false;
    /* "any of its values": whether it has one or several */
    *out = (struct iam_test){
        .op = op, .quantifier = IAM_FOR_ANY_VALUE, .key = t->key, .values = {values, 0, false}};
    for (size_t i = 0; i < t->values.n; i++)
        if (iam_variables_in(d, t->values.items[i]) ? of_owner(o, t->key, t->values.items[i])
                                                    : fenced(o, t->key, t->values.items[i], like))
            values[out->values.n++] = t->values.items[i];
    return out->values.n > 0 && (f != FENCE_NETWORK || !broad(&out->values));
}

size_t iam_outsider_fences(const struct iam_outsider *o, const struct iam_doc *d,
                           const struct iam_literal **out)
{
    struct iam_literal *literals = NULL;
    size_t n = 0;

    for (size_t i = 0; i < d->n; i++)
        for (size_t k = 0; k < d->statements[i].ntests; k++) {
            struct iam_test *t = ARENA_NEW(o->arena, struct iam_test);

            if (fence(o, d, &d->statements[i].tests[k], t))
                *(struct iam_literal *)ARENA_PUSH(o->arena, &literals, &n) =
                    (struct iam_literal){d, t, false};
        }
    *out = literals;
    return n;
}

/* Texts that nobody knows but the owner: operators without wildcards compare nothing else. */
static const char *stand_in(enum fence f, bool everybody)
{
    switch (f) {
    case FENCE_WHOLE:
    case FENCE_ACCOUNT:
    case FENCE_ID:
        return REFERENCE;
    case FENCE_ARN:
        return "arn:aws:reference:::reference";
    case FENCE_ORG:
        return everybody ? REFERENCE : NULL;
    default:
        return NULL;
    }
}

static void know(const struct iam_outsider *o, struct iam_test *t)
{
    const enum iam_operator op = positive(t->op);
    const bool plain = op == IAM_STRING_EQUALS || op == IAM_STRING_EQUALS_IGNORE_CASE;
    const bool ours = t->refers || (plain && o->kind == IAM_ACCESS_PUBLIC);
    const char *text =
        ours && t->values.unknown ? stand_in(fence_of(t->key), o->kind == IAM_ACCESS_PUBLIC) : NULL;
    struct slice *values;

    if (text == NULL)
        return;
    values = ARENA_ARRAY(o->arena, struct slice, t->values.n + 1);
    for (size_t i = 0; i < t->values.n; i++)
        values[i] = t->values.items[i];
    values[t->values.n] = slice_str(text);
    t->values = (struct iam_texts){values, t->values.n + 1, false};
}

/* Principals that are somebody in particular are nobody's public. */
static void name(const struct iam_outsider *o, struct iam_statement *s)
{
    struct iam_principal *all;

    if (!s->principals_unknown || s->hints == NULL || o->kind != IAM_ACCESS_PUBLIC)
        return;
    all = ARENA_ARRAY(o->arena, struct iam_principal, s->nprincipals + s->nhints);
    for (size_t i = 0; i < s->nprincipals; i++)
        all[i] = s->principals[i];
    for (size_t i = 0; i < s->nhints; i++)
        all[s->nprincipals + i] = s->hints[i];
    s->principals = all;
    s->nprincipals += s->nhints;
    s->principals_unknown = false;
}

void iam_outsider_known(const struct iam_outsider *o, const struct iam_doc *d, struct iam_doc *out)
{
    const struct iam_doc told = iam_template_unknown(d, o->arena);
    struct iam_statement *items = ARENA_ARRAY(o->arena, struct iam_statement, d->n);

    *out = told;
    out->statements = items;
    for (size_t i = 0; i < d->n; i++) {
        struct iam_test *tests = ARENA_ARRAY(o->arena, struct iam_test, d->statements[i].ntests);

        items[i] = told.statements[i];
        items[i].tests = tests;
        name(o, &items[i]);
        for (size_t k = 0; k < items[i].ntests; k++) {
            tests[k] = told.statements[i].tests[k];
            know(o, &tests[k]);
        }
    }
}

const char *iam_outsider_who(const struct iam_outsider *o, const struct iam_caller *c)
{
    if (o->kind == IAM_ACCESS_CROSS && c->kind <= IAM_CALLER_STRANGER)
        return "who asks need not be of an account or organisation of yours";
    switch (c->kind) {
    case IAM_CALLER_ANYBODY:
        return "anybody may, without credentials";
    case IAM_CALLER_STRANGER:
        return "anybody with an account of AWS may";
    case IAM_CALLER_PROVIDER:
        return arena_printf(o->arena, "anybody with an account at %s may",
                            iam_issuer_host(iam_issuer_of(c->name)));
    case IAM_CALLER_MEMBER:
    case IAM_CALLER_NAMED:
        return arena_printf(o->arena, "account %.*s is not one of yours", (int)c->account.len,
                            (const char *)c->account.data);
    default:
        return "nobody knows whose account that is";
    }
}
