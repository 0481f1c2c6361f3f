#include "policies/iam/iam_domain.h"

#include "policies/iam/iam_candidates.h"
#include "policies/iam/iam_condition.h"

bool iam_domain_absent(const struct iam_key *k)
{
    return k->n == 0 && !k->many;
}

struct solver {
    const struct iam_domain *d;
    struct iam_budget *budget;
    struct arena *arena;
    enum iam_family family; /* of the values; TEXT when nothing else is asked for */
    bool mixed;             /* several families: candidates may miss */
    bool maybe;             /* something could not be told on the way */
};

/* All literals with this state of the key. */
static enum iam_answer check(const struct solver *s, const struct iam_key *k)
{
    const struct iam_context *bound = s->d->bound;
    struct iam_key *keys = ARENA_ARRAY(s->arena, struct iam_key, bound->n + 1);
    struct iam_context c = {keys, 0, bound->open};
    enum iam_answer out = IAM_YES;

    for (size_t i = 0; i < bound->n; i++)
        if (!iam_glob_same(bound->keys[i].name, s->d->key))
            keys[c.n++] = bound->keys[i];
    if (!iam_domain_absent(k))
        keys[c.n++] = *k;
    for (size_t i = 0; i < s->d->n && out != IAM_NO; i++) {
        const struct iam_literal *lit = &s->d->literals[i];
        struct iam_context closed = c;
        enum iam_answer m;

        closed.open = iam_domain_absent(k) ? false : c.open; /* the key itself is known */
        m = iam_condition_test(lit->doc, lit->test, &closed, s->arena);
        if (!lit->holds)
            m = m == IAM_YES ? IAM_NO : m == IAM_NO ? IAM_YES : IAM_MAYBE;
        out = m < out ? m : out;
    }
    return out;
}

static void settle(struct solver *s)
{
    for (size_t i = 0; i < s->d->n; i++) {
        const enum iam_operator op = s->d->literals[i].test->op;
        const enum iam_family f = iam_candidates_family(op);

        if (op == IAM_NULL || op == IAM_OPERATOR_UNKNOWN)
            continue;
        if (f != IAM_FAMILY_TEXT && s->family != IAM_FAMILY_TEXT && f != s->family)
            s->mixed = true;
        if (f != IAM_FAMILY_TEXT)
            s->family = f;
    }
    for (size_t i = 0; s->family != IAM_FAMILY_TEXT && i < s->d->n; i++) {
        const enum iam_operator op = s->d->literals[i].test->op;

        if (op != IAM_NULL && iam_candidates_family(op) == IAM_FAMILY_TEXT)
            s->mixed = true;
    }
}

/* A literal about one element: must it satisfy the operator? */
struct demand {
    const struct iam_literal *literal;
    bool satisfied;
};

static enum iam_mode mode_of(enum iam_operator op)
{
    switch (op) {
    case IAM_STRING_EQUALS_IGNORE_CASE:
    case IAM_STRING_NOT_EQUALS_IGNORE_CASE:
        return IAM_MODE_NOCASE;
    case IAM_ARN_EQUALS:
    case IAM_ARN_NOT_EQUALS:
    case IAM_ARN_LIKE:
    case IAM_ARN_NOT_LIKE:
        return IAM_MODE_ARN_RESOURCE;
    default:
        return IAM_MODE_TEXT;
    }
}

static bool wild(enum iam_operator op)
{
    return op == IAM_STRING_LIKE || op == IAM_STRING_NOT_LIKE ||
           mode_of(op) == IAM_MODE_ARN_RESOURCE;
}

/* ARN operators take nothing but ARNs on both sides: only policies' values of six fields count. */
static bool six(const struct iam_test *t, struct arena *a, struct iam_texts *out)
{
    struct slice *items = ARENA_ARRAY(a, struct slice, t->values.n);
    bool all = true;

    *out = (struct iam_texts){items, 0, t->values.unknown};
    for (size_t i = 0; i < t->values.n; i++) {
        if (iam_arn_split(t->values.items[i], IAM_ARN_RESOURCE).n == 6)
            items[out->n++] = t->values.items[i];
        else
            all = false;
    }
    return all;
}

/* Adds what a demand asks of a text; false: no text can. */
static bool require(struct solver *s, struct iam_region *r, const struct demand *d)
{
    const struct iam_test *t = d->literal->test;
    const bool negated = iam_doc_operator_negated(t->op);
    const bool arn = mode_of(t->op) == IAM_MODE_ARN_RESOURCE;
    struct iam_texts *texts = ARENA_NEW(s->arena, struct iam_texts);
    struct iam_region_texts part = {d->literal->doc, texts,
                                    wild(t->op) ? IAM_REGION_PATTERN : IAM_REGION_LITERAL,
                                    mode_of(t->op)};
    bool whole = true;

    *texts = t->values;
    if (arn)
        whole = six(t, s->arena, texts);
    if (!whole && negated)
        return !d->satisfied; /* a value that is no ARN: it never holds */
    iam_region_add(r, &part, d->satisfied != negated ? IAM_REGION_SOME : IAM_REGION_NONE);
    if (arn && negated)
        iam_region_pattern(r, "*:*:*:*:*:*", IAM_MODE_ARN_RESOURCE, true);
    if (arn && negated && !d->satisfied)
        s->maybe = true; /* what is no ARN would do as well: a text that no such key has */
    return true;
}

/* One element under demands, by automata. */
static enum iam_answer text(struct solver *s, const struct demand *d, size_t n, struct slice *out)
{
    struct iam_region r;

    iam_region_init(&r, s->d->bound, s->arena);
    iam_region_pattern(&r, "?*", IAM_MODE_TEXT, true); /* no key has the empty text */
    for (size_t i = 0; i < n; i++)
        if (!require(s, &r, &d[i]))
            return IAM_NO;
    return iam_region_find(&r, s->budget, out);
}

