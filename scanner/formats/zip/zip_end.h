#ifndef SCANNER_FORMATS_ZIP_ZIP_END_H
#define SCANNER_FORMATS_ZIP_ZIP_END_H
/*
 * Where zip directories are. Readers differ: some take the offset that the end record gives, some
 * count back from the record by the directory's size; some believe a zip64 record wherever its
 * locator points, some only right before the locator, some only where the old fields are all ones.
 * Each way that leads to a directory is a view. SPEC: APPNOTE 6.3.10, 4.3.14 to 4.3.16.
 */
#include "scanner/input/source.h"

#define ZIP_END_LEN 22
/* bytes of the tail in which readers look: CPython's window is a byte longer than the longest
 * comment */
#define ZIP_END_TAIL ((size_t)65536 + ZIP_END_LEN)
#define ZIP_END_VIEWS 32 /* looked at, from the last record */

struct zip_end {
    uint64_t record; /* the end record itself */
    uint64_t at;     /* the first of its records: the zip64 one when it counts */
    uint64_t after;  /* behind the record and its comment */
    uint64_t start;  /* of the directory */
    uint64_t size, count;
    uint64_t delta; /* the directory stands so many bytes behind the place that the record says */
    bool shifted;   /* it does, or there are bytes between directory and record */
    bool mismatch;  /* the end records disagree, or speak of other disks */
};

/* The views of a stream of `len` bytes that ends with `tail`, at most ZIP_END_VIEWS, from the last
 * end record to the first; of one record the one that its own offset gives first. */
size_t zip_end_find(struct source *s, uint64_t len, struct slice tail, struct zip_end *out);
#endif
