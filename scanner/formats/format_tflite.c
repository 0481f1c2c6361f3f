#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/flatbuffer.h"
#include "scanner/formats/member.h"
#include "scanner/formats/tally.h"
#include "scanner/formats/tflite_flex.h"
#include "scanner/formats/zip.h"

#define CUSTOM 32          /* BuiltinOperator.CUSTOM */
#define NONE 127           /* deprecated_builtin_code of codes that do not fit a byte */
#define FLEX_OPTIONS 65536 /* bytes of options that are read; a NodeDef has a few hundred */
#define EMBEDDED 64        /* buffers told that begin like another format */
#define CODES 1024         /* builtin codes; there are 210 */
#define PADDING 64         /* zero bytes behind the last thing that is referred to */
#define TENSOR_TYPES 23

/* Fields of the tables. SPEC: tensorflow/lite/schema/schema.fbs, version 3 */
enum { MODEL_VERSION, MODEL_CODES, MODEL_GRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { MODEL_METADATA = 6, MODEL_SIGNATURES, MODEL_GROUPS, MODEL_EXTERNAL };
enum { CODE_OLD, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN };
enum { GRAPH_TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_OPERATORS, GRAPH_NAME };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION };
enum { TENSOR_SPARSITY = 6 };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS = 4, OP_CUSTOM, OP_LARGE_AT = 9, OP_LARGE_SIZE };
enum { OP_OPTIONS_2 = 12 };

/* Bits of one element; 0: not known, or no fixed size. SPEC: schema.fbs, TensorType */
static const struct {
    const char *name;
    uint8_t bits;
} types[TENSOR_TYPES] = {
    {"FLOAT32", 32}, {"FLOAT16", 16},      {"INT32", 32},      {"UINT8", 8},      {"INT64", 64},
    {"STRING", 0},   {"BOOL", 8},          {"INT16", 16},      {"COMPLEX64", 64}, {"INT8", 8},
    {"FLOAT64", 64}, {"COMPLEX128", 128},  {"UINT64", 64},     {"RESOURCE", 0},   {"VARIANT", 0},
    {"UINT32", 32},  {"UINT16", 16},       {"INT4", 4},        {"BFLOAT16", 16},  {"INT2", 2},
    {"UINT4", 4},    {"FLOAT8_E4M3FN", 8}, {"FLOAT8_E5M2", 8},
};

/* A buffer's bytes; `n` 0: it has none. */
struct buffer {
    uint64_t at, n;
};

struct code {
    uint32_t builtin;
    struct slice custom;
};

struct tflite {
    const struct format_input *in;
    struct flatbuffer f;
    struct flatbuffer_table model;
    struct buffer *buffers;
    struct code *codes;
    uint32_t nbuffers, ncodes, ngraphs, nexternal;
    uint64_t tensors, operators, opaque, sizes; /* `sizes`: constants of another size than shaped */
    uint64_t counts[TENSOR_TYPES];
    uint64_t builtin[CODES];
    struct tally custom;
    struct value_builder metadata, signatures, embedded;
    uint64_t nmetadata;
    uint64_t version, attachment;
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 8 && memcmp(head.data + 4, "TFL3", 4) == 0 ? FORMAT_CERTAIN : 0;
}

static bool range(uint64_t value, uint64_t n, const char *what, const struct flatbuffer_table *t,
                  struct err *e)
{
    return value < n ||
           err_pos(e, ERR_FORMAT, t->at, "%s %" PRIu64 ", there are %" PRIu64, what, value, n);
}

/* ---- buffers ---- */
/* What a buffer of weights does not begin with but by intent. */
static const char *embedded_kind(const uint8_t *b, size_t n)
{
    if (n >= 8 &&
        memcmp(b,
               "\x7f"
               "ELF",
               4) == 0 &&
        (b[4] == 1 || b[4] == 2))
        return "elf";
    if (n >= 8 && memcmp(b, "PK\3\4", 4) == 0)
        return "zip";
    if (n >= 8 && memcmp(b, "#!/", 3) == 0)
        return "script";
    return NULL;
}

