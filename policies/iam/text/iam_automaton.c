#include "policies/iam/text/iam_automaton.h"

#include <stdlib.h>
#include <string.h>

#include "policies/iam/text/iam_reduce.h"
#include "policies/iam/text/iam_walk.h"

struct place {
    unsigned group;
    size_t i;
};

static int by_group(const void *x, const void *y)
{
    const struct place *a = x, *b = y;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return a->i < b->i ? -1 : a->i > b->i;
}

/* A copy with the patterns of each group side by side. */
static struct iam_pattern *sorted(const struct iam_pattern *patterns, size_t n, struct arena *a)
{
    struct iam_pattern *out = ARENA_ARRAY(a, struct iam_pattern, n);
    struct place *places = ARENA_ARRAY(a, struct place, n);

    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){patterns[i].group, i};
    if (n > 1)
        qsort(places, n, sizeof(*places), by_group);
    for (size_t i = 0; i < n; i++)
        out[i] = patterns[places[i].i];
    return out;
}

static bool utf8(const struct iam_pattern *p, size_t n)
{
    size_t bad;

    for (size_t i = 0; i < n; i++)
        if (!slice_utf8(p[i].text, &bad))
            return false;
    return true;
}

static enum iam_answer walk(struct iam_walk *w, struct arena *a, struct slice *witness)
{
    for (size_t i = 0; i < w->rows.n; i++) {
        if (iam_walk_accepts(w, i)) {
            *witness = iam_walk_text(w, i, a);
            return IAM_YES;
        }
        if (!iam_walk_expand(w, i))
            return IAM_MAYBE;
    }
    return IAM_NO;
}

enum iam_answer iam_automaton_find(const struct iam_pattern *patterns, size_t n,
                                   struct iam_budget *b, struct arena *a, struct slice *witness)
{
    struct iam_walk w = {.budget = b};
    struct iam_pattern *p = sorted(patterns, n, a);
    struct iam_reduce_try tried;
    enum iam_answer out;

    if (!utf8(p, n))
        return IAM_MAYBE;
    tried = iam_reduce_few(p, n, b, a);
    if (tried.done) {
        *witness = tried.answer == IAM_YES ? tried.text : *witness;
        return tried.answer;
    }
    out = iam_reduce_patterns(p, &n, b);
    if (out != IAM_YES)
        return out;
    out = iam_walk_begin(&w, p, n) ? walk(&w, a, witness) : IAM_MAYBE;
    iam_walk_end(&w);
    return out;
}
