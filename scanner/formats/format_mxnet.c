/* Parameters of MXNet: arrays, then their names. Models of Gluon and of SageMaker's own
 * algorithms. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/summary.h"

/* SPEC: MXNet 1.9, src/ndarray/ndarray.cc, NDArray::Save and NDArray::LegacyLoad */
#define LIST_MAGIC 0x112u
#define ARRAY_1 0xF993fac8u
#define ARRAY_2 0xF993fac9u /* and kinds of storage */
#define ARRAY_3 0xF993facau /* and shapes that may be unknown */
#define NAME_BYTES 4096     /* of one array */

enum { DENSE, ROWS, COMPRESSED };

/* SPEC: mshadow/base.h, TypeFlag */
static const struct dtype {
    const char *name;
    uint8_t bytes;
} dtypes[] = {
    {"float32", 4}, {"float64", 8}, {"float16", 2},  {"uint8", 1}, {"int32", 4},
    {"int8", 1},    {"int64", 8},   {"bool", 1},     {"int16", 2}, {"uint16", 2},
    {"uint32", 4},  {"uint64", 8},  {"bfloat16", 2},
};

struct mxnet {
    struct feed *feed;
    struct reader r;
    uint64_t arrays, names, bytes, opaque;
    uint64_t counts[sizeof(dtypes) / sizeof(dtypes[0])];
};

struct shape {
    bool none;
    uint64_t n;   /* elements */
    uint64_t row; /* of those, below one index of the first side */
};

/* A sparse array, whose elements have a shape of their own. */
struct sparse {
    uint32_t form, kind;
    struct shape stored, shape;
};

static int probe(struct slice head, const char *name)
{
    static const char magic[] = "\x12\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    (void)name;
    return head.len >= sizeof(magic) - 1 && memcmp(head.data, magic, sizeof(magic) - 1) == 0
               ? FORMAT_CERTAIN
               : 0;
}

/* ---- bytes ---- */
static bool need(struct mxnet *m, size_t n, struct err *e)
{
    if (m->r.left < n && !feed_more(m->feed, &m->r, FEED_NEED, e))
        return false;
    return m->r.left >= n || err_at(e, ERR_FORMAT, &m->r, "an array of MXNet is cut short");
}

static bool read_u32(struct mxnet *m, uint32_t *out, struct err *e)
{
    return need(m, sizeof(*out), e) && reader_u32le(&m->r, out);
}

static bool read_u64(struct mxnet *m, uint64_t *out, struct err *e)
{
    return need(m, sizeof(*out), e) && reader_u64le(&m->r, out);
}

static bool skip(struct mxnet *m, uint64_t n, struct err *e)
{
    return feed_skip(m->feed, &m->r, n, e);
}

/* ---- arrays ---- */
/* `wide`: sides of 64 bits. In the third form no dimensions are a number, and -1 of them are
 * nothing. */
static bool read_shape(struct mxnet *m, uint32_t form, bool wide, struct shape *s, struct err *e)
{
    uint32_t rank, narrow = 0;
    uint64_t side = 0;

    if (form == 0)
        rank = (uint32_t)s->n; /* it was read already */
    else if (!read_u32(m, &rank, e))
        return false;
    s->none = form == ARRAY_3 ? rank == UINT32_MAX : rank == 0;
    s->n = s->row = s->none ? 0 : 1;
    if (s->none)
        return true;
    if (rank > LIMIT_DIMS)
        return err_at(e, ERR_FORMAT, &m->r, "an array of %" PRIu32 " dimensions", rank);
    for (uint32_t i = 0; i < rank; i++) {
        if (wide ? !read_u64(m, &side, e) : !read_u32(m, &narrow, e))
            return false;
        side = wide ? side : narrow;
        if (side > INT64_MAX || !checked_mul(s->n, side, &s->n))
            return err_at(e, ERR_FORMAT, &m->r, "a shape that multiplies past 2^63");
        if (i > 0 && !checked_mul(s->row, side, &s->row))
            return err_at(e, ERR_FORMAT, &m->r, "a shape that multiplies past 2^63");
    }
    return true;
}

static bool read_type(struct mxnet *m, const struct dtype **out, struct err *e)
{
    uint32_t type;

    if (!read_u32(m, &type, e))
        return false;
    if (type >= sizeof(dtypes) / sizeof(dtypes[0]))
        return err_at(e, ERR_FORMAT, &m->r, "elements of the unknown type %" PRIu32, type);
    *out = &dtypes[type];
    return true;
}

static bool skip_elements(struct mxnet *m, const struct shape *s, const struct dtype *t,
                          struct err *e)
{
    uint64_t bytes;

    if (!checked_mul(s->n, t->bytes, &bytes) || !checked_add(m->bytes, bytes, &m->bytes))
        return err_at(e, ERR_FORMAT, &m->r, "an array of more than 2^64 bytes");
    if (!skip(m, bytes, e))
        return false;
    m->opaque += bytes;
    return true;
}

