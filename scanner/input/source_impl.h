#ifndef SCANNER_INPUT_SOURCE_IMPL_H
#define SCANNER_INPUT_SOURCE_IMPL_H
/* What the kinds of source share; only files of scanner/input include it. */
#include "scanner/input/source.h"

#define SOURCE_BUFFER ((size_t)256 << 10) /* bytes read or decompressed at once */

/* One read: up to `n` bytes at `at` go to `to`; `got` says how many did. */
struct source_want {
    uint64_t at;
    uint8_t *to;
    size_t n, got;
};

struct source_ops {
    /* As source_some, without the tap. */
    bool (*some)(struct source *s, struct source_want *w, struct err *e);
    void (*free)(struct source *s); /* what `s` owns, not `s` itself; may be NULL */
};

/* The first member of each kind. */
struct source {
    const struct source_ops *ops;
    uint64_t len;           /* SOURCE_LEN_UNKNOWN until a decoder has seen its end */
    uint64_t seen;          /* end of the furthest byte given out */
    struct digest_ctx *tap; /* borrowed; or NULL */
    uint64_t tapped;        /* bytes the tap has had */
};

/* source_alloc(n): zeroed memory of a size we chose ourselves; aborts when the system has none. */
void *source_alloc(size_t n);

/* How many of the bytes that `w` wants lie before `len`. */
size_t source_within(const struct source_want *w, uint64_t len);
#endif
