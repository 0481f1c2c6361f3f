#ifndef SCANNER_FORMATS_IDENTITY_H
#define SCANNER_FORMATS_IDENTITY_H
/*
 * What a model is called by a signature of OpenSSF Model Signing: a digest for each file, and a
 * root over them in the order of the names. SPEC: OpenSSF Model Signing 1.0, sections 6.1 to 6.4,
 * method "files".
 */
#include "base/arena.h"
#include "base/digest.h"
#include "base/value.h"

struct identity_file {
    const char *name; /* path below the model; of a single file its name */
    struct digest digest;
    uint64_t bytes;
};

struct identity {
    struct identity_file *files; /* all that were read, in any order */
    size_t n;
    const char *const *ignore; /* more paths that are left out; NULL-terminated, or NULL */
    bool folder;
    bool symlinks;      /* one was met: a signature of this model cannot be told */
    const char *reason; /* why there is no root for another cause, or NULL */
};

/* Is the path, or a folder above it, left out? The four of git at the top, and `ignore`. */
bool identity_leaves_out(const struct identity *id, const char *name);

/* The attributes of model.identity, in `a`; sorts the files by name. */
const struct value *identity_value(struct identity *id, struct arena *a);
#endif