/* Sparse ones have arrays of indices, with a type and a shape each; their elements come first. When
 * no shape of these is given, the indices say how many there are. */
static bool read_sparse(struct mxnet *m, const struct sparse *x, const struct dtype *t,
                        struct err *e)
{
    const unsigned n = x->kind == ROWS ? 1 : 2;
    const struct dtype *types[2] = {NULL, NULL};
    struct shape shapes[2] = {{0}}, stored = x->stored;

    for (unsigned i = 0; i < n; i++)
        if (!read_type(m, &types[i], e) || !read_shape(m, x->form, true, &shapes[i], e))
            return false;
    if (stored.n == 0 &&
        !checked_mul(shapes[n - 1].n, x->kind == ROWS ? x->shape.row : 1, &stored.n))
        return err_at(e, ERR_FORMAT, &m->r, "a shape that multiplies past 2^63");
    if (!skip_elements(m, &stored, t, e))
        return false;
    for (unsigned i = 0; i < n; i++)
        if (!skip_elements(m, &shapes[i], types[i], e))
            return false;
    return true;
}

static bool read_array(struct mxnet *m, struct err *e)
{
    struct sparse x = {.kind = DENSE};
    const struct dtype *t;

    if (!read_u32(m, &x.form, e))
        return false;
    if (x.form != ARRAY_1 && x.form != ARRAY_2 && x.form != ARRAY_3) {
        x.shape.n = x.form; /* before the first form the shape came first, in 32 bits */
        x.form = 0;
    }
    if ((x.form == ARRAY_2 || x.form == ARRAY_3) && !read_u32(m, &x.kind, e))
        return false;
    if (x.kind > COMPRESSED)
        return err_at(e, ERR_FORMAT, &m->r, "an array of the unknown kind %" PRIu32, x.kind);
    if ((x.kind != DENSE && !read_shape(m, x.form, true, &x.stored, e)) ||
        !read_shape(m, x.form, x.form != 0, &x.shape, e))
        return false;
    m->arrays++;
    if (x.shape.none)
        return true;
    if (!skip(m, 8, e) || !read_type(m, &t, e)) /* the device where it was */
        return false;
    m->counts[t - dtypes]++;
    return x.kind == DENSE ? skip_elements(m, &x.shape, t, e) : read_sparse(m, &x, t, e);
}

static bool read_names(struct mxnet *m, struct err *e)
{
    uint64_t n, len;

    if (!read_u64(m, &n, e))
        return false;
    if (n != 0 && n != m->arrays)
        return err_at(e, ERR_FORMAT, &m->r, "%" PRIu64 " names of %" PRIu64 " arrays", n,
                      m->arrays);
    for (uint64_t i = 0; i < n; i++) {
        if (!read_u64(m, &len, e))
            return false;
        if (len > NAME_BYTES)
            return err_at(e, ERR_LIMIT, &m->r, "a name of %" PRIu64 " bytes, at most %d are read",
                          len, NAME_BYTES);
        if (!skip(m, len, e))
            return false;
    }
    m->names = n;
    return true;
}

static bool read_all(struct mxnet *m, struct err *e)
{
    uint64_t magic, reserved, n;

    if (!read_u64(m, &magic, e) || !read_u64(m, &reserved, e) || !read_u64(m, &n, e))
        return false;
    if (magic != LIST_MAGIC || reserved != 0)
        return err_at(e, ERR_FORMAT, &m->r, "no list of arrays begins here");
    if (n > LIMIT_TENSORS)
        return err_at(e, ERR_LIMIT, &m->r,
                      "%" PRIu64 " arrays, at most %d are read (LIMIT_TENSORS)", n, LIMIT_TENSORS);
    for (uint64_t i = 0; i < n; i++)
        if (!read_array(m, e))
            return false;
    return read_names(m, e);
}

static void tell(const struct format_input *in, const struct mxnet *m)
{
    struct arena *a = in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    for (size_t i = 0; i < sizeof(dtypes) / sizeof(dtypes[0]); i++)
        if (m->counts[i] > 0)
            value_map_add(&types, dtypes[i].name, value_int(a, (int64_t)m->counts[i], NULL));
    summary_tell(in, m->arrays, m->bytes, value_map_end(&types, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct mxnet m = {.feed = in->feed};
    const bool ok = read_all(&m, e);

    cover->opaque = m.opaque;
    cover->parsed = m.r.offset - m.opaque;
    if (ok)
        tell(in, &m);
    return ok;
}

const struct format format_mxnet = {
    .name = "mxnet",
    .summary = "parameters of MXNet: arrays and their names",
    .spec = "MXNet 1.9, src/ndarray/ndarray.cc, NDArray::Save",
    .probe = probe,
    .parse = parse,
};
