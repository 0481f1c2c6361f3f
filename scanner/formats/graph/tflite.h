#ifndef SCANNER_FORMATS_GRAPH_TFLITE_H
#define SCANNER_FORMATS_GRAPH_TFLITE_H
/*
 * A TensorFlow Lite model under examination; for format_tflite.c and the parts that it reads.
 * SPEC: tensorflow/lite/schema/schema.fbs, version 3c.
 */
#include "scanner/formats/graph/flatbuffer.h"
#include "scanner/formats/format.h"
#include "scanner/formats/tally.h"

#define TFLITE_TYPES 23   /* of tensors */
#define TFLITE_CODES 1024 /* builtin codes that are counted; there are 210 */

/* Fields of Model. */
enum {
    TFLITE_VERSION,
    TFLITE_OPERATOR_CODES,
    TFLITE_SUBGRAPHS,
    TFLITE_DESCRIPTION,
    TFLITE_BUFFERS,
    TFLITE_METADATA = 6,
    TFLITE_SIGNATURES,
    TFLITE_GROUPS,
    TFLITE_EXTERNAL
};

/* Bits of one element; 0: not known, or no fixed size. SPEC: schema.fbs, TensorType */
struct tflite_type {
    const char *name;
    uint8_t bits;
};
extern const struct tflite_type tflite_graph_types[TFLITE_TYPES];

/* A buffer's bytes; `n` 0: it has none. */
struct tflite_buffer {
    uint64_t at, n;
};

struct tflite_code {
    uint32_t builtin;
    struct slice custom;
};

struct tflite {
    const struct format_input *in;
    struct flatbuffer f;
    struct flatbuffer_table model;
    struct tflite_buffer *buffers;
    struct tflite_code *codes;
    uint32_t nbuffers, ncodes, ngraphs, nexternal;
    uint64_t tensors, operators, opaque, sizes; /* `sizes`: constants of another size than shaped */
    uint64_t counts[TFLITE_TYPES];
    uint64_t builtin[TFLITE_CODES];
    struct tally custom;
    struct value_builder metadata, signatures, embedded;
    uint8_t *options; /* of the operator that is looked at */
    uint64_t version, attachment;
};

/* Is `value` one of n things that there are? */
MUST_CHECK bool format_tflite_range(uint64_t value, uint64_t n, const char *what,
                                    const struct flatbuffer_table *t, struct err *e);
/* Each reads a part of t->model; buffers come first, graphs behind operator codes. */
MUST_CHECK bool tflite_graph_codes(struct tflite *t, struct err *e);
MUST_CHECK bool tflite_graph_read(struct tflite *t, struct err *e);
MUST_CHECK bool tflite_tell_metadata(struct tflite *t, struct err *e);
MUST_CHECK bool tflite_tell_signatures(struct tflite *t, struct err *e);
/* Tells a `model.reference` for each file of weights. */
MUST_CHECK bool tflite_tell_external(struct tflite *t, struct err *e);
/* The facts of the whole model. */
void tflite_tell(const struct tflite *t);
#endif
