#ifndef SCANNER_FORMATS_NAME_SET_H
#define SCANNER_FORMATS_NAME_SET_H
/* Names of an archive's members: the last of two equal ones wins when it is unpacked. */
#include "base/arena.h"

/* Digests of the names in lower case; zero-initialise it. */
struct name_set {
    uint64_t *items;
    size_t n, cap;
};

/* Adds; true when a name that is equal but for the case of its letters was there. */
bool name_set_add(struct name_set *x, struct arena *a, struct slice name);
#endif
