#include "scanner/formats/graph/ort.h"

#include <inttypes.h>

#include "base/limits.h"

#define DEPTH 64  /* tables within each other; graphs within graphs are rare */
#define FIELDS 14 /* of a table, at most */

/* SPEC: ONNX Runtime 1.22, core/flatbuffers/schema/ort.fbs */
enum { SESSION, MODEL, OPSET, ENTRY, GRAPH, NODE, ATTRIBUTE, TENSOR, SPARSE, VALUE, TYPE };
enum { TENSOR_TYPE = TYPE + 1, SEQUENCE, MAP, SHAPE, DIMENSION, DIM_VALUE, EDGES, OPTIMIZATIONS };
enum { OPTIMIZER = OPTIMIZATIONS + 1, OPTIMIZATION, INDICES, PRODUCED, RESOLVER, OP_ID, TYPE_ARGS };
enum { ARG = TYPE_ARGS + 1, STATE, KERNELS, SUB_STATE, TABLES };

enum kind { LAST, NUMBER, STRING, VECTOR, STRINGS, TABLE, ROWS };

struct field {
    uint8_t kind;
    uint8_t of; /* bytes of a number or an element; which table */
};

/* Fields that are read by themselves */
enum { OPSET_DOMAIN, OPSET_VERSION };
enum { MODEL_IR, MODEL_PRODUCER = 2, MODEL_PRODUCER_VERSION, MODEL_DOMAIN, MODEL_VERSION };
enum { NODE_DOMAIN = 2, NODE_OP = 5 };
enum { DATA_DIMS = 2, DATA_TYPE, DATA_RAW, DATA_STRINGS, DATA_EXTERNAL };
enum { TYPE_KIND = 1, TYPE_VALUE };

static const struct field schema[TABLES][FIELDS] = {
    [SESSION] = {{STRING, 0}, {TABLE, MODEL}, {TABLE, STATE}, {TABLE, RESOLVER}},
    [MODEL] = {{NUMBER, 8},
               {ROWS, OPSET},
               {STRING, 0},
               {STRING, 0},
               {STRING, 0},
               {NUMBER, 8},
               {STRING, 0},
               {TABLE, GRAPH},
               {STRING, 0},
               {ROWS, ENTRY}},
    [OPSET] = {{STRING, 0}, {NUMBER, 8}},
    [ENTRY] = {{STRING, 0}, {STRING, 0}},
    [GRAPH] = {{ROWS, TENSOR},
               {ROWS, VALUE},
               {ROWS, NODE},
               {NUMBER, 4},
               {ROWS, EDGES},
               {STRINGS, 4},
               {STRINGS, 4},
               {ROWS, SPARSE},
               {TABLE, OPTIMIZATIONS}},
    [NODE] = {{STRING, 0},
              {STRING, 0},
              {STRING, 0},
              {NUMBER, 4},
              {NUMBER, 4},
              {STRING, 0},
              {NUMBER, 4},
              {STRING, 0},
              {STRINGS, 4},
              {STRINGS, 4},
              {ROWS, ATTRIBUTE},
              {VECTOR, 4},
              {STRINGS, 4}},
    [ATTRIBUTE] = {{STRING, 0},
                   {STRING, 0},
                   {NUMBER, 4},
                   {NUMBER, 4},
                   {NUMBER, 8},
                   {STRING, 0},
                   {TABLE, TENSOR},
                   {TABLE, GRAPH},
                   {VECTOR, 4},
                   {VECTOR, 8},
                   {STRINGS, 4},
                   {ROWS, TENSOR},
                   {ROWS, GRAPH}},
    [TENSOR] = {{STRING, 0},
                {STRING, 0},
                {VECTOR, 8},
                {NUMBER, 4},
                {VECTOR, 1},
                {STRINGS, 4},
                {NUMBER, 8}},
    [SPARSE] = {{TABLE, TENSOR}, {TABLE, TENSOR}, {VECTOR, 8}},
    [VALUE] = {{STRING, 0}, {STRING, 0}, {TABLE, TYPE}},
    [TYPE] = {{STRING, 0}, {NUMBER, 1}},
    [TENSOR_TYPE] = {{NUMBER, 4}, {TABLE, SHAPE}},
    [SEQUENCE] = {{TABLE, TYPE}},
    [MAP] = {{NUMBER, 4}, {TABLE, TYPE}},
    [SHAPE] = {{ROWS, DIMENSION}},
    [DIMENSION] = {{TABLE, DIM_VALUE}, {STRING, 0}},
    [DIM_VALUE] = {{NUMBER, 1}, {NUMBER, 8}, {STRING, 0}},
    [EDGES] = {{NUMBER, 4}, {VECTOR, 12}, {VECTOR, 12}},
    [OPTIMIZATIONS] = {{ROWS, OPTIMIZER}},
    [OPTIMIZER] = {{STRING, 0}, {ROWS, OPTIMIZATION}},
    [OPTIMIZATION] = {{STRING, 0}, {TABLE, INDICES}, {ROWS, PRODUCED}, {STRINGS, 4}},
    [INDICES] =
        {{VECTOR, 4}, {NUMBER, 4}, {NUMBER, 4}, {NUMBER, 1}, {NUMBER, 1}, {NUMBER, 4}, {NUMBER, 4}},
    [PRODUCED] = {{NUMBER, 4}, {NUMBER, 8}},
    [RESOLVER] = {{ROWS, OP_ID}},
    [OP_ID] = {{STRING, 0}, {ROWS, TYPE_ARGS}},
    [TYPE_ARGS] = {{STRING, 0}, {ROWS, ARG}},
    [ARG] = {{NUMBER, 1}, {NUMBER, 4}},
    [STATE] = {{TABLE, KERNELS}, {ROWS, SUB_STATE}},
    [KERNELS] = {{VECTOR, 4}, {VECTOR, 8}},
    [SUB_STATE] = {{STRING, 0}, {TABLE, STATE}},
};