static bool sniff_buffer(struct tflite *t, uint32_t i, const struct buffer *b, struct err *e)
{
    struct arena *a = t->in->scratch;
    uint8_t head[8];
    const char *kind;
    struct value_builder m;

    if (b->n < sizeof(head))
        return true;
    if (!flatbuffer_bytes(&t->f, b->at, head, sizeof(head), e))
        return false;
    kind = embedded_kind(head, sizeof(head));
    if (kind == NULL || t->embedded.n == EMBEDDED)
        return true;
    value_map_begin(&m, a);
    value_map_add(&m, "buffer", value_int(a, i, NULL));
    value_map_add(&m, "offset", value_int(a, (int64_t)b->at, NULL));
    value_map_add(&m, "kind", value_str(a, kind));
    value_list_add(&t->embedded, value_map_end(&m, NULL));
    return true;
}

/* SPEC: schema.fbs, Buffer: the data, or where it stands behind the FlatBuffer; offsets 0 and 1
 * mean that there is none. */
static bool read_buffer(struct tflite *t, const struct flatbuffer_table *table, struct buffer *b,
                        struct err *e)
{
    struct flatbuffer_vector data;
    uint64_t at = 0, size = 0;
    uint8_t last;

    if (!flatbuffer_vector(&t->f, table, 0, 1, &data, e) ||
        !flatbuffer_scalar(&t->f, table, 1, 8, &at, e) ||
        !flatbuffer_scalar(&t->f, table, 2, 8, &size, e))
        return false;
    *b = (struct buffer){data.at, data.n};
    if (at <= 1)
        return true;
    if (data.n > 0)
        return err_pos(e, ERR_FORMAT, table->at, "a buffer with data in two places");
    if (at > t->f.end || size > t->f.end - at)
        return err_pos(e, ERR_FORMAT, table->at,
                       "a buffer of %" PRIu64 " bytes at byte %" PRIu64
                       ", the model ends at byte %" PRIu64,
                       size, at, t->f.end);
    *b = (struct buffer){at, size};
    return size == 0 || flatbuffer_bytes(&t->f, at + size - 1, &last, 1, e);
}

static bool read_buffers(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->f, &t->model, MODEL_BUFFERS, 4, &v, e))
        return false;
    if (v.n > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, v.at, "%" PRIu32 " buffers, at most %d (LIMIT_TENSORS)", v.n,
                       LIMIT_TENSORS);
    t->buffers = ARENA_ARRAY(t->in->scratch, struct buffer, v.n);
    t->nbuffers = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&t->f, &v, i, &table, e) ||
            !read_buffer(t, &table, &t->buffers[i], e) || !sniff_buffer(t, i, &t->buffers[i], e))
            return err_in(e, "buffer %" PRIu32, i);
        t->opaque += t->buffers[i].n;
    }
    return true;
}

/* ---- operators ---- */
/* SPEC: schema.fbs, OperatorCode: the larger of the two codes counts. */
static bool read_codes(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->f, &t->model, MODEL_CODES, 4, &v, e))
        return false;
    if (v.n > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, v.at, "%" PRIu32 " operator codes, at most %d (LIMIT_TENSORS)",
                       v.n, LIMIT_TENSORS);
    t->codes = ARENA_ARRAY(t->in->scratch, struct code, v.n);
    t->ncodes = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        uint64_t old = 0, builtin = 0;

        if (!flatbuffer_item(&t->f, &v, i, &table, e) ||
            !flatbuffer_scalar(&t->f, &table, CODE_OLD, 1, &old, e) ||
            !flatbuffer_scalar(&t->f, &table, CODE_BUILTIN, 4, &builtin, e) ||
            !flatbuffer_string(&t->f, &table, CODE_CUSTOM, t->in->scratch, &t->codes[i].custom, e))
            return err_in(e, "operator code %" PRIu32, i);
        old = old > NONE ? 0 : old; /* a signed byte */
        builtin = builtin > INT32_MAX ? 0 : builtin;
        t->codes[i].builtin = (uint32_t)(old > builtin ? old : builtin);
    }
    return true;
}

