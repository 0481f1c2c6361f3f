#ifndef SCANNER_FORMATS_HDF5_HDF5_BYTES_H
#define SCANNER_FORMATS_HDF5_HDF5_BYTES_H
/*
 * Datasets of plain bytes. hickle keeps what it does not know as a pickle in one, and the types of
 * all others, and loads them; others do so by hand. SPEC: hickle 5.0, hickle/lookup.py,
 * load_pickled_data, ReferenceManager; h5py's np.void.
 */
#include "scanner/formats/hdf5/hdf5_layout.h"

/* Does it begin like a pickle that a loader gets far with? `whole`: these are all bytes. */
bool hdf5_bytes_pickle(struct slice head, bool whole);

/* The `n` bytes at `addr`, a chunk or all of the elements of `d`: a pickle is scanned as a stream
 * of its own. Of a file of hickle it is kept as an error when they cannot be read. */
void hdf5_bytes_look(struct hdf5 *h, const struct hdf5_dataset *d, uint64_t addr, uint64_t n);

/* The same of elements that stand in the header. */
void hdf5_bytes_compact(struct hdf5 *h, const struct hdf5_dataset *d, struct slice bytes);
#endif
