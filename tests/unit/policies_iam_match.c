/* iam_match.h, iam_request.h */
#include "policies/iam/evaluate/iam_match.h"

#include "tests/lib/cases.h"
#include "tests/lib/iam_text.h"

/* A statement with these elements. */
static struct iam_doc with(const char *elements, struct arena *a)
{
    return iam_text_doc(
        arena_printf(a, "{\"Version\": \"2012-10-17\", \"Statement\": [{%s}]}", elements), a);
}

struct action_case {
    const char *what;
    const char *list; /* of Action, as JSON */
    const char *action;
    enum iam_answer want;
};

static const struct action_case action_cases[] = {
    {"the same", "\"s3:GetObject\"", "s3:GetObject", IAM_YES},
    {"no case", "\"S3:getobject\"", "s3:GetObject", IAM_YES},
    {"another action", "\"s3:PutObject\"", "s3:GetObject", IAM_NO},
    {"another service", "\"s4:GetObject\"", "s3:GetObject", IAM_NO},
    {"star", "\"*\"", "s3:GetObject", IAM_YES},
    {"stars on both sides", "\"*:*\"", "s3:GetObject", IAM_YES},
    {"any service", "\"*:Get*\"", "s3:GetObject", IAM_YES},
    {"a service by a pattern is none", "\"s*:GetObject\"", "s3:GetObject", IAM_NO},
    {"stars that are no star", "\"**\"", "s3:GetObject", IAM_NO},
    {"prefix", "\"s3:Get*\"", "s3:GetObject", IAM_YES},
    {"one letter", "\"s3:?etObject\"", "s3:GetObject", IAM_YES},
    {"one of several", "[\"s3:Put*\", \"s3:Get*\"]", "s3:GetObject", IAM_YES},
    {"none of several", "[\"s3:Put*\", \"ec2:*\"]", "s3:GetObject", IAM_NO},
    {"none", "[]", "s3:GetObject", IAM_NO},
    {"space in front", "\" s3:GetObject\"", "s3:GetObject", IAM_NO},
    {"space behind", "\"s3:GetObject \"", "s3:GetObject", IAM_NO},
    {"no colon", "\"s3\"", "s3:GetObject", IAM_NO},
    {"a service alone", "\"s3:\"", "s3:GetObject", IAM_NO},
    {"a backslash is no escape", "\"s3:\\\\*\"", "s3:GetObject", IAM_NO},
    {"no variables", "\"s3:${k}\"", "s3:v", IAM_NO},
    {"what is asked has no colon", "\"s3:*\"", "s3", IAM_NO},
    {"unknown", "\"!\"", "s3:GetObject", IAM_MAYBE},
    {"unknown, and one that matches", "[\"!\", \"s3:*\"]", "s3:GetObject", IAM_YES},
    {"unknown, and one that does not", "[\"ec2:*\", \"!\"]", "s3:GetObject", IAM_MAYBE},
};

static enum iam_answer opposite(enum iam_answer a)
{
    return a == IAM_MAYBE ? IAM_MAYBE : a == IAM_YES ? IAM_NO : IAM_YES;
}

CASES(policies_iam_match, action, action_cases)
{
    const struct action_case *c = &action_cases[*case_index];
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = with(arena_printf(&a, "\"Effect\": \"Allow\", \"Action\": %s", c->list), &a);
    cr_expect_eq(iam_match_action(&d.statements[0], slice_str(c->action)), c->want, "%s", c->what);
    d = with(arena_printf(&a, "\"Effect\": \"Allow\", \"NotAction\": %s", c->list), &a);
    cr_expect_eq(iam_match_action(&d.statements[0], slice_str(c->action)), opposite(c->want),
                 "%s, NotAction", c->what);
    arena_release(&a);
}

#define OBJECT "arn:aws:s3:::b/k"

struct resource_case {
    const char *what;
    const char *elements; /* as JSON, beside Effect and Action */
    const char *resource;
    enum iam_answer allow, deny; /* by Effect */
};

