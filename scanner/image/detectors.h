#ifndef SCANNER_IMAGE_DETECTORS_H
#define SCANNER_IMAGE_DETECTORS_H
/*
 * rules/detectors/ as tables, made at build time by tool/secrets_build.c, and the pattern
 * database compiled from them. The database is for plain x86-64 and belongs to one
 * version of libhs: both are linked together.
 */
#include <stdbool.h>
#include <stddef.h>

enum detectors_check {
    DETECTORS_NONE,    /* the pattern is enough */
    DETECTORS_ENTROPY, /* the secret has at least `entropy` bits a byte */
    DETECTORS_GENERIC, /* the same, and a letter, and a digit, and no sign of a placeholder */
    DETECTORS_PEM      /* a key follows the header, not just source code that looks for one */
};

struct detectors_secret {
    const char *id, *title, *severity;
    const char *pattern;
    enum detectors_check check;
    double entropy;   /* bits a byte */
    bool left, right; /* no letter, digit or '_' may stand directly before (behind) */
};

struct detectors_path {
    const char *id, *title;
    const char *group; /* shell, package-manager, compiler, account, credential, ... */
    /* tell it too when a later layer removed it: its bytes are still in the image */
    bool credential;
    const char *const *globs; /* ends with NULL */
};

extern const struct detectors_secret detectors_secret[];
extern const size_t detectors_nsecrets;
extern const struct detectors_path detectors_path[];
extern const size_t detectors_npaths;
extern const unsigned char detectors_db[]; /* hs_serialize_database */
extern const unsigned char detectors_db_end[];
#endif
