/* Copies of trees, with or without a pool of what they have in common. */
#include "base/value_pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/value_index.h"

#define SLOTS 512 /* a power of two */

struct value_pool {
    struct arena *arena;
    struct slice texts[SLOTS];
    const struct value *scalars[SLOTS];
};

struct value_pool *value_pool_new(struct arena *a)
{
    struct value_pool *p = ARENA_NEW(a, struct value_pool);

    p->arena = a;
    return p;
}

static uint64_t mix(uint64_t h, uint64_t w)
{
    h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

/* Whoever makes texts that collide has them kept twice, and no more. */
static uint64_t hash_text(struct slice s)
{
    uint64_t h = s.len, w = 0;
    size_t i = 0;

    for (; s.len - i >= sizeof(w); i += sizeof(w)) {
        memcpy(&w, s.data + i, sizeof(w));
        h = mix(h, w);
    }
    w = 0;
    if (i < s.len)
        memcpy(&w, s.data + i, s.len - i);
    return mix(h, w);
}

struct slice value_pool_text(struct value_pool *p, struct slice s)
{
    struct slice *slot = &p->texts[hash_text(s) % SLOTS];

    if (slot->data == NULL || !slice_eq(*slot, s))
        *slot = arena_slice(p->arena, s);
    return *slot;
}

static struct slice copy_text(const struct value_pool_copying *c, struct slice s)
{
    return c->pool != NULL ? value_pool_text(c->pool, s) : arena_slice(c->to, s);
}

/* ---- scalars ---- */

static uint64_t bits_of(const struct value *v)
{
    uint64_t bits = 0;

    if (v->kind == VALUE_BOOL)
        return v->as.boolean;
    if (v->kind == VALUE_INT || v->kind == VALUE_DOUBLE)
        memcpy(&bits, &v->as, sizeof(bits));
    return bits;
}

static bool same_scalar(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind || a->offset != b->offset || a->line != b->line || a->len != b->len)
        return false;
    return a->kind == VALUE_STRING ? slice_eq(value_text(a), value_text(b))
                                   : bits_of(a) == bits_of(b);
}

static bool is_scalar(const struct value *v)
{
    return v->kind == VALUE_NULL || v->kind == VALUE_BOOL || v->kind == VALUE_INT ||
           v->kind == VALUE_DOUBLE || v->kind == VALUE_STRING;
}

/* Where the pool would have it. */
static const struct value **slot_of(struct value_pool *p, const struct value *v)
{
    uint64_t h = mix(v->kind, v->offset);

    h = mix(h, v->line);
    h = mix(h, v->kind == VALUE_STRING ? hash_text(value_text(v)) : bits_of(v));
    return &p->scalars[h % SLOTS];
}

/* ---- trees ---- */

static const struct value *copy(const struct value_pool_copying *c, const struct value *v);

static const struct value **copy_items(const struct value_pool_copying *c, const struct value *v)
{
    const struct value **items = ARENA_ARRAY(c->to, const struct value *, v->len);

    for (uint32_t i = 0; i < v->len; i++)
        items[i] = copy(c, v->as.items[i]);
    return items;
}

static struct value_member *copy_members(const struct value_pool_copying *c, const struct value *v)
{
    struct value_member *m =
        arena_alloc(c->to, v->len * sizeof(struct value_member) + value_index_bytes(v->len));
    size_t second;

    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *from = &v->as.members[i];

        m[i] = (struct value_member){copy_text(c, from->key), copy(c, from->value),
                                     c->at != NULL ? c->at->offset : from->key_offset};
    }
    if (!value_index_build(m, v->len, &second))
        abort(); /* they were unique */
    return m;
}

static struct value_gap *copy_gap(const struct value_pool_copying *c, const struct value_gap *from)
{
    struct value_gap *gap = ARENA_NEW(c->to, struct value_gap);

    gap->why = copy_text(c, from->why);
    gap->nrefs = from->nrefs;
    gap->refs = ARENA_ARRAY(c->to, struct slice, from->nrefs);
    for (size_t i = 0; i < from->nrefs; i++)
        gap->refs[i] = copy_text(c, from->refs[i]);
    return gap;
}

static const struct value *copy(const struct value_pool_copying *c, const struct value *v)
{
    const struct value **slot = NULL;
    struct value *out;

    if (v == NULL)
        return NULL;
    if (c->pool != NULL && is_scalar(v)) {
        slot = slot_of(c->pool, v);
        if (*slot != NULL && same_scalar(*slot, v))
            return *slot;
    }
    out = ARENA_NEW(c->to, struct value);
    *out = *v;
    if (c->at != NULL) {
        out->offset = c->at->offset;
        out->line = c->at->line & 0xfffffff;
    }
    if (v->kind == VALUE_STRING)
        out->as.text = copy_text(c, value_text(v)).data;
    else if (v->kind == VALUE_LIST)
        out->as.items = copy_items(c, v);
    else if (v->kind == VALUE_MAP)
        out->as.members = copy_members(c, v);
    else if (v->kind == VALUE_UNKNOWN)
        out->as.gap = copy_gap(c, v->as.gap);
    if (slot != NULL)
        *slot = out;
    return out;
}

const struct value *value_pool_tree(const struct value_pool_copying *c, const struct value *v)
{
    return copy(c, v);
}

const struct value *value_pool_copy(struct value_pool *p, const struct value *v)
{
    return copy(&(struct value_pool_copying){.to = p->arena, .pool = p}, v);
}
