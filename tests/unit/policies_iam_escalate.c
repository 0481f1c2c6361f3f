/* Escalations: snapshots of accounts in, the ways of one principal out, each told as one word. */
#include "tests/lib/iam_told.h"

/* ---- snapshots, as YAML reads them ---- */

#define ARN "arn:aws:iam::123456789012:"
#define SNAPSHOT(users, groups, roles, policies)                                                   \
    "UserDetailList: [" users "]\nGroupDetailList: [" groups "]\nRoleDetailList: [" roles          \
    "]\nPolicies: [" policies "]\n"
#define DOC(statements) "{Version: '2012-10-17', Statement: [" statements "]}"
#define INLINE(statements) "[{PolicyName: p, PolicyDocument: " DOC(statements) "}]"
#define MANAGED(names) "AttachedManagedPolicies: [" names "]"
#define HAS(name) "{PolicyName: " name ", PolicyArn: '" ARN "policy/" name "'},"
#define USER(name, groups, statements, more)                                                       \
    "{UserName: " name ", Path: /, Arn: '" ARN "user/" name "', GroupList: [" groups               \
    "], UserPolicyList: " INLINE(statements) ", " MANAGED(more) "},"
#define GROUP(name, statements)                                                                    \
    "{GroupName: " name ", Path: /, Arn: '" ARN "group/" name                                      \
    "', GroupPolicyList: " INLINE(statements) ", " MANAGED("") "},"
#define ROLE(name, trust, statements, more)                                                        \
    "{RoleName: " name ", Path: /, Arn: '" ARN "role/" name "', AssumeRolePolicyDocument: " DOC(   \
        trust) ", RolePolicyList: " INLINE(statements) ", " MANAGED(more) "},"
#define POLICY(name, statements)                                                                   \
    "{PolicyName: " name ", Path: /, Arn: '" ARN "policy/" name                                    \
    "', DefaultVersionId: v1, PolicyVersionList: [{VersionId: v1, IsDefaultVersion: true, "        \
    "Document: " DOC(statements) "}]},"

#define ALLOW(actions, resource) "{Effect: Allow, Action: [" actions "], Resource: '" resource "'},"
#define DENY(actions, resource) "{Effect: Deny, Action: [" actions "], Resource: '" resource "'},"
#define ALLOW_IF(actions, resource, condition)                                                     \
    "{Effect: Allow, Action: [" actions "], Resource: '" resource "', Condition: {" condition "}}" \
    ","
#define DENY_IF(actions, resource, condition)                                                      \
    "{Effect: Deny, Action: [" actions "], Resource: '" resource "', Condition: {" condition "}},"
#define EVERYTHING "{Effect: Allow, Action: '*', Resource: '*'},"
#define NOTHING "{Effect: Allow, Action: 's3:ListAllMyBuckets', Resource: '*'},"
#define TRUSTS(principal) "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {" principal "}},"
#define SERVICE(name) TRUSTS("Service: " name ".amazonaws.com")
#define ROOT TRUSTS("AWS: '" ARN "root'")
#define BOSS ROLE("boss", SERVICE("sagemaker"), EVERYTHING, "")
#define NOBODY SERVICE("support")

/* ---- one step or several, all of one principal ---- */

#define ME(statements) SNAPSHOT("", "", ROLE("me", NOBODY, statements, "") BOSS, "")
#define PASS_TO(resource, condition) ALLOW_IF("'iam:PassRole'", resource, condition)
#define TRAINS ALLOW("'sagemaker:CreateTrainingJob'", "*")
#define PASSES ALLOW("'iam:PassRole'", "*")
#define TO(service) "StringEquals: {'iam:PassedToService': " service ".amazonaws.com}"

