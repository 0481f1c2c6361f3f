/* iam_doc.h */
#include "policies/iam/document/iam_doc.h"

#include <string.h>

#include "tests/lib/cases.h"
#include "tests/lib/iam_text.h"

#define ALLOW "\"Effect\": \"Allow\""
#define ACTION "\"Action\": \"s3:GetObject\""
#define RESOURCE "\"Resource\": \"*\""
#define ONE(statement) "{\"Version\": \"2012-10-17\", \"Statement\": [{" statement "}]}"

/* What AWS refuses: the text and the line of the error. `lenient`: simulators read it all the same.
 */
struct refused_case {
    const char *what;
    const char *json;
    const char *text; /* NULL: strict reading takes it too */
    uint32_t line;
    bool lenient;
};

static const struct refused_case refused_cases[] = {
    {"one statement, no list",
     "{\"Version\": \"2012-10-17\", \"Statement\": {" ALLOW ", " ACTION ", " RESOURCE "}}", NULL, 0,
     true},
    {"Id", "{\"Id\": \"x\", \"Statement\": [{" ALLOW ", " ACTION ", " RESOURCE "}]}", NULL, 0,
     true},
    {"a role's trust has no Resource",
     ONE(ALLOW ", \"Action\": \"sts:AssumeRole\", \"Principal\": \"*\""), NULL, 0, true},
    {"policy in a string",
     "\"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\", \\\"Action\\\": \\\"*\\\", "
     "\\\"Resource\\\": \\\"*\\\"}]}\"",
     NULL, 0, true},

    {"a list", "[]", "a policy: expected a map, found list", 1, false},
    {"a number", "1", "a policy: expected a map, found int", 1, false},
    {"a string that holds no JSON", "\"nothing\"", "", 1, false},
    {"a string that holds no policy", "\"[]\"", "a policy: expected a map, found list", 1, false},
    {"another element", "{\n\"Statements\": []}",
     "unknown element 'Statements'; did you mean 'Statement'?", 2, false},
    {"elements have case", "{\n\"statement\": []}",
     "unknown element 'statement'; did you mean 'Statement'?", 2, false},
    {"no Statement", "{\n\"Version\": \"2012-10-17\"}", "Statement is missing", 1, false},
    {"Statement is text", "{\n\"Statement\": \"Allow\"}",
     "Statement: expected a map or a list of maps, found string", 2, false},
    {"no statements", "{\"Statement\": []}", "Statement is empty", 1, true},
    {"a statement is text", "{\"Statement\": [\n\"Allow\"]}",
     "statement 1: a statement: expected a map, found string", 2, false},
    {"another Version",
     "{\n\"Version\": \"2012-10-18\", \"Statement\": [{" ALLOW ", " ACTION ", " RESOURCE "}]}",
     "Version must be \"2012-10-17\" or \"2008-10-17\", found '2012-10-18'", 2, true},
    {"Version is a number",
     "{\"Version\": 2012, \"Statement\": [{" ALLOW ", " ACTION ", " RESOURCE "}]}",
     "Version must be \"2012-10-17\" or \"2008-10-17\", found int", 1, true},

    {"no Effect", ONE(ACTION ", " RESOURCE), "statement 1: Effect is missing", 1, false},
    {"Effect has case", ONE("\n\"Effect\": \"allow\", " ACTION ", " RESOURCE),
     "statement 1: Effect must be Allow or Deny, found 'allow'", 2, false},
    {"Effect is a list", ONE("\"Effect\": [\"Allow\"], " ACTION ", " RESOURCE),
     "statement 1: Effect must be Allow or Deny, found list", 1, false},
    {"the second statement",
     "{\"Statement\": [{" ALLOW ", " ACTION ", " RESOURCE "},\n{" ACTION "}]}",
     "statement 2: Effect is missing", 2, false},
    {"another element of a statement", ONE(ALLOW ", " ACTION ", " RESOURCE ",\n\"Actions\": \"*\""),
     "statement 1: unknown element 'Actions'; did you mean 'Action'?", 2, false},
    {"an operator with a letter less",
     ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\":\n{\"StringEqual\": {\"a:b\": \"c\"}}"),
     "statement 1: unknown condition operator 'StringEqual'; did you mean 'StringEquals'?", 2,
     true},
    {"what aws s3api get-bucket-policy prints", "{\"Policy\": \"{}\"}",
     "no policy: it stands in 'Policy' of this, take that alone", 1, false},
    {"what aws iam get-policy-version prints", "{\"PolicyVersion\": {\"Document\": {}}}",
     "no policy: it stands in 'PolicyVersion' of this, take that alone", 1, false},
    {"Sid is a number", ONE("\"Sid\": 1, " ALLOW ", " ACTION ", " RESOURCE),
     "statement 1: Sid: expected a string, found int", 1, false},
    {"two of one Sid",
     "{\"Statement\": [{\"Sid\": \"A\", " ALLOW ", " ACTION ", " RESOURCE
     "},\n{\"Sid\": \"A\", " ALLOW ", " ACTION ", " RESOURCE "}]}",
     "statement 2: another statement has the Sid 'A'", 2, true},
    {"two without Sid",
     "{\"Statement\": [{" ALLOW ", " ACTION ", " RESOURCE "}, {\"Sid\": \"\", " ALLOW ", " ACTION
     ", " RESOURCE "}, {\"Sid\": \"\", " ALLOW ", " ACTION ", " RESOURCE "}]}",
     NULL, 0, true},

    {"no Action", ONE(ALLOW ", " RESOURCE), "statement 1: neither Action nor NotAction", 1, false},
    {"Action and NotAction", ONE(ALLOW ", " ACTION ", \"NotAction\": \"*\", " RESOURCE),
     "statement 1: both Action and NotAction", 1, false},
    {"Action is a map", ONE(ALLOW ", \"Action\":\n{}, " RESOURCE),
     "statement 1: Action: expected a string or a list of strings, found map", 2, false},
    {"Action is a number", ONE(ALLOW ", \"Action\": 1, " RESOURCE),
     "statement 1: Action: expected a string or a list of strings, found int", 1, false},
    {"an action is a list", ONE(ALLOW ", \"NotAction\": [\"*\",\n[\"*\"]], " RESOURCE),
     "statement 1: NotAction: expected a string or a list of strings, found list", 2, false},
    {"no actions", ONE(ALLOW ", \"Action\": [], " RESOURCE), "statement 1: Action is empty", 1,
     true},
    {"an empty action", ONE(ALLOW ", \"Action\": [\"\"], " RESOURCE),
     "statement 1: Action has an empty string", 1, true},
    {"no Resource", ONE(ALLOW ", " ACTION), "statement 1: neither Resource nor NotResource", 1,
     true},
    {"Resource and NotResource", ONE(ALLOW ", " ACTION ", \"NotResource\": \"*\", " RESOURCE),
     "statement 1: both Resource and NotResource", 1, false},
    {"no resources", ONE(ALLOW ", " ACTION ", \"NotResource\": []"),
     "statement 1: NotResource is empty", 1, true},
    {"a resource is null", ONE(ALLOW ", " ACTION ", \"Resource\": null"),
     "statement 1: Resource: expected a string or a list of strings, found null", 1, false},

    {"Principal and NotPrincipal",
     ONE(ALLOW ", " ACTION ", \"Principal\": \"*\", \"NotPrincipal\": \"*\""),
     "statement 1: both Principal and NotPrincipal", 1, false},
    {"a bare account", ONE(ALLOW ", " ACTION ", \"Principal\":\n\"123456789012\""),
     "statement 1: Principal: expected \"*\" or a map, found '123456789012'", 2, true},
    {"Principal is a list", ONE(ALLOW ", " ACTION ", \"Principal\": [\"*\"]"),
     "statement 1: Principal: expected \"*\" or a map, found list", 1, false},
    {"no principals", ONE(ALLOW ", " ACTION ", \"Principal\": {}"),
     "statement 1: Principal is empty", 1, true},
    {"no accounts", ONE(ALLOW ", " ACTION ", \"Principal\": {\"AWS\": []}"),
     "statement 1: Principal is empty", 1, true},
    {"another type", ONE(ALLOW ", " ACTION ", \"Principal\": {\"Role\": \"x\"}"),
     "statement 1: Principal has an unknown type 'Role'", 1, false},
    {"a principal is a map", ONE(ALLOW ", " ACTION ", \"Principal\": {\"AWS\": {}}"),
     "statement 1: Principal: expected a string or a list of strings, found map", 1, false},

    {"Condition is a list", ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\": []"),
     "statement 1: Condition: expected a map, found list", 1, false},
    {"an operator holds text",
     ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\": {\"Bool\":\n\"x\"}"),
     "statement 1: a condition operator: expected a map from keys to values, found string", 2,
     false},
    {"a value is a map",
     ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\": {\"Bool\": {\"k\": {}}}"),
     "statement 1: a condition value: expected a string or a list of strings, found map", 1, false},
    {"no values", ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\": {\"Bool\": {\"k\": []}}"),
     "statement 1: a condition value is empty", 1, true},
    {"an empty value",
     ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\": {\"StringEquals\": {\"k\": \"\"}}"),
     NULL, 0, true},
    {"another operator",
     ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\":\n{\"StringIs\": {\"k\": \"v\"}}"),
     "statement 1: unknown condition operator 'StringIs'", 2, true},
};

