#ifndef POLICIES_IAM_SOLVE_IAM_ELEMENT_H
#define POLICIES_IAM_SOLVE_IAM_ELEMENT_H
/* One value of a condition key: which text satisfies some operators, and others not? */
#include "policies/iam/solve/iam_domain.h"

/* A test about one value: must that satisfy the operator? Set operators are left aside. */
struct iam_demand {
    const struct iam_literal *literal;
    bool satisfied;
};

struct iam_element {
    const struct iam_domain *domain; /* the key, its literals, what variables stand for */
    struct iam_context bound;        /* ... open when the key itself stands in a variable */
    bool typed;                      /* all tests compare it as of one type: it has no others */
    bool of_list;                    /* the value is one of several */
    struct iam_budget *budget;
    struct arena *arena;
};

void iam_element_init(struct iam_element *e, const struct iam_domain *d, struct iam_budget *b,
                      struct arena *a);

/*
 * YES: `*out` does, by iam_condition_test; NO: no value does, whatever the unbound variables are;
 * MAYBE: it cannot be told, or an answer hangs on an unbound variable (`*out` may hold a guess: a
 * text that is not empty).
 */
enum iam_answer iam_element_find(const struct iam_element *e, const struct iam_demand *demands,
                                 size_t n, struct slice *out);
#endif
