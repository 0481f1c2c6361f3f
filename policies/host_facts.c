/* resources, related, refs, known, dataset_for, class_rank. SPEC: docs/rules.md, "Functions". */
#include <stdlib.h>
#include <string.h>

#include "policies/host_index_state.h"
#include "policies/host_table.h"
#include "policies/iam/document/iam_gap.h"

const struct host *host_facts_of(const struct cel_call *c)
{
    return c->host;
}

bool host_facts_text(const struct cel_call *c, size_t i, struct slice *out, struct err *e)
{
    if (!cel_value_is(c->args[i], CEL_STRING))
        return err_fail(e, ERR_USAGE, "argument %zu: expected a string, found %s", i + 1,
                        cel_value_type_name((enum cel_kind)c->args[i].kind));
    *out = cel_value_text(c->args[i]);
    return true;
}

/* The caches of the index grow behind the pure functions. */
static struct host_index *index_of(const struct cel_call *c)
{
    return host_facts_of(c)->index;
}

bool host_facts_resources(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice type;

    if (!host_facts_text(c, 0, &type, e))
        return false;
    *out = cel_value_of(host_index_list(index_of(c), (struct slice){0}, type));
    return true;
}

bool host_facts_resources_of(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice source, type;

    if (!host_facts_text(c, 0, &source, e) || !host_facts_text(c, 1, &type, e))
        return false;
    *out = cel_value_of(host_index_list(index_of(c), source, type));
    return true;
}

/* Type and path, and the resource whose subject is meant. */
static bool below_args(const struct cel_call *c, struct host_below *q, struct err *e)
{
    *q = (struct host_below){.like = host_facts_of(c)->current, .arena = c->arena};
    if (!host_facts_text(c, 0, &q->type, e) || !host_facts_text(c, 1, &q->prefix, e))
        return false;
    return q->like != NULL || err_fail(e, ERR_USAGE, "there is no resource whose subject is meant");
}

bool host_facts_resources_at(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct host_below q;

    if (!below_args(c, &q, e))
        return false;
    *out = cel_value_of(host_index_paths_list(index_of(c), q.like, q.type, q.prefix));
    return true;
}

bool host_facts_resources_below(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct host_below q;

    if (!below_args(c, &q, e))
        return false;
    *out = cel_value_of(host_index_paths_below(index_of(c), &q));
    return true;
}

static bool field_text(const struct cel_call *c, struct cel_value map, const char *key,
                       const char **out)
{
    struct cel_value v;

    if (!cel_value_field(map, slice_str(key), &v) || !cel_value_is(v, CEL_STRING))
        return false;
    *out = arena_strndup(c->arena, cel_value_text(v));
    return true;
}

const struct fact *host_facts_fact(const struct cel_call *c, struct cel_value map)
{
    struct fact like = {0};
    const char *address;

    if (!cel_value_is(map, CEL_MAP) || !field_text(c, map, "subject", &like.subject) ||
        !field_text(c, map, "source", &like.source) || !field_text(c, map, "type", &like.type) ||
        !field_text(c, map, "address", &address))
        return NULL;
    like.address = address;
    return host_index_refs_find_typed(index_of(c), &like);
}

bool host_facts_related(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct host_query q = {.arena = c->arena};
    const struct value *list;

    if (!host_facts_text(c, 1, &q.type, e) || !host_facts_text(c, 2, &q.path, e))
        return false;
    q.to = host_facts_fact(c, c->args[0]);
    if (q.to == NULL)
        return err_fail(e, ERR_USAGE, "argument 1 is not a resource of this run");
    list = host_index_related(index_of(c), &q, e);
    if (list == NULL)
        return false;
    *out = cel_value_of(list);
    return true;
}

bool host_facts_known(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    (void)e;
    *out = cel_value_bool(!cel_value_is(c->args[0], CEL_GAP));
    return true;
}

static bool ends(struct slice text, struct slice end)
{
    return text.len >= end.len && slice_eq(slice_from(text, text.len - end.len), end);
}

/* What surely stands at the end of a text that a template puts together. */
static struct slice known_end(const struct value_gap *gap)
{
    struct slice shape = iam_gap_shape(gap);
    size_t at;

    while (slice_find(shape, SLICE_LIT("${?}"), &at))
        shape = slice_from(shape, at + 4);
    return shape;
}

bool host_facts_ends_with(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice want, end, shorter;

    if (cel_value_is(c->args[1], CEL_GAP)) {
        *out = c->args[1];
        return true;
    }
    if (!host_facts_text(c, 1, &want, e))
        return false;
    if (!cel_value_is(c->args[0], CEL_GAP)) {
        *out = cel_value_bool(cel_value_is(c->args[0], CEL_STRING) &&
                              ends(cel_value_text(c->args[0]), want));
        return true;
    }
    end = known_end(cel_value_gap(c->args[0]));
    shorter = end.len < want.len ? slice_from(want, want.len - end.len) : want;
    if (!ends(end, shorter))
        *out = cel_value_bool(false);
    else
        *out = end.len >= want.len ? cel_value_bool(true) : c->args[0];
    return true;
}

