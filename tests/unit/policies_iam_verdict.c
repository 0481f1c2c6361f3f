/* iam_evaluate.h: what a verdict tells; iam_derived.h */
#include "policies/iam/evaluate/iam_derived.h"
#include "policies/iam/evaluate/iam_evaluate.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_letters.h"

/* ---- keys and roles ---- */

struct owned_case {
    const char *what;
    const char *action, *resource;
    const char *identity, *policy; /* of the resource */
    enum iam_decision want;
};

#define KEY "arn:aws:kms:eu-west-1:" HOME ":key/k"

static const struct owned_case owned_cases[] = {
    {"a key without its policy", "kms:Decrypt", KEY, "a", NULL, NO},
    {"a key's policy says nothing", "kms:Decrypt", KEY, "a", "oa", NO},
    {"a key's policy delegates", "kms:Decrypt", KEY, "a", "ca", YES},
    {"a key's policy delegates to those who may not", "kms:Decrypt", KEY, "n", "ca", NO},
    {"a key's policy names the user", "kms:Decrypt", KEY, "n", "pa", YES},
    {"an alias is no key", "kms:DeleteAlias", "arn:aws:kms:eu-west-1:" HOME ":alias/k", "a", NULL,
     YES},
    {"an alias of AWS", "kms:DeleteAlias", "arn:aws:kms:eu-west-1:" HOME ":alias/aws/s3", "a", NULL,
     NO},
    {"a role without its trust", "sts:AssumeRole", ROLE, "a", NULL, NO},
    {"a role trusts the account", "sts:AssumeRole", ROLE, "a", "ca", YES},
    {"a role trusts the user", "sts:AssumeRole", ROLE, "n", "pa", YES},
    {"a role trusts another", "sts:AssumeRole", ROLE, "a", "oa", NO},
    {"a role is passed without its trust", "iam:PassRole", ROLE, "a", NULL, YES},
    {"a role of Identity Center", "iam:PutRolePolicy",
     "arn:aws:iam::" HOME ":role/aws-reserved/sso.amazonaws.com/x", "a", NULL, NO},
    {"a role of Identity Center is read", "iam:GetRole",
     "arn:aws:iam::" HOME ":role/aws-reserved/sso.amazonaws.com/x", "a", NULL, YES},
    {"a policy of AWS", "iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess", "a",
     NULL, NO},
    {"a policy of AWS is read", "iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", "a",
     NULL, YES},
    {"who am I", "sts:GetCallerIdentity", "*", "d", NULL, YES},
};

/* The letters speak of s3:GetObject; here of everything. */
static struct iam_doc *of_all(const char *letters, bool resource, struct arena *a)
{
    struct iam_doc *d = ARENA_NEW(a, struct iam_doc);
    static const struct slice all[] = {{(const uint8_t *)"*", 1}}, none[] = {{NULL, 0}};
    struct iam_statement *s;

    *d = iam_letters_doc(letters, resource, USER, a);
    s = ARENA_ARRAY(a, struct iam_statement, d->n);
    for (size_t i = 0; i < d->n; i++) {
        s[i] = d->statements[i];
        s[i].actions =
            (struct iam_texts){slice_is(s[i].actions.items[0], "ec2:*") ? none : all, 1, false};
    }
    d->statements = s;
    return d;
}

CASES(policies_iam_verdict, owned, owned_cases)
{
    const struct owned_case *c = &owned_cases[*case_index];
    struct iam_question q = {.request = {.action = slice_str(c->action),
                                         .resource = slice_str(c->resource),
                                         .principal = SLICE_LIT(USER)}};
    struct iam_verdict v;
    struct arena a;

    arena_init(&a);
    q.identity = (struct iam_docs){of_all(c->identity, false, &a), 1, false};
    q.resource = c->policy != NULL ? of_all(c->policy, true, &a) : NULL;
    iam_evaluate(&q, &a, &v);
    cr_expect_eq(v.decision, c->want, "%s: %s (%s)", c->what,
                 iam_evaluate_decision_name(v.decision), v.text);
    if (q.resource == NULL && c->want != YES) { /* nobody knows its policy */
        q.resource_unknown = true;
        cr_expect_eq(iam_evaluate_decide(&q, &a),
                     strstr(c->what, "without") != NULL ? OPEN : c->want, "%s", c->what);
    }
    arena_release(&a);
}

/* ---- what the verdict tells ---- */

struct blocks_case {
    const char *what;
    struct iam_letters sides;
    const char *blocks; /* sides, in the order of the enumeration */
    const char *text;
};