static const struct escalate_case statements[] = {
    {"nothing", ME(NOTHING), "me", ""},
    {"everything", ME(EVERYTHING), "me", "administrator"},
    {"everything of every service", ME("{Effect: Allow, Action: '*:*', Resource: '*'},"), "me",
     "administrator"},
    {"everything but IAM",
     ME("{Effect: Allow, NotAction: 'iam:*', Resource: '*'}," DENY("'*'", "*")), "me", ""},
    {"everything, with a deny that IAM does not mind",
     ME(EVERYTHING DENY("'organizations:LeaveOrganization'", "*")), "me", "administrator"},
    {"everything, denied", ME(EVERYTHING DENY("'*'", "*")), "me", ""},
    {"actions alone", ME(PASSES), "me", ""},
    {"two statements", ME(PASSES TRAINS), "me", "sagemaker-002!:boss*"},
    {"an action in other letters", ME(PASSES ALLOW("'SAGEMAKER:createtrainingjob'", "*")), "me",
     "sagemaker-002!:boss*"},
    {"denied in another statement", ME(PASSES TRAINS DENY("'iam:Pass*'", "*")), "me", ""},
    {"denied on everything but one",
     ME(PASSES TRAINS "{Effect: Deny, Action: 'iam:PassRole', "
                      "NotResource: '" ARN "role/boss'},"),
     "me", "sagemaker-002!:boss*"},
    {"denied on that one", ME(PASSES TRAINS DENY("'iam:PassRole'", ARN "role/boss")), "me",
     "sagemaker-002?"},
    {"to this role", ME(ALLOW("'iam:PassRole'", ARN "role/boss") TRAINS), "me",
     "sagemaker-002!:boss*"},
    {"to another role", ME(ALLOW("'iam:PassRole'", ARN "role/other") TRAINS), "me",
     "sagemaker-002?"},
    {"to a role of another account",
     ME(ALLOW("'iam:PassRole'", "arn:aws:iam::999999999999:role/boss") TRAINS), "me", ""},
    {"to no role at all", ME(ALLOW("'iam:PassRole'", "arn:aws:s3:::x") TRAINS), "me", ""},
    {"to this service", ME(PASS_TO("*", TO("sagemaker")) TRAINS), "me", "sagemaker-002!:boss*"},
    {"to another service", ME(PASS_TO("*", TO("ec2")) TRAINS), "me", ""},
    {"to any but this service",
     ME(PASS_TO("*", "StringNotEquals: {'iam:PassedToService': sagemaker.amazonaws.com}") TRAINS),
     "me", ""},
    {"denied for any other service",
     ME(PASSES TRAINS DENY_IF("'iam:PassRole'", "*",
                              "StringNotEquals: {'iam:PassedToService': sagemaker.amazonaws.com}")),
     "me", "sagemaker-002!:boss*"},
    {"any policy is attached",
     ME(ALLOW_IF("'iam:AttachRolePolicy'", ARN "role/me",
                 "ArnLike: {'iam:PolicyARN': '*:*:*:*:*:*'}")),
     "me", "iam-009!"},
    {"one that allows everything",
     ME(ALLOW_IF("'iam:AttachRolePolicy'", ARN "role/me",
                 "ArnEquals: {'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess'}")),
     "me", "iam-009!"},
    {"one of the account, whatever it allows",
     ME(ALLOW_IF("'iam:AttachRolePolicy'", ARN "role/me",
                 "StringEquals: {'iam:PolicyARN': '" ARN "policy/p'}")),
     "me", "iam-009!"},
    {"only one of AWS that reads",
     ME(ALLOW_IF("'iam:AttachRolePolicy'", ARN "role/me",
                 "ArnEquals: {'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess'}")),
     "me", ""},
    {"all but the one that allows everything",
     ME(ALLOW_IF("'iam:AttachRolePolicy'", ARN "role/me",
                 "ArnNotEquals: {'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess'}")),
     "me", "iam-009!"},
    {"under a boundary that is demanded",
     ME(ALLOW_IF("'iam:AttachRolePolicy', 'iam:PutRolePolicy'", ARN "role/me",
                 "StringEquals: {'iam:PermissionsBoundary': '" ARN "policy/fence'}")),
     "me", ""},
    {"a boundary that one does not have",
     ME(ALLOW_IF("'iam:PutRolePolicy', 'iam:DetachRolePolicy'", ARN "role/me",
                 "StringLike: {'iam:PermissionsBoundary': '" ARN "policy/*'}")
            DENY("'s3:PutObject'", "*")),
     "me", ""},
    {"a user of one's own making, under any boundary that one likes",
     ME(ALLOW_IF("'iam:CreateUser', 'iam:PutUserPolicy'", "*",
                 "StringLike: {'iam:PermissionsBoundary': '" ARN "policy/*'}")
            ALLOW("'iam:CreateAccessKey'", ARN "user/mine")),
     "me", "iam-002? iam-018? iam-create-user?"},
    {"a role of one's own making, under a boundary that is demanded",
     ME(ALLOW_IF("'iam:CreateRole', 'iam:AttachRolePolicy'", "*",
                 "ArnEquals: {'iam:PermissionsBoundary': '" ARN "policy/fence'}")),
     "me", ""},
    {"denied for this service",
     ME(PASSES TRAINS DENY_IF("'iam:PassRole'", "*",
                              "StringLike: {'iam:PassedToService': 'sage*'}")),
     "me", ""},
    {"a condition that can be met",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "StringEquals: {'aws:RequestTag/team': claims}")),
     "me", "sagemaker-002!:boss*"},
    {"conditions that contradict each other",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "StringEquals: {'aws:RequestTag/t': a}, "
                        "StringLike: {'aws:RequestTag/t': 'b*'}")),
     "me", ""},
    {"a deny that its condition lets dodge",
     ME(PASSES TRAINS DENY_IF("'sagemaker:*'", "*", "Bool: {'aws:SecureTransport': 'false'}")),
     "me", "sagemaker-002!:boss*"},
    {"a deny without which there is nothing",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "Bool: {'aws:SecureTransport': 'true'}")
            DENY_IF("'sagemaker:*'", "*", "Bool: {'aws:SecureTransport': 'true'}")),
     "me", ""},
    {"a time that is past",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "DateLessThan: {'aws:CurrentTime': '2026-01-01T00:00:00Z'}")),
     "me", ""},
    {"a time that has come",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "DateGreaterThan: {'aws:TokenIssueTime': '2026-01-01T00:00:00Z'}")),
     "me", "sagemaker-002!:boss*"},
    {"a time that is past, as a number",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "NumericLessThan: {'aws:EpochTime': '1600000000'}")),
     "me", ""},
    {"somebody else's name",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "StringEquals: {'aws:PrincipalArn': '" ARN "role/you'}")),
     "me", ""},
    {"one's own name",
     ME(PASSES ALLOW_IF("'sagemaker:CreateTrainingJob'", "*",
                        "ArnLike: {'aws:PrincipalArn': '" ARN "role/m*'}")),
     "me", "sagemaker-002!:boss*"},
    {"whatever is not named",
     ME("{Effect: Allow, NotAction: ['iam:*', 's3:*'], Resource: '*'},"
        "{Effect: Deny, NotAction: 'sagemaker:CreatePresignedNotebookInstanceUrl', Resource: "
        "'*'},"),
     "me", "sagemaker-004?:boss*"},
    {"everything but what is named",
     ME("{Effect: Allow, NotAction: 's3:*', Resource: '*'},"
        "{Effect: Deny, NotAction: ['iam:PassRole', 'sagemaker:CreateTrainingJob'], Resource: "
        "'*'},"),
     "me", "sagemaker-002!:boss*"},
    {"every resource but the one",
     ME(TRAINS "{Effect: Allow, Action: 'iam:PassRole', NotResource: '" ARN "role/boss'},"), "me",
     "sagemaker-002?"},
};

