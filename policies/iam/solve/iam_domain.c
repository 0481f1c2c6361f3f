#include "policies/iam/solve/iam_domain.h"

#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/evaluate/iam_condition.h"
#include "policies/iam/solve/iam_element.h"

bool iam_domain_absent(const struct iam_key *k)
{
    return k->n == 0 && !k->many;
}

struct solver {
    const struct iam_domain *d;
    struct iam_element element;
    struct arena *arena;
};

static enum iam_answer least(enum iam_answer a, enum iam_answer b)
{
    return a < b ? a : b;
}

/* One literal with this state of the key. */
static enum iam_answer test(const struct solver *s, const struct iam_literal *lit,
                            const struct iam_key *k)
{
    const struct iam_context *bound = s->d->bound;
    struct iam_key *keys = ARENA_ARRAY(s->arena, struct iam_key, bound->n + 1);
    struct iam_context c = {.keys = keys, .open = bound->open && !iam_domain_absent(k)};
    enum iam_answer m;

    for (size_t i = 0; i < bound->n; i++)
        if (!iam_glob_same(bound->keys[i].name, s->d->key))
            keys[c.n++] = bound->keys[i];
    if (!iam_domain_absent(k))
        keys[c.n++] = *k;
    m = iam_condition_test(lit->doc, lit->test, &c, s->arena);
    if (m == IAM_MAYBE)
        return IAM_MAYBE;
    return (m == IAM_YES) == lit->holds ? IAM_YES : IAM_NO;
}

static enum iam_answer check(const struct solver *s, const struct iam_key *k)
{
    enum iam_answer all = IAM_YES;

    for (size_t i = 0; i < s->d->n && all != IAM_NO; i++)
        all = least(all, test(s, &s->d->literals[i], k));
    return all;
}

/* A literal that says the same of all values: Null, and operators there are not. */
static bool constant(const struct iam_literal *lit)
{
    return lit->test->op == IAM_NULL || lit->test->op == IAM_OPERATOR_UNKNOWN;
}

/* Do those allow the key to be there? */
static enum iam_answer present(const struct solver *s)
{
    const struct slice value = SLICE_LIT("x");
    const struct iam_key k = {.name = s->d->key, .values = &value, .n = 1};
    enum iam_answer all = IAM_YES;

    for (size_t i = 0; i < s->d->n && all != IAM_NO; i++)
        if (constant(&s->d->literals[i]))
            all = least(all, test(s, &s->d->literals[i], &k));
    return all;
}

/* What was found is asked again; where that differs, it could not be told. */
static enum iam_answer confirm(const struct solver *s, const struct iam_key *k)
{
    return check(s, k) == IAM_YES ? IAM_YES : IAM_MAYBE;
}

static enum iam_answer single(const struct solver *s, struct iam_key *out)
{
    struct iam_demand *d = ARENA_ARRAY(s->arena, struct iam_demand, s->d->n);
    struct slice *value = ARENA_NEW(s->arena, struct slice);
    size_t n = 0;

    for (size_t i = 0; i < s->d->n; i++)
        if (!constant(&s->d->literals[i]))
            d[n++] = (struct iam_demand){&s->d->literals[i], s->d->literals[i].holds};
    if (iam_element_find(&s->element, d, n, value) == IAM_NO)
        return IAM_NO;
    *out = (struct iam_key){.name = s->d->key, .values = value, .n = 1};
    return confirm(s, out);
}

/* Which elements a literal speaks of when there are several: all of them, or some of them. */
static bool universal(const struct iam_literal *lit)
{
    return (lit->test->quantifier == IAM_FOR_ALL_VALUES) == lit->holds;
}

/* Several values: each under what all must satisfy; one more for each literal that some must. */
static enum iam_answer several(const struct solver *s, struct iam_key *out)
{
    struct iam_demand *d = ARENA_ARRAY(s->arena, struct iam_demand, s->d->n + 1);
    struct slice *values = ARENA_ARRAY(s->arena, struct slice, s->d->n + 1);
    struct iam_element e = s->element;
    size_t n = 0, found = 0;

    e.of_list = true;
    for (size_t i = 0; i < s->d->n; i++) {
        const struct iam_literal *lit = &s->d->literals[i];

        if (lit->test->quantifier == IAM_ONE && lit->holds && !constant(lit))
            return IAM_NO; /* a test of one value: not with a list */
        if (lit->test->quantifier != IAM_ONE && universal(lit) && !constant(lit))
            d[n++] = (struct iam_demand){lit, lit->holds};
    }
    for (size_t i = 0; i < s->d->n; i++) {
        const struct iam_literal *lit = &s->d->literals[i];

        if (constant(lit) || lit->test->quantifier == IAM_ONE || universal(lit))
            continue;
        d[n] = (struct iam_demand){lit, lit->holds};
        if (iam_element_find(&e, d, n + 1, &values[found++]) == IAM_NO)
            return IAM_NO;
    }
    if (found == 0 && iam_element_find(&e, d, n, &values[found++]) == IAM_NO)
        return IAM_NO;
    *out = (struct iam_key){.name = s->d->key, .values = values, .n = found, .many = true};
    return confirm(s, out);
}

/* What the table says of service keys' types is taken where it allows more. */
static bool may_be_list(const struct iam_domain *d)
{
    switch (iam_actions_key_type(d->key)) {
    case IAM_KEY_STRINGS:
    case IAM_KEY_ARNS:
    case IAM_KEY_BOOLS:
        return true;
    default:
        break;
    }
    if (iam_actions_key_global(d->key))
        return false;
    for (size_t i = 0; i < d->n; i++)
        if (d->literals[i].test->quantifier != IAM_ONE)
            return true;
    return false;
}

/* Keeps the better answer. */
static bool better(enum iam_answer m, const struct iam_key *k, enum iam_answer *best,
                   struct iam_key *out)
{
    if (m > *best) {
        *best = m;
        *out = *k;
    }
    return *best == IAM_YES;
}

enum iam_answer iam_domain_solve(const struct iam_domain *d, struct iam_budget *b, struct arena *a,
                                 struct iam_key *out)
{
    struct solver s = {.d = d, .arena = a};
    enum iam_answer best = IAM_NO;
    struct iam_key k = {.name = d->key};

    iam_element_init(&s.element, d, b, a);
    *out = k;
    if (d->may_absent && better(check(&s, &k), &k, &best, out))
        return IAM_YES;
    if (present(&s) == IAM_NO)
        return best;
    if (better(single(&s, &k), &k, &best, out))
        return IAM_YES;
    if (may_be_list(d))
        (void)better(several(&s, &k), &k, &best, out);
    return best;
}
