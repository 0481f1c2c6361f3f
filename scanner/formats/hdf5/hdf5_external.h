#ifndef SCANNER_FORMATS_HDF5_HDF5_EXTERNAL_H
#define SCANNER_FORMATS_HDF5_HDF5_EXTERNAL_H
/* Names of other files: external storage, external links, sources of virtual datasets. Each is
 * told as a `model.hdf5_reference`. */
#include "scanner/formats/hdf5/hdf5.h"

/* hdf5_external_tell: one name. `kind` is "storage", "link", "virtual"; `object` a printable path;
 * `target` the object in the other file, or empty. */
struct hdf5_reference {
    const char *kind, *object;
    struct slice file, target;
    uint64_t offset;
};
void hdf5_external_tell(struct hdf5 *h, const struct hdf5_reference *ref);

/* The external file list. SPEC: HDF5 3.0, section IV.A.2.h. */
MUST_CHECK bool hdf5_external_list(struct hdf5 *h, struct reader r, const char *object,
                                   struct err *e);
/* The map of a virtual dataset; `r` is at its place in the global heap. SPEC: IV.A.2.i, class 3,
 * and III.E, "Global Heap Block for Virtual Datasets". */
MUST_CHECK bool hdf5_external_virtual(struct hdf5 *h, struct reader *r, const char *object,
                                      struct err *e);
#endif