/* Bits of one element; 0: texts. SPEC: ort.fbs, TensorDataType */
static const struct {
    const char *name;
    uint8_t bits;
} types[ORT_TYPES] = {
    {NULL, 0},
    {"FLOAT", 32},
    {"UINT8", 8},
    {"INT8", 8},
    {"UINT16", 16},
    {"INT16", 16},
    {"INT32", 32},
    {"INT64", 64},
    {"STRING", 0},
    {"BOOL", 8},
    {"FLOAT16", 16},
    {"DOUBLE", 64},
    {"UINT32", 32},
    {"UINT64", 64},
    {"COMPLEX64", 64},
    {"COMPLEX128", 128},
    {"BFLOAT16", 16},
    {"FLOAT8E4M3FN", 8},
    {"FLOAT8E4M3FNUZ", 8},
    {"FLOAT8E5M2", 8},
    {"FLOAT8E5M2FNUZ", 8},
    {"UINT4", 4},
    {"INT4", 4},
    {"FLOAT4E2M1", 4},
};

const char *ort_read_type(size_t type)
{
    return type < ORT_TYPES ? types[type].name : NULL;
}

/* ---- what some tables mean ---- */
static bool see_model(struct ort *o, const struct flatbuffer_table *t, struct err *e)
{
    struct arena *a = o->in->scratch;

    return flatbuffer_scalar(t, MODEL_IR, 8, &o->ir_version, e) &&
           flatbuffer_string(t, MODEL_PRODUCER, a, &o->producer, e) &&
           flatbuffer_string(t, MODEL_PRODUCER_VERSION, a, &o->producer_version, e) &&
           flatbuffer_string(t, MODEL_DOMAIN, a, &o->domain, e) &&
           flatbuffer_scalar(t, MODEL_VERSION, 8, &o->model_version, e);
}

static bool see_opset(struct ort *o, const struct flatbuffer_table *t, struct err *e)
{
    struct arena *a = o->in->scratch;
    struct slice domain;
    uint64_t version = 0;

    if (!flatbuffer_string(t, OPSET_DOMAIN, a, &domain, e) ||
        !flatbuffer_scalar(t, OPSET_VERSION, 8, &version, e))
        return false;
    if (o->nopsets++ < LIMIT_METADATA_KEYS)
        value_map_put(&o->opsets, value_text(value_bytes(a, domain, NULL)),
                      value_int(a, (int64_t)version, NULL));
    return true;
}

static bool see_node(struct ort *o, const struct flatbuffer_table *t, struct err *e)
{
    struct slice domain, op;

    if (!flatbuffer_string(t, NODE_DOMAIN, o->in->scratch, &domain, e) ||
        !flatbuffer_string(t, NODE_OP, o->in->scratch, &op, e))
        return false;
    o->nodes++;
    return tally_add(&o->ops, domain, op, t->at) != NULL ||
           err_pos(e, ERR_LIMIT, t->at, "more than %d different operators (LIMIT_TALLY_NAMES)",
                   LIMIT_TALLY_NAMES);
}

/* Elements of a tensor; false: past 2^60. */
static bool elements(const struct flatbuffer_vector *dims, uint64_t *out, struct err *e)
{
    uint64_t dim;

    *out = 1;
    for (uint32_t i = 0; i < dims->n; i++) {
        if (!flatbuffer_element(dims, i, &dim, e))
            return false;
        if (dim != 0 && *out > (UINT64_C(1) << 60) / dim)
            return err_pos(e, ERR_FORMAT, dims->at, "the dimensions multiply past 2^60");
        *out *= dim;
    }
    return true;
}

