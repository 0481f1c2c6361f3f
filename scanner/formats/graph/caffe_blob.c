/* BlobProto: has it as many numbers as its shape asks for? SPEC: Caffe 1.0, src/caffe/blob.cpp,
 * Blob::FromProto; NVIDIA's Caffe 0.17 for raw_data. */
#include <inttypes.h>

#include "base/attr.h"
#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/graph/caffe.h"

#define ELEMENTS_MAX INT32_MAX
#define AXES_MAX 32

/* Fields of BlobProto. */
enum { NUM = 1, CHANNELS, HEIGHT, WIDTH, DATA, DIFF, SHAPE, DOUBLES, DOUBLE_DIFF };
enum { RAW_TYPE = 10, RAW_DIFF_TYPE, RAW, RAW_DIFF };

static const struct {
    const char *name;
    uint8_t bytes;
} types[CAFFE_TYPES] = {
    [CAFFE_FLOAT32] = {"float32", 4}, [CAFFE_FLOAT64] = {"float64", 8},
    [CAFFE_FLOAT16] = {"float16", 2}, [CAFFE_INT32] = {"int32", 4},
    [CAFFE_UINT32] = {"uint32", 4},
};

/* SPEC: enum Type of NVIDIA's */
static const uint8_t raw_types[] = {CAFFE_FLOAT64, CAFFE_FLOAT32, CAFFE_FLOAT16, CAFFE_INT32,
                                    CAFFE_UINT32};

static const char *const problem_names[CAFFE_PROBLEMS] = {"size",   "negative", "overflow",
                                                          "shapes", "several",  "type"};

struct blob {
    uint64_t at;
    uint64_t legacy, elems; /* elements by the four old sides, and by the shape */
    uint64_t have[RAW_DIFF + 1];
    uint64_t axes;
    uint64_t raw_type, raw_diff_type;
    uint64_t sides[WIDTH + 1];
    bool has_legacy, has_shape;
    uint32_t problems;
};

const struct value *caffe_blob_problems(struct arena *a, uint32_t problems)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (unsigned i = 0; i < CAFFE_PROBLEMS; i++)
        if ((problems >> i & 1) != 0)
            value_list_add(&b, value_str(a, problem_names[i]));
    return value_list_end(&b, NULL);
}

const char *caffe_blob_type(size_t type)
{
    return types[type].name;
}

static void wrong(struct blob *b, enum caffe_problem p)
{
    b->problems |= 1u << p;
}

/* One side of a shape. */
static void times(struct blob *b, uint64_t side, uint64_t *n)
{
    if ((int64_t)side < 0)
        wrong(b, CAFFE_NEGATIVE);
    else if (side > ELEMENTS_MAX || !checked_mul(*n, side, n) || *n > ELEMENTS_MAX)
        wrong(b, CAFFE_OVERFLOW);
}

static void dimension(struct blob *b, uint64_t side)
{
    b->axes++;
    if (b->axes > AXES_MAX)
        wrong(b, CAFFE_OVERFLOW);
    else
        times(b, side, &b->elems);
}

static bool read_shape(struct caffe *c, struct blob *b, struct err *e)
{
    struct caffe_at at = {.kind = CAFFE_SHAPE};
    const struct caffe_field *field;
    struct protobuf_field f;
    bool more;

    if (!protobuf_enter(&c->p, c->names[CAFFE_SHAPE], e))
        return false;
    b->has_shape = true;
    for (;;) {
        if (!caffe_read_next(c, &at, &f, &field, e))
            return false;
        if (f.number == 0)
            return true;
        more = field != NULL && f.wire == PROTOBUF_BYTES;
        if (field != NULL && f.wire == PROTOBUF_VARINT)
            dimension(b, f.value);
        while (more) {
            uint64_t side;

            if (!protobuf_packed(&c->p, &side, &more, e))
                return false;
            if (more)
                dimension(b, side);
        }
    }
}

static uint64_t width_of(uint32_t number)
{
    if (number == DATA || number == DIFF)
        return types[CAFFE_FLOAT32].bytes;
    return number == DOUBLES || number == DOUBLE_DIFF ? types[CAFFE_FLOAT64].bytes : 1;
}

/* Passes over numbers; in the text form and where they are not packed, one. */
static bool read_numbers(struct caffe *c, struct blob *b, const struct protobuf_field *f,
                         struct err *e)
{
    const uint64_t width = width_of(f->number);
    uint64_t n = 1;

    if (f->wire == PROTOBUF_BYTES && c->p.text == NULL) {
        n = f->value / width;
        if (f->value % width != 0)
            return err_pos(e, ERR_FORMAT, f->at, "%" PRIu64 " bytes of numbers of %" PRIu64,
                           f->value, width);
        if (!protobuf_opaque(&c->p, e))
            return false;
    } else if (f->wire == PROTOBUF_BYTES && width == 1) {
        n = f->value;
    }
    return checked_add(b->have[f->number], n, &b->have[f->number]) ||
           err_pos(e, ERR_FORMAT, f->at, "more than 2^64 numbers");
}

