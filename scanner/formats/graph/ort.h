#ifndef SCANNER_FORMATS_GRAPH_ORT_H
#define SCANNER_FORMATS_GRAPH_ORT_H
/*
 * A model of ONNX Runtime under examination; for format_ort.c. Every table of the schema is walked,
 * so that each offset is held against the end.
 * SPEC: ONNX Runtime 1.22, core/flatbuffers/schema/ort.fbs
 */
#include "scanner/formats/format.h"
#include "scanner/formats/graph/flatbuffer.h"
#include "scanner/formats/tally.h"

#define ORT_TYPES 24 /* of tensors */

struct ort {
    const struct format_input *in;
    struct flatbuffer f;
    struct tally ops; /* by domain */
    struct value_builder opsets;
    struct slice producer, producer_version, domain;
    uint64_t ir_version, model_version, nopsets;
    uint64_t nodes, graphs, tensors, sparse; /* graphs: those of attributes, too */
    uint64_t bytes;                          /* of the data of tensors */
    uint64_t unknown;                        /* fields that the schema does not have */
    uint64_t counts[ORT_TYPES];
    unsigned depth;
};

const char *ort_read_type(size_t type); /* NULL: not known */

/* ort_read_session(o): all of the file; o->in, f, ops and opsets are set. */
MUST_CHECK bool ort_read_session(struct ort *o, struct err *e);
#endif
