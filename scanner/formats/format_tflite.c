#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/embedded.h"
#include "scanner/formats/graph/tflite.h"
#include "scanner/formats/zip/zip.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 8 && memcmp(head.data + 4, "TFL3", 4) == 0 ? FORMAT_CERTAIN : 0;
}

bool format_tflite_range(uint64_t value, uint64_t n, const char *what,
                         const struct flatbuffer_table *t, struct err *e)
{
    return value < n ||
           err_pos(e, ERR_FORMAT, t->at, "%s %" PRIu64 ", there are %" PRIu64, what, value, n);
}

/* ---- buffers ---- */
static bool sniff_buffer(struct tflite *t, uint32_t i, const struct tflite_buffer *b, struct err *e)
{
    uint8_t head[EMBEDDED_HEAD];
    const char *kind;

    if (b->n < sizeof(head))
        return true;
    if (!flatbuffer_bytes(&t->f, b->at, head, sizeof(head), e))
        return false;
    kind = embedded_kind(head);
    if (kind != NULL)
        embedded_add(&t->embedded, "buffer", i, b->at, kind);
    return true;
}

/* SPEC: schema.fbs, Buffer: the data, or where it stands behind the FlatBuffer; offsets 0 and 1
 * mean that there is none. */
static bool read_buffer(struct tflite *t, const struct flatbuffer_table *table,
                        struct tflite_buffer *b, struct err *e)
{
    struct flatbuffer_vector data;
    uint64_t at = 0, size = 0;
    uint8_t last;

    if (!flatbuffer_vector(table, 0, 1, &data, e) || !flatbuffer_scalar(table, 1, 8, &at, e) ||
        !flatbuffer_scalar(table, 2, 8, &size, e))
        return false;
    *b = (struct tflite_buffer){data.at, data.n};
    if (at <= 1)
        return true;
    if (data.n > 0)
        return err_pos(e, ERR_FORMAT, table->at, "a buffer with data in two places");
    if (at > t->f.end || size > t->f.end - at)
        return err_pos(e, ERR_FORMAT, table->at,
                       "a buffer of %" PRIu64 " bytes at byte %" PRIu64
                       ", the model ends at byte %" PRIu64,
                       size, at, t->f.end);
    *b = (struct tflite_buffer){at, size};
    return size == 0 || flatbuffer_bytes(&t->f, at + size - 1, &last, 1, e);
}

static bool read_buffers(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->model, TFLITE_BUFFERS, 4, &v, e))
        return false;
    if (v.n > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, v.at, "%" PRIu32 " buffers, at most %d (LIMIT_TENSORS)", v.n,
                       LIMIT_TENSORS);
    t->buffers = ARENA_ARRAY(t->in->scratch, struct tflite_buffer, v.n);
    t->nbuffers = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&v, i, &table, e) || !read_buffer(t, &table, &t->buffers[i], e) ||
            !sniff_buffer(t, i, &t->buffers[i], e))
            return err_in(e, "buffer %" PRIu32, i);
        t->opaque += t->buffers[i].n;
    }
    return true;
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

static bool read_model(struct tflite *t, struct err *e)
{
    struct flatbuffer_vector description;

    if (!flatbuffer_root(&t->f, &t->model, e) ||
        !flatbuffer_scalar(&t->model, TFLITE_VERSION, 4, &t->version, e) ||
        !flatbuffer_vector(&t->model, TFLITE_DESCRIPTION, 1, &description, e))
        return false;
    if (t->version != 3)
        return err_pos(e, ERR_UNSUPPORTED, t->model.at, "schema version %" PRIu64 ", 3 is read",
                       t->version);
    return read_buffers(t, e) && tflite_graph_codes(t, e) && tflite_graph_read(t, e) &&
           tflite_tell_metadata(t, e) && tflite_tell_signatures(t, e) && tflite_tell_external(t, e);
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
    ok = read_model(t, e) && flatbuffer_padding(&t->f, &accounted, e);
    flatbuffer_release(&t->f);
    if (!ok)
        return false;
    cover->opaque = t->opaque < accounted ? t->opaque : accounted;
    cover->parsed = accounted - cover->opaque;
    if (t->attachment > 0) {
        cover->attachment = t->attachment;
        cover->scanned = len - t->attachment; /* by the zip behind it */
    }
    tflite_tell(t);
    return true;
}

const struct format format_tflite = {
    .name = "tflite",
    .summary = "TensorFlow Lite (LiteRT) models: operators, buffers, metadata, associated files",
    .spec = "tensorflow/lite/schema/schema.fbs, version 3c; FlatBuffers internals",
    .probe = probe,
    .parse = parse,
};
