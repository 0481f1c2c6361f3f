/* policies/iam/iam_evaluate.h */
#include "policies/iam/iam_evaluate.h"

#include <string.h>

#include "policies/iam/iam_derived.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_text.h"

#define HOME "123456789012"
#define AWAY "210987654321"
#define USER "arn:aws:iam::" HOME ":user/ann"
#define ROLE "arn:aws:iam::" HOME ":role/r"
#define SESSION "arn:aws:sts::" HOME ":assumed-role/r/s"
#define FEDERATED "arn:aws:sts::" HOME ":federated-user/bob"
#define ROOT "arn:aws:iam::" HOME ":root"
#define LINKED "arn:aws:iam::" HOME ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"

/*
 * Policies in short, a letter a statement:
 *   a allows, d denies, n allows something else; A and D the same under a condition that nobody
 *   can tell; e either allows or denies; ? whatever there is. "" has no statement.
 * In a resource's policy a sign before each letter says whom: p the principal's own ARN, r the
 * role, c the account, * anybody, u nobody knows whom, w the role and nobody knows whom else,
 * v ec2.amazonaws.com, o another user.
 */
static const char *elements(char letter)
{
    switch (letter) {
    case 'a':
        return "\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"";
    case 'd':
        return "\"Effect\": \"Deny\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"";
    case 'A':
        return "\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": "
               "\"!\"";
    case 'D':
        return "\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": \"!\"";
    case 'e':
        return "\"Effect\": \"!\", \"Action\": \"*\", \"Resource\": \"*\"";
    default:
        return "\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"";
    }
}

static const char *whom(char sign, const char *principal, struct arena *a)
{
    switch (sign) {
    case 'p':
        return arena_printf(a, "{\"AWS\": \"%s\"}", principal);
    case 'r':
        return "{\"AWS\": \"" ROLE "\"}";
    case 'c':
        return "{\"AWS\": \"" HOME "\"}";
    case 'u':
        return "{\"AWS\": \"!\"}";
    case 'w':
        return "{\"AWS\": [\"!\", \"" ROLE "\"]}";
    case 'v':
        return "{\"Service\": \"ec2.amazonaws.com\"}";
    case 'o':
        return "{\"AWS\": \"arn:aws:iam::" HOME ":user/other\"}";
    default:
        return "\"*\"";
    }
}

static struct iam_doc doc(const char *letters, bool resource, const char *principal,
                          struct arena *a)
{
    char *text = arena_printf(a, "{\"Version\": \"2012-10-17\", \"Statement\": [");

    if (strchr(letters, '?') != NULL)
        return iam_doc_unknown("");
    for (size_t i = 0; letters[i] != '\0'; i++) {
        const char sign = letters[i];

        i += resource;
        text = arena_printf(a, "%s%s{%s", text, text[strlen(text) - 1] == '[' ? "" : ", ",
                            elements(letters[i]));
        text = resource ? arena_printf(a, "%s, \"Principal\": %s}", text, whom(sign, principal, a))
                        : arena_printf(a, "%s}", text);
    }
    return iam_text_doc(arena_printf(a, "%s]}", text), a);
}

static const struct iam_docs *docs(const char *letters, struct arena *a)
{
    struct iam_docs *out;
    struct iam_doc *d;

    if (letters == NULL)
        return NULL;
    out = ARENA_NEW(a, struct iam_docs);
    d = ARENA_NEW(a, struct iam_doc);
    *d = doc(letters, false, NULL, a);
    *out = (struct iam_docs){d, 1, false};
    return out;
}

/* Levels apart by '/'. */
static struct iam_level *levels(const char *letters, struct arena *a, size_t *n)
{
    struct iam_level *out = NULL;

    *n = 0;
    for (const char *from = letters; from != NULL;) {
        const char *to = strchr(from, '/');
        struct iam_level *level = ARENA_PUSH(a, &out, n);

        level->docs = *docs(to == NULL ? from : arena_printf(a, "%.*s", (int)(to - from), from), a);
        from = to == NULL ? NULL : to + 1;
    }
    return out;
}

