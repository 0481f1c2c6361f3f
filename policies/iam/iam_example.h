#ifndef POLICIES_IAM_IAM_EXAMPLE_H
#define POLICIES_IAM_IAM_EXAMPLE_H
/* A request that tells two sets of policies apart: tried, made small, explained. */
#include "policies/iam/iam_compare.h"

struct iam_example {
    const struct iam_docs *old, *fresh;
    bool principals; /* policies of a resource: principals count */
    struct arena *arena;
};

/* Do the statements of these policies allow it, as iam_evaluate hears them? */
enum iam_answer iam_example_allowed(const struct iam_example *x, const struct iam_docs *docs,
                                    const struct iam_request *r);
/* YES: the new policies allow it and the old do not. MAYBE, too, for a resource with wildcards: such
 * a request is about many. */
enum iam_answer iam_example_holds(const struct iam_example *x, const struct iam_request *r);

/* What can go without it holding no more goes; then tells what allows it and why the old do not. */
void iam_example_tell(const struct iam_example *x, const struct iam_request *r,
                      struct iam_counterexample *out);
#endif
