#include "policies/iam/iam_automaton.h"

#include <string.h>

#include "policies/iam/iam_walk.h"

static enum iam_answer find(struct iam_walk *w, struct arena *a, struct slice *witness)
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
    enum iam_answer out = IAM_MAYBE;

    if (iam_walk_begin(&w, patterns, n))
        out = find(&w, a, witness);
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

    if (iam_walk_begin(&w, patterns, n))
        out = classes(&w, a, sink);
    iam_walk_end(&w);
    return out;
}