CASES(policies_iam_escalate, asks_all_statements, statements)
{
    check(&statements[*case_index], "account");
}

/* ---- what steps act on ---- */

#define NOTEBOOK(name) "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/" name
#define SCRIPT "'sagemaker:CreateNotebookInstanceLifecycleConfig'"
#define RESTART "'sagemaker:StopNotebookInstance', 'sagemaker:StartNotebookInstance'"
#define UPDATE "'sagemaker:UpdateNotebookInstance'"
#define BY(user) TRUSTS("AWS: '" ARN user "'")

static const struct escalate_case objects[] = {
    {"one notebook", ME(ALLOW(SCRIPT, "*") ALLOW(RESTART ", " UPDATE, NOTEBOOK("a"))), "me",
     "sagemaker-005?:boss*"},
    {"notebooks that patterns share",
     ME(ALLOW(SCRIPT, "*") ALLOW(RESTART, NOTEBOOK("a*")) ALLOW(UPDATE, NOTEBOOK("*b"))), "me",
     "sagemaker-005?:boss*"},
    {"two different notebooks",
     ME(ALLOW(SCRIPT, "*") ALLOW(RESTART, NOTEBOOK("a")) ALLOW(UPDATE, NOTEBOOK("b"))), "me", ""},
    {"one notebook, but for the deny of a step",
     ME(ALLOW(SCRIPT, "*") ALLOW(RESTART ", " UPDATE, NOTEBOOK("a")) DENY(UPDATE, NOTEBOOK("?"))),
     "me", ""},
    {"a notebook of another account",
     ME(ALLOW("'sagemaker:CreatePresignedNotebookInstanceUrl'",
              "arn:aws:sagemaker:eu-west-1:999999999999:notebook-instance/x")),
     "me", ""},
    {"an action that knows no resource, on one",
     ME(PASSES ALLOW("'glue:CreateDevEndpoint'", "arn:aws:glue:*:*:devEndpoint/*")), "me", ""},
    {"one's own user",
     SNAPSHOT(USER("me", "", ALLOW("'iam:PutUserPolicy'", ARN "user/${aws:username}"), ""), "",
              BOSS, ""),
     "me", "iam-007!"},
    {"a user of another name",
     SNAPSHOT(USER("me", "", ALLOW("'iam:PutUserPolicy'", ARN "user/you"), ""), "", BOSS, ""), "me",
     ""},
    {"a variable that a role does not have",
     ME(ALLOW("'iam:PutRolePolicy'", ARN "role/${aws:username}")), "me", ""},
    {"a role is no user", ME(ALLOW("'iam:PutUserPolicy'", "*")), "me", ""},
    {"a user is no role",
     SNAPSHOT(USER("me", "", ALLOW("'iam:PutRolePolicy'", "*"), ""), "", BOSS, ""), "me", ""},
    {"a group one is in",
     SNAPSHOT(USER("me", "team", NOTHING, ""), GROUP("team", ALLOW("'iam:PutGroupPolicy'", "*")),
              BOSS, ""),
     "me", "iam-011!"},
    {"a group that others are in",
     SNAPSHOT(USER("me", "team", ALLOW("'iam:PutGroupPolicy'", ARN "group/bosses"), ""),
              GROUP("team", NOTHING) GROUP("bosses", EVERYTHING), BOSS, ""),
     "me", ""},
    {"a group to join",
     SNAPSHOT(USER("me", "team", ALLOW("'iam:AddUserToGroup'", "*"), ""),
              GROUP("team", NOTHING) GROUP("bosses", EVERYTHING), BOSS, ""),
     "me", "iam-013!:bosses*"},
    {"a group that gives a little",
     SNAPSHOT(USER("me", "", ALLOW("'iam:AddUserToGroup'", ARN "group/team"), ""),
              GROUP("team", NOTHING), BOSS, ""),
     "me", "iam-013!:team+"},
    {"a group whose rights one's own deny takes back",
     SNAPSHOT(USER("me", "", ALLOW("'iam:AddUserToGroup'", ARN "group/*") DENY("'s3:*'", "*"), ""),
              GROUP("team", ALLOW("'s3:GetObject'", "*")), BOSS, ""),
     "me", "iam-013?"},
    {"a group one is in already",
     SNAPSHOT(USER("me", "team", ALLOW("'iam:AddUserToGroup'", ARN "group/team"), ""),
              GROUP("team", NOTHING), BOSS, ""),
     "me", ""},
    {"a group that gives nothing",
     SNAPSHOT(USER("me", "", NOTHING ALLOW("'iam:AddUserToGroup'", ARN "group/team"), ""),
              GROUP("team", NOTHING), BOSS, ""),
     "me", ""},
    {"a policy that one has",
     SNAPSHOT("", "", ROLE("me", NOBODY, NOTHING, HAS("mine")) BOSS,
              POLICY("mine", ALLOW("'iam:CreatePolicyVersion'", ARN "policy/m*"))),
     "me", "iam-001!"},
    {"a policy that another has",
     SNAPSHOT("", "", ROLE("me", NOBODY, NOTHING, HAS("mine")) BOSS,
              POLICY("mine", ALLOW("'iam:CreatePolicyVersion'", ARN "policy/x"))),
     "me", ""},
    {"a policy of AWS",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, ALLOW("'iam:CreatePolicyVersion'", "*"),
                   "{PolicyName: X, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess'}") BOSS,
              ""),
     "me", ""},
    {"no policy but an inline one", ME(ALLOW("'iam:CreatePolicyVersion'", "*")), "me", ""},
    {"a policy of a role one may assume",
     SNAPSHOT("", "",
              ROLE("me", NOBODY,
                   NOTHING ALLOW("'iam:CreatePolicyVersion'", ARN "policy/theirs")
                       ALLOW("'sts:AssumeRole'", ARN "role/you"),
                   "") ROLE("you", ROOT, NOTHING, HAS("theirs")),
              POLICY("theirs", NOTHING)),
     "me", "iam-016!:you*"},
    {"a policy of a role that does not trust one",
     SNAPSHOT("", "",
              ROLE("me", NOBODY,
                   ALLOW("'iam:CreatePolicyVersion'", ARN "policy/theirs")
                       ALLOW("'sts:AssumeRole'", ARN "role/you"),
                   "") ROLE("you", NOBODY, NOTHING, HAS("theirs")),
              POLICY("theirs", NOTHING)),
     "me", ""},
};

