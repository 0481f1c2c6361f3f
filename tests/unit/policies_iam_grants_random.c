/*
 * "May these policies ever allow this" against trying everything: policies, a boundary and SCPs
 * made at random, asked about some actions and resources; and comparison where both sides have
 * limits.
 */
#include "base/attr.h"
#include "policies/iam/compare/iam_compare.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_random.h"

#ifndef ROUNDS
#define ROUNDS 400
#endif

static const struct iam_random_key endpoints[] = {
    {.name = "aws:SourceVpce",
     .operators = {"StringEquals", "StringNotEquals", "StringLike", "Null", "StringEqualsIfExists"},
     .values = {"a", "b", "a*"},
     .states = {"", "a", "b", "ab", "c"}},
    {.name = "aws:SourceIp",
     .operators = {"IpAddress", "NotIpAddress"},
     .values = {"10.0.0.0/8", "10.1.0.0/16"},
     .states = {"", "10.0.0.1", "10.1.0.1", "11.0.0.1"}},
};

static const struct iam_random_key tags[] = {
    {.name = "aws:TagKeys",
     .operators = {"ForAllValues:StringEquals", "ForAnyValue:StringLike", "Null"},
     .values = {"a", "b", "a*"},
     .states = {"", "a,", "a,b", "c,", "ab,"}},
    {.name = "aws:username",
     .operators = {"StringEquals", "StringNotEquals", "StringLikeIfExists"},
     .values = {"a", "b", "*"},
     .states = {"", "a", "b", "c"}},
};

#define KEYS(table) .keys = table, .nkeys = ARRAY_LEN(table), .two = true

static const struct world {
    const char *what;
    struct iam_vocabulary words;
    const char *asked[8];
    const char *arns[8]; /* "*": none */
} worlds[] = {
    {"objects and queues",
     {.actions = {"s3:GetObject", "s3:Get*", "s3:*", "*", "sqs:*", "s3:PutObject",
                  "s3:ListAllMyBuckets"},
      .resources = {"*", "arn:aws:s3:::b/*", "arn:aws:s3:::?/x", "arn:aws:s3:::c/*",
                    "arn:aws:sqs:*:123456789012:*", "arn:aws:sqs:us-east-1:*:q"},
      KEYS(endpoints)},
     {"s3:GetObject", "s3:PutObject", "sqs:SendMessage", "s3:ListAllMyBuckets", "s3:GetNew"},
     {"*", "arn:aws:s3:::b/x", "arn:aws:s3:::b/y", "arn:aws:s3:::c/x",
      "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sqs:eu-west-1:123456789012:r",
      "arn:aws:sqs:us-east-1:210987654321:q"}},
    {"tags and names",
     {.actions = {"ec2:CreateTags", "ec2:*", "iam:TagUser", "*"},
      .resources = {"*", "arn:aws:iam::123456789012:user/${aws:username}",
                    "arn:aws:iam::123456789012:user/a", "arn:aws:ec2:*:*:instance/*",
                    "arn:aws:iam::*:user/*"},
      KEYS(tags)},
     {"ec2:CreateTags", "iam:TagUser"},
     {"arn:aws:iam::123456789012:user/a", "arn:aws:iam::123456789012:user/b",
      "arn:aws:ec2:us-east-1:123456789012:instance/i"}},
};

struct side {
    struct iam_docs docs, limits[3]; /* a boundary, SCPs: one of each must allow */
    size_t nlimits;
};

struct asking {
    const struct world *w;
    struct side old, fresh;
    struct arena *arena;
};

static bool heard(const struct asking *k, const struct iam_docs *docs, const struct iam_request *r)
{
    struct iam_question q = {.request = *r, .identity = *docs};
    struct iam_verdict v;

    q.request.principal = SLICE_LIT("arn:aws:iam::123456789012:user/x");
    iam_evaluate(&q, k->arena, &v);
    return v.sides[IAM_SIDE_IDENTITY] == IAM_YES;
}

static bool allowed(const struct asking *k, const struct side *s, const struct iam_request *r)
{
    bool out = heard(k, &s->docs, r);

    for (size_t i = 0; i < s->nlimits && out; i++)
        out = heard(k, &s->limits[i], r);
    return out;
}

static bool proves(const struct asking *k, const struct iam_request *r)
{
    return allowed(k, &k->fresh, r) && !allowed(k, &k->old, r);
}

static bool any_context(const struct asking *k, struct iam_request *r)
{
    const struct iam_vocabulary *w = &k->w->words;
    struct iam_key *present = ARENA_ARRAY(k->arena, struct iam_key, 2);
    unsigned at[2] = {0, 0};

    for (;;) {
        size_t n = 0, i = 0;

        for (size_t x = 0; x < w->nkeys; x++)
            n += iam_random_state(w->keys[x].name, w->keys[x].states[at[x]], k->arena, &present[n]);
        r->context = (struct iam_context){.keys = present, .n = n};
        if (proves(k, r))
            return true;
        while (i < w->nkeys && ++at[i] == iam_words_count(w->keys[i].states))
            at[i++] = 0;
        if (i == w->nkeys)
            return false;
    }
}

