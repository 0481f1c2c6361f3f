#ifndef SCANNER_INPUT_TAR_HEADER_H
#define SCANNER_INPUT_TAR_HEADER_H
/* One 512-byte header block of tar, by its fields alone. SPEC: POSIX.1-2017 pax, "ustar Interchange
 * Format"; GNU tar manual, "Basic Tar Format". */
#include "base/err.h"

#define TAR_BLOCK 512u

struct tar_header {
    char type;                       /* as written; 0 is the old form of '0' */
    struct slice name, link, prefix; /* into the block, without padding */
    uint64_t size, uid, gid;
    int64_t mtime;
    uint32_t mode, devmajor, devminor;
};

bool tar_header_zero(const uint8_t block[TAR_BLOCK]);

/* tar_header_parse(block, at, out, e): checks the checksum and every number; `at` is the block's
 * offset, for errors. Types that hold no file as a runtime would unpack it (sparse, multi-volume,
 * unknown ones) are ERR_UNSUPPORTED. `out` borrows the block. */
MUST_CHECK bool tar_header_parse(const uint8_t block[TAR_BLOCK], uint64_t at,
                                 struct tar_header *out, struct err *e);
#endif