/* Where the options of a custom operator stand; n 0: it has none. */
static bool find_options(struct tflite *t, const struct flatbuffer_table *op, struct buffer *out,
                         struct err *e)
{
    struct flatbuffer_vector v;
    uint64_t at = 0, size = 0;

    if (!flatbuffer_vector(&t->f, op, OP_CUSTOM, 1, &v, e) ||
        !flatbuffer_scalar(&t->f, op, OP_LARGE_AT, 8, &at, e) ||
        !flatbuffer_scalar(&t->f, op, OP_LARGE_SIZE, 8, &size, e))
        return false;
    *out = (struct buffer){v.at, v.n};
    if (at <= 1)
        return true;
    if (at > t->f.end || size > t->f.end - at)
        return err_pos(e, ERR_FORMAT, op->at, "options behind the end of the model");
    *out = (struct buffer){at, size};
    return true;
}

/* A Flex operator counts under the name that the delegate will run. */
static bool add_flex(struct tflite *t, struct slice custom, const struct buffer *options,
                     uint64_t at, struct err *e)
{
    const struct slice declared = slice_from(custom, strlen("Flex"));
    struct slice bytes = {NULL, (size_t)options->n}, name, op;
    uint8_t *copy;

    if (options->n > FLEX_OPTIONS)
        return err_pos(e, ERR_LIMIT, at,
                       "%" PRIu64 " bytes of options of a Flex operator, at most %d (FLEX_OPTIONS)",
                       options->n, FLEX_OPTIONS);
    copy = arena_alloc(t->in->scratch, bytes.len);
    bytes.data = copy;
    if (bytes.len > 0 && !flatbuffer_bytes(&t->f, options->at, copy, bytes.len, e))
        return false;
    if (!tflite_flex_op(bytes, &name, &op))
        (void)tally_add(&t->custom, SLICE_LIT("flex-unread"), declared, at);
    else if (slice_eq(op, declared) && slice_eq(name, declared))
        (void)tally_add(&t->custom, SLICE_LIT("flex"), op, at);
    else
        (void)tally_add(&t->custom, SLICE_LIT("flex-renamed"), op, at);
    return true;
}