static bool any_request(const struct asking *k, struct iam_request *r)
{
    const struct world *w = k->w;

    for (size_t i = 0; i < ARRAY_LEN(w->asked) && w->asked[i] != NULL; i++)
        for (size_t j = 0; j < ARRAY_LEN(w->arns) && w->arns[j] != NULL; j++) {
            r->action = slice_str(w->asked[i]);
            r->resource = slice_str(w->arns[j]);
            r->wildcard_only = strcmp(w->arns[j], "*") == 0;
            if (any_context(k, r))
                return true;
        }
    return false;
}

static struct iam_docs random_docs(const struct asking *k, struct iam_dice *d, const char **text)
{
    const struct iam_draft draft = iam_random_draft(d, &k->w->words, k->arena);
    struct iam_doc *doc = ARENA_NEW(k->arena, struct iam_doc);
    const char *policy = iam_draft_text(&draft, k->arena);

    *doc = iam_text_doc(policy, k->arena);
    *text = arena_printf(k->arena, "%s\n%s", *text, policy);
    return (struct iam_docs){doc, 1, false};
}

static void random_side(const struct asking *k, struct iam_dice *d, struct side *s,
                        const char **text)
{
    s->docs = random_docs(k, d, text);
    s->nlimits = iam_roll(d, 3);
    for (size_t i = 0; i < s->nlimits; i++)
        s->limits[i] = random_docs(k, d, text);
}

/* What grants asks about: a limit that leaves these actions on these resources. */
static void ask_about(const struct asking *k, struct iam_dice *d, struct side *s, const char **text)
{
    struct iam_doc *doc = ARENA_NEW(k->arena, struct iam_doc);
    const char *policy = arena_printf(
        k->arena, "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": %s, \"Resource\": %s}}",
        iam_pick_some(d, k->w->words.actions, k->arena),
        iam_pick_some(d, k->w->words.resources, k->arena));

    *doc = iam_text_doc(policy, k->arena);
    s->limits[s->nlimits++] = (struct iam_docs){doc, 1, false};
    *text = arena_printf(k->arena, "%s\nasked %s", *text, policy);
}

static enum iam_answer judge(const struct asking *k, bool grants, const char *text)
{
    const struct iam_compare_options opt = {.exempt_too = grants,
                                            .old_limits = {k->old.limits, k->old.nlimits},
                                            .new_limits = {k->fresh.limits, k->fresh.nlimits}};
    struct iam_request r = {.action = SLICE_INIT(""), .principal = SLICE_INIT("")};
    struct iam_comparison got;
    bool more;

    iam_compare(&k->old.docs, &k->fresh.docs, &opt, k->arena, &got);
    more = any_request(k, &r);
    cr_assert(!more || got.wider != IAM_NO, "called not %s: %s\n%s", grants ? "granted" : "wider",
              text, iam_request_told(&r, k->arena));
    cr_assert(got.wider != IAM_MAYBE || k->w != &worlds[0], "gave up (%s): %s", got.unknown, text);
    if (got.wider != IAM_YES)
        return got.wider;
    r = (struct iam_request){.action = got.example.action,
                             .resource = got.example.resource,
                             .principal = SLICE_LIT(""),
                             .context = {got.example.keys, got.example.nkeys, false, 0},
                             .wildcard_only = slice_is(got.example.resource, "*")};
    cr_assert(proves(k, &r), "called %s: %s\n%s", grants ? "granted" : "wider", text,
              iam_request_told(&r, k->arena));
    return IAM_YES;
}

CASES(policies_iam_grants_random, agrees_with_trying_everything, worlds)
{
    struct iam_dice d = {*case_index + 47};
    unsigned n[2][3] = {{0}};

    for (unsigned round = 0; round < ROUNDS; round++) {
        const bool grants = round % 2 == 0;
        struct asking k = {.w = &worlds[*case_index]};
        const char *text = "";
        struct arena a;

        arena_init(&a);
        k.arena = &a;
        if (!grants)
            random_side(&k, &d, &k.old, &text);
        random_side(&k, &d, &k.fresh, &text);
        if (grants)
            ask_about(&k, &d, &k.fresh, &text);
        n[grants][judge(&k, grants, text)]++;
        arena_release(&a);
    }
    for (size_t i = 0; i < 2; i++) {
        cr_log_info("%s, %s: %u no, %u maybe, %u yes", worlds[*case_index].what,
                    i ? "grants" : "compare", n[i][IAM_NO], n[i][IAM_MAYBE], n[i][IAM_YES]);
        cr_expect(n[i][IAM_NO] > ROUNDS / 20 && n[i][IAM_YES] > ROUNDS / 20);
    }
}
