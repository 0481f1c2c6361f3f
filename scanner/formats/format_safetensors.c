#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/metadata.h"
#include "scanner/formats/safetensors_header.h"
#include "scanner/formats/summary.h"
#include "scanner/formats/tail.h"

#define METADATA_KEYS 256
#define METADATA_TEXT 4096

static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head);
    uint64_t n;
    uint8_t c, next;

    (void)name;
    if (!reader_u64le(&r, &n) || !reader_u8(&r, &c) || c != '{' || n < 2 || n > UINT32_MAX)
        return slice_ends(slice_str(name), ".safetensors") && head.len >= 8 ? FORMAT_CLAIM : 0;
    do {
        if (!reader_u8(&r, &c))
            return FORMAT_CLAIM;
    } while (c == ' ' || c == '\n');
    /* Numbers of eight bytes have zeros behind a brace and a quote. */
    if (c == '}' ? n == 2 : c == '"' && reader_u8(&r, &next) && next >= ' ')
        return FORMAT_CERTAIN;
    return FORMAT_CLAIM;
}

/* The tensors are in order. */
static uint64_t data_end(const struct safetensors_header *h)
{
    return h->n > 0 ? h->tensors[h->n - 1].end : 0;
}

/* Tensors lie one behind the other and fill the buffer. SPEC: safetensors, "byte
 * buffer needs to be entirely indexed". */
static bool check_layout(const struct safetensors_header *h, uint64_t bytes, struct err *e)
{
    uint64_t at = 0;

    for (size_t i = 0; i < h->n; i++) {
        const struct safetensors_tensor *t = &h->tensors[i];

        if (t->begin != at)
            return err_pos(e, ERR_FORMAT, 8 + t->at,
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

static void tell(const struct format_input *in, const struct safetensors_header *h, uint64_t bytes)
{
    struct arena *a = in->scratch;
    uint64_t counts[SAFETENSORS_HEADER_TYPES] = {0};
    struct value_builder types;

    for (size_t i = 0; i < h->n; i++)
        counts[h->tensors[i].dtype]++;
    value_map_begin(&types, a);
    for (size_t i = 0; i < SAFETENSORS_HEADER_TYPES; i++)
        if (counts[i] > 0)
            value_map_add(&types, safetensors_header_types[i].name,
                          value_int(a, (int64_t)counts[i], NULL));
    summary_tell(in, h->n, bytes, value_map_end(&types, NULL));
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
    struct safetensors_header h;
    struct slice text;
    uint64_t len;

    if (!header_text(in, &text, e))
        return false;
    if (text.len == 0 || text.data[0] != '{')
        return err_pos(e, ERR_FORMAT, 8, "the header does not begin with a brace");
    if (!safetensors_header_read(text, 8, in->scratch, &h, e))
        return false;
    cover->parsed = 8 + text.len;
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