CASES(policies_iam_doc, refused, refused_cases)
{
    const struct refused_case *c = &refused_cases[*case_index];
    struct err strict = {0}, lenient = {0};
    struct iam_doc d = {.name = "untouched"};
    const struct value *v;
    struct arena a;

    arena_init(&a);
    v = iam_text_value(c->json, &a);
    if (c->text == NULL) {
        cr_assert(iam_doc_read(v, "p", &a, &d, &strict), "%s: %s", c->what, strict.text);
        cr_expect_str_eq(d.name, "p");
    } else {
        cr_assert(!iam_doc_read(v, "p", &a, &d, &strict), "%s: accepted", c->what);
        cr_expect_eq(strict.code, ERR_FORMAT, "%s", c->what);
        cr_expect(c->text[0] == '\0' || strcmp(strict.text, c->text) == 0, "%s: %s", c->what,
                  strict.text);
        cr_expect_eq(strict.line, c->line, "%s: line %u", c->what, strict.line);
        cr_expect_str_eq(d.name, "untouched", "%s", c->what);
    }
    cr_expect_eq(iam_doc_read_lenient(v, "p", &a, &d, &lenient), c->lenient, "%s: %s", c->what,
                 lenient.text);
    arena_release(&a);
}

Test(policies_iam_doc, nothing)
{
    struct iam_doc d;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(!iam_doc_read(NULL, "p", &a, &d, &e));
    cr_expect_str_eq(e.text, "a policy: expected a map, found nothing");
    arena_release(&a);
}

