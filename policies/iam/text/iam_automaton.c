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
    struct iam_walk w = {.budget = b, .demanding = true};
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

/* met[g - 1]: some pattern of group g matches the texts that end in state `i`. */
static void meet(const struct iam_walk *w, size_t i, bool *met)
{
    memset(met, 0, w->n);
    for (size_t k = 0; k < w->n; k++)
        if (!met[w->machines[k].group - 1])
            met[w->machines[k].group - 1] = iam_walk_matches(w, i, k);
}

static enum iam_answer classes(struct iam_walk *w, struct arena *a,
                               const struct iam_automaton_sink *sink)
{
    bool *met = ARENA_ARRAY(&w->arena, bool, w->n + 1);
    struct iam_rows told;

    iam_rows_init(&told, w->n + 1, &w->arena);
    for (size_t i = 0; i < w->rows.n; i++) {
        const size_t before = told.n;

        meet(w, i, met);
        (void)iam_rows_add(&told, met);
        if (told.n > IAM_AUTOMATON_CLASSES)
            return IAM_MAYBE;
        if (told.n > before)
            sink->found(sink->ctx, met, iam_walk_text(w, i, a));
        if (!iam_walk_expand(w, i))
            return IAM_MAYBE;
    }
    return IAM_YES;
}

enum iam_answer iam_automaton_classes(const struct iam_pattern *patterns, size_t n,
                                      struct iam_budget *b, struct arena *a,
                                      const struct iam_automaton_sink *sink)
{
    struct iam_walk w = {.budget = b};
    enum iam_answer out = IAM_MAYBE;

    if (iam_walk_begin(&w, sorted(patterns, n, a), n))
        out = classes(&w, a, sink);
    iam_walk_end(&w);
    return out;
}
