/* after + after_unknown + after_sensitive as one tree. Depth of all recursion is that of the
 * plan: LIMIT_JSON_DEPTH. */
#include "scanner/config/plan_overlay.h"

#define NOT_YET "known after apply"
#define SENSITIVE "sensitive value"

/* The three trees at one place; NULL marks nothing. */
struct layer {
    const struct value *after, *unknown, *sensitive;
    struct plan_cursor where;
};

static const struct value *overlay(const struct plan_change *c, const struct layer *l);

/* false, null and empty shapes mark nothing */
static const struct value *mark(const struct value *m)
{
    if (m == NULL || m->kind == VALUE_NULL || (m->kind == VALUE_BOOL && !value_true(m)))
        return NULL;
    if ((m->kind == VALUE_MAP || m->kind == VALUE_LIST) && value_len(m) == 0)
        return NULL;
    return m;
}

/* Is anything below marked? What is neither a shape nor a boolean is a mark too: it may not
 * pass for "known". */
static bool any(const struct value *m)
{
    m = mark(m);
    if (m == NULL)
        return false;
    for (size_t i = 0; m->kind == VALUE_MAP && i < value_len(m); i++)
        if (any(m->as.members[i].value))
            return true;
    for (size_t i = 0; m->kind == VALUE_LIST && i < value_len(m); i++)
        if (any(value_item(m, i)))
            return true;
    return m->kind != VALUE_MAP && m->kind != VALUE_LIST;
}

static const struct value *unknown(const struct plan_change *c, const struct layer *l,
                                   const char *why)
{
    return plan_refs_unknown(c->self, &l->where, why, &c->at);
}

/* The shapes differ: unknown as a whole if there is any mark. */
static const struct value *whole(const struct plan_change *c, const struct layer *l)
{
    if (any(l->unknown))
        return unknown(c, l, NOT_YET);
    if (any(l->sensitive) && !value_is(l->after, VALUE_NULL))
        return unknown(c, l, SENSITIVE);
    return l->after;
}

static bool shape(const struct value *m, enum value_kind kind)
{
    return m == NULL || m->kind == (uint32_t)kind;
}

static const struct value *overlay_map(const struct plan_change *c, const struct layer *l)
{
    const struct value_at at = {l->after != NULL ? l->after->offset : c->at.offset,
                                l->after != NULL ? l->after->line : c->at.line};
    const size_t n = l->after != NULL && l->after->kind == VALUE_MAP ? value_len(l->after) : 0;
    bool changed = false;
    struct value_builder b;

    value_map_begin(&b, c->arena);
    for (size_t i = 0; i < n; i++) {
        const struct value_member *m = &l->after->as.members[i];
        const struct layer below = {m->value, mark(value_get_slice(l->unknown, m->key)),
                                    mark(value_get_slice(l->sensitive, m->key)),
                                    plan_refs_key(&l->where, m->key)};
        const struct value *v = overlay(c, &below);

        changed = changed || v != m->value;
        value_map_put(&b, m->key, v);
    }
    for (size_t i = 0; l->unknown != NULL && i < value_len(l->unknown); i++) {
        const struct value_member *m = &l->unknown->as.members[i];
        const struct layer below = {NULL, mark(m->value),
                                    mark(value_get_slice(l->sensitive, m->key)),
                                    plan_refs_key(&l->where, m->key)};

        if ((n > 0 && value_get_slice(l->after, m->key) != NULL) || !any(m->value))
            continue;
        changed = true;
        value_map_put(&b, m->key, overlay(c, &below));
    }
    return changed ? value_map_end(&b, &at) : l->after;
}

static size_t count_true(const struct value *list)
{
    size_t n = 0;

    for (size_t i = 0; i < value_len(list); i++)
        n += value_true(value_item(list, i)) ? 1 : 0;
    return n;
}

/* Lists are as long as their marks; sets leave out of `after` the items that are unknown. */
static bool aligned(const struct layer *l, bool *omitted)
{
    const size_t n = value_is(l->after, VALUE_LIST) ? value_len(l->after) : 0;
    const size_t marks = value_len(l->unknown);

    *omitted = l->unknown != NULL && marks > n;
    if (l->unknown != NULL && marks != n && (marks < n || marks - count_true(l->unknown) != n))
        return false;
    if (l->sensitive == NULL || value_len(l->sensitive) == n)
        return true;
    return *omitted && value_len(l->sensitive) == marks;
}

static const struct value *overlay_list(const struct plan_change *c, const struct layer *l)
{
    const struct value_at at = {l->after != NULL ? l->after->offset : c->at.offset,
                                l->after != NULL ? l->after->line : c->at.line};
    const size_t have = value_is(l->after, VALUE_LIST) ? value_len(l->after) : 0;
    size_t next = 0, n;
    bool omitted, changed = false;
    struct value_builder b;

    if (!aligned(l, &omitted))
        return whole(c, l);
    n = omitted ? value_len(l->unknown) : have;
    value_list_begin(&b, c->arena);
    for (size_t i = 0; i < n; i++) {
        const bool missing = omitted && value_true(value_item(l->unknown, i));
        const struct value *item = missing ? NULL : value_item(l->after, next);
        const size_t s = omitted && value_len(l->sensitive) == have ? next : i;
        const struct layer below = {item, mark(value_item(l->unknown, i)),
                                    missing ? NULL : mark(value_item(l->sensitive, s)),
                                    plan_refs_item(&l->where, item)};
        const struct value *v = overlay(c, &below);

        next += missing ? 0 : 1;
        changed = changed || v != item;
        value_list_add(&b, v);
    }
    return changed ? value_list_end(&b, &at) : l->after;
}

static const struct value *overlay(const struct plan_change *c, const struct layer *l)
{
    const bool empty = l->after == NULL || l->after->kind == VALUE_NULL;

    if (l->unknown == NULL && l->sensitive == NULL)
        return l->after;
    if (value_true(l->unknown))
        return unknown(c, l, NOT_YET);
    if (value_true(l->sensitive))
        return empty && !any(l->unknown) ? l->after : unknown(c, l, SENSITIVE);
    if (empty && !any(l->unknown))
        return l->after;
    if ((value_is(l->after, VALUE_MAP) || empty) && shape(l->unknown, VALUE_MAP) &&
        shape(l->sensitive, VALUE_MAP))
        return overlay_map(c, l);
    if ((value_is(l->after, VALUE_LIST) || empty) && shape(l->unknown, VALUE_LIST) &&
        shape(l->sensitive, VALUE_LIST))
        return overlay_list(c, l);
    return whole(c, l);
}

const struct value *plan_overlay(const struct plan_change *c)
{
    const struct layer l = {c->after, mark(c->unknown), mark(c->sensitive),
                            plan_refs_start(c->self)};

    return overlay(c, &l);
}
