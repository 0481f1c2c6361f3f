#include "policies/iam/account/iam_attached.h"

#include <stdlib.h>
#include <string.h>

#include "policies/iam/account/iam_link.h"
#include "policies/iam/aws/iam_managed.h"

/* A managed policy of the run under a text that names it. */
struct named {
    struct slice text; /* its ARN, or "policy/path/name" for its own document only */
    const struct fact *fact;
};

struct iam_attached {
    const struct host_index *ix;
    struct arena *arena;
    struct iam_attached_doc *docs; /* sorted by owner; `doc.name` is NULL until it is read */
    size_t ndocs;
    struct named *named; /* sorted by text, then by fact */
    size_t nnamed;
    struct iam_attached_doc *last;
};

static int cmp(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static const char *text_of(const struct fact *f, const char *key)
{
    return value_cstr(value_get(f->attributes, key), NULL);
}

/* Of the document that holds the resource `address` of type `type`. */
struct owner {
    const struct fact *document; /* any fact of it */
    const char *address, *type;
};

static struct owner owner_of(const struct fact *policy)
{
    return (struct owner){policy, text_of(policy, "resource"), text_of(policy, "resource_type")};
}

static int owner_cmp(const struct owner *a, const struct owner *b)
{
    int c = cmp(a->document->subject, b->document->subject);

    if (c == 0)
        c = cmp(a->document->at.path, b->document->at.path);
    if (c == 0)
        c = cmp(a->type, b->type);
    return c != 0 ? c : cmp(a->address, b->address);
}

static int by_owner(const void *x, const void *y)
{
    const struct iam_attached_doc *a = x, *b = y;
    const struct owner left = owner_of(a->fact), right = owner_of(b->fact);
    const int c = owner_cmp(&left, &right);

    return c != 0 ? c : (a->fact > b->fact) - (a->fact < b->fact);
}

/* In the order of text and document. */
static int named_cmp(const struct named *a, const struct named *b)
{
    int c = slice_cmp(a->text, b->text);

    if (c == 0)
        c = cmp(a->fact->subject, b->fact->subject);
    if (c == 0)
        c = cmp(a->fact->source, b->fact->source);
    return c != 0 ? c : cmp(a->fact->at.path, b->fact->at.path);
}

static int by_text(const void *x, const void *y)
{
    const struct named *a = x, *b = y;
    const int c = named_cmp(a, b);

    return c != 0 ? c : (a->fact > b->fact) - (a->fact < b->fact);
}

static void collect_docs(struct iam_attached *t)
{
    size_t n;
    const struct host_group *g = host_index_groups(t->ix, SLICE_LIT("iam.policy"), &n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            struct iam_attached_doc *d = ARENA_PUSH(t->arena, &t->docs, &t->ndocs);

            d->fact = g[i].facts[k];
        }
    if (t->ndocs > 1)
        qsort(t->docs, t->ndocs, sizeof(t->docs[0]), by_owner);
}

static void add_named(struct iam_attached *t, const struct fact *f, struct slice text)
{
    *(struct named *)ARENA_PUSH(t->arena, &t->named, &t->nnamed) = (struct named){text, f};
}

/* The ARN of a managed policy; where it is not known, "policy/path/name"; else empty. */
static struct slice name_of(const struct iam_link_policy *row, const struct fact *f,
                            struct arena *a)
{
    const struct value *arn = value_get(f->attributes, row->arn);
    const struct value *path = value_get(f->attributes, row->path);
    const char *name = text_of(f, row->name);

    if (value_is(arn, VALUE_STRING))
        return value_text(arn);
    if (name == NULL || (path != NULL && value_is(path, VALUE_UNKNOWN)))
        return (struct slice){0};
    return slice_str(arena_printf(a, "policy%s%s", value_cstr(path, "/"), name));
}

static void collect_named(struct iam_attached *t, const struct iam_link_policy *row)
{
    size_t n;
    const struct host_group *g = host_index_groups(t->ix, slice_str(row->type), &n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            const struct fact *f = g[i].facts[k];
            const struct slice name = name_of(row, f, t->arena);

            if (name.len > 0)
                add_named(t, f, name);
        }
}

struct iam_attached *iam_attached_new(const struct host_index *ix, struct arena *a)
{
    struct iam_attached *t = ARENA_NEW(a, struct iam_attached);

    t->ix = ix;
    t->arena = a;
    collect_docs(t);
    for (const struct iam_link_policy *row = iam_link_policies; row->type != NULL; row++)
        collect_named(t, row);
    if (t->nnamed > 1)
        qsort(t->named, t->nnamed, sizeof(t->named[0]), by_text);
    return t;
}

/* A document that breaks the grammar is a gap of the run already; here nobody knows it. */
static void read_doc(struct iam_attached *t, struct iam_attached_doc *d)
{
    struct err e = {0};

    if (d->doc.name == NULL && !iam_doc_read(value_get(d->fact->attributes, "document"),
                                             d->fact->address, t->arena, &d->doc, &e))
        d->doc = iam_doc_unknown(d->fact->address);
}

struct iam_attached_docs iam_attached_of(struct iam_attached *t, const struct fact *resource)
{
    const struct owner want = {resource, resource->address, resource->type};
    size_t low = 0, high = t->ndocs;
    struct iam_attached_docs out = {.n = 0};

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const struct owner owner = owner_of(t->docs[mid].fact);

        if (owner_cmp(&owner, &want) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    out.items = t->docs == NULL ? NULL : &t->docs[low];
    for (; low + out.n < t->ndocs; out.n++) {
        const struct owner owner = owner_of(t->docs[low + out.n].fact);

        if (owner_cmp(&owner, &want) != 0)
            break;
        read_doc(t, &out.items[out.n]);
    }
    return out;
}

struct iam_attached_docs iam_attached_all(struct iam_attached *t)
{
    for (size_t i = 0; i < t->ndocs; i++)
        read_doc(t, &t->docs[i]);
    return (struct iam_attached_docs){t->docs, t->ndocs};
}

const char *iam_attached_kind(const struct iam_attached_doc *d)
{
    return d->fact == NULL ? NULL : text_of(d->fact, "kind");
}

bool iam_attached_managed(const struct fact *f)
{
    for (const struct iam_link_policy *row = iam_link_policies; row->type != NULL; row++)
        if (strcmp(row->type, f->type) == 0)
            return true;
    return false;
}

/* A document under a name of its own, without a fact. */
static struct iam_attached_doc *other(struct iam_attached *t, struct slice name)
{
    struct iam_attached_doc *d = ARENA_NEW(t->arena, struct iam_attached_doc);

    d->doc = iam_doc_unknown(arena_strndup(t->arena, name));
    return d;
}

struct iam_attached_doc *iam_attached_policy(struct iam_attached *t, const struct fact *policy)
{
    const struct iam_attached_docs docs = iam_attached_of(t, policy);
    struct iam_attached_doc *d =
        docs.n == 1 ? &docs.items[0] : other(t, slice_str(policy->address));

    d->policy = policy;
    return d;
}

/* The first of the text that does not stand before `key`; with `any`, the first of the text. */
static const struct named *lower_bound(const struct iam_attached *t, const struct named *key,
                                       bool any)
{
    size_t low = 0, high = t->nnamed;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const struct named *x = &t->named[mid];

        if ((any ? slice_cmp(x->text, key->text) : named_cmp(x, key)) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->nnamed && slice_eq(t->named[low].text, key->text) ? &t->named[low] : NULL;
}

/* A name counts in the document of `from`, an ARN everywhere. */
static const struct named *named(const struct iam_attached *t, struct slice text,
                                 const struct fact *from)
{
    const struct named key = {text, from};
    const struct named *found = lower_bound(t, &key, false);

    if (found != NULL && named_cmp(found, &key) == 0)
        return found;
    return slice_starts(text, "arn:") ? lower_bound(t, &key, true) : NULL;
}

/* What stands behind the fifth colon; empty for policies of AWS. */
static struct slice resource_of(struct slice arn)
{
    size_t at;

    for (size_t i = 0; i < 5; i++) {
        if (!slice_find(arn, SLICE_LIT(":"), &at) || (i == 4 && slice_starts(arn, "aws:")))
            return (struct slice){0};
        arn = slice_from(arn, at + 1);
    }
    return arn;
}

/* One of AWS, or of an account that the run does not show. */
static struct iam_attached_doc *elsewhere(struct iam_attached *t, struct slice arn)
{
    struct iam_attached_doc *d;
    const struct value *v;
    struct err e = {0};

    if (t->last != NULL && slice_is(arn, t->last->doc.name))
        return t->last;
    d = other(t, arn);
    t->last = d;
    if (iam_managed_find(arn, t->arena, &v) && !iam_doc_read(v, d->doc.name, t->arena, &d->doc, &e))
        d->doc = iam_doc_unknown(d->doc.name);
    return d;
}

struct iam_attached_doc *iam_attached_by_arn(struct iam_attached *t, const struct fact *from,
                                             struct slice arn)
{
    const struct named *found = named(t, arn, from);
    const struct slice resource = resource_of(arn);

    if (found == NULL && resource.len > 0)
        found = named(t, resource, from);
    return found != NULL ? iam_attached_policy(t, found->fact) : elsewhere(t, arn);
}

void iam_attached_put(struct iam_attached_list *l, struct iam_attached_doc *doc, struct arena *a)
{
    *(struct iam_attached_item *)ARENA_PUSH(a, &l->items, &l->n) = (struct iam_attached_item){doc};
}

struct slice iam_attached_arn(const struct iam_attached_doc *d, struct arena *a)
{
    struct slice name = {0};

    if (d->policy == NULL)
        return d->fact == NULL && resource_of(slice_str(d->doc.name)).len > 0
                   ? slice_str(d->doc.name)
                   : name;
    for (const struct iam_link_policy *row = iam_link_policies; row->type != NULL; row++)
        if (strcmp(row->type, d->policy->type) == 0)
            name = name_of(row, d->policy, a);
    if (slice_starts(name, "arn:") && resource_of(name).len == 0)
        return (struct slice){0}; /* of AWS */
    return name.len > 0 ? name : SLICE_LIT("policy/*");
}

int iam_attached_cmp(const struct iam_attached_doc *a, const struct iam_attached_doc *b)
{
    if (a->fact != b->fact)
        return a->fact == NULL ? 1 : b->fact == NULL ? -1 : a->fact < b->fact ? -1 : 1;
    return a->fact != NULL ? 0 : strcmp(a->doc.name, b->doc.name);
}
