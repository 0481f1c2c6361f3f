#ifndef POLICIES_IAM_SHRINK_IAM_LEAST_H
#define POLICIES_IAM_SHRINK_IAM_LEAST_H
/* The least policy for what a pipeline needs. */
#include "policies/iam/shrink/iam_need.h"

/* The document, Version 2012-10-17, a statement for each purpose; in `a`. */
const struct value *iam_least_policy(const struct iam_need *n, struct arena *a);
#endif
