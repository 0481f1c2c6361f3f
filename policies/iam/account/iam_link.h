#ifndef POLICIES_IAM_ACCOUNT_IAM_LINK_H
#define POLICIES_IAM_ACCOUNT_IAM_LINK_H
/*
 * Which resources of Terraform, CloudFormation and snapshots of accounts are principals or
 * policies, and which tie one to the other. SPEC: Terraform AWS provider, CloudFormation resource
 * reference, IAM API reference "GetAccountAuthorizationDetails"
 */
#include "policies/iam/account/iam_account.h"

enum iam_link_does {
    IAM_LINK_OWN,      /* the resource's own documents are held */
    IAM_LINK_MANAGED,  /* the policies that `what` names are */
    IAM_LINK_BOUNDARY, /* the policy that `what` names bounds */
    IAM_LINK_GROUPS,   /* users `who` belong to the groups of `what` */
    IAM_LINK_ONLY      /* these names of inline policies, and no others: all must be in the run */
};

struct iam_link {
    const char *type;
    enum iam_link_does does;
    enum iam_entity entity; /* of `who` */
    const char *who;  /* a view path to names, ARNs or references; NULL: the resource itself */
    const char *what; /* a view path; NULL for IAM_LINK_OWN */
    enum iam_link_lists {
        IAM_LINK_ONE = 0,
        IAM_LINK_WHO = 1, /* `who` is a list: unknown as a whole, it may hold anything */
        IAM_LINK_WHAT = 2
    } lists;
};

/* Ends with a NULL type. Worked off in this order: IAM_LINK_ONLY looks at what others gave. */
extern const struct iam_link iam_link_rows[];

/* A type of principal, and the attributes that name it. */
struct iam_link_entity {
    const char *type;
    enum iam_entity entity;
    const char *name, *arn;
};
extern const struct iam_link_entity iam_link_entities[]; /* ends with a NULL type */

/* A type of managed policy. */
struct iam_link_policy {
    const char *type;
    const char *name, *arn, *path;
};
extern const struct iam_link_policy iam_link_policies[]; /* ends with a NULL type */
#endif
