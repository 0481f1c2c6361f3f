#include "policies/iam/text/iam_reduce.h"

#include <string.h>

/* With more patterns than this they are not held against each other. */
#define PAIRS_MAX 1024u
/* Pairs that one unit of the budget looks at. */
#define PAIRS_A_UNIT 64u
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

/* Takes what it costs; who cannot pay has nothing left. */
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

static bool wild(uint8_t c)
{
    return c == '*' || c == '?' || c == '\\';
}

/* Do two patterns begin in ways that no text can? Told as far as both are plain; where `covers`,
 * as far as the first is. */
static bool differ(struct slice x, struct slice y, bool covers)
{
    for (size_t i = 0; i < x.len && !wild(x.data[i]); i++) {
        if (i < y.len && wild(y.data[i]))
            return covers;
        if (i >= y.len || x.data[i] != y.data[i])
            return i < y.len || covers;
    }
    return false;
}

/* May two patterns have a text in common? "true" when that is not easy to tell. */
static bool meet(const struct iam_pattern *x, const struct iam_pattern *y, struct iam_budget *b)
{
    struct iam_arn p, q;

    if (is_arn(x) ? !is_arn(y) : x->mode != IAM_MODE_TEXT || y->mode != IAM_MODE_TEXT)
        return true;
    if (differ(x->text, y->text, false))
        return false;
    if (!afford_pair(b, x, y))
        return true;
    if (!is_arn(x))
        return iam_glob_overlap(x->text, y->text);
    p = arn_of(x);
    q = arn_of(y);
    return iam_arn_overlap(&p, &q);
}

/* Does `x` match whatever `y` matches? "false" when that is not easy to tell. */
static bool covers(const struct iam_pattern *x, const struct iam_pattern *y, struct iam_budget *b)
{
    struct iam_arn p, q;

    if (iam_glob_any(x->text))
        return true;
    if ((is_arn(x) ? !is_arn(y) : x->mode != y->mode) || differ(x->text, y->text, true) ||
        !afford_pair(b, x, y))
        return false;
    if (!is_arn(x))
        return iam_glob_covers(x->text, y->text);
    p = arn_of(x);
    q = arn_of(y);
    return iam_arn_covers(&p, &q);
}

/* Is `y` of no use beside `x`: a demand that follows from it, or, in a group, an alternative that
 * allows nothing more? */
static bool idle(const struct iam_pattern *x, const struct iam_pattern *y, struct iam_budget *b)
{
    if (x->group != y->group || x->matches != y->matches)
        return false;
    return x->matches == (x->group > 0) ? covers(x, y, b) : covers(y, x, b);
}

static void drop_idle(struct iam_pattern *p, size_t *n, struct iam_budget *b)
{
    size_t kept = 0;

    if (*n > PAIRS_MAX || !afford(b, *n * *n / PAIRS_A_UNIT))
        return;
    for (size_t i = 0; i < *n; i++) {
        bool needed = true;

        for (size_t k = 0; k < kept && needed; k++)
            needed = !idle(&p[k], &p[i], b);
        for (size_t k = i + 1; k < *n && needed; k++)
            needed = !idle(&p[k], &p[i], b);
        if (needed)
            p[kept++] = p[i];
    }
    *n = kept;
}

/* Behind the last pattern that stands together with pattern `i`. */
static size_t group_end(const struct iam_pattern *p, size_t n, size_t i)
{
    size_t end = i + 1;

    while (p[i].group > 0 && end < n && p[end].group == p[i].group)
        end++;
    return end;
}

/* How a pattern stands to one that must match. */
enum relation { NEEDED, NEEDLESS, IMPOSSIBLE };

static enum relation relation(const struct iam_pattern *must, const struct iam_pattern *p,
                              struct iam_budget *b)
{
    if (p->matches)
        return meet(must, p, b) ? NEEDED : p->group == 0 ? IMPOSSIBLE : NEEDLESS;
    if (p->group > 0)
        return NEEDED;
    if (covers(p, must, b))
        return IMPOSSIBLE;
    return meet(must, p, b) ? NEEDED : NEEDLESS;
}

/* ... and to all of those that must. */
static enum relation relation_to_all(const struct iam_pattern *patterns, size_t n, size_t i,
                                     struct iam_budget *b)
{
    const struct iam_pattern all = {.text = SLICE_LIT("*"), .matches = true};
    enum relation r = relation(&all, &patterns[i], b);

    for (size_t k = 0; k < n && r == NEEDED; k++)
        if (patterns[k].matches && patterns[k].group == 0)
            r = relation(&patterns[k], &patterns[i], b);
    return r;
}

/* Drops what makes no difference beside what must match. An alternative that is left alone must,
 * then. false: nothing can do. */
static bool drop_needless(struct iam_pattern *p, size_t *n, struct iam_budget *b)
{
    size_t kept = 0;

    for (size_t i = 0, end; i < *n; i = end) {
        const size_t at = kept;

        end = group_end(p, *n, i);
        for (size_t k = i; k < end; k++) {
            const enum relation r = relation_to_all(p, *n, k, b);

            if (r == IMPOSSIBLE)
                return false;
            if (r == NEEDED)
                p[kept++] = p[k];
        }
        if (kept == at && p[i].group > 0)
            return false;
        if (kept == at + 1)
            p[at].group = 0;
    }
    *n = kept;
    return true;
}

enum iam_answer iam_reduce_patterns(struct iam_pattern *patterns, size_t *n, struct iam_budget *b)
{
    size_t before = *n + 1;

    while (*n < before) { /* what must match now may make more needless */
        before = *n;
        if (!drop_needless(patterns, n, b))
            return IAM_NO;
    }
    drop_idle(patterns, n, b);
    return b->left > 0 ? IAM_YES : IAM_MAYBE;
}

/* Does it match one text alone (or none)? */
static bool single(const struct iam_pattern *p)
{
    if (!p->matches || p->mode == IAM_MODE_NOCASE || iam_glob_wild(p->text))
        return false;
    return !is_arn(p) || !arn_of(p).open;
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