/* Untrusted names in messages are cut. */
Test(policies_iam_doc, long_name)
{
    struct iam_doc d;
    struct err e = {0};
    struct arena a;
    char text[2000] = "{\"";

    arena_init(&a);
    memset(text + 2, 'x', 1500);
    strcpy(text + 1502, "\": 1}");
    cr_assert(!iam_doc_read(iam_text_value(text, &a), "p", &a, &d, &e));
    cr_expect(strlen(e.text) < 120, "%s", e.text);
    arena_release(&a);
}

static struct slice text_at(const struct iam_texts *t, size_t i)
{
    cr_assert(i < t->n);
    return t->items[i];
}

#define EXPECT_TEXT(got, want)                                                                     \
    cr_expect(slice_is((got), (want)), "%.*s", (int)(got).len, (const char *)(got).data)

Test(policies_iam_doc, parts)
{
    static const char json[] =
        "{\"Version\": \"2012-10-17\",\n"
        " \"Statement\": [\n"
        "  {\"Sid\": \"First\", \"Effect\": \"Allow\", \"Action\": [\"s3:Get*\", \"s3:Put*\"],\n"
        "   \"NotResource\": \"arn:aws:s3:::b/*\"},\n"
        "  {\"Effect\": \"Deny\", \"NotAction\": \"iam:*\", \"Resource\": \"*\",\n"
        "   \"Condition\": {\"ForAnyValue:StringLikeIfExists\": {\"aws:TagKeys\": [\"a\", 1]},\n"
        "                   \"Bool\": {\"x\": true, \"y\": false},\n"
        "                   \"NumericEquals\": {\"z\": 0.1}}}]}";
    const struct iam_statement *s;
    struct iam_doc d;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(iam_doc_read(iam_text_value(json, &a), NULL, &a, &d, &e), "%s", e.text);
    cr_expect_str_eq(d.name, "");
    cr_expect_str_eq(d.version, "2012-10-17");
    cr_assert(d.variables && !d.unknown && d.n == 2);

    s = &d.statements[0];
    EXPECT_TEXT(s->sid, "First");
    cr_expect(s->index == 0 && s->line == 3 && s->effect == IAM_ALLOW);
    cr_expect(!s->not_action && s->not_resource && s->has_resource && !s->has_principal);
    cr_expect(s->actions.n == 2 && !s->actions.unknown && s->resources.n == 1);
    EXPECT_TEXT(text_at(&s->actions, 1), "s3:Put*");
    EXPECT_TEXT(text_at(&s->resources, 0), "arn:aws:s3:::b/*");
    cr_expect(s->ntests == 0 && !s->tests_unknown);

    s = &d.statements[1];
    cr_expect(s->index == 1 && s->line == 5 && s->effect == IAM_DENY && s->sid.len == 0);
    cr_expect(s->not_action && !s->not_resource);
    cr_assert_eq(s->ntests, 4);
    cr_expect(s->tests[0].op == IAM_STRING_LIKE && s->tests[0].if_exists &&
              s->tests[0].quantifier == IAM_FOR_ANY_VALUE);
    EXPECT_TEXT(s->tests[0].op_text, "ForAnyValue:StringLikeIfExists");
    EXPECT_TEXT(s->tests[0].key, "aws:TagKeys");
    EXPECT_TEXT(text_at(&s->tests[0].values, 1), "1");
    EXPECT_TEXT(text_at(&s->tests[1].values, 0), "true");
    EXPECT_TEXT(text_at(&s->tests[2].values, 0), "false");
    EXPECT_TEXT(s->tests[2].key, "y");
    EXPECT_TEXT(text_at(&s->tests[3].values, 0), "0.1");
    arena_release(&a);
}

