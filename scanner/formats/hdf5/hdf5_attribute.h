#ifndef SCANNER_FORMATS_HDF5_HDF5_ATTRIBUTE_H
#define SCANNER_FORMATS_HDF5_HDF5_ATTRIBUTE_H
/* Attributes, and the documents that stand in their values: configurations as JSON, pickles of
 * PyTables. Such a value is scanned as a stream of its own: "model.h5!model_config.json".
 * SPEC: HDF5 3.0, section IV.A.2.m. */
#include "scanner/formats/hdf5/hdf5.h"

/* One attribute message of the object at `path`. */
MUST_CHECK bool hdf5_attribute_read(struct hdf5 *h, struct reader r, const char *path,
                                    struct err *e);

/* Configurations in global heaps that no attribute leads to are scanned too, and counted. */
void hdf5_attribute_sweep(struct hdf5 *h);
#endif
