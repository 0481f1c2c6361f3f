#include "policies/host_index.h"

#include <stdlib.h>
#include <string.h>

#include "policies/host_index_state.h"

static const char *text(const char *s)
{
    return s == NULL ? "" : s;
}

int host_index_cmp(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(text(a), text(b));
}

static int by_type(const void *x, const void *y)
{
    const struct fact *a = *(const struct fact *const *)x, *b = *(const struct fact *const *)y;
    int c = host_index_cmp(a->type, b->type);

    if (c == 0)
        c = host_index_cmp(a->source, b->source);
    if (c == 0)
        c = host_index_cmp(a->subject, b->subject);
    if (c == 0)
        c = host_index_cmp(a->address, b->address);
    return c != 0 ? c : (a > b) - (a < b);
}

static int by_address(const void *x, const void *y)
{
    const struct fact *a = *(const struct fact *const *)x, *b = *(const struct fact *const *)y;
    int c = host_index_cmp(a->subject, b->subject);

    if (c == 0)
        c = host_index_cmp(a->source, b->source);
    if (c == 0)
        c = host_index_cmp(a->address, b->address);
    return c != 0 ? c : (a > b) - (a < b);
}

static const struct fact **sorted(const struct facts *f, struct arena *a,
                                  int (*cmp)(const void *, const void *))
{
    const struct fact **list = ARENA_ARRAY(a, const struct fact *, f->nfacts);

    for (size_t i = 0; i < f->nfacts; i++)
        list[i] = &f->facts[i];
    if (f->nfacts > 1)
        qsort(list, f->nfacts, sizeof(void *), cmp);
    return list;
}

static void make_groups(struct host_index *ix)
{
    for (size_t i = 0; i < ix->facts->nfacts; i++) {
        const struct fact *f = ix->by_type[i];
        struct host_group *last = ix->ngroups == 0 ? NULL : &ix->groups[ix->ngroups - 1];

        if (last != NULL && host_index_cmp(last->type, f->type) == 0 &&
            host_index_cmp(last->source, f->source) == 0) {
            last->n++;
            continue;
        }
        last = ARENA_PUSH(ix->arena, &ix->groups, &ix->ngroups);
        *last = (struct host_group){text(f->type), text(f->source), &ix->by_type[i], 1};
    }
}

static const struct subject *subject_named(const struct facts *f, const char *name)
{
    for (size_t i = 0; i < f->nsubjects; i++)
        if (host_index_cmp(f->subjects[i].name, name) == 0)
            return &f->subjects[i];
    return NULL;
}

/* by_address puts the facts of a subject side by side: one search for each subject. */
static void find_subjects(struct host_index *ix)
{
    const struct subject *s = NULL;
    const struct fact *last = NULL;

    for (size_t i = 0; i < ix->facts->nfacts; i++) {
        const struct fact *f = ix->by_address[i];

        if (last == NULL || host_index_cmp(last->subject, f->subject) != 0)
            s = subject_named(ix->facts, f->subject);
        ix->subject_of[f - ix->facts->facts] = s;
        last = f;
    }
}

struct host_index *host_index_new(const struct facts *f, struct arena *a)
{
    struct host_index *ix = ARENA_NEW(a, struct host_index);

    ix->arena = a;
    ix->facts = f;
    ix->by_type = sorted(f, a, by_type);
    ix->by_address = sorted(f, a, by_address);
    ix->resources = ARENA_ARRAY(a, const struct value *, f->nfacts);
    ix->subjects = ARENA_ARRAY(a, const struct value *, f->nsubjects);
    ix->subject_of = ARENA_ARRAY(a, const struct subject *, f->nfacts);
    make_groups(ix);
    find_subjects(ix);
    return ix;
}

/* Does the type of a group fall under `type`? < 0: it stands before, > 0: behind. */
static int group_order(const struct host_group *g, struct slice type)
{
    struct slice name = slice_str(g->type);

    if (type.len > 0 && type.data[type.len - 1] == '*') {
        type.len--;
        if (name.len > type.len)
            name.len = type.len;
    }
    return slice_cmp(name, type);
}

