/* Parameters of PaddlePaddle: tensors in a row, without names (.pdiparams, __params__), or one in a
 * file of its variable's name. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/graph/protobuf.h"
#include "scanner/formats/summary.h"

/* SPEC: Paddle 3.3, dense_tensor_serialize.cc, SerializeToStream, and tensor_util.cc,
 * TensorToStream */
#define LEVELS_MAX 64   /* of details; Paddle's tools write at most two */
#define DESC_BYTES 4096 /* of a type and its sides */

/* SPEC: framework.proto, VarType.Type */
static const struct dtype {
    const char *name;
    uint8_t bytes;
} dtypes[] = {
    [0] = {"bool", 1},         [1] = {"int16", 2},          [2] = {"int32", 4},
    [3] = {"int64", 8},        [4] = {"float16", 2},        [5] = {"float32", 4},
    [6] = {"float64", 8},      [19] = {"size_t", 8},        [20] = {"uint8", 1},
    [21] = {"int8", 1},        [22] = {"bfloat16", 2},      [23] = {"complex64", 8},
    [24] = {"complex128", 16}, [32] = {"float8_e4m3fn", 1}, [33] = {"float8_e5m2", 1},
    [36] = {"uint16", 2},      [37] = {"uint32", 4},        [38] = {"uint64", 8},
};

struct params {
    struct feed *feed;
    struct reader r;
    uint64_t tensors, bytes, opaque;
    uint64_t counts[ARRAY_LEN(dtypes)];
};

struct desc {
    bool typed;
    uint64_t type, dims, elements;
};

/* ---- the description of a tensor ---- */
static bool side(struct desc *d, uint64_t n, const struct reader *at, struct err *e)
{
    if (d->dims++ == LIMIT_DIMS)
        return err_at(e, ERR_LIMIT, at, "a tensor of more than %d dimensions (LIMIT_DIMS)",
                      LIMIT_DIMS);
    if (n > INT64_MAX)
        return err_at(e, ERR_FORMAT, at, "a tensor with a negative side");
    if (!checked_mul(d->elements, n, &d->elements) || d->elements > INT64_MAX)
        return err_at(e, ERR_FORMAT, at, "a shape that multiplies past 2^63");
    return true;
}

static bool sides(struct desc *d, struct reader list, struct err *e)
{
    uint64_t n;

    while (list.left > 0) {
        const struct reader at = list;

        if (!reader_varint(&list, &n))
            return err_at(e, ERR_FORMAT, &at, "the sides of a tensor are cut short");
        if (!side(d, n, &at, e))
            return false;
    }
    return true;
}

static bool desc_field(struct desc *d, struct reader *r, struct err *e)
{
    const struct reader at = *r;
    struct protobuf_field f;
    struct reader list;

    if (!protobuf_head(r, &f))
        return err_at(e, ERR_FORMAT, &at, "no description of a tensor");
    if (f.number == 1 && f.wire == PROTOBUF_VARINT) {
        if (d->typed)
            return err_at(e, ERR_FORMAT, &at, "a tensor says its type twice");
        d->typed = true;
        d->type = f.value;
        return true;
    }
    if (f.number == 2 && f.wire == PROTOBUF_VARINT)
        return side(d, f.value, &at, e);
    if (f.number == 2 && f.wire == PROTOBUF_BYTES)
        return reader_sub(r, f.value, &list)
                   ? sides(d, list, e)
                   : err_at(e, ERR_FORMAT, &at, "the sides of a tensor are cut short");
    return err_at(e, ERR_FORMAT, &at, "a description of a tensor with the field %" PRIu32,
                  f.number);
}

static bool read_desc(struct reader r, struct desc *d, struct err *e)
{
    const struct reader begin = r;

    *d = (struct desc){.elements = 1};
    while (r.left > 0)
        if (!desc_field(d, &r, e))
            return false;
    if (!d->typed)
        return err_at(e, ERR_FORMAT, &begin, "a tensor without a type");
    if (d->type >= ARRAY_LEN(dtypes) || dtypes[d->type].bytes == 0)
        return err_at(e, ERR_FORMAT, &begin, "elements of the unknown type %" PRIu64, d->type);
    return true;
}

/* ---- what the first bytes say ---- */
static bool params_like(struct slice head)
{
    struct reader r = reader_over(head), desc;
    uint32_t version, size;
    uint64_t levels, bytes;
    struct err e = {0};
    struct desc d;

    if (!reader_u32le(&r, &version) || version != 0 || !reader_u64le(&r, &levels) ||
        levels > LEVELS_MAX)
        return false;
    for (uint64_t i = 0; i < levels; i++)
        if (!reader_u64le(&r, &bytes) || bytes % 8 != 0 || !reader_skip(&r, bytes))
            return false;
    return reader_u32le(&r, &version) && version == 0 && reader_u32le(&r, &size) && size >= 2 &&
           reader_sub(&r, size, &desc) && read_desc(desc, &d, &e);
}

