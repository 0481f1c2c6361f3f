#ifndef POLICIES_IAM_IAM_DERIVED_H
#define POLICIES_IAM_IAM_DERIVED_H
/*
 * Keys that AWS puts into each request by who makes it: aws:PrincipalArn (of a session, its role),
 * aws:PrincipalAccount, aws:PrincipalType, aws:username, aws:PrincipalIsAWSService,
 * aws:PrincipalServiceName. SPEC: IAM User Guide, "AWS global condition context keys", "Properties
 * of the principal"
 */
#include "policies/iam/iam_request.h"

/* Adds those that the context does not name; a path of the session's role cannot be told, so that
 * aws:PrincipalArn of a session is the role without one. */
void iam_derived_keys(struct iam_request *r, struct arena *a);
#endif
