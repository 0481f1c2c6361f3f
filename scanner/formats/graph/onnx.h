#ifndef SCANNER_FORMATS_GRAPH_ONNX_H
#define SCANNER_FORMATS_GRAPH_ONNX_H
/*
 * What is gathered while an ONNX file is read; the facts are told at its end, since functions may
 * stand behind the nodes that call them. SPEC: onnx.proto (IR version 14), docs/IR.md,
 * docs/ExternalData.md.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/location.h"
#include "scanner/formats/graph/message.h"

/* A different (domain, operator); its name in `opnames` is "domain NUL operator". */
struct onnx_op {
    uint64_t count, offset; /* of the first node */
    bool in_function;       /* the first one stands in a function of the model */
    struct slice node;      /* name of the first one */
};

/* What is wrong with a tensor or with where its data lies, behind location.h's. */
enum onnx_problem {
    ONNX_ADDRESS = LOCATION_PROBLEMS, /* the marker of ONNX Runtime for data in its own memory */
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
    uint64_t end; /* bytes of the other file that its tensors need */
    uint32_t problems;
    struct slice tensor, offset, length; /* the first, or the first with a problem */
    struct value_builder keys;           /* that docs/ExternalData.md does not know */
};

/* A tensor whose data does not fit it. */
struct onnx_bad {
    uint64_t at, dimensions;
    int64_t type;
    uint32_t problems;
    struct slice name;
};

struct onnx {
    const struct format_input *in;
    struct message_walk w;
    struct names opnames, functions, locations;
    struct names domains, imported; /* of nodes outside of functions; by the model */
    struct onnx_op *ops;
    size_t nops;
    struct onnx_external *external;
    size_t nexternal;
    struct onnx_bad *bad; /* the first LIMIT_TENSOR_FACTS of them */
    size_t nbad;
    struct value_builder opsets, metadata;
    struct message_text producer, producer_version, domain;
    bool graph, training, ops_lost, external_lost;
    int64_t ir_version, model_version;
    uint64_t nodes, nfunctions, initializers, sparse, graphs, metadata_keys;
    uint64_t tensors, tensor_bytes, bad_tensors;
    uint64_t keys, nopsets; /* unknown keys of external data; operator sets */
    uint64_t types[32];     /* tensors of each data type */
    unsigned in_function;
};

MUST_CHECK bool onnx_read_model(struct onnx *o, struct err *e);
/* SequenceProto, OptionalProto: `list` within `list` as deep as PROTOBUF_DEPTH. */
MUST_CHECK bool onnx_read_list(struct onnx *o, struct err *e);
/* A TensorProto that was entered, or is the file. */
MUST_CHECK bool onnx_tensor_read(struct onnx *o, struct err *e);
MUST_CHECK bool onnx_tensor_read_sparse(struct onnx *o, struct err *e);

/* Key and value of a StringStringEntryProto that was entered. */
MUST_CHECK bool onnx_read_entry(struct onnx *o, struct message_text *key,
                                struct message_text *value, struct err *e);

void onnx_tell_model(struct onnx *o);
/* Places of external data, and tensors whose data does not fit them. */
void onnx_tell_external(struct onnx *o);
void onnx_tell_tensors(struct onnx *o);
const struct value *onnx_tensor_problems(struct arena *a, uint32_t problems);
const char *onnx_tensor_type(size_t type); /* NULL: not known */

extern const struct message onnx_read_schema;
#endif
