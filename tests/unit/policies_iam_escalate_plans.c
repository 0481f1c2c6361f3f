/* Escalations where hardly an ARN is known: in plans, and of policies alone. */
#include "tests/lib/iam_told.h"

/* ---- plans, where hardly an ARN is known ---- */

#define PLAN "format_version: '1.2'\nresource_changes:\n"
#define RESOURCE(type, name, after, unknown)                                                       \
    "- {address: " type "." name ", mode: managed, type: " type ", name: " name                    \
    ", change: {actions: [create], after: " after ", after_unknown: " unknown "}}\n"
#define JSON(statement) "'{\"Version\": \"2012-10-17\", \"Statement\": [" statement "]}'"
#define JSON_TRUST(service)                                                                        \
    JSON("{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": {\"Service\": "   \
         "\"" service "\"}}")
#define JSON_ALLOW(action, resource)                                                               \
    "{\"Effect\": \"Allow\", \"Action\": [" action "], \"Resource\": \"" resource "\"}"
#define PLAN_ROLE(name, trust)                                                                     \
    RESOURCE("aws_iam_role", name, "{name: " name ", path: /, assume_role_policy: " trust "}",     \
             "{arn: true}")
#define PLAN_POLICY(role, statement)                                                               \
    RESOURCE("aws_iam_role_policy", role, "{role: " role ", policy: " JSON(statement) "}", "{}")
#define MINE(resource)                                                                             \
    PLAN_ROLE("me", JSON_TRUST("support.amazonaws.com"))                                           \
    PLAN_POLICY("me", JSON_ALLOW("\"iam:PassRole\"", resource) ", " JSON_ALLOW(                    \
                          "\"sagemaker:CreateTrainingJob\"", "*"))
#define TRAIN                                                                                      \
    PLAN_ROLE("train", JSON_TRUST("sagemaker.amazonaws.com"))                                      \
    PLAN_POLICY("train", JSON_ALLOW("\"s3:GetObject\"", "*"))

static const struct escalate_case plans[] = {
    {"a role of the plan", PLAN MINE("*") TRAIN, "me", "sagemaker-002!:train+"},
    {"a role of the plan, by its name", PLAN MINE("arn:aws:iam::*:role/train") TRAIN, "me",
     "sagemaker-002!:train+"},
    {"a role of the plan, by its ARN", PLAN MINE("arn:aws:iam::111122223333:role/train") TRAIN,
     "me", "sagemaker-002!:train+"},
    {"another role", PLAN MINE("arn:aws:iam::*:role/other") TRAIN, "me", "sagemaker-002?"},
    {"a role whose policies are not known yet",
     PLAN MINE("*") PLAN_ROLE("train", JSON_TRUST("sagemaker.amazonaws.com"))
         RESOURCE("aws_iam_role_policy", "train", "{role: train}", "{policy: true}"),
     "me", "sagemaker-002!:train~ unknown"},
    {"a role whose trust is not known yet",
     PLAN MINE("*") RESOURCE("aws_iam_role", "train", "{name: train, path: /}",
                             "{arn: true, assume_role_policy: true}")
         PLAN_POLICY("train", JSON_ALLOW("\"s3:GetObject\"", "*")),
     "me", "sagemaker-002?:train+ unknown"}, /* it may trust who asks, too */
    {"policies of one's own that are not known yet",
     PLAN PLAN_ROLE("me", JSON_TRUST("support.amazonaws.com"))
         RESOURCE("aws_iam_role_policy", "me", "{role: me}", "{policy: true}") TRAIN,
     "me", "unknown"},
};

CASES(policies_iam_escalate, reads_plans, plans)
{
    check(&plans[*case_index], "terraform");
}

/* ---- what runs as a role ---- */

#define TEMPLATE "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"
#define MADE(id, type, properties) "  " id ": {Type: '" type "', Properties: {" properties "}}\n"
#define TEMPLATE_ROLE(name, service, action, resource)                                             \
    MADE(name, "AWS::IAM::Role",                                                                   \
         "RoleName: " name ", AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: "   \
         "{Service: " service "}, Action: 'sts:AssumeRole'}}, Policies: [{PolicyName: p, "         \
         "PolicyDocument: {Statement: {Effect: Allow, Action: " action ", Resource: '" resource    \
         "'}}}]")
#define CODE "['lambda:UpdateFunctionCode', 'lambda:InvokeFunction']"
#define BOSS TEMPLATE_ROLE("boss", "lambda.amazonaws.com", "'*'", "*")
#define OTHER TEMPLATE_ROLE("other", "lambda.amazonaws.com", "'s3:GetObject'", "*")
#define FUNCTION(name, role)                                                                       \
    MADE("Fn", "AWS::Lambda::Function", "FunctionName: " name ", Role: !GetAtt " role ".Arn")
#define SHELL(resource) TEMPLATE_ROLE("me", "support.amazonaws.com", "'ssm:StartSession'", resource)

static const struct escalate_case templates[] = {
    {"a function that runs as an administrator",
     TEMPLATE TEMPLATE_ROLE("me", "support.amazonaws.com", CODE, "*") BOSS FUNCTION("f", "boss"),
     "me", "lambda-003!:boss* lambda-004!:boss*"},
    {"a function of that name",
     TEMPLATE TEMPLATE_ROLE("me", "support.amazonaws.com", CODE, "arn:aws:lambda:*:*:function:f*")
         BOSS FUNCTION("f", "boss"),
     "me", "lambda-003!:boss* lambda-004!:boss*"},
    {"functions of another name",
     TEMPLATE TEMPLATE_ROLE("me", "support.amazonaws.com", CODE, "arn:aws:lambda:*:*:function:g*")
         BOSS FUNCTION("f", "boss"),
     "me", "lambda-003?:boss* lambda-004?:boss*"},
    {"a function that runs as who asks",
     TEMPLATE TEMPLATE_ROLE("me", "lambda.amazonaws.com", CODE, "*") BOSS FUNCTION("f", "me"), "me",
     "lambda-003?:boss* lambda-004?:boss*"},
    {"a function that runs as another than the administrator",
     TEMPLATE TEMPLATE_ROLE("me", "support.amazonaws.com", CODE, "*")
         BOSS OTHER FUNCTION("f", "other"),
     "me", "lambda-003!:other+ lambda-004!:other+"},
    {"an instance, by its profile",
     TEMPLATE SHELL("*") TEMPLATE_ROLE("vm", "ec2.amazonaws.com", "'s3:GetObject'", "*")
         MADE("Profile", "AWS::IAM::InstanceProfile", "Roles: [!Ref vm]")
             MADE("Vm", "AWS::EC2::Instance", "IamInstanceProfile: !Ref Profile"),
     "me", "ssm-001!:vm+"},
    {"an instance, by the name of its profile",
     TEMPLATE SHELL("*") TEMPLATE_ROLE("vm", "ec2.amazonaws.com", "'s3:GetObject'", "*")
         MADE("Profile", "AWS::IAM::InstanceProfile", "InstanceProfileName: p, Roles: [!Ref vm]")
             MADE("Vm", "AWS::EC2::Instance", "IamInstanceProfile: p"),
     "me", "ssm-001!:vm+"},
    {"an instance that is named, perhaps this one",
     TEMPLATE SHELL("arn:aws:ec2:*:*:instance/i-0123")
         TEMPLATE_ROLE("vm", "ec2.amazonaws.com", "'s3:GetObject'", "*")
             MADE("Profile", "AWS::IAM::InstanceProfile", "Roles: [!Ref vm]")
                 MADE("Vm", "AWS::EC2::Instance", "IamInstanceProfile: !Ref Profile"),
     "me", "ssm-001?:vm+"},
    {"an instance without a role",
     TEMPLATE SHELL("*") TEMPLATE_ROLE("vm", "ec2.amazonaws.com", "'s3:GetObject'", "*")
         MADE("Vm", "AWS::EC2::Instance", "ImageId: ami-1"),
     "me", "ssm-001?:vm+"},
};

CASES(policies_iam_escalate, knows_what_runs_as_whom, templates)
{
    check(&templates[*case_index], "cloudformation");
}

/* ---- a principal that no account shows ---- */

static void alone(const char *statement, enum iam_entity kind, const char *want)
{
    struct iam_paths paths;
    struct iam_escalate_input in = {.paths = &paths, .now = NOW};
    struct iam_party p = {.kind = kind, .address = "p.json", .name = SLICE_LIT("me")};
    struct iam_escalations x;
    struct iam_doc d;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    built_in(&a, &paths);
    cr_assert(iam_doc_read(value_str(&a, arena_printf(&a, "{\"Statement\": [%s]}", statement)),
                           "p.json", &a, &d, &e),
              "%s", e.text);
    p.attached = (struct iam_docs){&d, 1, false};
    iam_escalate_ask(iam_escalate_new(&in, &a), &p, &x);
    cr_expect_str_eq(told(&a, &x, &p), want, "%s: got '%s'", statement, told(&a, &x, &p));
    arena_release(&a);
}

Test(policies_iam_escalate, asks_policies_alone)
{
    const char *two =
        JSON_ALLOW("\"iam:PassRole\"", "arn:aws:iam::111122223333:role/a") ", " JSON_ALLOW(
            "\"lambda:*\"",
            "arn:aws:lambda:*:444455556666:function:*") ", " JSON_ALLOW("\"lambda:*\"",
                                                                        "arn:aws:lambda:*:"
                                                                        "111122223333:"
                                                                        "function:f");

    alone(JSON_ALLOW("\"iam:PutUserPolicy\"", "*"), IAM_ENTITY_USER, "iam-007!");
    alone(JSON_ALLOW("\"iam:PutUserPolicy\"", "*"), IAM_ENTITY_ROLE, "");
    alone(JSON_ALLOW("\"iam:PutUserPolicy\"", "*"), IAM_ENTITY_FILE, "iam-007?");
    alone(JSON_ALLOW("\"iam:PutUserPolicy\"", "arn:aws:iam::*:user/me"), IAM_ENTITY_USER,
          "iam-007!");
    alone(JSON_ALLOW("\"iam:PutUserPolicy\"", "arn:aws:iam::*:user/you"), IAM_ENTITY_USER, "");
    alone(two, IAM_ENTITY_ROLE,
          "lambda-001? lambda-003? lambda-004? lambda-005? lambda-006? lambda-function-url? "
          "lambda-layer? lambda-change-role?");
}
