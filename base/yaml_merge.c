/* Merge keys. */
#include "base/yaml_merge.h"

#include <string.h>

#include "base/value_index.h"

/* The maps that a merge key names: one, or a list of them. */
static const struct value *source(const struct value *v, size_t i)
{
    if (value_is(v, VALUE_MAP))
        return i == 0 ? v : NULL;
    return value_item(v, i);
}

/* The members that the sources may add; false when one is not a map. */
static bool source_members(const struct value *v, size_t *total)
{
    *total = 0;
    if (!value_is(v, VALUE_MAP) && !value_is(v, VALUE_LIST))
        return false;
    for (size_t i = 0; source(v, i) != NULL; i++) {
        if (!value_is(source(v, i), VALUE_MAP))
            return false;
        *total += source(v, i)->len;
    }
    return true;
}

/* A map under construction whose table of keys stands behind room for `cap` members. */
struct merged {
    struct value_member *m;
    size_t n, cap;
};

/* The first of a key stays. */
static void offer(struct merged *to, const struct value_member *m)
{
    size_t same;

    to->m[to->n] = *m;
    if (value_index_insert(to->m, to->cap, to->n, &same))
        to->n++;
}

static void offer_all(struct merged *to, const struct value *map)
{
    for (size_t i = 0; i < map->len; i++)
        offer(to, &map->as.members[i]);
}

bool yaml_merge_map(struct value *map, size_t at, struct arena *a)
{
    const struct value *from = map->as.members[at].value;
    struct merged to = {.n = 0};
    struct value_member *m;
    size_t total, second;

    if (!source_members(from, &total))
        return false;
    to.cap = map->len + total + VALUE_INDEX_FEW; /* more than few: value_index_insert asks for it */
    to.m = arena_alloc(a, to.cap * sizeof(*to.m) + value_index_bytes(to.cap));
    for (size_t i = 0; i < map->len; i++)
        if (i != at)
            offer(&to, &map->as.members[i]);
    for (size_t i = 0; source(from, i) != NULL; i++)
        offer_all(&to, source(from, i));
    m = arena_alloc(a, to.n * sizeof(*m) + value_index_bytes(to.n));
    memcpy(m, to.m, to.n * sizeof(*m));
    if (!value_index_build(m, to.n, &second))
        abort(); /* offer() lets one of a key in */
    map->len = (uint32_t)to.n;
    map->as.members = m;
    return true;
}