static const struct resource_case resource_cases[] = {
    {"the same", "\"Resource\": \"" OBJECT "\"", OBJECT, IAM_YES, IAM_YES},
    {"another", "\"Resource\": \"arn:aws:s3:::c/k\"", OBJECT, IAM_NO, IAM_NO},
    {"one of several", "\"Resource\": [\"x\", \"arn:aws:s3:::b/*\"]", OBJECT, IAM_YES, IAM_YES},
    {"none", "\"Resource\": []", OBJECT, IAM_NO, IAM_NO},
    {"no Resource", "\"Principal\": \"*\"", OBJECT, IAM_YES, IAM_YES},
    {"short", "\"Resource\": \"arn:aws:s3\"", OBJECT, IAM_YES, IAM_YES},
    {"short, in a resource's policy", "\"Principal\": \"*\", \"Resource\": \"arn:aws:s3\"", OBJECT,
     IAM_NO, IAM_NO},
    {"short with a star, in a resource's policy",
     "\"Principal\": \"*\", \"Resource\": \"arn:aws:s3*\"", OBJECT, IAM_YES, IAM_YES},
    {"unknown", "\"Resource\": \"!\"", OBJECT, IAM_MAYBE, IAM_MAYBE},
    {"unknown, and one that matches", "\"Resource\": [\"!\", \"*\"]", OBJECT, IAM_YES, IAM_YES},
    {"unknown, and one that does not", "\"Resource\": [\"x\", \"!\"]", OBJECT, IAM_MAYBE,
     IAM_MAYBE},

    {"NotResource, the same", "\"NotResource\": \"" OBJECT "\"", OBJECT, IAM_NO, IAM_NO},
    {"NotResource, another", "\"NotResource\": \"arn:aws:s3:::c/*\"", OBJECT, IAM_YES, IAM_YES},
    {"NotResource, none", "\"NotResource\": []", OBJECT, IAM_YES, IAM_YES},
    {"NotResource, unknown", "\"NotResource\": [\"x\", \"!\"]", OBJECT, IAM_MAYBE, IAM_MAYBE},
    {"NotResource, unknown and the same", "\"NotResource\": [\"*\", \"!\"]", OBJECT, IAM_NO,
     IAM_NO},

    {"variable", "\"Resource\": \"arn:aws:s3:::b/${k}\"", OBJECT, IAM_YES, IAM_YES},
    {"variable, another value", "\"Resource\": \"arn:aws:s3:::b/${w}\"", OBJECT, IAM_NO, IAM_NO},
    {"variable, absent", "\"Resource\": \"arn:aws:s3:::b/${none}*\"", OBJECT, IAM_NO, IAM_NO},
    {"variable, absent, negated", "\"NotResource\": \"arn:aws:s3:::b/${none}*\"", OBJECT, IAM_YES,
     IAM_YES},
    {"variable, unknown", "\"Resource\": \"arn:aws:s3:::b/${later}\"", OBJECT, IAM_MAYBE,
     IAM_MAYBE},
    {"variable, unknown, and one that matches",
     "\"Resource\": [\"arn:aws:s3:::b/${later}\", \"*\"]", OBJECT, IAM_YES, IAM_YES},
    {"variable of a value with a star", "\"Resource\": \"arn:aws:s3:::b/${wild}\"", OBJECT, IAM_NO,
     IAM_NO},
    {"variables stand in the last field alone", "\"Resource\": \"arn:aws:${s3}:::b/*\"", OBJECT,
     IAM_NO, IAM_NO},
    {"a variable may be all", "\"Resource\": \"${all}\"", OBJECT, IAM_NO, IAM_NO},

    {"asked of several, some", "\"Resource\": \"arn:aws:s3:::b/k*\"", "arn:aws:s3:::b/*", IAM_YES,
     IAM_NO},
    {"asked of several, all", "\"Resource\": \"arn:aws:s3:::*\"", "arn:aws:s3:::b/*", IAM_YES,
     IAM_YES},
    {"asked of several, none", "\"Resource\": \"arn:aws:s3:::c/*\"", "arn:aws:s3:::b/*", IAM_NO,
     IAM_NO},
    {"asked of several, all but some", "\"NotResource\": \"arn:aws:s3:::b/k*\"", "arn:aws:s3:::b/*",
     IAM_YES, IAM_NO},
    {"asked of several, all left", "\"NotResource\": \"arn:aws:s3:::c/*\"", "arn:aws:s3:::b/*",
     IAM_YES, IAM_YES},
    {"asked of several, none left", "\"NotResource\": \"arn:aws:s3:::*\"", "arn:aws:s3:::b/*",
     IAM_NO, IAM_NO},
    {"asked of all", "\"Resource\": \"arn:aws:s3:::b\"", "*", IAM_YES, IAM_NO},
};

