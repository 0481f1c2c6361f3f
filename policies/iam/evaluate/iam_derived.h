#ifndef POLICIES_IAM_EVALUATE_IAM_DERIVED_H
#define POLICIES_IAM_EVALUATE_IAM_DERIVED_H
/*
 * Keys that AWS puts into each request by itself. Those of the principal: aws:PrincipalArn,
 * aws:PrincipalAccount, aws:PrincipalType, aws:username, aws:PrincipalIsAWSService,
 * aws:PrincipalServiceName, kms:CallerAccount; aws:ResourceAccount. What it knows and an ARN does
 * not tell is unknown: aws:userid, multi-factor authentication, the age of a token, where, when and
 * how the request is made; of aws:PrincipalArn of a session, the path of the role. SPEC: IAM User
 * Guide, "AWS global condition context keys"
 */
#include "policies/iam/document/iam_request.h"

/* Adds those that the context does not name. */
void iam_derived_keys(struct iam_request *r, struct arena *a);
#endif