static bool read_field(struct caffe *c, struct blob *b, const struct protobuf_field *f,
                       struct err *e)
{
    switch (f->number) {
    case NUM:
    case CHANNELS:
    case HEIGHT:
    case WIDTH:
        b->has_legacy = true;
        b->sides[f->number] = f->value; /* the last one counts */
        return true;
    case SHAPE:
        return read_shape(c, b, e);
    case DATA:
    case DIFF:
    case DOUBLES:
    case DOUBLE_DIFF:
    case RAW:
    case RAW_DIFF:
        return read_numbers(c, b, f, e);
    case RAW_TYPE:
        b->raw_type = f->value;
        return true;
    case RAW_DIFF_TYPE:
        b->raw_diff_type = f->value;
        return true;
    default:
        return true;
    }
}

/* How many elements a run of raw bytes holds; none when its type is not known. */
static uint64_t raw(struct blob *b, uint32_t field, uint64_t type)
{
    if (b->have[field] == 0)
        return 0;
    if (type >= ARRAY_LEN(raw_types)) {
        wrong(b, CAFFE_RAW_TYPE);
        return 0;
    }
    if (b->have[field] % types[raw_types[type]].bytes != 0)
        wrong(b, CAFFE_SIZE);
    return b->have[field] / types[raw_types[type]].bytes;
}

/* Three fields of which one holds the numbers: as many as `n`, or none where that may be. */
static void check_run(struct blob *b, const uint64_t given[3], uint64_t n, bool needed)
{
    unsigned fields = 0;
    uint64_t have = 0;

    for (unsigned i = 0; i < 3; i++) {
        fields += given[i] > 0;
        have = given[i] > 0 ? given[i] : have;
    }
    if (fields > 1)
        wrong(b, CAFFE_SEVERAL);
    else if ((fields == 1 || needed) && have != n)
        wrong(b, CAFFE_SIZE);
}

static void check(struct blob *b)
{
    const uint64_t data[3] = {b->have[DATA], b->have[DOUBLES], raw(b, RAW, b->raw_type)};
    const uint64_t diff[3] = {b->have[DIFF], b->have[DOUBLE_DIFF],
                              raw(b, RAW_DIFF, b->raw_diff_type)};
    uint64_t n;

    b->legacy = 1;
    for (unsigned i = NUM; b->has_legacy && i <= WIDTH; i++)
        times(b, b->sides[i], &b->legacy);
    n = b->has_legacy ? b->legacy : b->elems;
    if (b->has_legacy && b->has_shape && b->legacy != b->elems)
        wrong(b, CAFFE_SHAPES);
    if ((b->problems & (1u << CAFFE_NEGATIVE | 1u << CAFFE_OVERFLOW | 1u << CAFFE_RAW_TYPE)) != 0)
        return;
    check_run(b, data, n, true);
    check_run(b, diff, n, false);
}

static void count(struct caffe *c, const struct blob *b)
{
    size_t type = CAFFE_FLOAT32;
    uint64_t bytes = 0;

    if (b->have[DOUBLES] > 0)
        type = CAFFE_FLOAT64;
    else if (b->have[RAW] > 0 && b->raw_type < ARRAY_LEN(raw_types))
        type = raw_types[b->raw_type];
    c->blobs++;
    c->types_of[type]++;
    bytes = b->have[DATA] * types[CAFFE_FLOAT32].bytes;
    bytes += b->have[DOUBLES] * types[CAFFE_FLOAT64].bytes + b->have[RAW];
    c->bytes += bytes; /* of the file, so that it fits */
}

bool caffe_blob_read(struct caffe *c, struct err *e)
{
    struct blob b = {.at = protobuf_offset(&c->p), .elems = 1, .raw_type = 1, .raw_diff_type = 1};
    struct caffe_at at = {.kind = CAFFE_BLOB};
    const struct caffe_field *field;
    struct protobuf_field f;
    struct caffe_bad *bad;

    do {
        if (!caffe_read_next(c, &at, &f, &field, e) || (field != NULL && !read_field(c, &b, &f, e)))
            return false;
    } while (f.number != 0);
    check(&b);
    count(c, &b);
    if (c->layer != NULL)
        c->layer->blobs++;
    if (b.problems == 0)
        return true;
    if (c->bad_blobs++ >= LIMIT_TENSOR_FACTS)
        return true;
    bad = ARENA_PUSH(c->in->scratch, &c->bad, &c->nbad);
    bad->at = b.at;
    bad->dimensions = b.has_legacy ? WIDTH : b.axes;
    bad->problems = b.problems;
    bad->layer = arena_slice(c->in->scratch,
                             c->layer != NULL ? message_slice(&c->layer->name) : SLICE_LIT(""));
    return true;
}
