/*
 * What a key may be, against trying everything: no set of tests that some state of the key
 * satisfies is called impossible, and what is given satisfies them.
 */
#include <string.h>

#include "base/attr.h"
#include "policies/iam/iam_condition.h"
#include "policies/iam/iam_domain.h"
#include "tests/lib/cases.h"

struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *d, unsigned n)
{
    d->state = d->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(d->state >> 33) % n;
}

static const struct family {
    const char *what;
    enum iam_operator ops[10];
    size_t nops;
    const char *policy[10]; /* values of policies, of requests; NULL ends */
    const char *request[12];
} families[] = {
    {"texts",
     {IAM_STRING_EQUALS, IAM_STRING_NOT_EQUALS, IAM_STRING_LIKE, IAM_STRING_NOT_LIKE,
      IAM_STRING_EQUALS_IGNORE_CASE, IAM_STRING_NOT_EQUALS_IGNORE_CASE, IAM_NULL},
     7,
     {"a", "b", "ab", "*a", "a*", "?", "A"},
     {"a", "b", "c", "ab", "A", "aa", "ba", "cc", "Ab", "abc"}},
    {"ARNs",
     {IAM_ARN_LIKE, IAM_ARN_NOT_LIKE, IAM_ARN_EQUALS, IAM_NULL},
     4,
     {"arn:a:s:::b", "arn:*:s:::*", "arn:a:*:::b*", "x", "arn:a:s:r:1:b"},
     {"arn:a:s:::b", "arn:a:t:::b", "arn:c:s:::c", "arn:a:s:r:1:b", "arn:c:t:::c", "arn:a:t:::bb"}},
    {"numbers",
     {IAM_NUMERIC_EQUALS, IAM_NUMERIC_NOT_EQUALS, IAM_NUMERIC_LESS, IAM_NUMERIC_LESS_EQUALS,
      IAM_NUMERIC_GREATER, IAM_NUMERIC_GREATER_EQUALS, IAM_NULL},
     7,
     {"1", "2", "5", "2.5", "x"},
     {"0", "1", "1.5", "2", "2.2", "2.5", "3", "5", "6"}},
    {"dates",
     {IAM_DATE_EQUALS, IAM_DATE_NOT_EQUALS, IAM_DATE_LESS, IAM_DATE_GREATER_EQUALS},
     4,
     {"2026-01-01", "2026-01-02T00:00:00Z", "1767225600"},
     {"2025-12-31", "2026-01-01", "2026-01-01T12:00:00Z", "2026-01-02", "2027-01-01"}},
    {"booleans", {IAM_BOOL, IAM_NULL}, 2, {"true", "false", "TRUE"}, {"true", "false"}},
    {"networks",
     {IAM_IP_ADDRESS, IAM_NOT_IP_ADDRESS, IAM_NULL},
     3,
     {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "::/0", "2001:db8::/32"},
     {"10.0.0.1", "10.1.0.1", "10.1.2.3", "11.0.0.1", "2001:db8::1", "2002::1", "9.255.255.255"}},
};

static size_t count(const char *const *list, size_t max)
{
    size_t n = 0;

    while (n < max && list[n] != NULL)
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
                               .key = SLICE_LIT("k"),
                               .values = {values, n, false}};
        for (size_t k = 0; k < n; k++)
            values[k] = slice_str(t->op == IAM_NULL
                                      ? (roll(d, 2) ? "true" : "false")
                                      : r->f->policy[roll(d, (unsigned)count(r->f->policy, 10))]);
        if (t->op != IAM_NULL) {
            t->quantifier = (enum iam_quantifier)(roll(d, 2) * roll(d, 3));
            t->if_exists = roll(d, 4) == 0;
        }
        r->literals[i] = (struct iam_literal){&document, t, roll(d, 2) == 0};
    }
}

static bool satisfies(const struct round *r, const struct iam_key *k, struct arena *a)
{
    const struct iam_context c = {k, iam_domain_absent(k) ? 0 : 1, false};

    for (size_t i = 0; i < r->n; i++)
        if ((iam_condition_test(&document, &r->tests[i], &c, a) == IAM_YES) != r->literals[i].holds)
            return false;
    return true;
}

/* Any state of the key: absent, one value, one or two values of a list, if any test is of lists. */
static bool possible(const struct round *r, struct arena *a)
{
    const size_t n = count(r->f->request, 12);
    bool lists = false;
    struct slice values[2];
    struct iam_key k = {.name = SLICE_LIT("k")};

    if (satisfies(r, &k, a))
        return true;
    for (size_t i = 0; i < r->n; i++)
        lists = lists || r->tests[i].quantifier != IAM_ONE;
    k.values = values;
    for (size_t i = 0; i < n; i++) {
        values[0] = slice_str(r->f->request[i]);
        k.n = 1;
        k.many = false;
        if (satisfies(r, &k, a))
            return true;
        k.many = true;
        for (size_t j = 0; j < n && lists; j++) {
            values[1] = slice_str(r->f->request[j]);
            k.n = 1 + (j != i);
            if (satisfies(r, &k, a))
                return true;
        }
    }
    return false;
}

CASES(policies_iam_domain, agrees_with_trying_everything, families)
{
    struct round r = {.f = &families[*case_index]};
    struct dice d = {*case_index + 7};

    for (unsigned round = 0; round < 4000; round++) {
        const struct iam_context bound = {NULL, 0, false};
        struct iam_domain q = {.key = SLICE_LIT("k"), .bound = &bound, .may_absent = true};
        struct iam_budget budget = {100000};
        struct iam_key k;
        enum iam_answer got;
        struct arena a;

        arena_init(&a);
        make(&r, &d, &a);
        q.literals = r.literals;
        q.n = r.n;
        got = iam_domain_solve(&q, &budget, &a, &k);
        if (possible(&r, &a))
            cr_assert_neq(got, IAM_NO, "%s %u: something satisfies", r.f->what, round);
        if (got == IAM_YES)
            cr_assert(satisfies(&r, &k, &a), "%s %u: it does not", r.f->what, round);
        if (r.f->ops[0] != IAM_ARN_LIKE)
            cr_assert_neq(got, IAM_MAYBE, "%s %u: gave up", r.f->what, round);
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
    const struct iam_context open = {NULL, 0, true};
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
