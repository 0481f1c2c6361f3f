#include "policies/iam/iam_reduce.h"

#include <string.h>

/* With more patterns than this they are not held against each other, but for twins. */
#define PAIRS_MAX 256u
/* Pairs of bytes that one unit of the budget compares. */
#define BYTES_A_UNIT 1024u
/* Patterns that one unit holds against a text. */
#define MATCHES_A_UNIT 8u

static bool is_arn(const struct iam_pattern *p)
{
    return p->mode == IAM_MODE_ARN_IDENTITY || p->mode == IAM_MODE_ARN_RESOURCE;
}

static struct iam_arn arn_of(const struct iam_pattern *p)
{
    return iam_arn_split(p->text,
                         p->mode == IAM_MODE_ARN_IDENTITY ? IAM_ARN_IDENTITY : IAM_ARN_RESOURCE);
}

bool iam_reduce_match(const struct iam_pattern *p, struct slice text)
{
    struct iam_arn arn;

    if (!is_arn(p))
        return iam_glob_match(p->text, text, p->mode == IAM_MODE_NOCASE);
    arn = arn_of(p);
    return iam_arn_match(&arn, text);
}

static bool afford(struct iam_budget *b, uint64_t cost)
{
    const bool can = b->left >= cost;

    b->left = can ? b->left - cost : 0;
    return can;
}

static bool afford_pair(struct iam_budget *b, const struct iam_pattern *x,
                        const struct iam_pattern *y)
{
    return afford(b, x->text.len * y->text.len / BYTES_A_UNIT);
}

/* May two patterns have a text in common? "true" when that is not easy to tell. */
static bool meet(const struct iam_pattern *x, const struct iam_pattern *y)
{
    struct iam_arn a, b;

    if (x->mode == IAM_MODE_TEXT && y->mode == IAM_MODE_TEXT)
        return iam_glob_overlap(x->text, y->text);
    if (!is_arn(x) || !is_arn(y))
        return true;
    a = arn_of(x);
    b = arn_of(y);
    return iam_arn_overlap(&a, &b);
}

/* Does `x` match whatever `y` matches? "false" when that is not easy to tell. */
static bool covers(const struct iam_pattern *x, const struct iam_pattern *y)
{
    struct iam_arn a, b;

    if (iam_glob_any(x->text))
        return true;
    if (is_arn(x) && is_arn(y)) {
        a = arn_of(x);
        b = arn_of(y);
        return iam_arn_covers(&a, &b);
    }
    return x->mode == y->mode && iam_glob_covers(x->text, y->text);
}

/* Is `y` of no use beside `x`: a demand that follows from it, or, in a group, an alternative that
 * allows nothing more? */
static bool idle(const struct iam_pattern *x, const struct iam_pattern *y)
{
    if (x->group != y->group || x->matches != y->matches)
        return false;
    return x->matches == (x->group > 0) ? covers(x, y) : covers(y, x);
}

static bool idle_beside(const struct iam_pattern *p, size_t from, size_t end,
                        const struct iam_pattern *y)
{
    for (size_t i = from; i < end; i++)
        if (idle(&p[i], y))
            return true;
    return false;
}

static bool drop_idle(struct iam_pattern *p, size_t *n, struct iam_budget *b)
{
    size_t kept = 0;

    if (*n > PAIRS_MAX)
        return true;
    for (size_t i = 0; i < *n; i++) {
        for (size_t k = 0; k < *n; k++)
            if (!afford_pair(b, &p[i], &p[k]))
                return false;
        if (!idle_beside(p, 0, kept, &p[i]) && !idle_beside(p, i + 1, *n, &p[i]))
            p[kept++] = p[i];
    }
    *n = kept;
    return true;
}

/* How a pattern stands to one that must match. */
enum relation { NEEDED, NEEDLESS, IMPOSSIBLE, UNPAID };

static enum relation relation(const struct iam_pattern *must, const struct iam_pattern *p,
                              struct iam_budget *b)
{
    if (p->matches || p->group > 0)
        return NEEDED;
    if (!afford_pair(b, must, p))
        return UNPAID;
    if (covers(p, must))
        return IMPOSSIBLE;
    return meet(must, p) ? NEEDED : NEEDLESS;
}

enum iam_answer iam_reduce_patterns(struct iam_pattern *patterns, size_t *n, struct iam_budget *b)
{
    const struct iam_pattern all = {.text = SLICE_LIT("*"), .matches = true};
    size_t kept = 0;

    for (size_t i = 0; i < *n; i++) {
        enum relation r = relation(&all, &patterns[i], b);

        for (size_t k = 0; k < *n && r == NEEDED; k++)
            if (patterns[k].matches && patterns[k].group == 0)
                r = relation(&patterns[k], &patterns[i], b);
        if (r == IMPOSSIBLE || r == UNPAID)
            return r == IMPOSSIBLE ? IAM_NO : IAM_MAYBE;
        if (r == NEEDED)
            patterns[kept++] = patterns[i];
    }
    *n = kept;
    return drop_idle(patterns, n, b) ? IAM_YES : IAM_MAYBE;
}

/* Does it match one text alone (or none)? */
static bool single(const struct iam_pattern *p)
{
    if (!p->matches || p->mode == IAM_MODE_NOCASE || iam_glob_wild(p->text))
        return false;
    return !is_arn(p) || !arn_of(p).open;
}

/* Behind the last pattern that stands together with pattern `i`. */
static size_t group_end(const struct iam_pattern *p, size_t n, size_t i)
{
    size_t end = i + 1;

    while (p[i].group > 0 && end < n && p[end].group == p[i].group)
        end++;
    return end;
}

/* The first that stands alone and is single, or group of which all are. */
static bool few(const struct iam_pattern *p, size_t n, size_t *from, size_t *to)
{
    for (size_t i = 0, end; i < n; i = end) {
        size_t k = i;

        end = group_end(p, n, i);
        while (k < end && single(&p[k]))
            k++;
        if (k < end)
            continue;
        *from = i;
        *to = end;
        return true;
    }
    return false;
}

static bool satisfies(const struct iam_pattern *p, size_t n, struct slice text)
{
    for (size_t i = 0, end; i < n; i = end) {
        size_t k = i;

        end = group_end(p, n, i);
        while (k < end && iam_reduce_match(&p[k], text) != p[k].matches)
            k++;
        if (k == end)
            return false;
    }
    return true;
}

static size_t characters(struct slice text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += (text.data[i] & 0xc0) != 0x80;
    return n;
}

struct iam_reduce_try iam_reduce_few(const struct iam_pattern *patterns, size_t n,
                                     struct iam_budget *b, struct arena *a)
{
    struct iam_reduce_try out = {.answer = IAM_NO};
    size_t from, to;

    if (!few(patterns, n, &from, &to))
        return out;
    out.done = true;
    for (size_t i = from; i < to; i++) {
        const struct slice text = iam_glob_text(patterns[i].text, a);

        if (!afford(b, 1 + n / MATCHES_A_UNIT)) {
            out.answer = IAM_MAYBE;
            return out;
        }
        if ((out.answer == IAM_YES && characters(text) >= characters(out.text)) ||
            !satisfies(patterns, n, text))
            continue;
        out.answer = IAM_YES;
        out.text = text;
    }
    return out;
}
