#ifndef POLICIES_IAM_COMPARE_IAM_SEARCH_H
#define POLICIES_IAM_COMPARE_IAM_SEARCH_H
/*
 * Ways to make some statements match and others fail. A statement fails when one of its terms does;
 * the search tries them, fewest first, and asks the solver after each step, so that what cannot be
 * is not looked into.
 */
#include "policies/iam/compare/iam_solver.h"

struct iam_goal {
    const struct iam_claim *const *hold; /* each of these must match */
    size_t nhold;
    const struct iam_claim *const *fail; /* none of these may */
    size_t nfail;
    const struct iam_claim **room; /* for nfail of them */
};

/* Looks at the atoms that are set: is there a request like that? NO or MAYBE: go on. */
struct iam_leaf_test {
    enum iam_answer (*look)(void *self);
    void *self;
};

/* YES: a leaf said so. MAYBE: one could not tell, or the budget ran out. NO: there is no way. */
enum iam_answer iam_search_run(struct iam_solver *t, const struct iam_goal *g,
                               const struct iam_leaf_test *leaf);
#endif
