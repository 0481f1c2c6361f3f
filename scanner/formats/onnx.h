#ifndef SCANNER_FORMATS_ONNX_H
#define SCANNER_FORMATS_ONNX_H
/*
 * What is gathered while an ONNX file is read; the facts are told at its end, since functions may
 * stand behind the nodes that call them. SPEC: onnx.proto (IR version 14), docs/IR.md,
 * docs/ExternalData.md.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/names.h"
#include "scanner/formats/protobuf.h"

#define ONNX_TEXT 512 /* bytes of an operator's, domain's or tensor's name that are looked at */

struct onnx_text {
    size_t len;
    uint8_t bytes[ONNX_TEXT];
};

/* A different (domain, operator); its name in `opnames` is "domain NUL operator". */
struct onnx_op {
    uint64_t count, offset; /* of the first node */
    bool in_function;       /* the first one stands in a function of the model */
    struct slice node;      /* name of the first one */
};

/* What is wrong with a tensor or with where its data lies: bits of onnx_problem. */
enum onnx_problem {
    ONNX_ABSOLUTE,
    ONNX_DOTDOT,
    ONNX_BACKSLASH,
    ONNX_URL,
    ONNX_EMPTY,
    ONNX_DRIVE,
    ONNX_NUL,
    ONNX_ADDRESS, /* the marker of ONNX Runtime for data in its own memory */
    ONNX_LONG,
    ONNX_BASEPATH,
    ONNX_KEY_TWICE,
    ONNX_NO_LOCATION,
    ONNX_OFFSET, /* no number, or past 2^63 */
    ONNX_LENGTH,
    ONNX_SIZE,     /* dimensions and type ask for another number of bytes or elements */
    ONNX_NEGATIVE, /* a dimension */
    ONNX_OVERFLOW, /* the dimensions multiply past 2^63 */
    ONNX_TYPE,     /* unknown data type */
    ONNX_SEVERAL,  /* data in more than one field, or both inside and outside */
    ONNX_FIELD,    /* data in a field that is not for its type */
    ONNX_PROBLEMS
};

struct onnx_external {
    uint64_t tensors, at;
    uint32_t problems;
    struct slice tensor, offset, length; /* the first, or the first with a problem */
    struct value_builder keys;           /* that docs/ExternalData.md does not know */
};

struct onnx {
    const struct format_input *in;
    struct protobuf p;
    struct names opnames, functions, locations, twice;
    struct onnx_op *ops;
    size_t nops;
    struct onnx_external *external;
    size_t nexternal;
    struct value_builder opsets, metadata;
    struct onnx_text producer, producer_version, domain;
    bool graph, training, ops_lost, external_lost;
    int64_t ir_version, model_version;
    uint64_t nodes, nfunctions, initializers, sparse, graphs, unknown_fields, metadata_keys;
    uint64_t tensors, tensor_bytes, bad_tensors;
    uint64_t types[32]; /* tensors of each data type */
    unsigned in_function;
};

/* Which of a message's fields may stand there once: bit N is field N. */
struct onnx_message {
    const char *name;
    uint32_t once;
    uint32_t varint, bytes, fixed32, fixed64; /* fields by wire type; lists may come in two */
};

/* onnx_field: the next field of a message: known ones have their wire type, or it is an error; one
 * that stands there twice is noted. */
MUST_CHECK bool onnx_field(struct onnx *o, const struct onnx_message *m, uint32_t *seen,
                           struct protobuf_field *f, struct err *e);
MUST_CHECK bool onnx_text(struct onnx *o, struct onnx_text *t, struct err *e);
struct slice onnx_slice(const struct onnx_text *t);

MUST_CHECK bool onnx_read_model(struct onnx *o, struct err *e);
/* SequenceProto, OptionalProto: `list` within `list` as deep as PROTOBUF_DEPTH. */
MUST_CHECK bool onnx_read_list(struct onnx *o, struct err *e);
/* A TensorProto that was entered, or is the file. */
MUST_CHECK bool onnx_read_tensor(struct onnx *o, struct err *e);
MUST_CHECK bool onnx_read_sparse(struct onnx *o, struct err *e);

/* Key and value of a StringStringEntryProto that was entered. */
MUST_CHECK bool onnx_entry(struct onnx *o, struct onnx_text *key, struct onnx_text *value,
                           struct err *e);

void onnx_tell_model(struct onnx *o);
void onnx_tell_tensors(struct onnx *o);
const struct value *onnx_problems(struct arena *a, uint32_t problems);
const char *onnx_type_name(size_t type); /* NULL: not known */

extern const struct onnx_message onnx_model;
#endif
