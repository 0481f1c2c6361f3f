#ifndef POLICIES_IAM_COMPARE_IAM_EXAMPLE_H
#define POLICIES_IAM_COMPARE_IAM_EXAMPLE_H
/* A request that tells two sets of policies apart: tried, made small, explained. */
#include "policies/iam/compare/iam_compare.h"

struct iam_example_side {
    const struct iam_docs *docs;
    const struct iam_limits *limits;
};

struct iam_example {
    struct iam_example_side old, fresh;
    bool principals; /* policies of a resource: principals count */
    struct arena *arena;
};

/* Do the policies allow it, as iam_evaluate hears their statements? */
enum iam_answer iam_example_allowed(const struct iam_example *x,
                                    const struct iam_example_side *side,
                                    const struct iam_request *r);
/* YES: the new policies allow it and the old do not. MAYBE, too, for a resource with wildcards: it
 * is a request about many. */
enum iam_answer iam_example_holds(const struct iam_example *x, const struct iam_request *r);

/* What can go without it holding no more goes; then tells what allows it and why the old do not. */
void iam_example_tell(const struct iam_example *x, const struct iam_request *r,
                      struct iam_counterexample *out);
#endif