CASES(policies_iam_escalate, knows_what_steps_act_on, objects)
{
    check(&objects[*case_index], "account");
}

/* ---- who is reached ---- */

#define ASSUMES ALLOW("'sts:AssumeRole'", "*")
#define WITH(role) SNAPSHOT("", "", ROLE("me", NOBODY, NOTHING ASSUMES, "") role, "")
#define READS ALLOW("'s3:GetObject'", "*")

static const struct escalate_case targets[] = {
    {"a role that trusts the account", WITH(ROLE("you", ROOT, READS, "")), "me", "sts-001!:you+"},
    {"a role that trusts nobody here", WITH(ROLE("you", NOBODY, READS, "")), "me", "sts-001?"},
    {"a role that trusts another", WITH(ROLE("you", BY("role/other"), READS, "")), "me",
     "sts-001?"},
    {"a role of no further rights", WITH(ROLE("you", ROOT, NOTHING, "")), "me", "sts-001?"},
    {"administrators before all others",
     WITH(ROLE("a", ROOT, READS, "") ROLE("b", ROOT, EVERYTHING, "") ROLE("c", ROOT, NOTHING, "")),
     "me", "sts-001!:b*"},
    {"a role that names the principal, which then needs no policy",
     SNAPSHOT("", "", ROLE("me", NOBODY, NOTHING, "") ROLE("you", BY("role/me"), READS, ""), ""),
     "me", "sts-001!:you+"},
    {"the same, denied",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, NOTHING DENY("'sts:*'", "*"), "")
                  ROLE("you", BY("role/me"), READS, ""),
              ""),
     "me", ""},
    {"a role that trusts the account, which then does",
     SNAPSHOT("", "", ROLE("me", NOBODY, NOTHING, "") ROLE("you", ROOT, READS, ""), ""), "me", ""},
    {"a role that trusts under a condition",
     WITH(ROLE("you",
               "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: '" ARN "root'}, "
               "Condition: {StringEquals: {'sts:ExternalId': x}}},",
               READS, "")),
     "me", "sts-001!:you+"},
    {"a role that trusts under a condition on somebody else",
     WITH(ROLE("you",
               "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: '" ARN "root'}, "
               "Condition: {ArnEquals: {'aws:PrincipalArn': '" ARN "role/other'}}},",
               READS, "")),
     "me", "sts-001?"},
    {"a role whose trust denies",
     WITH(ROLE("you",
               ROOT "{Effect: Deny, Action: 'sts:AssumeRole', Principal: {AWS: '" ARN "role/me'}},",
               READS, "")),
     "me", "sts-001?"},
    {"a role whose trust denies somebody else",
     WITH(ROLE("you",
               ROOT "{Effect: Deny, Action: 'sts:*', Principal: {AWS: '" ARN "role/other'}},",
               READS, "")),
     "me", "sts-001!:you+"},
    {"a role that trusts people of the account, which no service is",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, PASSES TRAINS, "") ROLE(
                  "you",
                  "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: '*'}, Condition: "
                  "{ArnLike: {'aws:PrincipalArn': '" ARN "user/*'}}},",
                  READS, ""),
              ""),
     "me", "sagemaker-002?"},
    {"a service that is trusted for its own account",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, PASSES TRAINS, "")
                  ROLE("you",
                       "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: "
                       "sagemaker.amazonaws.com}, "
                       "Condition: {StringEquals: {'aws:SourceAccount': '123456789012'}}},",
                       READS, ""),
              ""),
     "me", "sagemaker-002!:you+"},
    {"a service that is trusted for another",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, PASSES TRAINS, "")
                  ROLE("you",
                       "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: "
                       "sagemaker.amazonaws.com}, "
                       "Condition: {StringEquals: {'aws:SourceAccount': '999999999999'}}},",
                       READS, ""),
              ""),
     "me", "sagemaker-002?"},
    {"an identity pool, which is trusted as an identity provider",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, PASSES ALLOW("'cognito-identity:SetIdentityPoolRoles'", "*"), "")
                  ROLE("you",
                       "{Effect: Allow, Action: 'sts:AssumeRoleWithWebIdentity', "
                       "Principal: {Federated: cognito-identity.amazonaws.com}},",
                       READS, ""),
              ""),
     "me", "cognito-identity-pool-roles!:you+"},
    {"oneself is nobody else", SNAPSHOT("", "", ROLE("me", ROOT, ASSUMES, ""), ""), "me",
     "sts-001?"},
    {"a role that AWS made for a service",
     SNAPSHOT("", "",
              ROLE("me", NOBODY,
                   ALLOW("'iam:UpdateAssumeRolePolicy'", ARN "role/aws-service-role/*"), ""),
              ""),
     "me", ""},
    {"a user",
     SNAPSHOT(USER("you", "", READS, ""), "",
              ROLE("me", NOBODY, ALLOW("'iam:CreateAccessKey'", "*"), ""), ""),
     "me", "iam-002!:you+"},
};

