/* Each kind of finding: a document that has it, and one nearby that has not. */
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "policies/iam/iam_lint.h"
#include "tests/lib/cases.h"

#define DOC(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"
#define ALLOW(rest) DOC("{'Effect':'Allow'," rest "}")
#define READ "'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'"
#define IF(condition) ALLOW(READ ",'Condition':{" condition "}")
#define QUEUE(rest)                                                                                \
    ALLOW("'Action':'sqs:SendMessage','Resource':'arn:aws:sqs:eu-west-1:123456789012:q'," rest)
#define TRUST(rest) ALLOW("'Action':'sts:AssumeRole'," rest)

static const struct lint_case {
    const char *code, *has, *has_not; /* ' for " */
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
    {"unknown-action", ALLOW("'Action':'GetObject','Resource':'*'"), ALLOW(READ)},
    {"bad-arn", ALLOW("'Action':'s3:GetObject','Resource':'b/*'"), ALLOW(READ)},
    {"unknown-operator", IF("'StringSame':{'aws:SourceVpce':'v'}"),
     IF("'StringEquals':{'aws:SourceVpce':'v'}")},
    {"bad-value", IF("'IpAddress':{'aws:SourceIp':'10.0.0.0/40'}"),
     IF("'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}")},
    {"bad-value", IF("'Bool':{'aws:SecureTransport':'yes'}"),
     IF("'Bool':{'aws:SecureTransport':'true'}")},
    {"bad-value", IF("'DateLessThan':{'aws:CurrentTime':'tomorrow'}"),
     IF("'DateLessThan':{'aws:CurrentTime':'2027-01-01T00:00:00Z'}")},
    {"bad-account",
     QUEUE("'Principal':{'AWS':'12345'},"
           "'Condition':{'Bool':{'aws:SecureTransport':'true'}}"),
     QUEUE("'Principal':{'AWS':'123456789012'}")},
    {"bad-account", QUEUE("'Principal':{'AWS':'arn:aws:iam::123456789012:role/*'}"),
     QUEUE("'Principal':{'AWS':'arn:aws:iam::123456789012:role/r'}")},
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

static bool finds(const char *text, const char *code, struct arena *a)
{
    char *json = arena_strdup(a, text);
    const struct value *v;
    struct iam_lint l;
    struct err e = {0};

    for (char *c = json; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    cr_assert(json_read(slice_str(json), a, &v, &e), "%s: %s", json, e.text);
    iam_lint(v, a, &l);
    for (size_t i = 0; i < l.n; i++)
        if (strcmp(l.items[i].code, code) == 0)
            return true;
    return false;
}

CASES(policies_iam_lint, each_code_fires_where_it_should, lint_cases)
{
    const struct lint_case *c = &lint_cases[*case_index];
    struct arena a;

    arena_init(&a);
    cr_expect_not_null(iam_lint_code_of(c->code), "%s", c->code);
    cr_expect(finds(c->has, c->code, &a), "%s is not found in %s", c->code, c->has);
    cr_expect_not(finds(c->has_not, c->code, &a), "%s is found in %s", c->code, c->has_not);
    arena_release(&a);
}

Test(policies_iam_lint, every_code_has_a_case_and_words)
{
    for (const struct iam_lint_code *k = iam_lint_codes; k->code != NULL; k++) {
        bool tried = strcmp(k->code, "size") == 0; /* below */

        for (size_t i = 0; i < ARRAY_LEN(lint_cases); i++)
            tried = tried || strcmp(lint_cases[i].code, k->code) == 0;
        cr_expect(tried, "%s has no case", k->code);
        cr_expect(k->title[0] != '\0' && k->fix[0] != '\0', "%s", k->code);
    }
}

Test(policies_iam_lint, all_that_is_wrong_with_the_grammar_is_told)
{
    const struct value *v;
    struct iam_lint l;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(json_read(SLICE_LIT("{\"Version\":\"2012-10-17\",\"Statement\":[\n"
                                  "{\"Effect\":\"No\",\"Action\":\"s3:*\",\"Resource\":\"*\"},\n"
                                  "{\"Effect\":\"Allow\",\"Resource\":\"*\"}]}"),
                        &a, &v, &e));
    iam_lint(v, &a, &l);
    cr_assert_eq(l.errors, 2);
    cr_expect_eq(l.items[0].line, 2);
    cr_expect_eq(l.items[0].number, 1);
    cr_expect_str_eq(l.items[0].text, "Effect must be Allow or Deny, found 'No'");
    cr_expect_eq(l.items[1].line, 3);
    cr_expect_str_eq(l.items[1].text, "neither Action nor NotAction");
    arena_release(&a);
}

Test(policies_iam_lint, long_documents_are_noted)
{
    struct value_builder list;
    struct arena a;

    arena_init(&a);
    value_list_begin(&list, &a);
    for (size_t i = 0; i < 400; i++)
        value_list_add(&list, value_str(&a, arena_printf(&a, "arn:aws:s3:::bucket-%zu/*", i)));
    for (size_t n = 0; n < 2; n++) {
        struct value_builder doc, st;
        bool noted = false;
        struct iam_lint l;

        value_map_begin(&st, &a);
        value_map_add(&st, "Effect", value_str(&a, "Allow"));
        value_map_add(&st, "Action", value_str(&a, "s3:GetObject"));
        value_map_add(&st, "Resource", n == 1 ? value_list_end(&list, NULL) : value_str(&a, "*"));
        value_map_begin(&doc, &a);
        value_map_add(&doc, "Version", value_str(&a, "2012-10-17"));
        value_map_add(&doc, "Statement", value_map_end(&st, NULL));
        iam_lint(value_map_end(&doc, NULL), &a, &l);
        for (size_t i = 0; i < l.n; i++)
            noted = noted || strcmp(l.items[i].code, "size") == 0;
        cr_expect_eq(noted, n == 1);
    }
    arena_release(&a);
}