/* References to tensors: -1 stands for an optional one that is not there. */
static bool check_tensors(struct tflite *t, const struct flatbuffer_table *table, unsigned field,
                          uint32_t ntensors, struct err *e)
{
    struct flatbuffer_vector v;
    uint64_t index;

    if (!flatbuffer_vector(&t->f, table, field, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_element(&t->f, &v, i, &index, e) ||
            (index != UINT32_MAX && !range(index, ntensors, "tensor", table, e)))
            return false;
    return true;
}

static bool read_operator(struct tflite *t, const struct flatbuffer_table *op, uint32_t ntensors,
                          struct err *e)
{
    struct flatbuffer_table options;
    const struct code *code;
    struct buffer custom;
    uint64_t index = 0;

    if (!flatbuffer_scalar(&t->f, op, OP_CODE, 4, &index, e) ||
        !range(index, t->ncodes, "operator code", op, e) ||
        !check_tensors(t, op, OP_INPUTS, ntensors, e) ||
        !check_tensors(t, op, OP_OUTPUTS, ntensors, e) ||
        !flatbuffer_sub(&t->f, op, OP_OPTIONS, &options, e) ||
        !flatbuffer_sub(&t->f, op, OP_OPTIONS_2, &options, e) || !find_options(t, op, &custom, e))
        return false;
    t->operators++;
    code = &t->codes[index];
    if (code->builtin != CUSTOM) {
        t->builtin[code->builtin < CODES ? code->builtin : CODES - 1]++;
        return true;
    }
    if (slice_starts(code->custom, "Flex"))
        return add_flex(t, code->custom, &custom, op->at, e);
    (void)tally_add(&t->custom, SLICE_LIT("custom"), code->custom, op->at);
    return true;
}

/* ---- tensors ---- */
/* Elements of a tensor whose shape is fixed; false: it is not, or is past 2^40. */
static bool elements(struct tflite *t, const struct flatbuffer_vector *shape, uint64_t *out,
                     struct err *e)
{
    uint64_t n = 1, dim;

    for (uint32_t i = 0; i < shape->n; i++) {
        if (!flatbuffer_element(&t->f, shape, i, &dim, e) || dim > INT32_MAX)
            return false;
        n *= dim;
        if (n > (uint64_t)1 << 40)
            return false;
    }
    *out = n;
    return true;
}

static bool read_tensor(struct tflite *t, const struct flatbuffer_table *table, struct err *e)
{
    struct flatbuffer_table quantization, sparsity;
    struct flatbuffer_vector shape;
    uint64_t type = 0, buffer = 0, n;
    struct slice name;

    if (!flatbuffer_vector(&t->f, table, TENSOR_SHAPE, 4, &shape, e) ||
        !flatbuffer_scalar(&t->f, table, TENSOR_TYPE, 1, &type, e) ||
        !flatbuffer_scalar(&t->f, table, TENSOR_BUFFER, 4, &buffer, e) ||
        !flatbuffer_string(&t->f, table, TENSOR_NAME, t->in->scratch, &name, e) ||
        !flatbuffer_sub(&t->f, table, TENSOR_QUANTIZATION, &quantization, e) ||
        !flatbuffer_sub(&t->f, table, TENSOR_SPARSITY, &sparsity, e))
        return false;
    if (shape.n > LIMIT_DIMS)
        return err_pos(e, ERR_LIMIT, table->at, "%" PRIu32 " dimensions, at most %d (LIMIT_DIMS)",
                       shape.n, LIMIT_DIMS);
    if (!range(type, TENSOR_TYPES, "tensor type", table, e) ||
        (buffer != 0 && !range(buffer, t->nbuffers, "buffer", table, e)))
        return false;
    t->tensors++;
    t->counts[type]++;
    if (buffer >= t->nbuffers || t->buffers[buffer].n == 0 || types[type].bits == 0 ||
        sparsity.at != 0)
        return true;
    if (elements(t, &shape, &n, e))
        t->sizes += (n * types[type].bits + 7) / 8 != t->buffers[buffer].n;
    return e->code == ERR_NONE;
}

static bool read_graph(struct tflite *t, const struct flatbuffer_table *graph, struct err *e)
{
    struct flatbuffer_vector tensors, operators;
    struct flatbuffer_table table;
    struct slice name;

    if (!flatbuffer_vector(&t->f, graph, GRAPH_TENSORS, 4, &tensors, e) ||
        !flatbuffer_vector(&t->f, graph, GRAPH_OPERATORS, 4, &operators, e) ||
        !flatbuffer_string(&t->f, graph, GRAPH_NAME, t->in->scratch, &name, e) ||
        !check_tensors(t, graph, GRAPH_INPUTS, tensors.n, e) ||
        !check_tensors(t, graph, GRAPH_OUTPUTS, tensors.n, e))
        return false;
    for (uint32_t i = 0; i < tensors.n; i++)
        if (!flatbuffer_item(&t->f, &tensors, i, &table, e) || !read_tensor(t, &table, e))
            return err_in(e, "tensor %" PRIu32, i);
    for (uint32_t i = 0; i < operators.n; i++)
        if (!flatbuffer_item(&t->f, &operators, i, &table, e) ||
            !read_operator(t, &table, tensors.n, e))
            return err_in(e, "operator %" PRIu32, i);
    return true;
}

static bool read_graphs(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->f, &t->model, MODEL_GRAPHS, 4, &v, e))
        return false;
    t->ngraphs = v.n;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&t->f, &v, i, &table, e) || !read_graph(t, &table, e))
            return err_in(e, "subgraph %" PRIu32, i);
    return true;
}