struct sides {
    const char *identity, *resource, *boundary, *session, *scp, *rcp, *endpoint;
};

static struct iam_question question(const struct sides *s, const char *principal,
                                    const char *account, struct arena *a)
{
    struct iam_question q = {.request = {.action = SLICE_LIT("s3:GetObject"),
                                         .resource = SLICE_LIT("arn:aws:s3:::b/k"),
                                         .resource_account = slice_str(account),
                                         .principal = slice_str(principal)}};

    if (s->identity != NULL)
        q.identity = *docs(s->identity, a);
    if (s->resource != NULL) {
        struct iam_doc *d = ARENA_NEW(a, struct iam_doc);

        *d = doc(s->resource, true, principal, a);
        q.resource = d;
    }
    q.boundary = docs(s->boundary, a);
    q.session = docs(s->session, a);
    q.endpoint = docs(s->endpoint, a);
    q.scps = levels(s->scp, a, &q.nscps);
    q.rcps = levels(s->rcp, a, &q.nrcps);
    return q;
}

struct evaluate_case {
    const char *what;
    const char *principal;
    struct sides sides;
    enum iam_decision home, away; /* the resource is of the principal's account, or of another */
};

#define YES IAM_ALLOWED
#define NO IAM_IMPLICITLY_DENIED
#define DENY IAM_EXPLICITLY_DENIED
#define OPEN IAM_UNDECIDED

