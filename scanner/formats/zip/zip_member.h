#ifndef SCANNER_FORMATS_ZIP_ZIP_MEMBER_H
#define SCANNER_FORMATS_ZIP_ZIP_MEMBER_H
/* One member of a zip: its central and its local header. SPEC: APPNOTE 6.3.10, 4.3.7 to 4.3.12. */
#include "scanner/formats/zip/zip.h"

struct zip_member_in {
    struct source *s;
    uint64_t len;
    struct arena *a;
    uint8_t *room;     /* ZIP_MEMBER_ROOM bytes, for the variable part of one header */
    size_t names;      /* bytes of names kept so far; LIMIT_ZIP_NAMES */
    uint64_t variable; /* bytes of the variable parts of local headers read so far */
};

#define ZIP_MEMBER_ROOM ((size_t)2 * 65536)

void zip_member_flag(struct zip_member *m, enum zip_flag f);

/* zip_member_central(in, at, m): the directory entry at `*at`, which moves behind it. */
MUST_CHECK bool zip_member_central(struct zip_member_in *in, uint64_t *at, struct zip_member *m,
                                   struct err *e);

/* zip_member_local(in, m, other): the local header at m->header_at, which must say the same; what
 * differs is flagged. True when a reader that goes by local headers sees other contents: `other`
 * is then the member as it sees it. */
bool zip_member_local(struct zip_member_in *in, struct zip_member *m, struct zip_member *other);

/* zip_member_orphan(in, at, to, m): a member that only a local header at `at` knows; its bytes end
 * before `to`. False when there is none that could be one. */
bool zip_member_orphan(struct zip_member_in *in, uint64_t at, uint64_t to, struct zip_member *m);
#endif
