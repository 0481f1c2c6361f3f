/* What tells of one path of a subject. One table for each type, made when first asked for. */
#include <stdlib.h>

#include "policies/host_index_state.h"

static int path_order(const struct host_path *a, const struct host_path *b)
{
    const int c = host_index_cmp(a->fact->subject, b->fact->subject);

    return c != 0 ? c : slice_cmp(a->path, b->path);
}

static int by_path(const void *x, const void *y)
{
    const struct host_path *a = x, *b = y;
    const int c = path_order(a, b);

    return c != 0 ? c : (a->fact > b->fact) - (a->fact < b->fact);
}

static struct host_paths *paths_make(struct host_index *ix, struct slice type)
{
    struct host_paths *t = ARENA_PUSH(ix->arena, &ix->by_path, &ix->nby_path);
    size_t n;
    const struct host_group *g = host_index_groups(ix, type, &n);

    t->type = arena_slice(ix->arena, type);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            const struct value *path = value_get(g[i].facts[k]->attributes, "path");

            if (value_is(path, VALUE_STRING))
                *(struct host_path *)ARENA_PUSH(ix->arena, &t->items, &t->n) =
                    (struct host_path){.path = value_text(path), .fact = g[i].facts[k]};
        }
    if (t->n > 1)
        qsort(t->items, t->n, sizeof(t->items[0]), by_path);
    return t;
}

static struct host_paths *paths_find(struct host_index *ix, struct slice type)
{
    for (size_t i = 0; i < ix->nby_path; i++)
        if (slice_eq(ix->by_path[i].type, type))
            return &ix->by_path[i];
    return paths_make(ix, type);
}

/* The resources of the run of items that begins at `at`, as a list; kept in the first of them. */
static const struct value *list_at(struct host_index *ix, const struct host_paths *t, size_t at)
{
    struct host_path *first = &t->items[at];
    struct value_builder b;

    if (first->list != NULL)
        return first->list;
    value_list_begin(&b, ix->arena);
    for (; at < t->n && path_order(&t->items[at], first) == 0; at++)
        value_list_add(&b, host_index_resource(ix, t->items[at].fact));
    first->list = value_list_end(&b, NULL);
    return first->list;
}

/* The first item that does not stand before a path of a subject. */
static size_t lower_bound(const struct host_paths *t, const struct host_path *key)
{
    size_t low = 0, high = t->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (path_order(&t->items[mid], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct value *host_index_paths_list(struct host_index *ix, const struct fact *like,
                                          struct slice type, struct slice path)
{
    const struct host_path key = {.path = path, .fact = like};
    const struct host_paths *t = paths_find(ix, type);
    const size_t at = lower_bound(t, &key);

    if (at < t->n && path_order(&t->items[at], &key) == 0)
        return list_at(ix, t, at);
    return host_index_list(ix, (struct slice){0}, (struct slice){0});
}

const struct value *host_index_paths_below(struct host_index *ix, const struct host_below *q)
{
    const struct host_path key = {.path = q->prefix, .fact = q->like};
    const struct host_paths *t = paths_find(ix, q->type);
    struct value_builder b;

    value_list_begin(&b, q->arena);
    for (size_t i = lower_bound(t, &key); i < t->n; i++) {
        const struct host_path *p = &t->items[i];

        if (host_index_cmp(p->fact->subject, q->like->subject) != 0 ||
            p->path.len < q->prefix.len ||
            !slice_eq((struct slice){p->path.data, q->prefix.len}, q->prefix))
            break;
        value_list_add(&b, host_index_resource(ix, p->fact));
    }
    return value_list_end(&b, NULL);
}
