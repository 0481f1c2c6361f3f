#ifndef POLICIES_IAM_COMPARE_IAM_UNCHANGED_H
#define POLICIES_IAM_COMPARE_IAM_UNCHANGED_H
/*
 * What stands on both sides makes no difference: a Deny that the new policies keep lifts nothing,
 * an Allow that every old layer has grants nothing new. Leaving such claims out first makes a
 * comparison as long as what was changed, not as the policies.
 */
#include "policies/iam/compare/iam_layers.h"

/*
 * Takes out of `old_deny` what `deny` has, too. In `allow`, what is not in every list of `neither`
 * comes first (`nchanged` of them); the rest can only matter where a Deny was lifted, and is taken
 * out where none was.
 */
void iam_unchanged_drop(struct iam_roles *roles, struct arena *a);
#endif
