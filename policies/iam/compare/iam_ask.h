#ifndef POLICIES_IAM_COMPARE_IAM_ASK_H
#define POLICIES_IAM_COMPARE_IAM_ASK_H
/*
 * Which action on which resource? Of those that the atoms of a solver leave: an action of the
 * table on an ARN of its own types where there is one, powerful ones first, and ARNs as people
 * write them.
 */
#include "policies/iam/compare/iam_solver.h"

/* Fills in action, resource and wildcard_only. `bound`: the values of variables. NO: nothing is
 * left; MAYBE: the budget ran out, or it hangs on an unbound variable. */
enum iam_answer iam_ask_about(struct iam_solver *t, const struct iam_context *bound,
                              struct iam_request *out);
#endif
