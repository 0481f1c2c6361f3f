#ifndef POLICIES_IAM_IAM_DOMAIN_H
#define POLICIES_IAM_IAM_DOMAIN_H
/*
 * What may a condition key be? Given tests that must hold and tests that must not, all about one
 * key: a value (absent, one text, or several for a multivalued key) under which they do, exactly,
 * for strings, ARNs, numbers, dates, booleans, addresses and Null, with IfExists and the set
 * operators.
 */
#include "policies/iam/iam_automaton.h"
#include "policies/iam/iam_request.h"

struct iam_literal {
    const struct iam_doc *doc; /* whose variables they are */
    const struct iam_test *test;
    bool holds; /* must hold, or must not */
};

/*
 * iam_domain_solve(key, literals, n, b, a, out): YES with a key of the request that satisfies all
 * of them (n values; name empty: the key is absent), each confirmed by iam_condition_test; NO:
 * nothing does; MAYBE: the budget ran out, a value is unknown, or a variable stands in a value and
 * the answer hangs on it.
 */
enum iam_answer iam_domain_solve(struct slice key, const struct iam_literal *literals, size_t n,
                                 struct iam_budget *b, struct arena *a, struct iam_key *out);
#endif
