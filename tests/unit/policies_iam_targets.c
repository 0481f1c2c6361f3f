/* Whom steps may be done to, in accounts made by hand: found in order, and at no cost for each who
 * asks that grows with the account. */
#include "policies/iam/escalate/iam_targets.h"
#include "tests/lib/iam_told.h"

#define ARN(rest) SLICE_INIT("arn:aws:iam::123456789012:" rest)
#define TRUST(who)                                                                                 \
    "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": " who  \
    "}}"
#define SERVICE TRUST("{\"Service\": \"lambda.amazonaws.com\"}")

static const struct iam_doc *document(struct arena *a, const char *text)
{
    struct iam_doc *d = ARENA_NEW(a, struct iam_doc);
    struct err e = {0};

    cr_assert(iam_doc_read(value_str(a, text), "p.json", a, d, &e), "%s", e.text);
    return d;
}

/* "1 4": the places. */
static const char *places(const struct iam_targets_list *l, struct arena *a)
{
    const char *out = "";

    for (size_t i = 0; i < l->n; i++)
        out = arena_printf(a, "%s%s%zu", out, i == 0 ? "" : " ", l->items[i]);
    return out;
}

Test(policies_iam_targets, knows_who_is_what)
{
    struct arena a;

    arena_init(&a);
    {
        const struct iam_party parties[] = {
            {.kind = IAM_ENTITY_ROLE, .trust = document(&a, SERVICE)},
            {.kind = IAM_ENTITY_USER},
            {.kind = IAM_ENTITY_FILE},
            {.kind = IAM_ENTITY_ROLE, .trust = document(&a, TRUST("{\"AWS\": \"*\"}"))},
            {.kind = IAM_ENTITY_GROUP},
            {.kind = IAM_ENTITY_ROLE}, /* whose trust nobody knows */
        };
        const struct iam_account account = {.parties = parties, .n = ARRAY_LEN(parties)};
        struct iam_targets t = {.account = &account, .arena = &a}, nobody = {.arena = &a};

        cr_expect_str_eq(places(iam_targets_of(&t, IAM_ENTITY_ROLE), &a), "0 3 5");
        cr_expect_str_eq(places(iam_targets_of(&t, IAM_ENTITY_USER), &a), "1");
        cr_expect_str_eq(places(iam_targets_of(&t, IAM_ENTITY_GROUP), &a), "4");
        cr_expect_str_eq(places(iam_targets_taken(&t), &a), "3 5");
        cr_expect_str_eq(places(iam_targets_of(&nobody, IAM_ENTITY_ROLE), &a), "");
        cr_expect_str_eq(places(iam_targets_taken(&nobody), &a), "");
    }
    arena_release(&a);
}

Test(policies_iam_targets, finds_who_is_named_in_full)
{
    static const struct iam_party parties[] = {
        {.kind = IAM_ENTITY_ROLE, .arn = ARN("role/b")},
        {.kind = IAM_ENTITY_ROLE, .arn = ARN("role/a")},
        {.kind = IAM_ENTITY_USER, .arn = ARN("user/a")},
        {.kind = IAM_ENTITY_ROLE},
        {.kind = IAM_ENTITY_ROLE, .arn = ARN("role/c")},
    };
    static const struct iam_account account = {.parties = parties, .n = ARRAY_LEN(parties)};
    struct iam_targets t = {.account = &account};
    struct iam_texts named;
    struct iam_docs docs;
    struct arena a;

    arena_init(&a);
    t.arena = &a;
    docs = (struct iam_docs){
        document(&a,
                 "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": ["
                 "\"arn:aws:iam::123456789012:role/a\", \"arn:aws:iam::123456789012:role/b\","
                 "\"arn:aws:iam::123456789012:role/c*\", \"arn:aws:iam::123456789012:user/a\"]},"
                 "{\"Effect\": \"Deny\", \"Action\": \"*\","
                 "\"Resource\": \"arn:aws:iam::123456789012:role/a\"}]}"),
        1, false};
    named = iam_targets_named(&t, &docs, IAM_ENTITY_ROLE, &a);
    cr_assert_eq(named.n, 2); /* each once, in the order of the parties */
    cr_expect(slice_eq(named.items[0], parties[0].arn));
    cr_expect(slice_eq(named.items[1], parties[1].arn));
    named = iam_targets_named(&t, &docs, IAM_ENTITY_GROUP, &a);
    cr_expect_eq(named.n, 0);
    arena_release(&a);
}

#define ASKERS 5

/* Bytes that ASKERS of an account of `n` roles take, all of whom may pass the first to a function;
 * one has asked before. */
static size_t cost(size_t n)
{
    struct iam_paths paths;
    struct iam_account account = {.n = n};
    struct iam_escalate_input in = {.paths = &paths, .account = &account, .now = NOW, .one = true};
    struct iam_escalate *x;
    struct iam_party *parties;
    struct arena a;
    size_t used = 0;

    arena_init(&a);
    built_in(&a, &paths);
    parties = ARENA_ARRAY(&a, struct iam_party, n);
    parties[0].attached = (struct iam_docs){
        document(&a,
                 "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"iam:PassRole\","
                 "\"lambda:CreateFunction\", \"lambda:InvokeFunction\"], \"Resource\": \"*\"}]}"),
        1, false};
    parties[0].trust = document(&a, TRUST("{\"Service\": \"x.com\"}"));
    for (size_t i = 0; i < n; i++) {
        parties[i] = parties[0];
        parties[i].kind = IAM_ENTITY_ROLE;
        parties[i].address = arena_printf(&a, "role%06zu", i);
        parties[i].arn = slice_str(arena_printf(&a, "arn:aws:iam::123456789012:role/%06zu", i));
    }
    parties[0].trust = document(&a, SERVICE);
    account.parties = parties;
    x = iam_escalate_new(&in, &a);
    for (size_t i = 1; i <= ASKERS + 1; i++) {
        struct iam_escalations found;

        iam_escalate_ask(x, &parties[i], &found);
        cr_expect_neq(found.n, 0);
        used = i == 1 ? a.used : used;
    }
    used = a.used - used;
    arena_release(&a);
    return used;
}

Test(policies_iam_targets, who_asks_pays_for_no_room_for_everybody)
{
    const size_t few = cost(10), many = cost(20000);

    cr_expect(many <= few + few / 10, "%zu bytes for 10, %zu for 20,000", few, many);
}
