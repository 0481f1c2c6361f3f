#include "scanner/formats/graph/tflite.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/tflite_flex.h"

#define CUSTOM 32          /* BuiltinOperator.CUSTOM */
#define NONE 127           /* deprecated_builtin_code of codes that do not fit a byte */
#define FLEX_OPTIONS 65536 /* bytes of options that are read; a NodeDef has a few hundred */

/* Fields of the tables. SPEC: tensorflow/lite/schema/schema.fbs, version 3 */
enum { CODE_OLD, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN };
enum { GRAPH_TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_OPERATORS, GRAPH_NAME };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION };
enum { TENSOR_SPARSITY = 6 };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS = 4, OP_CUSTOM, OP_LARGE_AT = 9, OP_LARGE_SIZE };
enum { OP_OPTIONS_2 = 12 };

/* Bits of one element; 0: not known, or no fixed size. SPEC: schema.fbs, TensorType */
const struct tflite_type tflite_graph_types[TFLITE_TYPES] = {
    {"FLOAT32", 32}, {"FLOAT16", 16},      {"INT32", 32},      {"UINT8", 8},      {"INT64", 64},
    {"STRING", 0},   {"BOOL", 8},          {"INT16", 16},      {"COMPLEX64", 64}, {"INT8", 8},
    {"FLOAT64", 64}, {"COMPLEX128", 128},  {"UINT64", 64},     {"RESOURCE", 0},   {"VARIANT", 0},
    {"UINT32", 32},  {"UINT16", 16},       {"INT4", 4},        {"BFLOAT16", 16},  {"INT2", 2},
    {"UINT4", 4},    {"FLOAT8_E4M3FN", 8}, {"FLOAT8_E5M2", 8},
};

/* ---- operators ---- */
/* SPEC: schema.fbs, OperatorCode: the larger of the two codes counts. */
bool tflite_graph_codes(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->model, TFLITE_OPERATOR_CODES, 4, &v, e))
        return false;
    if (v.n > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, v.at, "%" PRIu32 " operator codes, at most %d (LIMIT_TENSORS)",
                       v.n, LIMIT_TENSORS);
    t->codes = ARENA_ARRAY(t->in->scratch, struct tflite_code, v.n);
    t->ncodes = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        uint64_t old = 0, builtin = 0;

        if (!flatbuffer_item(&v, i, &table, e) ||
            !flatbuffer_scalar(&table, CODE_OLD, 1, &old, e) ||
            !flatbuffer_scalar(&table, CODE_BUILTIN, 4, &builtin, e) ||
            !flatbuffer_string(&table, CODE_CUSTOM, t->in->scratch, &t->codes[i].custom, e))
            return err_in(e, "operator code %" PRIu32, i);
        old = old > NONE ? 0 : old; /* a signed byte */
        builtin = builtin > INT32_MAX ? 0 : builtin;
        t->codes[i].builtin = (uint32_t)(old > builtin ? old : builtin);
    }
    return true;
}

/* Where the options of a custom operator stand; n 0: it has none. */
static bool find_options(struct tflite *t, const struct flatbuffer_table *op,
                         struct tflite_buffer *out, struct err *e)
{
    struct flatbuffer_vector v;
    uint64_t at = 0, size = 0;

    if (!flatbuffer_vector(op, OP_CUSTOM, 1, &v, e) ||
        !flatbuffer_scalar(op, OP_LARGE_AT, 8, &at, e) ||
        !flatbuffer_scalar(op, OP_LARGE_SIZE, 8, &size, e))
        return false;
    *out = (struct tflite_buffer){v.at, v.n};
    if (at <= 1)
        return true;
    if (at > t->f.end || size > t->f.end - at)
        return err_pos(e, ERR_FORMAT, op->at, "options behind the end of the model");
    *out = (struct tflite_buffer){at, size};
    return true;
}

static bool copy_options(struct tflite *t, const struct tflite_buffer *options, uint64_t at,
                         struct slice *out, struct err *e)
{
    if (options->n > FLEX_OPTIONS)
        return err_pos(e, ERR_LIMIT, at,
                       "%" PRIu64 " bytes of options of an operator, at most %d (FLEX_OPTIONS)",
                       options->n, FLEX_OPTIONS);
    if (t->options == NULL)
        t->options = arena_alloc(t->in->scratch, FLEX_OPTIONS);
    *out = (struct slice){t->options, (size_t)options->n};
    return out->len == 0 || flatbuffer_bytes(&t->f, options->at, t->options, out->len, e);
}

/* A Flex operator counts under the name that the delegate will run. */
static bool add_flex(struct tflite *t, struct slice custom, const struct tflite_buffer *options,
                     uint64_t at, struct err *e)
{
    const struct slice declared = slice_from(custom, strlen("Flex"));
    struct slice bytes, name, op;

    if (!copy_options(t, options, at, &bytes, e))
        return false;
    if (!tflite_flex_op(bytes, &name, &op))
        (void)tally_add(&t->custom, SLICE_LIT("flex-unread"), declared, at);
    else if (slice_eq(op, declared) && slice_eq(name, declared))
        (void)tally_add(&t->custom, SLICE_LIT("flex"), op, at);
    else
        (void)tally_add(&t->custom, SLICE_LIT("flex-renamed"), op, at);
    return true;
}

/* Code that was compiled for an accelerator stands behind the FlatBuffer; nothing here reads it. */
static bool add_dispatch(struct tflite *t, const struct tflite_buffer *options, uint64_t at,
                         struct err *e)
{
    struct slice bytes;
    uint64_t start, size;
    uint8_t last;