/* Is the demand met by this value? */
static enum iam_answer met(const struct solver *s, const struct demand *d, struct slice value)
{
    const struct iam_key k = {.name = s->d->key, .values = &value, .n = 1};
    struct iam_test t = *d->literal->test;
    struct iam_key *keys = ARENA_ARRAY(s->arena, struct iam_key, s->d->bound->n + 1);
    struct iam_context c = {keys, 1, s->d->bound->open};
    enum iam_answer m;

    keys[0] = k;
    for (size_t i = 0; i < s->d->bound->n; i++)
        if (!iam_glob_same(s->d->bound->keys[i].name, k.name))
            keys[c.n++] = s->d->bound->keys[i];
    t.quantifier = IAM_ONE;
    m = iam_condition_test(d->literal->doc, &t, &c, s->arena);
    if (m == IAM_MAYBE)
        return m;
    return (m == IAM_YES) == d->satisfied ? IAM_YES : IAM_NO;
}

/* One element under demands, by trying. */
static enum iam_answer candidate(struct solver *s, const struct demand *d, size_t n,
                                 struct slice *out)
{
    const struct iam_texts list = iam_candidates_list(s->d, s->family, s->arena);
    enum iam_answer best = s->mixed ? IAM_MAYBE : IAM_NO;

    for (size_t i = 0; i < list.n; i++) {
        enum iam_answer all = IAM_YES;

        for (size_t k = 0; k < n && all != IAM_NO; k++) {
            const enum iam_answer m = met(s, &d[k], list.items[i]);

            all = m < all ? m : all;
        }
        if (all > best || (all == IAM_MAYBE && best == IAM_MAYBE)) {
            best = all;
            *out = list.items[i];
        }
        if (all == IAM_YES)
            return IAM_YES;
    }
    return best;
}

static enum iam_answer element(struct solver *s, const struct demand *d, size_t n,
                               struct slice *out)
{
    *out = SLICE_LIT("x");
    if (n == 0)
        return IAM_YES;
    return s->family == IAM_FAMILY_TEXT ? text(s, d, n, out) : candidate(s, d, n, out);
}

/* A literal that says the same of every value that is there: Null, and operators there are not. */
static bool constant(const struct iam_literal *lit)
{
    return lit->test->op == IAM_NULL || lit->test->op == IAM_OPERATOR_UNKNOWN;
}

static enum iam_answer single(struct solver *s, struct iam_key *out)
{
    struct demand *d = ARENA_ARRAY(s->arena, struct demand, s->d->n);
    struct slice *value = ARENA_NEW(s->arena, struct slice);
    enum iam_answer m;
    size_t n = 0;

    for (size_t i = 0; i < s->d->n; i++)
        if (!constant(&s->d->literals[i]))
            d[n++] = (struct demand){&s->d->literals[i], s->d->literals[i].holds};
    m = element(s, d, n, value);
    if (m == IAM_NO)
        return IAM_NO;
    *out = (struct iam_key){.name = s->d->key, .values = value, .n = 1};
    if (value->len == 0)
        return IAM_MAYBE;
    return check(s, out) == IAM_YES ? IAM_YES : m == IAM_MAYBE ? IAM_MAYBE : check(s, out);
}

/* Which elements a literal speaks of when there are several: all of them, or some of them. */
static bool universal(const struct iam_literal *lit)
{
    return (lit->test->quantifier == IAM_FOR_ALL_VALUES) == lit->holds;
}

/* Several values: each under what all must satisfy; one more for each literal that some must. */
static enum iam_answer several(struct solver *s, struct iam_key *out)
{
    struct demand *d = ARENA_ARRAY(s->arena, struct demand, s->d->n + 1);
    struct slice *values = ARENA_ARRAY(s->arena, struct slice, s->d->n + 1);
    enum iam_answer all = IAM_YES;
    size_t n = 0, found = 0;

    for (size_t i = 0; i < s->d->n; i++) {
        const struct iam_literal *lit = &s->d->literals[i];

        if (constant(lit))
            continue;
        if (lit->test->quantifier == IAM_ONE) {
            if (lit->holds)
                return IAM_NO; /* a test of one value: not with a list */
        } else if (universal(lit)) {
            d[n++] = (struct demand){lit, lit->holds};
        }
    }
    for (size_t i = 0; i < s->d->n && all != IAM_NO; i++) {
        const struct iam_literal *lit = &s->d->literals[i];
        enum iam_answer m;

        if (constant(lit) || lit->test->quantifier == IAM_ONE || universal(lit))
            continue;
        d[n] = (struct demand){lit, lit->holds};
        m = element(s, d, n + 1, &values[found]);
        all = m < all ? m : all;
        found += m != IAM_NO;
    }
    if (all != IAM_NO && found == 0)
        found += element(s, d, n, &values[0]) != IAM_NO;
    *out = (struct iam_key){.name = s->d->key, .values = values, .n = found, .many = true};
    if (all != IAM_YES)
        return all;
    return check(s, out);
}

static bool listed(const struct iam_domain *d)
{
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
    struct solver s = {.d = d, .budget = b, .arena = a};
    enum iam_answer best = IAM_NO;
    struct iam_key k = {.name = d->key};

    *out = k;
    if (d->may_absent && better(check(&s, &k), &k, &best, out))
        return IAM_YES;
    settle(&s);
    if (better(single(&s, &k), &k, &best, out))
        return IAM_YES;
    if (listed(d) && better(several(&s, &k), &k, &best, out))
        return IAM_YES;
    return best == IAM_NO && s.maybe ? IAM_MAYBE : best;
}
