/*
 * Two actions on one resource against trying everything: small policies, made at random, and every
 * request of a small world asked of the evaluator. What some pair of requests shows is found, and
 * what is found is so.
 */
#include <string.h>

#include "base/json.h"
#include "policies/iam/escalate/iam_permit.h"
#include "tests/lib/cases.h"

#ifndef ROUNDS
#define ROUNDS 3000
#endif
#define MANY 12
#define ME "arn:aws:iam::123456789012:role/me"

struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *d, unsigned n)
{
    d->state = d->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(d->state >> 33) % n;
}

static const char *const actions[] = {"x:A", "x:B", "x:*"};
static const char *const resources[] = {"*",
                                        "arn:aws:x:::r/a",
                                        "arn:aws:x:::r/b",
                                        "arn:aws:x:::r/?",
                                        "arn:aws:x:::r/a*",
                                        "arn:aws:x:::r/*b",
                                        "arn:aws:x:::r/${aws:username}",
                                        "arn:aws:y:::r/a"};
static const char *const arns[] = {"arn:aws:x:::r/a",  "arn:aws:x:::r/b",  "arn:aws:x:::r/c",
                                   "arn:aws:x:::r/ab", "arn:aws:x:::r/cb", "arn:aws:x:::r/cc",
                                   "arn:aws:x:::r/aa", "arn:aws:x:::r/bb"};
static const char *const operators[] = {"StringEquals", "StringNotEquals", "StringLike", "Null",
                                        "StringEqualsIfExists"};
static const char *const values[] = {"v", "w", "v*"};
static const char *const states[] = {"", "v", "w", "vv", "z"}; /* "": absent */

/* ---- policies at random ---- */

static const char *test(struct dice *d, struct arena *a)
{
    const char *op = operators[roll(d, 5)];

    return arena_printf(a, "\"%s\": {\"x:K%u\": \"%s\"}", op, roll(d, 2),
                        strcmp(op, "Null") == 0 ? (roll(d, 2) == 0 ? "true" : "false")
                                                : values[roll(d, 3)]);
}

static const char *statement(struct dice *d, bool deny, struct arena *a)
{
    const char *condition = roll(d, 2) == 0 ? "" : test(d, a);

    return arena_printf(a,
                        "{\"Effect\": \"%s\", \"%s\": \"%s\", \"%s\": \"%s\", "
                        "\"Condition\": {%s}}",
                        deny ? "Deny" : "Allow", roll(d, 6) == 0 ? "NotAction" : "Action",
                        actions[roll(d, 3)], roll(d, 6) == 0 ? "NotResource" : "Resource",
                        resources[roll(d, ARRAY_LEN(resources))], condition);
}

static struct iam_doc document(struct dice *d, unsigned allows, unsigned denies, struct arena *a)
{
    const char *text = "";
    const struct value *v;
    struct iam_doc out;
    struct err e = {0};

    for (unsigned i = 0; i < allows + denies; i++)
        text = arena_printf(a, "%s%s%s", text, i > 0 ? ", " : "", statement(d, i >= allows, a));
    text = arena_printf(a, "{\"Version\": \"2012-10-17\", \"Statement\": [%s]}", text);
    cr_assert(json_read(slice_str(text), a, &v, &e) && iam_doc_read(v, text, a, &out, &e), "%s: %s",
              text, e.text);
    return out;
}

/* ---- every request ---- */

struct trial {
    struct iam_permit_who who;
    struct iam_permit_ask asks[2];
    struct arena *arena;
};

static bool may(const struct trial *t, size_t ask, const char *arn, const char *const state[2])
{
    struct slice text[3];
    struct iam_key keys[3];
    struct iam_question q = {.identity = t->who.identity, .boundary = t->who.boundary};

    q.request = (struct iam_request){.action = t->asks[ask].action,
                                     .resource = slice_str(arn),
                                     .principal = t->who.principal,
                                     .context = {.keys = keys}};
    keys[q.request.context.n++] = t->who.keys[0];
    for (unsigned i = 0; i < 2; i++) {
        text[i] = slice_str(state[i]);
        if (text[i].len > 0)
            keys[q.request.context.n++] = (struct iam_key){
                .name = i == 0 ? SLICE_LIT("x:K0") : SLICE_LIT("x:K1"), .values = &text[i], .n = 1};
    }
    return iam_evaluate_decide(&q, t->arena) == IAM_ALLOWED;
}