static const struct evaluate_case evaluate_cases[] = {
    {"nothing", USER, {0}, NO, NO},
    {"identity allows", USER, {.identity = "a"}, YES, NO},
    {"identity denies", USER, {.identity = "ad"}, DENY, DENY},
    {"identity says nothing of it", USER, {.identity = "n"}, NO, NO},
    {"both allow", USER, {.identity = "a", .resource = "pa"}, YES, YES},
    {"resource denies", USER, {.identity = "a", .resource = "pd"}, DENY, DENY},
    {"resource denies another", USER, {.identity = "a", .resource = "od"}, YES, NO},

    {"resource allows the user", USER, {.resource = "pa"}, YES, NO},
    {"resource allows the account", USER, {.resource = "ca"}, NO, NO},
    {"resource allows the account, identity too",
     USER,
     {.identity = "a", .resource = "ca"},
     YES,
     YES},
    {"resource allows anybody", USER, {.resource = "*a"}, YES, NO},
    {"resource allows another", USER, {.resource = "oa"}, NO, NO},
    {"resource allows the role", SESSION, {.resource = "ra"}, YES, NO},
    {"resource allows the role, as whom one asks", ROLE, {.resource = "pa"}, YES, NO},
    {"resource allows the session", SESSION, {.resource = "pa"}, YES, NO},
    {"resource allows the federated user", FEDERATED, {.resource = "pa"}, YES, NO},

    {"boundary limits identity", USER, {.identity = "a", .boundary = "n"}, NO, NO},
    {"boundary grants nothing", USER, {.boundary = "a"}, NO, NO},
    {"boundary and identity", USER, {.identity = "a", .boundary = "a"}, YES, NO},
    {"boundary denies", USER, {.identity = "a", .resource = "pa", .boundary = "ad"}, DENY, DENY},
    {"boundary does not limit the user named", USER, {.resource = "pa", .boundary = "n"}, YES, NO},
    {"boundary does not limit anybody", USER, {.resource = "*a", .boundary = "n"}, YES, NO},
    {"boundary limits the role named", SESSION, {.resource = "ra", .boundary = "n"}, NO, NO},
    {"boundary lets the role named", SESSION, {.resource = "ra", .boundary = "a"}, YES, NO},
    {"boundary does not limit the session named",
     SESSION,
     {.resource = "pa", .boundary = "n"},
     YES,
     NO},
    {"boundary limits the account named",
     USER,
     {.identity = "a", .resource = "ca", .boundary = "n"},
     NO,
     NO},
    {"role and session named", SESSION, {.resource = "rapa", .boundary = "n"}, YES, NO},
    {"boundary away", USER, {.identity = "a", .resource = "pa", .boundary = "n"}, YES, NO},

    {"session limits identity", SESSION, {.identity = "a", .session = "n"}, NO, NO},
    {"session lets identity", SESSION, {.identity = "a", .session = "a"}, YES, NO},
    {"session grants nothing", SESSION, {.session = "a"}, NO, NO},
    {"session without statements", SESSION, {.identity = "a", .session = ""}, NO, NO},
    {"session denies", SESSION, {.identity = "a", .session = "ad"}, DENY, DENY},
    {"session limits the role named", SESSION, {.resource = "ra", .session = "n"}, NO, NO},
    {"session does not limit anybody", SESSION, {.resource = "*a", .session = "n"}, YES, NO},
    {"boundary and session", SESSION, {.identity = "a", .boundary = "a", .session = "n"}, NO, NO},

    {"each level allows", USER, {.identity = "a", .scp = "a/a/a"}, YES, NO},
    {"a level does not", USER, {.identity = "a", .scp = "a/n/a"}, NO, NO},
    {"a level has none", USER, {.identity = "a", .scp = "a//a"}, NO, NO},
    {"a level denies", USER, {.identity = "a", .scp = "a/ad"}, DENY, DENY},
    {"levels grant nothing", USER, {.scp = "a"}, NO, NO},
    {"levels limit what the resource gives", USER, {.resource = "pa", .scp = "n"}, NO, NO},
    {"levels of RCPs need not allow", USER, {.identity = "a", .rcp = "n/n"}, YES, NO},
    {"an RCP denies", USER, {.identity = "a", .rcp = "n/d"}, DENY, DENY},
    {"endpoint allows", USER, {.identity = "a", .endpoint = "a"}, YES, NO},
    {"endpoint does not", USER, {.identity = "a", .resource = "pa", .endpoint = "n"}, NO, NO},
    {"endpoint denies", USER, {.identity = "a", .endpoint = "ad"}, DENY, DENY},

    {"a service needs the resource", "ec2.amazonaws.com", {.identity = "a", .scp = "d"}, NO, NO},
    {"a service by name", "ec2.amazonaws.com", {.resource = "va", .scp = "d"}, YES, YES},
    {"another service", "s3.amazonaws.com", {.resource = "va"}, NO, NO},
    {"a service under RCPs", "ec2.amazonaws.com", {.resource = "va", .rcp = "d"}, DENY, DENY},
    {"nobody in particular", "anonymous", {.resource = "*a", .scp = "d"}, YES, YES},
    {"nobody in particular, of an account", "anonymous", {.resource = "ca"}, NO, NO},
    {"nobody in particular under RCPs", "*", {.resource = "*a", .rcp = "d"}, DENY, DENY},
    {"a service-linked role", LINKED, {.identity = "a", .scp = "d", .rcp = "d"}, YES, NO},

    {"identity may allow", USER, {.identity = "A"}, OPEN, NO},
    {"identity may allow, and does", USER, {.identity = "Aa"}, YES, NO},
    {"identity may deny", USER, {.identity = "aD"}, OPEN, NO},
    {"identity may deny, and does", USER, {.identity = "aDd"}, DENY, DENY},
    {"identity may deny what nobody allows", USER, {.identity = "D"}, NO, NO},
    {"either effect, nothing else", USER, {.identity = "e"}, OPEN, NO},
    {"either effect, allowed", USER, {.identity = "ae"}, OPEN, NO},
    {"either effect, denied", USER, {.identity = "ed"}, DENY, DENY},
    {"identity unknown", USER, {.identity = "?"}, OPEN, NO},
    {"identity unknown, resource denies", USER, {.identity = "?", .resource = "*d"}, DENY, DENY},
    {"identity unknown, boundary does not allow", USER, {.identity = "?", .boundary = "n"}, NO, NO},
    {"identity unknown, resource allows", USER, {.identity = "?", .resource = "pa"}, OPEN, OPEN},
    {"identity may allow, resource does", USER, {.identity = "A", .resource = "pa"}, YES, OPEN},
    {"resource unknown", USER, {.resource = "?"}, OPEN, NO},
    {"resource unknown, identity allows", USER, {.identity = "a", .resource = "?"}, OPEN, OPEN},
    {"resource may allow", USER, {.resource = "pA"}, OPEN, NO},
    {"resource may allow the account", USER, {.resource = "cA"}, NO, NO},
    {"resource may allow the account, identity does",
     USER,
     {.identity = "a", .resource = "cA"},
     YES,
     OPEN},
    {"resource allows somebody", USER, {.resource = "ua"}, OPEN, NO},
    {"resource allows somebody, identity too",
     USER,
     {.identity = "a", .resource = "ua"},
     YES,
     OPEN},
    {"resource denies somebody", USER, {.identity = "a", .resource = "ud"}, OPEN, NO},
    {"resource may allow the role, boundary does not",
     SESSION,
     {.resource = "rA", .boundary = "n"},
     NO,
     NO},
    {"resource allows the role and somebody, boundary does not",
     SESSION,
     {.resource = "raua", .boundary = "n"},
     OPEN,
     NO},
    {"resource allows the role or somebody, boundary does not",
     SESSION,
     {.resource = "wa", .boundary = "n"},
     OPEN,
     NO},
    {"resource allows the role or somebody", SESSION, {.resource = "wa"}, YES, NO},
    {"boundary unknown", USER, {.identity = "a", .boundary = "?"}, OPEN, NO},
    {"boundary may allow", USER, {.identity = "a", .boundary = "A"}, OPEN, NO},
    {"boundary may allow, no matter", USER, {.resource = "pa", .boundary = "A"}, YES, NO},
    {"session may allow", SESSION, {.identity = "a", .session = "A"}, OPEN, NO},
    {"a level may allow", USER, {.identity = "a", .scp = "a/A"}, OPEN, NO},
    {"a level may allow, another does not", USER, {.identity = "a", .scp = "n/A"}, NO, NO},
    {"a level may deny", USER, {.identity = "a", .scp = "a/aD"}, OPEN, NO},
    {"an RCP may deny", USER, {.identity = "a", .rcp = "D"}, OPEN, NO},
    {"an RCP may allow", USER, {.identity = "a", .rcp = "A"}, YES, NO},
    {"endpoint may allow", USER, {.identity = "a", .endpoint = "A"}, OPEN, NO},
};

