#include "policies/iam/iam_theory.h"

#include <string.h>

#include "policies/iam/iam_match.h"
#include "policies/iam/iam_variables.h"

bool iam_theory_same_texts(const struct iam_texts *a, const struct iam_texts *b)
{
    if (a->n != b->n || a->unknown || b->unknown)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->items[i], b->items[i]))
            return false;
    return true;
}

bool iam_theory_same_test(const struct iam_doc *da, const struct iam_test *a,
                          const struct iam_doc *db, const struct iam_test *b)
{
    return a == b ||
           (a->op == b->op && a->quantifier == b->quantifier && a->if_exists == b->if_exists &&
            da->variables == db->variables && iam_glob_same(a->key, b->key) &&
            iam_theory_same_texts(&a->values, &b->values));
}

/* ---- resource ---- */

/* Does "*", the resource of actions that have none, fit all literals? */
static bool star(const struct iam_theory *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct iam_statement *s = t->facts[i].statement;
        bool any = false;

        if (t->facts[i].part != IAM_PART_RESOURCE)
            continue;
        for (size_t k = 0; k < s->resources.n; k++)
            any = any || iam_glob_any(s->resources.items[k]);
        if ((s->has_resource ? any != s->not_resource : true) != t->facts[i].holds)
            return false;
    }
    return true;
}

static enum iam_answer arn(struct iam_theory *t, const struct iam_context *bound, bool typed,
                           struct slice *out)
{
    const struct iam_doc plain = {.name = ""};
    const struct iam_region_texts types = {&plain, &t->types, IAM_REGION_PATTERN,
                                           IAM_MODE_ARN_RESOURCE};
    struct iam_region r;

    iam_region_init(&r, bound, t->arena);
    if (typed)
        iam_region_add(&r, &types, IAM_REGION_SOME);
    else
        iam_region_pattern(&r, "arn:aws*:?*:*:*:?*", IAM_MODE_ARN_RESOURCE, true);
    for (size_t i = 0; i < t->n; i++) {
        const struct iam_statement *s = t->facts[i].statement;
        const struct iam_region_texts part = {
            t->facts[i].doc, &s->resources, IAM_REGION_RESOURCE,
            iam_match_rule(s) == IAM_ARN_IDENTITY ? IAM_MODE_ARN_IDENTITY : IAM_MODE_ARN_RESOURCE};

        if (t->facts[i].part != IAM_PART_RESOURCE)
            continue;
        if (!s->has_resource && !t->facts[i].holds)
            return IAM_NO;
        if (s->has_resource)
            iam_region_add(&r, &part,
                           t->facts[i].holds != s->not_resource ? IAM_REGION_SOME
                                                                : IAM_REGION_NONE);
    }
    return iam_region_find(&r, t->budget, out);
}

static enum iam_answer resource(struct iam_theory *t, const struct iam_context *bound,
                                struct slice *out)
{
    *out = (struct slice){NULL, 0};
    if (t->shape == IAM_SHAPE_STAR || t->shape == IAM_SHAPE_ANY) {
        if (star(t)) {
            *out = SLICE_LIT("*");
            return IAM_YES;
        }
        if (t->shape == IAM_SHAPE_STAR)
            return IAM_NO;
    }
    return arn(t, bound, t->shape == IAM_SHAPE_TYPED, out);
}

/* ---- principal ---- */

static enum iam_answer principal(const struct iam_theory *t, struct slice *out)
{
    enum iam_answer best = t->principals ? IAM_NO : IAM_YES;

    *out = (struct slice){NULL, 0};
    for (size_t i = 0; i < t->nwho && best != IAM_YES; i++) {
        const struct iam_request r = {.principal = t->who[i]};
        enum iam_answer all = IAM_YES;

        for (size_t k = 0; k < t->n && all != IAM_NO; k++) {
            enum iam_principal_match m;

            if (t->facts[k].part != IAM_PART_PRINCIPAL)
                continue;
            m = iam_match_principal(t->facts[k].statement, &r);
            if (m == IAM_MATCH_MAYBE)
                all = IAM_MAYBE;
            else if ((m != IAM_MATCH_NONE) != t->facts[k].holds)
                all = IAM_NO;
        }
        if (all > best) {
            best = all;
            *out = t->who[i];
        }
    }
    return best;
}

