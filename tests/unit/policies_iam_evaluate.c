/* iam_evaluate.h: what is decided */
#include "policies/iam/evaluate/iam_evaluate.h"

#include "tests/lib/cases.h"
#include "tests/lib/iam_letters.h"

struct evaluate_case {
    const char *what;
    const char *principal;
    struct iam_letters sides;
    enum iam_decision home, away; /* the resource is of the principal's account, or of another */
};

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
    {"session does not limit the session named",
     SESSION,
     {.resource = "pa", .session = "n"},
     YES,
     NO},
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

    {"the root user", ROOT, {0}, YES, NO},
    {"the root user where the resource allows the account", ROOT, {.resource = "ca"}, YES, YES},
    {"the root user, denied", ROOT, {.resource = "*d"}, DENY, DENY},
    {"the root user under SCPs", ROOT, {.scp = "n"}, NO, NO},

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
        const struct iam_question q =
            iam_letters_question(&c->sides, c->principal, i == 0 ? HOME : AWAY, &a);
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
        const struct iam_letters s = {.identity = plain[c.identity],
                                      .resource = of_resource[c.resource],
                                      .boundary = plain[c.boundary],
                                      .session = plain[c.session],
                                      .scp = plain[c.scp]};
        const struct iam_question q = iam_letters_question(&s, principal, account, &a);

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