CASES(policies_iam_match, resource, resource_cases)
{
    static const char context[] = "{\"k\": \"k\", \"w\": \"w\", \"later\": \"!\", \"wild\": \"*\", "
                                  "\"s3\": \"s3\", \"all\": \"*\"}";
    const struct resource_case *c = &resource_cases[*case_index];
    struct iam_request r = {.action = SLICE_LIT("s3:GetObject"),
                            .resource = slice_str(c->resource)};
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    r.context = iam_text_context(context, &a);
    d = with(arena_printf(&a, "\"Effect\": \"Allow\", \"Action\": \"*\", %s", c->elements), &a);
    cr_expect_eq(iam_match_resource(&d, &d.statements[0], &r, &a), c->allow, "%s, Allow", c->what);
    d = with(arena_printf(&a, "\"Effect\": \"Deny\", \"Action\": \"*\", %s", c->elements), &a);
    cr_expect_eq(iam_match_resource(&d, &d.statements[0], &r, &a), c->deny, "%s, Deny", c->what);
    arena_release(&a);
}

/* Actions without resource types are asked of "*": only stars match. */
Test(policies_iam_match, wildcard_only)
{
    static const struct {
        const char *list;
        enum iam_answer want;
    } rows[] = {{"\"*\"", IAM_YES},
                {"\"**\"", IAM_YES},
                {"\"arn:aws:s3:::*\"", IAM_NO},
                {"\"arn:*\"", IAM_NO},
                {"[\"arn:aws:s3:::b\", \"*\"]", IAM_YES}};
    const struct iam_request r = {.action = SLICE_LIT("s3:ListAllMyBuckets"),
                                  .resource = SLICE_LIT("*"),
                                  .wildcard_only = true};
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        d = with(arena_printf(&a, "\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": %s",
                              rows[i].list),
                 &a);
        cr_expect_eq(iam_match_resource(&d, &d.statements[0], &r, &a), rows[i].want, "%s",
                     rows[i].list);
    }
    arena_release(&a);
}

#define USER "arn:aws:iam::123456789012:user/team/ann"
#define ROLE "arn:aws:iam::123456789012:role/path/r"
#define SESSION "arn:aws:sts::123456789012:assumed-role/r/s"
#define ROOT "arn:aws:iam::123456789012:root"
#define FEDERATED "arn:aws:sts::123456789012:federated-user/bob"

struct principal_case {
    const char *what;
    const char *element; /* of Principal, as JSON */
    const char *principal;
    enum iam_principal_match want;
};

