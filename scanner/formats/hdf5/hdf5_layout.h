#ifndef SCANNER_FORMATS_HDF5_HDF5_LAYOUT_H
#define SCANNER_FORMATS_HDF5_HDF5_LAYOUT_H
/* Where the elements of a dataset lie. SPEC: HDF5 3.0, section IV.A.2.i, versions 1 to 4 (and 5 of
 * HDF5 4.0). */
#include "scanner/formats/hdf5/hdf5_type.h"

#define HDF5_PIPELINE_MOST 32 /* SPEC: H5Z_MAX_NFILTERS */

/* What the other messages of a dataset say. */
struct hdf5_dataset {
    const char *path;
    struct hdf5_type type;
    struct hdf5_space space;
    uint64_t bytes; /* of all elements */
    bool filtered;
    uint16_t filters[HDF5_PIPELINE_MOST]; /* their ids, in the order in which they were applied */
    unsigned nfilters;
    bool external; /* the elements stand in other files */
};

/* Claims the elements of the dataset; the sources of a virtual one are told. */
MUST_CHECK bool hdf5_layout_read(struct hdf5 *h, const struct hdf5_dataset *d, struct reader r,
                                 struct err *e);
#endif
