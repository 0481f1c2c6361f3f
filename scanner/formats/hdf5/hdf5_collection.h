#ifndef SCANNER_FORMATS_HDF5_HDF5_COLLECTION_H
#define SCANNER_FORMATS_HDF5_HDF5_COLLECTION_H
/* Global heap collections: the strings of attributes and datasets, and the maps of virtual
 * datasets. SPEC: HDF5 3.0, section III.E. */
#include "scanner/formats/hdf5/hdf5.h"

/* An object; its bytes live until another collection is read. */
struct hdf5_object {
    uint64_t collection;
    uint16_t index; /* from 1 */
    struct reader bytes;
};
typedef bool hdf5_on_object(void *ctx, const struct hdf5_object *o, struct err *e);

/* Each object of the collection at `addr`, which is claimed; false from `each` ends it. */
MUST_CHECK bool hdf5_collection_each(struct hdf5 *h, uint64_t addr, hdf5_on_object *each, void *ctx,
                                     struct err *e);
/* One of them: `r` stands at its address and index, and moves past them. */
MUST_CHECK bool hdf5_collection_value(struct hdf5 *h, struct reader *r, struct hdf5_object *out,
                                      struct err *e);
#endif
