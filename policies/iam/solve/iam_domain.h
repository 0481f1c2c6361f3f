#ifndef POLICIES_IAM_SOLVE_IAM_DOMAIN_H
#define POLICIES_IAM_SOLVE_IAM_DOMAIN_H
/*
 * What may a condition key be? Given tests that must hold and tests that must not, all about one
 * key: absent, one value, or several values of a multivalued key, under which they do.
 *
 * Exact for texts (automata), for numbers, dates, networks and binaries (their truth changes at the
 * values of the policies alone, so a value of each stretch between is tried), for booleans, Null,
 * IfExists and the set operators. Values are of the type that the operators ask for: a key that is
 * compared as a number alone is a number, one that is compared as an ARN alone is an ARN. A key has
 * a list of values when some test of it has a set operator, unless AWS says that it has one value
 * (the global keys), and always when AWS says that it has several (aws:TagKeys).
 */
#include "policies/iam/solve/iam_region.h"

struct iam_literal {
    const struct iam_doc *doc; /* whose variables they are */
    const struct iam_test *test;
    bool holds; /* must hold, or must not */
};

struct iam_domain {
    struct slice key;
    const struct iam_literal *literals;
    size_t n;
    const struct iam_context
        *bound;      /* keys that variables may stand for; open: others are not known */
    bool may_absent; /* may the key be missing from the request? */
};

/*
 * YES: `out` (n == 0 and not many: the key is absent) satisfies all literals, each confirmed by
 * iam_condition_test; NO: nothing does, whatever the unbound variables are; MAYBE: the budget ran
 * out, or the answer hangs on an unknown value or an unbound variable (`out` may hold a guess).
 */
enum iam_answer iam_domain_solve(const struct iam_domain *d, struct iam_budget *b, struct arena *a,
                                 struct iam_key *out);
/* Is the key that iam_domain_solve gave absent? */
bool iam_domain_absent(const struct iam_key *k);
#endif