static bool see_tensor(struct ort *o, const struct flatbuffer_table *t, struct err *e)
{
    struct flatbuffer_vector dims, raw, texts;
    uint64_t type = 0, outside = UINT64_MAX, n;

    if (!flatbuffer_vector(t, DATA_DIMS, 8, &dims, e) ||
        !flatbuffer_scalar(t, DATA_TYPE, 4, &type, e) ||
        !flatbuffer_vector(t, DATA_RAW, 1, &raw, e) ||
        !flatbuffer_vector(t, DATA_STRINGS, 4, &texts, e) ||
        !flatbuffer_scalar(t, DATA_EXTERNAL, 8, &outside, e) || !elements(&dims, &n, e))
        return false;
    if (type >= ORT_TYPES || types[type].name == NULL)
        return err_pos(e, ERR_FORMAT, t->at, "a tensor of type %" PRIu64, type);
    if (outside != UINT64_MAX)
        return err_pos(e, ERR_UNSUPPORTED, t->at, "a tensor whose data lies in another file");
    if (types[type].bits == 0 ? texts.n != n || raw.n != 0
                              : (n * types[type].bits + 7) / 8 != raw.n || texts.n != 0)
        return err_pos(e, ERR_FORMAT, t->at,
                       "a tensor of %" PRIu64 " elements of type %s in %" PRIu32
                       " bytes and %" PRIu32 " texts",
                       n, types[type].name, raw.n, texts.n);
    o->tensors++;
    o->counts[type]++;
    o->bytes += raw.n;
    return true;
}

static bool walk(struct ort *o, const struct flatbuffer_table *t, unsigned which, struct err *e);

/* A union: which table it is stands in the field before it. */
static bool see_type(struct ort *o, const struct flatbuffer_table *t, struct err *e)
{
    struct flatbuffer_table value;
    uint64_t kind = 0;

    if (!flatbuffer_scalar(t, TYPE_KIND, 1, &kind, e) || !flatbuffer_sub(t, TYPE_VALUE, &value, e))
        return false;
    if (kind > MAP - TENSOR_TYPE + 1 || (kind == 0) != (value.at == 0))
        return err_pos(e, ERR_FORMAT, t->at, "a type of kind %" PRIu64, kind);
    return kind == 0 || walk(o, &value, TENSOR_TYPE + (unsigned)kind - 1, e);
}

static bool see(struct ort *o, const struct flatbuffer_table *t, unsigned which, struct err *e)
{
    o->graphs += which == GRAPH;
    o->sparse += which == SPARSE;
    return which == MODEL    ? see_model(o, t, e)
           : which == OPSET  ? see_opset(o, t, e)
           : which == NODE   ? see_node(o, t, e)
           : which == TENSOR ? see_tensor(o, t, e)
           : which == TYPE   ? see_type(o, t, e)
                             : true;
}

/* ---- the walk ---- */
static bool rows(struct ort *o, const struct flatbuffer_vector *v, unsigned which, struct err *e)
{
    struct flatbuffer_table row;

    for (uint32_t i = 0; i < v->n; i++)
        if (!flatbuffer_item(v, i, &row, e) || !walk(o, &row, which, e))
            return false;
    return true;
}

static bool strings(struct ort *o, const struct flatbuffer_vector *v, struct err *e)
{
    struct slice text;

    for (uint32_t i = 0; i < v->n; i++)
        if (!flatbuffer_text(v, i, o->in->scratch, &text, e))
            return false;
    return true;
}

static bool one_field(struct ort *o, const struct flatbuffer_table *t, unsigned i,
                      const struct field *f, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table sub;
    uint64_t ignored = 0;

    switch ((enum kind)f->kind) {
    case NUMBER:
        return flatbuffer_scalar(t, i, f->of, &ignored, e);
    case STRING:
        return flatbuffer_vector(t, i, 1, &v, e);
    case VECTOR:
        return flatbuffer_vector(t, i, f->of, &v, e);
    case STRINGS:
        return flatbuffer_vector(t, i, 4, &v, e) && strings(o, &v, e);
    case TABLE:
        return flatbuffer_sub(t, i, &sub, e) && (sub.at == 0 || walk(o, &sub, f->of, e));
    case ROWS:
        return flatbuffer_vector(t, i, 4, &v, e) && rows(o, &v, f->of, e);
    case LAST:
        break;
    }
    return true;
}

static bool walk(struct ort *o, const struct flatbuffer_table *t, unsigned which, struct err *e)
{
    unsigned n = 0;

    if (o->depth == DEPTH)
        return err_pos(e, ERR_LIMIT, t->at, "more than %d tables within each other", DEPTH);
    o->depth++;
    for (; n < FIELDS && schema[which][n].kind != LAST; n++)
        if (!one_field(o, t, n, &schema[which][n], e))
            return false;
    n += which == TYPE; /* its union */
    o->unknown += t->fields > n ? t->fields - n : 0;
    if (!see(o, t, which, e))
        return false;
    o->depth--;
    return true;
}

bool ort_read_session(struct ort *o, struct err *e)
{
    struct flatbuffer_table root;

    if (!flatbuffer_root(&o->f, &root, e) || !walk(o, &root, SESSION, e))
        return false;
    return o->graphs > 0 || err_pos(e, ERR_FORMAT, root.at, "a session without a graph");
}
