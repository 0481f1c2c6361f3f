/*
 * What a key may be, against trying everything: no set of tests that some state of the key
 * satisfies is called impossible, and what is given satisfies them.
 */
#include <string.h>

#include "base/attr.h"
#include "base/base64.h"
#include "policies/iam/evaluate/iam_condition.h"
#include "policies/iam/solve/iam_domain.h"
#include "policies/iam/document/iam_literal.h"
#include "tests/lib/cases.h"

struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *d, unsigned n)
{
    d->state = d->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(d->state >> 33) % n;
}

#ifndef ROUNDS
#define ROUNDS 4000
#endif
#define VALUES 14

/* Tests are made of operators and values of policies; what they are asked of are the requests'. */
static const struct family {
    const char *what;
    const char *key;
    enum iam_operator ops[10];
    size_t nops;
    bool exact;                 /* never MAYBE */
    const char *policy[VALUES]; /* NULL ends */
    const char *request[VALUES];
} families[] = {
    {"texts",
     "k",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_STRING_NOT_LIKE,
      IAM_STRING_EQUALS_IGNORE_CASE, IAM_STRING_NOT_EQUALS_IGNORE_CASE, IAM_NULL},
     7,
     true,
     {"a", "b", "ab", "*a", "a*", "?", "A"},
     {"a", "b", "c", "ab", "A", "aa", "ba", "cc", "Ab", "abc"}},
    {"texts with signs",
     "k",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_STRING_NOT_LIKE},
     4,
     true,
     {"", "*", "?", "\\", "a\\*", "\xc3\xa9", "?\xc3\xa9", "${*}", "${?}a"},
     {"", "*", "?", "\\", "a\\*", "\xc3\xa9", "a\xc3\xa9", "?a", "b", "a\\b", "\xc3\xa9\xc3\xa9"}},
    {"texts without case",
     "k",
     {IAM_STRING_EQUALS_IGNORE_CASE, IAM_STRING_NOT_EQUALS_IGNORE_CASE, IAM_STRING_EQUALS,
      IAM_STRING_LIKE},
     4,
     false,
     {"\xc3\xa9", "\xc3\x89", "a", "A", "a\xc3\xa9"},
     {"\xc3\xa9", "\xc3\x89", "a", "A", "b", "A\xc3\xa9"}},
    {"one value",
     "aws:PrincipalTag/x",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_NULL},
     4,
     true,
     {"a", "b", "a*", ""},
     {"a", "b", "c", "ab", ""}},
    {"several values",
     "aws:TagKeys",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_NULL},
     4,
     true,
     {"a", "b", "a*"},
     {"a", "b", "c", "ab"}},
    {"ARNs",
     "k",
     {IAM_ARN_LIKE, IAM_ARN_NOT_LIKE, IAM_ARN_EQUALS, IAM_ARN_NOT_EQUALS, IAM_NULL},
     5,
     false,
     {"arn:a:s:::b", "arn:*:s:::*", "arn:a:*:::b*", "x", "arn:a:s:r:1:b", "*", "arn:a:s*",
      "arn:${*}:s:::b"},
     {"arn:a:s:::b", "arn:a:t:::b", "arn:c:s:::c", "arn:a:s:r:1:b", "arn:c:t:::c", "arn:a:t:::bb",
      "arn:*:s:::b"}},
    {"ARNs and texts",
     "k",
     {IAM_ARN_LIKE, IAM_ARN_NOT_LIKE, IAM_STRING_LIKE, IAM_STRING_NOT_EQUALS, IAM_STRING_EQUALS},
     5,
     false,
     {"arn:a:s:::b", "arn:*:s:::*", "x", "arn:*", "*:b"},
     {"arn:a:s:::b", "arn:a:t:::b", "arn:c:s:::c", "x", "y", "x:b", ""}},
    {"numbers",
     "k",
     {IAM_NUMERIC_EQUALS, IAM_NUMERIC_NOT_EQUALS, IAM_NUMERIC_LESS, IAM_NUMERIC_LESS_EQUALS,
      IAM_NUMERIC_GREATER, IAM_NUMERIC_GREATER_EQUALS, IAM_NULL},
     7,
     true,
     {"1", "2", "5", "2.5", "x"},
     {"0", "1", "1.5", "2", "2.2", "2.5", "3", "5", "6"}},
    {"far numbers",
     "k",
     {IAM_NUMERIC_EQUALS, IAM_NUMERIC_LESS, IAM_NUMERIC_GREATER_EQUALS, IAM_NUMERIC_NOT_EQUALS},
     4,
     true,
     {"0.30000000000000004", "0.3", "1e20", "2e20", "-1e300", "1e308"},
     {"0.30000000000000004", "0.3", "1e20", "1.5e20", "2e20", "-1e301", "-1e300", "1", "1.5e308"}},
    {"dates",
     "k",
     {IAM_DATE_EQUALS, IAM_DATE_NOT_EQUALS, IAM_DATE_LESS, IAM_DATE_GREATER_EQUALS},
     4,
     true,
     {"2026-01-01", "2026-01-02T00:00:00Z", "1767225600", "x", "99999999999999999", "-1"},
     {"2025-12-31", "2026-01-01", "2026-01-01T12:00:00Z", "2026-01-02", "2027-01-01",
      "99999999999999999", "99999999999999998", "-2", "-1"}},
    {"booleans", "k", {IAM_BOOL, IAM_NULL}, 2, true, {"true", "false", "TRUE"}, {"true", "false"}},
    {"binaries",
     "k",
     {IAM_BINARY_EQUALS, IAM_NULL},
     2,
     true,
     {"YQ==", "YQ", "YWI=", "!", "AAAA"},
     {"YQ==", "YQ", "YWI=", "AAAA", "YWJj"}},
    {"networks",
     "k",
     {IAM_IP_ADDRESS, IAM_NOT_IP_ADDRESS, IAM_NULL},
     3,
     true,
     {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "::/0", "2001:db8::/32", "x"},
     {"10.0.0.1", "10.1.0.1", "10.1.2.3", "11.0.0.1", "2001:db8::1", "2002::1", "9.255.255.255"}},
    {"all kinds",
     "k",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_NUMERIC_LESS,
      IAM_NUMERIC_GREATER_EQUALS, IAM_BOOL, IAM_IP_ADDRESS, IAM_DATE_LESS, IAM_BINARY_EQUALS,
      IAM_ARN_LIKE},
     10,
     false,
     {"1", "5", "true", "10.0.0.0/8", "2026-01-01", "t*", "*", "x", "arn:a:s:::b", "AAAA"},
     {"1", "5", "3", "true", "false", "10.0.0.1", "2026-01-01", "x", "arn:a:s:::b", "AAAA", "-1",
      "2020-01-01", "tt", ""}},
    {"variables",
     "k",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_STRING_NOT_LIKE,
      IAM_STRING_EQUALS_IGNORE_CASE},
     5,
     false,
     {"${v}", "${v}*", "x${v}", "${v, 'd'}", "x*", "${v}${w}", "?${v}", "${k}", "xa", "${V}a"},
     {"a", "b", "xa", "aa", "d", "x", "A", "ab", "xab", "ba", "*"}},
    {"variables in ARNs",
     "k",
     {IAM_ARN_LIKE, IAM_ARN_NOT_LIKE, IAM_ARN_EQUALS},
     3,
     false,
     {"arn:a:s:::${v}", "arn:${v}:s:::*", "${v}", "arn:a:s:::a", "arn:a:s:::${v}${w}",
      "arn:a:s:${v}"},
     {"arn:a:s:::a", "arn:b:s:::a", "arn:a:s:::b", "arn:a:s:::ab", "arn:a:s:::c"}},
};

