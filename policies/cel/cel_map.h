#ifndef POLICIES_CEL_CEL_MAP_H
#define POLICIES_CEL_CEL_MAP_H
/* Maps that an expression builds: members in order of insertion, and an index by hash once there
 * are many. */
#include "policies/cel/cel_run.h"

struct cel_entry {
    struct cel_value key, value;
};

struct cel_map {
    const struct cel_entry *entries;
    const uint32_t *slots; /* entry number + 1, by hash; NULL for small maps */
    uint32_t n, nslots;    /* nslots is a power of two */
};

struct cel_map_builder {
    struct cel_run *run;
    struct cel_entry *entries;
    uint32_t *slots;
    uint32_t n, cap, nslots;
};

void cel_map_begin(struct cel_map_builder *b, struct cel_run *r);

/* cel_map_add(b, key, value) gives null, or a fault: the key is there already, or may not be a
 * key. */
struct cel_value cel_map_add(struct cel_map_builder *b, struct cel_value key,
                             struct cel_value value);
struct cel_value cel_map_end(struct cel_map_builder *b);

/* cel_map_find(m, key, out): `m` any CEL_MAP, plain or built; numbers are found by their numeric
 * value. */
bool cel_map_find(struct cel_value m, struct cel_value key, struct cel_value *out);
#endif
