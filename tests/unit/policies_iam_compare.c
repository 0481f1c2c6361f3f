/* Comparisons of policies as reviewers meet them: what was added, widened, dropped, moved. */
#include <string.h>

#include "tests/lib/cases.h"
#include "tests/lib/iam_compared.h"

static const struct case_of {
    const char *what, *old, *fresh, *want, *why;
} cases[] = {
    {"nothing changed", POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     POLICY(ALLOW ON("[\"s3:GetObject\"]", "[\"arn:aws:s3:::b/*\"]") "}"), "no", NULL},
    {"an action more", POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     POLICY(ALLOW ON("[\"s3:GetObject\", \"s3:PutObject\"]", "\"arn:aws:s3:::b/*\"") "}"),
     "s3:PutObject arn:aws:s3:::b/a", "no statement allows the action"},
    {"buckets of others, too",
     POLICY(ALLOW ON("\"s3:PutObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:ResourceAccount", "\"${aws:PrincipalAccount}\"") "}"),
     POLICY(ALLOW ON("\"s3:PutObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     "s3:PutObject arn:aws:s3:::b/a",
     "statement 1 (old.json:1) allows it only where StringEquals aws:ResourceAccount holds"},
    {"an action less", POLICY(ALLOW ON("[\"s3:GetObject\", \"s3:PutObject\"]", ANY) "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY) "}"), "no", NULL},
    {"a bucket more", POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b*/*\"") "}"),
     "s3:GetObject arn:aws:s3:::ba/a",
     "statement 1 (old.json:1) allows the action, but not on this resource"},
    {"the same in other words", POLICY(ALLOW ON("\"s3:*\"", "\"arn:aws:s3:::b/*\"") "}"),
     POLICY(ALLOW ON("\"s3:Get*\"", "\"arn:aws:s3:::b/x/*\"") "}" AND ALLOW ON(
         "\"s3:Put*\"", "\"arn:aws:s3:::b/y\"") "}"),
     "no", NULL},
    {"two halves make a whole",
     POLICY(ALLOW ON("\"s3:GetObject\"",
                     "\"arn:aws:s3:::b/a*\"") "}" AND ALLOW
                                              "\"Action\": \"s3:GetObject\", \"NotResource\": "
                                              "\"arn:aws:s3:::b/a*\"}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"), "no", NULL},
    {"a condition dropped",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:SourceVpce", "\"vpce-1\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a",
     "statement 1 (old.json:1) allows it only where StringEquals aws:SourceVpce holds"},
    {"a condition widened",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:SourceVpce", "\"vpce-1\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:SourceVpce", "[\"vpce-1\", \"vpce-2\"]") "}"),
     "s3:GetObject arn:aws:s3:::b/a aws:SourceVpce=vpce-2",
     "statement 1 (old.json:1) allows it only where StringEquals aws:SourceVpce holds"},
    {"a condition tightened",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("StringLike", "s3:prefix", "[\"home/*\", \"tmp/*\"]") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY) WHEN("StringLike", "s3:prefix", "\"home/a*\"") "}"),
     "no", NULL},
    {"a network widened",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("IpAddress", "aws:SourceIp", "\"10.1.0.0/16\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("IpAddress", "aws:SourceIp", "[\"10.1.0.0/17\", \"10.1.128.0/17\"]") "}"),
     "no", NULL},
    {"a deny dropped",
     POLICY(ALLOW ON("\"s3:*\"", ANY) "}" AND DENY ON("\"s3:DeleteBucket\"",
                                                      "\"arn:aws:s3:::prod\"") "}"),
     POLICY(ALLOW ON("\"s3:*\"", ANY) "}"), "s3:DeleteBucket arn:aws:s3:::prod",
     "statement 2 (old.json:1) denies it"},
    {"a deny narrowed",
     POLICY(
         ALLOW ON("\"s3:*\"", ANY) "}" AND DENY ON("\"s3:Delete*\"", "\"arn:aws:s3:::prod*\"") "}"),
     POLICY(ALLOW ON("\"s3:*\"", ANY) "}" AND DENY ON("\"s3:Delete*\"", "\"arn:aws:s3:::prod*\"")
                WHEN("Bool", "aws:MultiFactorAuthPresent", "\"false\"") "}"),
     "s3:DeleteBucketPolicy arn:aws:s3:::prod", "statement 2 (old.json:1) denies it"},
    {"a deny added", POLICY(ALLOW ON("\"s3:*\"", ANY) "}"),
     POLICY(ALLOW ON("\"s3:*\"", ANY) "}" AND DENY ON("\"s3:*\"", ANY)
                WHEN("Bool", "aws:SecureTransport", "\"false\"") "}"),
     "no", NULL},
    {"an allow under a deny of its own", POLICY(ALLOW ON("\"s3:Get*\"", ANY) "}"),
     POLICY(ALLOW ON(
         "\"s3:*\"",
         ANY) "}" AND "{\"Effect\": \"Deny\", \"NotAction\": \"s3:Get*\", \"Resource\": \"*\"}"),
     "no", NULL},
    {"all of today's actions, and those to come", POLICY(ALLOW ON("\"sts:AssumeRole*\"", ANY) "}"),
     POLICY(ALLOW ON("\"sts:Assume*\"", ANY) "}"), "sts:AssumeRoot arn:aws:iam::123456789012:root",
     "no statement allows the action"},
    {"what needs no permission", POLICY(ALLOW ON("\"s3:Get*\"", ANY) "}"),
     POLICY(ALLOW ON("[\"s3:Get*\", \"sts:GetCallerIdentity\", \"sts:GetSessionToken\"]", ANY) "}"),
     "no", NULL},
    {"a deny of what nobody can be denied",
     POLICY(ALLOW ON("\"sts:*\"", ANY) "}" AND DENY ON("\"sts:GetCallerIdentity\"", ANY) "}"),
     POLICY(ALLOW ON("\"sts:*\"", ANY) "}"), "no", NULL},
    {"the account of what is in S3, by the name that S3 has for it",
     POLICY(ALLOW ON("\"s3:*\"", ANY)
                WHEN("StringEquals", "s3:ResourceAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"s3:*\"", ANY)
                WHEN("StringEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     "no", NULL},
    {"that name, of what is not in S3",
     POLICY(ALLOW ON("\"sqs:SendMessage\"", ANY)
                WHEN("StringEquals", "s3:ResourceAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"sqs:SendMessage\"", ANY)
                WHEN("StringEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     "sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:a aws:ResourceAccount=111122223333",
     "statement 1 (old.json:1) allows it only where StringEquals s3:ResourceAccount holds"},
    {"the account of who uses a key, by the name that KMS has for it",
     POLICY(ALLOW ON("\"kms:Decrypt\"", ANY)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"kms:Decrypt\"", ANY)
                WHEN("StringEquals", "kms:CallerAccount", "\"111122223333\"") "}"),
     "no", NULL},
    {"a number with a star is a text where it is compared as one",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY) WHEN("ArnNotEquals", "aws:PrincipalArn",
                                                   "\"arn:aws:iam::123456789012:role/r\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("StringNotEquals", "aws:PrincipalAccount", "[\"2*\", \"123456789012\"]") "}"),
     "no", NULL},
    {"everything but", POLICY(ALLOW "\"NotAction\": \"iam:*\", \"Resource\": \"*\"}"),
     POLICY(ALLOW ON("\"*\"", ANY) "}"), "iam:CreatePolicy arn:aws:iam::123456789012:policy/a",
     "no statement allows the action"},
    {"a wildcard-only action needs a star", POLICY(ALLOW ON("\"s3:*\"", "\"arn:aws:s3:::*\"") "}"),
     POLICY(ALLOW ON("\"s3:ListAllMyBuckets\"", ANY) "}"), "s3:ListAllMyBuckets *",
     "statement 1 (old.json:1) allows the action, but not on this resource"},
    {"a variable is like itself",
     POLICY(ALLOW ON("\"s3:*\"", "\"arn:aws:s3:::home/${aws:username}/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::home/${aws:username}/*\"") "}"), "no",
     NULL},
    {"a variable is not everything",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::home/${aws:username}/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::home/*\"") "}"),
     "s3:GetObject arn:aws:s3:::home/a",
     "statement 1 (old.json:1) allows the action, but not on this resource"},
    {"everything includes a variable",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::home/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::home/${aws:username}/*\"") "}"), "no",
     NULL},
    {"a variable of the tag",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:ResourceTag/owner", "\"${aws:username}\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringLike", "aws:ResourceTag/owner", "\"*\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a aws:ResourceTag/owner=e",
     "statement 1 (old.json:1) allows it only where StringEquals aws:ResourceTag/owner holds"},
    {"another variable for the tag",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:ResourceTag/owner", "\"${aws:PrincipalTag/a}\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"")
                WHEN("StringEquals", "aws:ResourceTag/owner", "\"${aws:PrincipalTag/b}\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a aws:PrincipalTag/b=someone aws:ResourceTag/owner=someone",
     "statement 1 (old.json:1) allows it only where StringEquals aws:ResourceTag/owner holds"},
    {"a default dropped",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/${aws:PrincipalTag/t, 'x'}/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/${aws:PrincipalTag/t}/*\"") "}"), "no",
     NULL},
    {"a default added",
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/${aws:PrincipalTag/t}/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/${aws:PrincipalTag/t, 'x'}/*\"") "}"),
     "s3:GetObject arn:aws:s3:::b/x/a",
     "statement 1 (old.json:1) allows the action, but not on this resource"},
    {"the account of the resource instead of that in its ARN",
     POLICY(ALLOW ON("\"sqs:SendMessage\"", "\"arn:*:sqs:*:111122223333:*\"") "}"),
     POLICY(ALLOW ON("\"sqs:SendMessage\"", "\"arn:*:sqs:*:*:*\"")
                WHEN("StringEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     "no", NULL},
    {"the account in the ARN instead of the resource's",
     POLICY(ALLOW ON("\"sqs:*\"", ANY)
                WHEN("StringEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"sqs:SendMessage\"", "\"arn:aws:sqs:us-east-1:111122223333:q\"") "}"), "no",
     NULL},
    {"another account of the resource",
     POLICY(ALLOW ON("\"sqs:SendMessage\"", "\"arn:aws:sqs:*:111122223333:*\"") "}"),
     POLICY(ALLOW ON("\"sqs:SendMessage\"", ANY)
                WHEN("StringEquals", "aws:ResourceAccount", "\"444455556666\"") "}"),
     "sqs:SendMessage arn:aws:sqs:us-east-1:444455556666:a aws:ResourceAccount=444455556666",
     "statement 1 (old.json:1) allows the action, but not on this resource"},
    {"a bucket of an account, whose ARN has none",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("StringEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a",
     "statement 1 (old.json:1) allows it only where StringEquals aws:ResourceAccount holds"},
    {"snapshots, of which requests do not tell the account",
     POLICY(ALLOW ON("\"ebs:*\"", ANY)
                WHEN("StringEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"ebs:PutSnapshotBlock\"", "\"arn:aws:ec2:*:111122223333:*\"") "}"),
     "ebs:PutSnapshotBlock arn:aws:ec2:us-east-1:111122223333:a",
     "statement 1 (old.json:1) allows it only where StringEquals aws:ResourceAccount holds"},
    {"only one's own, denied otherwise",
     POLICY(ALLOW ON("\"sqs:*\"", "\"arn:aws:sqs:*:111122223333:*\"") "}"),
     POLICY(ALLOW ON("\"sqs:*\"", "\"arn:aws:sqs:*:*:*\"") "}" AND DENY ON(ANY, ANY)
                WHEN("StringNotEquals", "aws:ResourceAccount", "\"111122223333\"") "}"),
     "no", NULL},
    {"one of an account instead of the account",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::111122223333:role/*\"") "}"),
     "no", NULL},
    {"all but one account denied, of which every request of an identity is",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY) "}" AND DENY ON(ANY, ANY)
                WHEN("StringNotEqualsIfExists", "aws:PrincipalAccount", "\"111122223333\"") "}"),
     "no", NULL},
    {"one of another account",
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"111122223333\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", ANY)
                WHEN("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::44445555*:role/x\"") "}"),
     "s3:GetObject arn:aws:s3:::a/a aws:PrincipalArn=arn:aws:iam::44445555:role/x",
     "statement 1 (old.json:1) allows it only where StringEquals aws:PrincipalAccount holds"},
};

#define TO(who) "\"Principal\": " who ", "
#define BUCKET "\"arn:aws:s3:::b/*\""
#define USER(account, name) "{\"AWS\": \"arn:aws:iam::" account ":" name "\"}"

static const struct case_of resource_cases[] = {
    {"the same principals, written apart",
     POLICY(ALLOW TO("{\"AWS\": [\"111122223333\", \"444455556666\"]}")
                ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(USER("444455556666", "root")) ON("\"s3:GetObject\"", BUCKET) "}" AND ALLOW TO(
         "{\"AWS\": \"111122223333\"}") ON("\"s3:GetObject\"", BUCKET) "}"),
     "no", NULL},
    {"an account instead of its user",
     POLICY(ALLOW TO(USER("111122223333", "user/a")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:GetObject\"", BUCKET) "}"),
     "s3:GetObject arn:aws:s3:::b/a arn:aws:iam::111122223333:user/someone",
     "statement 1 (old.json:1) allows the action, but not to this principal"},
    {"a user instead of the account",
     POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(USER("111122223333", "user/a")) ON("\"s3:GetObject\"", BUCKET) "}"), "no",
     NULL},
    {"everybody", POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:*\"", BUCKET) "}"),
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET) "}"), "s3:GetObject arn:aws:s3:::b/a *",
     "statement 1 (old.json:1) allows the action, but not to this principal"},
    {"everybody of one account is the account",
     POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:*\"", BUCKET) "}"),
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"111122223333\"") "}"),
     "no", NULL},
    {"everybody of another account is not",
     POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:*\"", BUCKET) "}"),
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"444455556666\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a arn:aws:iam::444455556666:user/someone "
     "aws:PrincipalAccount=444455556666",
     "statement 1 (old.json:1) allows the action, but not to this principal"},
    {"a service more",
     POLICY(ALLOW TO("{\"Service\": \"lambda.amazonaws.com\"}") "\"Action\": \"sts:AssumeRole\"}"),
     POLICY(ALLOW TO(
         "{\"Service\": [\"lambda.amazonaws.com\", \"sagemaker.amazonaws.com\"]}") "\"Action\": "
                                                                                   "\"sts:"
                                                                                   "AssumeRole\"}"),
     "sts:AssumeRole arn:aws:iam::123456789012:role/a sagemaker.amazonaws.com",
     "statement 1 (old.json:1) allows the action, but not to this principal"},
    {"the external id dropped",
     POLICY(ALLOW TO(USER("111122223333", "root")) "\"Action\": \"sts:AssumeRole\"" WHEN(
         "StringEquals", "sts:ExternalId", "\"secret\"") "}"),
     POLICY(ALLOW TO(USER("111122223333", "root")) "\"Action\": \"sts:AssumeRole\"}"),
     "sts:AssumeRole arn:aws:iam::123456789012:role/a "
     "arn:aws:iam::111122223333:user/someone",
     "statement 1 (old.json:1) allows it only where StringEquals sts:ExternalId holds"},
    {"all but one",
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET) "}" AND DENY TO(
         USER("111122223333", "user/a")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET) "}"),
     "s3:GetObject arn:aws:s3:::b/a arn:aws:iam::111122223333:user/a",
     "statement 2 (old.json:1) denies it"},
    {"a federated user, by what his requests say of him",
     POLICY(ALLOW TO(USER("111122223333", "role/r")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:GetObject\"", BUCKET) WHEN(
         "ArnLike", "aws:PrincipalArn", "\"arn:aws:sts::111122223333:federated-user/b\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a arn:aws:sts::111122223333:federated-user/b "
     "aws:PrincipalArn=arn:aws:sts::111122223333:federated-user/b",
     "statement 1 (old.json:1) allows the action, but not to this principal"},
    {"a session of a role",
     POLICY(ALLOW TO(USER("111122223333", "role/r")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO("{\"AWS\": \"arn:aws:sts::111122223333:assumed-role/r/s\"}")
                ON("\"s3:GetObject\"", BUCKET) "}"),
     "no", NULL},
    {"all sessions of a role",
     POLICY(ALLOW TO("{\"AWS\": \"arn:aws:sts::111122223333:assumed-role/r/s\"}")
                ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(USER("111122223333", "role/r")) ON("\"s3:GetObject\"", BUCKET) "}"),
     "s3:GetObject arn:aws:s3:::b/a arn:aws:sts::111122223333:assumed-role/r/someone",
     "statement 1 (old.json:1) allows the action, but not to this principal"},
    {"perhaps a user's own session",
     POLICY(ALLOW TO(USER("111122223333", "user/a")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO("{\"AWS\": \"arn:aws:sts::111122223333:federated-user/b\"}")
                ON("\"s3:GetObject\"", BUCKET) "}"),
     "unknown: it hangs on whom a principal element hits: AWS does not say", NULL},
    {"a role, by what its requests say of it",
     POLICY(ALLOW TO(USER("111122223333", "role/r")) ON("\"s3:GetObject\"", BUCKET) "}"),
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET)
                WHEN("ArnEquals", "aws:PrincipalArn", "\"arn:aws:iam::111122223333:role/r\"") "}"),
     "no", NULL},
    {"accounts of a family of numbers",
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET)
                WHEN("StringEquals", "aws:PrincipalAccount", "\"444455556666\"") "}"),
     POLICY(ALLOW TO(ANY) ON("\"s3:GetObject\"", BUCKET)
                WHEN("StringLike", "aws:PrincipalAccount", "\"1111????????\"") "}"),
     "s3:GetObject arn:aws:s3:::b/a arn:aws:iam::111199999999:user/someone "
     "aws:PrincipalAccount=111199999999",
     "statement 1 (old.json:1) allows it only where StringEquals aws:PrincipalAccount holds"},
    {"the paths of an API, short",
     POLICY(ALLOW TO(ANY) ON("\"execute-api:Invoke\"", "\"execute-api:/prod/*\"") "}"),
     POLICY(ALLOW TO(ANY) ON("\"execute-api:Invoke\"", "\"execute-api:/prod/GET/*\"") "}"), "no",
     NULL},
    {"more paths of an API, short",
     POLICY(ALLOW TO(ANY) ON("\"execute-api:Invoke\"", "\"execute-api:/prod/GET/*\"") "}"),
     POLICY(ALLOW TO(ANY) ON("\"execute-api:Invoke\"", "\"execute-api:/prod/*\"") "}"),
     "execute-api:Invoke arn:aws:execute-api:us-east-1:123456789012:a/a/prod/a *",
     "statement 1 (old.json:1) allows the action, but not on this resource"},
    {"no principal where others name one",
     POLICY(ALLOW TO(USER("111122223333", "root")) ON("\"s3:*\"", BUCKET) "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", BUCKET) "}"),
     "unknown: statement 1 of new.json names no principal, as in an identity's policy; others do",
     NULL},
};

static void check(const struct case_of *c)
{
    const struct iam_compare_options opt = {0};
    struct iam_comparison got;
    struct arena a;

    arena_init(&a);
    got = compare(c->old, c->fresh, &opt, &a);
    cr_expect_str_eq(told(&got, &a), c->want, "%s: got '%s'", c->what, told(&got, &a));
    if (got.wider == IAM_YES) {
        cr_expect_str_eq(got.example.why_not, c->why, "%s: got '%s'", c->what, got.example.why_not);
        cr_expect_str_eq(got.example.doc->name, "new.json", "%s", c->what);
    }
    arena_release(&a);
}

CASES(policies_iam_compare, tells_what_changed, cases)
{
    check(&cases[*case_index]);
}

CASES(policies_iam_compare, knows_who_asks, resource_cases)
{
    check(&resource_cases[*case_index]);
}

static const struct option_case {
    const char *what;
    struct iam_compare_options opt;
    const char *old, *fresh, *want;
} option_cases[] = {
    {"what AWS may add",
     {0},
     POLICY(ALLOW ON("\"sts:DecodeAuthorizationMessage\"", ANY) "}"),
     POLICY(ALLOW ON("\"sts:Decode*\"", ANY) "}"),
     "sts:DecodeNewAction arn:aws:sts:us-east-1:123456789012:a"},
    {"today's actions alone",
     {.known_actions = true},
     POLICY(ALLOW ON("\"sts:DecodeAuthorizationMessage\"", ANY) "}"),
     POLICY(ALLOW ON("\"sts:Decode*\"", ANY) "}"),
     "no"},
    {"an action that is named counts, known or not",
     {.known_actions = true},
     POLICY(ALLOW ON("\"sts:DecodeAuthorizationMessage\"", ANY) "}"),
     POLICY(ALLOW ON("[\"sts:DecodeAuthorizationMessage\", \"sts:DecodeNobodyKnows\"]", ANY) "}"),
     "sts:DecodeNobodyKnows arn:aws:sts:us-east-1:123456789012:a"},
    {"objects are no buckets, as far as we know",
     {0},
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "[\"arn:aws:s3:::b/*\", \"arn:aws:s3:::b\"]") "}"),
     "s3:GetObject arn:aws:s3:::b"},
    {"objects are no buckets",
     {.typed_resources = true, .known_actions = true},
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::b/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "[\"arn:aws:s3:::b/*\", \"arn:aws:s3:::b\"]") "}"),
     "no"},
    {"a budget that is too small",
     {.budget = 20},
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::*a*b*c*/*\"") "}"),
     POLICY(ALLOW ON("\"s3:GetObject\"", "\"arn:aws:s3:::*x*y*z*/*\"") "}"),
     "unknown: the budget of 20 states is used up"},
};

CASES(policies_iam_compare, asks_what_is_asked, option_cases)
{
    const struct option_case *c = &option_cases[*case_index];
    struct iam_comparison got;
    struct arena a;

    arena_init(&a);
    got = compare(c->old, c->fresh, &c->opt, &a);
    cr_expect_str_eq(told(&got, &a), c->want, "%s: got '%s'", c->what, told(&got, &a));
    arena_release(&a);
}

static const struct limit_case {
    const char *what, *old, *old_limit, *fresh, *new_limit; /* limits may be NULL */
    const char *want, *why;
} limit_cases[] = {
    {"within the boundary", POLICY(ALLOW ON("\"s3:Get*\"", ANY) "}"), NULL,
     POLICY(ALLOW ON("\"*\"", ANY) "}"), POLICY(ALLOW ON("\"s3:Get*\"", ANY) "}"), "no", NULL},
    {"a boundary that is wider", POLICY(ALLOW ON("\"s3:Get*\"", ANY) "}"), NULL,
     POLICY(ALLOW ON("\"*\"", ANY) "}"),
     POLICY(ALLOW ON("[\"s3:Get*\", \"s3:PutObject\"]", ANY) "}"), "s3:PutObject arn:aws:s3:::a/a",
     "no statement allows the action"},
    {"a boundary with a deny", POLICY(ALLOW "\"NotAction\": \"iam:*\", \"Resource\": \"*\"}"), NULL,
     POLICY(ALLOW ON("\"*\"", ANY) "}"),
     POLICY(ALLOW ON("\"*\"", ANY) "}" AND DENY ON("\"iam:*\"", ANY) "}"), "no", NULL},
    {"the boundary dropped", POLICY(ALLOW ON("\"*\"", ANY) "}"),
     POLICY(ALLOW "\"NotAction\": \"iam:Pass*\", \"Resource\": \"*\"}"),
     POLICY(ALLOW ON("\"*\"", ANY) "}"), NULL, "iam:PassRole arn:aws:iam::123456789012:role/a",
     "what limits the old policies does not allow it"},
    {"the boundary's deny dropped", POLICY(ALLOW ON("\"*\"", ANY) "}"),
     POLICY(ALLOW ON("\"*\"", ANY) "}" AND DENY ON("\"iam:PassRole\"", ANY) "}"),
     POLICY(ALLOW ON("\"*\"", ANY) "}"), NULL, "iam:PassRole arn:aws:iam::123456789012:role/a",
     "statement 2 (limit.json:1) denies it"},
    {"the same boundary", POLICY(ALLOW ON("\"*\"", ANY) "}"), POLICY(ALLOW ON("\"s3:*\"", ANY) "}"),
     POLICY(ALLOW ON("\"*\"", ANY) "}"), POLICY(ALLOW ON("\"s3:*\"", ANY) "}"), "no", NULL},
};

static struct iam_limits limit(const char *text, struct arena *a)
{
    struct iam_doc *d = ARENA_NEW(a, struct iam_doc);
    struct iam_docs *docs = ARENA_NEW(a, struct iam_docs);

    if (text == NULL)
        return (struct iam_limits){NULL, 0};
    *d = document(text, "limit.json", a);
    *docs = (struct iam_docs){d, 1, false};
    return (struct iam_limits){docs, 1};
}

CASES(policies_iam_compare, knows_what_limits, limit_cases)
{
    const struct limit_case *c = &limit_cases[*case_index];
    struct iam_compare_options opt = {0};
    struct iam_comparison got;
    struct arena a;

    arena_init(&a);
    opt.old_limits = limit(c->old_limit, &a);
    opt.new_limits = limit(c->new_limit, &a);
    got = compare(c->old, c->fresh, &opt, &a);
    cr_expect_str_eq(told(&got, &a), c->want, "%s: got '%s'", c->what, told(&got, &a));
    if (got.wider == IAM_YES)
        cr_expect_str_eq(got.example.why_not, c->why, "%s: got '%s'", c->what, got.example.why_not);
    arena_release(&a);
}

/* What is not known of one of the policies: s3:Get* on b, or s3:GetObject on what the case says. */
enum hole { RESOURCES, ACTIONS, EFFECT, TESTS, STATEMENTS, DOCUMENTS };

static const struct hole_case {
    const char *what;
    enum hole hole;
    bool fresh;           /* of the new policy */
    const char *resource; /* of the new policy */
    enum iam_answer want;
} hole_cases[] = {
    {"old resources, new within the known ones", RESOURCES, false, "\"arn:aws:s3:::b/*\"", IAM_NO},
    {"old resources", RESOURCES, false, "\"arn:aws:s3:::c/*\"", IAM_MAYBE},
    {"new resources", RESOURCES, true, "\"arn:aws:s3:::b/*\"", IAM_MAYBE},
    {"new resources, wider as they are", RESOURCES, true, "\"arn:aws:s3:::c/*\"", IAM_YES},
    {"old actions", ACTIONS, false, "\"arn:aws:s3:::b/*\"", IAM_NO},
    {"old actions, other resource", ACTIONS, false, "\"arn:aws:s3:::c/*\"", IAM_YES},
    {"new actions", ACTIONS, true, "\"arn:aws:s3:::b/*\"", IAM_MAYBE},
    {"old effect", EFFECT, false, "\"arn:aws:s3:::b/*\"", IAM_MAYBE},
    {"new effect, within", EFFECT, true, "\"arn:aws:s3:::b/*\"", IAM_NO},
    {"new effect", EFFECT, true, "\"arn:aws:s3:::c/*\"", IAM_MAYBE},
    {"old conditions", TESTS, false, "\"arn:aws:s3:::b/*\"", IAM_MAYBE},
    {"old conditions, other resource", TESTS, false, "\"arn:aws:s3:::c/*\"", IAM_YES},
    {"new conditions, within", TESTS, true, "\"arn:aws:s3:::b/*\"", IAM_NO},
    {"new conditions", TESTS, true, "\"arn:aws:s3:::c/*\"", IAM_MAYBE},
    {"old statements", STATEMENTS, false, "\"arn:aws:s3:::b/*\"", IAM_MAYBE},
    {"new statements", STATEMENTS, true, "\"arn:aws:s3:::b/*\"", IAM_MAYBE},
    {"old documents", DOCUMENTS, false, "\"arn:aws:s3:::c/*\"", IAM_MAYBE},
    {"new documents", DOCUMENTS, true, "\"arn:aws:s3:::c/*\"", IAM_MAYBE},
};

static void pierce(struct iam_doc *d, struct iam_docs *docs, enum hole hole, struct arena *a)
{
    struct iam_statement *s = ARENA_NEW(a, struct iam_statement);

    *s = d->statements[0];
    d->statements = s;
    s->resources.unknown = hole == RESOURCES;
    s->actions.unknown = hole == ACTIONS;
    s->tests_unknown = hole == TESTS;
    s->effect = hole == EFFECT ? IAM_EFFECT_UNKNOWN : s->effect;
    d->unknown = hole == STATEMENTS;
    docs->unknown = hole == DOCUMENTS;
}

CASES(policies_iam_compare, unknown_parts_decide_only_where_they_can, hole_cases)
{
    const struct hole_case *c = &hole_cases[*case_index];
    const struct iam_compare_options opt = {0};
    struct iam_comparison got;
    struct iam_doc old, fresh;
    struct iam_docs olds = {&old, 1, false}, news = {&fresh, 1, false};
    struct arena a;

    arena_init(&a);
    old = document(POLICY(ALLOW ON("\"s3:Get*\"", "\"arn:aws:s3:::b/*\"") "}"), "old", &a);
    fresh = document(arena_printf(&a, POLICY(ALLOW ON("\"s3:GetObject\"", "%s") "}"), c->resource),
                     "new", &a);
    pierce(c->fresh ? &fresh : &old, c->fresh ? &news : &olds, c->hole, &a);
    iam_compare(&olds, &news, &opt, &a, &got);
    cr_expect_eq(got.wider, c->want, "%s: got %d", c->what, got.wider);
    cr_expect_eq(got.unknown != NULL, c->want == IAM_MAYBE, "%s", c->what);
    arena_release(&a);
}
