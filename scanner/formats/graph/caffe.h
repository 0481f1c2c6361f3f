#ifndef SCANNER_FORMATS_GRAPH_CAFFE_H
#define SCANNER_FORMATS_GRAPH_CAFFE_H
/*
 * Nets of Caffe, in both forms of protobuf: layers, the files that they name, the Python that they
 * run, and their numbers. SPEC: Caffe 1.0, src/caffe/proto/caffe.proto, with the fields of the
 * branch "ssd" and of NVIDIA's numbers in half precision.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/graph/message.h"
#include "scanner/formats/tally.h"

/* Messages that are entered. */
enum caffe_kind {
    CAFFE_OTHER, /* no fields are known; of the text form, names of files are looked for */
    CAFFE_NET,
    CAFFE_LAYER,
    CAFFE_V1, /* V1LayerParameter, before 2014-12 */
    CAFFE_V0, /* V0LayerParameter, within it, before 2014 */
    CAFFE_BLOB,
    CAFFE_SHAPE,
    CAFFE_SOLVER,
    CAFFE_STATE,
    CAFFE_PYTHON,
    CAFFE_DATA,
    CAFFE_HDF5_DATA,
    CAFFE_HDF5_OUTPUT,
    CAFFE_IMAGE_DATA,
    CAFFE_WINDOW_DATA,
    CAFFE_INFOGAIN,
    CAFFE_TRANSFORM,
    CAFFE_ANNOTATED,
    CAFFE_DETECTION,
    CAFFE_SAVE,
    CAFFE_EVALUATE,
    CAFFE_VIDEO,
    CAFFE_KINDS
};

/* What is done with a field. */
enum caffe_use {
    CAFFE_NONE,
    CAFFE_ENTER,
    CAFFE_PARAM, /* settings of a layer */
    CAFFE_NET_NAME,
    CAFFE_NAME, /* of the layer */
    CAFFE_TYPE, /* of the layer */
    CAFFE_READ, /* a file that is read, or a folder */
    CAFFE_WRITE,
    CAFFE_SNAPSHOT, /* what the files are called that a solver writes */
    CAFFE_MODULE,
    CAFFE_CLASS,
    CAFFE_ARGUMENT
};

struct caffe_field {
    const char *name;
    uint32_t number;
    uint8_t wires; /* bit N: wire type N */
    bool once;     /* may stand there once */
    enum caffe_use use;
    enum caffe_kind to; /* of CAFFE_ENTER */
};

struct caffe_message {
    const char *name;
    const struct caffe_field *fields;
    size_t n;
    bool whole; /* all its fields are listed */
};

extern const struct caffe_message caffe_schema[CAFFE_KINDS];

/* The field of that number, or NULL. */
const struct caffe_field *caffe_schema_field(enum caffe_kind kind, uint32_t number);
/* Has the message a field of that name? */
bool caffe_schema_named(enum caffe_kind kind, struct slice name);

/* How a file is used. */
enum caffe_access { CAFFE_READS, CAFFE_WRITES, CAFFE_SNAPSHOTS, CAFFE_ACCESSES };

/* The layer that is being read. */
struct caffe_layer {
    uint64_t at, blobs;
    bool v1, nested, typed; /* V1LayerParameter; with a V0LayerParameter; with a type of its own */
    bool python;
    struct message_text name, module, class_name, argument;
};

struct caffe_python {
    uint64_t at;
    struct slice layer, module, class_name, argument;
};

/* What is wrong with a blob. */
enum caffe_problem {
    CAFFE_SIZE, /* its shape asks for another number of elements */
    CAFFE_NEGATIVE,
    CAFFE_OVERFLOW, /* more than 2^31 - 1 elements, or 32 dimensions */
    CAFFE_SHAPES,   /* two that differ */
    CAFFE_SEVERAL,  /* numbers in more than one field */
    CAFFE_RAW_TYPE, /* not known */
    CAFFE_PROBLEMS
};

struct caffe_bad {
    uint64_t at, dimensions;
    uint32_t problems;
    struct slice layer;
};

enum { CAFFE_FLOAT32, CAFFE_FLOAT64, CAFFE_FLOAT16, CAFFE_INT32, CAFFE_UINT32, CAFFE_TYPES };

struct caffe {
    const struct format_input *in;
    struct protobuf p;
    const struct protobuf_name *names[CAFFE_KINDS]; /* for the text form */
    struct names twice;                             /* "Message.field" */
    struct names with_blobs, same;                  /* names of layers; those that came twice */
    struct tally types, files[CAFFE_ACCESSES];
    struct message_text name;
    struct caffe_layer *layer; /* or NULL */
    struct caffe_python *python;
    size_t npython;
    struct caffe_bad *bad; /* the first LIMIT_TENSOR_FACTS of them */
    size_t nbad;
    uint64_t layers, v2, v1, v0, blobs, bytes, bad_blobs, python_layers, unknown;
    uint64_t types_of[CAFFE_TYPES];
    bool lost; /* names of layers found no room */
};

/* One field behind the other, as protobuf_next; `field` is NULL when it is not known. `at` belongs
 * to this message and begins with its kind alone. */
struct caffe_at {
    enum caffe_kind kind;
    uint64_t seen[2]; /* bits, of the places in its schema */
};
MUST_CHECK bool caffe_read_next(struct caffe *c, struct caffe_at *at, struct protobuf_field *f,
                                const struct caffe_field **field, struct err *e);

/* The walk begins at the start of in->feed, or of `text`. */
void caffe_read_init(struct caffe *c, const struct format_input *in);
/* A message that was entered, or is the file. */
MUST_CHECK bool caffe_read_message(struct caffe *c, enum caffe_kind kind, struct err *e);

/* A BlobProto that was entered, or is the file. */
MUST_CHECK bool caffe_blob_read(struct caffe *c, struct err *e);
const struct value *caffe_blob_problems(struct arena *a, uint32_t problems);
const char *caffe_blob_type(size_t type);

/* The type of a V1LayerParameter, by its number or the name of that, as layers are called since. */
const char *caffe_type_number(uint64_t number); /* NULL: not known */
struct slice caffe_type_named(struct slice name);

/* The text form. `promised`: the name of the file says that it is one. */
bool caffe_text_like(struct slice head, bool promised);
/* CAFFE_NET, CAFFE_SOLVER, or CAFFE_OTHER for any other text. */
enum caffe_kind caffe_text_kind(const struct caffe *c, struct slice text, bool promised);

/* `kind`: "net", "mean", "state", "solver". */
void caffe_tell(const struct caffe *c, const char *kind);
#endif
