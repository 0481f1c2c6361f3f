/* TensorProto: is there as much data as its dimensions and type ask for, and where does it lie? */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/graph/onnx.h"

#define TYPE_STRING 8
#define EXTERNAL 1
#define KEYS_KEPT 16 /* unknown keys told of one place */

/* Fields of TensorProto that hold data. */
enum { FLOATS = 4, INT32S, STRINGS, INT64S, RAW = 9, DOUBLES, UINT64S };

/* SPEC: onnx.proto, TensorProto.DataType and the comments of the data fields. `bits` of an element
 * in raw_data; `field` for its typed data, where `per` elements take one entry; 0: an element takes
 * two (complex numbers). */
static const struct type {
    const char *name;
    uint8_t bits, field, per;
} types[] = {
    [1] = {"FLOAT", 32, FLOATS, 1},         [2] = {"UINT8", 8, INT32S, 1},
    [3] = {"INT8", 8, INT32S, 1},           [4] = {"UINT16", 16, INT32S, 1},
    [5] = {"INT16", 16, INT32S, 1},         [6] = {"INT32", 32, INT32S, 1},
    [7] = {"INT64", 64, INT64S, 1},         [TYPE_STRING] = {"STRING", 0, STRINGS, 1},
    [9] = {"BOOL", 8, INT32S, 1},           [10] = {"FLOAT16", 16, INT32S, 1},
    [11] = {"DOUBLE", 64, DOUBLES, 1},      [12] = {"UINT32", 32, UINT64S, 1},
    [13] = {"UINT64", 64, UINT64S, 1},      [14] = {"COMPLEX64", 64, FLOATS, 0},
    [15] = {"COMPLEX128", 128, DOUBLES, 0}, [16] = {"BFLOAT16", 16, INT32S, 1},
    [17] = {"FLOAT8E4M3FN", 8, INT32S, 1},  [18] = {"FLOAT8E4M3FNUZ", 8, INT32S, 1},
    [19] = {"FLOAT8E5M2", 8, INT32S, 1},    [20] = {"FLOAT8E5M2FNUZ", 8, INT32S, 1},
    [21] = {"UINT4", 4, INT32S, 2},         [22] = {"INT4", 4, INT32S, 2},
    [23] = {"FLOAT4E2M1", 4, INT32S, 2},    [24] = {"FLOAT8E8M0", 8, INT32S, 1},
    [25] = {"UINT2", 2, INT32S, 4},         [26] = {"INT2", 2, INT32S, 4},
};

/* The first ones are those of location.h. */
static const char *const problem_names[ONNX_PROBLEMS - LOCATION_PROBLEMS] = {
    "address", "long",     "basepath", "key-twice", "no-location", "offset", "length",
    "size",    "negative", "overflow", "type",      "several",     "field",
};

static const struct message tensor_message = {
    .name = "TensorProto",
    .once = 1u << 2 | 1u << 3 | 1u << 8 | 1u << RAW | 1u << 12 | 1u << 14,
    .varint = 1u << 1 | 1u << 2 | 1u << INT32S | 1u << INT64S | 1u << UINT64S | 1u << 14,
    .bytes = 1u << 1 | 1u << 3 | 1u << FLOATS | 1u << INT32S | 1u << STRINGS | 1u << INT64S |
             1u << 8 | 1u << RAW | 1u << DOUBLES | 1u << UINT64S | 1u << 12 | 1u << 13 | 1u << 16,
    .fixed32 = 1u << FLOATS,
    .fixed64 = 1u << DOUBLES,
};
static const struct message sparse_message = {
    .name = "SparseTensorProto",
    .once = 1u << 1 | 1u << 2,
    .varint = 1u << 3,
    .bytes = 1u << 1 | 1u << 2 | 1u << 3,
};

/* One tensor. */
struct tensor {
    uint64_t at;
    struct message_text name, location, offset, length;
    uint64_t end; /* of its bytes in the other file; 0 when that is no number */
    bool has_location, has_offset, has_length, external, entries;
    uint64_t elems, ndims;
    bool zero; /* a dimension of 0 */
    int64_t type;
    uint64_t have[12]; /* bytes (RAW) or entries of each data field */
    uint32_t given;    /* bit N: field N was there */
    uint32_t problems;
    struct value_builder keys;
};

const char *onnx_tensor_type(size_t type)
{
    return type < ARRAY_LEN(types) ? types[type].name : NULL;
}

const struct value *onnx_tensor_problems(struct arena *a, uint32_t problems)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (unsigned i = 0; i < ONNX_PROBLEMS; i++)
        if (problems & 1u << i)
            value_list_add(&b, value_str(a, i < LOCATION_PROBLEMS
                                                ? location_name((enum location_problem)i)
                                                : problem_names[i - LOCATION_PROBLEMS]));
    return value_list_end(&b, NULL);
}

static void wrong(struct tensor *t, enum onnx_problem p)
{
    t->problems |= 1u << p;
}