static const struct blocks_case blocks_cases[] = {
    {"allowed", {.identity = "a", .boundary = "a"}, "", "an identity policy allows it"},
    {"allowed by the resource",
     {.resource = "pa", .boundary = "n"},
     "",
     "the resource's policy allows it"},
    {"nothing", {0}, "", "no identity policy allows it"},
    {"identity denies",
     {.identity = "ad", .scp = "n"},
     "identity SCP",
     "a statement of an identity policy denies it"},
    {"boundary",
     {.identity = "a", .boundary = "n"},
     "boundary",
     "the permissions boundary does not allow it"},
    {"boundary, around which the resource goes",
     {.resource = "pa", .boundary = "n", .scp = "n"},
     "SCP",
     "a level of the organisation's SCPs does not allow it"},
    {"session",
     {.identity = "a", .session = "n"},
     "session",
     "the session policy does not allow it"},
    {"all",
     {"ad", "pd", "d", "d", "d", "d", "d"},
     "identity resource boundary session SCP RCP endpoint",
     "a statement of an identity policy denies it"},
    {"limits",
     {.identity = "a", .boundary = "n", .scp = "n", .rcp = "n", .endpoint = "n"},
     "boundary SCP endpoint",
     "a level of the organisation's SCPs does not allow it"},
    {"may deny", {.identity = "a", .scp = "aD"}, "", "whether an SCP denies it cannot be told"},
    {"may allow",
     {.identity = "a", .boundary = "A"},
     "",
     "whether the permissions boundary allows it cannot be told"},
    {"identity unknown", {.identity = "?", .rcp = "d"}, "RCP", "a statement of an RCP denies it"},
};

CASES(policies_iam_verdict, blocks, blocks_cases)
{
    const struct blocks_case *c = &blocks_cases[*case_index];
    struct iam_question q;
    struct iam_verdict v;
    struct arena a;
    char *got;

    arena_init(&a);
    q = iam_letters_question(&c->sides, USER, HOME, &a);
    iam_evaluate(&q, &a, &v);
    got = arena_printf(&a, "%s", "");
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        if (v.blocks[i])
            got = arena_printf(&a, "%s%s%s", got, *got != '\0' ? " " : "",
                               iam_evaluate_side_name((enum iam_side)i));
    cr_expect_str_eq(got, c->blocks, "%s: %s", c->what, got);
    cr_expect_str_eq(v.text, c->text, "%s: %s", c->what, v.text);
    arena_release(&a);
}

/* A role that the resource's policy names, and which its boundary keeps out. */
Test(policies_iam_verdict, role_within_boundary)
{
    const struct iam_letters s = {.resource = "ra", .boundary = "n"};
    struct iam_question q;
    struct iam_verdict v;
    struct arena a;

    arena_init(&a);
    q = iam_letters_question(&s, SESSION, HOME, &a);
    iam_evaluate(&q, &a, &v);
    cr_expect(v.blocks[IAM_SIDE_BOUNDARY]);
    cr_expect_str_eq(v.text, "the permissions boundary does not allow it");
    arena_release(&a);
}

/* Does the side allow? A deny that may match makes a yes a maybe. */
Test(policies_iam_verdict, sides)
{
    const struct iam_letters s = {
        .identity = "aD", .resource = "*n", .boundary = "A", .session = "a", .scp = "a/n"};
    static const enum iam_answer want[] = {IAM_MAYBE, IAM_NO,  IAM_MAYBE, IAM_YES,
                                           IAM_NO,    IAM_YES, IAM_YES};
    struct iam_question q;
    struct iam_verdict v;
    struct arena a;

    arena_init(&a);
    q = iam_letters_question(&s, USER, HOME, &a);
    iam_evaluate(&q, &a, &v);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        cr_expect_eq(v.sides[i], want[i], "%s", iam_evaluate_side_name((enum iam_side)i));
    arena_release(&a);
}

