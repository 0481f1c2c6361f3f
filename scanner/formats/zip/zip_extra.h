#ifndef SCANNER_FORMATS_ZIP_ZIP_EXTRA_H
#define SCANNER_FORMATS_ZIP_ZIP_EXTRA_H
/* The extra fields of a zip header that change what a reader sees: zip64 sizes and the Unicode
 * path. SPEC: APPNOTE 6.3.10, 4.5.3 and 4.6.9. */
#include "scanner/formats/zip/zip.h"

struct zip_extra {
    uint64_t *header_at; /* of the central header; NULL for a local one */
};

/* Puts the wide values into `m` where the short ones are all ones, and flags fields that are cut,
 * doubled, or say something else than the header. m->name is set. */
void zip_extra_read(struct reader extra, struct zip_member *m, const struct zip_extra *x);
#endif
