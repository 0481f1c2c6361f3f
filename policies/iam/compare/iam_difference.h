#ifndef POLICIES_IAM_COMPARE_IAM_DIFFERENCE_H
#define POLICIES_IAM_COMPARE_IAM_DIFFERENCE_H
/* The question behind iam_compare.h: a request that the new policies allow and the old do not. */
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/compare/iam_solver.h"

struct iam_difference {
    const struct iam_docs *old, *fresh;
    const struct iam_compare_options *opt;
    /* Requests of these callers alone, where given; then all policies are a resource's. */
    bool (*asks)(const void *self, const struct iam_caller *c);
    const void *self;
    /* What to say of such a caller when he is allowed. */
    const char *(*who)(const void *self, const struct iam_caller *c);
    const struct iam_literal *fences; /* what holds of keys in any request */
    size_t nfences;
};

void iam_difference_find(const struct iam_difference *d, struct arena *a,
                         struct iam_comparison *out);
#endif