static size_t count(const char *const list[VALUES])
{
    size_t n = 0;

    while (n < VALUES && list[n] != NULL)
        n++;
    return n;
}

struct round {
    const struct family *f;
    struct iam_test tests[3];
    struct iam_literal literals[3];
    size_t n;
};

static const struct iam_doc document = {.name = "", .version = "2012-10-17", .variables = true};

static void make(struct round *r, struct dice *d, struct arena *a)
{
    r->n = 1 + roll(d, 3);
    for (size_t i = 0; i < r->n; i++) {
        const size_t n = 1 + roll(d, 2);
        struct slice *values = ARENA_ARRAY(a, struct slice, n);
        struct iam_test *t = &r->tests[i];

        *t = (struct iam_test){.op = r->f->ops[roll(d, (unsigned)r->f->nops)],
                               .key = slice_str(r->f->key),
                               .values = {values, n, roll(d, 40) == 0 && !r->f->exact}};
        for (size_t k = 0; k < n; k++)
            values[k] =
                slice_str(t->op == IAM_NULL ? (roll(d, 2) ? "true" : "false")
                                            : r->f->policy[roll(d, (unsigned)count(r->f->policy))]);
        if (t->op != IAM_NULL) {
            t->quantifier = (enum iam_quantifier)(roll(d, 2) * roll(d, 3));
            t->if_exists = roll(d, 4) == 0;
        }
        r->literals[i] = (struct iam_literal){&document, t, roll(d, 2) == 0};
    }
}

