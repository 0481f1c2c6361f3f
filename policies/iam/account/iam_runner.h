#ifndef POLICIES_IAM_ACCOUNT_IAM_RUNNER_H
#define POLICIES_IAM_ACCOUNT_IAM_RUNNER_H
/*
 * Things of a plan or a template that run as a role: functions, notebooks, instances, builds. Who
 * makes one of them act has what its role may. For iam_account.
 */
#include "policies/iam/account/iam_account.h"
#include "policies/iam/account/iam_party.h"

/* Adds those of the run whose role is a party of `out`. */
void iam_runner_collect(const struct iam_parties *p, struct iam_account *out);

/* The ARN of one, as a pattern, of that of all such things ("arn:*:lambda:*:*:function:*"). A name
 * that AWS chooses is none that a policy has. */
struct slice iam_runner_arn(const struct iam_runner *r, struct slice all, struct arena *a);
#endif
