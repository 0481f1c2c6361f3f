#ifndef SCANNER_FORMATS_NAMES_H
#define SCANNER_FORMATS_NAMES_H
/*
 * Different names, numbered in the order in which they came. They are kept in an arena and found by
 * hash; the hash is keyed, so nobody can prepare names that collide.
 */
#include "base/arena.h"

#define NAMES_NONE UINT32_MAX

struct names {
    struct arena *arena;
    size_t max, max_bytes; /* caps, set by the caller */
    struct slice *name;    /* [n] */
    size_t n, bytes;
    uint32_t *slots;
    size_t nslots; /* a power of two, or 0 */
};

void names_init(struct names *t, struct arena *a, size_t max, size_t max_bytes);

/* names_find(t, s): its number, or NAMES_NONE. */
uint32_t names_find(const struct names *t, struct slice s);

/* names_add(t, s): its number, old or new; NAMES_NONE when a cap is reached. */
uint32_t names_add(struct names *t, struct slice s);
#endif
