/* Who may come in from outside: by policies of buckets, queues, keys, functions; by trust. */
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "policies/iam/compare/iam_compare.h"
#include "tests/lib/cases.h"

#define ALLOW(who, action, resource, ...)                                                          \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": " who    \
    ", \"Action\": \"" action "\", \"Resource\": \"" resource "\"" __VA_ARGS__ "}]}"
#define TRUST(who, action, ...)                                                                    \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": " who    \
    ", \"Action\": \"" action "\"" __VA_ARGS__ "}]}"
#define WHEN(op, key, values) ", \"Condition\": {\"" op "\": {\"" key "\": " values "}}"
#define READ(...) ALLOW("\"*\"", "s3:GetObject", "arn:aws:s3:::b/*", __VA_ARGS__)
#define AWS(name) "{\"AWS\": \"" name "\"}"
#define GITHUB                                                                                     \
    "{\"Federated\": "                                                                             \
    "\"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com\"}"
#define OIDC(host) "{\"Federated\": \"arn:aws:iam::111122223333:oidc-provider/" host "\"}"
#define WEB(host, op, claim, value)                                                                \
    TRUST(OIDC(host), "sts:AssumeRoleWithWebIdentity", WHEN(op, host ":" claim, "\"" value "\""))
#define PROVIDER(host) "arn:aws:iam::111122223333:oidc-provider/" host
#define ACTIONS "token.actions.githubusercontent.com"
#define SUB "token.actions.githubusercontent.com:sub"

