#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/metadata.h"
#include "scanner/formats/tail.h"

#define METADATA_KEYS 256
#define METADATA_TEXT 4096

/* SPEC: safetensors 0.5, "Format". Sizes in bits; two 4-bit values share a byte. */
static const struct dtype {
    const char *name;
    uint64_t bits;
} dtypes[] = {
    {"BOOL", 8},    {"U8", 8},   {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16},    {"BF16", 16},
    {"I32", 32},    {"U32", 32}, {"F32", 32}, {"F64", 64},    {"I64", 64},
    {"U64", 64},    {"C64", 64}, {"F4", 4},   {"F6_E2M3", 6}, {"F6_E3M2", 6},
};

struct tensor {
    uint64_t begin, end, at; /* `at`: offset in the header, for errors */
    struct slice name;
    size_t dtype;
};

struct header {
    struct tensor *tensors;
    size_t n;
    const struct value *metadata;
};

static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head);
    uint64_t n;
    uint8_t first, second;

    (void)name;
    if (!reader_u64le(&r, &n) || !reader_u8(&r, &first) || first != '{' || n < 2 || n > UINT32_MAX)
        return slice_ends(slice_str(name), ".safetensors") && head.len >= 8 ? FORMAT_CLAIM : 0;
    return reader_u8(&r, &second) &&
                   (second == '"' || second == '}' || second == ' ' || second == '\n')
               ? FORMAT_CERTAIN
               : FORMAT_CLAIM;
}

static bool at_value(struct err *e, const struct value *v, const char *what, struct slice name)
{
    return err_pos(e, ERR_FORMAT, 8 + (v != NULL ? v->offset : 0), "tensor %.*s: %s",
                   (int)(name.len < 80 ? name.len : 80), (const char *)name.data, what);
}

/* Bytes that dtype and shape ask for. */
static bool tensor_bytes(const struct value *shape, uint64_t bits, uint64_t *out)
{
    uint64_t n = bits;

    for (size_t i = 0; i < value_len(shape); i++) {
        const struct value *d = value_item(shape, i);

        if (!value_is(d, VALUE_INT) || d->as.integer < 0 ||
            !checked_mul(n, (uint64_t)d->as.integer, &n))
            return false;
    }
    *out = n / 8;
    return n % 8 == 0;
}

static bool read_tensor(const struct value_member *m, struct tensor *t, struct err *e)
{
    const struct value *dtype = value_get(m->value, "dtype"), *shape = value_get(m->value, "shape");
    const struct value *span = value_get(m->value, "data_offsets");
    const struct value *begin = value_item(span, 0), *end = value_item(span, 1);
    uint64_t bytes;
    size_t i = 0;

    t->name = m->key;
    t->at = 8 + m->key_offset;
    if (!value_is(m->value, VALUE_MAP) || value_len(m->value) != 3)
        return at_value(e, m->value, "not a map of dtype, shape and data_offsets", m->key);
    if (!value_is(dtype, VALUE_STRING) || !value_is(shape, VALUE_LIST) ||
        !value_is(span, VALUE_LIST))
        return at_value(e, m->value, "dtype, shape or data_offsets is missing or of a wrong kind",
                        m->key);
    while (i < ARRAY_LEN(dtypes) && !slice_is(value_text(dtype), dtypes[i].name))
        i++;
    if (i == ARRAY_LEN(dtypes))
        return at_value(e, dtype, "unknown dtype", m->key);
    t->dtype = i;
    if (value_len(shape) > LIMIT_DIMS || !tensor_bytes(shape, dtypes[i].bits, &bytes))
        return at_value(e, shape, "the shape has bad dimensions or multiplies past 2^64", m->key);
    if (value_len(span) != 2 || !value_is(begin, VALUE_INT) || !value_is(end, VALUE_INT) ||
        begin->as.integer < 0 || end->as.integer < begin->as.integer)
        return at_value(e, span, "data_offsets is not [begin, end]", m->key);
    t->begin = (uint64_t)begin->as.integer;
    t->end = (uint64_t)end->as.integer;
    if (t->end - t->begin != bytes)
        return at_value(e, span, "data_offsets and shape disagree", m->key);
    return true;
}

static bool read_metadata(const struct value *v, struct err *e)
{
    if (!value_is(v, VALUE_MAP))
        return err_pos(e, ERR_FORMAT, 8 + v->offset, "__metadata__ is not a map");
    for (size_t i = 0; i < value_len(v); i++)
        if (!value_is(v->as.members[i].value, VALUE_STRING))
            return err_pos(e, ERR_FORMAT, 8 + v->as.members[i].value->offset,
                           "__metadata__ holds something else than strings");
    return true;
}

static int by_begin(const void *a, const void *b)
{
    const struct tensor *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return slice_cmp(x->name, y->name);
}

static bool read_header(const struct value *json, struct arena *a, struct header *h, struct err *e)
{
    if (!value_is(json, VALUE_MAP))
        return err_pos(e, ERR_FORMAT, 8, "the header is not a map");
    if (value_len(json) > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, 8, "%zu tensors, at most %d (LIMIT_TENSORS)", value_len(json),
                       LIMIT_TENSORS);
    h->tensors = ARENA_ARRAY(a, struct tensor, value_len(json));
    for (size_t i = 0; i < value_len(json); i++) {
        const struct value_member *m = &json->as.members[i];

        if (slice_is(m->key, "__metadata__")) {
            if (!read_metadata(m->value, e))
                return false;
            h->metadata = m->value;
            continue;
        }
        if (!read_tensor(m, &h->tensors[h->n], e))
            return false;
        h->n++;
    }
    if (h->n > 0)
        qsort(h->tensors, h->n, sizeof(*h->tensors), by_begin);
    return true;
}

