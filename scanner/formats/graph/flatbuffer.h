#ifndef SCANNER_FORMATS_GRAPH_FLATBUFFER_H
#define SCANNER_FORMATS_GRAPH_FLATBUFFER_H
/*
 * Reading FlatBuffers that an attacker wrote. Every offset, vtable and vector is held against the
 * end before it is followed, and every step counts against LIMIT_FLATBUFFER_STEPS, so that tables
 * shared a million times end as an error; a byte of a string that is copied is a step, too. The
 * bytes come from a source through pages that are kept up to LIMIT_FLATBUFFER_CACHE; nothing is
 * mapped.
 * SPEC: FlatBuffers "Internals" (file format), little-endian, 32-bit offsets.
 */
#include "base/arena.h"
#include "scanner/input/source.h"

struct flatbuffer {
    struct source *source; /* borrowed */
    uint64_t base, end;    /* the buffer: offsets into the source; set by the caller */
    uint64_t reached;      /* highest byte that something refers to, plus one */
    uint64_t steps;
    uint8_t **pages; /* by number modulo their count */
    uint64_t *numbers;
    size_t *lengths;
};

struct flatbuffer_table {
    struct flatbuffer *f;
    uint64_t at, vtable; /* offsets into the source */
    uint16_t fields;     /* that the vtable has */
};

struct flatbuffer_vector {
    struct flatbuffer *f;
    uint64_t at; /* of the first element */
    uint32_t n;  /* elements; 0 when the field is absent, too */
    uint32_t size;
};

/* flatbuffer_init(f, s, base, end): the caller frees with flatbuffer_release. */
void flatbuffer_init(struct flatbuffer *f, struct source *s, uint64_t base, uint64_t end);
void flatbuffer_release(struct flatbuffer *f);

MUST_CHECK bool flatbuffer_root(struct flatbuffer *f, struct flatbuffer_table *out, struct err *e);

/* A scalar of 1, 2, 4 or 8 bytes, zero-extended; `*out` stays when the field is absent. */
MUST_CHECK bool flatbuffer_scalar(const struct flatbuffer_table *t, unsigned field, unsigned bytes,
                                  uint64_t *out, struct err *e);
/* A vector of elements of `size` bytes (4 for tables and strings). */
MUST_CHECK bool flatbuffer_vector(const struct flatbuffer_table *t, unsigned field, unsigned size,
                                  struct flatbuffer_vector *out, struct err *e);
/* A string's first LIMIT_TALLY_BYTES bytes, in the arena; empty when absent. */
MUST_CHECK bool flatbuffer_string(const struct flatbuffer_table *t, unsigned field, struct arena *a,
                                  struct slice *out, struct err *e);
/* A table in a field; out->at is 0 when it is absent. */
MUST_CHECK bool flatbuffer_sub(const struct flatbuffer_table *t, unsigned field,
                               struct flatbuffer_table *out, struct err *e);
/* Element i of a vector of tables. */
MUST_CHECK bool flatbuffer_item(const struct flatbuffer_vector *v, uint32_t i,
                                struct flatbuffer_table *out, struct err *e);
/* Element i of a vector of strings, as flatbuffer_string. */
MUST_CHECK bool flatbuffer_text(const struct flatbuffer_vector *v, uint32_t i, struct arena *a,
                                struct slice *out, struct err *e);
/* Element i of a vector of scalars, zero-extended. */
MUST_CHECK bool flatbuffer_element(const struct flatbuffer_vector *v, uint32_t i, uint64_t *out,
                                   struct err *e);
/* n bytes at an offset of the source, which must be inside of the buffer. */
MUST_CHECK bool flatbuffer_bytes(struct flatbuffer *f, uint64_t at, void *out, size_t n,
                                 struct err *e);
/* What may be told as read: up to the end when only padding (zeros, at most 64) is behind what
 * something refers to, else up to there. */
MUST_CHECK bool flatbuffer_padding(struct flatbuffer *f, uint64_t *accounted, struct err *e);
#endif
