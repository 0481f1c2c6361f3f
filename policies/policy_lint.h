#ifndef POLICIES_POLICY_LINT_H
#define POLICIES_POLICY_LINT_H
/* What is wrong with rule files: everything the loader refuses, and what a good pack has. */
#include "policies/policy.h"
#include "policies/problem.h"

/* policy_lint_run(opt, a, out, e): looks at the files that policy_load would read (rules_dir and
 * extra; nothing else of `opt` counts). `out` is sorted by
 * place. False only when the files could not be listed or read. */
MUST_CHECK bool policy_lint_run(const struct policy_options *opt, struct arena *a,
                                struct problem_list *out, struct err *e);
#endif
