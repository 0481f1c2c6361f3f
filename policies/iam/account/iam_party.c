#include "policies/iam/account/iam_party.h"

#include <stdlib.h>
#include <string.h>

#include "policies/iam/account/iam_link.h"

#define MAYBE_MAX 16 /* instances that one reference without an index may mean; more is vague */

struct iam_party_name {
    struct slice text; /* a name, or an ARN */
    enum iam_entity entity;
    const char *source, *subject;
    struct iam_party_draft *draft;
};

static int cmp(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int by_fact(const void *x, const void *y)
{
    const struct iam_party_draft *a = x, *b = y;

    return (a->party.fact > b->party.fact) - (a->party.fact < b->party.fact);
}

/* Names in the order of text, entity, document. */
static int name_cmp(const struct iam_party_name *a, const struct iam_party_name *b)
{
    int c = slice_cmp(a->text, b->text);

    if (c == 0)
        c = (a->entity > b->entity) - (a->entity < b->entity);
    if (c == 0)
        c = cmp(a->source, b->source);
    return c != 0 ? c : cmp(a->subject, b->subject);
}

static int by_name(const void *x, const void *y)
{
    const struct iam_party_name *a = x, *b = y;
    const int c = name_cmp(a, b);

    return c != 0 ? c : (a->draft > b->draft) - (a->draft < b->draft);
}

static void add(struct iam_parties *p, const struct iam_link_entity *row, const struct fact *f)
{
    struct iam_party_draft *d = ARENA_PUSH(p->arena, &p->drafts, &p->n);

    d->party.kind = row->entity;
    d->party.fact = f;
    d->party.address = f->address;
    d->party.name = value_text(value_get(f->attributes, row->name));
    d->party.arn = value_text(value_get(f->attributes, row->arn));
}

static void put_name(struct iam_parties *p, struct slice text, struct iam_party_draft *d)
{
    if (text.len > 0)
        *(struct iam_party_name *)ARENA_PUSH(p->arena, &p->names, &p->nnames) =
            (struct iam_party_name){text, d->party.kind, d->party.fact->source,
                                    d->party.fact->subject, d};
}

void iam_party_collect(const struct host_index *ix, struct arena *a, struct iam_parties *out)
{
    *out = (struct iam_parties){.ix = ix, .arena = a};
    for (const struct iam_link_entity *row = iam_link_entities; row->type != NULL; row++) {
        size_t n;
        const struct host_group *g = host_index_groups(ix, slice_str(row->type), &n);

        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < g[i].n; k++)
                add(out, row, g[i].facts[k]);
    }
    if (out->n > 1)
        qsort(out->drafts, out->n, sizeof(out->drafts[0]), by_fact);
    for (size_t i = 0; i < out->n; i++) {
        put_name(out, out->drafts[i].party.name, &out->drafts[i]);
        put_name(out, out->drafts[i].party.arn, &out->drafts[i]);
    }
    if (out->nnames > 1)
        qsort(out->names, out->nnames, sizeof(out->names[0]), by_name);
}

struct iam_party_draft *iam_party_of(const struct iam_parties *p, const struct fact *f)
{
    const struct iam_party_draft key = {.party = {.fact = f}};

    return p->n == 0 ? NULL : bsearch(&key, p->drafts, p->n, sizeof(p->drafts[0]), by_fact);
}

/* The first name that does not stand before `key`. */
static size_t lower_bound(const struct iam_parties *p, const struct iam_party_name *key)
{
    size_t low = 0, high = p->nnames;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (name_cmp(&p->names[mid], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Is name `i` the key's, of whatever source and subject the key leaves open? */
static bool fits(const struct iam_parties *p, size_t i, const struct iam_party_name *key)
{
    const struct iam_party_name *x = i < p->nnames ? &p->names[i] : NULL;

    return x != NULL && x->entity == key->entity && slice_eq(x->text, key->text) &&
           (key->source == NULL || cmp(x->source, key->source) == 0) &&
           (key->subject == NULL || cmp(x->subject, key->subject) == 0);
}

/* A name means something in its own document; an ARN everywhere. What the document does not have
 * may be in the account that a snapshot shows, when there is only one such. */
static struct iam_party_draft *named(const struct iam_parties *p, const struct fact *from,
                                     struct slice text, enum iam_entity entity)
{
    struct iam_party_name key = {text, entity, from->source, from->subject, NULL};
    size_t at = lower_bound(p, &key);

    if (fits(p, at, &key))
        return p->names[at].draft;
    key.source = slice_starts(text, "arn:") ? NULL : "aws-api";
    key.subject = NULL;
    at = lower_bound(p, &key);
    return fits(p, at, &key) && !fits(p, at + 1, &key) ? p->names[at].draft : NULL;
}

const struct fact *iam_party_refs(const struct host_index *ix, const struct fact *from,
                                  const struct value_gap *gap)
{
    const struct fact *only = NULL;

    for (size_t i = 0; i < gap->nrefs; i++) {
        struct host_target t;

        if (host_index_refs_is_key(gap->refs[i]))
            continue;
        t = host_index_refs_resolve(ix, from, gap->refs[i]);
        if (t.one == NULL || (only != NULL && only != t.one))
            return NULL;
        only = t.one;
    }
    return only;
}

/* References that may lead to several: the instances of one, else anything. */
static struct iam_party_hits maybe(const struct iam_parties *p, const struct fact *from,
                                   const struct value_gap *gap)
{
    struct iam_party_hits hits = {.vague = true};
    size_t seen = 0;

    for (size_t i = 0; i < gap->nrefs; i++) {
        struct host_target t;

        if (host_index_refs_is_key(gap->refs[i]))
            continue;
        t = host_index_refs_resolve(p->ix, from, gap->refs[i]);
        if (seen++ > 0 || t.n == 0 || t.n > MAYBE_MAX)
            return (struct iam_party_hits){.vague = true};
        hits = (struct iam_party_hits){.maybe = t.facts, .n = t.n};
    }
    return hits;
}

struct iam_party_hits iam_party_resolve(const struct iam_parties *p, const struct fact *from,
                                        const struct value *v, enum iam_entity entity)
{
    struct iam_party_hits hits = {.vague = false};
    const struct fact *f;

    if (value_is(v, VALUE_STRING)) {
        hits.one = named(p, from, value_text(v), entity);
        return hits;
    }
    if (!value_is(v, VALUE_UNKNOWN))
        return (struct iam_party_hits){.vague = true};
    f = iam_party_refs(p->ix, from, v->as.gap);
    if (f == NULL)
        return maybe(p, from, v->as.gap);
    hits.one = iam_party_of(p, f);
    hits.vague = hits.one == NULL || hits.one->party.kind != entity;
    if (hits.vague)
        hits.one = NULL;
    return hits;
}
