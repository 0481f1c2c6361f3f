/* Two branches of a condition that nobody knows. */
#include "base/limits.h"
#include "scanner/config/cfn.h"

static const struct value *merge(struct cfn *c, const struct cfn_choice *k);

/* References count only when both branches are references: either way it is one of them. */
static const struct value *differ(struct cfn *c, const struct cfn_choice *k)
{
    const struct value_at at = doc_at(k->at);
    const char *why =
        arena_printf(c->d->arena, "depends on condition %.*s", DOC_TEXT(k->condition));
    struct slice refs[LIMIT_PLAN_REFS];
    size_t n = 0;

    if (k->a == NULL || k->b == NULL || !value_is(k->a, VALUE_UNKNOWN) ||
        !value_is(k->b, VALUE_UNKNOWN) || k->a->as.gap->nrefs == 0 || k->b->as.gap->nrefs == 0)
        return value_unknown(c->d->arena, why, NULL, 0, &at);
    for (size_t i = 0; i < k->a->as.gap->nrefs && n < LIMIT_PLAN_REFS; i++)
        refs[n++] = k->a->as.gap->refs[i];
    for (size_t i = 0; i < k->b->as.gap->nrefs && n < LIMIT_PLAN_REFS; i++)
        refs[n++] = k->b->as.gap->refs[i];
    return value_unknown(c->d->arena, why, refs, n, &at);
}

static const struct value *merge_lists(struct cfn *c, const struct cfn_choice *k)
{
    const struct value_at at = doc_at(k->a);
    struct value_builder b;

    value_list_begin(&b, c->d->arena);
    for (size_t i = 0; i < value_len(k->a); i++) {
        const struct cfn_choice below = {value_item(k->a, i), value_item(k->b, i), k->condition,
                                         k->at};

        value_list_add(&b, merge(c, &below));
    }
    return value_list_end(&b, &at);
}

static const struct value *merge_maps(struct cfn *c, const struct cfn_choice *k)
{
    const struct value_at at = doc_at(k->a);
    struct value_builder b;

    value_map_begin(&b, c->d->arena);
    for (size_t i = 0; i < value_len(k->a); i++) {
        const struct value_member *m = &k->a->as.members[i];
        const struct cfn_choice below = {m->value, value_get_slice(k->b, m->key), k->condition,
                                         k->at};

        value_map_put(&b, m->key, merge(c, &below));
    }
    for (size_t i = 0; i < value_len(k->b); i++) {
        const struct value_member *m = &k->b->as.members[i];
        const struct cfn_choice below = {NULL, m->value, k->condition, k->at};

        if (value_get_slice(k->a, m->key) == NULL)
            value_map_put(&b, m->key, merge(c, &below));
    }
    return value_map_end(&b, &at);
}

static const struct value *merge(struct cfn *c, const struct cfn_choice *k)
{
    if (k->a == k->b)
        return k->a;
    if (!cfn_unknown_charge(c, sizeof(struct value)) || k->a == NULL || k->b == NULL ||
        k->a->kind != k->b->kind)
        return differ(c, k);
    if (k->a->kind == VALUE_MAP)
        return merge_maps(c, k);
    if (k->a->kind == VALUE_LIST && value_len(k->a) == value_len(k->b))
        return merge_lists(c, k);
    if (k->a->kind != VALUE_LIST && value_eq(k->a, k->b))
        return k->a;
    return differ(c, k);
}

const struct value *cfn_merge(struct cfn *c, const struct cfn_choice *choice)
{
    return merge(c, choice);
}
