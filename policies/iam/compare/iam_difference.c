#include "policies/iam/compare/iam_difference.h"

#include <string.h>

#include "base/limits.h"
#include "policies/iam/compare/iam_example.h"
#include "policies/iam/compare/iam_layers.h"
#include "policies/iam/compare/iam_leaf.h"
#include "policies/iam/compare/iam_search.h"

struct comparing {
    const struct iam_difference *d;
    struct arena *arena;
    struct iam_comparison *out;
    struct iam_example example;
    struct iam_atoms atoms;
    struct iam_callers callers;
    struct iam_budget budget;
    struct iam_solver solver;
    struct iam_layers old, fresh;
    bool confirm; /* a leaf must hold when it is tried; else that it may be is enough */
    const char *unconfirmed;
};

static bool any_principal(const struct iam_docs *docs)
{
    for (size_t i = 0; i < docs->n; i++)
        for (size_t k = 0; k < docs->items[i].n; k++)
            if (docs->items[i].statements[k].has_principal)
                return true;
    return false;
}

/* Statements that cannot match because a key is never absent were not looked at, so that a request
 * without it may fail by them: then one with all such keys. */
static bool holds(struct comparing *c, struct iam_request *r)
{
    struct iam_request whole = {0};

    if (iam_example_holds(&c->example, r) == IAM_YES)
        return true;
    c->solver.whole = true;
    if (iam_leaf_request(&c->solver, &whole) != IAM_NO)
        *r = whole;
    c->solver.whole = false;
    return iam_example_holds(&c->example, r) == IAM_YES;
}

static enum iam_answer look(void *self)
{
    struct comparing *c = self;
    struct iam_request r = {0};
    enum iam_answer m = iam_leaf_request(&c->solver, &r);

    if (m == IAM_NO || !c->confirm)
        return m;
    if (holds(c, &r)) {
        iam_example_tell(&c->example, &r, &c->out->example);
        if (c->d->who != NULL && iam_leaf_caller(&c->solver, &r) != NULL)
            c->out->example.why_not = c->d->who(c->d->self, iam_leaf_caller(&c->solver, &r));
        return IAM_YES;
    }
    if (m == IAM_YES && c->unconfirmed == NULL)
        c->unconfirmed =
            arena_printf(c->arena, "%.*s on %.*s looks like more, but evaluation does not agree",
                         (int)r.action.len, (const char *)r.action.data, (int)r.resource.len,
                         (const char *)r.resource.data);
    return IAM_MAYBE;
}

/* One Allow of each new layer matches. */
struct picking {
    const struct iam_roles *roles;
    const struct iam_claim **hold; /* one a layer, and room for one more */
    const struct iam_claim **room; /* for all claims that there are */
    bool unchanged;                /* one of them stands on the old side, too */
};

/* No new Deny matches, and either no Allow of some old layer does, or some old Deny. */
static enum iam_answer picked(struct comparing *c, const struct picking *p)
{
    const struct iam_roles *r = p->roles;
    const struct iam_leaf_test leaf = {look, c};
    const size_t nneither = p->unchanged ? 0 : r->nneither;
    enum iam_answer out = IAM_NO;

    for (size_t i = 0; i < nneither && out != IAM_YES; i++) {
        const struct iam_goal plain = {p->hold, r->nallow, r->neither[i].items, r->neither[i].n,
                                       p->room};
        const enum iam_answer m = iam_search_run(&c->solver, &plain, &leaf);

        out = m > out ? m : out;
    }
    for (size_t i = 0; i < r->old_deny.n && out != IAM_YES; i++) {
        const struct iam_goal lifted = {p->hold, r->nallow + 1, r->deny.items, r->deny.n, p->room};
        enum iam_answer m;

        p->hold[r->nallow] = r->old_deny.items[i];
        m = iam_search_run(&c->solver, &lifted, &leaf);
        out = m > out ? m : out;
    }
    return out;
}

/* As deep as there are layers. */
static enum iam_answer pick(struct comparing *c, const struct picking *p, size_t layer)
{
    enum iam_answer out = IAM_NO;
    struct picking deeper = *p;

    if (layer == p->roles->nallow)
        return picked(c, p);
    for (size_t i = 0; i < p->roles->allow[layer].n && out != IAM_YES; i++) {
        enum iam_answer m;

        p->hold[layer] = p->roles->allow[layer].items[i];
        deeper.unchanged = p->unchanged || i >= p->roles->nchanged[layer];
        m = pick(c, &deeper, layer + 1);
        out = m > out ? m : out;
    }
    return out;
}

