#ifndef SCANNER_FORMATS_HDF5_HDF5_GROUP_H
#define SCANNER_FORMATS_HDF5_HDF5_GROUP_H
/* The links of groups: symbol tables, link messages, links in a fractal heap. The objects that
 * hard links lead to are pushed; other files are told. SPEC: HDF5 3.0, III.B, III.C, IV.A.2.g. */
#include "scanner/formats/hdf5/hdf5.h"

struct hdf5_group {
    struct hdf5 *h;
    size_t link; /* to the group */
    const char *path;
};

/* A symbol table message. */
MUST_CHECK bool hdf5_group_symbols(const struct hdf5_group *g, struct reader r, struct err *e);
/* A link message. */
MUST_CHECK bool hdf5_group_link(const struct hdf5_group *g, struct reader r, struct err *e);
/* A link info message. */
MUST_CHECK bool hdf5_group_info(const struct hdf5_group *g, struct reader r, struct err *e);
#endif
