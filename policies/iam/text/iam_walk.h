#ifndef POLICIES_IAM_TEXT_IAM_WALK_H
#define POLICIES_IAM_TEXT_IAM_WALK_H
/* The product of the automata of some patterns, walked breadth first (iam_automaton.h). */
#include "policies/iam/text/iam_machine.h"

struct iam_walk {
    struct arena arena; /* of the walk: all but the texts that it gives */
    struct iam_machine *machines;
    size_t n;
    struct iam_symbols symbols;
    struct iam_budget *budget;
    struct iam_rows rows; /* states of the product: the states of all machines */
    struct iam_walk_step {
        uint32_t from; /* the state before, and the symbol that led here */
        uint32_t symbol;
    } * steps;
    size_t nsteps;
    uint16_t *now, *to; /* room for one state each */
};

/*
 * The patterns' automata (those of one group stand side by side) and the state where texts begin,
 * unless that is a dead end: a state from where no text can do as the patterns say is not visited.
 * false: it cannot be walked (no UTF-8, too many symbols). iam_walk_end in either case.
 */
MUST_CHECK bool iam_walk_begin(struct iam_walk *w, const struct iam_pattern *patterns, size_t n);
void iam_walk_end(struct iam_walk *w);

/* Adds the states that follow state `i`. false: the budget ran out. */
MUST_CHECK bool iam_walk_expand(struct iam_walk *w, size_t i);

/* Do texts that end here satisfy all patterns, and one of each group? */
bool iam_walk_accepts(const struct iam_walk *w, size_t i);
/* The text that led to state `i`, in `a`. */
struct slice iam_walk_text(const struct iam_walk *w, size_t i, struct arena *a);
#endif