/* With other keys beside. */
static bool satisfies(const struct round *r, const struct iam_key *k,
                      const struct iam_context *others, struct arena *a)
{
    struct iam_key keys[4];
    struct iam_context c = {.keys = keys, .n = others->n};

    for (size_t i = 0; i < others->n; i++)
        keys[i] = others->keys[i];
    if (!iam_domain_absent(k))
        keys[c.n++] = *k;
    for (size_t i = 0; i < r->n; i++)
        if (iam_condition_test(&document, &r->tests[i], &c, a) !=
            (r->literals[i].holds ? IAM_YES : IAM_NO))
            return false;
    return true;
}

/* May the key have a list? As the domain has it. */
static bool lists(const struct round *r)
{
    if (r->f->key[0] == 'a')
        return strcmp(r->f->key, "aws:TagKeys") == 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->tests[i].quantifier != IAM_ONE)
            return true;
    return false;
}

/* Kinds of operators: texts, numbers, dates, ... in the order of the enumeration. */
static unsigned kind(enum iam_operator op)
{
    static const enum iam_operator last[] = {IAM_STRING_NOT_LIKE,     IAM_NUMERIC_GREATER_EQUALS,
                                             IAM_DATE_GREATER_EQUALS, IAM_BOOL,
                                             IAM_BINARY_EQUALS,       IAM_NOT_IP_ADDRESS};
    unsigned k = 0;

    while (k < ARRAY_LEN(last) && op > last[k])
        k++;
    return k;
}

/* A key that all tests compare as of one type has values of that. */
static bool fits(const struct round *r, struct slice value, struct arena *a)
{
    unsigned kinds = 0;
    double number;
    int64_t date;
    bool truth;
    struct iam_network net;
    struct slice bytes;
    struct err e = {0};

    for (size_t i = 0; i < r->n; i++)
        if (r->tests[i].op != IAM_NULL)
            kinds |= 1u << kind(r->tests[i].op);
    switch (kinds) {
    case 1u << 1:
        return iam_literal_number(value, &number);
    case 1u << 2:
        return iam_literal_date(value, &date);
    case 1u << 3:
        return iam_literal_bool(value, &truth);
    case 1u << 4:
        return base64_get(value, a, &bytes, &e);
    case 1u << 5:
        return iam_literal_network(value, &net) && net.bits == (net.v6 ? 128 : 32);
    case 1u << 6:
        return slice_starts(value, "arn:");
    default:
        return true;
    }
}

/* Any state of the key: absent, one value, one to three values of a list. */
static bool possible(const struct round *r, const struct iam_context *others, struct arena *a)
{
    struct slice request[VALUES], values[3];
    struct iam_key k = {.name = slice_str(r->f->key)};
    size_t n = 0;

    for (size_t i = 0; i < count(r->f->request); i++)
        if (fits(r, slice_str(r->f->request[i]), a))
            request[n++] = slice_str(r->f->request[i]);

    if (satisfies(r, &k, others, a))
        return true;
    k.values = values;
    for (size_t i = 0; i < n; i++) {
        values[0] = request[i];
        k.n = 1;
        k.many = false;
        if (satisfies(r, &k, others, a))
            return true;
        k.many = true;
        for (size_t j = 0; j <= i && lists(r); j++)
            for (size_t h = 0; h <= j; h++) {
                values[1] = request[j];
                values[2] = request[h];
                k.n = j == i ? 1 : h == j ? 2 : 3;
                if (satisfies(r, &k, others, a))
                    return true;
            }
    }
    return false;
}

/* What the variables v and w may be: absent (NULL), or some text. */
static const char *const bindings[][2] = {
    {NULL, NULL}, {"a", NULL}, {"b", "a"}, {NULL, "b"}, {"a", "a"}, {"xa", "b"}, {"*", "?"},
};

static struct iam_context binding(size_t i, struct arena *a)
{
    static const char *const names[] = {"v", "w"};
    struct iam_key *keys = ARENA_ARRAY(a, struct iam_key, 2);
    struct iam_context c = {.keys = keys};

    for (size_t k = 0; k < 2; k++) {
        struct slice *value = ARENA_NEW(a, struct slice);

        *value = slice_str(bindings[i][k]);
        if (bindings[i][k] != NULL)
            keys[c.n++] = (struct iam_key){.name = slice_str(names[k]), .values = value, .n = 1};
    }
    return c;
}