const struct host_group *host_index_groups(const struct host_index *ix, struct slice type,
                                           size_t *n)
{
    size_t low = 0, high = ix->ngroups;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (group_order(&ix->groups[mid], type) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (*n = 0; low + *n < ix->ngroups && group_order(&ix->groups[low + *n], type) == 0;)
        ++*n;
    return ix->groups == NULL ? NULL : &ix->groups[low];
}

const struct value *host_index_resource(struct host_index *ix, const struct fact *f)
{
    const struct value **slot = &ix->resources[f - ix->facts->facts];

    if (*slot == NULL)
        *slot = facts_resource(f, ix->arena);
    return *slot;
}

const struct subject *host_index_subject_of(const struct host_index *ix, const struct fact *f)
{
    return ix->subject_of[f - ix->facts->facts];
}

static void put_text(struct value_builder *b, const char *key, const char *s)
{
    if (s != NULL)
        value_map_add(b, key, value_bytes(b->arena, slice_str(s), NULL));
}

static const struct value *subject_value(struct host_index *ix, const struct subject *s)
{
    const struct value **slot = &ix->subjects[s - ix->facts->subjects];
    struct value_builder b;

    if (*slot != NULL)
        return *slot;
    value_map_begin(&b, ix->arena);
    put_text(&b, "name", text(s->name));
    put_text(&b, "kind", text(s->kind));
    put_text(&b, "uri", s->uri);
    put_text(&b, "digest", s->digest);
    *slot = value_map_end(&b, NULL);
    return *slot;
}

const struct value *host_index_subject(struct host_index *ix, const struct fact *f)
{
    const struct subject *s = host_index_subject_of(ix, f);
    struct value_builder b;

    if (s != NULL)
        return subject_value(ix, s);
    value_map_begin(&b, ix->arena);
    put_text(&b, "name", text(f->subject));
    put_text(&b, "kind", text(f->source));
    return value_map_end(&b, NULL);
}

const struct value *host_index_subjects(struct host_index *ix)
{
    struct value_builder b;

    value_list_begin(&b, ix->arena);
    for (size_t i = 0; i < ix->facts->nsubjects; i++)
        value_list_add(&b, subject_value(ix, &ix->facts->subjects[i]));
    return value_list_end(&b, NULL);
}

static const struct value *make_list(struct host_index *ix, struct slice source, struct slice type)
{
    struct value_builder b;
    size_t n;
    const struct host_group *g = host_index_groups(ix, type, &n);

    value_list_begin(&b, ix->arena);
    for (size_t i = 0; i < n; i++) {
        if (source.len > 0 && !slice_is(source, g[i].source))
            continue;
        for (size_t k = 0; k < g[i].n; k++)
            value_list_add(&b, host_index_resource(ix, g[i].facts[k]));
    }
    return value_list_end(&b, NULL);
}

const struct value *host_index_list(struct host_index *ix, struct slice source, struct slice type)
{
    struct host_list *l;
    size_t n;

    for (size_t i = 0; i < ix->nlists; i++)
        if (slice_eq(ix->lists[i].type, type) && slice_eq(ix->lists[i].source, source))
            return ix->lists[i].value;
    host_index_groups(ix, type, &n);
    if (n == 0 && ix->nothing == NULL)
        ix->nothing = make_list(ix, source, type);
    if (n == 0)
        return ix->nothing;
    l = ARENA_PUSH(ix->arena, &ix->lists, &ix->nlists);
    l->source = arena_slice(ix->arena, source);
    l->type = arena_slice(ix->arena, type);
    l->value = make_list(ix, source, type);
    return l->value;
}

void host_index_set_now(struct host_index *ix, int64_t now)
{
    ix->now = now;
}

int64_t host_index_now(const struct host_index *ix)
{
    return ix->now;
}
