#ifndef SCANNER_FORMATS_HDF5_HDF5_HEAP_H
#define SCANNER_FORMATS_HDF5_HDF5_HEAP_H
/* Local heaps, which hold names, and fractal heaps, which hold links and attributes.
 * SPEC: HDF5 3.0, sections III.D and III.G. */
#include "scanner/formats/hdf5/hdf5.h"

/* hdf5_heap_local: the data segment of the local heap at `addr`. */
MUST_CHECK bool hdf5_heap_local(struct hdf5 *h, uint64_t addr, struct slice *out, struct err *e);
/* The text at `at` of it, up to its NUL. */
MUST_CHECK bool hdf5_heap_text(struct slice heap, uint64_t at, struct slice *out, struct err *e);

struct hdf5_heap_block {
    uint64_t begin, size, addr; /* `begin` counts in the heap's own space */
};

/* A fractal heap; blocks lie in h->work. */
struct hdf5_heap {
    struct hdf5 *h;
    uint64_t at; /* for errors */
    uint16_t id_bytes, filter_bytes, width;
    uint8_t flags;
    uint64_t huge_tree, start, direct_max, root;
    uint32_t managed_max;
    uint16_t bits, rows;
    uint64_t root_filtered; /* bytes of a filtered root block */
    unsigned offset_bytes, length_bytes;
    struct hdf5_heap_block *blocks;
    size_t nblocks;
    struct hdf5_heap_block *huge; /* by id, once one was asked for */
    size_t nhuge;
};
MUST_CHECK bool hdf5_heap_open(struct hdf5 *h, uint64_t addr, struct hdf5_heap *out, struct err *e);
/* The object of an id, as a reader. */
MUST_CHECK bool hdf5_heap_get(struct hdf5_heap *heap, struct slice id, struct reader *out,
                              struct err *e);
#endif
