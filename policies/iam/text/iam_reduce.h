#ifndef POLICIES_IAM_TEXT_IAM_REDUCE_H
#define POLICIES_IAM_TEXT_IAM_REDUCE_H
/* What can be told of the patterns of a question without any walk (iam_automaton.h). Patterns of a
 * group stand side by side. */
#include "policies/iam/text/iam_automaton.h"

/* Does the pattern match the text? */
bool iam_reduce_match(const struct iam_pattern *p, struct slice text);

/*
 * Leaves out patterns that make no difference: what must not match and cannot where another must,
 * what must not match within another that must not, alternatives within another of their group.
 * The texts stay the same. NO: no text can do; YES: there may be one; MAYBE: the budget ran out.
 */
enum iam_answer iam_reduce_patterns(struct iam_pattern *patterns, size_t *n, struct iam_budget *b);

/* When a pattern that must match, or each of a group, takes but one text, those are all there can
 * be, and are tried. */
struct iam_reduce_try {
    bool done; /* they were */
    enum iam_answer answer;
    struct slice text; /* of YES: the shortest, in the arena or a pattern */
};
struct iam_reduce_try iam_reduce_few(const struct iam_pattern *patterns, size_t n,
                                     struct iam_budget *b, struct arena *a);
#endif
