#ifndef SCANNER_FORMATS_GRAPH_SEGMENTS_H
#define SCANNER_FORMATS_GRAPH_SEGMENTS_H
/*
 * Segments of data behind a FlatBuffer of ExecuTorch: programs (.pte) and tensors (.ptd) share
 * them. A loader reads any range that a table gives; here each must lie behind the FlatBuffer, and
 * no two may share a byte.
 * SPEC: ExecuTorch 1.0, schema/program.fbs and flat_tensor.fbs, DataSegment
 */
#include "base/arena.h"
#include "base/value.h"
#include "scanner/formats/graph/flatbuffer.h"

struct segment {
    uint64_t at, n; /* in the source */
    uint32_t index;
};

struct segments {
    uint64_t base;         /* set by the caller: where offsets count from; 0: there can be none */
    uint64_t end;          /* set by the caller: no segment reaches past it */
    struct segment *items; /* as the file numbers them, in the arena */
    struct segment *order; /* by place */
    uint32_t n;
    uint64_t bytes; /* of all */
};

/* The vector of tables in `field` of `t`. */
MUST_CHECK bool segments_read(struct segments *s, const struct flatbuffer_table *t, unsigned field,
                              struct arena *a, struct err *e);

/* Is `index` one of them? */
MUST_CHECK bool segments_has(const struct segments *s, uint64_t index,
                             const struct flatbuffer_table *t, struct err *e);

struct segments_walk {
    struct source *bytes;
    uint64_t from, to;              /* all segments lie in this part */
    struct value_builder *embedded; /* gets what begins like something else (embedded.h) */
    uint64_t padding; /* out: zeros before, between and behind the segments that align them */
};

/* Reads the head of each segment and what is between them, in order of place. */
MUST_CHECK bool segments_walk(const struct segments *s, struct segments_walk *w, struct err *e);
#endif