CASES(policies_iam_escalate, knows_who_is_reached, targets)
{
    check(&targets[*case_index], "account");
}

/* ---- one after the other ---- */

static const struct escalate_case chains[] = {
    {"by way of a role that holds nothing",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, NOTHING, "") ROLE("a", BY("role/me"), NOTHING, "")
                  ROLE("b", BY("role/a"), EVERYTHING, ""),
              ""),
     "me", "sts-001!:a | me>sts-001>a>sts-001>b*"},
    {"a role that gives itself everything",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, NOTHING, "")
                  ROLE("a", BY("role/me"), NOTHING ALLOW("'iam:PutRolePolicy'", ARN "role/a"), ""),
              ""),
     "me", "sts-001!:a+ | me>sts-001>a>iam-005>a*"},
    {"to more that is not everything",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, NOTHING, "") ROLE("a", BY("role/me"), NOTHING, "")
                  ROLE("b", BY("role/a"), READS, ""),
              ""),
     "me", "sts-001!:a | me>sts-001>a>sts-001>b"},
    {"in a circle",
     SNAPSHOT("", "",
              ROLE("me", BY("role/b"), NOTHING, "") ROLE("a", BY("role/me"), NOTHING, "")
                  ROLE("b", BY("role/a"), NOTHING, ""),
              ""),
     "me", ""},
    {"the shortest alone",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, NOTHING, "") ROLE("a", BY("role/me"), NOTHING, "")
                  ROLE("b", BY("role/a"), EVERYTHING, "") ROLE("c", BY("role/a"), NOTHING, "")
                      ROLE("d", BY("role/c"), EVERYTHING, ""),
              ""),
     "me", "sts-001!:a | me>sts-001>a>sts-001>b*"},
    {"a role that may be passed, then assumed from",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, PASSES TRAINS, "")
                  ROLE("a", SERVICE("sagemaker"), TRAINS PASSES, "")
                      ROLE("b", BY("role/a"), EVERYTHING, ""),
              ""),
     "me", "sagemaker-002!:a | me>sagemaker-002>a>sts-001>b*"},
};

