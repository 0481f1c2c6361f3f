#ifndef SCANNER_FORMATS_ZIP_ZIP_READ_H
#define SCANNER_FORMATS_ZIP_ZIP_READ_H
/* What the parts of the zip walker share: single headers of a stream. */
#include "base/reader.h"
#include "scanner/input/source.h"

#define ZIP_READ_LOCAL 0x04034b50
#define ZIP_READ_CENTRAL 0x02014b50
#define ZIP_READ_END 0x06054b50
#define ZIP_READ_END64 0x06064b50
#define ZIP_READ_LOCATOR 0x07064b50
#define ZIP_READ_DESCRIPTOR 0x08074b50

/* Reads exactly n bytes at `at` into `buf` and puts `r` over them; false when they do not exist. */
MUST_CHECK bool zip_read_at(struct source *s, uint64_t at, uint8_t *buf, size_t n,
                            struct reader *r);

/* The next four bytes are `want`. */
MUST_CHECK bool zip_read_signature(struct reader *r, uint32_t want);

/* Does the header `want` begin at `at`? */
bool zip_read_is(struct source *s, uint64_t at, uint32_t want);
#endif
