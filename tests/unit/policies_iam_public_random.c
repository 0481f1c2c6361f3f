/*
 * "Who may come in from outside" against trying everything: small policies of resources, made at
 * random, and every request that outsiders of a small world can make asked of the evaluator. What
 * lets one in is never called "not public"; what is called public comes with a request that the
 * evaluator allows and an outsider can make.
 */
#include "base/attr.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/text/iam_arn.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_random.h"

#ifndef ROUNDS
#define ROUNDS 300
#endif

#define OWN "111122223333"
#define PARTNER "444455556666"
#define STRANGER "777788889999"
#define USER(account) "arn:aws:iam::" account ":user/u"
#define ROLE(account, name) "arn:aws:iam::" account ":role/" name
#define OPEN "arn:aws:iam::" OWN ":oidc-provider/token.actions.githubusercontent.com"
#define CLAIM "token.actions.githubusercontent.com:"

/* Who asks, and what AWS says of him: "key=value" each. */
struct caller {
    const char *name;
    const char *facts[8];
    bool partner; /* outside of one's accounts, and nobody's public */
};

static const struct caller callers[] = {
    {"*", {"aws:PrincipalType=Anonymous", "aws:userid=anonymous"}, false},
    {USER(STRANGER),
     {"aws:PrincipalArn=" USER(STRANGER), "aws:PrincipalAccount=" STRANGER,
      "kms:CallerAccount=" STRANGER, "aws:PrincipalOrgID=o-strange", "aws:userid=AIDASTRANGE",
      "aws:username=u", "aws:PrincipalIsAWSService=false"},
     false},
    {"arn:aws:sts::" STRANGER ":assumed-role/r/s",
     {"aws:PrincipalArn=" ROLE(STRANGER, "r"), "aws:PrincipalAccount=" STRANGER,
      "kms:CallerAccount=" STRANGER, "aws:userid=AROASTRANGE:s", "aws:PrincipalIsAWSService=false"},
     false},
    {"arn:aws:iam::" STRANGER ":root",
     {"aws:PrincipalArn=arn:aws:iam::" STRANGER ":root", "aws:PrincipalAccount=" STRANGER,
      "kms:CallerAccount=" STRANGER, "aws:userid=" STRANGER, "aws:PrincipalIsAWSService=false"},
     false},
    {OPEN, {"aws:userid=provider", CLAIM "aud=sts.amazonaws.com"}, false},
    {USER(PARTNER),
     {"aws:PrincipalArn=" USER(PARTNER), "aws:PrincipalAccount=" PARTNER,
      "kms:CallerAccount=" PARTNER, "aws:PrincipalOrgID=o-partner", "aws:userid=AIDAOTHER",
      "aws:username=u", "aws:PrincipalIsAWSService=false"},
     true},
    {"arn:aws:sts::" PARTNER ":assumed-role/r/s",
     {"aws:PrincipalArn=" ROLE(PARTNER, "r"), "aws:PrincipalAccount=" PARTNER,
      "kms:CallerAccount=" PARTNER, "aws:PrincipalOrgID=o-partner", "aws:userid=AROAPARTNER:s",
      "aws:PrincipalIsAWSService=false"},
     true},
};

#define EVERYBODY "\"*\"", "{\"AWS\": \"*\"}"
#define TEXTS                                                                                      \
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists",      \
        "StringNotEqualsIfExists", "StringLikeIfExists", "Null", "StringEqualsIgnoreCase",         \
        "ForAnyValue:StringEquals", "ForAllValues:StringLike", "ForAllValues:StringNotEquals"
#define ARNS "ArnLike", "ArnNotLike", "ArnEquals", "ArnLikeIfExists", "StringLike", "Null"

static const struct iam_random_key of_callers[] = {
    {.name = "aws:PrincipalOrgID",
     .operators = {TEXTS},
     .values = {"o-own", "o-partner", "o-*", "*", "o-own*"}},
    {.name = "aws:PrincipalAccount",
     .operators = {TEXTS},
     .values = {OWN, PARTNER, "7777*", "*", "${aws:ResourceAccount}"}},
    {.name = "aws:PrincipalArn",
     .operators = {ARNS},
     .values = {"arn:aws:iam::" OWN ":role/*", "arn:aws:iam::*:role/r", "arn:aws:iam::*:user/*",
                USER(PARTNER), "arn:aws:iam::" OWN ":*"}},
};

