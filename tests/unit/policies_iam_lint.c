/* Each kind of finding: a document that has it, and one nearby that has not. */
#include <string.h>

#include "base/attr.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "policies/iam/lint/iam_lint.h"
#include "tests/lib/cases.h"

#define DOC(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"
#define ALLOW(rest) DOC("{'Effect':'Allow'," rest "}")
#define READ "'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'"
#define IF(condition) ALLOW(READ ",'Condition':{" condition "}")
#define QUEUE(rest)                                                                                \
    ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:eu-west-1:123456789012:q'," rest)
#define TRUST(rest) ALLOW("'Action':'sts:AssumeRole'," rest)
#define KEY(rest)                                                                                  \
    ALLOW("'Action':'kms:Decrypt','Resource':'*','Principal':{'AWS':'123456789012'}," rest)
#define ON(resource) ALLOW("'Action':'s3:GetObject','Resource':'" resource "'")
#define DO(action) ALLOW("'Action':'" action "','Resource':'*'")
#define WHO(principal) QUEUE("'Principal':" principal)
#define OIDC "'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com'"
#define FEDERATED(who, rest)                                                                       \
    ALLOW("'Action':'sts:AssumeRoleWithWebIdentity','Principal':{'Federated':" who "}" rest)

static const struct lint_case {
    const char *code, *has, *has_not; /* "kind/code" where the kind is not guessed; ' for " */
} lint_cases[] = {
    {"grammar", DOC("{'Effect':'Permit'," READ "}"), ALLOW(READ)},
    {"grammar", DOC("{'Effect':'Allow','Acton':'s3:*','Resource':'*'}"), ALLOW(READ)},
    {"grammar",
     DOC("{'Effect':'Allow',"
         "'Action':'s3:GetObject','NotAction':'s3:PutObject','Resource':'*'}"),
     ALLOW(READ)},
    {"grammar", "{'Version':'2011-10-17','Statement':{'Effect':'Allow'," READ "}}", ALLOW(READ)},
    {"duplicate-sid",
     DOC("{'Sid':'a','Effect':'Allow'," READ "},{'Sid':'a','Effect':'Deny'," READ "}"),
     DOC("{'Sid':'a','Effect':'Allow'," READ "},{'Sid':'b','Effect':'Deny'," READ "}")},
    {"unknown-service", ALLOW("'Action':'s4:GetObject','Resource':'*'"), ALLOW(READ)},
    {"unknown-action", ALLOW("'Action':'s3:GetObjet','Resource':'*'"), ALLOW(READ)},
    {"unknown-action", DO("s3:Gett*"), DO("s3:Get*")},
    {"bad-action", DO("GetObject"), DO("s3:GetObject")},
    {"bad-action", DO("s3:"), DO("*")},
    {"bad-action", DO("s3:Get Object"), DO("*:*")},
    {"bad-action", DO("s3: GetObject"), DO("*:GetObject")},
    {"wildcard-service", DO("s*:GetObject"), DO("s3:*")},
    {"bad-arn", ALLOW("'Action':'s3:GetObject','Resource':'b/*'"), ALLOW(READ)},
    {"unknown-operator", IF("'StringSame':{'aws:SourceVpce':'v'}"),
     IF("'StringEquals':{'aws:SourceVpce':'v'}")},
    {"bad-value", IF("'IpAddress':{'aws:SourceIp':'10.0.0.0/40'}"),
     IF("'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}")},
    {"bad-value", IF("'Bool':{'aws:SecureTransport':'yes'}"),
     IF("'Bool':{'aws:SecureTransport':'true'}")},
    {"bad-value", IF("'DateLessThan':{'aws:CurrentTime':'tomorrow'}"),
     IF("'DateLessThan':{'aws:CurrentTime':'2027-01-01T00:00:00Z'}")},
    {"bad-value", IF("'Null':{'aws:SourceVpce':'no'}"), IF("'Null':{'aws:SourceVpce':'true'}")},
    {"bad-value", IF("'NumericLessThan':{'aws:MultiFactorAuthAge':'an hour'}"),
     IF("'NumericLessThan':{'aws:MultiFactorAuthAge':3600}")},
    {"bad-value", IF("'ArnLike':{'aws:PrincipalArn':'role/x'}"),
     IF("'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:role/x'}")},
    {"bad-value", IF("'BinaryEquals':{'aws:userid':'%%%'}"),
     IF("'BinaryEquals':{'aws:userid':'QUJD'}")},
    {"bad-value", IF("'NumericLessThan':{'aws:MultiFactorAuthAge':'${aws:EpochTime}'}"),
     IF("'Bool':{'aws:ViaAWSService':'${aws:MultiFactorAuthPresent}'}")},
    {"bad-principal", WHO("{'AWS':'12345'}"), WHO("{'AWS':'123456789012'}")},
    {"bad-principal", WHO("{'AWS':'arn:aws:iam::123456789012:role/*'}"),
     WHO("{'AWS':'arn:aws:iam::123456789012:role/r'}")},
    {"bad-principal", WHO("{'AWS':'arn:aws:iam::123456789012:group/g'}"),
     WHO("{'AWS':'arn:aws:sts::123456789012:assumed-role/r/s'}")},
    {"bad-principal", WHO("{'AWS':'arn:aws:iam::aws:root'}"),
     WHO("{'AWS':'arn:aws:iam::123456789012:root'}")},
    {"bad-principal", WHO("{'AWS':'arn:aws:s3:::b'}"),
     WHO("{'AWS':'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1'}")},
    {"bad-principal", WHO("{'Service':'sns'}"), WHO("{'Service':'sns.amazonaws.com'}")},
    {"bad-principal", WHO("{'Service':'*.amazonaws.com'}"), WHO("'*'")},
    {"bad-principal", WHO("{'Federated':'google'}"), WHO("{'Federated':'accounts.google.com'}")},
    {"bad-principal", WHO("{'CanonicalUser':'me'}"),
     WHO("{'CanonicalUser':'"
         "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'}")},
    {"deleted-principal", WHO("{'AWS':'AROAEXAMPLEEXAMPLE12'}"), WHO("{'AWS':'123456789012'}")},
    {"redundant-principal", WHO("{'AWS':['123456789012','arn:aws:iam::123456789012:root']}"),
     WHO("{'AWS':['123456789012','arn:aws:iam::111122223333:root']}")},
    {"bad-account", ON("arn:aws:s3::1234:b/*"), ON("arn:aws:s3::123456789012:b/*")},
    {"bad-partition", ON("arn:amazon:s3:::b/*"), ON("arn:aws-us-gov:s3:::b/*")},
    {"bad-region", ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:europe:*:q'"),
     ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws-us-gov:sqs:us-gov-west-1:*:q'")},
    {"bad-region", ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:us-east-:*:q'"),
     ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:us-*:*:q'")},
    {"unknown-arn-service", ON("arn:aws:S3:::b/*"), ON("arn:aws:s3:::b/*")},
    {"short-arn", ON("arn:aws:s3:*"), ON("arn:aws:s3:::*")},
    {"bad-arn", ON("arn:aws:*:::b/*"), ON("arn:*:s3:::b/*")},
    {"bad-arn", ON("arn:aws::::b/*"), ON("*")},
    {"bad-arn", ON("b/${aws:username}"), ON("a*")},
    {"unused-resource",
     ALLOW("'Action':'s3:GetObject','Resource':['arn:aws:s3:::b/*','arn:aws:s3:::b']"),
     ALLOW("'Action':['s3:GetObject','s3:ListBucket'],"
           "'Resource':['arn:aws:s3:::b/*','arn:aws:s3:::b']")},
    {"no-resource", ALLOW("'Action':'s3:ListBucket','Resource':'arn:aws:s3:::b/*'"),
     ALLOW("'Action':'s3:ListBucket','Resource':'arn:aws:s3:::b*'")},
    {"no-resource", ALLOW("'Action':'s3:GetObject','Resource':'arn:aws:s3:::b'"),
     ALLOW("'Action':'s3:GetObject','Resource':'arn:aws:s3:::${aws:username}'")},
    {"bad-sid", DOC("{'Sid':'read it','Effect':'Allow'," READ "}"),
     DOC("{'Sid':'ReadIt','Effect':'Allow'," READ "}")},
    {"bad-sid", DOC("{'Sid':'a-b','Effect':'Allow'," READ "}"),
     DOC("{'Sid':'a-b','Effect':'Allow','Principal':{'AWS':'123456789012'}," READ "}")},
    {"bad-character", ON("arn:aws:s3:::\u4e2d/*"), ON("arn:aws:s3:::\u00e9/*")},
    {"identity/unwanted-principal", QUEUE("'Principal':'*'"), ALLOW(READ)},
    {"rcp/unwanted-principal", WHO("{'AWS':'123456789012'}"), WHO("'*'")},
    {"scp/unwanted-principal", WHO("'*'"), ALLOW(READ)},
    {"resource/no-principal", ALLOW(READ), WHO("'*'")},
    {"no-principal", DOC("{'Effect':'Allow'," READ "},{'Effect':'Allow','Principal':'*'," READ "}"),
     DOC("{'Effect':'Allow','Principal':'*'," READ "}")},
    {"unwanted-resource", TRUST("'Principal':{'AWS':'123456789012'},'Resource':'*'"),
     TRUST("'Principal':{'AWS':'123456789012'}")},
    {"rcp/unwanted-allow",
     DOC("{'Effect':'Allow','Principal':'*','Action':'s3:*','Resource':'*'},"
         "{'Effect':'Deny','Principal':'*','Action':'s3:Get*','Resource':'*'}"),
     DOC("{'Effect':'Deny','Principal':'*','Action':'s3:Get*','Resource':'*'}")},
    {"old-version", "{'Version':'2008-10-17','Statement':{'Effect':'Allow'," READ "}}",
     ALLOW(READ)},
    {"empty-condition", ALLOW(READ ",'Condition':{}"), ALLOW(READ)},
    {"empty-condition", IF("'StringEquals':{}"), IF("'StringEquals':{'aws:SourceVpce':'v'}")},
    {"bad-key", IF("'StringEquals':{'SourceVpce':'v'}"),
     IF("'StringEquals':{'aws:SourceVpce':'v'}")},
    {"duplicate-key", IF("'StringLike':{'aws:SourceVpce':'v','AWS:sourcevpce':'w'}"),
     IF("'StringLike':{'aws:SourceVpce':'v','aws:SourceVpc':'w'}")},
    {"key-as-text", IF("'StringEquals':{'aws:SecureTransport':'true'}"),
     IF("'Bool':{'aws:SecureTransport':'true'}")},
    {"null-with-set", IF("'ForAllValues:Null':{'aws:SourceVpce':'true'}"),
     IF("'Null':{'aws:SourceVpce':'true'}")},
    {"both-booleans", IF("'Null':{'aws:SourceVpce':['true','false']}"),
     IF("'Null':{'aws:SourceVpce':'true'}")},
    {"literal-wildcard", IF("'StringEquals':{'aws:PrincipalTag/t':'dev-*'}"),
     IF("'StringEquals':{'aws:PrincipalTag/t':'dev-${*}'}")},
    {"literal-wildcard", IF("'StringNotEquals':{'aws:PrincipalTag/t':'dev-*'}"),
     IF("'StringNotLike':{'aws:PrincipalTag/t':'dev-*'}")},
    {"host-bits", IF("'IpAddress':{'aws:SourceIp':'203.0.113.7/24'}"),
     IF("'IpAddress':{'aws:SourceIp':['203.0.113.0/24','2001:db8::/32','203.0.113.7']}")},
    {"private-address", IF("'IpAddress':{'aws:SourceIp':'172.16.4.0/24'}"),
     IF("'IpAddress':{'aws:VpcSourceIp':'172.16.4.0/24'}")},
    {"private-address", IF("'NotIpAddress':{'aws:SourceIp':'fd00::/8'}"),
     IF("'NotIpAddress':{'aws:SourceIp':['0.0.0.0/1','172.32.0.0/16']}")},
    {"redundant-value", IF("'StringLike':{'aws:SourceVpce':['vpce-*','vpce-1']}"),
     IF("'StringEquals':{'aws:SourceVpce':['vpce-*','vpce-1']}")},
    {"never-holds",
     IF("'StringEquals':{'aws:SourceVpce':'a'},'StringNotEquals':{'aws:SourceVpce':'a'}"),
     IF("'StringEquals':{'aws:SourceVpce':'a'},'StringNotEquals':{'aws:SourceVpce':'b'}")},
    {"never-holds", IF("'Null':{'aws:SourceVpce':'true'},'StringLike':{'aws:SourceVpce':'v*'}"),
     IF("'Null':{'aws:SourceVpce':'false'},'StringLike':{'aws:SourceVpce':'v*'}")},
    {"mfa-bypass",
     DOC("{'Effect':'Deny'," READ ",'Condition':{'Bool':{'aws:MultiFactorAuthPresent':'false'}}}"),
     DOC("{'Effect':'Deny'," READ
         ",'Condition':{'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}}}")},
    {"mfa-bypass", IF("'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}"),
     IF("'Bool':{'aws:MultiFactorAuthPresent':'true'}")},
    {"mfa-bypass", IF("'Bool':{'aws:MultiFactorAuthPresent':'false'}"),
     IF("'Bool':{'aws:ViaAWSService':'false'}")},
    {"any-network", IF("'IpAddress':{'aws:VpcSourceIp':'10.0.0.0/8'}"),
     IF("'IpAddress':{'aws:VpcSourceIp':'10.0.0.0/8'},'StringEquals':{'aws:SourceVpc':'vpc-1'}")},
    {"key-not-of-action",
     ALLOW("'Action':['s3:ListBucket','s3:GetObject'],'Resource':'*',"
           "'Condition':{'StringLike':{'s3:prefix':'home/*'}}"),
     ALLOW("'Action':['s3:ListBucket','s3:GetObject'],'Resource':'*',"
           "'Condition':{'StringLikeIfExists':{'s3:prefix':'home/*'}}")},
    {"key-not-of-action",
     ALLOW("'Action':['ec2:StartInstances','ec2:DescribeInstances'],'Resource':'*',"
           "'Condition':{'StringEquals':{'aws:ResourceTag/t':'v'}}"),
     ALLOW("'Action':'ec2:StartInstances','Resource':'*',"
           "'Condition':{'StringEquals':{'aws:ResourceTag/t':'v'}}")},
    {"key-not-of-action",
     ALLOW("'Action':'s3:GetObject','Resource':'*',"
           "'Condition':{'StringEquals':{'ec2:Vpc':'arn:aws:ec2:*:*:vpc/v'}}"),
     ALLOW("'Action':'ec2:RunInstances','Resource':'*',"
           "'Condition':{'StringEquals':{'ec2:Vpc':'arn:aws:ec2:*:*:vpc/v'}}")},
    {"unknown-key", IF("'StringEquals':{'aws:ResourceTag':'v'}"),
     IF("'StringEquals':{'s3:ExistingObjectTag/team':'v'}")},
    {"key-type", IF("'StringEquals':{'s3:signatureAge':'young'}"),
     IF("'StringEquals':{'s3:signatureAge':'600'}")},
    {"unknown-arn", /* of no action in the data: whose it is cannot be told */
     ALLOW("'Action':'apigateway:GET','Resource':['arn:aws:apigateway:*::/"
           "restapis','arn:aws:apigateway:*::/no']"),
     ALLOW("'Action':'apigateway:GET','Resource':['arn:aws:apigateway:*::/"
           "restapis','arn:aws:apigateway:*::/apis']")},
    {"no-resource", ALLOW("'Action':'apigateway:GET','Resource':'arn:aws:apigateway:*::/no'"),
     ALLOW("'Action':'apigateway:GET','Resource':'arn:aws:apigateway:*::/apis'")},
    {"no-resource", ALLOW("'Action':'logs:PutLogEvents','Resource':'arn:aws:logs:::log-group:g'"),
     ALLOW("'Action':'logs:PutLogEvents','Resource':'arn:aws:logs:*:*:log-group:g:*'")},
    {"no-resource",
     ALLOW("'Action':'lambda:InvokeFunction','Resource':'arn:aws:lambda:::function:f'"),
     ALLOW("'Action':'ssm:SendCommand','Resource':'arn:aws:ssm:*::document/AWS-RunShellScript'")},
    {"public",
     DOC("{'Effect':'Allow','Principal':'*'," READ "},"
         "{'Effect':'Deny','Principal':'*','Action':'s3:PutObject','Resource':'*'}"),
     DOC("{'Effect':'Allow','Principal':'*'," READ "},"
         "{'Effect':'Deny','Principal':'*','Action':'s3:*','Resource':'*',"
         "'Condition':{'StringNotEquals':{'aws:PrincipalOrgID':'o-a1b2c3d4e5'}}}")},
    {"public", WHO("'*','Condition':{'Bool':{'aws:SecureTransport':'true'}}"),
     WHO("'*','Condition':{'ArnEquals':{'aws:SourceArn':'arn:aws:sns:*:123456789012:t'}}")},
    {"bad-variable", ON("arn:aws:s3:::b/${aws:username"), ON("arn:aws:s3:::b/${aws:username}")},
    {"bad-variable", ON("arn:aws:s3:::b/${}"), ON("arn:aws:s3:::b/${*}")},
    {"bad-variable", ON("arn:aws:s3:::b/${username}"), ON("arn:aws:s3:::b/$")},
    {"bad-variable", ON("arn:aws:s3:::b/${aws:username, none}"),
     ON("arn:aws:s3:::b/${aws:username, \\u0027none\\u0027}")},
    {"unknown-variable", ON("arn:aws:s3:::b/${aws:userName2}"),
     ON("arn:aws:s3:::b/${aws:PrincipalTag/team}")},
    {"multivalued-variable", ON("arn:aws:s3:::b/${aws:PrincipalOrgPaths}"),
     ON("arn:aws:s3:::b/${aws:PrincipalOrgID}")},
    {"misplaced-variable",
     ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:*:${aws:PrincipalAccount}:q'"),
     ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:*:*:${aws:PrincipalAccount}'")},
    {"confused-deputy-trust", TRUST("'Principal':{'Service':'glue.amazonaws.com'}"),
     TRUST("'Principal':{'Service':'ec2.amazonaws.com'}")},
    {"open-federation", FEDERATED(OIDC, ""),
     FEDERATED(OIDC, ",'Condition':{'StringLike':"
                     "{'token.actions.githubusercontent.com:sub':'repo:own/*'}}")},
    {"open-federation",
     FEDERATED(OIDC, ",'Condition':{'StringEquals':"
                     "{'token.actions.githubusercontent.com:aud':'sts.amazonaws.com'}}"),
     FEDERATED(OIDC, ",'Condition':{'StringEquals':"
                     "{'token.actions.githubusercontent.com:sub':'repo:own/r:ref:refs/heads/m'}}")},
    {"open-federation",
     FEDERATED(OIDC, ",'Condition':{'StringLike':"
                     "{'token.actions.githubusercontent.com:sub':'repo:own*'}}"),
     FEDERATED("'accounts.google.com'",
               ",'Condition':{'StringEquals':{'accounts.google.com:aud':'app'}}")},
    {"open-federation",
     FEDERATED(OIDC, ",'Condition':{'StringEquals':"
                     "{'token.actions.githubusercontent.com:environment':'prod'}}"),
     FEDERATED(OIDC, ",'Condition':{'StringLike':"
                     "{'token.actions.githubusercontent.com:repository':'team/*'}}")},
    {"open-federation", FEDERATED("'accounts.google.com'", ""),
     FEDERATED("'arn:aws:iam::123456789012:saml-provider/p'", "")},
    {"saml-audience", FEDERATED("'arn:aws:iam::123456789012:saml-provider/p'", ""),
     FEDERATED("'arn:aws:iam::123456789012:saml-provider/p'",
               ",'Condition':{'StringEquals':{'SAML:aud':'https://signin.aws.amazon.com/saml'}}")},
    {"allows-everything", DO("*"), DO("s3:*")},
    {"allows-everything", DO("*"),
     ALLOW("'Action':'*','Resource':'*','Condition':{'Bool':{'aws:SecureTransport':'true'}}")},
    {"assume-any-role", DO("sts:AssumeRole"),
     ALLOW("'Action':'sts:AssumeRole','Resource':'arn:aws:iam::*:role/deploy-*'")},
    {"any-service-role", DO("iam:CreateServiceLinkedRole"),
     ALLOW("'Action':'iam:CreateServiceLinkedRole','Resource':'*','Condition':"
           "{'StringEquals':{'iam:AWSServiceName':'sagemaker.amazonaws.com'}}")},
    {"reads-any-data", DO("secretsmanager:*"),
     ALLOW("'Action':'secretsmanager:*','Resource':'arn:aws:secretsmanager:*:*:secret:app-*'")},
    {"unreachable",
     DOC("{'Effect':'Allow'," READ "},"
         "{'Effect':'Deny','Action':'s3:*','Resource':'*'}"),
     DOC("{'Effect':'Allow'," READ "},"
         "{'Effect':'Deny','Action':'s3:*','Resource':'arn:aws:s3:::other/*'}")},
    {"no-resource", ALLOW("'Action':'s3:GetObject','Resource':'arn:aws:sqs:*:*:q'"), ALLOW(READ)},
    {"star-needed", ALLOW("'Action':'s3:ListAllMyBuckets','Resource':'arn:aws:s3:::b'"),
     ALLOW("'Action':'s3:ListAllMyBuckets','Resource':'*'")},
    {"redundant-statement",
     DOC("{'Effect':'Allow'," READ "},"
         "{'Effect':'Allow','Action':'s3:Get*','Resource':'*'}"),
     DOC("{'Effect':'Allow'," READ "},{'Effect':'Allow','Action':'s3:Get*','Resource':'*',"
         "'Condition':{'Bool':{'aws:SecureTransport':'true'}}}")},
    {"redundant-action", ALLOW("'Action':['s3:Get*','s3:GetObject'],'Resource':'*'"),
     ALLOW("'Action':['s3:Get*','s3:PutObject'],'Resource':'*'")},
    {"redundant-resource",
     ALLOW("'Action':'s3:GetObject',"
           "'Resource':['arn:aws:s3:::b/*','arn:aws:s3:::b/x']"),
     ALLOW("'Action':'s3:GetObject','Resource':['arn:aws:s3:::b/*','arn:aws:s3:::c/x']")},
    {"unknown-key", IF("'StringEquals':{'aws:SourceVpc3':'v'}"),
     IF("'StringEquals':{'aws:SourceVpce':'v'}")},
    {"key-not-of-action", IF("'StringEquals':{'ec2:Vpc':'v'}"),
     IF("'StringEquals':{'s3:authType':'REST-HEADER'}")},
    {"key-type", IF("'StringEquals':{'aws:SourceIp':'10.0.0.1'}"),
     IF("'IpAddress':{'aws:SourceIp':'10.0.0.1'}")},
    {"set-on-single", IF("'ForAnyValue:StringEquals':{'aws:SourceVpce':'v'}"),
     IF("'ForAnyValue:StringLike':{'aws:PrincipalOrgPaths':'o/*'}")},
    {"set-needed", IF("'StringLike':{'aws:PrincipalOrgPaths':'o/*'}"),
     IF("'ForAnyValue:StringLike':{'aws:PrincipalOrgPaths':'o/*'}")},
    {"for-all-values-allow", IF("'ForAllValues:StringEquals':{'aws:TagKeys':'team'}"),
     IF("'ForAllValues:StringEquals':{'aws:TagKeys':'team'},'Null':{'aws:TagKeys':'false'}")},
    {"literal-variable",
     "{'Statement':[{'Effect':'Allow','Action':'s3:GetObject',"
     "'Resource':'arn:aws:s3:::b/${aws:username}/*'}]}",
     ALLOW("'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/${aws:username}/*'")},
    {"no-version", "{'Statement':[{'Effect':'Allow'," READ "}]}", ALLOW(READ)},
    {"allow-not-action", ALLOW("'NotAction':'iam:*','Resource':'*'"),
     DOC("{'Effect':'Deny','NotAction':'iam:*','Resource':'*'}")},
    {"allow-not-resource", ALLOW("'Action':'s3:GetObject','NotResource':'arn:aws:s3:::b/*'"),
     ALLOW(READ)},
    {"allow-not-principal", QUEUE("'NotPrincipal':{'AWS':'123456789012'}"),
     QUEUE("'Principal':{'AWS':'123456789012'}")},
    {"deny-not-principal", DOC("{'Effect':'Deny','NotPrincipal':{'AWS':'123456789012'}," READ "}"),
     QUEUE("'Principal':{'AWS':'123456789012'}")},
    {"public", QUEUE("'Principal':'*'"),
     QUEUE("'Principal':'*','Condition':{'StringEquals':"
           "{'aws:PrincipalOrgID':'o-a'}}")},
    {"confused-deputy", QUEUE("'Principal':{'Service':'sns.amazonaws.com'}"),
     QUEUE("'Principal':{'Service':'sns.amazonaws.com'},"
           "'Condition':{'StringEquals':{'aws:SourceAccount':'123456789012'}}")},
    {"no-external-id", TRUST("'Principal':{'AWS':'123456789012'}"),
     TRUST("'Principal':{'AWS':'123456789012'},"
           "'Condition':{'StringEquals':{'sts:ExternalId':'x'}}")},
    {"pass-any-role", ALLOW("'Action':'iam:PassRole','Resource':'arn:aws:iam::*:role/*'"),
     ALLOW("'Action':'iam:PassRole','Resource':'arn:aws:iam::*:role/*','Condition':"
           "{'StringEquals':{'iam:PassedToService':'sagemaker.amazonaws.com'}}")},
};

static const struct value *document(const char *text, struct arena *a)
{
    char *json = arena_strdup(a, text);
    const struct value *v = NULL;
    struct err e = {0};

    for (char *c = json; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    cr_assert(json_read(slice_str(json), a, &v, &e), "%s: %s", json, e.text);
    return v;
}

static size_t count(const struct iam_lint *l, const char *code)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += strcmp(l->items[i].code, code) == 0;
    return n;
}

/* Behind the kind. */
static const char *code_of(const struct lint_case *c)
{
    const char *slash = strchr(c->code, '/');

    return slash != NULL ? slash + 1 : c->code;
}

static bool finds(const struct lint_case *c, const char *text, struct arena *a)
{
    const size_t n = (size_t)(code_of(c) - c->code);
    struct iam_lint_options opt = {.kind = IAM_LINT_GUESS};
    struct iam_lint l;

    if (n > 0)
        cr_assert(iam_lint_kind_named(
            arena_strndup(a, (struct slice){(const uint8_t *)c->code, n - 1}), &opt.kind));
    iam_lint(document(text, a), &opt, a, &l);
    return count(&l, code_of(c)) > 0;
}

CASES(policies_iam_lint, each_code_fires_where_it_should, lint_cases)
{
    const struct lint_case *c = &lint_cases[*case_index];
    struct arena a;

    arena_init(&a);
    cr_expect_not_null(iam_lint_code_of(code_of(c)), "%s", c->code);
    cr_expect(finds(c, c->has, &a), "%s is not found in %s", c->code, c->has);
    cr_expect_not(finds(c, c->has_not, &a), "%s is found in %s", c->code, c->has_not);
    arena_release(&a);
}

/* Those that policies_iam_lint_checks.c tries. */
static struct slice edges(struct arena *a)
{
    struct slice text = {NULL, 0};
    struct err e = {0};

    cr_assert(file_read("fixtures/iam_lint_checks/edges.yaml", LIMIT_CONFIG_BYTES, a, &text, &e),
              "%s", e.text);
    return text;
}

Test(policies_iam_lint, every_code_has_a_case_and_words)
{
    static const char *const sizes[] = {"size", "too-long", "not-all-checked"}; /* elsewhere */
    struct slice others;
    struct arena a;

    arena_init(&a);
    others = edges(&a);

    for (const struct iam_lint_code *k = iam_lint_codes; k->code != NULL; k++) {
        const char *line = arena_printf(&a, "code: %s\n", k->code);
        const char *remarked = arena_printf(&a, "code: %s #", k->code);
        size_t at;
        bool tried = slice_find(others, slice_str(line), &at) ||
                     slice_find(others, slice_str(remarked), &at);

        for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
            tried = tried || strcmp(sizes[i], k->code) == 0;
        for (size_t i = 0; i < ARRAY_LEN(lint_cases); i++)
            tried = tried || strcmp(code_of(&lint_cases[i]), k->code) == 0;
        cr_expect(tried, "%s has no case", k->code);
        cr_expect_eq(iam_lint_code_of(k->code), k, "%s stands twice", k->code);
        cr_expect(k->title[0] != '\0' && k->fix[0] != '\0', "%s", k->code);
    }
    arena_release(&a);
}

Test(policies_iam_lint, all_that_is_wrong_is_told_at_its_line)
{
    static const struct {
        const char *code, *text;
        uint32_t line;
        size_t number;
    } want[] = {
        {"no-version", "no Version: that is 2008-10-17", 1, 0},
        {"grammar", "unknown element 'Acton'; did you mean 'Action'?", 2, 1},
        {"grammar", "Effect must be Allow or Deny, found 'No'", 2, 1},
        {"grammar", "neither Action nor NotAction", 2, 1},
        {"grammar", "neither Action nor NotAction", 3, 2},
        {"unknown-operator", "unknown condition operator 'StringSame'; did you mean 'StringLike'?",
         8, 3},
        {"unknown-action", "no action of AWS is named s3:GetObjet; the nearest is s3:GetObject", 6,
         3},
        {"bad-arn", "'b/*' is no ARN", 7, 3},
    };
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    iam_lint(document("{'Statement':[\n"
                      "{'Effect':'No','Acton':'s3:*','Resource':'*'},\n"
                      "{'Effect':'Allow','Resource':'*'},\n"
                      "{'Effect':'Allow','Sid':'Odd',\n"
                      "'Action':['s3:ListAllMyBuckets',\n"
                      "'s3:GetObjet'],\n"
                      "'Resource':['*','b/*'],\n"
                      "'Condition':{'StringSame':{'aws:SourceVpce':'v'}}}]}",
                      &a),
             NULL, &a, &l);
    cr_assert_eq(l.n, ARRAY_LEN(want), "%zu findings", l.n);
    for (size_t i = 0; i < l.n; i++) {
        cr_expect_str_eq(l.items[i].code, want[i].code, "%zu", i);
        cr_expect_str_eq(l.items[i].text, want[i].text, "%zu: %s", i, l.items[i].text);
        cr_expect_eq(l.items[i].line, want[i].line, "%zu: line %u", i, l.items[i].line);
        cr_expect_eq(l.items[i].number, want[i].number, "%zu", i);
    }
    cr_expect(slice_is(l.items[7].sid, "Odd"));
    cr_expect_eq(l.errors, 6);
    cr_expect_eq(l.warnings, 1);
    cr_expect_not(l.unknown);
    arena_release(&a);
}

/* What iam_doc refuses, lint calls an error, and the other way round. */
Test(policies_iam_lint, refusals_are_those_of_the_reader)
{
    for (size_t i = 0; i < ARRAY_LEN(lint_cases); i++)
        for (int has = 0; has < 2; has++) {
            const char *text = has ? lint_cases[i].has : lint_cases[i].has_not;
            const struct value *v;
            struct iam_lint l;
            struct iam_doc d;
            struct err e = {0};
            struct arena a;
            size_t refusals;

            arena_init(&a);
            v = document(text, &a);
            iam_lint(v, NULL, &a, &l);
            refusals =
                count(&l, "grammar") + count(&l, "duplicate-sid") + count(&l, "unknown-operator");
            cr_expect_eq(iam_doc_read(v, "", &a, &d, &e), refusals == 0, "%s", text);
            arena_release(&a);
        }
}

Test(policies_iam_lint, text_that_is_no_json_is_a_finding)
{
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    iam_lint(value_str(&a, "{\"Version\":\n\"2012-10-17\",,}"), NULL, &a, &l);
    cr_assert_eq(l.errors, 1);
    cr_expect_str_eq(l.items[0].code, "grammar");
    cr_expect_eq(l.items[0].line, 2);
    iam_lint(NULL, NULL, &a, &l);
    cr_expect_eq(l.errors, 1, "nothing is no policy");
    arena_release(&a);
}

Test(policies_iam_lint, own_accounts_are_no_strangers)
{
    const struct slice own = SLICE_LIT("123456789012");
    const struct iam_lint_options opt = {.accounts = {&own, 1, false}};
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    iam_lint(document(TRUST("'Principal':{'AWS':'arn:aws:iam::123456789012:root'}"), &a), &opt, &a,
             &l);
    cr_expect_eq(count(&l, "no-external-id"), 0);
    iam_lint(document(TRUST("'Principal':{'AWS':'arn:aws:iam::111122223333:root'}"), &a), &opt, &a,
             &l);
    cr_expect_eq(count(&l, "no-external-id"), 1);
    arena_release(&a);
}

static const struct kind_case {
    const char *what, *text;
    enum iam_lint_kind kind;
} kind_cases[] = {
    {"no principal", ALLOW(READ), IAM_LINT_IDENTITY},
    {"a principal", QUEUE("'Principal':'*'"), IAM_LINT_RESOURCE},
    {"a role's trust", TRUST("'Principal':{'AWS':'123456789012'}"), IAM_LINT_TRUST},
    {"one statement object",
     "{'Statement':{'Effect':'Allow','Action':['sts:AssumeRole','STS:TagSession'],"
     "'NotPrincipal':{'AWS':'123456789012'}}}",
     IAM_LINT_TRUST},
    {"a control of roles",
     DOC("{'Effect':'Deny','Action':'sts:AssumeRole','Principal':'*','Resource':'*'}"),
     IAM_LINT_RCP},
    {"an endpoint of STS", TRUST("'Principal':'*','Resource':'*'"), IAM_LINT_RESOURCE},
    {"a role's trust with Resource", TRUST("'Principal':{'AWS':'123456789012'},'Resource':'*'"),
     IAM_LINT_TRUST},
    {"a role's trust of everybody", TRUST("'Principal':'*'"), IAM_LINT_TRUST},
    {"no statements", "{'Statement':[]}", IAM_LINT_IDENTITY},
    {"no document", "[]", IAM_LINT_IDENTITY},
};

CASES(policies_iam_lint, kinds_are_guessed, kind_cases)
{
    const struct kind_case *c = &kind_cases[*case_index];
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    iam_lint(document(c->text, &a), NULL, &a, &l);
    cr_expect_eq(l.kind, c->kind, "%s: %s", c->what, iam_lint_kind_name(l.kind));
    arena_release(&a);
}