CASES(policies_iam_escalate, follows_from_one_to_the_next, chains)
{
    check(&chains[*case_index], "account");
}

/* ---- boundaries, and what is not known ---- */

#define BOUND(name)                                                                                \
    "PermissionsBoundary: {PermissionsBoundaryType: Policy, PermissionsBoundaryArn: '" ARN         \
    "policy/" name "'}"
#define BOUNDED(name, statements, boundary)                                                        \
    "{RoleName: " name ", Path: /, Arn: '" ARN "role/" name "', AssumeRolePolicyDocument: " DOC(   \
        NOBODY) ", RolePolicyList: " INLINE(statements) ", " MANAGED("") ", " BOUND(boundary) "},"

static const struct escalate_case limits[] = {
    {"a boundary that allows a step of two",
     SNAPSHOT("", "", BOUNDED("me", PASSES TRAINS, "limit") BOSS,
              POLICY("limit", ALLOW("'iam:PassRole', 's3:*'", "*"))),
     "me", ""},
    {"a boundary that allows both",
     SNAPSHOT("", "", BOUNDED("me", PASSES TRAINS, "limit") BOSS,
              POLICY("limit", ALLOW("'iam:*', 'sagemaker:*'", "*"))),
     "me", "sagemaker-002!:boss*"},
    {"a boundary that denies",
     SNAPSHOT("", "", BOUNDED("me", PASSES TRAINS, "limit") BOSS,
              POLICY("limit", EVERYTHING DENY("'iam:PassRole'", "*"))),
     "me", ""},
    {"an administrator within bounds",
     SNAPSHOT("", "", BOUNDED("me", EVERYTHING, "limit"), POLICY("limit", READS)), "me", ""},
    {"an administrator whose bounds are none",
     SNAPSHOT("", "", BOUNDED("me", EVERYTHING, "limit"), POLICY("limit", EVERYTHING)), "me",
     "administrator"},
    {"a boundary that can be taken off",
     SNAPSHOT("", "",
              BOUNDED("me", READS ALLOW("'iam:DeleteRolePermissionsBoundary'", "*"), "limit"),
              POLICY("limit", ALLOW("'iam:Delete*'", "*"))),
     "me", "iam-remove-boundary!"},
    {"no boundary to take off", ME(ALLOW("'iam:DeleteRolePermissionsBoundary'", "*")), "me", ""},
    {"a deny that can be taken off", ME(ALLOW("'iam:DeleteRolePolicy'", "*") DENY("'s3:*'", "*")),
     "me", "iam-remove-deny!"},
    {"no deny to take off", ME(ALLOW("'iam:DeleteRolePolicy'", "*")), "me", ""},
    {"a policy that nobody knows",
     SNAPSHOT("", "", ROLE("me", NOBODY, NOTHING, HAS("elsewhere")) BOSS, ""), "me", "unknown"},
    {"a policy that nobody knows, and a way that another opens",
     SNAPSHOT("", "", ROLE("me", NOBODY, PASSES TRAINS, HAS("elsewhere")) BOSS, ""), "me",
     "sagemaker-002!~:boss* unknown"},
    {"a boundary that nobody knows",
     SNAPSHOT("", "", BOUNDED("me", PASSES TRAINS, "elsewhere") BOSS, ""), "me",
     "sagemaker-002!~:boss* unknown"},
    {"a target that nobody knows",
     SNAPSHOT("", "",
              ROLE("me", NOBODY, NOTHING, "") ROLE("you", BY("role/me"), "", HAS("elsewhere")), ""),
     "me", "sts-001!:you~ unknown"},
};

