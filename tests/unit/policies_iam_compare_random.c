/*
 * Comparison against trying everything: small policies, made at random, and every request of a
 * small world asked of the evaluator under both. What only the new policies allow is never called
 * "not wider"; what is called wider comes with a request that proves it. With parts of the policies
 * unknown the same is so of what they may turn out to be.
 */
#include "base/attr.h"
#include "policies/iam/compare/iam_compare.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_random.h"

#ifndef ROUNDS
#define ROUNDS 200
#endif

#define KEYS(...)                                                                                  \
    .words.keys = (const struct iam_random_key[]){__VA_ARGS__},                                    \
    .words.nkeys = ARRAY_LEN(((const struct iam_random_key[]){__VA_ARGS__}))

static const struct world {
    const char *what;
    struct iam_vocabulary words; /* of policies; the rest is of requests */
    const char *asked[IAM_RANDOM_MANY];
    const char *arns[IAM_RANDOM_MANY]; /* "*": none */
    const char *callers[IAM_RANDOM_MANY];
    bool exact; /* never MAYBE */
    bool tied;  /* accounts of keys and of ARNs are the same */
} worlds[] = {
    {.what = "actions and resources",
     .words.actions = {"s3:GetObject", "s3:Get*", "s3:*", "*", "s3:PutObject", "sqs:*",
                       "s3:?etObject*", "S3:getobject"},
     .asked = {"s3:GetObject", "s3:PutObject", "s3:GetBucketAcl", "sqs:SendMessage", "s3:GetNew",
               "s3:New", "ec2:RunInstances", "other:Get", "s3:SetObjectX", "s3:ListAllMyBuckets"},
     .words.resources = {"*", "arn:aws:s3:::b", "arn:aws:s3:::b*", "arn:aws:s3:::b/*",
                         "arn:aws:s3:::?/x", "arn:aws:s3*", "arn:aws:sqs:us-east-1:123456789012:q",
                         "arn:*:s?s:*:*:q*", "arn:aws:s3:::*x", "arn:aws:sqs", "**"},
     .arns = {"*", "arn:aws:s3:::b", "arn:aws:s3:::bb", "arn:aws:s3:::b/x", "arn:aws:s3:::c/x",
              "arn:aws:s3:::c", "arn:aws:s3:::x", "arn:aws:sqs:us-east-1:123456789012:q",
              "arn:aws:sqs:us-east-1:123456789012:qq", "arn:aws-cn:sqs:us-east-1:123456789012:q",
              "arn:aws:s3:::b/xx", "arn:aws:sns:us-east-1:123456789012:q",
              "arn:aws:ec2:us-east-1:123456789012:instance/i"},
     .exact = true},
    {.what = "conditions",
     .words.actions = {"s3:GetObject", "s3:*"},
     .asked = {"s3:GetObject", "s3:PutObject"},
     .words.resources = {"*", "arn:aws:s3:::b/*"},
     .arns = {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x"},
     KEYS({"aws:SourceVpce",
           {"StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists",
            "StringEqualsIgnoreCase", "Null", "ForAnyValue:StringEquals"},
           {"a", "b", "a*", "A"},
           {"", "a", "b", "ab", "A", "c"}},
          {"s3:max-keys",
           {"NumericLessThan", "NumericGreaterThanEquals", "NumericEquals",
            "NumericNotEqualsIfExists"},
           {"1", "5", "10"},
           {"", "0", "1", "3", "5", "7", "10", "11"}},
          {"aws:SecureTransport", {"Bool", "BoolIfExists"}, {"true", "false"}, {"true", "false"}}),
     .exact = true},
    {.what = "lists and networks",
     .words.actions = {"s3:GetObject"},
     .asked = {"s3:GetObject"},
     .words.resources = {"*"},
     .arns = {"arn:aws:s3:::b/x"},
     KEYS({"aws:TagKeys",
           {"ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals", "Null", "ForAllValues:StringNotLike"},
           {"a", "b", "a*"},
           {"", "a", "b", "a,", "a,b", "c,", "a,c", "b,c", "ab,", "ab,c", "a,b,c", "b,"}},
          {"aws:SourceIp",
           {"IpAddress", "NotIpAddress", "NotIpAddressIfExists"},
           {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0"},
           {"", "10.0.0.1", "10.1.0.1", "10.1.2.3", "11.0.0.1", "2001:db8::1"}},
          {"aws:CurrentTime",
           {"DateLessThan", "DateGreaterThan"},
           {"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
           {"2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-01-01T00:00:00Z",
            "2028-01-01T00:00:00Z"}}),
     .exact = true},
    {.what = "variables",
     .words.actions = {"s3:GetObject", "s3:*"},
     .asked = {"s3:GetObject"},
     .words.resources = {"arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::*", "arn:aws:s3:::a/*",
                         "arn:aws:s3:::${aws:username, 'a'}/*",
                         "arn:aws:s3:::${aws:userid}${aws:username}/*",
                         "arn:aws:s3:::${aws:username}*"},
     .arns = {"arn:aws:s3:::a/x", "arn:aws:s3:::b/x", "arn:aws:s3:::ab/x", "arn:aws:s3:::ba/x"},
     KEYS({"aws:username", {"StringEquals", "StringNotEquals", "Null"}, {"a", "b"}, {"", "a", "b"}},
          {"aws:userid",
           {"StringEquals", "StringLike", "StringNotEqualsIfExists"},
           {"${aws:username}", "a", "${aws:username}*"},
           {"", "a", "b", "ab"}})},
    {.what = "principals",
     .words.actions = {"s3:GetObject", "s3:*"},
     .asked = {"s3:GetObject"},
     .words.resources = {"*", "arn:aws:s3:::b/*"},
     .arns = {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x"},
     .words.principals = {"\"*\"", "{\"AWS\": \"123456789012\"}",
                          "{\"AWS\": \"arn:aws:iam::123456789012:root\"}",
                          "{\"AWS\": \"arn:aws:iam::123456789012:user/u\"}",
                          "{\"AWS\": [\"arn:aws:iam::123456789012:role/r\", \"210987654321\"]}",
                          "{\"Service\": \"sns.amazonaws.com\"}", "{\"AWS\": \"*\"}"},
     .callers = {"arn:aws:iam::123456789012:user/u", "arn:aws:iam::123456789012:user/v",
                 "arn:aws:iam::123456789012:role/r", "arn:aws:iam::210987654321:user/u",
                 "arn:aws:iam::333333333333:user/u", "sns.amazonaws.com", "sqs.amazonaws.com",
                 "arn:aws:sts::123456789012:assumed-role/r/s"},
     KEYS({"aws:SourceArn",
           {"ArnLike", "ArnNotLike", "StringEquals"},
           {"arn:aws:sns:*:123456789012:*", "arn:aws:sns:us-east-1:123456789012:t"},
           {"", "arn:aws:sns:us-east-1:123456789012:t", "arn:aws:sns:us-east-1:123456789012:u",
            "arn:aws:sns:us-east-1:210987654321:t"}})},
    {.what = "accounts of resources and callers",
     .tied = true,
     .words.actions = {"s3:GetObject", "sqs:*", "*", "ec2:AcceptVpcPeeringConnection"},
     .asked = {"s3:GetObject", "sqs:SendMessage", "ec2:AcceptVpcPeeringConnection"},
     .words.resources = {"*", "arn:aws:sqs:*:123456789012:*",
                         "arn:aws:sqs:us-east-1:210987654321:q", "arn:aws:s3:::b/*",
                         "arn:*:*:*:*:*", "arn:aws:sqs:*:12345678901?:*",
                         "arn:aws:sqs:*:${aws:PrincipalAccount}:q", "arn:aws:ec2:*:333333333333:*"},
     .arns = {"arn:aws:s3:::b/x", "arn:aws:s3:::c/x", "arn:aws:sqs:us-east-1:123456789012:q",
              "arn:aws:sqs:us-east-1:210987654321:q", "arn:aws:sqs:us-east-1:333333333333:q",
              "arn:aws:sqs:us-east-1:123456789013:q",
              "arn:aws:ec2:us-east-1:333333333333:vpc-peering-connection/p"},
     KEYS({"aws:ResourceAccount",
           {"StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "Null"},
           {"123456789012", "210987654321", "${aws:PrincipalAccount}", "1234*", "*"},
           {"123456789012", "210987654321", "333333333333", "123456789013"}},
          {"aws:PrincipalAccount",
           {"StringEquals", "StringNotEquals", "StringLike"},
           {"123456789012", "210987654321", "${aws:ResourceAccount}", "2*"},
           {"123456789012", "210987654321", "333333333333", "123456789013"}},
          {"aws:PrincipalArn",
           {"ArnLike", "ArnNotEquals", "StringLike"},
           {"arn:aws:iam::123456789012:role/*", "arn:aws:iam::*:role/r",
            "arn:aws:iam::210987654321:user/u"},
           {"arn:aws:iam::123456789012:role/r", "arn:aws:iam::210987654321:user/u",
            "arn:aws:iam::333333333333:role/r", "arn:aws:iam::123456789013:role/s"}})},
    {.what = "the owner by two names",
     .tied = true,
     .words.actions = {"s3:GetObject", "s3:*", "sqs:*", "*", "s3:ListAccessPoints"},
     .asked = {"s3:GetObject", "sqs:SendMessage", "s3:DeleteAccessPoint", "s3:NewThing"},
     .words.resources = {"*", "arn:aws:sqs:*:123456789012:*", "arn:aws:s3:::b/*",
                         "arn:aws:s3:us-east-1:210987654321:accesspoint/*"},
     .arns = {"arn:aws:s3:::b/x", "arn:aws:sqs:us-east-1:123456789012:q",
              "arn:aws:sqs:us-east-1:210987654321:q",
              "arn:aws:s3:us-east-1:210987654321:accesspoint/p",
              "arn:aws:s3:us-east-1:123456789012:accesspoint/p"},
     KEYS({"aws:ResourceAccount",
           {"StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "Null"},
           {"123456789012", "210987654321", "${s3:ResourceAccount}", "1234*"},
           {"123456789012", "210987654321", "333333333333"}},
          {"s3:ResourceAccount",
           {"StringEquals", "StringNotEquals", "StringLike", "StringNotEqualsIfExists", "Null"},
           {"123456789012", "210987654321", "${aws:PrincipalAccount}", "2*"},
           {"", "123456789012", "210987654321", "333333333333"}},
          {"aws:PrincipalAccount",
           {"StringEquals", "StringNotEquals"},
           {"123456789012", "210987654321", "${aws:ResourceAccount}", "${s3:ResourceAccount}"},
           {"123456789012", "210987654321", "333333333333"}})},
};

/* The same with a statement changed, added, taken away, or another policy. */
static struct iam_draft edited(struct iam_dice *d, const struct world *w,
                               const struct iam_draft *old, struct arena *a)
{
    struct iam_draft out = *old;
    const unsigned at = iam_roll(d, out.n);

    switch (iam_roll(d, 4)) {
    case 0:
        return iam_random_draft(d, &w->words, a);
    case 1:
        out.statements[out.n++] = iam_random_statement(d, &w->words, a);
        break;
    case 2:
        out.statements[at] = iam_random_statement(d, &w->words, a);
        break;
    default:
        out.statements[at] = out.statements[--out.n];
    }
    return out;
}

/* ---- requests ---- */

struct asking {
    const struct world *w;
    struct iam_docs old, fresh;
    bool resource; /* a resource's policies: they name principals */
    struct arena *arena;
};

/* Do they allow it, standing alone? */
static enum iam_answer allowed(const struct asking *k, const struct iam_docs *docs,
                               const struct iam_request *r)
{
    const struct slice somebody = SLICE_LIT("arn:aws:iam::123456789012:user/x");
    struct iam_question q = {.request = *r};
    struct iam_verdict v;
    const enum iam_side side = k->resource ? IAM_SIDE_RESOURCE : IAM_SIDE_IDENTITY;

    if (k->resource)
        q.resource = &docs->items[0];
    else
        q.identity = *docs;
    if (!k->resource)
        q.request.principal = somebody;
    iam_evaluate(&q, k->arena, &v);
    return v.sides[side];
}

static struct slice account_of(const struct iam_request *r, const char *key)
{
    const struct iam_key *x = iam_request_key(&r->context, slice_str(key));

    return x != NULL && x->n > 0 ? iam_request_account(x->values[0]) : (struct slice){NULL, 0};
}

/* Accounts that are both there, and not the same? */
static bool differ(struct slice one, struct slice other)
{
    return one.len == 12 && other.len == 12 && !slice_eq(one, other);
}

/* Can there be such a request? Keys may be left out, but that S3 always names the owner. */
static bool consistent(const struct asking *k, const struct iam_request *r, bool whole)
{
    const struct slice owner = account_of(r, "aws:ResourceAccount");
    const struct slice of_s3 = account_of(r, "s3:ResourceAccount");
    const bool s3 = slice_starts(r->action, "s3:");

    return !k->w->tied ||
           (!differ(iam_request_account(r->resource), owner) && !differ(owner, of_s3) &&
            (s3 ? !whole || slice_eq(owner, of_s3) : !whole || of_s3.len == 0) &&
            !differ(account_of(r, "aws:PrincipalArn"), account_of(r, "aws:PrincipalAccount")));
}

static bool proves(const struct asking *k, const struct iam_request *r)
{
    return allowed(k, &k->fresh, r) == IAM_YES && allowed(k, &k->old, r) == IAM_NO;
}

/* Each state of each key. */
static bool any_context(const struct asking *k, struct iam_request *r)
{
    const struct iam_vocabulary *w = &k->w->words;
    const struct iam_random_key *keys = w->keys;
    struct iam_key *present = ARENA_ARRAY(k->arena, struct iam_key, 3); /* lent to the request */
    unsigned at[3] = {0, 0, 0};

    for (;;) {
        size_t n = 0, i = 0;

        for (size_t x = 0; x < w->nkeys; x++)
            n += iam_random_state(keys[x].name, keys[x].states[at[x]], k->arena, &present[n]);
        r->context = (struct iam_context){.keys = present, .n = n};
        if (consistent(k, r, true) && proves(k, r))
            return true;
        while (i < w->nkeys && ++at[i] == iam_words_count(keys[i].states))
            at[i++] = 0;
        if (i == w->nkeys)
            return false;
    }
}

/* Any request of the world that only the new policies allow? */
static bool any_request(const struct asking *k, struct iam_request *r)
{
    const struct world *w = k->w;
    const unsigned callers = w->callers[0] != NULL ? iam_words_count(w->callers) : 1;

    for (unsigned c = 0; c < callers; c++)
        for (unsigned i = 0; i < iam_words_count(w->asked); i++)
            for (unsigned j = 0; j < iam_words_count(w->arns); j++) {
                r->principal = slice_str(w->callers[c]);
                r->action = slice_str(w->asked[i]);
                r->resource = slice_str(w->arns[j]);
                r->wildcard_only = strcmp(w->arns[j], "*") == 0;
                if (any_context(k, r))
                    return true;
            }
    return false;
}

/* ---- */

static struct iam_comparison ask(const struct iam_docs *old, const struct iam_docs *fresh,
                                 struct arena *a)
{
    const struct iam_compare_options opt = {.budget = 0};
    struct iam_comparison got;

    iam_compare(old, fresh, &opt, a, &got);
    return got;
}

static bool patterns_of_accounts(const char *policies)
{
    return strstr(policies, "Like") != NULL || strstr(policies, "12345678901?") != NULL;
}

/* What was answered, against the truth: is there a request, and is what came a proof? */
static void judge(const struct asking *k, const struct iam_comparison *got, const char *more,
                  const char *what)
{
    const struct iam_counterexample *x = &got->example;
    const struct iam_request r = {.action = x->action,
                                  .resource = x->resource,
                                  .principal = x->principal,
                                  .context = {x->keys, x->nkeys, false},
                                  .wildcard_only = slice_is(x->resource, "*")};

    cr_assert(more == NULL || got->wider != IAM_NO, "called not wider: %s\n%s", what, more);
    /* among patterns of accounts the keys are not tied: a NO is right, a YES may say too much */
    if (got->wider == IAM_YES)
        cr_assert(proves(k, &r) && (patterns_of_accounts(what) || consistent(k, &r, false)),
                  "called wider: %s\n%s", what, iam_request_told(&r, k->arena));
}

static void compare(const struct world *w, struct iam_dice *d, struct arena *a)
{
    const struct iam_draft old = iam_random_draft(d, &w->words, a), fresh = edited(d, w, &old, a);
    const char *what =
        arena_printf(a, "\n%s\n%s", iam_draft_text(&old, a), iam_draft_text(&fresh, a));
    struct iam_doc docs[2], partly[2];
    struct asking k = {.w = w, .resource = w->words.principals[0] != NULL, .arena = a};
    struct iam_request r = {.action = {NULL, 0}};
    struct iam_comparison got;
    const char *more;

    docs[0] = iam_text_doc(iam_draft_text(&old, a), a);
    docs[1] = iam_text_doc(iam_draft_text(&fresh, a), a);
    k.old = (struct iam_docs){&docs[0], 1, false};
    k.fresh = (struct iam_docs){&docs[1], 1, false};
    more = any_request(&k, &r) ? iam_request_told(&r, a) : NULL;
    got = ask(&k.old, &k.fresh, a);
    judge(&k, &got, more, what);
    if (w->exact)
        cr_assert(got.wider != IAM_MAYBE, "gave up (%s): %s", got.unknown, what);
    for (size_t i = 0; i < 2; i++)
        partly[i] = iam_random_forget(d, &docs[i], a);
    got =
        ask(&(struct iam_docs){&partly[0], 1, false}, &(struct iam_docs){&partly[1], 1, false}, a);
    judge(&k, &got, more, arena_printf(a, "(partly known) %s", what));
}

CASES(policies_iam_compare_random, agrees_with_trying_everything, worlds)
{
    const struct world *w = &worlds[*case_index];
    struct iam_dice d = {*case_index + 11};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena a;

        arena_init(&a);
        compare(w, &d, &a);
        arena_release(&a);
    }
}