/* ---- where external data lies. SPEC: docs/ExternalData.md ---- */
static void check_location(struct tensor *t)
{
    const struct slice s = message_slice(&t->location);

    t->problems |= location_problems(s);
    if (s.len == MESSAGE_TEXT)
        wrong(t, ONNX_LONG);
    if (slice_starts(s, "*/_ORT_MEM_ADDR_"))
        wrong(t, ONNX_ADDRESS);
}

static void keep_entry(struct onnx *o, struct tensor *t, const struct message_text *key,
                       const struct message_text *value)
{
    const struct slice k = message_slice(key);
    struct message_text *to = NULL;
    bool *has = NULL;

    if (slice_is(k, "location")) {
        to = &t->location;
        has = &t->has_location;
    } else if (slice_is(k, "offset")) {
        to = &t->offset;
        has = &t->has_offset;
    } else if (slice_is(k, "length")) {
        to = &t->length;
        has = &t->has_length;
    } else if (!slice_is(k, "checksum")) {
        if (slice_is(k, "basepath"))
            wrong(t, ONNX_BASEPATH);
        if (t->keys.arena == NULL)
            value_list_begin(&t->keys, o->in->scratch);
        if (o->keys++ >= LIMIT_TENSOR_FACTS)
            o->external_lost = true;
        else if (t->keys.n < KEYS_KEPT)
            value_list_add(&t->keys, format_string(o->in->scratch, k, 80));
        return;
    }
    if (to == NULL)
        return;
    if (*has)
        wrong(t, ONNX_KEY_TWICE);
    *has = true;
    *to = *value;
}

static bool read_entry(struct onnx *o, struct tensor *t, struct err *e)
{
    struct message_text key, value;

    if (!protobuf_enter(&o->w.p, NULL, e) || !onnx_read_entry(o, &key, &value, e))
        return false;
    t->entries = true;
    keep_entry(o, t, &key, &value);
    return true;
}

/* ---- how much there is ---- */
static void dimension(struct tensor *t, int64_t dim)
{
    t->ndims++;
    if (dim < 0)
        wrong(t, ONNX_NEGATIVE);
    t->zero = t->zero || dim == 0;
    /* a zero must not hide an overflow */
    if (dim > 0 && (!checked_mul(t->elems, (uint64_t)dim, &t->elems) || t->elems > INT64_MAX))
        wrong(t, ONNX_OVERFLOW);
}

static bool dimensions(struct onnx *o, struct tensor *t, const struct protobuf_field *f,
                       struct err *e)
{
    uint64_t v;
    bool more = true;

    if (f->wire == PROTOBUF_VARINT)
        dimension(t, (int64_t)f->value);
    while (f->wire == PROTOBUF_BYTES && more) {
        if (!protobuf_packed(&o->w.p, &v, &more, e))
            return false;
        if (more)
            dimension(t, (int64_t)v);
    }
    return true;
}

/* Passes over data and counts its entries; `width` of a packed one, in bytes, 0: varints. */
static bool data(struct onnx *o, struct tensor *t, const struct protobuf_field *f, struct err *e)
{
    const uint64_t width = f->number == FLOATS ? 4 : f->number == DOUBLES ? 8 : 1;
    uint64_t n = 1;

    t->given |= 1u << f->number;
    if (f->wire == PROTOBUF_BYTES && f->number != STRINGS) {
        if (f->number == RAW || width > 1) {
            if (f->value % width != 0)
                return err_pos(e, ERR_FORMAT, f->at, "%" PRIu64 " bytes of numbers of %" PRIu64,
                               f->value, width);
            n = f->value / width;
            if (!protobuf_opaque(&o->w.p, e))
                return false;
        } else if (!protobuf_count(&o->w.p, &n, e)) {
            return false;
        }
    } else if (f->wire == PROTOBUF_BYTES && !protobuf_opaque(&o->w.p, e)) {
        return false;
    }
    if (!checked_add(t->have[f->number], n, &t->have[f->number]))
        wrong(t, ONNX_OVERFLOW);
    return true;
}

static uint64_t entries(const struct type *type, uint64_t elems)
{
    if (type->per == 0)
        return elems > UINT64_MAX / 2 ? UINT64_MAX : elems * 2;
    return elems / type->per + (elems % type->per != 0);
}

static bool expected_bytes(const struct tensor *t, const struct type *type, uint64_t *out)
{
    uint64_t bits;

    if (!checked_mul(t->elems, type->bits, &bits))
        return false;
    *out = bits / 8 + (bits % 8 != 0);
    return true;
}

/* A number of an external_data entry: decimal digits up to 2^63. */
static bool entry_number(const struct message_text *t, uint64_t *out)
{
    return checked_u64(message_slice(t), INT64_MAX, out);
}

static void check_external(struct tensor *t, bool sized, uint64_t bytes)
{
    uint64_t offset = 0, length = 0, end = 0;

    if (!t->has_location)
        wrong(t, ONNX_NO_LOCATION);
    else
        check_location(t);
    if (t->has_offset && !entry_number(&t->offset, &offset))
        wrong(t, ONNX_OFFSET);
    if (t->has_length && !entry_number(&t->length, &length))
        wrong(t, ONNX_LENGTH);
    else if (t->has_length && sized && length != bytes)
        wrong(t, ONNX_SIZE);
    if (!checked_add(offset, t->has_length ? length : bytes, &end) || end > INT64_MAX)
        wrong(t, ONNX_OFFSET);
    else
        t->end = end;
    if (t->given != 0)
        wrong(t, ONNX_SEVERAL);
}

