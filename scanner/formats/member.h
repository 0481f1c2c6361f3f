#ifndef SCANNER_FORMATS_MEMBER_H
#define SCANNER_FORMATS_MEMBER_H
/* What is odd about a member of an archive, as one `model.member` fact. */
#include "scanner/formats/format.h"

struct member_flags {
    struct value_builder list;
    const char *kind; /* of the archive: zip, tar, 7z; folder */
    bool any;
    const char *container; /* what kind of model the archive is, or NULL */
    const char *status;    /* of its stream, as model.file tells it; NULL: none was scanned */
};

void member_begin(struct member_flags *f, struct arena *a, const char *kind);
void member_flag(struct member_flags *f, const char *name);

/* Tells when there is a flag. `name` NULL: the archive as a whole. `other`: the local
 * header's name or a link's target, or empty. */
void member_tell(const struct format_input *in, struct member_flags *f, const char *name,
                 uint64_t offset, struct slice other);

/* A name that can stand in a path: NUL, controls and bad UTF-8 escaped, at
 * most LIMIT_NAME_BYTES. */
const char *member_name(struct arena *a, struct slice raw);
#endif
