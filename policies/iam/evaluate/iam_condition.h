#ifndef POLICIES_IAM_EVALUATE_IAM_CONDITION_H
#define POLICIES_IAM_EVALUATE_IAM_CONDITION_H
/*
 * Condition operators: does a test hold in a context? Missing keys, IfExists, set operators and
 * negation as AWS has them. SPEC: IAM User Guide, "IAM JSON policy elements: Condition operators",
 * "Multivalued context keys"
 */
#include "policies/iam/evaluate/iam_match.h"

/*
 * MAYBE: the key or a value of the policy is unknown and the answer hangs on it; or AWS leaves open
 * what the answer is (IAM_VALUE_MAYBE below; a set operator over empty texts alone).
 *
 * A key that is absent, or has no values: ...IfExists, negated operators and ForAllValues hold,
 * others do not, and ForAnyValue never does.
 * A test without a set operator is about one value: with a list in the request it does not hold.
 * A value that is none of the operator's type holds under no operator, negated ones included. One
 * with a variable that is not in the context equals nothing: negated operators hold. Variables are
 * those of texts, ARNs and booleans. SPEC: IAM User Guide, "Policy variables with no value"
 */
enum iam_answer iam_condition_test(const struct iam_doc *d, const struct iam_test *t,
                                   const struct iam_context *c, struct arena *a);

/* All tests of the statement; `*failed` is the first that does not hold (or may not), else NULL. */
enum iam_answer iam_condition_all(const struct iam_doc *d, const struct iam_statement *s,
                                  const struct iam_context *c, struct arena *a,
                                  const struct iam_test **failed);

/*
 * How one value of the request stands to one of the policy (a pattern, its variables replaced), the
 * negation of the operator left aside. INVALID: one of them is none of the operator's type. MAYBE:
 * letters beyond ASCII that differ where case is ignored; an ARN pattern of fewer than six fields
 * whose last star would match.
 */
enum iam_match_value { IAM_VALUE_DIFFERS, IAM_VALUE_MATCHES, IAM_VALUE_INVALID, IAM_VALUE_MAYBE };
enum iam_match_value iam_condition_value(enum iam_operator op, struct slice pattern,
                                         struct slice request, struct arena *a);
#endif