struct who {
    struct arena *arena;
    struct slice *items;
    size_t n;
};

static void add(struct who *w, struct slice principal)
{
    for (size_t i = 0; i < w->n; i++)
        if (slice_eq(w->items[i], principal))
            return;
    *(struct slice *)ARENA_PUSH(w->arena, &w->items, &w->n) = principal;
}

static void add_named(struct who *w, const struct iam_principal *p)
{
    const struct slice account = iam_request_account(p->name);
    const struct iam_arn parts = iam_arn_split(p->name, IAM_ARN_RESOURCE);

    if (p->type == IAM_PRINCIPAL_SERVICE || p->type == IAM_PRINCIPAL_FEDERATED) {
        add(w, p->name);
        return;
    }
    if (p->type != IAM_PRINCIPAL_AWS)
        return;
    if (account.len > 0) /* somebody else of the account */
        add(w, slice_str(arena_printf(w->arena, "arn:aws:iam::%.*s:user/somebody", (int)account.len,
                                      (const char *)account.data)));
    if (parts.n != 6 || slice_is(parts.field[5], "root"))
        return;
    add(w, p->name);
    if (slice_starts(parts.field[5], "role/")) {
        const struct slice path = slice_from(parts.field[5], 5);
        size_t from = path.len;

        while (from > 0 && path.data[from - 1] != '/')
            from--;
        add(w, slice_str(arena_printf(w->arena, "arn:%.*s:sts::%.*s:assumed-role/%.*s/session",
                                      (int)parts.field[1].len, (const char *)parts.field[1].data,
                                      (int)account.len, (const char *)account.data,
                                      (int)(path.len - from), (const char *)path.data + from)));
    }
}

struct iam_texts iam_theory_principals(const struct iam_docs *const *sides, size_t n,
                                       struct arena *a)
{
    struct who w = {.arena = a};

    add(&w, SLICE_LIT("arn:aws:iam::999999999999:user/outsider"));
    for (size_t i = 0; i < n; i++)
        for (size_t d = 0; d < sides[i]->n; d++)
            for (size_t s = 0; s < sides[i]->items[d].n; s++) {
                const struct iam_statement *st = &sides[i]->items[d].statements[s];

                for (size_t p = 0; p < st->nprincipals; p++)
                    add_named(&w, &st->principals[p]);
            }
    add(&w, SLICE_LIT("anonymous"));
    add(&w, SLICE_LIT("another-service.amazonaws.com"));
    return (struct iam_texts){w.items, w.n, false};
}

/* ---- keys ---- */

static bool same_key(const struct iam_fact_of *f, struct slice key)
{
    return f->part == IAM_PART_TEST && iam_glob_same(f->test->key, key);
}

/* Solves one key under the literals about it. */
static enum iam_answer solve_key(struct iam_theory *t, struct slice key,
                                 const struct iam_context *bound, bool may_absent,
                                 struct iam_key *out)
{
    struct iam_literal *literals = ARENA_ARRAY(t->arena, struct iam_literal, t->n);
    struct iam_domain d = {
        .key = key, .literals = literals, .bound = bound, .may_absent = may_absent};

    for (size_t i = 0; i < t->n; i++)
        if (same_key(&t->facts[i], key))
            literals[d.n++] =
                (struct iam_literal){t->facts[i].doc, t->facts[i].test, t->facts[i].holds};
    return iam_domain_solve(&d, t->budget, t->arena, out);
}

/* A key whose value is given needs no solving: the literal is true or it is not. */
static enum iam_answer given(const struct iam_theory *t, const struct iam_fact_of *f)
{
    const struct iam_context c = {t->fixed, t->nfixed, true};
    enum iam_answer m;

    if (t->nfixed == 0 || iam_request_key(&c, f->test->key) == NULL)
        return IAM_MAYBE;
    m = iam_condition_test(f->doc, f->test, &c, t->arena);
    return m == IAM_MAYBE ? m : (m == IAM_YES) == f->holds ? IAM_YES : IAM_NO;
}

