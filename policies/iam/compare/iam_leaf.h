#ifndef POLICIES_IAM_COMPARE_IAM_LEAF_H
#define POLICIES_IAM_COMPARE_IAM_LEAF_H
/*
 * A whole request out of the atoms that are set: a caller and the keys that go with him, an action
 * and a resource that it knows, values for the variables. Of several the one that reads best.
 */
#include "policies/iam/compare/iam_solver.h"

/* YES: `*out` is such a request, as far as the solver can tell; MAYBE: one that hangs on something
 * that cannot be told; NO: there is none. */
enum iam_answer iam_leaf_request(struct iam_solver *t, struct iam_request *out);

/* The caller of a request that iam_leaf_request made; NULL: policies name none. */
const struct iam_caller *iam_leaf_caller(const struct iam_solver *t, const struct iam_request *r);
#endif
