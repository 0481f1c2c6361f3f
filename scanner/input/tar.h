#ifndef SCANNER_INPUT_TAR_H
#define SCANNER_INPUT_TAR_H
/*
 * A strict walker over tar: ustar, pax (path, linkpath, size, uid, gid, uname, gname, mtime,
 * SCHILY.xattr.*, GNU.sparse refused as unsupported), GNU long names. It reads headers only;
 * contents are read by the caller through the source. SPEC: POSIX.1-2017 pax; GNU tar manual,
 * "Basic Tar Format". Checksums are checked. Names keep their bytes; NUL inside, more than
 * LIMIT_NAME_BYTES and sizes past the end are errors.
 */
#include "base/value.h"
#include "scanner/input/source.h"

struct tar_xattr {
    struct slice name, data;
};

struct tar_entry {
    /* '0' file, '1' hard link, '2' symlink, '3' char, '4' block, '5' directory, '6' fifo */
    char type;
    struct slice path; /* as written; lives until the next tar_next */
    struct slice link; /* target of a link */
    uint64_t size;     /* bytes of content */
    uint64_t at;       /* offset of the content in the source */
    /* offset of the first header block of this entry (its pax header included) */
    uint64_t header_at;
    uint32_t mode; /* permission and set-id bits, 07777 */
    uint64_t uid, gid;
    int64_t mtime;
    uint32_t devmajor, devminor;
    const struct tar_xattr *xattrs;
    size_t nxattrs;
};

struct tar;

/* Borrows the source. */
struct tar *tar_open(struct source *s);
void tar_free(struct tar *t);

/* tar_next(t, entry, end, e): the next entry; `*end` is true at the two zero blocks (or one and the
 * end of the data). A source that ends without them is ERR_FORMAT. */
MUST_CHECK bool tar_next(struct tar *t, struct tar_entry *entry, bool *end, struct err *e);

/* After the end: offset behind the end-of-archive blocks; what follows must
 * be zero padding. tar_tail reads it: false when any byte is not zero. `*len`
 * is then the length of the whole source. */
MUST_CHECK bool tar_tail(struct tar *t, uint64_t *len, struct err *e);

/* tar_clean(path, a, out): the path without "./", "//" and a trailing "/", relative
 * to the root ("" for the root itself); a leading "/" is dropped; false with `e`
 * when it has a ".." component or a NUL. */
MUST_CHECK bool tar_clean(struct slice path, struct arena *a, struct slice *out, struct err *e);
#endif