/* ---- metadata, signatures, weights in other files ---- */
static bool read_metadata(struct tflite *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->f, &t->model, MODEL_METADATA, 4, &v, e))
        return false;
    t->nmetadata = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        struct slice name;
        uint64_t buffer = 0;

        if (!flatbuffer_item(&t->f, &v, i, &table, e) ||
            !flatbuffer_string(&t->f, &table, 0, a, &name, e) ||
            !flatbuffer_scalar(&t->f, &table, 1, 4, &buffer, e) ||
            !range(buffer, t->nbuffers, "buffer", &table, e))
            return err_in(e, "metadata %" PRIu32, i);
        if (t->metadata.n < LIMIT_DIMS)
            value_list_add(&t->metadata, format_string(a, name, LIMIT_TALLY_BYTES));
    }
    return true;
}

static bool read_signatures(struct tflite *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->f, &t->model, MODEL_SIGNATURES, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        struct slice key;
        uint64_t graph = 0;

        if (!flatbuffer_item(&t->f, &v, i, &table, e) ||
            !flatbuffer_string(&t->f, &table, 2, a, &key, e) ||
            !flatbuffer_scalar(&t->f, &table, 4, 4, &graph, e) ||
            !range(graph, t->ngraphs, "subgraph", &table, e))
            return err_in(e, "signature %" PRIu32, i);
        if (t->signatures.n < LIMIT_DIMS)
            value_list_add(&t->signatures, format_string(a, key, LIMIT_TALLY_BYTES));
    }
    return true;
}

/* SPEC: schema.fbs, ExternalBufferGroup: the name is that of a file beside the model. */
static bool read_external(struct tflite *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector groups, external;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->f, &t->model, MODEL_GROUPS, 4, &groups, e) ||
        !flatbuffer_vector(&t->f, &t->model, MODEL_EXTERNAL, 4, &external, e))
        return false;
    t->nexternal = external.n;
    if (groups.n > LIMIT_TALLY_NAMES)
        return err_pos(e, ERR_LIMIT, groups.at,
                       "%" PRIu32 " files of weights, at most %d (LIMIT_TALLY_NAMES)", groups.n,
                       LIMIT_TALLY_NAMES);
    for (uint32_t i = 0; i < groups.n; i++) {
        struct value_builder b;
        struct slice name;

        if (!flatbuffer_item(&t->f, &groups, i, &table, e) ||
            !flatbuffer_string(&t->f, &table, 0, a, &name, e))
            return err_in(e, "external group %" PRIu32, i);
        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, "tflite"));
        value_map_add(&b, "kind", value_str(a, "weights"));
        value_map_add(&b, "location", format_string(a, name, LIMIT_TALLY_BYTES));
        value_map_add(&b, "count", value_int(a, 1, NULL));
        format_tell(t->in, "model.reference", arena_printf(a, "%s#%" PRIu32, t->in->path, i),
                    table.at, value_map_end(&b, NULL));
    }
    return true;
}