static const struct principal_case principal_cases[] = {
    {"user", "{\"AWS\": \"" USER "\"}", USER, IAM_MATCH_PRINCIPAL},
    {"another user", "{\"AWS\": \"" USER "\"}", "arn:aws:iam::123456789012:user/ann",
     IAM_MATCH_NONE},
    {"no patterns in names", "{\"AWS\": \"arn:aws:iam::123456789012:user/*\"}", USER,
     IAM_MATCH_NONE},
    {"names have case", "{\"AWS\": \"arn:aws:iam::123456789012:user/team/Ann\"}", USER,
     IAM_MATCH_NONE},
    {"account by number", "{\"AWS\": \"123456789012\"}", USER, IAM_MATCH_ACCOUNT},
    {"account by its root", "{\"AWS\": \"" ROOT "\"}", USER, IAM_MATCH_ACCOUNT},
    {"the root itself", "{\"AWS\": \"" ROOT "\"}", ROOT, IAM_MATCH_PRINCIPAL},
    {"another account", "{\"AWS\": \"210987654321\"}", USER, IAM_MATCH_NONE},
    {"another root", "{\"AWS\": \"arn:aws:iam::210987654321:root\"}", USER, IAM_MATCH_NONE},
    {"too short for a number", "{\"AWS\": \"12345678901\"}", USER, IAM_MATCH_NONE},
    {"account of a session", "{\"AWS\": \"123456789012\"}", SESSION, IAM_MATCH_ACCOUNT},
    {"role", "{\"AWS\": \"" ROLE "\"}", ROLE, IAM_MATCH_ROLE},
    {"role of a session, path and all", "{\"AWS\": \"" ROLE "\"}", SESSION, IAM_MATCH_ROLE},
    {"role of another name", "{\"AWS\": \"arn:aws:iam::123456789012:role/path/rr\"}", SESSION,
     IAM_MATCH_NONE},
    {"role of another account", "{\"AWS\": \"arn:aws:iam::210987654321:role/path/r\"}", SESSION,
     IAM_MATCH_NONE},
    {"role of another partition", "{\"AWS\": \"arn:aws-cn:iam::123456789012:role/r\"}", SESSION,
     IAM_MATCH_NONE},
    {"the path is not the name", "{\"AWS\": \"arn:aws:iam::123456789012:role/r/path\"}", SESSION,
     IAM_MATCH_NONE},
    {"session", "{\"AWS\": \"" SESSION "\"}", SESSION, IAM_MATCH_PRINCIPAL},
    {"one session of the role that asks", "{\"AWS\": \"" SESSION "\"}", ROLE, IAM_MATCH_MAYBE},
    {"one session of another role", "{\"AWS\": \"" SESSION "\"}",
     "arn:aws:iam::123456789012:role/q", IAM_MATCH_NONE},
    {"another session", "{\"AWS\": \"" SESSION "2\"}", SESSION, IAM_MATCH_NONE},
    {"user whose session it may be", "{\"AWS\": \"arn:aws:iam::123456789012:user/x\"}", FEDERATED,
     IAM_MATCH_MAYBE},
    {"user of another account", "{\"AWS\": \"arn:aws:iam::210987654321:user/x\"}", FEDERATED,
     IAM_MATCH_NONE},
    {"star and the role", "{\"AWS\": [\"*\", \"" ROLE "\"]}", ROLE, IAM_MATCH_ANY},
    {"federated user", "{\"AWS\": \"" FEDERATED "\"}", FEDERATED, IAM_MATCH_PRINCIPAL},
    {"star", "\"*\"", USER, IAM_MATCH_ANY},
    {"AWS star", "{\"AWS\": \"*\"}", SESSION, IAM_MATCH_ANY},
    {"star for nobody in particular", "\"*\"", "anonymous", IAM_MATCH_ANY},
    {"account for nobody in particular", "{\"AWS\": \"123456789012\"}", "*", IAM_MATCH_NONE},
    {"service", "{\"Service\": \"ec2.amazonaws.com\"}", "ec2.amazonaws.com", IAM_MATCH_PRINCIPAL},
    {"another service", "{\"Service\": \"ec2.amazonaws.com\"}", "s3.amazonaws.com", IAM_MATCH_NONE},
    {"a service is no user", "{\"Service\": \"" USER "\"}", "ec2.amazonaws.com", IAM_MATCH_NONE},
    {"federated provider", "{\"Federated\": \"accounts.google.com\"}", "accounts.google.com",
     IAM_MATCH_PRINCIPAL},
    {"canonical user", "{\"CanonicalUser\": \"79a5\"}", USER, IAM_MATCH_MAYBE},
    {"canonical user, a service", "{\"CanonicalUser\": \"79a5\"}", "ec2.amazonaws.com",
     IAM_MATCH_NONE},
    {"the best of several", "{\"AWS\": [\"123456789012\", \"" USER "\"]}", USER,
     IAM_MATCH_PRINCIPAL},
    {"unknown", "{\"AWS\": \"!\"}", USER, IAM_MATCH_MAYBE},
    {"unknown and another", "{\"AWS\": [\"!\", \"210987654321\"]}", USER, IAM_MATCH_MAYBE},
    {"unknown and the same", "{\"AWS\": [\"!\", \"" USER "\"]}", USER, IAM_MATCH_PRINCIPAL},
};

