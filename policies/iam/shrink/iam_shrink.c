#include "policies/iam/shrink/iam_shrink.h"

#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/evaluate/iam_side.h"

struct shrink {
    const struct iam_docs *used, *boundary;
    const struct iam_doc *least;
    struct iam_action_set needed; /* actions that the least policy names */
    struct iam_doc *trial;        /* [0] a statement alone, then all denies of `used` */
    size_t ntrial;
    struct arena *arena;
    struct iam_shrink *out;
    struct iam_shrink_part *excess, *needs;
};

/* What AWS can be asked today, on what there is. */
static struct iam_compare_options asked(void)
{
    return (struct iam_compare_options){.known_actions = true, .typed_resources = true};
}

static struct iam_doc alone(const struct iam_doc *d, const struct iam_statement *s)
{
    return (struct iam_doc){
        .name = d->name, .variables = d->variables, .version = d->version, .statements = s, .n = 1};
}

/* The documents of `used` with nothing but their denies, behind the place of the trial. */
static void denies(struct shrink *k)
{
    k->trial = ARENA_ARRAY(k->arena, struct iam_doc, k->used->n + 1);
    k->ntrial = 1;
    for (size_t i = 0; i < k->used->n; i++) {
        const struct iam_doc *d = &k->used->items[i];
        struct iam_statement *list = ARENA_ARRAY(k->arena, struct iam_statement, d->n);
        size_t n = 0;

        for (size_t s = 0; s < d->n; s++)
            if (d->statements[s].effect != IAM_ALLOW)
                list[n++] = d->statements[s];
        if (n == 0)
            continue;
        k->trial[k->ntrial] = *d;
        k->trial[k->ntrial].statements = list;
        k->trial[k->ntrial].n = n;
        k->trial[k->ntrial++].unknown = false;
    }
}

static void add_actions(const struct iam_doc *d, struct arena *a, struct iam_action_set *set)
{
    const struct iam_docs docs = {.items = d, .n = 1};
    struct iam_expansion x;

    iam_expand(&docs, a, &x);
    for (size_t i = 0; i < x.n; i++)
        iam_actions_add(set, x.allowed[i].action);
}

/* The actions of a statement that nothing needs. */
static void extra_actions(struct shrink *k, const struct iam_doc *d, struct iam_shrink_part *p)
{
    struct iam_action_set set = iam_actions_none(k->arena);
    size_t *list = NULL;

    add_actions(d, k->arena, &set);
    for (size_t i = 0; i < iam_actions_count(); i++)
        if (iam_actions_has(&set, i) && !iam_actions_has(&k->needed, i))
            *(size_t *)ARENA_PUSH(k->arena, &list, &p->nactions) = i;
    p->actions = list;
}

static void keep(const struct iam_comparison *c, struct iam_shrink_part *p)
{
    p->wider = c->wider;
    p->example = c->example;
    p->unknown = c->unknown;
}

/* One Allow of the role: does it give more than is needed? */
static void judge_used(struct shrink *k, const struct iam_doc *d, const struct iam_statement *s)
{
    const struct iam_docs least = {.items = k->least, .n = 1};
    const struct iam_docs trial = {.items = k->trial, .n = k->ntrial};
    struct iam_compare_options opt = asked();
    struct iam_shrink_part *p;
    struct iam_comparison c;

    opt.new_limits = (struct iam_limits){k->boundary, k->boundary != NULL};
    k->trial[0] = alone(d, s);
    iam_compare(&least, &trial, &opt, k->arena, &c);
    if (c.wider == IAM_NO)
        return;
    p = ARENA_PUSH(k->arena, &k->excess, &k->out->nexcess);
    p->doc = d;
    p->statement = s;
    keep(&c, p);
    extra_actions(k, &k->trial[0], p);
    k->out->wider = iam_side_either(k->out->wider, c.wider);
}

/* One statement of the least policy: is all of it allowed? */
static void judge_need(struct shrink *k, const struct iam_statement *s)
{
    const struct iam_doc one = alone(k->least, s);
    const struct iam_docs need = {.items = &one, .n = 1};
    struct iam_compare_options opt = asked();
    struct iam_shrink_part *p;
    struct iam_comparison c;

    opt.old_limits = (struct iam_limits){k->boundary, k->boundary != NULL};
    iam_compare(k->used, &need, &opt, k->arena, &c);
    if (c.wider == IAM_NO)
        return;
    p = ARENA_PUSH(k->arena, &k->needs, &k->out->nneeds);
    p->doc = k->least;
    p->statement = s;
    keep(&c, p);
    p->example.doc = k->least;
    p->example.statement = s;
    k->out->missing = iam_side_either(k->out->missing, c.wider);
}

static void all_used(struct shrink *k)
{
    for (size_t i = 0; i < k->used->n; i++) {
        const struct iam_doc *d = &k->used->items[i];

        k->out->unknown = k->out->unknown || d->unknown;
        for (size_t s = 0; s < d->n; s++)
            if (d->statements[s].effect != IAM_DENY)
                judge_used(k, d, &d->statements[s]);
    }
    k->out->unknown = k->out->unknown || k->used->unknown;
    if (k->out->unknown)
        k->out->wider = iam_side_either(k->out->wider, IAM_MAYBE);
}

void iam_shrink(const struct iam_docs *used, const struct iam_docs *boundary,
                const struct iam_doc *least, struct arena *a, struct iam_shrink *out)
{
    struct shrink k = {.used = used, .boundary = boundary, .least = least, .arena = a, .out = out};

    *out = (struct iam_shrink){.wider = IAM_NO, .missing = IAM_NO};
    k.needed = iam_actions_none(a);
    add_actions(least, a, &k.needed);
    denies(&k);
    all_used(&k);
    for (size_t s = 0; s < least->n; s++)
        judge_need(&k, &least->statements[s]);
    out->excess = k.excess;
    out->needs = k.needs;
}
