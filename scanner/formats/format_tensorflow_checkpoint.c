/* A checkpoint of TensorFlow: the table that says where each tensor lies, and the shards of their
 * bytes. SPEC: tensorflow/core/util/tensor_bundle/tensor_bundle.h; tsl/lib/io/format.h */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/graph/protobuf.h"
#include "scanner/formats/graph/snappy.h"
#include "scanner/formats/summary.h"

#define FOOTER 48                          /* bytes */
#define TRAILER 5                          /* bytes behind a block: its kind and its checksum */
#define MAGIC UINT64_C(0xdb4775248b80fb57) /* the last eight bytes */
#define NAMED_SHARD 45                     /* a bid of the name alone: anybody else goes first */

/* fields of the messages in the table */
enum { HEADER_SHARDS = 1, ENTRY_TYPE = 1, ENTRY_SHARD = 3, ENTRY_OFFSET, ENTRY_SIZE, FIELDS };

#define UNPACKED_MAX ((size_t)64 << 20) /* bytes of all compressed blocks; tables are small */

struct handle {
    uint64_t offset, size;
};

struct shard {
    uint64_t tensors, end; /* bytes that its tensors need */
};

struct table {
    const struct format_input *in;
    struct slice bytes;
    uint64_t seen;   /* bytes of blocks */
    size_t unpacked; /* bytes of compressed ones */
    uint64_t tensors, tensor_bytes;
    struct shard *shards;
    size_t nshards;
    uint64_t types[34]; /* tensors of each DataType */
};

/* SPEC: types.proto, DataType */
static const char *const type_names[34] = {
    NULL,
    "DT_FLOAT",
    "DT_DOUBLE",
    "DT_INT32",
    "DT_UINT8",
    "DT_INT16",
    "DT_INT8",
    "DT_STRING",
    "DT_COMPLEX64",
    "DT_INT64",
    "DT_BOOL",
    "DT_QINT8",
    "DT_QUINT8",
    "DT_QINT32",
    "DT_BFLOAT16",
    "DT_QINT16",
    "DT_QUINT16",
    "DT_UINT16",
    "DT_COMPLEX128",
    "DT_HALF",
    "DT_RESOURCE",
    "DT_VARIANT",
    "DT_UINT32",
    "DT_UINT64",
    "DT_FLOAT8_E5M2",
    "DT_FLOAT8_E4M3FN",
    "DT_FLOAT8_E4M3FNUZ",
    "DT_FLOAT8_E4M3B11FNUZ",
    "DT_FLOAT8_E5M2FNUZ",
    "DT_INT4",
    "DT_UINT4",
    "DT_INT2",
    "DT_UINT2",
    "DT_FLOAT4_E2M1FN",
};

