#include "scanner/formats/names.h"

#include <string.h>
#include <sys/auxv.h>

#define FIRST_SLOTS 64

void names_init(struct names *t, struct arena *a, size_t max, size_t max_bytes)
{
    *t = (struct names){.arena = a, .max = max, .max_bytes = max_bytes};
}

/* Random bytes that the kernel gives every process. */
static uint64_t process_key(void)
{
    const unsigned long at = getauxval(AT_RANDOM);
    uint64_t key = UINT64_C(0x9e3779b97f4a7c15);
    const void *bytes;

    if (at != 0) {
        memcpy(&bytes, &at, sizeof(bytes));
        memcpy(&key, bytes, sizeof(key));
    }
    return key | 1;
}

__extension__ typedef unsigned __int128 wide;

static uint64_t mix(uint64_t a, uint64_t b)
{
    const wide p = (wide)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static uint64_t hash(struct slice s)
{
    const uint64_t key = process_key();
    uint64_t h = key ^ s.len, w;

    for (; s.len > 0; s = slice_from(s, 8)) {
        w = 0;
        memcpy(&w, s.data, s.len < 8 ? s.len : 8);
        h = mix(h ^ w, key) + w;
    }
    return mix(h, UINT64_C(0xa0761d6478bd642f) ^ key);
}

/* The slot of `s`: its own, or the free one where it belongs. */
static uint32_t *slot_of(const struct names *t, struct slice s)
{
    size_t i = (size_t)hash(s) & (t->nslots - 1);

    while (t->slots[i] != 0 && !slice_eq(t->name[t->slots[i] - 1], s))
        i = (i + 1) & (t->nslots - 1);
    return &t->slots[i];
}

uint32_t names_find(const struct names *t, struct slice s)
{
    return t->nslots == 0 ? NAMES_NONE : *slot_of(t, s) - 1; /* 0 - 1 is NAMES_NONE */
}

static void grow(struct names *t)
{
    t->nslots = t->nslots == 0 ? FIRST_SLOTS : t->nslots * 2;
    t->slots = ARENA_ARRAY(t->arena, uint32_t, t->nslots);
    for (size_t i = 0; i < t->n; i++)
        *slot_of(t, t->name[i]) = (uint32_t)i + 1;
}

uint32_t names_add(struct names *t, struct slice s)
{
    uint32_t *slot;
    struct slice *name;

    if (t->n * 2 >= t->nslots)
        grow(t);
    slot = slot_of(t, s);
    if (*slot != 0)
        return *slot - 1;
    if (t->n >= t->max || s.len > t->max_bytes - t->bytes)
        return NAMES_NONE;
    t->bytes += s.len;
    name = ARENA_PUSH(t->arena, &t->name, &t->n);
    *name = arena_slice(t->arena, s);
    *slot = (uint32_t)t->n;
    return (uint32_t)t->n - 1;
}
