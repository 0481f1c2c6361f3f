#include "policies/iam/account/iam_link.h"

#define USER IAM_ENTITY_USER
#define GROUP IAM_ENTITY_GROUP
#define ROLE IAM_ENTITY_ROLE
#define WHO IAM_LINK_WHO
#define WHAT IAM_LINK_WHAT
#define ONE IAM_LINK_ONE

const struct iam_link_entity iam_link_entities[] = {
    {"aws_iam_role", ROLE, "name", "arn"},        {"aws_iam_user", USER, "name", "arn"},
    {"aws_iam_group", GROUP, "name", "arn"},      {"AWS::IAM::Role", ROLE, "RoleName", "Arn"},
    {"AWS::IAM::User", USER, "UserName", "Arn"},  {"AWS::IAM::Group", GROUP, "GroupName", "Arn"},
    {"aws.iam.role", ROLE, "RoleName", "Arn"},    {"aws.iam.user", USER, "UserName", "Arn"},
    {"aws.iam.group", GROUP, "GroupName", "Arn"}, {NULL, USER, NULL, NULL},
};

const struct iam_link_policy iam_link_policies[] = {
    {"aws_iam_policy", "name", "arn", "path"},
    {"AWS::IAM::ManagedPolicy", "ManagedPolicyName", "PolicyArn", "Path"},
    {"aws.iam.policy", "PolicyName", "Arn", "Path"},
    {NULL, NULL, NULL, NULL},
};

