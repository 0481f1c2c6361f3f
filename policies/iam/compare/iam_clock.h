#ifndef POLICIES_IAM_COMPARE_IAM_CLOCK_H
#define POLICIES_IAM_COMPARE_IAM_CLOCK_H
/* Time does not run back: what holds of the keys that tell it. */
#include "policies/iam/solve/iam_domain.h"

/* Tests that hold of aws:CurrentTime and aws:EpochTime in any request from `since` on (seconds
 * since 1970; 0: of any time, and there are none). Gives their number; all lives in `a`. */
size_t iam_clock_literals(int64_t since, struct arena *a, const struct iam_literal **out);
#endif