/* ---- facts ---- */
static void tell_summary(const struct tflite *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b, dtypes;

    value_map_begin(&dtypes, a);
    for (size_t i = 0; i < TENSOR_TYPES; i++)
        if (t->counts[i] > 0)
            value_map_add(&dtypes, types[i].name, value_int(a, (int64_t)t->counts[i], NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, (int64_t)t->tensors, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)t->opaque, NULL));
    value_map_add(&b, "dtypes", value_map_end(&dtypes, NULL));
    format_tell(t->in, "model.tensor_summary", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static void tell(struct tflite *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b, codes;

    value_list_begin(&codes, a);
    for (int64_t i = 0; i < CODES; i++)
        if (t->builtin[i] > 0)
            value_list_add(&codes, value_int(a, i, NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "version", value_int(a, (int64_t)t->version, NULL));
    value_map_add(&b, "subgraphs", value_int(a, t->ngraphs, NULL));
    value_map_add(&b, "operators", value_int(a, (int64_t)t->operators, NULL));
    value_map_add(&b, "builtin_codes", value_list_end(&codes, NULL));
    value_map_add(&b, "buffers", value_int(a, t->nbuffers, NULL));
    value_map_add(&b, "external_buffers", value_int(a, t->nexternal, NULL));
    value_map_add(&b, "mismatched_sizes", value_int(a, (int64_t)t->sizes, NULL));
    value_map_add(&b, "embedded", value_list_end(&t->embedded, NULL));
    value_map_add(&b, "metadata", value_list_end(&t->metadata, NULL));
    value_map_add(&b, "signatures", value_list_end(&t->signatures, NULL));
    value_map_add(&b, "attachment",
                  t->attachment > 0 ? value_int(a, (int64_t)t->attachment, NULL)
                                    : value_null(a, NULL));
    value_map_add(&b, "untold", value_int(a, (int64_t)t->custom.lost, NULL));
    format_tell(t->in, "model.tflite", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* ---- the file ---- */
/* SPEC: TensorFlow Lite Metadata: associated files are a zip behind the FlatBuffer. */
static bool find_attachment(struct tflite *t, uint64_t len, struct err *e)
{
    const size_t n = len < FEED_TAIL ? (size_t)len : FEED_TAIL;
    uint8_t *tail = arena_alloc(t->in->scratch, n);
    struct err ignored = {0};
    struct zip zip;

    if (!source_read(t->in->bytes, len - n, tail, n, e))
        return false;
    if (zip_ends(t->in->bytes, len, (struct slice){tail, n}) &&
        zip_open(t->in->bytes, len, t->in->scratch, &zip, &ignored) && zip.n > 0)
        t->attachment = zip.members[0].header_at;
    return ignored.code != ERR_IO && ignored.code != ERR_TRANSIENT;
}

/* Whatever stands between what the model refers to and its end must be padding. */
static bool check_end(struct tflite *t, uint64_t *accounted, struct err *e)
{
    const uint64_t left = t->f.end - t->f.reached, from = t->f.reached;
    uint8_t bytes[PADDING];

    *accounted = from;
    if (left > sizeof(bytes))
        return true;
    if (!flatbuffer_bytes(&t->f, from, bytes, (size_t)left, e))
        return false;
    for (size_t i = 0; i < left; i++)
        if (bytes[i] != 0)
            return true;
    *accounted = t->f.end;
    return true;
}

static bool read_model(struct tflite *t, struct err *e)
{
    struct slice description;

    if (!flatbuffer_root(&t->f, &t->model, e) ||
        !flatbuffer_scalar(&t->f, &t->model, MODEL_VERSION, 4, &t->version, e) ||
        !flatbuffer_string(&t->f, &t->model, MODEL_DESCRIPTION, t->in->scratch, &description, e))
        return false;
    if (t->version != 3)
        return err_pos(e, ERR_UNSUPPORTED, t->model.at, "schema version %" PRIu64 ", 3 is read",
                       t->version);
    return read_buffers(t, e) && read_codes(t, e) && read_graphs(t, e) && read_metadata(t, e) &&
           read_signatures(t, e) && read_external(t, e);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct tflite *t = ARENA_NEW(in->scratch, struct tflite);
    uint64_t len = source_len(in->bytes), accounted = 0;
    bool ok;

    t->in = in;
    tally_init(&t->custom, in->scratch);
    value_list_begin(&t->metadata, in->scratch);
    value_list_begin(&t->signatures, in->scratch);
    value_list_begin(&t->embedded, in->scratch);
    if (len == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &len, e))
        return false;
    if (!find_attachment(t, len, e))
        return false;
    flatbuffer_init(&t->f, in->bytes, 0, t->attachment > 0 ? t->attachment : len);
    ok = read_model(t, e) && check_end(t, &accounted, e);
    flatbuffer_release(&t->f);
    if (!ok)
        return false;
    cover->opaque = t->opaque < accounted ? t->opaque : accounted;
    cover->parsed = accounted - cover->opaque;
    if (t->attachment > 0) {
        cover->attachment = t->attachment;
        cover->scanned = len - t->attachment; /* by the zip behind it */
    }
    tally_tell(&t->custom, in, "tflite");
    tell_summary(t);
    tell(t);
    return true;
}

const struct format format_tflite = {
    .name = "tflite",
    .summary = "TensorFlow Lite (LiteRT) models: operators, buffers, metadata, associated files",
    .spec = "tensorflow/lite/schema/schema.fbs, version 3c; FlatBuffers internals",
    .probe = probe,
    .parse = parse,
};
