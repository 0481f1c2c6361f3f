#ifndef POLICIES_POLICY_TEST_H
#define POLICIES_POLICY_TEST_H
/* The tests beside the rules, run on the rules as loaded. A test sees the defaults of the pack's
 * parameters and its own overrides, never the operator's. */
#include "policies/policy.h"

struct policy_test_case {
    const struct rule *rule;
    const struct rule_test *test;
    bool passed;
    const char *got;     /* outcome: "pass", "fail", ... */
    const char *message; /* of the finding */
    const char *reason;  /* of the finding, or NULL */
    const char *text;    /* one sentence when it did not pass, else NULL */
};

struct policy_test_result {
    struct policy_test_case *cases; /* by rule, in the order of the file */
    size_t n, npassed, nfailed;
    size_t nrules, nuntested; /* rules looked at; those without a test */
};

/* policy_test_run(p, rule, a, out, e): all rules, selected or not, or the one with the id
 * `rule`; no such rule is an error. */
MUST_CHECK bool policy_test_run(const struct policy *p, const char *rule, struct arena *a,
                                struct policy_test_result *out, struct err *e);

/* policy_test_one(p, t, a, out, e): the finding of one test; `blank` names a view field to be
 * unknown instead, or NULL. e: parameters of a wrong type. */
struct policy_test_setup {
    const struct rule *rule;
    const struct rule_test *test;
    const char *blank;
};
MUST_CHECK bool policy_test_one(const struct policy *p, const struct policy_test_setup *t,
                                struct arena *a, struct finding *out, struct err *e);
#endif