CASES(policies_iam_escalate, minds_boundaries_and_what_is_unknown, limits)
{
    check(&limits[*case_index], "account");
}

/* ---- many who reach many ---- */

#define KEY_MAKER(name) ROLE(name, NOBODY, ALLOW("'iam:CreateAccessKey'", "*"), "")
#define READER(name) USER(name, "", READS, "")
#define TEN(n)                                                                                     \
    READER(n "0")                                                                                  \
    READER(n "1")                                                                                  \
    READER(n "2")                                                                                  \
    READER(n "3")                                                                                  \
    READER(n "4") READER(n "5") READER(n "6") READER(n "7") READER(n "8") READER(n "9")

Test(policies_iam_escalate, who_asks_late_is_told_of_a_few)
{
    struct iam_account account;
    struct iam_paths paths;
    const struct iam_escalate_input in = {
        .paths = &paths, .account = &account, .now = NOW, .most = 10};
    struct iam_escalate *engine;
    struct iam_escalations first, second;
    struct facts f;
    struct arena a;

    arena_init(&a);
    facts_init(&f, &a);
    built_in(&a, &paths);
    scan(&f, "account", SNAPSHOT(TEN("a") TEN("b"), "", KEY_MAKER("me") KEY_MAKER("you"), ""));
    iam_account_read(&f, &a, &account);
    engine = iam_escalate_new(&in, &a);
    iam_escalate_ask(engine, find(&account, "me"), &first);
    iam_escalate_ask(engine, find(&account, "you"), &second);
    cr_assert(first.n == 1 && second.n == 1);
    cr_expect(first.items[0].ntargets == 20 && !first.items[0].cut);
    cr_expect(second.items[0].ntargets == 8 && second.items[0].cut, "%zu targets",
              second.items[0].ntargets);
    cr_expect_eq(second.items[0].certainty, IAM_CONFIRMED);
    cr_expect(!first.unknown && !second.unknown, "what is won is won");
    arena_release(&a);
}
