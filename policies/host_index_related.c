/* Joins: which resources of a type refer to this one. One table for each (type, path), made when
 * first asked for. */
#include <stdlib.h>
#include <string.h>

#include "policies/host_index_state.h"

#define MAYBE_MAX 16 /* instances that one reference without an index is linked to; more is vague */

static int fact_order(const struct fact *a, const struct fact *b)
{
    return (a > b) - (a < b);
}

static int link_order(const struct host_link *a, const struct host_link *b)
{
    int c = fact_order(a->target, b->target);

    return c != 0 ? c : slice_cmp(a->text, b->text);
}

static int by_link(const void *x, const void *y)
{
    const struct host_link *a = x, *b = y;
    int c = link_order(a, b);

    return c != 0 ? c : fact_order(a->from, b->from);
}

static void add_link(struct host_index *ix, struct host_join *j, const struct host_link *link)
{
    *(struct host_link *)ARENA_PUSH(ix->arena, &j->links, &j->nlinks) = *link;
}

/* The references of an unknown. Sure when all of them lead to one and the same resource. */
static void link_refs(struct host_index *ix, struct host_join *j, const struct fact *from,
                      const struct value_gap *gap)
{
    const struct fact *only = NULL;
    bool sure = true, any = false;

    for (size_t i = 0; i < gap->nrefs; i++) {
        struct host_target t;

        if (host_index_refs_is_key(gap->refs[i]))
            continue;
        t = host_index_refs_resolve(ix, from, gap->refs[i]);
        sure = sure && t.one != NULL && (only == NULL || only == t.one);
        only = t.one;
        any = any || t.n > 0;
    }
    if (sure && only != NULL) {
        add_link(ix, j, &(struct host_link){.target = only, .from = from});
        return;
    }
    for (size_t i = 0; i < gap->nrefs; i++) {
        struct host_target t = {0};

        if (!host_index_refs_is_key(gap->refs[i]))
            t = host_index_refs_resolve(ix, from, gap->refs[i]);
        any = any && t.n <= MAYBE_MAX;
        for (size_t k = 0; k < t.n && t.n <= MAYBE_MAX; k++)
            add_link(ix, j, &(struct host_link){.target = t.facts[k], .from = from, .maybe = true});
    }
    j->nvague += !any;
}

static void link_value(struct host_index *ix, struct host_join *j, const struct fact *from,
                       const struct value *v)
{
    if (value_is(v, VALUE_UNKNOWN))
        link_refs(ix, j, from, v->as.gap);
    else if (value_is(v, VALUE_STRING) && v->len > 0)
        add_link(ix, j, &(struct host_link){.text = value_text(v), .from = from});
}

static void link_candidate(struct host_index *ix, struct host_join *j, const struct fact *from,
                           const struct view_path *path)
{
    const struct value *v = view_walk(path, from->attributes, ix->arena);

    if (!value_is(v, VALUE_LIST)) {
        link_value(ix, j, from, v);
        return;
    }
    for (size_t i = 0; i < v->len; i++)
        link_value(ix, j, from, v->as.items[i]);
}

static const struct host_join *join_make(struct host_index *ix, struct slice type,
                                         struct slice path, struct err *e)
{
    const struct view_path *compiled;
    const struct host_group *g;
    struct host_join *j;
    size_t n;

    if (!view_compile(path, ix->arena, &compiled, e))
        return NULL;
    g = host_index_groups(ix, type, &n);
    j = ARENA_PUSH(ix->arena, &ix->joins, &ix->njoins);
    j->type = arena_slice(ix->arena, type);
    j->path = arena_slice(ix->arena, path);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n; k++)
            link_candidate(ix, j, g[i].facts[k], compiled);
    if (j->nlinks > 1)
        qsort(j->links, j->nlinks, sizeof(j->links[0]), by_link);
    if (j->nvague > 0)
        j->vague = value_unknown(ix->arena,
                                 arena_printf(ix->arena, "%zu of type %s may refer to it",
                                              j->nvague, (const char *)j->type.data),
                                 NULL, 0, NULL);
    return j;
}

static const struct host_join *join_find(struct host_index *ix, struct slice type,
                                         struct slice path, struct err *e)
{
    for (size_t i = 0; i < ix->njoins; i++)
        if (slice_eq(ix->joins[i].type, type) && slice_eq(ix->joins[i].path, path))
            return &ix->joins[i];
    return join_make(ix, type, path, e);
}

/* The candidates that were found for one resource. */
struct candidate {
    const struct fact *fact;
    bool maybe;
};

struct found {
    const struct host_query *q;
    struct candidate *items;
    size_t n;
};

/* A name means something in its own document only; an ARN everywhere. */
static bool may_name(const struct fact *from, const struct fact *to, struct slice text)
{
    return slice_starts(text, "arn:") ||
           (to != NULL && host_index_cmp(from->subject, to->subject) == 0 &&
            host_index_cmp(from->source, to->source) == 0);
}

static void find_links(struct found *f, const struct host_join *j, const struct host_link *key)
{
    size_t low = 0, high = j->nlinks;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (link_order(&j->links[mid], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < j->nlinks && link_order(&j->links[low], key) == 0; low++) {
        struct candidate *c;

        if (key->target == NULL && !may_name(j->links[low].from, f->q->to, key->text))
            continue;
        c = ARENA_PUSH(f->q->arena, &f->items, &f->n);
        *c = (struct candidate){j->links[low].from, j->links[low].maybe};
    }
}

/* In the order of the facts; what is sure before what may be. */
static int by_fact(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    int c = fact_order(a->fact, b->fact);

    return c != 0 ? c : a->maybe - b->maybe;
}

static const struct value *found_list(struct found *f, struct host_index *ix,
                                      const struct host_join *j)
{
    const struct value *gap = j->vague;
    struct value_builder b;
    size_t sure = 0;

    if (f->n > 1)
        qsort(f->items, f->n, sizeof(f->items[0]), by_fact);
    value_list_begin(&b, f->q->arena);
    for (size_t i = 0; i < f->n; i++) {
        const struct candidate *c = &f->items[i];

        if (i > 0 && c->fact == f->items[i - 1].fact)
            continue;
        if (c->maybe) {
            const char *why = arena_printf(f->q->arena, "%s may refer to it", c->fact->address);

            gap = value_unknown(f->q->arena, why, NULL, 0, NULL);
            value_list_add(&b, gap);
        } else {
            value_list_add(&b, host_index_resource(ix, c->fact));
            sure++;
        }
    }
    if (j->vague != NULL)
        value_list_add(&b, j->vague);
    return gap != NULL && sure == 0 ? gap : value_list_end(&b, NULL);
}

const struct value *host_index_related(struct host_index *ix, const struct host_query *q,
                                       struct err *e)
{
    /* what names a resource in the sources we read */
    static const char *const names[] = {"id",     "arn",           "name",       "key_id",
                                        "bucket", "function_name", "Arn",        "Name",
                                        "Id",     "KeyId",         "BucketName", "FunctionName"};
    const struct host_join *j = join_find(ix, q->type, q->path, e);
    struct found f = {.q = q};

    if (j == NULL)
        return NULL;
    find_links(&f, j, &(struct host_link){.target = q->to});
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct value *name = value_get(q->to->attributes, names[i]);

        if (value_is(name, VALUE_STRING) && name->len > 0)
            find_links(&f, j, &(struct host_link){.text = value_text(name)});
    }
    return found_list(&f, ix, j);
}
