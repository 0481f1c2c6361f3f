#ifndef SCANNER_FORMATS_HDF5_HDF5_HEADER_H
#define SCANNER_FORMATS_HDF5_HDF5_HEADER_H
/* Object headers, versions 1 and 2, with their continuations. SPEC: HDF5 3.0, section IV.A. */
#include "scanner/formats/hdf5/hdf5.h"

enum hdf5_message_type {
    HDF5_NIL,
    HDF5_SPACE,
    HDF5_LINK_INFO,
    HDF5_TYPE,
    HDF5_FILL_OLD,
    HDF5_FILL,
    HDF5_LINK,
    HDF5_EXTERNAL,
    HDF5_LAYOUT,
    HDF5_BOGUS,
    HDF5_GROUP_INFO,
    HDF5_PIPELINE,
    HDF5_ATTRIBUTE,
    HDF5_COMMENT,
    HDF5_TIME_OLD,
    HDF5_SHARING,
    HDF5_CONTINUATION,
    HDF5_SYMBOLS,
    HDF5_TIME,
    HDF5_TREE_K,
    HDF5_DRIVER,
    HDF5_ATTRIBUTE_INFO,
    HDF5_REFERENCES,
    HDF5_FREE_SPACE,
    HDF5_CACHE_IMAGE,
    HDF5_MESSAGES
};

struct hdf5_message {
    uint16_t type;
    uint8_t flags;
    struct reader body; /* what a shared message leads to, when it was shared */
};

/* A header's messages in order; false from `each` ends it. What is shared is resolved. */
struct hdf5_messages {
    bool (*each)(void *ctx, const struct hdf5_message *m, struct err *e);
    void *ctx;
};
MUST_CHECK bool hdf5_header_read(struct hdf5 *h, uint64_t addr, const struct hdf5_messages *to,
                                 struct err *e);

/* hdf5_header_shared(h, type, r): `r` stands at the place of a shared message of `type`, and then
 * at the message itself. */
MUST_CHECK bool hdf5_header_shared(struct hdf5 *h, uint16_t type, struct reader *r, struct err *e);
/* hdf5_header_heap: the message of an id in the heap that holds shared ones of `type`. */
MUST_CHECK bool hdf5_header_heap(struct hdf5 *h, uint16_t type, struct slice id, struct reader *r,
                                 struct err *e);
#endif
