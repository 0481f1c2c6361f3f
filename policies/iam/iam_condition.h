#ifndef POLICIES_IAM_IAM_CONDITION_H
#define POLICIES_IAM_IAM_CONDITION_H
/*
 * Condition operators: does a test hold in a context? Missing keys, IfExists, set operators and
 * negation as AWS has them. SPEC: IAM User Guide, "IAM JSON policy elements: Condition operators",
 * "Multivalued context keys"
 */
#include "policies/iam/iam_match.h"

/* MAYBE: the key or a value of the policy is unknown and the answer hangs on it. */
enum iam_answer iam_condition_test(const struct iam_doc *d, const struct iam_test *t,
                                   const struct iam_context *c, struct arena *a);

/* All tests of the statement; `*failed` is the first that does not hold (or may not), else NULL. */
enum iam_answer iam_condition_all(const struct iam_doc *d, const struct iam_statement *s,
                                  const struct iam_context *c, struct arena *a,
                                  const struct iam_test **failed);

/* One value of the request against one of the policy, wildcards and variables not looked at but
 * for the Like operators: the atom of the above, with the operator's negation taken away. */
bool iam_condition_value(enum iam_operator op, struct slice policy, struct slice request);

/* Values as the operators read them. false: no number, date, address. */
bool iam_condition_number(struct slice text, double *out);
bool iam_condition_date(struct slice text, int64_t *out_ms);
/* An address or a network, IPv4 as ::ffff:a.b.c.d; `bits` of 128. */
bool iam_condition_network(struct slice text, uint8_t out[16], unsigned *bits);
#endif