CASES(policies_iam_match, principal, principal_cases)
{
    const struct principal_case *c = &principal_cases[*case_index];
    struct iam_request r = {.principal = slice_str(c->principal)};
    enum iam_principal_match got, want;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = with(
        arena_printf(&a, "\"Effect\": \"Allow\", \"Action\": \"*\", \"Principal\": %s", c->element),
        &a);
    got = iam_match_principal(&d.statements[0], &r);
    cr_expect_eq(got, c->want, "%s: %d", c->what, (int)got);

    want = c->want == IAM_MATCH_NONE                                    ? IAM_MATCH_ROLE
           : c->want == IAM_MATCH_MAYBE || c->want == IAM_MATCH_ACCOUNT ? IAM_MATCH_MAYBE
                                                                        : IAM_MATCH_NONE;
    d = with(arena_printf(&a, "\"Effect\": \"Deny\", \"Action\": \"*\", \"NotPrincipal\": %s",
                          c->element),
             &a);
    r.context.reading = IAM_READING_SIMULATE;
    got = iam_match_principal(&d.statements[0], &r);
    cr_expect_eq(got, want, "%s, NotPrincipal: %d", c->what, (int)got);
    arena_release(&a);
}

#define NUMBER "\"123456789012\""

/* Who is spared by a Deny with NotPrincipal must be named with the account, a session with its
 * role: else AWS may deny it all the same. IAM_MATCH_ROLE: denied. */
static const struct principal_case spared_cases[] = {
    {"user alone", "{\"AWS\": \"" USER "\"}", USER, IAM_MATCH_MAYBE},
    {"user and account", "{\"AWS\": [\"" USER "\", " NUMBER "]}", USER, IAM_MATCH_NONE},
    {"user and root", "{\"AWS\": [\"" ROOT "\", \"" USER "\"]}", USER, IAM_MATCH_NONE},
    {"user and another account", "{\"AWS\": [\"210987654321\", \"" USER "\"]}", USER,
     IAM_MATCH_MAYBE},
    {"another user and the account", "{\"AWS\": [\"" USER "x\", " NUMBER "]}", USER,
     IAM_MATCH_MAYBE},
    {"another user", "{\"AWS\": \"" USER "x\"}", USER, IAM_MATCH_ROLE},
    {"the root itself", "{\"AWS\": \"" ROOT "\"}", ROOT, IAM_MATCH_NONE},
    {"role alone", "{\"AWS\": \"" ROLE "\"}", ROLE, IAM_MATCH_MAYBE},
    {"role and account", "{\"AWS\": [\"" ROLE "\", " NUMBER "]}", ROLE, IAM_MATCH_NONE},
    {"role of a session", "{\"AWS\": \"" ROLE "\"}", SESSION, IAM_MATCH_MAYBE},
    {"role and account of a session", "{\"AWS\": [\"" ROLE "\", " NUMBER "]}", SESSION,
     IAM_MATCH_NONE},
    {"session and account", "{\"AWS\": [\"" SESSION "\", \"" ROOT "\"]}", SESSION, IAM_MATCH_MAYBE},
    {"session, role and account", "{\"AWS\": [\"" SESSION "\", \"" ROLE "\", \"" ROOT "\"]}",
     SESSION, IAM_MATCH_NONE},
    {"another session", "{\"AWS\": \"" SESSION "2\"}", SESSION, IAM_MATCH_ROLE},
    {"everybody", "{\"AWS\": \"*\"}", SESSION, IAM_MATCH_NONE},
    {"a service", "{\"Service\": \"s3.amazonaws.com\"}", "s3.amazonaws.com", IAM_MATCH_NONE},
    {"another service", "{\"Service\": \"s3.amazonaws.com\"}", "ec2.amazonaws.com", IAM_MATCH_ROLE},
};

CASES(policies_iam_match, who_a_deny_spares_is_named_with_the_account, spared_cases)
{
    const struct principal_case *c = &spared_cases[*case_index];
    const struct iam_request r = {.principal = slice_str(c->principal)};
    enum iam_principal_match got;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = with(arena_printf(&a, "\"Effect\": \"Deny\", \"Action\": \"*\", \"NotPrincipal\": %s",
                          c->element),
             &a);
    got = iam_match_principal(&d.statements[0], &r);
    cr_expect_eq(got, c->want, "%s: %d", c->what, (int)got);
    arena_release(&a);
}