Test(policies_iam_doc, versions)
{
    struct arena a;

    arena_init(&a);
    cr_expect(!iam_text_doc("{\"Statement\": []}", &a).variables, "no Version is the old one");
    cr_expect(!iam_text_doc("{\"Version\": \"2008-10-17\", \"Statement\": []}", &a).variables);
    cr_expect(iam_text_doc("{\"Version\": \"2012-10-17\", \"Statement\": []}", &a).variables);
    arena_release(&a);
}

struct principal_case {
    const char *what;
    const char *principal; /* of the element, as JSON */
    enum iam_principal_type type;
    const char *name; /* of the last principal */
    size_t n;
    bool unknown;
};

static const struct principal_case principal_cases[] = {
    {"star", "\"*\"", IAM_PRINCIPAL_ANY, "*", 1, false},
    {"AWS star", "{\"AWS\": \"*\"}", IAM_PRINCIPAL_ANY, "*", 1, false},
    {"star star", "{\"*\": \"*\"}", IAM_PRINCIPAL_ANY, "*", 1, false},
    {"a service named star is none", "{\"Service\": \"*\"}", IAM_PRINCIPAL_SERVICE, "*", 1, false},
    {"a number of YAML", "{\"AWS\": 1234567}", IAM_PRINCIPAL_AWS, "000001234567", 1, false},
    {"numbers of YAML", "{\"AWS\": [\"x\", 123456789012]}", IAM_PRINCIPAL_AWS, "123456789012", 2,
     false},
    {"several types", "{\"AWS\": [\"a\", \"b\"], \"Service\": \"c\"}", IAM_PRINCIPAL_SERVICE, "c",
     3, false},
    {"federated", "{\"Federated\": \"accounts.google.com\"}", IAM_PRINCIPAL_FEDERATED,
     "accounts.google.com", 1, false},
    {"canonical", "{\"CanonicalUser\": \"79a5\"}", IAM_PRINCIPAL_CANONICAL, "79a5", 1, false},
    {"unknown element", "\"!\"", IAM_PRINCIPAL_ANY, NULL, 0, true},
    {"unknown name", "{\"AWS\": \"!\"}", IAM_PRINCIPAL_ANY, NULL, 0, true},
    {"one unknown name", "{\"AWS\": [\"!\", \"x\"]}", IAM_PRINCIPAL_AWS, "x", 1, true},
    {"numbers beside unknown names", "{\"AWS\": [\"!\", 1234567]}", IAM_PRINCIPAL_AWS,
     "000001234567", 1, true},
    {"unknown names of one type", "{\"AWS\": \"!\", \"Service\": \"x\"}", IAM_PRINCIPAL_SERVICE,
     "x", 1, true},
};