/* Denies, then allows, then maybes, then near misses; what speaks of other actions is left out. */
Test(policies_iam_verdict, reasons)
{
    static const char policy[] =
        "{\"Version\": \"2012-10-17\", \"Statement\": ["
        "{\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", \"Resource\": \"arn:aws:s3:::c/*\"},"
        "{\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"},"
        "{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"!\"},"
        "{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"},"
        "{\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\", \"Condition\": "
        "{\"Bool\": {\"aws:SecureTransport\": \"false\"}}},"
        "{\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\", \"Condition\": "
        "{\"StringEquals\": {\"k\": \"!\"}}},"
        "{\"Effect\": \"Deny\", \"NotAction\": \"ec2:*\", \"Resource\": \"*\"}]}";
    static const struct {
        size_t index;
        enum iam_answer matched;
        const char *why;
    } want[] = {{6, IAM_YES, NULL},
                {3, IAM_YES, NULL},
                {2, IAM_MAYBE, "Resource cannot be told"},
                {5, IAM_MAYBE, "Condition StringEquals k cannot be told"},
                {0, IAM_NO, "Resource does not match"},
                {4, IAM_NO, "Condition Bool aws:SecureTransport does not match"}};
    struct iam_question q;
    struct iam_verdict v;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    q = iam_letters_question(&(struct iam_letters){0}, USER, HOME, &a);
    q.request.context = iam_text_context("{\"k\": \"v\", \"aws:SecureTransport\": true}", &a);
    d = iam_text_doc(policy, &a);
    q.identity = (struct iam_docs){&d, 1, false};
    iam_evaluate(&q, &a, &v);
    cr_expect_eq(v.decision, DENY);
    cr_assert_eq(v.nreasons, ARRAY_LEN(want), "%zu", v.nreasons);
    for (size_t i = 0; i < v.nreasons; i++) {
        const struct iam_reason *r = &v.reasons[i];

        cr_expect(r->statement->index == want[i].index && r->matched == want[i].matched,
                  "%zu: statement %zu", i, r->statement->index);
        cr_expect(want[i].why == NULL ? r->why == NULL : strcmp(r->why, want[i].why) == 0,
                  "%zu: %s", i, r->why);
        cr_expect(r->side == IAM_SIDE_IDENTITY && r->doc == &q.identity.items[0]);
    }
    arena_release(&a);
}

/* A NotPrincipal that denies spares nobody who has a boundary. */
Test(policies_iam_verdict, not_principal)
{
    static const char policy[] =
        "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", "
        "\"Resource\": \"*\", \"NotPrincipal\": {\"AWS\": [\"" USER "\", \"" HOME "\"]}}]}";
    struct iam_question q;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = iam_text_doc(policy, &a);
    q = iam_letters_question(&(struct iam_letters){.identity = "a"}, USER, HOME, &a);
    q.resource = &d;
    cr_expect_eq(iam_evaluate_decide(&q, &a), YES);
    q = iam_letters_question(&(struct iam_letters){.identity = "a", .boundary = "a"}, USER, HOME,
                             &a);
    q.resource = &d;
    cr_expect_eq(iam_evaluate_decide(&q, &a), DENY);
    q = iam_letters_question(&(struct iam_letters){.identity = "a"}, "arn:aws:iam::" AWAY ":user/x",
                             HOME, &a);
    q.resource = &d;
    cr_expect_eq(iam_evaluate_decide(&q, &a), DENY);
    arena_release(&a);
}

Test(policies_iam_verdict, docs_unknown)
{
    struct iam_question q = {.identity = {NULL, 0, true}};
    struct arena a;

    arena_init(&a);
    q = iam_letters_question(&(struct iam_letters){0}, USER, HOME, &a);
    q.identity.unknown = true;
    cr_expect_eq(iam_evaluate_decide(&q, &a), OPEN, "further policies may allow");
    q = iam_letters_question(&(struct iam_letters){.identity = "a"}, USER, HOME, &a);
    q.identity.unknown = true;
    cr_expect_eq(iam_evaluate_decide(&q, &a), OPEN, "further policies may deny");
    q = iam_letters_question(&(struct iam_letters){.identity = "d"}, USER, HOME, &a);
    q.identity.unknown = true;
    cr_expect_eq(iam_evaluate_decide(&q, &a), DENY);
    q = iam_letters_question(&(struct iam_letters){.identity = "a"}, USER, HOME, &a);
    q.boundary = &(struct iam_docs){NULL, 0, true};
    cr_expect_eq(iam_evaluate_decide(&q, &a), OPEN, "a boundary that nobody knows");
    arena_release(&a);
}

Test(policies_iam_verdict, statement)
{
    struct iam_request r = {.action = SLICE_LIT("s3:GetObject"),
                            .resource = SLICE_LIT("arn:aws:s3:::b/k"),
                            .principal = SLICE_LIT(USER)};
    static const struct {
        const char *letters;
        bool resource;
        enum iam_answer want;
    } rows[] = {{"a", false, IAM_YES},   {"d", false, IAM_YES},   {"n", false, IAM_NO},
                {"A", false, IAM_MAYBE}, {"e", false, IAM_MAYBE}, {"pa", true, IAM_YES},
                {"oa", true, IAM_NO},    {"ud", true, IAM_MAYBE}};
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        d = iam_letters_doc(rows[i].letters, rows[i].resource, USER, &a);
        cr_expect_eq(iam_evaluate_statement(&d, &d.statements[0], &r, &a), rows[i].want, "%s",
                     rows[i].letters);
    }
    arena_release(&a);
}