static void check_inline(struct tensor *t, const struct type *type, uint64_t bytes)
{
    const uint32_t field = t->given & (1u << RAW) ? RAW : type->field;

    if (t->given == 0) {
        if (t->elems != 0)
            wrong(t, ONNX_SIZE);
        return;
    }
    if ((t->given & (t->given - 1)) != 0)
        wrong(t, ONNX_SEVERAL);
    else if (t->given != 1u << field || (field == RAW && type->field == STRINGS))
        wrong(t, ONNX_FIELD);
    else if (t->have[field] != (field == RAW ? bytes : entries(type, t->elems)))
        wrong(t, ONNX_SIZE);
}

static void check(struct onnx *o, struct tensor *t)
{
    const uint32_t unsized = 1u << ONNX_NEGATIVE | 1u << ONNX_OVERFLOW | 1u << ONNX_TYPE;
    const struct type *type = &types[1];
    uint64_t bytes = 0;

    if (t->zero)
        t->elems = 0;
    if (t->type < 1 || t->type >= (int64_t)ARRAY_LEN(types)) {
        wrong(t, ONNX_TYPE);
    } else {
        type = &types[t->type];
        o->types[t->type]++;
        if (!expected_bytes(t, type, &bytes))
            wrong(t, ONNX_OVERFLOW);
    }
    if (t->external || t->entries)
        check_external(t, (t->problems & unsized) == 0 && type->bits != 0, bytes);
    else if ((t->problems & unsized) == 0)
        check_inline(t, type, bytes);
    o->tensors++;
    if (!checked_add(o->tensor_bytes, bytes, &o->tensor_bytes) || o->tensor_bytes > INT64_MAX)
        o->tensor_bytes = INT64_MAX;
}

/* ---- keeping ---- */
static void keep_external(struct onnx *o, const struct tensor *t)
{
    const size_t before = o->locations.n;
    const uint32_t n = names_add(&o->locations, message_slice(&t->location));
    struct arena *a = o->in->scratch;
    struct onnx_external *x;

    if (n == NAMES_NONE) {
        o->external_lost = true;
        return;
    }
    x = o->locations.n > before ? ARENA_PUSH(a, &o->external, &o->nexternal) : &o->external[n];
    x->tensors++;
    x->end = x->end > t->end ? x->end : t->end;
    if (x->tensors == 1 || (x->problems == 0 && t->problems != 0)) {
        x->at = t->at;
        x->tensor = arena_slice(a, message_slice(&t->name));
        x->offset = arena_slice(a, message_slice(&t->offset));
        x->length = arena_slice(a, message_slice(&t->length));
    }
    if (x->keys.n == 0 && t->keys.n > 0)
        x->keys = t->keys;
    x->problems |= t->problems;
}

static void keep_bad(struct onnx *o, const struct tensor *t)
{
    struct arena *a = o->in->scratch;
    struct onnx_bad *to;

    if (o->bad_tensors++ >= LIMIT_TENSOR_FACTS)
        return;
    to = ARENA_PUSH(a, &o->bad, &o->nbad);
    *to = (struct onnx_bad){t->at, t->ndims, t->type, t->problems,
                            arena_slice(a, message_slice(&t->name))};
}

static bool tensor_field(struct onnx *o, struct tensor *t, const struct protobuf_field *f,
                         struct err *e)
{
    switch (f->number) {
    case 1:
        return dimensions(o, t, f, e);
    case 2:
        t->type = (int64_t)f->value;
        return true;
    case FLOATS:
    case INT32S:
    case STRINGS:
    case INT64S:
    case RAW:
    case DOUBLES:
    case UINT64S:
        return data(o, t, f, e);
    case 8:
        return message_read_text(&o->w.p, &t->name, e);
    case 13:
        return read_entry(o, t, e);
    case 14:
        t->external = f->value == EXTERNAL;
        return true;
    default:
        return true;
    }
}

bool onnx_tensor_read(struct onnx *o, struct err *e)
{
    struct tensor t = {.at = protobuf_offset(&o->w.p), .elems = 1};
    struct protobuf_field f;
    uint32_t seen = 0;

    if (o->tensors >= LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, t.at, "more than %d tensors (LIMIT_TENSORS)", LIMIT_TENSORS);
    for (;;) {
        if (!message_next(&o->w, &tensor_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            break;
        if (!tensor_field(o, &t, &f, e))
            return false;
    }
    check(o, &t);
    if (t.external || t.entries)
        keep_external(o, &t);
    else if (t.problems != 0)
        keep_bad(o, &t);
    return true;
}

bool onnx_tensor_read_sparse(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&o->w, &sparse_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if ((f.number == 1 || f.number == 2) &&
            (!protobuf_enter(&o->w.p, NULL, e) || !onnx_tensor_read(o, e)))
            return false;
    }
}
