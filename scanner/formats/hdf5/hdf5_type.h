#ifndef SCANNER_FORMATS_HDF5_HDF5_TYPE_H
#define SCANNER_FORMATS_HDF5_HDF5_TYPE_H
/* What elements are, and how many. SPEC: HDF5 3.0, sections IV.A.2.b and IV.A.2.d. */
#include "scanner/formats/hdf5/hdf5.h"

enum hdf5_class {
    HDF5_FIXED,
    HDF5_FLOAT,
    HDF5_TIME_CLASS,
    HDF5_STRING,
    HDF5_BITFIELD,
    HDF5_OPAQUE,
    HDF5_COMPOUND,
    HDF5_REFERENCE,
    HDF5_ENUM,
    HDF5_VLEN,
    HDF5_ARRAY,
    HDF5_COMPLEX,
    HDF5_CLASSES
};

struct hdf5_type {
    enum hdf5_class class, base; /* `base` of an enumeration, a sequence or an array */
    uint32_t size;               /* bytes of one element in the file */
    uint32_t base_size;
    bool text; /* a sequence that is a string */
    bool big, is_signed;
};

/* hdf5_type_read: what of a datatype matters here; members of compounds are passed over. */
MUST_CHECK bool hdf5_type_read(struct reader r, struct hdf5_type *out, struct err *e);
/* "<f4", "compound", ...: one of a few dozen names. */
void hdf5_type_name(const struct hdf5_type *t, char out[HDF5_TYPE_NAME]);
/* Of numbers, so a tensor? */
bool hdf5_type_numeric(const struct hdf5_type *t);

#define HDF5_RANK 32 /* SPEC: H5S_MAX_RANK */

struct hdf5_space {
    unsigned rank;
    uint64_t dims[HDF5_RANK];
    uint64_t count; /* elements; 0 for a null space */
    bool overflow;  /* they multiply past 2^63 */
};
MUST_CHECK bool hdf5_type_space(const struct hdf5 *h, struct reader r, struct hdf5_space *out,
                                struct err *e);
#endif