static const struct access_case {
    const char *what, *policy;
    const char *public, *cross; /* the principal of the example; "no"; "unknown" */
} cases[] = {
    {"everybody", READ(""), "*", "*"},
    {"everybody of AWS", ALLOW(AWS("*"), "s3:GetObject", "arn:aws:s3:::b/*", ""), "*", "*"},
    {"one's own account", ALLOW(AWS("111122223333"), "s3:*", "*", ""), "no", "no"},
    {"one's own role", ALLOW(AWS("arn:aws:iam::111122223333:role/r"), "s3:*", "*", ""), "no", "no"},
    {"another account", ALLOW(AWS("444455556666"), "s3:*", "*", ""), "no",
     "arn:aws:iam::444455556666:user/someone"},
    {"a role of another account",
     ALLOW(AWS("arn:aws:iam::444455556666:role/r"), "kms:Decrypt", "*", ""), "no",
     "arn:aws:iam::444455556666:role/r"},
    {"everybody but one",
     "{\"Statement\": {\"Effect\": \"Allow\", \"NotPrincipal\": {\"AWS\": \"444455556666\"}, "
     "\"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::b/*\"}}",
     "*", "*"},
    {"a service", ALLOW("{\"Service\": \"sns.amazonaws.com\"}", "sqs:SendMessage", "*", ""), "no",
     "no"},
    {"a canonical user", ALLOW("{\"CanonicalUser\": \"79a59df900b949e5\"}", "s3:*", "*", ""), "no",
     "79a59df900b949e5"},
    {"from an organisation", READ(WHEN("StringEquals", "aws:PrincipalOrgID", "\"o-own1234567\"")),
     "no", "no"},
    {"from another organisation",
     READ(WHEN("StringEquals", "aws:PrincipalOrgID", "\"o-other12345\"")), "no",
     "arn:aws:iam::999999999999:user/someone"},
    {"from any organisation", READ(WHEN("StringLike", "aws:PrincipalOrgID", "\"o-*\"")),
     "arn:aws:iam::999999999999:user/someone", "arn:aws:iam::999999999999:user/someone"},
    {"from a unit of an organisation",
     READ(WHEN("ForAnyValue:StringLike", "aws:PrincipalOrgPaths",
               "\"o-own1234567/r-ab12/ou-ab12-11111111/*\"")),
     "no", "no"},
    {"all values of a key that is absent",
     READ(WHEN("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "\"o-own1234567/*\"")), "*",
     "*"},
    {"by an endpoint", READ(WHEN("StringEquals", "aws:SourceVpce", "\"vpce-1a2b3c4d\"")), "no",
     "no"},
    {"by any endpoint", READ(WHEN("StringLike", "aws:SourceVpce", "\"vpce-*\"")), "*", "*"},
    {"by another endpoint", READ(WHEN("StringNotEquals", "aws:SourceVpce", "\"vpce-1a2b3c4d\"")),
     "*", "*"},
    {"from a network",
     READ(WHEN("IpAddress", "aws:SourceIp", "[\"192.0.2.0/24\", \"2001:db8::/32\"]")), "no", "no"},
    {"from half of the Internet", READ(WHEN("IpAddress", "aws:SourceIp", "\"0.0.0.0/1\"")), "*",
     "*"},
    {"from not one network", READ(WHEN("NotIpAddress", "aws:SourceIp", "\"192.0.2.0/24\"")), "*",
     "*"},
    {"from many networks",
     READ(WHEN("IpAddress", "aws:SourceIp",
               "[\"16.0.0.0/8\", \"17.0.0.0/8\", \"18.0.0.0/8\", \"19.0.0.0/8\", \"20.0.0.0/8\", "
               "\"21.0.0.0/8\", \"22.0.0.0/8\", \"23.0.0.0/8\", \"24.0.0.0/8\", \"25.0.0.0/8\", "
               "\"26.0.0.0/8\", \"27.0.0.0/8\", \"28.0.0.0/8\", \"29.0.0.0/8\", \"30.0.0.0/8\", "
               "\"31.0.0.0/8\", \"32.0.0.0/8\"]")),
     "*", "*"},
    {"for a topic of the account",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnLike", "aws:SourceArn", "\"arn:aws:sns:*:111122223333:*\"")),
     "no", "no"},
    {"for a topic of another account",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnEquals", "aws:SourceArn", "\"arn:aws:sns:us-east-1:444455556666:t\"")),
     "no", "*"},
    {"for topics of any account",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnLike", "aws:SourceArn", "\"arn:aws:sns:us-east-1:*:t\"")),
     "*", "*"},
    {"for a bucket",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnLike", "aws:SourceArn", "\"arn:aws:s3:::bucket\"")),
     "no", "no"},
    {"for buckets of a name",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnLike", "aws:SourceArn", "\"arn:aws:s3:::bucket-*\"")),
     "*", "*"},
    {"by who may be anybody's role",
     READ(WHEN("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::*:role/deploy\"")),
     "arn:aws:iam::999999999999:role/deploy", "arn:aws:iam::999999999999:role/deploy"},
    {"by a role of the account",
     READ(WHEN("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::111122223333:role/*\"")), "no", "no"},
    {"by accounts of a family of numbers",
     READ(WHEN("StringLike", "aws:PrincipalAccount", "\"1111*\"")),
     "arn:aws:iam::111199999999:user/someone", "arn:aws:iam::111199999999:user/someone"},
    {"by whoever is of a family of numbers",
     READ(WHEN("StringLike", "aws:PrincipalArn", "\"arn:aws:iam::22*\"")),
     "arn:aws:iam::229999999999:root", "arn:aws:iam::229999999999:root"},
    {"by who is of an account, and not of a family of numbers",
     READ(", \"Condition\": {\"StringNotLike\": {\"aws:PrincipalAccount\": \"9*\"}, "
          "\"Null\": {\"aws:PrincipalAccount\": \"false\"}}"),
     "arn:aws:iam::888888888888:user/someone", "arn:aws:iam::888888888888:user/someone"},
    {"by sessions, which aws:PrincipalArn never names",
     READ(WHEN("StringLike", "aws:PrincipalArn", "\"arn:aws:sts::*:assumed-role/deploy/*\"")), "no",
     "no"},
    {"by accounts that say so themselves",
     READ(WHEN("StringEquals", "aws:PrincipalTag/team", "\"data\"")),
     "arn:aws:iam::999999999999:user/someone", "arn:aws:iam::999999999999:user/someone"},
    {"over TLS", READ(WHEN("Bool", "aws:SecureTransport", "\"true\"")), "*", "*"},
    {"with a header", READ(WHEN("StringLike", "aws:Referer", "\"https://example.com/*\"")), "*",
     "*"},
    {"by a service alone", READ(WHEN("Bool", "aws:PrincipalIsAWSService", "\"true\"")), "no", "no"},
    {"a key for callers of the account",
     ALLOW(AWS("*"), "kms:Decrypt", "*",
           WHEN("StringEquals", "kms:CallerAccount", "\"111122223333\"")),
     "no", "no"},
    {"a function behind a URL",
     ALLOW("\"*\"", "lambda:InvokeFunctionUrl", "arn:aws:lambda:us-east-1:111122223333:function:f",
           WHEN("StringEquals", "lambda:FunctionUrlAuthType", "\"NONE\"")),
     "*", "*"},
    {"a function with a token of its own",
     ALLOW("\"*\"", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:f",
           WHEN("StringEquals", "lambda:EventSourceToken", "\"amzn1.ask.skill.1\"")),
     "no", "no"},
    {"a repository", TRUST("\"*\"", "ecr:BatchGetImage", ""), "*", "*"},
    {"trust in everybody", TRUST(AWS("*"), "sts:AssumeRole", ""), "*", "*"},
    {"trust in an account", TRUST(AWS("arn:aws:iam::444455556666:root"), "sts:AssumeRole", ""),
     "no", "arn:aws:iam::444455556666:user/someone"},
    {"trust in all of GitHub",
     TRUST(
         GITHUB, "sts:AssumeRoleWithWebIdentity",
         WHEN("StringEquals", "token.actions.githubusercontent.com:aud", "\"sts.amazonaws.com\"")),
     "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
     "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
    {"trust in any repository of GitHub",
     TRUST(GITHUB, "sts:AssumeRoleWithWebIdentity", WHEN("StringLike", SUB, "\"repo:*\"")),
     "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
     "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
    {"trust in a team on GitHub",
     TRUST(GITHUB, "sts:AssumeRoleWithWebIdentity", WHEN("StringLike", SUB, "\"repo:team/*\"")),
     "no", "no"},
    {"an environment, as anybody may call his", WEB(ACTIONS, "StringEquals", "environment", "prod"),
     PROVIDER(ACTIONS), PROVIDER(ACTIONS)},
    {"a branch, as anybody may call his", WEB(ACTIONS, "StringEquals", "ref", "refs/heads/main"),
     PROVIDER(ACTIONS), PROVIDER(ACTIONS)},
    {"a repository", WEB(ACTIONS, "StringEquals", "repository", "team/models"), "no", "no"},
    {"repositories of a team", WEB(ACTIONS, "StringLike", "repository", "team/*"), "no", "no"},
    {"repositories of teams of a name", WEB(ACTIONS, "StringLike", "repository", "team*/models"),
     PROVIDER(ACTIONS), PROVIDER(ACTIONS)},
    {"a workflow of a team",
     WEB(ACTIONS, "StringLike", "job_workflow_ref", "team/ci/.github/workflows/x.yml@*"), "no",
     "no"},
    {"an organisation at another provider",
     WEB("app.terraform.io", "StringLike", "sub", "organization:team:project:*"), "no", "no"},
    {"any organisation at another provider",
     WEB("app.terraform.io", "StringLike", "sub", "organization:*:project:ml:*"),
     PROVIDER("app.terraform.io"), PROVIDER("app.terraform.io")},
    {"a workspace, as anybody may call his",
     WEB("app.terraform.io", "StringEquals", "terraform_workspace_name", "prod"),
     PROVIDER("app.terraform.io"), PROVIDER("app.terraform.io")},
    {"the audience of all pipelines of a provider",
     WEB("oidc.codefresh.io", "StringEquals", "aud", "sts.amazonaws.com"),
     PROVIDER("oidc.codefresh.io"), PROVIDER("oidc.codefresh.io")},
    {"an audience that is the organisation",
     WEB("api.pulumi.com/oidc", "StringEquals", "aud", "team"), "no", "no"},
    {"a provider that is one team's", WEB("oidc.vercel.com/team", "StringEquals", "aud", "x"), "no",
     "no"},
    {"a tenant of a cluster for all",
     WEB("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", "StringLike", "sub",
         "system:serviceaccount:team:*"),
     "no", "no"},
    {"any tenant of a cluster for all",
     WEB("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", "StringLike", "sub",
         "system:serviceaccount:*"),
     PROVIDER("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb"),
     PROVIDER("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb")},
    {"whoever is authenticated in whatever pool of Cognito",
     TRUST(
         "{\"Federated\": \"cognito-identity.amazonaws.com\"}", "sts:AssumeRoleWithWebIdentity",
         WHEN("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", "\"authenticated\"")),
     "cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com"},
    {"one's own pool of Cognito",
     TRUST("{\"Federated\": \"cognito-identity.amazonaws.com\"}", "sts:AssumeRoleWithWebIdentity",
           WHEN("StringEquals", "cognito-identity.amazonaws.com:aud", "\"us-east-1:1234\"")),
     "no", "no"},
    {"trust in an application of Google",
     TRUST("{\"Federated\": \"accounts.google.com\"}", "sts:AssumeRoleWithWebIdentity",
           WHEN("StringEquals", "accounts.google.com:aud", "\"66677788899900\"")),
     "no", "no"},
    {"an API of which the policy says its paths alone",
     ALLOW("\"*\"", "execute-api:Invoke", "execute-api:/*", ""), "*", "*"},
    {"an API, from a network",
     ALLOW("\"*\"", "execute-api:Invoke", "execute-api:/prod/GET/*",
           WHEN("IpAddress", "aws:SourceIp", "\"192.0.2.0/24\"")),
     "no", "no"},
    {"an API that is closed but for a network",
     "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": "
     "\"execute-api:Invoke\", \"Resource\": \"arn:aws:execute-api:us-east-1:111122223333:a1/*\"}, "
     "{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"execute-api:Invoke\", "
     "\"Resource\": \"execute-api:/*\", \"Condition\": {\"NotIpAddress\": {\"aws:SourceIp\": "
     "\"192.0.2.0/24\"}}}]}",
     "no", "no"},
    {"of the resource's account",
     READ(WHEN("StringEquals", "aws:PrincipalAccount", "\"${aws:ResourceAccount}\"")), "no", "no"},
    {"of the resource's organisation",
     READ(WHEN("StringEquals", "aws:PrincipalOrgID", "\"${aws:ResourceOrgID}\"")), "no", "no"},
    {"to what is of one's own organisation",
     READ(WHEN("StringEquals", "aws:ResourceOrgID", "\"${aws:PrincipalOrgID}\"")), "no", "no"},
    {"of the resource's organisation, where one is told",
     READ(WHEN("StringEqualsIfExists", "aws:PrincipalOrgID", "\"${aws:ResourceOrgID}\"")), "*",
     "*"},
    {"with a tag like the resource's",
     READ(WHEN("StringEquals", "aws:PrincipalTag/t", "\"${aws:ResourceTag/t}\"")),
     "arn:aws:iam::999999999999:user/someone", "arn:aws:iam::999999999999:user/someone"},
    {"by endpoints of an organisation",
     READ(WHEN("StringEquals", "aws:VpceOrgID", "\"o-own1234567\"")), "no", "no"},
    {"by endpoints of another organisation",
     READ(WHEN("StringEquals", "aws:VpceOrgID", "\"o-other12345\"")), "no", "*"},
    {"by endpoints of an account",
     READ(WHEN("StringEquals", "aws:VpceAccount", "\"111122223333\"")), "no", "no"},
    {"by addresses of whatever VPC", READ(WHEN("IpAddress", "aws:VpcSourceIp", "\"10.0.0.0/16\"")),
     "*", "*"},
    {"a file system, by its mount targets",
     ALLOW(AWS("*"), "elasticfilesystem:ClientWrite", "*",
           WHEN("Bool", "elasticfilesystem:AccessedViaMountTarget", "\"true\"")),
     "no", "no"},
    {"a file system, not by its mount targets",
     ALLOW(AWS("*"), "elasticfilesystem:ClientWrite", "*",
           WHEN("Bool", "elasticfilesystem:AccessedViaMountTarget", "\"false\"")),
     "*", "*"},
    {"for a bucket, whatever its region",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnLike", "aws:SourceArn", "\"arn:aws:s3:*:*:bucket\"")),
     "no", "no"},
    {"for buckets of a name, whatever their region",
     ALLOW("\"*\"", "sqs:SendMessage", "*",
           WHEN("ArnLike", "aws:SourceArn", "\"arn:aws:s3:*:*:bucket*\"")),
     "*", "*"},
    {"by access points of a name, of whatever account",
     READ(WHEN("ArnLike", "s3:DataAccessPointArn",
               "\"arn:aws:s3:us-east-1:*:accesspoint/training\"")),
     "*", "*"},
    {"by whatever access point",
     READ(WHEN("StringLike", "s3:DataAccessPointArn", "\"arn:aws:s3:*:*:accesspoint/*\"")), "*",
     "*"},
    {"by access points of the account",
     READ(WHEN("ArnLike", "s3:DataAccessPointArn", "\"arn:aws:s3:*:111122223333:accesspoint/*\"")),
     "no", "no"},
    {"everybody but an id, which every request has",
     "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": "
     "\"kms:Decrypt\", \"Resource\": \"*\"}, {\"Effect\": \"Deny\", \"Principal\": \"*\", "
     "\"Action\": \"kms:*\", \"Resource\": \"*\"" WHEN("ForAllValues:StringLike", "aws:userid",
                                                       "\"AIDAPARTNER\"") "}]}",
     "*", "*"},
    {"what a Deny spares of a provider",
     "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": " GITHUB
     ", \"Action\": \"sts:*\"}, {\"Effect\": \"Deny\", \"NotPrincipal\": " GITHUB
     ", \"Action\": \"sts:*\"}]}",
     PROVIDER(ACTIONS), PROVIDER(ACTIONS)},
    {"whom a Deny may hit although it names him",
     "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": " AWS(
         "444455556666") ", \"Action\": \"s3:*\", \"Resource\": \"*\"}, {\"Effect\": \"Deny\", "
                         "\"NotPrincipal\": " AWS("444455556666") ", \"Action\": \"s3:Put*\", "
                                                                  "\"Resource\": \"*\"}]}",
     "no", "arn:aws:iam::444455556666:user/someone"},
    {"an object, without a key that KMS alone has",
     ALLOW(AWS("444455556666"), "s3:GetObject", "arn:aws:s3:::b/*",
           WHEN("Null", "kms:CallerAccount", "\"true\"")),
     "no", "arn:aws:iam::444455556666:user/someone"},
    {"whom a template names", ALLOW(AWS("${var.reader}"), "s3:GetObject", "*", ""), "unknown",
     "unknown"},
    {"a role in an account that a template names",
     ALLOW(AWS("arn:aws:iam::${var.account}:role/r"), "s3:GetObject", "*", ""), "no", "unknown"},
    {"a queue of a template", ALLOW("\"*\"", "sqs:*", "${aws_sqs_queue.q.arn}", ""), "*", "*"},
    {"a queue of a template, without variables",
     "{\"Statement\": {\"Effect\": \"Allow\", \"NotPrincipal\": {\"AWS\": \"111122223333\"}, "
     "\"Action\": \"sqs:*\", \"Resource\": \"${aws_sqs_queue.q.arn}\"}}",
     "*", "*"},
    {"a queue of a template, for one's own account",
     ALLOW(AWS("111122223333"), "sqs:*", "${aws_sqs_queue.q.arn}", ""), "no", "no"},
    {"trust in one's own provider",
     TRUST("{\"Federated\": \"arn:aws:iam::111122223333:saml-provider/corp\"}",
           "sts:AssumeRoleWithSAML", ""),
     "no", "no"},
};