static bool digits(const char *s)
{
    for (size_t i = 0; i < 5; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return true;
}

/* "variables.data-00000-of-00001" */
static bool shard_name(const char *name)
{
    const size_t n = strlen(name), tail = strlen(".data-00000-of-00001");
    const char *at = name + n - tail;

    return n > tail && strncmp(at, ".data-", 6) == 0 && digits(at + 6) &&
           strncmp(at + 11, "-of-", 4) == 0 && digits(at + 15);
}

static int probe(struct slice head, const char *name)
{
    /* the first key is empty, and its value a BundleHeaderProto, or SavedTensorSlices */
    const bool first = head.len >= 5 && head.data[0] == 0 && head.data[1] == 0 &&
                       head.data[2] < 64 &&
                       (head.data[3] == 0x08 || head.data[3] == 0x0a || head.data[3] == 0x1a);

    if (slice_ends(slice_str(name), ".index") || first)
        return FORMAT_CLAIM + 5;
    return shard_name(name) ? NAMED_SHARD : 0;
}

/* ---- the table ---- */
static bool read_handle(struct reader *r, struct handle *h)
{
    return reader_varint(r, &h->offset) && reader_varint(r, &h->size);
}

/* SPEC: format.h, CompressionType: none, or Snappy */
static bool block_bytes(struct table *t, struct handle h, struct slice *out, struct err *e)
{
    const uint8_t kind = t->bytes.data[h.offset + h.size];

    *out = (struct slice){t->bytes.data + h.offset, (size_t)h.size};
    t->seen += h.size + TRAILER;
    if (kind > 1)
        return err_pos(e, ERR_UNSUPPORTED, h.offset + h.size, "a block compressed by method %u",
                       kind);
    if (kind == 0)
        return true;
    if (h.size > UNPACKED_MAX - t->unpacked)
        return err_pos(e, ERR_LIMIT, h.offset, "blocks of more than 64 MiB (UNPACKED_MAX)");
    if (!snappy_decode(reader_at(*out, h.offset), UNPACKED_MAX - t->unpacked, t->in->scratch, out,
                       e))
        return false;
    t->unpacked += out->len;
    return true;
}

/* The entries of a block, without the offsets behind them. */
static bool open_block(struct table *t, struct handle h, struct reader *out, struct err *e)
{
    const uint64_t len = t->bytes.len - FOOTER;
    struct slice block;
    uint32_t restarts;
    struct reader r;

    if (h.size > len || h.offset > len - h.size || len - h.size - h.offset < TRAILER)
        return err_fail(e, ERR_FORMAT,
                        "a block of %" PRIu64 " bytes at %" PRIu64 " reaches past the table",
                        h.size, h.offset);
    if (!block_bytes(t, h, &block, e))
        return false;
    r = reader_over(slice_from(block, block.len < 4 ? block.len : block.len - 4));
    if (!reader_u32le(&r, &restarts) || restarts > (block.len - 4) / 4)
        return err_pos(e, ERR_FORMAT, h.offset, "a block of %zu bytes is broken", block.len);
    block.len -= 4 + (size_t)4 * restarts;
    *out = reader_at(block, h.offset);
    return true;
}

/* The length of the key, and the value. Keys share their beginnings: only whether one is empty
 * matters here. */
static bool read_entry(struct reader *r, uint64_t *key, struct reader *value, struct err *e)
{
    const struct reader at = *r;
    uint64_t shared, own, bytes;

    if (!reader_varint(r, &shared) || !reader_varint(r, &own) || !reader_varint(r, &bytes) ||
        shared > *key || !reader_skip(r, own) || !reader_sub(r, bytes, value))
        return err_at(e, ERR_FORMAT, &at, "an entry of the table is cut short");
    return checked_add(shared, own, key);
}

/* The numbers among the first fields of a message. */
static bool read_numbers(struct reader r, uint64_t numbers[FIELDS], struct err *e)
{
    const struct reader at = r;
    struct protobuf_field f;

    while (r.left > 0) {
        if (!protobuf_head(&r, &f) || (f.wire == PROTOBUF_BYTES && !reader_skip(&r, f.value)))
            return err_at(e, ERR_FORMAT, &at, "an entry that is no message");
        if (f.wire == PROTOBUF_VARINT && f.number < FIELDS)
            numbers[f.number] = f.value;
    }
    return true;
}

/* SPEC: tensor_bundle.proto, BundleHeaderProto: a checkpoint has one shard at least. */
static bool read_header(struct table *t, struct reader r, struct err *e)
{
    uint64_t numbers[FIELDS] = {0};

    if (!read_numbers(r, numbers, e))
        return false;
    if (t->nshards > 0)
        return err_at(e, ERR_FORMAT, &r, "a second header");
    if (numbers[HEADER_SHARDS] > LIMIT_TENSOR_FACTS)
        return err_at(e, ERR_LIMIT, &r, "more than %d shards (LIMIT_TENSOR_FACTS)",
                      LIMIT_TENSOR_FACTS);
    t->nshards = numbers[HEADER_SHARDS] > 0 ? (size_t)numbers[HEADER_SHARDS] : 1;
    t->shards = ARENA_ARRAY(t->in->scratch, struct shard, t->nshards);
    return true;
}

/* SPEC: tensor_bundle.proto, BundleEntryProto: where a tensor lies. */
static bool read_tensor(struct table *t, struct reader r, struct err *e)
{
    uint64_t numbers[FIELDS] = {0}, end;
    struct shard *s;

    if (!read_numbers(r, numbers, e))
        return false;
    if (numbers[ENTRY_TYPE] < ARRAY_LEN(t->types))
        t->types[numbers[ENTRY_TYPE]]++;
    if (!checked_add(t->tensor_bytes, numbers[ENTRY_SIZE], &t->tensor_bytes) ||
        !checked_add(numbers[ENTRY_OFFSET], numbers[ENTRY_SIZE], &end) || end > INT64_MAX)
        return err_at(e, ERR_FORMAT, &r, "tensors of more than 2^63 bytes");
    if (numbers[ENTRY_SHARD] >= t->nshards)
        return err_at(e, ERR_FORMAT, &r, "a tensor in shard %" PRIu64 " of %zu",
                      numbers[ENTRY_SHARD], t->nshards);
    s = &t->shards[numbers[ENTRY_SHARD]];
    s->tensors++;
    s->end = s->end > end ? s->end : end;
    return true;
}

static bool read_block(struct table *t, struct handle h, struct err *e)
{
    struct reader r, value;
    uint64_t key = 0;

    if (!open_block(t, h, &r, e))
        return false;
    while (r.left > 0) {
        if (!read_entry(&r, &key, &value, e) ||
            !(key == 0 ? read_header(t, value, e) : read_tensor(t, value, e)))
            return false;
        t->tensors += key > 0;
        if (t->tensors > LIMIT_TENSORS)
            return err_at(e, ERR_LIMIT, &r, "more than %d tensors (LIMIT_TENSORS)", LIMIT_TENSORS);
    }
    return true;
}

static bool read_table(struct table *t, struct err *e)
{
    struct reader footer = reader_at((struct slice){t->bytes.data + t->bytes.len - FOOTER, FOOTER},
                                     t->bytes.len - FOOTER);
    struct handle meta, index, block;
    struct reader r, value;
    uint64_t key = 0;

    if (!read_handle(&footer, &meta) || !read_handle(&footer, &index))
        return err_at(e, ERR_FORMAT, &footer, "the footer of the table is broken");
    if (!open_block(t, meta, &r, e) || !open_block(t, index, &r, e))
        return false;
    while (r.left > 0) {
        if (!read_entry(&r, &key, &value, e))
            return false;
        if (!read_handle(&value, &block))
            return err_at(e, ERR_FORMAT, &value, "an entry of the index is broken");
        if (!read_block(t, block, e))
            return false;
    }
    if (t->seen != t->bytes.len - FOOTER)
        return err_fail(e, ERR_FORMAT, "blocks of %" PRIu64 " bytes in a table of %zu", t->seen,
                        t->bytes.len - FOOTER);
    return true;
}

/* "variables.index" names "variables.data-00000-of-00001" beside it. */
static void tell_shard(struct table *t, size_t i)
{
    const struct shard *s = &t->shards[i];
    const char *base = extension_base(t->in->path);
    const int stem = (int)(strlen(base) - strlen(extension_of(base)));
    struct arena *a = t->in->scratch;
    const char *name = arena_printf(a, "%.*s.data-%05zu-of-%05zu", stem, base, i, t->nshards);
    const char *target = companions_add(t->in, slice_str(name));
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "target",
                  format_string(a, slice_str(target != NULL ? target : ""), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, (int64_t)s->tensors, NULL));
    value_map_add(&b, "end", value_int(a, (int64_t)s->end, NULL));
    format_tell(t->in, "model.shard", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static void tell(struct table *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    for (size_t i = 0; i < ARRAY_LEN(t->types); i++)
        if (t->types[i] > 0 && type_names[i] != NULL)
            value_map_add(&types, type_names[i], value_int(a, (int64_t)t->types[i], NULL));
    summary_tell(t->in, t->tensors, t->tensor_bytes, value_map_end(&types, NULL));
}

static bool has_magic(struct slice s)
{
    uint64_t magic = 0;

    if (s.len < FOOTER)
        return false;
    for (unsigned i = 0; i < 8; i++)
        magic |= (uint64_t)s.data[s.len - 8 + i] << 8 * i;
    return magic == MAGIC;
}

/* Numbers, as many as the table says, which vouches for them where it lies beside them
 * (companions.h): then this is not asked. A container checks the length of its members. */
static bool parse_shard(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    cover->format = "tensor-data";
    if (!feed_drain(in->feed, &cover->opaque, e))
        return false;
    return in->container != NULL ||
           err_fail(e, ERR_FORMAT, "a shard of a checkpoint, and no table beside it");
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct table t = {.in = in};
    uint64_t len;
    bool ok;

    cover->format = "tensorflow-checkpoint";
    if (shard_name(in->path))
        return parse_shard(in, cover, e);
    if (!feed_drain(in->feed, &len, e))
        return false;
    if (!has_magic(feed_tail(in->feed))) {
        cover->declined = in->weak && (len == 0 || len >= FOOTER);
        return cover->declined || err_fail(e, ERR_FORMAT, "no magic at the end");
    }
    if (!source_slurp(in->bytes, LIMIT_CAPTURE_BYTES, in->scratch, &t.bytes, e))
        return false;
    ok = has_magic(t.bytes) && read_table(&t, e);
    cover->parsed = ok ? t.bytes.len : 0;
    if (!ok)
        return false;
    for (size_t i = 0; slice_ends(slice_str(in->path), ".index") && i < t.nshards; i++)
        tell_shard(&t, i);
    tell(&t);
    return true;
}

const struct format format_tensorflow_checkpoint = {
    .name = "tf-checkpoint",
    .summary = "checkpoints of TensorFlow: the table of tensors, and their bytes",
    .spec = "tensorflow/core/util/tensor_bundle/tensor_bundle.h",
    .probe = probe,
    .parse = parse,
};
