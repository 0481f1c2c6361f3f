#ifndef POLICIES_IAM_ESCALATE_IAM_WORTH_H
#define POLICIES_IAM_ESCALATE_IAM_WORTH_H
/*
 * What a step of a path must be allowed to say for the path to win what it promises: a policy is
 * attached that may allow anything, and no permissions boundary is demanded that caps it. SPEC: IAM
 * User Guide, "Permissions boundaries for IAM entities", "Controlling access to policies"
 */
#include "policies/iam/document/iam_doc.h"

/* Tests that hold of requests for the action which are worth it; gives their number. Constants. */
size_t iam_worth_tests(struct slice action, const struct iam_test **out);

/* Does a request for it carry iam:PermissionsBoundary only where whom it changes has a boundary? */
bool iam_worth_tells_boundary(struct slice action);
#endif