CASES(policies_iam_evaluate, decisions, evaluate_cases)
{
    const struct evaluate_case *c = &evaluate_cases[*case_index];
    struct arena a;

    arena_init(&a);
    for (int i = 0; i < 2; i++) {
        const struct iam_question q = question(&c->sides, c->principal, i == 0 ? HOME : AWAY, &a);
        const enum iam_decision want = i == 0 ? c->home : c->away;
        struct iam_verdict v;

        iam_evaluate(&q, &a, &v);
        cr_expect_eq(v.decision, want, "%s, %s: %s (%s)", c->what, i == 0 ? "home" : "away",
                     iam_evaluate_decision_name(v.decision), v.text);
        cr_expect_eq(iam_evaluate_decide(&q, &a), want, "%s", c->what);
        cr_expect(v.text != NULL && strlen(v.text) > 0);
    }
    arena_release(&a);
}

/* ---- unknowns, against all that they may turn out to be ---- */

/* The last of each is unknown; the others are what it may be. */
static const char *const plain[] = {"a", "n", "d", "?"};
static const char *const of_resource[] = {"pa", "ra", "ca", "*a", "pn", "pd", "?"};

struct combination {
    size_t identity, resource, boundary, session, scp; /* indexes of the above */
};

#define PLAIN ARRAY_LEN(plain)
#define OF_RESOURCE ARRAY_LEN(of_resource)
#define COMBINATIONS (PLAIN * OF_RESOURCE * PLAIN * PLAIN * PLAIN)

static struct combination nth(size_t n)
{
    struct combination c;

