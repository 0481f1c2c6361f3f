/* Tensors of ExecuTorch in a file of their own (.ptd): names and layouts in a FlatBuffer, and the
 * data in segments behind it. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/executorch.h"
#include "scanner/formats/summary.h"

#define HEADER_AT 8
#define HEADER 40 /* bytes */

/* Fields of FlatTensor, NamedData and TensorLayout. */
enum { FILE_VERSION, FILE_SEGMENTS, FILE_NAMED };
enum { NAMED_KEY, NAMED_SEGMENT, NAMED_LAYOUT };
enum { LAYOUT_TYPE, LAYOUT_SIZES };

struct flat_tensor {
    const struct format_input *in;
    struct flatbuffer f;
    struct flatbuffer_table root;
    struct segments segments;
    uint64_t version, nkeys, tensors, bytes, wrong;
    uint64_t counts[EXECUTORCH_TYPES];
    struct value_builder keys, embedded;
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 8 && memcmp(head.data + 4, "FT01", 4) == 0 ? FORMAT_CERTAIN : 0;
}

/* SPEC: flat_tensor_header.h */
static bool read_header(struct flat_tensor *t, uint64_t len, uint64_t *end, struct err *e)
{
    uint8_t bytes[HEADER_AT + HEADER];
    struct reader r = reader_over((struct slice){bytes, sizeof(bytes)});
    uint64_t at = 0, size = 0, data = 0;
    uint32_t header = 0;

    if (!source_read(t->in->bytes, 0, bytes, sizeof(bytes), e))
        return false;
    if (!reader_skip(&r, HEADER_AT + 4) || !reader_u32le(&r, &header) || !reader_u64le(&r, &at) ||
        !reader_u64le(&r, &size) || !reader_u64le(&r, &t->segments.base) ||
        !reader_u64le(&r, &data) || memcmp(bytes + HEADER_AT, "FH01", 4) != 0 || header < HEADER)
        return err_pos(e, ERR_FORMAT, HEADER_AT, "no header FH01 of %d bytes", HEADER);
    /* the loader takes all up to the end of the FlatBuffer for it, whose root stands at byte 0 */
    if (at > len || size > len - at || t->segments.base < at + size || t->segments.base > len ||
        data > len - t->segments.base)
        return err_pos(e, ERR_FORMAT, HEADER_AT + 8,
                       "a FlatBuffer of %" PRIu64 " bytes at byte %" PRIu64 " and %" PRIu64
                       " bytes of data at byte %" PRIu64 ", in %" PRIu64 " bytes",
                       size, at, data, t->segments.base, len);
    t->segments.end = t->segments.base + data;
    *end = at + size;
    return true;
}

static bool read_named(struct flat_tensor *t, const struct flatbuffer_table *named, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct executorch_tensor tensor;
    struct flatbuffer_table layout;
    struct slice key;
    uint64_t segment = 0, n;

    if (!flatbuffer_string(named, NAMED_KEY, a, &key, e) ||
        !flatbuffer_scalar(named, NAMED_SEGMENT, 4, &segment, e) ||
        !segments_has(&t->segments, segment, named, e) ||
        !flatbuffer_sub(named, NAMED_LAYOUT, &layout, e))
        return false;
    if (t->keys.n < EXECUTORCH_NAMES)
        value_list_add(&t->keys, format_string(a, key, LIMIT_TALLY_BYTES));
    if (layout.at == 0)
        return true;
    if (!executorch_shape_read(&layout, LAYOUT_SIZES, &tensor, e))
        return false;
    n = t->segments.items[segment].n;
    t->tensors++;
    t->counts[tensor.type]++;
    t->bytes += tensor.bytes < n ? tensor.bytes : n;
    t->wrong += tensor.bytes > n;
    return true;
}

static bool read_file(struct flat_tensor *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table named;

    if (!flatbuffer_root(&t->f, &t->root, e) ||
        !flatbuffer_scalar(&t->root, FILE_VERSION, 4, &t->version, e) ||
        !segments_read(&t->segments, &t->root, FILE_SEGMENTS, t->in->scratch, e) ||
        !flatbuffer_vector(&t->root, FILE_NAMED, 4, &v, e))
        return false;
    t->nkeys = v.n;
    for (uint32_t i = 0; i < v.n; i++)
        if (!flatbuffer_item(&v, i, &named, e) || !read_named(t, &named, e))
            return err_in(e, "named data %" PRIu32, i);
    return true;
}

static void tell(struct flat_tensor *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    summary_tell(t->in, t->tensors, t->bytes, executorch_tell_types(t->counts, a));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "version", value_count(a, t->version));
    value_map_add(&b, "segments", value_count(a, t->segments.n));
    value_map_add(&b, "keys", value_list_end(&t->keys, NULL));
    value_map_add(&b, "key_count", value_count(a, t->nkeys));
    value_map_add(&b, "mismatched_sizes", value_count(a, t->wrong));
    value_map_add(&b, "embedded", value_list_end(&t->embedded, NULL));
    format_tell(t->in, "model.flat_tensor", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct flat_tensor *t = ARENA_NEW(in->scratch, struct flat_tensor);
    struct segments_walk walk = {.bytes = in->bytes, .embedded = &t->embedded};
    uint64_t accounted = 0, end;
    bool ok;

    t->in = in;
    walk.to = source_len(in->bytes);
    value_list_begin(&t->keys, in->scratch);
    value_list_begin(&t->embedded, in->scratch);
    if (walk.to == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &walk.to, e))
        return false;
    if (!read_header(t, walk.to, &end, e))
        return false;
    flatbuffer_init(&t->f, in->bytes, 0, end);
    ok = read_file(t, e) && flatbuffer_padding(&t->f, &accounted, e);
    flatbuffer_release(&t->f);
    walk.from = end;
    if (!ok || !segments_walk(&t->segments, &walk, e))
        return false;
    cover->parsed = accounted + walk.padding;
    cover->opaque = t->segments.bytes;
    tell(t);
    return true;
}

const struct format format_flat_tensor = {
    .name = "flat_tensor",
    .summary = "tensors of ExecuTorch (.ptd): names, layouts, segments of data",
    .spec = "ExecuTorch 1.0, extension/flat_tensor/serialize/flat_tensor.fbs",
    .probe = probe,
    .parse = parse,
};
