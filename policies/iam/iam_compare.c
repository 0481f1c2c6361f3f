#include "policies/iam/iam_compare.h"

#include "policies/iam/iam_difference.h"

void iam_compare(const struct iam_docs *old, const struct iam_docs *new_docs,
                 const struct iam_compare_options *opt, struct arena *a, struct iam_comparison *out)
{
    const struct iam_difference d = {.old = old, .fresh = new_docs, .opt = opt};

    iam_difference_find(&d, a, out);
}