    c.identity = n % PLAIN;
    c.boundary = n / PLAIN % PLAIN;
    c.session = n / (PLAIN * PLAIN) % PLAIN;
    c.scp = n / (PLAIN * PLAIN * PLAIN) % PLAIN;
    c.resource = n / (PLAIN * PLAIN * PLAIN * PLAIN);
    return c;
}

static size_t number(const struct combination *c)
{
    return c->identity +
           PLAIN * (c->boundary + PLAIN * (c->session + PLAIN * (c->scp + PLAIN * c->resource)));
}

/* Indexes that an unknown may turn out to be: all before it. */
#define FOR(i, c, part, n)                                                                         \
    for (size_t i = (c)->part + 1 == (n) ? 0 : (c)->part,                                          \
                i##_end = (c)->part + 1 == (n) ? (n)-1 : (c)->part + 1;                            \
         i < i##_end; i++)

/* Decisions that come up, one bit each. */
static unsigned outcomes(const struct combination *c, const enum iam_decision *decided)
{
    unsigned seen = 0;

    FOR(i, c, identity, PLAIN)
    FOR(r, c, resource, OF_RESOURCE)
    FOR(b, c, boundary, PLAIN)
    FOR(s, c, session, PLAIN)
    FOR(o, c, scp, PLAIN)
    {
        const struct combination one = {i, r, b, s, o};

        seen |= 1u << decided[number(&one)];
    }
    return seen;
}

static void check_all(const char *principal, const char *account)
{
    static enum iam_decision decided[COMBINATIONS];
    struct arena a;

    arena_init(&a);
    for (size_t n = 0; n < COMBINATIONS; n++) {
        const struct combination c = nth(n);
        const struct sides s = {.identity = plain[c.identity],
                                .resource = of_resource[c.resource],
                                .boundary = plain[c.boundary],
                                .session = plain[c.session],
                                .scp = plain[c.scp]};
        const struct iam_question q = question(&s, principal, account, &a);

        cr_assert_eq(number(&c), n);
        decided[n] = iam_evaluate_decide(&q, &a);
        arena_clear(&a);
    }
    for (size_t n = 0; n < COMBINATIONS; n++) {
        const struct combination c = nth(n);
        const unsigned seen = outcomes(&c, decided), denials = 1u << NO | 1u << DENY;
        const enum iam_decision want = seen == 1u << YES    ? YES
                                       : seen == 1u << DENY ? DENY
                                       : (seen & 1u << YES) ? OPEN
                                                            : NO;

        cr_assert((seen & ~(denials | 1u << YES)) == 0, "what is known is decided");
        if (decided[n] != want)
            cr_expect_fail("%s, identity %s resource %s boundary %s session %s scp %s: %s, not %s",
                           principal, plain[c.identity], of_resource[c.resource], plain[c.boundary],
                           plain[c.session], plain[c.scp], iam_evaluate_decision_name(decided[n]),
                           iam_evaluate_decision_name(want));
    }
    arena_release(&a);
}

/* An answer hangs on what is unknown exactly when it could turn out either way. */
static const struct {
    const char *principal, *account;
} askers[] = {{USER, HOME}, {SESSION, HOME}, {USER, AWAY}, {SESSION, AWAY}, {"anonymous", HOME}};

CASES(policies_iam_evaluate, unknowns, askers)
{
    check_all(askers[*case_index].principal, askers[*case_index].account);
}

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

    *d = doc(letters, resource, USER, a);
    s = ARENA_ARRAY(a, struct iam_statement, d->n);
    for (size_t i = 0; i < d->n; i++) {
        s[i] = d->statements[i];
        s[i].actions =
            (struct iam_texts){slice_is(s[i].actions.items[0], "ec2:*") ? none : all, 1, false};
    }
    d->statements = s;
    return d;
}

CASES(policies_iam_evaluate, owned, owned_cases)
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
    struct sides sides;
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