static const char *asked(const char *policy, enum iam_access kind, struct arena *a)
{
    static const struct slice own[] = {{(const uint8_t *)"111122223333", 12},
                                       {(const uint8_t *)"o-own1234567", 12}};
    const struct iam_texts accounts = {own, 2, false};
    const struct iam_access_question q = {kind, &accounts, 0};
    const struct value *v = NULL;
    struct iam_comparison got;
    struct iam_doc d;
    struct err e = {0};

    cr_assert(json_read(slice_str(policy), a, &v, &e), "%s: %s", policy, e.text);
    cr_assert(iam_doc_read(v, "policy.json", a, &d, &e), "%s: %s", policy, e.text);
    iam_compare_access(&d, &q, a, &got);
    if (got.wider == IAM_YES) {
        cr_expect_not_null(got.example.statement);
        cr_expect_not_null(got.example.why_not);
        return arena_strndup(a, got.example.principal);
    }
    cr_expect(got.wider == IAM_NO || got.unknown != NULL);
    return got.wider == IAM_NO ? "no" : "unknown";
}

CASES(policies_iam_access, knows_who_is_outside, cases)
{
    const struct access_case *c = &cases[*case_index];
    const char *got;
    struct arena a;

    arena_init(&a);
    got = asked(c->policy, IAM_ACCESS_PUBLIC, &a);
    cr_expect_str_eq(got, c->public, "%s: public: got '%s'", c->what, got);
    got = asked(c->policy, IAM_ACCESS_CROSS, &a);
    cr_expect_str_eq(got, c->cross, "%s: cross: got '%s'", c->what, got);
    arena_release(&a);
}