static enum iam_answer goals(struct comparing *c, enum iam_solver_actions actions, bool hopeful)
{
    struct iam_roles roles;
    struct picking p = {.roles = &roles};
    size_t most;

    iam_layers_cast(&c->old, &c->fresh, hopeful, c->arena, &roles);
    p.hold = ARENA_ARRAY(c->arena, const struct iam_claim *, roles.nallow + 1);
    most = roles.deny.n;
    for (size_t i = 0; i < roles.nneither; i++)
        most = roles.neither[i].n > most ? roles.neither[i].n : most;
    p.room = ARENA_ARRAY(c->arena, const struct iam_claim *, most);
    iam_solver_switch(&c->solver, actions, hopeful);
    return pick(c, &p, 0);
}

/* Is there somebody of whom nobody can say whether the atom names him? */
static bool vague(const struct comparing *c, const struct iam_atom *a)
{
    for (size_t i = 0; i < a->statement->nprincipals; i++)
        if (a->statement->principals[i].type == IAM_PRINCIPAL_CANONICAL)
            return true;
    for (size_t i = 0; i < c->callers.n; i++)
        if (iam_caller_in(a, &c->callers.items[i]) == IAM_MAYBE)
            return true;
    return false;
}

/* Parts of the policies. */
static bool has_unknown(const struct comparing *c)
{
    if (iam_layers_unknown(&c->old) || iam_layers_unknown(&c->fresh))
        return true;
    for (size_t i = 0; i < c->atoms.n; i++)
        if (c->atoms.items[i].unknown)
            return true;
    return false;
}

/* Whom they name. */
static bool has_vague(const struct comparing *c)
{
    for (size_t i = 0; i < c->atoms.n; i++)
        if (c->atoms.items[i].slot == IAM_SLOT_PRINCIPAL && vague(c, &c->atoms.items[i]))
            return true;
    return false;
}

static const char *reason(const struct comparing *c, uint64_t budget, bool unknown)
{
    if (c->budget.left == 0)
        return arena_printf(c->arena, "the budget of %llu states is used up",
                            (unsigned long long)budget);
    if (has_unknown(c))
        return "it hangs on values that are not known yet";
    if (unknown)
        return "it hangs on whom a principal element hits: AWS does not say";
    if (c->unconfirmed != NULL)
        return c->unconfirmed;
    return "it hangs on what policy variables stand for";
}

/* Each kind of actions that counts; `out` of all of them. */
static enum iam_answer all_kinds(struct comparing *c, bool hopeful)
{
    const struct iam_compare_options *opt = c->d->opt;
    const enum iam_solver_actions kinds[] = {
        IAM_SOLVER_TYPED, opt->typed_resources ? IAM_SOLVER_TYPED : IAM_SOLVER_TABLE,
        opt->known_actions ? IAM_SOLVER_SPOKEN : IAM_SOLVER_NEW};
    enum iam_answer out = IAM_NO;

    for (size_t i = 0; i < ARRAY_LEN(kinds) && out != IAM_YES; i++) {
        enum iam_answer m;

        if (i > 0 && kinds[i] == kinds[i - 1])
            continue;
        m = goals(c, kinds[i], hopeful);
        out = m > out ? m : out;
    }
    return out;
}

/*
 * First whether any action at all could make a difference, since a "no" there is the answer. Then a
 * request that people know: an action of the table on its own resources, on any, and one that AWS
 * may add. With unknown parts what is certain is asked first, then what is possible.
 */
static enum iam_answer decide(struct comparing *c, bool unknown)
{
    enum iam_answer out;

    c->confirm = false;
    if (goals(c, IAM_SOLVER_ANY, unknown) == IAM_NO)
        return IAM_NO;
    c->confirm = true;
    out = all_kinds(c, false);
    if (out == IAM_YES || !unknown)
        return out;
    c->confirm = false;
    return all_kinds(c, true) == IAM_NO ? IAM_NO : IAM_MAYBE;
}

/* An Allow names nobody where it would have to. */
static const char *nameless(const struct comparing *c)
{
    const char *name =
        c->fresh.lost_doc->name[0] != '\0' ? c->fresh.lost_doc->name : "the new policies";

    if (!any_principal(c->d->fresh) && !any_principal(c->d->old))
        return arena_printf(c->arena,
                            "no statement of %s names a principal: it is the policy of an "
                            "identity, not of a resource",
                            name);
    return arena_printf(c->arena,
                        "statement %zu of %s names no principal, as in an identity's policy; "
                        "others do",
                        c->fresh.lost->index + 1, name);
}