/* ---- what AWS knows of a request ---- */

struct derived_case {
    const char *principal, *context;
    const char *key, *want; /* NULL: absent; "?": unknown */
};

static const struct derived_case derived_cases[] = {
    {USER, "{}", "aws:PrincipalArn", USER},
    {USER, "{}", "aws:PrincipalAccount", HOME},
    {USER, "{}", "aws:PrincipalType", "User"},
    {USER, "{}", "aws:username", "ann"},
    {"arn:aws:iam::" HOME ":user/team/ann", "{}", "aws:username", "ann"},
    {USER, "{}", "aws:PrincipalIsAWSService", "false"},
    {USER, "{}", "aws:userid", "?"},
    {USER, "{}", "aws:CurrentTime", "?"},
    {USER, "{}", "aws:MultiFactorAuthPresent", "?"},
    {USER, "{}", "aws:PrincipalOrgID", NULL},
    {USER, "{}", "aws:SourceVpce", NULL},
    {USER, "{}", "aws:ResourceAccount", "?"},
    {USER, "{\"aws:sourceip\": \"10.0.0.1\"}", "aws:SourceIp", "10.0.0.1"},
    {USER, "{\"aws:PrincipalArn\": \"x\"}", "aws:PrincipalArn", "x"},
    {ROLE, "{}", "aws:PrincipalArn", ROLE},
    {ROLE, "{}", "aws:PrincipalType", "AssumedRole"},
    {ROLE, "{}", "aws:username", NULL},
    {SESSION, "{}", "aws:PrincipalArn", "?"},
    {SESSION, "{\"aws:PrincipalArn\": \"" ROLE "\"}", "aws:PrincipalArn", ROLE},
    {SESSION, "{}", "aws:PrincipalType", "AssumedRole"},
    {SESSION, "{}", "aws:PrincipalAccount", HOME},
    {FEDERATED, "{}", "aws:PrincipalType", "FederatedUser"},
    {FEDERATED, "{}", "aws:username", NULL},
    {ROOT, "{}", "aws:PrincipalType", "Account"},
    {"anonymous", "{}", "aws:PrincipalType", "Anonymous"},
    {"anonymous", "{}", "aws:userid", NULL},
    {"anonymous", "{}", "aws:PrincipalArn", NULL},
    {"anonymous", "{}", "aws:SourceIp", "?"},
    {"ec2.amazonaws.com", "{}", "aws:PrincipalIsAWSService", "true"},
    {"ec2.amazonaws.com", "{}", "aws:PrincipalServiceName", "ec2.amazonaws.com"},
    {"ec2.amazonaws.com", "{}", "aws:PrincipalAccount", NULL},
};

CASES(policies_iam_verdict, derived, derived_cases)
{
    const struct derived_case *c = &derived_cases[*case_index];
    struct iam_request r = {.principal = slice_str(c->principal),
                            .resource = SLICE_LIT("arn:aws:s3:::b")};
    const struct iam_key *k;
    struct arena a;

    arena_init(&a);
    r.context = iam_text_context(c->context, &a);
    iam_derived_keys(&r, &a);
    k = iam_request_key(&r.context, slice_str(c->key));
    if (c->want == NULL)
        cr_expect_null(k, "%s, %s", c->principal, c->key);
    else if (strcmp(c->want, "?") == 0)
        cr_expect(k != NULL && k->unknown, "%s, %s", c->principal, c->key);
    else
        cr_expect(k != NULL && !k->unknown && k->n == 1 && !k->many &&
                      slice_is(k->values[0], c->want),
                  "%s, %s", c->principal, c->key);
    arena_release(&a);
}

Test(policies_iam_verdict, resource_account)
{
    struct iam_request r = {.principal = SLICE_LIT(USER), .resource = SLICE_LIT(KEY)};
    struct arena a;

    arena_init(&a);
    iam_derived_keys(&r, &a);
    cr_expect(
        slice_is(iam_request_key(&r.context, SLICE_LIT("aws:ResourceAccount"))->values[0], HOME));
    r = (struct iam_request){.resource = SLICE_LIT("arn:aws:s3:::b"),
                             .resource_account = SLICE_LIT(AWAY)};
    iam_derived_keys(&r, &a);
    cr_expect(
        slice_is(iam_request_key(&r.context, SLICE_LIT("aws:ResourceAccount"))->values[0], AWAY));
    arena_release(&a);
}