CASES(policies_iam_doc, principals, principal_cases)
{
    const struct principal_case *c = &principal_cases[*case_index];
    const struct iam_statement *s;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    for (int negated = 0; negated < 2; negated++) {
        d = iam_text_doc(arena_printf(&a, ONE(ALLOW ", " ACTION ", \"%sPrincipal\": %s"),
                                      negated ? "Not" : "", c->principal),
                         &a);
        s = &d.statements[0];
        cr_expect(s->has_principal && s->not_principal == (negated == 1), "%s", c->what);
        cr_expect_eq(s->principals_unknown, c->unknown, "%s", c->what);
        cr_assert_eq(s->nprincipals, c->n, "%s: %zu", c->what, s->nprincipals);
        if (c->n > 0) {
            const struct iam_principal *p = &s->principals[c->n - 1];

            cr_expect_eq(p->type, c->type, "%s", c->what);
            cr_expect(slice_is(p->name, c->name), "%s: %.*s", c->what, (int)p->name.len,
                      (const char *)p->name.data);
        }
    }
    arena_release(&a);
}

/* What nobody knows stays apart, part by part. */
Test(policies_iam_doc, unknowns)
{
    const struct iam_statement *s;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = iam_text_doc("\"!\"", &a);
    cr_expect(d.unknown && d.n == 0 && d.variables);
    d = iam_text_doc("{\"Statement\": \"!\"}", &a);
    cr_expect(d.unknown && d.n == 0);
    d = iam_text_doc("{\"Version\": \"!\", \"Statement\": [{" ALLOW ", " ACTION ", " RESOURCE "}]}",
                     &a);
    cr_expect(d.unknown && d.n == 1);

    d = iam_text_doc("{\"Statement\": [\"!\", {" ALLOW ", " ACTION ", " RESOURCE "}]}", &a);
    cr_assert(!d.unknown && d.n == 2);
    s = &d.statements[0];
    cr_expect(s->effect == IAM_EFFECT_UNKNOWN && s->actions.unknown && s->resources.unknown);
    cr_expect(s->principals_unknown && s->tests_unknown && s->index == 0);
    cr_expect(d.statements[1].effect == IAM_ALLOW && !d.statements[1].actions.unknown);

    d = iam_text_doc(ONE("\"Sid\": \"!\", \"Effect\": \"!\", \"Action\": \"!\", "
                         "\"Resource\": [\"a\", \"!\", \"b\"], \"Condition\": \"!\""),
                     &a);
    s = &d.statements[0];
    cr_expect(s->effect == IAM_EFFECT_UNKNOWN && s->tests_unknown && s->sid.len == 0);
    cr_expect(s->actions.unknown && s->actions.n == 0);
    cr_expect(s->resources.unknown && s->resources.n == 2);
    EXPECT_TEXT(text_at(&s->resources, 1), "b");

    d = iam_text_doc(ONE(ALLOW ", " ACTION ", " RESOURCE ", \"Condition\": {\"Bool\": \"!\", "
                               "\"StringEquals\": {\"k\": \"!\", \"j\": [\"!\", \"v\"]}}"),
                     &a);
    s = &d.statements[0];
    cr_expect(s->tests_unknown && s->ntests == 2);
    cr_expect(s->tests[0].values.unknown && s->tests[0].values.n == 0);
    cr_expect(s->tests[1].values.unknown && s->tests[1].values.n == 1);
    arena_release(&a);
}

