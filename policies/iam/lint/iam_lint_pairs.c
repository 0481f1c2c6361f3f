#include "policies/iam/lint/iam_lint_checks.h"

/* One statement against another. */
struct pair {
    struct iam_lint_run *r;
    const struct iam_lint_statement *by, *x; /* does `by` match whenever `x` does? */
};

static bool same_texts(const struct iam_texts *a, const struct iam_texts *b)
{
    if (a->n != b->n || a->unknown || b->unknown)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool same_test(const struct iam_test *a, const struct iam_test *b)
{
    return a->op == b->op && a->quantifier == b->quantifier && a->if_exists == b->if_exists &&
           iam_glob_same(a->key, b->key) && same_texts(&a->values, &b->values);
}

/* Each name of `x` is covered by one of `by`: so it stays when AWS adds actions. */
static bool actions(const struct pair *p)
{
    const struct iam_texts *a = &p->by->s->actions, *b = &p->x->s->actions;

    if (p->by->s->not_action || p->x->s->not_action)
        return p->by->s->not_action == p->x->s->not_action && same_texts(a, b);
    for (size_t i = 0; i < b->n; i++) {
        bool found = p->by->whole;

        for (size_t k = 0; k < a->n && !found && !iam_lint_run_spent(p->r); k++)
            found = iam_lint_run_covers(p->r, &p->by->names[k], &p->x->names[i]);
        if (!found)
            return false;
    }
    return !b->unknown;
}

static bool resources(const struct pair *p)
{
    const struct iam_texts *a = &p->by->s->resources, *b = &p->x->s->resources;

    if (p->by->star)
        return true;
    if (p->by->s->not_resource || p->x->s->not_resource || !p->x->s->has_resource)
        return p->by->s->not_resource == p->x->s->not_resource && p->x->s->has_resource &&
               same_texts(a, b);
    for (size_t i = 0; i < b->n; i++) {
        bool found = false;

        for (size_t k = 0; k < a->n && !found && !iam_lint_run_spent(p->r); k++)
            found = iam_lint_run_arn_covers(p->r, p->by, k, p->x, i);
        if (!found)
            return false;
    }
    return !b->unknown;
}

static bool named(const struct iam_statement *s, const struct iam_principal *p)
{
    for (size_t i = 0; i < s->nprincipals; i++) {
        const struct iam_principal *q = &s->principals[i];

        if (q->type == IAM_PRINCIPAL_ANY || (q->type == p->type && slice_eq(q->name, p->name)))
            return true;
    }
    return false;
}

static bool principals(const struct pair *p)
{
    const struct iam_statement *by = p->by->s, *s = p->x->s;

    if (!by->has_principal)
        return !s->has_principal;
    if (by->not_principal || s->not_principal || s->principals_unknown || !s->has_principal)
        return false;
    for (size_t i = 0; i < s->nprincipals; i++)
        if (!iam_lint_run_work(p->r, by->nprincipals) || !named(by, &s->principals[i]))
            return false;
    return true;
}

/* Each test of `by` is one of `x`. */
static bool tests(const struct pair *p)
{
    const struct iam_statement *by = p->by->s, *s = p->x->s;

    for (size_t i = 0; i < by->ntests; i++) {
        bool found = false;

        if (!iam_lint_run_work(p->r, s->ntests))
            return false;
        for (size_t k = 0; k < s->ntests && !found; k++)
            found = same_test(&by->tests[i], &s->tests[k]);
        if (!found)
            return false;
    }
    return !by->tests_unknown;
}

static bool covers(const struct pair *p)
{
    return p->by != p->x && tests(p) && principals(p) && actions(p) && resources(p);
}

/* What is said of a statement for another one: nothing, or the code. */
static bool useless(const struct pair *p, enum iam_lint_id *code)
{
    const struct pair back = {p->r, p->x, p->by};
    const enum iam_effect by = p->by->s->effect, x = p->x->s->effect;

    if (by == IAM_EFFECT_UNKNOWN || x == IAM_EFFECT_UNKNOWN || (by == IAM_ALLOW && x == IAM_DENY) ||
        !covers(p))
        return false;
    *code = by == x ? IAM_LINT_REDUNDANT_STATEMENT : IAM_LINT_UNREACHABLE;
    return by != x || p->by < p->x || !covers(&back); /* of two that are the same, one stays */
}

void iam_lint_pairs(struct iam_lint_run *r)
{
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->n; k++) {
            const struct pair p = {r, &r->statements[k], &r->statements[i]};
            enum iam_lint_id code;

            if (!iam_lint_run_work(r, 1))
                return;
            if (!useless(&p, &code))
                continue;
            iam_lint_run_add(r, code, p.x->s, 0, "statement %zu %s all of it", p.by->s->index + 1,
                             code == IAM_LINT_UNREACHABLE ? "denies" : "says");
            break;
        }
}