/* Said already, or the contrary of what was said. */
static enum iam_answer repeated(const struct iam_theory *t, const struct iam_fact_of *f)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct iam_fact_of *x = &t->facts[i];

        if (x->part != f->part)
            continue;
        if (f->part == IAM_PART_TEST ? iam_theory_same_test(x->doc, x->test, f->doc, f->test)
                                     : x->statement == f->statement)
            return x->holds == f->holds ? IAM_YES : IAM_NO;
    }
    return IAM_MAYBE;
}

static void append(struct iam_theory *t, const struct iam_fact_of *f)
{
    *(struct iam_fact_of *)ARENA_PUSH(t->arena, &t->facts, &t->n) = *f;
}

enum iam_answer iam_theory_push(struct iam_theory *t, const struct iam_fact_of *f)
{
    const struct iam_context open = {t->fixed, t->nfixed, true};
    enum iam_answer m = repeated(t, f);
    struct slice text;
    struct iam_key key;

    if (m == IAM_MAYBE && f->part == IAM_PART_TEST)
        m = given(t, f);
    if (m != IAM_MAYBE)
        return m;
    if (t->budget->left > 0)
        t->budget->left--;
    append(t, f);
    if (f->part == IAM_PART_RESOURCE)
        m = resource(t, &open, &text);
    else if (f->part == IAM_PART_PRINCIPAL)
        m = principal(t, &text);
    else
        m = solve_key(t, f->test->key, &open, true, &key);
    if (m == IAM_NO)
        t->n--;
    return m;
}

void iam_theory_pop(struct iam_theory *t, size_t n)
{
    t->n = n;
}

/* ---- a request ---- */

struct making {
    struct iam_theory *t;
    struct iam_key *keys;
    size_t nkeys;
    enum iam_answer sure;
};

static bool decided(const struct making *m, struct slice key)
{
    for (size_t i = 0; i < m->nkeys; i++)
        if (iam_glob_same(m->keys[i].name, key))
            return true;
    return false;
}

static void decide(struct making *m, struct slice key, bool open, bool may_absent)
{
    struct iam_theory *t = m->t;
    const struct iam_context bound = {m->keys, m->nkeys, open};
    struct iam_key k;
    enum iam_answer got;

    if (decided(m, key))
        return;
    got = solve_key(t, key, &bound, may_absent, &k);
    if (got == IAM_NO && !may_absent)
        return; /* a variable whose key cannot be there */
    m->sure = got < m->sure ? got : m->sure;
    *(struct iam_key *)ARENA_PUSH(t->arena, &m->keys, &m->nkeys) = k;
}

/* Keys that stand in variables come first: others hang on them. */
static void variables(struct making *m, const struct iam_doc *d, const struct iam_texts *texts)
{
    for (size_t i = 0; d->variables && i < texts->n; i++) {
        struct slice key;
        size_t at = 0;

        while (iam_variables_next(texts->items[i], &at, &key))
            decide(m, key, true, false);
    }
}

enum iam_answer iam_theory_request(struct iam_theory *t, struct iam_request *out)
{
    struct making m = {.t = t, .sure = IAM_YES};
    struct iam_context bound;
    size_t kept = 0;
    enum iam_answer got;

    for (size_t i = 0; i < t->nfixed; i++)
        *(struct iam_key *)ARENA_PUSH(t->arena, &m.keys, &m.nkeys) = t->fixed[i];
    for (size_t i = 0; i < t->n; i++) {
        const struct iam_fact_of *f = &t->facts[i];

        if (f->part == IAM_PART_RESOURCE)
            variables(&m, f->doc, &f->statement->resources);
        else if (f->part == IAM_PART_TEST)
            variables(&m, f->doc, &f->test->values);
    }
    for (size_t i = 0; i < t->n; i++)
        if (t->facts[i].part == IAM_PART_TEST)
            decide(&m, t->facts[i].test->key, false, true);
    for (size_t i = 0; i < m.nkeys; i++)
        if (!iam_domain_absent(&m.keys[i]))
            m.keys[kept++] = m.keys[i];
    bound = (struct iam_context){m.keys, kept, false};
    out->context = bound;
    got = resource(t, &bound, &out->resource);
    m.sure = got < m.sure ? got : m.sure;
    out->wildcard_only = slice_is(out->resource, "*");
    got = principal(t, &out->principal);
    return got < m.sure ? got : m.sure;
}
