#ifndef SCANNER_FORMATS_LOCATION_H
#define SCANNER_FORMATS_LOCATION_H
/*
 * A model names other files: tensors in a file beside it, assets, shards. Such a name should be a
 * relative path that stays in the model's folder, on every system.
 */
#include "base/value.h"
#include "scanner/formats/format.h"

enum location_problem {
    LOCATION_ABSOLUTE, /* from a root, or from a home */
    LOCATION_DOTDOT,
    LOCATION_BACKSLASH,
    LOCATION_URL,
    LOCATION_EMPTY,
    LOCATION_DRIVE,
    LOCATION_NUL, /* or another control character */
    LOCATION_PROBLEMS
};

/* The bits 1 << problem of what is wrong with the name. */
uint32_t location_problems(struct slice name);

/* "absolute", "dotdot", ...: stable, used in facts. */
const char *location_name(enum location_problem p);

/* Their names, as a list; "long" is one of a name that fills the `room` it was kept in: nobody
 * knows what stood behind. */
const struct value *location_list(struct arena *a, struct slice name, size_t room);

/* A file that something in a model has opened. */
struct location_reference {
    const char *framework, *kind;
    const char *access; /* "execute", "write", ... */
    struct slice name;  /* at most LIMIT_TALLY_BYTES of it, as location_list has it */
    uint64_t at;        /* in the stream */
};

/* Tells it as a `model.reference`. */
void location_tell(const struct format_input *in, const struct location_reference *r);
#endif
