#ifndef BASE_VALUE_INDEX_H
#define BASE_VALUE_INDEX_H
/*
 * How the members of a map are found, and how two of the same key are noticed. The array of members
 * of every map is followed by value_index_bytes(n) bytes: none for few members, which are searched
 * one by one, and a hash table for more. Only the builders of maps (value.c, json.c, value_wire.c,
 * yaml.c) include this. The hash is SipHash under a key of the process, so that nobody can prepare
 * keys that collide; the order of members never depends on it.
 */
#include "base/value.h"

#define VALUE_INDEX_FEW 16 /* members that are searched one by one */

/* value_index_bytes(n): room, in bytes, that must follow n members; a multiple of 8. */
size_t value_index_bytes(size_t n);

/* value_index_build(m, n, &second) fills the room behind m[0..n), which may hold anything before.
 * False when two keys are the same: `*second` is then the place of the later one. n is at most
 * UINT32_MAX. */
MUST_CHECK bool value_index_build(struct value_member *m, size_t n, size_t *second);

/* value_index_insert(m, cap, i, &same), for a map that grows to `cap` > VALUE_INDEX_FEW members:
 * enters m[i] in the table behind m[0..cap), which was zeroed before the first. False, and no
 * change, when m[*same] has that key. */
MUST_CHECK bool value_index_insert(const struct value_member *m, size_t cap, size_t i,
                                   size_t *same);

/* value_index_find(m, n, key) is the member of that key, or NULL. */
const struct value_member *value_index_find(const struct value_member *m, size_t n,
                                            struct slice key);
#endif