/* The tensors are in order. */
static uint64_t data_end(const struct header *h)
{
    return h->n > 0 ? h->tensors[h->n - 1].end : 0;
}

/* Tensors lie one behind the other and fill the buffer. SPEC: safetensors, "byte
 * buffer needs to be entirely indexed". */
static bool check_layout(const struct header *h, uint64_t bytes, struct err *e)
{
    uint64_t at = 0;

    for (size_t i = 0; i < h->n; i++) {
        const struct tensor *t = &h->tensors[i];

        if (t->begin != at)
            return err_pos(e, ERR_FORMAT, t->at,
                           "tensor %.*s begins at %" PRIu64 ", the one before ends at %" PRIu64,
                           (int)(t->name.len < 80 ? t->name.len : 80), (const char *)t->name.data,
                           t->begin, at);
        at = t->end;
    }
    if (at != bytes)
        return err_pos(e, ERR_FORMAT, 8,
                       "the tensors are %" PRIu64 " bytes, the file holds %" PRIu64, at, bytes);
    return true;
}

static void tell(const struct format_input *in, const struct header *h, uint64_t bytes)
{
    struct arena *a = in->scratch;
    uint64_t counts[ARRAY_LEN(dtypes)] = {0};
    struct value_builder b, types;

    for (size_t i = 0; i < h->n; i++)
        counts[h->tensors[i].dtype]++;
    value_map_begin(&types, a);
    for (size_t i = 0; i < ARRAY_LEN(dtypes); i++)
        if (counts[i] > 0)
            value_map_add(&types, dtypes[i].name, value_int(a, (int64_t)counts[i], NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, (int64_t)h->n, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)bytes, NULL));
    value_map_add(&b, "dtypes", value_map_end(&types, NULL));
    format_tell(in, "model.tensor_summary", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static void tell_metadata(const struct format_input *in, const struct value *m)
{
    struct arena *a = in->scratch;
    struct value_builder b, texts;

    if (m == NULL)
        return;
    value_map_begin(&texts, a);
    for (size_t i = 0; i < value_len(m) && i < METADATA_KEYS; i++)
        value_map_put(&texts, m->as.members[i].key,
                      format_string(a, value_text(m->as.members[i].value), METADATA_TEXT));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "keys", value_int(a, (int64_t)value_len(m), NULL));
    value_map_add(&b, "metadata", value_map_end(&texts, NULL));
    format_tell(in, "model.metadata", NULL, 8 + m->offset, value_map_end(&b, NULL));
    for (size_t i = 0; i < value_len(m); i++) {
        const struct value *text = m->as.members[i].value;

        metadata_text(in, m->as.members[i].key, value_text(text), 8 + text->offset);
    }
}

/* The header's text: in one piece, from the feed. */
static bool header_text(const struct format_input *in, struct slice *out, struct err *e)
{
    struct reader r = {.offset = 0};
    uint64_t n, done = 0;
    uint8_t *text;

    if (!feed_more(in->feed, &r, 8, e))
        return false;
    if (!reader_u64le(&r, &n))
        return err_pos(e, ERR_FORMAT, 0, "the header's length is cut short");
    if (n > LIMIT_SAFETENSORS_HEADER)
        return err_pos(e, ERR_LIMIT, 0,
                       "a header of %" PRIu64 " bytes, at most %u (LIMIT_SAFETENSORS_HEADER)", n,
                       LIMIT_SAFETENSORS_HEADER);
    if (source_len(in->bytes) != SOURCE_LEN_UNKNOWN && n > source_len(in->bytes) - 8)
        return err_pos(e, ERR_FORMAT, 0, "a header of %" PRIu64 " bytes, the file ends before", n);
    text = arena_alloc(in->scratch, (size_t)n + 1);
    while (done < n) {
        const size_t want = n - done < FEED_NEED ? (size_t)(n - done) : FEED_NEED;
        struct slice part;

        if (!feed_more(in->feed, &r, want, e))
            return false;
        if (!reader_bytes(&r, want, &part))
            return err_pos(e, ERR_FORMAT, r.offset, "the header is cut short");
        memcpy(text + done, part.data, want);
        done += want;
    }
    *out = (struct slice){text, (size_t)n};
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    const struct value *json;
    struct header h = {0};
    struct slice text;
    uint64_t len;

    if (!header_text(in, &text, e))
        return false;
    if (text.len == 0 || text.data[0] != '{')
        return err_pos(e, ERR_FORMAT, 8, "the header does not begin with a brace");
    if (!json_read(text, in->scratch, &json, e)) {
        if (e->offset != ERR_NO_OFFSET)
            e->offset += 8;
        return err_in(e, "header");
    }
    cover->parsed = 8 + text.len;
    if (!read_header(json, in->scratch, &h, e))
        return false;
    tell_metadata(in, h.metadata);
    if (!feed_drain(in->feed, &len, e))
        return false;
    if (data_end(&h) < len - cover->parsed)
        tail_tell(in, "safetensors", cover->parsed + data_end(&h), len);
    if (!check_layout(&h, len - cover->parsed, e))
        return false;
    tell(in, &h, len - 8 - text.len);
    cover->opaque = len - 8 - text.len;
    return true;
}

const struct format format_safetensors = {
    .name = "safetensors",
    .summary = "safetensors: a JSON header and plain tensors",
    .spec = "huggingface/safetensors 0.5, README \"Format\" and safetensors/src/tensor.rs",
    .probe = probe,
    .parse = parse,
};
