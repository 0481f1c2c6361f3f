#ifndef SCANNER_FORMATS_HDF5_HDF5_CHUNK_H
#define SCANNER_FORMATS_HDF5_HDF5_CHUNK_H
/* The indexes of chunks: B-trees of both versions, fixed and extensible arrays.
 * SPEC: HDF5 3.0, sections III.A, III.H (fixed array) and III.I (extensible array). */
#include "scanner/formats/hdf5/hdf5.h"

struct hdf5_dataset;

struct hdf5_chunks {
    const struct hdf5_dataset *of;
    uint64_t looked; /* chunks that were looked into */
    unsigned rank;   /* dimensions of a chunk, without that of the element's bytes */
    uint64_t bytes;  /* of one chunk before the filters */
    uint64_t most;   /* chunks that the space can have */
};

MUST_CHECK bool hdf5_chunk_tree(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr,
                                struct err *e);
MUST_CHECK bool hdf5_chunk_records(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr,
                                   struct err *e);
MUST_CHECK bool hdf5_chunk_fixed(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr,
                                 struct err *e);
MUST_CHECK bool hdf5_chunk_extensible(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr,
                                      struct err *e);
#endif