static void select_callers(struct comparing *c)
{
    struct iam_caller *kept;
    size_t n = 0;

    iam_caller_collect(&c->atoms, c->arena, &c->callers);
    if (c->d->asks == NULL)
        return;
    kept = ARENA_ARRAY(c->arena, struct iam_caller, c->callers.n);
    for (size_t i = 0; i < c->callers.n; i++)
        if (c->d->asks(c->d->self, &c->callers.items[i]))
            kept[n++] = c->callers.items[i];
    c->callers.items = kept;
    c->callers.n = n;
}

struct size {
    size_t texts, principals;
};

static void measure(const struct iam_docs *docs, struct size *n)
{
    for (size_t i = 0; i < docs->n; i++)
        for (size_t k = 0; k < docs->items[i].n; k++) {
            const struct iam_statement *s = &docs->items[i].statements[k];

            n->texts += 1 + s->actions.n + s->resources.n;
            n->principals += s->nprincipals;
            for (size_t t = 0; t < s->ntests; t++)
                n->texts += 1 + s->tests[t].values.n;
        }
}

static void measure_limits(const struct iam_limits *l, struct size *n)
{
    for (size_t i = 0; i < l->n; i++)
        measure(&l->items[i], n);
}

/* More than any policies of AWS: what grows with the square of them would go on for hours. */
static bool too_large(const struct iam_difference *d, struct arena *a, struct iam_comparison *out)
{
    struct size n = {0, 0};

    measure(d->old, &n);
    measure(d->fresh, &n);
    measure_limits(&d->opt->old_limits, &n);
    measure_limits(&d->opt->new_limits, &n);
    if (n.texts <= LIMIT_IAM_COMPARE_TEXTS && n.principals <= LIMIT_IAM_COMPARE_PRINCIPALS)
        return false;
    *out = (struct iam_comparison){.wider = IAM_MAYBE};
    out->unknown = n.texts > LIMIT_IAM_COMPARE_TEXTS
                       ? arena_printf(a,
                                      "%zu actions, resources and values are more than %u, "
                                      "LIMIT_IAM_COMPARE_TEXTS",
                                      n.texts, LIMIT_IAM_COMPARE_TEXTS)
                       : arena_printf(a,
                                      "%zu principals are more than %u, "
                                      "LIMIT_IAM_COMPARE_PRINCIPALS",
                                      n.principals, LIMIT_IAM_COMPARE_PRINCIPALS);
    return true;
}

void iam_difference_find(const struct iam_difference *d, struct arena *a,
                         struct iam_comparison *out)
{
    const uint64_t budget = d->opt->budget != 0 ? d->opt->budget : IAM_COMPARE_BUDGET;
    struct comparing c = {.d = d, .arena = a, .out = out, .budget = {budget}};
    bool unknown;

    if (too_large(d, a, out))
        return;
    *out = (struct iam_comparison){.wider = IAM_NO};
    c.example = (struct iam_example){
        .old = {d->old, &d->opt->old_limits}, .fresh = {d->fresh, &d->opt->new_limits}, .arena = a};
    c.example.principals = d->asks != NULL || any_principal(d->old) || any_principal(d->fresh);
    iam_atom_init(&c.atoms, a);
    iam_layers_read(&c.atoms, d->fresh, &d->opt->new_limits, c.example.principals, &c.fresh);
    iam_layers_read(&c.atoms, d->old, &d->opt->old_limits, c.example.principals, &c.old);
    select_callers(&c);
    c.solver = (struct iam_solver){.arena = a,
                                   .budget = &c.budget,
                                   .atoms = &c.atoms,
                                   .callers = &c.callers,
                                   .exempt_too = d->opt->exempt_too,
                                   .fences = d->fences,
                                   .nfences = d->nfences};
    iam_solver_init(&c.solver);
    unknown = has_unknown(&c) || has_vague(&c);
    out->wider = decide(&c, unknown);
    out->states = budget - c.budget.left;
    if (out->wider == IAM_MAYBE)
        out->unknown = reason(&c, budget, unknown);
    if (out->wider == IAM_NO && c.fresh.lost != NULL) {
        out->wider = IAM_MAYBE;
        out->unknown = nameless(&c);
    }
    iam_solver_release(&c.solver);
}