static bool in_some_context(const struct trial *t, size_t ask, const char *arn)
{
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        for (size_t k = 0; k < ARRAY_LEN(states); k++)
            if (may(t, ask, arn, (const char *const[]){states[i], states[k]}))
                return true;
    return false;
}

static const char *by_trying(const struct trial *t, size_t nasks)
{
    for (size_t i = 0; i < ARRAY_LEN(arns); i++)
        if (in_some_context(t, 0, arns[i]) && (nasks == 1 || in_some_context(t, 1, arns[i])))
            return arns[i];
    return NULL;
}

/* Is what was found so? */
static bool holds(const struct trial *t, const struct iam_permit *p, size_t nasks)
{
    for (size_t i = 0; i < nasks; i++) {
        struct iam_key keys[8] = {t->who.keys[0]};
        struct iam_question q = {.identity = t->who.identity, .boundary = t->who.boundary};

        cr_assert_lt(p->parts[i].nkeys, 7);
        for (size_t k = 0; k < p->parts[i].nkeys; k++)
            keys[k + 1] = p->parts[i].keys[k];
        q.request = (struct iam_request){.action = t->asks[i].action,
                                         .resource = p->resource,
                                         .principal = t->who.principal,
                                         .context = {keys, p->parts[i].nkeys + 1, false}};
        if (iam_evaluate_decide(&q, t->arena) != IAM_ALLOWED ||
            iam_evaluate_statement(p->parts[i].doc, p->parts[i].statement, &q.request, t->arena) !=
                IAM_YES)
            return false;
    }
    return true;
}

static void round_of(struct dice *d, struct arena *a, size_t counts[3])
{
    static const struct slice name[] = {{(const uint8_t *)"a", 1}};
    static const struct iam_key who[] = {
        {.name = {(const uint8_t *)"aws:username", 12}, .values = name, .n = 1}};
    struct iam_doc docs[2] = {document(d, 1 + roll(d, 3), roll(d, 4), a),
                              document(d, 1 + roll(d, 2), roll(d, 2), a)};
    const struct iam_docs boundary = {&docs[1], 1, false};
    struct trial t = {.who = {.identity = {docs, 1, false},
                              .boundary = roll(d, 3) == 0 ? &boundary : NULL,
                              .principal = SLICE_LIT(ME),
                              .keys = who,
                              .nkeys = 1},
                      .asks = {{.action = SLICE_LIT("x:A")}, {.action = SLICE_LIT("x:B")}},
                      .arena = a};
    const struct slice pattern = SLICE_LIT("arn:aws:x:::r/?*");
    const struct iam_permit_on on = {.patterns = {&pattern, 1, false}};
    const size_t nasks = 1 + roll(d, 2);
    const char *arn = by_trying(&t, nasks);
    struct iam_permit p;

    iam_permit_find(&(struct iam_permit_question){&t.who, t.asks, nasks, &on}, a, &p);
    counts[p.allowed]++;
    if (arn != NULL)
        cr_assert_eq(p.allowed, IAM_YES, "%s, with %s: %s allows it", docs[0].name,
                     t.who.boundary != NULL ? docs[1].name : "no boundary", arn);
    if (p.allowed == IAM_YES)
        cr_assert(holds(&t, &p, nasks), "%s: not %.*s", docs[0].name, (int)p.resource.len,
                  (const char *)p.resource.data);
}

Test(policies_iam_permit, finds_what_trying_everything_finds)
{
    struct dice d = {20261126};
    size_t counts[3] = {0};

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena a;

        arena_init(&a);
        round_of(&d, &a, counts);
        arena_release(&a);
    }
    cr_expect_eq(counts[IAM_MAYBE], 0, "%zu of %d could not be told", counts[IAM_MAYBE], ROUNDS);
    cr_expect_gt(counts[IAM_YES], ROUNDS / 10);
    cr_expect_gt(counts[IAM_NO], ROUNDS / 10);
}
