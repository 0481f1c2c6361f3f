#ifndef SCANNER_FORMATS_PICKLE_TABLE_H
#define SCANNER_FORMATS_PICKLE_TABLE_H
/* The imports of a pickle: one row for each (stream, module, name). */
#include "base/arena.h"
#include "base/err.h"

#define PICKLE_PREVIEW 80

struct pickle_import {
    struct slice module, name; /* as written */
    uint32_t stream;           /* from 0 */
    uint32_t hash;
    bool resolved; /* false: the name is computed, or an extension code */
    /* a protocol below 3 was in force: the loader looks the name up in its table of old names */
    bool mapped;
    bool called, divergent; /* divergent: only one way of reading the bytes reaches it */
    const char *opcode;     /* of the import */
    const char *via;        /* opcode of the first call, or NULL */
    uint64_t offset, call_offset;
    uint64_t count;
    char preview[PICKLE_PREVIEW + 1]; /* of the arguments of the first call */
};

struct pickle_table {
    struct arena *arena;
    struct pickle_import *items;
    size_t n;
    uint32_t *index; /* open addressing: item + 1 */
    size_t index_cap;
};

void pickle_table_init(struct pickle_table *t, struct arena *a);
void pickle_table_release(struct pickle_table *t);

/* The row of `key` (stream, module, name, resolved), made when there is none; `*at` is its
 * index. ERR_LIMIT: LIMIT_PICKLE_IMPORTS. */
MUST_CHECK bool pickle_table_put(struct pickle_table *t, const struct pickle_import *key,
                                 uint32_t *at, struct err *e);
#endif
