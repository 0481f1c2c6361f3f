#include "policies/iam/compare/iam_unchanged.h"

#include <stdlib.h>
#include <string.h>

/* The terms of a claim in one order. */
struct set {
    struct iam_term *terms;
    size_t n;
};

struct sets {
    struct set *items;
    size_t n;
};

static int by_term(const void *x, const void *y)
{
    const struct iam_term *a = x, *b = y;

    if (a->atom != b->atom)
        return a->atom < b->atom ? -1 : 1;
    return (int)a->is - (int)b->is;
}

static int by_terms(const void *x, const void *y)
{
    const struct set *a = x, *b = y;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = 0; i < a->n; i++) {
        const int c = by_term(&a->terms[i], &b->terms[i]);

        if (c != 0)
            return c;
    }
    return 0;
}

static struct set ordered(const struct iam_claim *c, struct arena *a)
{
    struct set s = {ARENA_ARRAY(a, struct iam_term, c->n), c->n};

    if (c->n == 0)
        return s;
    memcpy(s.terms, c->terms, c->n * sizeof(*s.terms));
    qsort(s.terms, s.n, sizeof(*s.terms), by_term);
    return s;
}

static struct sets all_of(const struct iam_claim_list *l, struct arena *a)
{
    struct sets out = {ARENA_ARRAY(a, struct set, l->n), l->n};

    for (size_t i = 0; i < l->n; i++)
        out.items[i] = ordered(l->items[i], a);
    if (out.n > 1)
        qsort(out.items, out.n, sizeof(*out.items), by_terms);
    return out;
}

static bool has(const struct sets *l, const struct set *one)
{
    return l->n > 0 && bsearch(one, l->items, l->n, sizeof(*l->items), by_terms) != NULL;
}

static void drop_denies(struct iam_roles *roles, struct arena *a)
{
    const struct sets kept = all_of(&roles->deny, a);
    size_t n = 0;

    for (size_t i = 0; i < roles->old_deny.n; i++) {
        const struct set one = ordered(roles->old_deny.items[i], a);

        if (!has(&kept, &one))
            roles->old_deny.items[n++] = roles->old_deny.items[i];
    }
    roles->old_deny.n = n;
}

static bool everywhere(const struct sets *old, size_t n, const struct set *one)
{
    for (size_t i = 0; i < n; i++)
        if (!has(&old[i], one))
            return false;
    return true;
}

/* Claims that are in all of the `n` old lists go behind the others. */
static size_t part(struct iam_claim_list *l, const struct sets *old, size_t n, struct arena *a)
{
    const struct iam_claim **rest = ARENA_ARRAY(a, const struct iam_claim *, l->n);
    size_t nchanged = 0, nrest = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct set one = ordered(l->items[i], a);

        if (everywhere(old, n, &one))
            rest[nrest++] = l->items[i];
        else
            l->items[nchanged++] = l->items[i];
    }
    for (size_t i = 0; i < nrest; i++)
        l->items[nchanged + i] = rest[i];
    return nchanged;
}

void iam_unchanged_drop(struct iam_roles *roles, struct arena *a)
{
    struct sets *old = ARENA_ARRAY(a, struct sets, roles->nneither);

    drop_denies(roles, a);
    for (size_t i = 0; i < roles->nneither; i++)
        old[i] = all_of(&roles->neither[i], a);
    for (size_t i = 0; i < roles->nallow; i++) {
        roles->nchanged[i] = part(&roles->allow[i], old, roles->nneither, a);
        if (roles->old_deny.n == 0)
            roles->allow[i].n = roles->nchanged[i];
    }
}
