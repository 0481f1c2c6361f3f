#ifndef SCANNER_FORMATS_HDF5_HDF5_TREE_H
#define SCANNER_FORMATS_HDF5_HDF5_TREE_H
/* B-trees of both versions. SPEC: HDF5 3.0, sections III.A.1 and III.A.2. */
#include "scanner/formats/hdf5/hdf5.h"

/* Version 1: each child of the leaves, with the key before it. */
struct hdf5_tree {
    uint8_t type;     /* 0: groups, 1: chunks */
    size_t key_bytes; /* of one key */
    uint16_t k;       /* a node has up to 2k children */
    const char *what; /* "a group", for errors */
    bool (*each)(void *ctx, struct reader key, uint64_t child, struct err *e);
    void *ctx;
};
MUST_CHECK bool hdf5_tree_walk(struct hdf5 *h, uint64_t addr, const struct hdf5_tree *t,
                               struct err *e);

/* Version 2: each record of a tree whose type is in the set `types` (bit n: type n). */
struct hdf5_records {
    unsigned types;
    bool (*each)(void *ctx, uint8_t type, struct reader record, struct err *e);
    void *ctx;
};
MUST_CHECK bool hdf5_tree_records(struct hdf5 *h, uint64_t addr, const struct hdf5_records *to,
                                  struct err *e);
#endif
