#include "policies/host_iam_set.h"

#include "policies/iam/compare/iam_compare.h"

const struct iam_account *host_iam_set_account(const struct cel_call *c)
{
    return host_index_iam_account(host_facts_of(c)->index);
}

const struct iam_party *host_iam_set_party(const struct cel_call *c, struct cel_value resource)
{
    const struct fact *f = host_facts_fact(c, resource);

    return f == NULL ? NULL : iam_account_find(host_iam_set_account(c), f);
}

static bool document(const struct cel_call *c, struct cel_value v, struct iam_doc *out,
                     struct err *e)
{
    const struct value *doc;

    if (cel_value_is(v, CEL_GAP)) {
        const struct value_gap *gap = cel_value_gap(v);

        *out = iam_doc_unknown(gap != NULL ? arena_strndup(c->arena, gap->why) : "");
        return true;
    }
    return host_iam_document(c, v, &doc, e) && iam_doc_read_lenient(doc, "", c->arena, out, e);
}

static bool documents(const struct cel_call *c, struct cel_value list, struct host_iam_set *out,
                      struct err *e)
{
    struct iam_doc *items = ARENA_ARRAY(c->arena, struct iam_doc, list.len);

    for (size_t i = 0; i < list.len; i++)
        if (!document(c, cel_value_item(list, i), &items[i], e))
            return err_in(e, "policy %zu", i);
    out->docs = (struct iam_docs){items, list.len, false};
    return true;
}

/* A resource that is no principal: a policy of the run. */
static bool policy(const struct cel_call *c, const struct fact *f, struct host_iam_set *out,
                   struct err *e)
{
    const struct value *doc = value_get(f->attributes, "document");
    struct iam_doc *d = ARENA_NEW(c->arena, struct iam_doc);

    if (doc == NULL)
        return err_fail(e, ERR_USAGE, "%s is neither a principal nor a policy", f->address);
    if (!iam_doc_read_lenient(doc, f->address, c->arena, d, e))
        return false;
    out->docs = (struct iam_docs){d, 1, false};
    return true;
}

bool host_iam_set_read(const struct cel_call *c, size_t i, struct host_iam_set *out, struct err *e)
{
    const struct cel_value v = c->args[i];
    const struct fact *f;
    struct iam_doc *d;

    *out = (struct host_iam_set){.party = NULL};
    if (cel_value_is(v, CEL_LIST))
        return documents(c, v, out, e);
    f = host_facts_fact(c, v);
    if (f != NULL) {
        out->party = iam_account_find(host_iam_set_account(c), f);
        if (out->party == NULL)
            return policy(c, f, out, e);
        out->docs = out->party->attached;
        out->boundary = out->party->boundary;
        return true;
    }
    d = ARENA_NEW(c->arena, struct iam_doc);
    out->docs = (struct iam_docs){d, 1, false};
    return document(c, v, d, e);
}

static const char *gap_of(const struct iam_docs *d, struct arena *a)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].unknown)
            return arena_printf(a, "the policy %s is not known", d->items[i].name);
    return d->unknown ? "not all policies that are attached are known" : NULL;
}

const char *host_iam_set_gap(const struct host_iam_set *s, struct arena *a)
{
    const char *gap = gap_of(&s->docs, a);

    if (gap == NULL && s->boundary != NULL && gap_of(s->boundary, a) != NULL)
        gap = arena_printf(a, "the boundary: %s", gap_of(s->boundary, a));
    return gap;
}

#define SHOWN 200 /* bytes of an untrusted text in a message */
#define TEXT(s) (int)((s).len < SHOWN ? (s).len : SHOWN), (const char *)(s).data

static const char *keys(const struct iam_counterexample *x, struct arena *a)
{
    const char *out = "";

    for (size_t i = 0; i < x->nkeys; i++) {
        const struct iam_key *k = &x->keys[i];

        out = arena_printf(a, "%s%s%.*s =", out, i == 0 ? ", with " : " and ", TEXT(k->name));
        for (size_t n = 0; n < k->n; n++)
            out = arena_printf(a, "%s%s%.*s", out, n == 0 ? " " : ", ", TEXT(k->values[n]));
    }
    return out;
}

const char *host_iam_set_example(const struct iam_counterexample *x, struct arena *a)
{
    const char *out = arena_printf(a, "%.*s on %.*s", TEXT(x->action), TEXT(x->resource));
    const struct iam_statement *s = x->statement;

    if (x->principal.len > 0)
        out = arena_printf(a, "%s by %.*s", out, TEXT(x->principal));
    out = arena_printf(a, "%s%s", out, keys(x, a));
    if (s != NULL && x->doc != NULL)
        out = arena_printf(a, "%s; allowed by %s%sstatement %zu", out, x->doc->name,
                           x->doc->name[0] != '\0' ? " " : "", s->index + 1);
    if (s != NULL && s->sid.len > 0)
        out = arena_printf(a, "%s (%.*s)", out, TEXT(s->sid));
    return out;
}