static const struct iam_random_key of_ids[] = {
    {.name = "aws:userid",
     .operators = {TEXTS},
     .values = {"AROAOWN:*", "AIDAOWN", "AROA*", "*:s", "AIDAPARTNER"}},
    {.name = "kms:CallerAccount", .operators = {TEXTS}, .values = {OWN, PARTNER, "*"}},
    {.name = "sts:ExternalId",
     .operators = {TEXTS},
     .values = {"secret", "s*"},
     .states = {"", "secret", "other"}},
};

static const struct iam_random_key of_sources[] = {
    {.name = "aws:SourceArn",
     .operators = {ARNS},
     .values = {"arn:aws:sns:*:" OWN ":*", "arn:aws:sns:us-east-1:" OWN ":t",
                "arn:aws:sns:us-east-1:*:t", "arn:aws:s3:::own", "arn:aws:s3:::own*",
                "arn:aws:s3:*:*:own", "arn:aws:sns:*:" PARTNER ":*"},
     .states = {"", "arn:aws:sns:us-east-1:" STRANGER ":t", "arn:aws:sns:us-east-1:" STRANGER ":u",
                "arn:aws:s3:::own-not", "arn:aws:s3:::strange"}},
    {.name = "aws:SourceAccount",
     .operators = {TEXTS},
     .values = {OWN, PARTNER, "7*", "${aws:ResourceAccount}"},
     .states = {"", STRANGER}},
    {.name = "aws:SourceVpce",
     .operators = {TEXTS},
     .values = {"vpce-own", "vpce-*", "vpce-own*"},
     .states = {"", "vpce-strange", "vpce-own-not"}},
};

static const struct iam_random_key of_places[] = {
    {.name = "aws:SourceIp",
     .operators = {"IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists", "Null",
                   "ForAnyValue:IpAddress"},
     .values = {"192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "0.0.0.0/1", "2001:db8::/32", "::/0",
                "10.0.0.0/8"},
     .states = {"", "198.51.100.1", "9.9.9.9", "192.0.3.1", "2002::1"}},
    {.name = "aws:SourceVpc",
     .operators = {TEXTS},
     .values = {"vpc-own", "vpc-*"},
     .states = {"", "vpc-strange"}},
    {.name = "aws:SecureTransport",
     .operators = {"Bool", "BoolIfExists"},
     .values = {"true", "false"},
     .states = {"true", "false"}},
};

static const struct iam_random_key of_points[] = {
    {.name = "s3:DataAccessPointAccount",
     .operators = {TEXTS},
     .values = {OWN, "*", "7777*"},
     .states = {"", STRANGER}},
    {.name = "s3:DataAccessPointArn",
     .operators = {"StringLike", "ArnLike", "ArnNotLike", "StringNotLike", "StringEquals"},
     .values = {"arn:aws:s3:us-east-1:" OWN ":accesspoint/*",
                "arn:aws:s3:us-east-1:*:accesspoint/own", "arn:aws:s3:*:" OWN ":*"},
     .states = {"", "arn:aws:s3:us-east-1:" STRANGER ":accesspoint/own"}},
    {.name = "aws:PrincipalOrgID",
     .operators = {TEXTS},
     .values = {"o-own", "${aws:ResourceOrgID}", "o-*"}},
};

static const struct iam_random_key of_lists[] = {
    {.name = "aws:PrincipalOrgPaths",
     .operators = {"ForAnyValue:StringLike", "ForAllValues:StringLike", "ForAnyValue:StringEquals",
                   "ForAllValues:StringNotLike", "ForAnyValue:StringNotLike", "Null"},
     .values = {"o-own/*", "o-own/r-1/ou-1/", "o-*/r-1/*", "o-partner/*", "*"},
     .states = {"", "o-strange/r-1/ou-1/,", "o-strange/r-2/ou-2/,"}},
    {.name = "aws:SourceOrgPaths",
     .operators = {"ForAnyValue:StringLike", "ForAllValues:StringLike", "Null"},
     .values = {"o-own/*", "o-*"},
     .states = {"", "o-strange/r-1/,"}},
    {.name = "aws:PrincipalIsAWSService",
     .operators = {"Bool", "BoolIfExists", "Null"},
     .values = {"true", "false"}},
};

