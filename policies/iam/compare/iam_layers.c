#include "policies/iam/compare/iam_layers.h"

#include "policies/iam/compare/iam_unchanged.h"

static void read_statement(struct iam_atoms *t, const struct iam_doc *d,
                           const struct iam_statement *s, bool principals, struct iam_layer *to)
{
    struct iam_claims *claims = s->effect == IAM_ALLOW  ? &to->allow
                                : s->effect == IAM_DENY ? &to->deny
                                                        : &to->either;

    iam_atom_claim(t, d, s, principals, ARENA_PUSH(t->arena, &claims->items, &claims->n));
}

static void read_layer(struct iam_atoms *t, const struct iam_docs *docs, bool principals,
                       struct iam_layers *out)
{
    struct iam_layer *layer = &out->items[out->n++];

    layer->unknown = docs->unknown;
    for (size_t i = 0; i < docs->n; i++) {
        const struct iam_doc *d = &docs->items[i];

        layer->unknown = layer->unknown || d->unknown;
        for (size_t k = 0; k < d->n; k++) {
            const struct iam_statement *s = &d->statements[k];

            if (!principals || s->has_principal) {
                read_statement(t, d, s, principals, layer);
            } else if (s->effect != IAM_DENY && out->lost == NULL) {
                out->lost = s;
                out->lost_doc = d;
            }
        }
    }
}

void iam_layers_read(struct iam_atoms *t, const struct iam_docs *docs,
                     const struct iam_limits *limits, bool principals, struct iam_layers *out)
{
    *out = (struct iam_layers){.items = ARENA_ARRAY(t->arena, struct iam_layer, limits->n + 1)};
    read_layer(t, docs, principals, out);
    for (size_t i = 0; i < limits->n; i++)
        read_layer(t, &limits->items[i], false, out);
}

bool iam_layers_unknown(const struct iam_layers *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].unknown || l->items[i].either.n > 0)
            return true;
    return false;
}

static void append(struct iam_claim_list *l, const struct iam_claims *from)
{
    for (size_t i = 0; i < from->n; i++)
        l->items[l->n++] = &from->items[i];
}

static struct iam_claim_list room(size_t n, struct arena *a)
{
    return (struct iam_claim_list){ARENA_ARRAY(a, const struct iam_claim *, n), 0};
}

/* The most claims that a list may hold. */
static size_t count(const struct iam_layers *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += l->items[i].allow.n + l->items[i].deny.n + l->items[i].either.n + 1;
    return n;
}

void iam_layers_cast(const struct iam_layers *old, const struct iam_layers *fresh, bool hopeful,
                     struct arena *a, struct iam_roles *out)
{
    /* no term: it matches whatever is asked */
    const struct iam_claims all = {ARENA_NEW(a, struct iam_claim), 1}, none = {NULL, 0};
    const size_t n = count(old) + count(fresh);

    *out = (struct iam_roles){.allow = ARENA_ARRAY(a, struct iam_claim_list, fresh->n),
                              .nchanged = ARENA_ARRAY(a, size_t, fresh->n),
                              .nallow = fresh->n,
                              .deny = room(n, a),
                              .neither = ARENA_ARRAY(a, struct iam_claim_list, old->n),
                              .nneither = old->n,
                              .old_deny = room(n, a)};
    for (size_t i = 0; i < fresh->n; i++) {
        const struct iam_layer *l = &fresh->items[i];
        struct iam_claim_list *allow = &out->allow[i];

        *allow = room(n, a);
        append(allow, &l->allow);
        append(&out->deny, &l->deny);
        append(hopeful ? allow : &out->deny, &l->either);
        append(hopeful ? allow : &out->deny, l->unknown ? &all : &none);
    }
    for (size_t i = 0; i < old->n; i++) {
        const struct iam_layer *l = &old->items[i];
        struct iam_claim_list *neither = &out->neither[i];

        *neither = room(n, a);
        append(neither, &l->allow);
        append(&out->old_deny, &l->deny);
        append(hopeful ? &out->old_deny : neither, &l->either);
        append(hopeful ? &out->old_deny : neither, l->unknown ? &all : &none);
        for (size_t k = 0; k < out->deny.n; k++)
            neither->items[neither->n++] = out->deny.items[k];
    }
    iam_unchanged_drop(out, a);
}
