#ifndef POLICIES_IAM_ESCALATE_IAM_STEP_GROUP_H
#define POLICIES_IAM_ESCALATE_IAM_STEP_GROUP_H
/* The steps of a way that act on one and the same thing. For iam_ways. */
#include "policies/iam/escalate/iam_paths.h"

struct iam_step_group {
    enum iam_path_on on;
    const struct iam_path_object *object;
    size_t steps[IAM_PATHS_STEPS_MAX]; /* places in the way */
    size_t n;
};

/* Fills `out`, which has room for IAM_PATHS_STEPS_MAX; the number of them. */
size_t iam_step_group_make(const struct iam_path_way *way, struct iam_step_group *out);

/* Those on the target, or else on a policy of it; NULL: there are none. */
const struct iam_step_group *iam_step_group_find(const struct iam_step_group *groups, size_t n,
                                                 bool target);

/* Does some step act on who asks? */
bool iam_step_group_self(const struct iam_path_way *way);
#endif