static const struct iam_random_key of_tokens[] = {
    {.name = CLAIM "sub",
     .operators = {"StringEquals", "StringLike", "StringNotLike", "StringLikeIfExists", "Null",
                   "ForAnyValue:StringLike", "ForAllValues:StringLike"},
     .values = {"repo:own/*", "repo:own/x:ref:refs/heads/main", "repo:*", "repo:o*/x:*"},
     .states = {"", "repo:other/x:ref:refs/heads/main", "repo:strange/y:ref:refs/heads/main"}},
    {.name = CLAIM "environment",
     .operators = {"StringEquals", "StringLike", "Null"},
     .values = {"prod", "p*"},
     .states = {"", "prod"}},
    {.name = CLAIM "repository_owner",
     .operators = {"StringEquals", "StringNotEquals", "StringEqualsIfExists"},
     .values = {"own", "*"},
     .states = {"", "strange"}},
};

#define KEYS(table) .keys = table, .nkeys = ARRAY_LEN(table), .two = true
#define OBJECTS                                                                                    \
    .actions = {"s3:GetObject", "s3:*", "s3:PutObject"}, .resources = {"*", "arn:aws:s3:::b/*"}

static const struct world {
    const char *what;
    struct iam_vocabulary words;
    const char *asked[4];
    const char *arns[4];
    bool exact; /* never MAYBE */
} worlds[] = {
    {"who asks",
     {OBJECTS,
      .principals = {EVERYBODY, EVERYBODY, "{\"AWS\": \"" OWN "\"}", "{\"AWS\": \"" PARTNER "\"}",
                     "{\"AWS\": \"" USER(PARTNER) "\"}", "{\"Service\": \"sns.amazonaws.com\"}"},
      KEYS(of_callers)},
     {"s3:GetObject", "s3:PutObject"},
     {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x"},
     false},
    {"ids",
     {.actions = {"kms:Decrypt", "kms:*"},
      .resources = {"*"},
      .principals = {EVERYBODY, "{\"AWS\": \"" PARTNER "\"}"},
      KEYS(of_ids)},
     {"kms:Decrypt"},
     {"arn:aws:kms:us-east-1:" OWN ":key/k"},
     false},
    {"sources",
     {.actions = {"sqs:SendMessage", "sqs:*"},
      .resources = {"*"},
      .principals = {EVERYBODY, "{\"Service\": \"sns.amazonaws.com\"}"},
      KEYS(of_sources)},
     {"sqs:SendMessage"},
     {"arn:aws:sqs:us-east-1:" OWN ":q"},
     false},
    {"places",
     {OBJECTS, .principals = {EVERYBODY}, KEYS(of_places)},
     {"s3:GetObject", "s3:PutObject"},
     {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x"},
     true},
    {"access points",
     {OBJECTS, .principals = {EVERYBODY}, KEYS(of_points)},
     {"s3:GetObject", "s3:PutObject"},
     {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x"},
     false},
    {"lists",
     {OBJECTS, .principals = {EVERYBODY}, KEYS(of_lists)},
     {"s3:GetObject", "s3:PutObject"},
     {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x"},
     true},
    {"tokens",
     {.actions = {"sts:AssumeRoleWithWebIdentity", "sts:*"},
      .principals = {"{\"Federated\": \"" OPEN "\"}", "{\"AWS\": \"" OWN "\"}",
                     "{\"Federated\": \"arn:aws:iam::" OWN ":saml-provider/corp\"}", "\"*\""},
      KEYS(of_tokens)},
     {"sts:AssumeRoleWithWebIdentity"},
     {"arn:aws:iam::" OWN ":role/r"},
     true},
};

struct asking {
    const struct world *w;
    const struct iam_doc *policy;
    const char *text; /* of the policy */
    enum iam_access kind;
    struct arena *arena;
};

static bool allowed(const struct asking *k, const struct iam_request *r)
{
    const struct iam_question q = {.request = *r, .resource = k->policy};
    struct iam_verdict v;

    iam_evaluate(&q, k->arena, &v);
    return v.sides[IAM_SIDE_RESOURCE] == IAM_YES;
}

/* What AWS says of the resource: it is one's own. */
static const char *const of_resource[] = {"aws:ResourceAccount=" OWN, "aws:ResourceOrgID=o-own"};

/* "key=value" */
static struct iam_key key_of(const char *fact, struct arena *a)
{
    const char *at = strchr(fact, '=');

    return iam_request_single(
        arena_strndup(a, (struct slice){(const uint8_t *)fact, (size_t)(at - fact)}),
        slice_str(at + 1), a);
}

static bool is(const struct iam_key *k, const char *name)
{
    return iam_glob_same(k->name, slice_str(name));
}

/* Does the key go with who asks? */
static bool fits(const struct iam_request *r, const struct iam_key *key, struct slice v)
{
    const struct slice account = iam_request_account(r->principal);
    const bool of_account = slice_starts(r->principal, "arn:") && !slice_is(r->principal, OPEN);

    if (is(key, "aws:PrincipalArn") || is(key, "aws:PrincipalAccount") ||
        is(key, "kms:CallerAccount"))
        return of_account && slice_eq(iam_request_account(v), account);
    if (is(key, "aws:PrincipalOrgID") || is(key, "aws:PrincipalOrgPaths"))
        return of_account;
    return !is(key, "aws:PrincipalIsAWSService") || slice_is(v, "false");
}

/* The facts, then each state of each key that they do not tell. */
static bool any_context(const struct asking *k, const struct caller *c, struct iam_request *r)
{
    const struct iam_vocabulary *w = &k->w->words;
    struct iam_key *present = ARENA_ARRAY(k->arena, struct iam_key, 16); /* lent to the request */
    unsigned at[3] = {0, 0, 0};
    size_t nfacts = 0;

    for (size_t i = 0; i < ARRAY_LEN(c->facts) && c->facts[i] != NULL; i++)
        present[nfacts++] = key_of(c->facts[i], k->arena);
    for (size_t i = 0; i < ARRAY_LEN(of_resource); i++)
        present[nfacts++] = key_of(of_resource[i], k->arena);
    for (;;) {
        size_t n = nfacts, i = 0;

        for (size_t x = 0; x < w->nkeys; x++)
            if (w->keys[x].states[0] != NULL &&
                iam_random_state(w->keys[x].name, w->keys[x].states[at[x]], k->arena, &present[n]))
                n += fits(r, &present[n], present[n].values[0]);
        r->context = (struct iam_context){.keys = present, .n = n};
        if (allowed(k, r))
            return true;
        while (i < w->nkeys && ++at[i] >= iam_words_count(w->keys[i].states))
            at[i++] = 0;
        if (i == w->nkeys)
            return false;
    }
}

static bool any_request(const struct asking *k, struct iam_request *r)
{
    const struct world *w = k->w;

    for (size_t c = 0; c < ARRAY_LEN(callers); c++) {
        if (callers[c].partner && k->kind == IAM_ACCESS_PUBLIC)
            continue;
        for (size_t i = 0; i < ARRAY_LEN(w->asked) && w->asked[i] != NULL; i++)
            for (size_t j = 0; j < ARRAY_LEN(w->arns) && w->arns[j] != NULL; j++) {
                r->principal = slice_str(callers[c].name);
                r->action = slice_str(w->asked[i]);
                r->resource = slice_str(w->arns[j]);
                if (any_context(k, &callers[c], r))
                    return true;
            }
    }
    return false;
}

/* ---- can an outsider make this request? ---- */

static bool inside(const struct asking *k, struct slice account)
{
    return slice_is(account, OWN) || (k->kind == IAM_ACCESS_PUBLIC && slice_is(account, PARTNER));
}

/* Values that only the owner brings, as far as the policy names them: of a name like "vpc-own" that
 * it does not, nobody knows whose it is. */
static bool reserved(const struct asking *k, const struct iam_key *key, struct slice v)
{
    static const struct {
        const char *named, *value;
    } own[] = {{"\"vpce-own\"", "vpce-own"}, {"\"vpc-own\"", "vpc-own"},
               {"AIDAOWN", "AIDAOWN"},       {"AIDAPARTNER", "AIDAPARTNER"},
               {"AROAOWN:", "AROAOWN:"},     {"o-own/", "o-own/"},
               {"\"o-own\"", "o-own"},       {"\"own\"", "own"},
               {"repo:own/", "repo:own/"},   {"arn:aws:s3:::own\"", "arn:aws:s3:::own"},
               {"192.0.2.0", "192.0.2."},    {"192.0.2.7", "192.0.2.7"},
               {"10.0.0.0", "10."},          {"2001:db8::", "2001:db8:"}};
    bool out = inside(k, iam_request_account(v));

    if (is(key, "sts:ExternalId") || is(key, "aws:ResourceAccount") || is(key, "aws:ResourceOrgID"))
        return false;
    if (k->kind == IAM_ACCESS_PUBLIC && slice_starts(v, "o-partner"))
        return strstr(k->text, "\"o-partner") != NULL;
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        const size_t n = strlen(own[i].value);

        out = out || (strstr(k->text, own[i].named) != NULL && slice_starts(v, own[i].value) &&
                      (v.len == n || strchr(":/.", own[i].value[n - 1]) != NULL));
    }
    return out;
}

static const char *wrong(const struct asking *k, const struct iam_request *r)
{
    if (!allowed(k, r))
        return "the evaluator does not allow it";
    if (!slice_is(r->principal, OPEN) && inside(k, iam_request_account(r->principal)))
        return "it is no outsider's";
    if (slice_starts(r->principal, "sns."))
        return "it is a service's";
    for (size_t i = 0; i < r->context.n; i++)
        for (size_t n = 0; n < r->context.keys[i].n; n++) {
            const struct iam_key *key = &r->context.keys[i];

            if (reserved(k, key, key->values[n]))
                return arena_printf(k->arena, "outsiders have no such %s",
                                    arena_strndup(k->arena, key->name));
            if (!fits(r, key, key->values[n]))
                return arena_printf(k->arena, "who asks has no such %s",
                                    arena_strndup(k->arena, key->name));
        }
    return NULL;
}

/* The answer about `policy`, which is that of `k`, or what is known of it; `in`: some outsider gets
 * in. */
static enum iam_answer judge(const struct asking *k, const struct iam_doc *policy, bool in,
                             const char *text)
{
    static const struct slice own[] = {SLICE_INIT(OWN), SLICE_INIT("o-own")};
    const struct iam_texts accounts = {own, 2, false};
    const struct iam_access_question q = {k->kind, &accounts, 0};
    const char *said = k->kind == IAM_ACCESS_PUBLIC ? "public" : "outside", *why;
    struct iam_comparison got;
    struct iam_request r;

    iam_compare_access(policy, &q, k->arena, &got);
    cr_assert(!in || got.wider != IAM_NO, "called not %s: %s", said, text);
    cr_assert(!k->w->exact || policy != k->policy || got.wider != IAM_MAYBE,
              "gave up on %s (%s): %s", said, got.unknown, text);
    if (got.wider != IAM_YES || slice_is(got.example.resource, "(not known yet)"))
        return got.wider;
    r = (struct iam_request){.action = got.example.action,
                             .resource = got.example.resource,
                             .principal = got.example.principal,
                             .context = {got.example.keys, got.example.nkeys, false, 0}};
    why = wrong(k, &r);
    cr_assert_null(why, "called %s: %s\n%s\n%s", said, text, iam_request_told(&r, k->arena), why);
    return IAM_YES;
}

/* The policy, and the same with a part of it not known. */
static enum iam_answer both(struct asking *k, enum iam_access kind, const struct iam_doc *partly)
{
    struct iam_request r = {.action = SLICE_INIT("")};
    const char *text;
    bool in;

    k->kind = kind;
    in = any_request(k, &r);
    text = in ? arena_printf(k->arena, "%s\n%s", k->text, iam_request_told(&r, k->arena)) : k->text;
    (void)judge(k, partly, in, arena_printf(k->arena, "(partly known) %s", text));
    return judge(k, k->policy, in, text);
}

CASES(policies_iam_public_random, agrees_with_trying_everything, worlds)
{
    struct asking k = {.w = &worlds[*case_index]};
    struct iam_dice d = {*case_index + 23};
    unsigned n[3] = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct iam_draft draft;
        struct iam_doc policy, partly;
        struct arena a;

        arena_init(&a);
        k.arena = &a;
        draft = iam_random_draft(&d, &k.w->words, &a);
        k.text = iam_draft_text(&draft, &a);
        policy = iam_text_doc(k.text, &a);
        k.policy = &policy;
        partly = iam_random_forget(&d, &policy, &a);
        n[both(&k, IAM_ACCESS_PUBLIC, &partly)]++;
        n[both(&k, IAM_ACCESS_CROSS, &partly)]++;
        arena_release(&a);
    }
    cr_log_info("%s: %u no, %u maybe, %u yes", k.w->what, n[IAM_NO], n[IAM_MAYBE], n[IAM_YES]);
    cr_expect(n[IAM_NO] > ROUNDS / 20 && n[IAM_YES] > ROUNDS / 20, "%s", k.w->what);
}