static int probe(struct slice head, const char *name)
{
    if (params_like(head))
        return FORMAT_SURE + 10;
    return slice_ends(slice_str(name), ".pdiparams") || strcmp(name, "__params__") == 0
               ? FORMAT_SURE
               : 0;
}

/* ---- reading ---- */
static bool need(struct params *p, size_t n, struct err *e)
{
    if (p->r.left < n && !feed_more(p->feed, &p->r, n, e))
        return false;
    return p->r.left >= n || err_at(e, ERR_FORMAT, &p->r, "a tensor of Paddle is cut short");
}

static bool read_version(struct params *p, struct err *e)
{
    const struct reader at = p->r;
    uint32_t version;

    if (!need(p, sizeof(version), e) || !reader_u32le(&p->r, &version))
        return false;
    return version == 0 ||
           err_at(e, ERR_FORMAT, &at, "a tensor of the version %" PRIu32 ", 0 is known", version);
}

static bool skip(struct params *p, uint64_t n, struct err *e)
{
    if (!feed_skip(p->feed, &p->r, n, e))
        return false;
    p->opaque += n;
    return true;
}

/* Offsets of the sequences that the rows of a tensor are parts of. */
static bool read_levels(struct params *p, struct err *e)
{
    uint64_t n, bytes;

    if (!need(p, sizeof(n), e) || !reader_u64le(&p->r, &n))
        return false;
    if (n > LEVELS_MAX)
        return err_at(e, ERR_FORMAT, &p->r, "a tensor of %" PRIu64 " levels, at most %d are read",
                      n, LEVELS_MAX);
    for (uint64_t i = 0; i < n; i++) {
        if (!need(p, sizeof(bytes), e) || !reader_u64le(&p->r, &bytes))
            return false;
        if (bytes % sizeof(uint64_t) != 0)
            return err_at(e, ERR_FORMAT, &p->r, "a level of %" PRIu64 " bytes", bytes);
        if (!skip(p, bytes, e))
            return false;
    }
    return true;
}

static bool read_tensor(struct params *p, struct err *e)
{
    struct reader desc;
    uint64_t bytes;
    struct desc d;
    uint32_t size;

    if (!read_version(p, e) || !read_levels(p, e) || !read_version(p, e) ||
        !need(p, sizeof(size), e) || !reader_u32le(&p->r, &size))
        return false;
    if (size > DESC_BYTES)
        return err_at(e, ERR_FORMAT, &p->r,
                      "a description of %" PRIu32 " bytes, at most %d are read", size, DESC_BYTES);
    if (!need(p, size, e) || !reader_sub(&p->r, size, &desc) || !read_desc(desc, &d, e))
        return false;
    if (!checked_mul(d.elements, dtypes[d.type].bytes, &bytes) ||
        !checked_add(p->bytes, bytes, &p->bytes))
        return err_at(e, ERR_FORMAT, &p->r, "a tensor of more than 2^64 bytes");
    p->counts[d.type]++;
    return skip(p, bytes, e);
}

static bool read_all(struct params *p, struct err *e)
{
    for (;;) {
        if (p->r.left == 0 && !feed_more(p->feed, &p->r, 1, e))
            return false;
        if (p->r.left == 0)
            return true;
        if (p->tensors == LIMIT_TENSORS)
            return err_at(e, ERR_LIMIT, &p->r, "more than %d tensors (LIMIT_TENSORS)",
                          LIMIT_TENSORS);
        if (!read_tensor(p, e))
            return false;
        p->tensors++;
    }
}

static void tell(const struct format_input *in, const struct params *p)
{
    struct arena *a = in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    for (size_t i = 0; i < ARRAY_LEN(dtypes); i++)
        if (p->counts[i] > 0)
            value_map_add(&types, dtypes[i].name, value_int(a, (int64_t)p->counts[i], NULL));
    summary_tell(in, p->tensors, p->bytes, value_map_end(&types, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct params p = {.feed = in->feed};
    const bool ok = read_all(&p, e);

    cover->opaque = p.opaque;
    cover->parsed = p.r.offset - p.opaque;
    cover->format = "paddle-params";
    if (ok)
        tell(in, &p);
    return ok;
}

const struct format format_paddle_params = {
    .name = "paddle_params",
    .summary = "parameters of PaddlePaddle: tensors in a row",
    .spec = "PaddlePaddle 3.3, dense_tensor_serialize.cc, SerializeToStream",
    .probe = probe,
    .parse = parse,
};