static enum iam_answer solve(const struct round *r, const struct iam_context *bound,
                             struct iam_key *k, struct arena *a)
{
    const struct iam_domain q = {.key = slice_str(r->f->key),
                                 .literals = r->literals,
                                 .n = r->n,
                                 .bound = bound,
                                 .may_absent = true};
    struct iam_budget budget = {100000};

    return iam_domain_solve(&q, &budget, a, k);
}

static const char *describe(const struct round *r, struct arena *a)
{
    const char *out = r->f->what;

    for (size_t i = 0; i < r->n; i++) {
        const struct iam_test *t = &r->tests[i];

        out =
            arena_printf(a, "%s; %s%d:%s%s", out, r->literals[i].holds ? "" : "not ", t->quantifier,
                         iam_doc_operator_name(t->op), t->if_exists ? "IfExists" : "");
        for (size_t k = 0; k < t->values.n; k++)
            out = arena_printf(a, "%s '%.*s'", out, (int)t->values.items[k].len,
                               (const char *)t->values.items[k].data);
    }
    return out;
}

/* Set operators over nothing but empty texts are MAYBE (iam_condition.h). */
static bool exact(const struct round *r)
{
    bool empty = false, sets = false;

    for (size_t i = 0; i < r->n; i++) {
        sets = sets || r->tests[i].quantifier != IAM_ONE;
        for (size_t k = 0; k < r->tests[i].values.n; k++)
            empty = empty || r->tests[i].values.items[k].len == 0;
    }
    return r->f->exact && !(empty && sets);
}

/* Each way to bind the variables for itself, and then all at once, unbound. */
static void try_round(const struct round *r, unsigned number, struct arena *a)
{
    const struct iam_context open = {.open = true};
    const size_t n = r->f->what[0] == 'v' ? ARRAY_LEN(bindings) : 1;
    bool any = false;
    struct iam_key k;

    for (size_t i = 0; i < n; i++) {
        const struct iam_context bound = binding(i, a);
        const enum iam_answer got = solve(r, &bound, &k, a);
        const bool can = possible(r, &bound, a);

        any = any || can;
        if (can)
            cr_assert_neq(got, IAM_NO, "%u, binding %zu: something satisfies: %s", number, i,
                          describe(r, a));
        if (got == IAM_YES)
            cr_assert(satisfies(r, &k, &bound, a), "%u: it does not: %s", number, describe(r, a));
        if (exact(r))
            cr_assert_neq(got, IAM_MAYBE, "%u: gave up: %s", number, describe(r, a));
    }
    if (any)
        cr_assert_neq(solve(r, &open, &k, a), IAM_NO, "%u: something satisfies, unbound: %s",
                      number, describe(r, a));
}

CASES(policies_iam_domain, agrees_with_trying_everything, families)
{
    struct round r = {.f = &families[*case_index]};
    struct dice d = {*case_index + 7};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena a;

        arena_init(&a);
        make(&r, &d, &a);
        try_round(&r, round, &a);
        arena_release(&a);
    }
}

/* One test with one value. */
static struct iam_literal literal(enum iam_operator op, const struct slice *value, bool holds,
                                  struct arena *a)
{
    struct iam_test *t = ARENA_NEW(a, struct iam_test);

    *t = (struct iam_test){.op = op, .key = SLICE_LIT("k"), .values = {value, 1, false}};
    return (struct iam_literal){&document, t, holds};
}

Test(policies_iam_domain, unbound_variables_are_never_a_wrong_no)
{
    const struct slice name = SLICE_LIT("home/${aws:username}"), bob = SLICE_LIT("home/bob");
    const struct iam_context open = {.open = true};
    struct iam_literal both[2];
    struct iam_domain q = {.key = SLICE_LIT("k"), .literals = both, .n = 2, .bound = &open};
    struct iam_budget budget = {1000};
    struct iam_key k;
    struct arena a;

    arena_init(&a);
    both[0] = literal(IAM_STRING_EQUALS, &bob, true, &a);
    both[1] = literal(IAM_STRING_EQUALS, &name, false, &a);
    cr_expect_eq(iam_domain_solve(&q, &budget, &a, &k), IAM_MAYBE, "bob may be the user");
    both[0] = literal(IAM_STRING_EQUALS, &name, true, &a);
    cr_expect_eq(iam_domain_solve(&q, &budget, &a, &k), IAM_NO, "the same text is the same value");
    arena_release(&a);
}
