#ifndef SCANNER_FORMATS_HDF5_HDF5_SUPER_H
#define SCANNER_FORMATS_HDF5_HDF5_SUPER_H
/* The superblock, which says where everything is counted from. SPEC: HDF5 3.0, section II.A. */
#include "scanner/formats/hdf5/hdf5.h"

/* hdf5_super_find(head, at): the first place of the signature in `head`: 0, 512, 1024, 2048. */
bool hdf5_super_find(struct slice head, uint64_t *at);

/* hdf5_super_behind(s, from, found): does one stand at `from` times a power of two? */
MUST_CHECK bool hdf5_super_behind(struct source *s, uint64_t from, bool *found, struct err *e);

/* Reads the superblock at h->base: sizes, root, declared end. */
MUST_CHECK bool hdf5_super_read(struct hdf5 *h, struct err *e);
#endif
