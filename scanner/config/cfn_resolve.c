/* Values of a template without functions in them. Depth is that of the document. */
#include "scanner/config/cfn.h"

bool cfn_resolve_is_call(const struct value *v)
{
    return value_is(v, VALUE_MAP) && value_len(v) == 1 &&
           (slice_is(v->as.members[0].key, "Ref") || slice_starts(v->as.members[0].key, "Fn::"));
}

static const struct value *resolve_list(struct cfn *c, const struct value *v)
{
    const struct value_at at = doc_at(v);
    struct value_builder b;
    bool changed = false;

    value_list_begin(&b, c->d->arena);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value *item = cfn_resolve(c, value_item(v, i));

        changed = changed || item != value_item(v, i);
        if (item != NULL)
            value_list_add(&b, item);
    }
    return changed ? value_list_end(&b, &at) : v;
}

/* Macros that stand beside plain keys add to the map what we cannot know. */
static bool macro(struct cfn *c, const struct value_member *m)
{
    if (!slice_is(m->key, "Fn::Transform") && !slice_starts(m->key, "Fn::ForEach::"))
        return false;
    doc_gap(c->d, m->value, "%.*s is not expanded", DOC_TEXT(m->key));
    return true;
}

static const struct value *resolve_map(struct cfn *c, const struct value *v)
{
    const struct value_at at = doc_at(v);
    struct value_builder b;
    bool changed = false;

    value_map_begin(&b, c->d->arena);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];
        const struct value *value = macro(c, m) ? NULL : cfn_resolve(c, m->value);

        changed = changed || value != m->value;
        if (value != NULL)
            value_map_put(&b, m->key, value);
    }
    return changed ? value_map_end(&b, &at) : v;
}

const struct value *cfn_resolve(struct cfn *c, const struct value *v)
{
    if (cfn_resolve_is_call(v))
        return cfn_call(c, v);
    if (value_is(v, VALUE_LIST))
        return resolve_list(c, v);
    if (value_is(v, VALUE_MAP))
        return resolve_map(c, v);
    return v;
}