static const struct {
    const char *arn, *account;
} accounts[] = {
    {USER, "123456789012"},
    {SESSION, "123456789012"},
    {"123456789012", "123456789012"},
    {"12345678901", ""},
    {"1234567890123", ""},
    {"12345678901x", ""},
    {"arn:aws:s3:::b", ""},
    {"arn:aws:iam::aws:policy/x", "aws"},
    {"arn:aws:iam::123", ""},
    {"ec2.amazonaws.com", ""},
    {"*", ""},
    {"", ""},
};

CASES(policies_iam_match, account, accounts)
{
    const struct slice got = iam_request_account(slice_str(accounts[*case_index].arn));

    cr_expect(slice_is(got, accounts[*case_index].account), "%s: %.*s", accounts[*case_index].arn,
              (int)got.len, (const char *)got.data);
}

Test(policies_iam_match, field)
{
    const struct slice arn = SLICE_LIT("a:b:c:d:e:f:g");

    cr_expect(slice_is(iam_request_field(arn, 0), "a"));
    cr_expect(slice_is(iam_request_field(arn, 4), "e"));
    cr_expect(slice_is(iam_request_field(arn, 5), ""), "of the first five");
    cr_expect(slice_is(iam_request_field(SLICE_LIT("a:b"), 1), ""), "no colon behind it");
    cr_expect(slice_is(iam_request_field(SLICE_LIT(""), 0), ""));
}

Test(policies_iam_match, context)
{
    const struct iam_key *k;
    struct iam_context c;
    struct arena a;

    arena_init(&a);
    c = iam_text_context(
        "{\"aws:S\": \"x\", \"b\": true, \"n\": 12, \"r\": 0.1, \"l\": [\"x\", 1], "
        "\"e\": [], \"u\": \"!\", \"lu\": [\"x\", \"!\"]}",
        &a);
    cr_assert(c.n == 8 && !c.open);
    k = iam_request_key(&c, SLICE_LIT("AWS:s"));
    cr_assert(k != NULL && k->n == 1 && !k->many && !k->unknown);
    cr_expect(slice_is(k->values[0], "x"));
    cr_expect(slice_is(iam_request_key(&c, SLICE_LIT("b"))->values[0], "true"));
    cr_expect(slice_is(iam_request_key(&c, SLICE_LIT("n"))->values[0], "12"));
    cr_expect(slice_is(iam_request_key(&c, SLICE_LIT("r"))->values[0], "0.1"));
    k = iam_request_key(&c, SLICE_LIT("l"));
    cr_expect(k->many && k->n == 2 && slice_is(k->values[1], "1"));
    k = iam_request_key(&c, SLICE_LIT("e"));
    cr_expect(k->many && k->n == 0 && !k->unknown);
    cr_expect(iam_request_key(&c, SLICE_LIT("u"))->unknown);
    cr_expect(iam_request_key(&c, SLICE_LIT("lu"))->unknown);
    cr_expect_null(iam_request_key(&c, SLICE_LIT("aws:T")));
    arena_release(&a);
}

static const struct {
    const char *json, *text;
} bad_contexts[] = {
    {"[]", "a context: expected a map, found list"},
    {"\"x\"", "a context: expected a map, found string"},
    {"{\"k\": null}", "context key 'k': expected text or a list, found null"},
    {"{\"k\": {}}", "context key 'k': expected text or a list, found map"},
    {"{\"aws:K\": \"v\", \"AWS:k\": \"w\"}",
     "context key 'AWS:k' stands there twice, in another case"},
    {"{\"k\": [[\"v\"]]}", "context key 'k': expected text or a list, found list"},
};

CASES(policies_iam_match, bad_context, bad_contexts)
{
    struct iam_context c;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(
        !iam_request_read_context(iam_text_value(bad_contexts[*case_index].json, &a), &a, &c, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    cr_expect_str_eq(e.text, bad_contexts[*case_index].text);
    arena_release(&a);
}

Test(policies_iam_match, no_context)
{
    struct iam_context c;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(iam_request_read_context(NULL, &a, &c, &e));
    cr_expect(c.n == 0 && !c.open);
    cr_assert(iam_request_read_context(iam_text_value("\"!\"", &a), &a, &c, &e));
    cr_expect(c.n == 0 && c.open, "an unknown context may hold any key");
    arena_release(&a);
}