bool host_facts_refs(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct value_gap *gap = cel_value_gap(c->args[0]);
    struct value_builder b;

    (void)e;
    value_list_begin(&b, c->arena);
    for (size_t i = 0; gap != NULL && i < gap->nrefs; i++)
        value_list_add(&b, value_bytes(c->arena, gap->refs[i], NULL));
    *out = cel_value_of(value_list_end(&b, NULL));
    return true;
}

enum host_answer host_facts_refers(const struct host *h, const struct value_gap *gap,
                                   host_accept_fn *accept, const void *ctx)
{
    size_t yes = 0, no = 0;

    if (gap == NULL || h->current == NULL)
        return HOST_MAYBE;
    for (size_t i = 0; i < gap->nrefs; i++) {
        struct host_target t;

        if (host_index_refs_is_key(gap->refs[i]))
            continue;
        t = host_index_refs_resolve(h->index, h->current, gap->refs[i]);
        if (t.n == 0)
            return HOST_MAYBE;
        for (size_t k = 0; k < t.n; k++) {
            bool taken = accept(ctx, t.facts[k], t.attribute);

            yes += taken;
            no += !taken;
        }
    }
    if (yes == 0 && no == 0)
        return HOST_MAYBE;
    return no == 0 ? HOST_YES : yes == 0 ? HOST_NO : HOST_MAYBE;
}

static bool accept_type(const void *ctx, const struct fact *f, struct slice attribute)
{
    struct slice want = *(const struct slice *)ctx, type = slice_str(f->type);

    (void)attribute;
    if (want.len > 0 && want.data[want.len - 1] == '*') {
        want.len--;
        if (type.len > want.len)
            type.len = want.len;
    }
    return slice_eq(type, want);
}

bool host_facts_refers_to(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice type;

    if (!cel_value_is(c->args[0], CEL_GAP)) {
        *out = cel_value_bool(false);
        return host_facts_text(c, 1, &type, e);
    }
    if (cel_value_is(c->args[1], CEL_GAP)) {
        *out = c->args[1];
        return true;
    }
    if (!host_facts_text(c, 1, &type, e))
        return false;
    switch (host_facts_refers(host_facts_of(c), cel_value_gap(c->args[0]), accept_type, &type)) {
    case HOST_YES:
        *out = cel_value_bool(true);
        break;
    case HOST_NO:
        *out = cel_value_bool(false);
        break;
    default:
        *out = c->args[0];
    }
    return true;
}

bool host_facts_dataset_for(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct fact *f;
    struct slice uri;

    if (!host_facts_text(c, 0, &uri, e))
        return false;
    f = host_facts_dataset(index_of(c), uri);
    *out = f == NULL ? cel_value_null() : cel_value_of(host_index_resource(index_of(c), f));
    return true;
}

bool host_facts_class_rank(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    static const char *const classes[] = {"public", "internal", "confidential"};
    struct slice name;
    int64_t rank = ARRAY_LEN(classes); /* restricted, and whatever we do not know */

    if (!host_facts_text(c, 0, &name, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (slice_is(name, classes[i]))
            rank = (int64_t)i;
    *out = cel_value_int(rank);
    return true;
}

static int by_uri(const void *x, const void *y)
{
    const struct host_dataset *a = x, *b = y;
    int c = slice_cmp(a->uri, b->uri);

    return c != 0 ? c : (a->fact > b->fact) - (a->fact < b->fact);
}

static struct slice without_slash(struct slice uri)
{
    while (uri.len > 0 && uri.data[uri.len - 1] == '/')
        uri.len--;
    return uri;
}

static void find_datasets(struct host_index *ix)
{
    size_t n;
    const struct host_group *g = host_index_groups(ix, SLICE_LIT("dataset"), &n);

    ix->has_datasets = true;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            struct slice uri =
                without_slash(value_text(value_get(g[i].facts[k]->attributes, "uri")));

            if (uri.len > 0)
                *(struct host_dataset *)ARENA_PUSH(ix->arena, &ix->datasets, &ix->ndatasets) =
                    (struct host_dataset){uri, g[i].facts[k]};
        }
    if (ix->ndatasets > 1)
        qsort(ix->datasets, ix->ndatasets, sizeof(ix->datasets[0]), by_uri);
}

static const struct fact *dataset_at(const struct host_index *ix, struct slice uri)
{
    size_t low = 0, high = ix->ndatasets;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (slice_cmp(ix->datasets[mid].uri, uri) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < ix->ndatasets && slice_eq(ix->datasets[low].uri, uri) ? ix->datasets[low].fact
                                                                       : NULL;
}

const struct fact *host_facts_dataset(struct host_index *ix, struct slice uri)
{
    const struct fact *found = NULL;

    if (!ix->has_datasets)
        find_datasets(ix);
    for (uri = without_slash(uri); uri.len > 0 && found == NULL; uri = without_slash(uri)) {
        found = dataset_at(ix, uri);
        while (found == NULL && uri.len > 0 && uri.data[uri.len - 1] != '/')
            uri.len--;
    }
    return found;
}
