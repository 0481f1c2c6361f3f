#include "policies/cel/cel_map.h"

#include <math.h>
#include <string.h>

#define SMALL_MAP 8 /* members that are searched one by one */

/* Numbers that are equal hash the same: whole numbers by their 64 bits, whatever their type. */
static uint64_t key_hash(struct cel_value key)
{
    uint64_t h = 0xcbf29ce484222325u;

    if (key.kind == CEL_STRING) {
        for (uint32_t i = 0; i < key.len; i++)
            h = (h ^ key.as.text[i]) * 0x100000001b3u;
    } else {
        h = (h ^ key.as.natural) * 0x9e3779b97f4a7c15u;
    }
    return h ^ (h >> 32);
}

/* A double finds the whole number that it is equal to; false when there is none. */
static bool key_normal(struct cel_value *key)
{
    const double d = key->as.real;

    if (key->kind != CEL_DOUBLE)
        return key->kind == CEL_INT || key->kind == CEL_UINT || key->kind == CEL_BOOL ||
               key->kind == CEL_STRING;
    if (!(floor(d) == d))
        return false;
    if (d >= -0x1p63 && d < 0x1p63)
        *key = cel_value_int((int64_t)d);
    else if (d >= 0x1p63 && d < 0x1p64)
        *key = cel_value_uint((uint64_t)d);
    else
        return false;
    return true;
}

static bool key_eq(struct cel_value a, struct cel_value b)
{
    if (a.kind == CEL_STRING)
        return b.kind == CEL_STRING && a.len == b.len && memcmp(a.as.text, b.as.text, a.len) == 0;
    if (a.kind == CEL_BOOL || b.kind == CEL_BOOL)
        return a.kind == b.kind && a.as.boolean == b.as.boolean;
    if (b.kind == CEL_STRING || a.as.natural != b.as.natural)
        return false;
    return a.kind == b.kind || a.as.integer >= 0; /* -1 and 2^64-1 share their bits */
}

static bool find_slow(const struct cel_map *m, struct cel_value key, struct cel_value *out)
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (key_eq(m->entries[i].key, key)) {
            *out = m->entries[i].value;
            return true;
        }
    }
    return false;
}

bool cel_map_find(struct cel_value map, struct cel_value key, struct cel_value *out)
{
    const struct cel_map *m = map.as.map;

    if (!key_normal(&key))
        return false;
    if (map.plain)
        return key.kind == CEL_STRING && cel_value_field(map, cel_value_text(key), out);
    if (m->slots == NULL)
        return find_slow(m, key, out);
    for (uint64_t h = key_hash(key);; h++) {
        const uint32_t slot = m->slots[h & (m->nslots - 1)];

        if (slot == 0)
            return false;
        if (key_eq(m->entries[slot - 1].key, key)) {
            *out = m->entries[slot - 1].value;
            return true;
        }
    }
}

void cel_map_begin(struct cel_map_builder *b, struct cel_run *r)
{
    *b = (struct cel_map_builder){.run = r};
}

/* Puts entry number `i` into the index; false when its key is there. Probes are steps: colliding
 * keys cost what they take. */
static bool slot_put(struct cel_map_builder *b, uint32_t i, bool *same)
{
    for (uint64_t h = key_hash(b->entries[i].key);; h++) {
        uint32_t *slot = &b->slots[h & (b->nslots - 1)];

        if (*slot == 0) {
            *slot = i + 1;
            return true;
        }
        if (key_eq(b->entries[*slot - 1].key, b->entries[i].key)) {
            *same = true;
            return true;
        }
        if (!cel_run_charge(b->run, 1))
            return false;
    }
}

static bool grow(struct cel_map_builder *b)
{
    const uint32_t cap = b->cap == 0 ? SMALL_MAP : b->cap * 2;
    struct cel_entry *entries = CEL_RUN_ARRAY(b->run, struct cel_entry, cap);
    bool same = false;

    if (entries == NULL)
        return false;
    if (b->n > 0)
        memcpy(entries, b->entries, b->n * sizeof(*entries));
    b->entries = entries;
    b->cap = cap;
    if (cap == SMALL_MAP)
        return true;
    b->nslots = cap * 2;
    b->slots = CEL_RUN_ARRAY(b->run, uint32_t, b->nslots);
    if (b->slots == NULL)
        return false;
    for (uint32_t i = 0; i < b->n; i++)
        if (!slot_put(b, i, &same))
            return false;
    return true;
}

struct cel_value cel_map_add(struct cel_map_builder *b, struct cel_value key,
                             struct cel_value value)
{
    bool same = false;

    /* SPEC: langdef "Aggregate Values": int, uint, bool or string; duplicates are an error */
    if (key.kind == CEL_DOUBLE || !key_normal(&key))
        return cel_run_fault(b->run, CEL_FAULT_TYPE, "a value of type %s may not be a map key",
                             cel_value_type_name(key.kind));
    if (!cel_run_charge(b->run, cel_value_text(key).len / 64 + 1))
        return b->run->stopped;
    if (b->n == b->cap && (b->n >= UINT32_MAX / 4 || !grow(b)))
        return b->run->stopped;
    b->entries[b->n] = (struct cel_entry){key, value};
    if (b->slots != NULL) {
        if (!slot_put(b, b->n, &same))
            return b->run->stopped;
    } else {
        for (uint32_t i = 0; i < b->n && !same; i++)
            same = key_eq(b->entries[i].key, key);
    }
    if (same)
        return cel_run_fault(b->run, CEL_FAULT_VALUE, "the map has two keys that are equal");
    b->n++;
    return cel_value_null();
}

struct cel_value cel_map_end(struct cel_map_builder *b)
{
    struct cel_map *m = CEL_RUN_ARRAY(b->run, struct cel_map, 1);

    if (m == NULL)
        return b->run->stopped;
    *m = (struct cel_map){.entries = b->entries, .slots = b->slots, .n = b->n, .nslots = b->nslots};
    return (struct cel_value){.kind = CEL_MAP, .len = b->n, .as.map = m};
}