CASES(policies_iam_evaluate, blocks, blocks_cases)
{
    const struct blocks_case *c = &blocks_cases[*case_index];
    struct iam_question q;
    struct iam_verdict v;
    struct arena a;
    char *got;

    arena_init(&a);
    q = question(&c->sides, USER, HOME, &a);
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
Test(policies_iam_evaluate, role_within_boundary)
{
    const struct sides s = {.resource = "ra", .boundary = "n"};
    struct iam_question q;
    struct iam_verdict v;
    struct arena a;

    arena_init(&a);
    q = question(&s, SESSION, HOME, &a);
    iam_evaluate(&q, &a, &v);
    cr_expect(v.blocks[IAM_SIDE_BOUNDARY]);
    cr_expect_str_eq(v.text, "the permissions boundary does not allow it");
    arena_release(&a);
}

/* Does the side allow? A deny that may match makes a yes a maybe. */
Test(policies_iam_evaluate, sides)
{
    const struct sides s = {
        .identity = "aD", .resource = "*n", .boundary = "A", .session = "a", .scp = "a/n"};
    static const enum iam_answer want[] = {IAM_MAYBE, IAM_NO,  IAM_MAYBE, IAM_YES,
                                           IAM_NO,    IAM_YES, IAM_YES};
    struct iam_question q;
    struct iam_verdict v;
    struct arena a;

    arena_init(&a);
    q = question(&s, USER, HOME, &a);
    iam_evaluate(&q, &a, &v);
    for (int i = 0; i < IAM_SIDE_COUNT; i++)
        cr_expect_eq(v.sides[i], want[i], "%s", iam_evaluate_side_name((enum iam_side)i));
    arena_release(&a);
}

/* Denies, then allows, then maybes, then near misses; what speaks of other actions is left out. */
Test(policies_iam_evaluate, reasons)
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
    q = question(&(struct sides){0}, USER, HOME, &a);
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
Test(policies_iam_evaluate, not_principal)
{
    static const char policy[] =
        "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", "
        "\"Resource\": \"*\", \"NotPrincipal\": {\"AWS\": [\"" USER "\", \"" HOME "\"]}}]}";
    struct iam_question q;
    struct iam_doc d;
    struct arena a;

    arena_init(&a);
    d = iam_text_doc(policy, &a);
    q = question(&(struct sides){.identity = "a"}, USER, HOME, &a);
    q.resource = &d;
    cr_expect_eq(iam_evaluate_decide(&q, &a), YES);
    q = question(&(struct sides){.identity = "a", .boundary = "a"}, USER, HOME, &a);
    q.resource = &d;
    cr_expect_eq(iam_evaluate_decide(&q, &a), DENY);
    q = question(&(struct sides){.identity = "a"}, "arn:aws:iam::" AWAY ":user/x", HOME, &a);
    q.resource = &d;
    cr_expect_eq(iam_evaluate_decide(&q, &a), DENY);
    arena_release(&a);
}

Test(policies_iam_evaluate, docs_unknown)
{
    struct iam_question q = {.identity = {NULL, 0, true}};
    struct arena a;

    arena_init(&a);
    q = question(&(struct sides){0}, USER, HOME, &a);
    q.identity.unknown = true;
    cr_expect_eq(iam_evaluate_decide(&q, &a), OPEN, "further policies may allow");
    q = question(&(struct sides){.identity = "a"}, USER, HOME, &a);
    q.identity.unknown = true;
    cr_expect_eq(iam_evaluate_decide(&q, &a), OPEN, "further policies may deny");
    q = question(&(struct sides){.identity = "d"}, USER, HOME, &a);
    q.identity.unknown = true;
    cr_expect_eq(iam_evaluate_decide(&q, &a), DENY);
    q = question(&(struct sides){.identity = "a"}, USER, HOME, &a);
    q.boundary = &(struct iam_docs){NULL, 0, true};
    cr_expect_eq(iam_evaluate_decide(&q, &a), OPEN, "a boundary that nobody knows");
    arena_release(&a);
}

Test(policies_iam_evaluate, statement)
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
        d = doc(rows[i].letters, rows[i].resource, USER, &a);
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

CASES(policies_iam_evaluate, derived, derived_cases)
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

Test(policies_iam_evaluate, resource_account)
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