struct operator_case {
    const char *text;
    enum iam_operator op;
    enum iam_quantifier quantifier;
    bool if_exists;
};

static const struct operator_case operator_cases[] = {
    {"StringEquals", IAM_STRING_EQUALS, IAM_ONE, false},
    {"stringequalsignorecase", IAM_STRING_EQUALS_IGNORE_CASE, IAM_ONE, false},
    {"StringLikeIfExists", IAM_STRING_LIKE, IAM_ONE, true},
    {"ForAllValues:StringNotLike", IAM_STRING_NOT_LIKE, IAM_FOR_ALL_VALUES, false},
    {"FORANYVALUE:ARNLIKEIFEXISTS", IAM_ARN_LIKE, IAM_FOR_ANY_VALUE, true},
    {"NumericGreaterThanEquals", IAM_NUMERIC_GREATER_EQUALS, IAM_ONE, false},
    {"DateLessThan", IAM_DATE_LESS, IAM_ONE, false},
    {"NotIpAddressIfExists", IAM_NOT_IP_ADDRESS, IAM_ONE, true},
    {"Null", IAM_NULL, IAM_ONE, false},
    {"NullIfExists", IAM_OPERATOR_UNKNOWN, IAM_ONE, true},
    {"IfExists", IAM_OPERATOR_UNKNOWN, IAM_ONE, false},
    {"", IAM_OPERATOR_UNKNOWN, IAM_ONE, false},
    {"ForAllValues:", IAM_OPERATOR_UNKNOWN, IAM_FOR_ALL_VALUES, false},
    {"ForAllValues:ForAnyValue:Bool", IAM_OPERATOR_UNKNOWN, IAM_FOR_ALL_VALUES, false},
    {"StringEqualsIfExistsIfExists", IAM_OPERATOR_UNKNOWN, IAM_ONE, true},
    {" StringEquals", IAM_OPERATOR_UNKNOWN, IAM_ONE, false},
    {"StringEqualsX", IAM_OPERATOR_UNKNOWN, IAM_ONE, false},
};

CASES(policies_iam_doc, operators, operator_cases)
{
    const struct operator_case *c = &operator_cases[*case_index];
    struct iam_test t = {0};

    cr_expect_eq(iam_doc_operator(slice_str(c->text), &t), c->op != IAM_OPERATOR_UNKNOWN, "%s",
                 c->text);
    cr_expect_eq(t.op, c->op, "%s: %s", c->text, iam_doc_operator_name(t.op));
    cr_expect_eq(t.quantifier, c->quantifier, "%s", c->text);
    cr_expect_eq(t.if_exists, c->if_exists, "%s", c->text);
    cr_expect(slice_is(t.op_text, c->text), "%s", c->text);
}

Test(policies_iam_doc, operator_names)
{
    for (int i = 0; i < IAM_OPERATOR_UNKNOWN; i++) {
        const enum iam_operator op = (enum iam_operator)i;
        const char *name = iam_doc_operator_name(op);
        struct iam_test t = {0};

        cr_expect(iam_doc_operator(slice_str(name), &t) && t.op == op, "%s", name);
        cr_expect_eq(iam_doc_operator_negated(op), strstr(name, "Not") != NULL, "%s", name);
    }
    cr_expect(!iam_doc_operator_negated(IAM_OPERATOR_UNKNOWN));
    cr_expect_str_eq(iam_doc_operator_name(IAM_OPERATOR_UNKNOWN), "unknown operator");
}