    (void)tally_add(&t->custom, SLICE_LIT("custom"), SLICE_LIT("DISPATCH_OP"), at);
    if (!copy_options(t, options, at, &bytes, e))
        return false;
    if (!tflite_flex_range(bytes, &start, &size) || size == 0)
        return true;
    if (start > t->f.end || size > t->f.end - start)
        return err_pos(e, ERR_FORMAT, at,
                       "compiled code of %" PRIu64 " bytes at byte %" PRIu64
                       ", the model ends at byte %" PRIu64,
                       size, start, t->f.end);
    t->opaque += size;
    return flatbuffer_bytes(&t->f, start + size - 1, &last, 1, e);
}

/* References to tensors: -1 stands for an optional one that is not there. */
static bool check_tensors(const struct flatbuffer_table *table, unsigned field, uint32_t ntensors,
                          struct err *e)
{
    struct flatbuffer_vector v;
    uint64_t index;

    if (!flatbuffer_vector(table, field, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_element(&v, i, &index, e) ||
            (index != UINT32_MAX && !format_tflite_range(index, ntensors, "tensor", table, e)))
            return false;
    return true;
}

static bool read_operator(struct tflite *t, const struct flatbuffer_table *op, uint32_t ntensors,
                          struct err *e)
{
    struct flatbuffer_table options;
    const struct tflite_code *code;
    struct tflite_buffer custom;
    uint64_t index = 0;

    if (!flatbuffer_scalar(op, OP_CODE, 4, &index, e) ||
        !format_tflite_range(index, t->ncodes, "operator code", op, e) ||
        !check_tensors(op, OP_INPUTS, ntensors, e) || !check_tensors(op, OP_OUTPUTS, ntensors, e) ||
        !flatbuffer_sub(op, OP_OPTIONS, &options, e) ||
        !flatbuffer_sub(op, OP_OPTIONS_2, &options, e) || !find_options(t, op, &custom, e))
        return false;
    t->operators++;
    code = &t->codes[index];
    if (code->builtin != CUSTOM) {
        t->builtin[code->builtin < TFLITE_CODES ? code->builtin : TFLITE_CODES - 1]++;
        return true;
    }
    if (slice_starts(code->custom, "Flex"))
        return add_flex(t, code->custom, &custom, op->at, e);
    if (slice_is(code->custom, "DISPATCH_OP"))
        return add_dispatch(t, &custom, op->at, e);
    (void)tally_add(&t->custom, SLICE_LIT("custom"), code->custom, op->at);
    return true;
}

/* ---- tensors ---- */
/* Elements of a tensor whose shape is fixed; false: it is not, or is past 2^40. */
static bool elements(const struct flatbuffer_vector *shape, uint64_t *out, struct err *e)
{
    uint64_t n = 1, dim;

    for (uint32_t i = 0; i < shape->n; i++) {
        if (!flatbuffer_element(shape, i, &dim, e) || dim > INT32_MAX)
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
    struct flatbuffer_vector shape, name;
    uint64_t type = 0, buffer = 0, n;

    if (!flatbuffer_vector(table, TENSOR_SHAPE, 4, &shape, e) ||
        !flatbuffer_scalar(table, TENSOR_TYPE, 1, &type, e) ||
        !flatbuffer_scalar(table, TENSOR_BUFFER, 4, &buffer, e) ||
        !flatbuffer_vector(table, TENSOR_NAME, 1, &name, e) ||
        !flatbuffer_sub(table, TENSOR_QUANTIZATION, &quantization, e) ||
        !flatbuffer_sub(table, TENSOR_SPARSITY, &sparsity, e))
        return false;
    if (shape.n > LIMIT_DIMS)
        return err_pos(e, ERR_LIMIT, table->at, "%" PRIu32 " dimensions, at most %d (LIMIT_DIMS)",
                       shape.n, LIMIT_DIMS);
    if (!format_tflite_range(type, TFLITE_TYPES, "tensor type", table, e) ||
        (buffer != 0 && !format_tflite_range(buffer, t->nbuffers, "buffer", table, e)))
        return false;
    t->tensors++;
    t->counts[type]++;
    if (buffer >= t->nbuffers || t->buffers[buffer].n == 0 || tflite_graph_types[type].bits == 0 ||
        sparsity.at != 0)
        return true;
    if (elements(&shape, &n, e))
        t->sizes += (n * tflite_graph_types[type].bits + 7) / 8 != t->buffers[buffer].n;
    return e->code == ERR_NONE;
}

static bool read_graph(struct tflite *t, const struct flatbuffer_table *graph, struct err *e)
{
    struct flatbuffer_vector tensors, operators, name;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(graph, GRAPH_TENSORS, 4, &tensors, e) ||
        !flatbuffer_vector(graph, GRAPH_OPERATORS, 4, &operators, e) ||
        !flatbuffer_vector(graph, GRAPH_NAME, 1, &name, e) ||
        !check_tensors(graph, GRAPH_INPUTS, tensors.n, e) ||
        !check_tensors(graph, GRAPH_OUTPUTS, tensors.n, e))
        return false;
    for (uint32_t i = 0; i < tensors.n; i++)
        if (!flatbuffer_item(&tensors, i, &table, e) || !read_tensor(t, &table, e))
            return err_in(e, "tensor %" PRIu32, i);
    for (uint32_t i = 0; i < operators.n; i++)
        if (!flatbuffer_item(&operators, i, &table, e) || !read_operator(t, &table, tensors.n, e))
            return err_in(e, "operator %" PRIu32, i);
    return true;
}

bool tflite_graph_read(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->model, TFLITE_SUBGRAPHS, 4, &v, e))
        return false;
    t->ngraphs = v.n;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &table, e) || !read_graph(t, &table, e))
            return err_in(e, "subgraph %" PRIu32, i);
    return true;
}