const struct iam_link iam_link_rows[] = {
    {"aws_iam_role", IAM_LINK_OWN, ROLE, NULL, NULL, ONE},
    {"aws_iam_role", IAM_LINK_MANAGED, ROLE, NULL, "managed_policy_arns", WHAT},
    {"aws_iam_role", IAM_LINK_BOUNDARY, ROLE, NULL, "permissions_boundary", ONE},
    {"aws_iam_user", IAM_LINK_BOUNDARY, USER, NULL, "permissions_boundary", ONE},
    {"aws_iam_role_policy", IAM_LINK_OWN, ROLE, "role", NULL, ONE},
    {"aws_iam_user_policy", IAM_LINK_OWN, USER, "user", NULL, ONE},
    {"aws_iam_group_policy", IAM_LINK_OWN, GROUP, "group", NULL, ONE},
    {"aws_iam_role_policy_attachment", IAM_LINK_MANAGED, ROLE, "role", "policy_arn", ONE},
    {"aws_iam_user_policy_attachment", IAM_LINK_MANAGED, USER, "user", "policy_arn", ONE},
    {"aws_iam_group_policy_attachment", IAM_LINK_MANAGED, GROUP, "group", "policy_arn", ONE},
    {"aws_iam_policy_attachment", IAM_LINK_MANAGED, ROLE, "roles", "policy_arn", WHO},
    {"aws_iam_policy_attachment", IAM_LINK_MANAGED, USER, "users", "policy_arn", WHO},
    {"aws_iam_policy_attachment", IAM_LINK_MANAGED, GROUP, "groups", "policy_arn", WHO},
    {"aws_iam_role_policy_attachments_exclusive", IAM_LINK_MANAGED, ROLE, "role_name",
     "policy_arns", WHAT},
    {"aws_iam_user_policy_attachments_exclusive", IAM_LINK_MANAGED, USER, "user_name",
     "policy_arns", WHAT},
    {"aws_iam_group_policy_attachments_exclusive", IAM_LINK_MANAGED, GROUP, "group_name",
     "policy_arns", WHAT},
    {"aws_iam_role_policies_exclusive", IAM_LINK_ONLY, ROLE, "role_name", "policy_names", WHAT},
    {"aws_iam_user_policies_exclusive", IAM_LINK_ONLY, USER, "user_name", "policy_names", WHAT},
    {"aws_iam_group_policies_exclusive", IAM_LINK_ONLY, GROUP, "group_name", "policy_names", WHAT},
    {"aws_iam_group_membership", IAM_LINK_GROUPS, USER, "users", "group", WHO},
    {"aws_iam_user_group_membership", IAM_LINK_GROUPS, USER, "user", "groups", WHAT},

    {"AWS::IAM::Role", IAM_LINK_OWN, ROLE, NULL, NULL, ONE},
    {"AWS::IAM::Role", IAM_LINK_MANAGED, ROLE, NULL, "ManagedPolicyArns", WHAT},
    {"AWS::IAM::Role", IAM_LINK_BOUNDARY, ROLE, NULL, "PermissionsBoundary", ONE},
    {"AWS::IAM::User", IAM_LINK_OWN, USER, NULL, NULL, ONE},
    {"AWS::IAM::User", IAM_LINK_MANAGED, USER, NULL, "ManagedPolicyArns", WHAT},
    {"AWS::IAM::User", IAM_LINK_BOUNDARY, USER, NULL, "PermissionsBoundary", ONE},
    {"AWS::IAM::User", IAM_LINK_GROUPS, USER, NULL, "Groups", WHAT},
    {"AWS::IAM::Group", IAM_LINK_OWN, GROUP, NULL, NULL, ONE},
    {"AWS::IAM::Group", IAM_LINK_MANAGED, GROUP, NULL, "ManagedPolicyArns", WHAT},
    {"AWS::IAM::Policy", IAM_LINK_OWN, ROLE, "Roles", NULL, WHO},
    {"AWS::IAM::Policy", IAM_LINK_OWN, USER, "Users", NULL, WHO},
    {"AWS::IAM::Policy", IAM_LINK_OWN, GROUP, "Groups", NULL, WHO},
    {"AWS::IAM::ManagedPolicy", IAM_LINK_OWN, ROLE, "Roles", NULL, WHO},
    {"AWS::IAM::ManagedPolicy", IAM_LINK_OWN, USER, "Users", NULL, WHO},
    {"AWS::IAM::ManagedPolicy", IAM_LINK_OWN, GROUP, "Groups", NULL, WHO},
    {"AWS::IAM::RolePolicy", IAM_LINK_OWN, ROLE, "RoleName", NULL, ONE},
    {"AWS::IAM::UserPolicy", IAM_LINK_OWN, USER, "UserName", NULL, ONE},
    {"AWS::IAM::GroupPolicy", IAM_LINK_OWN, GROUP, "GroupName", NULL, ONE},
    {"AWS::IAM::UserToGroupAddition", IAM_LINK_GROUPS, USER, "Users", "GroupName", WHO},

    {"aws.iam.role", IAM_LINK_OWN, ROLE, NULL, NULL, ONE},
    {"aws.iam.role", IAM_LINK_MANAGED, ROLE, NULL, "AttachedManagedPolicies.*.PolicyArn", WHAT},
    {"aws.iam.role", IAM_LINK_BOUNDARY, ROLE, NULL, "PermissionsBoundary.PermissionsBoundaryArn",
     ONE},
    {"aws.iam.user", IAM_LINK_OWN, USER, NULL, NULL, ONE},
    {"aws.iam.user", IAM_LINK_MANAGED, USER, NULL, "AttachedManagedPolicies.*.PolicyArn", WHAT},
    {"aws.iam.user", IAM_LINK_BOUNDARY, USER, NULL, "PermissionsBoundary.PermissionsBoundaryArn",
     ONE},
    {"aws.iam.user", IAM_LINK_GROUPS, USER, NULL, "GroupList", WHAT},
    {"aws.iam.group", IAM_LINK_OWN, GROUP, NULL, NULL, ONE},
    {"aws.iam.group", IAM_LINK_MANAGED, GROUP, NULL, "AttachedManagedPolicies.*.PolicyArn", WHAT},
    {NULL, IAM_LINK_OWN, USER, NULL, NULL, ONE},
};
