#ifndef SCANNER_FORMATS_NPY_H
#define SCANNER_FORMATS_NPY_H
/* The header of a .npy file: a Python literal with the keys descr,
 * fortran_order and shape, and nothing else. */
#include "base/arena.h"
#include "base/err.h"

struct npy_header {
    struct slice descr; /* as written: "<f8", or the whole list of a structured type */
    uint64_t item_bytes;
    uint64_t count; /* items in all */
    bool objects;   /* items are, or hold, Python objects */
    bool fortran;
};

/* `text` lies at offset `16 or so` of the file; errors count from its start. */
MUST_CHECK bool npy_read(struct slice text, struct arena *a, struct npy_header *out, struct err *e);
#endif
