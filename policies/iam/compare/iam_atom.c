#include "policies/iam/compare/iam_atom.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "policies/iam/text/iam_glob.h"
#include "policies/iam/document/iam_variables.h"

/* What an atom says, as bytes: equal bytes, equal atoms. */
struct iam_atom_link {
    struct iam_atom_link *next;
    struct slice said;
    size_t atom;
};

void iam_atom_init(struct iam_atoms *t, struct arena *a)
{
    *t = (struct iam_atoms){.arena = a};
}

static int by_text(const void *x, const void *y)
{
    return slice_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

static void say(struct buf *b, struct slice text, bool fold)
{
    buf_u32le(b, (uint32_t)text.len);
    if (!fold) {
        buf_put(b, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        buf_u8(b, iam_glob_lower(text.data[i]));
}

/* A list says the same in any order, and however often. */
static void say_list(struct buf *b, const struct iam_texts *list, bool fold, struct arena *a)
{
    struct slice *sorted = ARENA_ARRAY(a, struct slice, list->n);

    if (list->n > 0)
        memcpy(sorted, list->items, list->n * sizeof(*sorted));
    if (list->n > 1)
        qsort(sorted, list->n, sizeof(*sorted), by_text);
    for (size_t i = 0; i < list->n; i++)
        if (i == 0 || !slice_eq(sorted[i], sorted[i - 1]))
            say(b, sorted[i], fold);
}

static bool variables(const struct iam_doc *d, const struct iam_texts *list)
{
    for (size_t i = 0; d->variables && i < list->n; i++)
        if (list->items[i].len > 2 && memchr(list->items[i].data, '$', list->items[i].len) != NULL)
            return true;
    return false;
}

static void say_test(struct buf *b, const struct iam_atom *atom, struct arena *a)
{
    const struct iam_test *t = atom->test;

    buf_u8(b, (uint8_t)t->op);
    buf_u8(b, (uint8_t)((unsigned)t->quantifier << 1 | t->if_exists));
    buf_u8(b, variables(atom->doc, &t->values));
    say(b, t->key, true);
    say_list(b, &t->values, false, a);
}

static void say_principals(struct buf *b, const struct iam_statement *s, struct arena *a)
{
    struct iam_texts list = {NULL, s->nprincipals, false};
    struct slice *items = ARENA_ARRAY(a, struct slice, s->nprincipals);

    for (size_t i = 0; i < s->nprincipals; i++)
        items[i] = slice_str(arena_printf(a, "%d %.*s", (int)s->principals[i].type,
                                          (int)s->principals[i].name.len,
                                          (const char *)s->principals[i].name.data));
    list.items = items;
    /* whom a Deny spares is not certain of all that are named: iam_match_principal */
    buf_u8(b, s->not_principal && s->effect != IAM_ALLOW);
    say_list(b, &list, false, a);
}

static void say_atom(struct buf *b, const struct iam_atom *atom, struct arena *a)
{
    const struct iam_statement *s = atom->statement;

    buf_u8(b, atom->slot < IAM_SLOT_KEYS ? (uint8_t)atom->slot : IAM_SLOT_KEYS);
    switch (atom->slot) {
    case IAM_SLOT_ACTION:
        say_list(b, &s->actions, true, a);
        break;
    case IAM_SLOT_RESOURCE:
        buf_u8(b, s->has_principal); /* the rule for short ARNs hangs on it */
        buf_u8(b, variables(atom->doc, &s->resources));
        say_list(b, &s->resources, false, a);
        break;
    case IAM_SLOT_PRINCIPAL:
        say_principals(b, s, a);
        break;
    default:
        say_test(b, atom, a);
    }
}

static uint8_t bucket(struct slice said)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < said.len; i++)
        h = (h ^ said.data[i]) * 16777619u;
    return (uint8_t)(h ^ h >> 8 ^ h >> 16);
}

static size_t add(struct iam_atoms *t, const struct iam_atom *atom)
{
    *(struct iam_atom *)ARENA_PUSH(t->arena, &t->items, &t->n) = *atom;
    return t->n - 1;
}

/* What is unknown in one place need not be what is unknown in another: atoms of their own. */
static size_t intern(struct iam_atoms *t, const struct iam_atom *atom)
{
    struct iam_atom_link *link;
    struct buf b;
    uint8_t at;

    if (atom->unknown)
        return add(t, atom);
    buf_init(&b, LIMIT_CONFIG_BYTES);
    say_atom(&b, atom, t->arena);
    at = bucket(buf_slice(&b));
    for (link = t->buckets[at]; link != NULL && !b.full; link = link->next)
        if (slice_eq(link->said, buf_slice(&b))) {
            buf_release(&b);
            return link->atom;
        }
    if (!b.full) {
        link = ARENA_NEW(t->arena, struct iam_atom_link);
        *link = (struct iam_atom_link){t->buckets[at], arena_slice(t->arena, buf_slice(&b)), t->n};
        t->buckets[at] = link;
    }
    buf_release(&b);
    return add(t, atom);
}

static size_t key_slot(struct iam_atoms *t, struct slice key)
{
    for (size_t i = 0; i < t->nkeys; i++)
        if (iam_glob_same(t->keys[i], key))
            return IAM_SLOT_KEYS + i;
    *(struct slice *)ARENA_PUSH(t->arena, &t->keys, &t->nkeys) = key;
    return IAM_SLOT_KEYS + t->nkeys - 1;
}

struct slice iam_atom_key(const struct iam_atoms *t, size_t slot)
{
    return t->keys[slot - IAM_SLOT_KEYS];
}

static void put(struct iam_atoms *t, struct iam_claim *c, const struct iam_atom *atom, bool is)
{
    c->terms[c->n++] = (struct iam_term){intern(t, atom), is};
}

void iam_atom_claim(struct iam_atoms *t, const struct iam_doc *d, const struct iam_statement *s,
                    bool principals, struct iam_claim *out)
{
    struct iam_atom atom = {.slot = IAM_SLOT_ACTION, .doc = d, .statement = s};

    *out = (struct iam_claim){d, s, ARENA_ARRAY(t->arena, struct iam_term, s->ntests + 4), 0};
    atom.unknown = s->actions.unknown;
    put(t, out, &atom, !s->not_action);
    if (s->has_resource) {
        atom.slot = IAM_SLOT_RESOURCE;
        atom.unknown = s->resources.unknown;
        put(t, out, &atom, !s->not_resource);
    }
    if (principals) {
        atom.slot = IAM_SLOT_PRINCIPAL;
        atom.unknown = s->principals_unknown;
        put(t, out, &atom, !s->not_principal);
    }
    for (size_t i = 0; i < s->ntests; i++) {
        atom.slot = key_slot(t, s->tests[i].key);
        atom.test = &s->tests[i];
        atom.unknown = s->tests[i].values.unknown;
        put(t, out, &atom, true);
    }
    atom.test = NULL;
    if (s->tests_unknown) {
        atom.slot = IAM_SLOT_HIDDEN;
        atom.unknown = true;
        put(t, out, &atom, true);
    }
}
