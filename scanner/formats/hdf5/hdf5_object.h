#ifndef SCANNER_FORMATS_HDF5_HDF5_OBJECT_H
#define SCANNER_FORMATS_HDF5_HDF5_OBJECT_H
/* Objects: groups, datasets, committed types. SPEC: HDF5 3.0, sections III.B, III.C and IV.A. */
#include "scanner/formats/hdf5/hdf5.h"

/* Everything that hard links lead to from the root. What breaks in one object is kept by
 * hdf5_keep, and the walk goes on with the next; false when the system refuses to read. */
MUST_CHECK bool hdf5_object_walk(struct hdf5 *h, struct err *e);

/* The superblock extension: sizes of nodes, heaps of shared messages. */
MUST_CHECK bool hdf5_object_extension(struct hdf5 *h, struct err *e);
#endif
