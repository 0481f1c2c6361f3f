#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/format.h"
#include "scanner/formats/table/arrow.h"

#define MAGIC 8 /* bytes: ARROW1 and two zeros */
#define END 10  /* bytes: the length of the footer, ARROW1 */
#define CONTINUES UINT32_MAX
#define BUFFER 16 /* bytes: offset and length in the body */
#define BLOCK 24  /* bytes: offset, length of the metadata and 4 bytes, length of the body */

struct place {
    uint64_t at, metadata, body; /* `metadata`: with its length in front */
};

struct walk {
    const struct format_input *in;
    struct format_cover *cover;
    struct flatbuffer f;
    struct arrow_seen seen;
    uint64_t at, end;               /* of the messages */
    bool ended, schema, dictionary; /* the last message is a dictionary: its rows are none */
    struct place *places;           /* of dictionaries and batches, in the order of the file */
    size_t nplaces;
    uint64_t rows, batches, tensors;
};

/* ---- probing ---- */
/* Does the table of a message with a schema stand behind `at` bytes, in a buffer of n? */
static bool is_schema(struct slice head, size_t at, uint32_t n)
{
    struct reader r = reader_over(slice_from(head, at)), t;
    uint32_t root, back, type;
    uint16_t size, field;
    uint8_t header;

    if (!reader_u32le(&r, &root) || root < 4 || root > n - 4)
        return false;
    t = reader_over(slice_from(head, at + root));
    if (!reader_u32le(&t, &back) || back > root) /* the vtable stands in front */
        return false;
    r = reader_over(slice_from(head, at + root - back));
    if (!reader_u16le(&r, &size) || size < 10 || size > 14 || !reader_skip(&r, 4) ||
        !reader_u16le(&r, &field) || field < 4)
        return false;
    t = reader_over(slice_from(head, at + root + field));
    type = ARROW_SCHEMA;
    return reader_u8(&t, &header) && header == type;
}

static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head);
    uint32_t n, size;

    if (slice_starts(head, "ARROW1") && head.len >= MAGIC && head.data[6] == 0 && head.data[7] == 0)
        return FORMAT_CERTAIN;
    if (!reader_u32le(&r, &n) || !reader_u32le(&r, &size))
        return 0;
    if (n == CONTINUES && size >= 16 && size <= LIMIT_CAPTURE_BYTES && size % 8 == 0)
        return is_schema(head, 8, size)            ? FORMAT_CERTAIN
               : extension_promises(name, "arrow") ? FORMAT_SURE
                                                   : 0;
    /* SPEC: Arrow, "Encapsulated message format": before 0.15 the length alone */
    return extension_promises(name, "arrow") && n >= 16 && n % 4 == 0 && is_schema(head, 4, n)
               ? FORMAT_CERTAIN
               : 0;
}

/* ---- messages ---- */
/* RecordBatch: its buffers must lie in the body. */
static bool batch(struct walk *w, const struct flatbuffer_table *t, uint64_t body, struct err *e)
{
    struct flatbuffer_vector buffers;
    uint64_t rows = 0, offset = 0, length = 0;
    uint8_t bytes[BUFFER];
    struct reader r;

    if (!flatbuffer_scalar(t, 0, 8, &rows, e) || !flatbuffer_vector(t, 2, BUFFER, &buffers, e))
        return false;
    if (rows > INT64_MAX || rows > INT64_MAX - w->rows)
        return err_pos(e, ERR_FORMAT, t->at, "a batch of a negative number of rows");
    w->rows += w->dictionary ? 0 : rows;
    for (uint32_t i = 0; i < buffers.n; i++) {
        if (!flatbuffer_bytes(&w->f, buffers.at + (uint64_t)i * BUFFER, bytes, BUFFER, e))
            return false;
        r = reader_over((struct slice){bytes, BUFFER});
        if (!reader_u64le(&r, &offset) || !reader_u64le(&r, &length) || offset > body ||
            length > body - offset)
            return err_pos(e, ERR_FORMAT, t->at,
                           "buffer %" PRIu32 " of %" PRIu64 " bytes at %" PRIu64
                           " lies outside of its body of %" PRIu64,
                           i, length, offset, body);
    }
    return true;
}

static bool contents(struct walk *w, const struct arrow_message *m, struct err *e)
{
    struct flatbuffer_table data = m->table;

    if (m->header == ARROW_SCHEMA) {
        if (w->schema)
            return err_pos(e, ERR_FORMAT, w->at, "a second schema");
        w->schema = true;
        return arrow_schema(&w->seen, &m->table, e);
    }
    if (!w->schema && m->header < ARROW_TENSOR)
        return err_pos(e, ERR_FORMAT, w->at, "a batch in front of the schema");
    if (m->header >= ARROW_TENSOR) {
        w->tensors++;
        return true;
    }
    w->dictionary = m->header == ARROW_DICTIONARY;
    if (!w->dictionary)
        w->batches++;
    else if (!flatbuffer_sub(&m->table, 1, &data, e))
        return false;
    if (data.at == 0)
        return err_pos(e, ERR_FORMAT, w->at, "a dictionary without data");
    return batch(w, &data, m->body, e);
}

/* The length of the metadata at w->at, and of what stands in front of them. */
static bool lengths(struct walk *w, uint32_t *n, uint64_t *prefix, struct err *e)
{
    uint8_t bytes[8];
    struct reader r = reader_over((struct slice){bytes, 4});

    *prefix = 4;
    if (!source_read(w->in->bytes, w->at, bytes, 4, e) || !reader_u32le(&r, n))
        return false;
    if (*n != CONTINUES)
        return true;
    *prefix = 8;
    r = reader_over((struct slice){bytes, 4});
    return source_read(w->in->bytes, w->at + 4, bytes, 4, e) && reader_u32le(&r, n);
}

static bool message(struct walk *w, struct err *e)
{
    struct arrow_message m;
    struct place *place;
    uint64_t prefix, body;
    uint32_t n;

    if (!lengths(w, &n, &prefix, e))
        return false;
    if (n > LIMIT_CAPTURE_BYTES)
        return err_pos(e, n > INT32_MAX ? ERR_FORMAT : ERR_LIMIT, w->at,
                       "a message of %" PRIu32 " bytes (LIMIT_CAPTURE_BYTES)", n);
    body = w->at + prefix + n;
    if (body > w->end)
        return err_pos(e, ERR_FORMAT, w->at, "a message is cut short");
    if (n == 0) {
        w->ended = true;
        w->cover->parsed += prefix;
        w->at = body;
        return true;
    }
    w->f.base = w->at + prefix;
    w->f.end = body;
    if (!arrow_message(&w->f, &m, e) || !contents(w, &m, e))
        return false;
    if (m.body > w->end - body)
        return err_pos(e, ERR_FORMAT, body, "a body of %" PRIu64 " bytes is cut short", m.body);
    if (m.header == ARROW_DICTIONARY || m.header == ARROW_BATCH) {
        place = ARENA_PUSH(w->in->scratch, &w->places, &w->nplaces);
        *place = (struct place){w->at, prefix + n, m.body};
    }
    w->cover->parsed += prefix + n;
    w->cover->opaque += m.body;
    w->at = body + m.body;
    return true;
}

static bool messages(struct walk *w, struct err *e)
{
    while (!w->ended && w->at < w->end)
        if (!message(w, e))
            return false;
    return true;
}

/* ---- the footer of a file. SPEC: Arrow 1.5, format/File.fbs ---- */
static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

/* Who reads a file goes by its footer, who reads a stream by the messages: both must find the
 * same. */
static bool blocks(struct walk *w, const struct flatbuffer_table *footer, unsigned field,
                   uint64_t *n, struct err *e)
{
    struct flatbuffer_vector v;
    struct place key = {0, 0, 0};
    const struct place *found;
    uint8_t bytes[BLOCK];
    uint32_t metadata = 0;
    struct reader r;

    if (!flatbuffer_vector(footer, field, BLOCK, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_bytes(&w->f, v.at + (uint64_t)i * BLOCK, bytes, BLOCK, e))
            return false;
        r = reader_over((struct slice){bytes, BLOCK});
        if (!reader_u64le(&r, &key.at) || !reader_u32le(&r, &metadata) || !reader_skip(&r, 4) ||
            !reader_u64le(&r, &key.body))
            return false;
        found =
            w->nplaces == 0 ? NULL : bsearch(&key, w->places, w->nplaces, sizeof(key), by_place);
        if (found == NULL || found->metadata != metadata || found->body != key.body)
            return err_pos(e, ERR_FORMAT, v.at,
                           "the footer names a message at %" PRIu64 " that is not there", key.at);
    }
    *n += v.n;
    return true;
}

static bool read_footer(struct walk *w, uint64_t at, uint32_t n, struct err *e)
{
    struct flatbuffer_table footer, schema;
    uint64_t named = 0;

    w->f.base = at;
    w->f.end = at + n;
    if (!flatbuffer_root(&w->f, &footer, e) || !flatbuffer_sub(&footer, 1, &schema, e))
        return false;
    if (schema.at == 0)
        return err_pos(e, ERR_FORMAT, at, "a footer without a schema");
    if (!arrow_schema(&w->seen, &schema, e) || !blocks(w, &footer, 2, &named, e) ||
        !blocks(w, &footer, 3, &named, e))
        return false;
    if (named != w->nplaces)
        return err_pos(e, ERR_FORMAT, at, "the footer names %" PRIu64 " messages, there are %zu",
                       named, w->nplaces);
    w->cover->parsed += (uint64_t)n + END;
    return true;
}

static bool file(struct walk *w, uint64_t len, struct err *e)
{
    const struct slice tail = feed_tail(w->in->feed);
    struct reader r;
    uint32_t n;

    if (len < MAGIC + END || tail.len < END || memcmp(tail.data + tail.len - 6, "ARROW1", 6) != 0)
        return err_pos(e, ERR_FORMAT, len, "no footer at the end");
    r = reader_over((struct slice){tail.data + tail.len - END, END});
    if (!reader_u32le(&r, &n) || n > len - MAGIC - END)
        return err_pos(e, ERR_FORMAT, len - END, "a footer of %" PRIu32 " bytes", n);
    w->cover->parsed = MAGIC;
    w->at = MAGIC;
    w->end = len - END - n;
    return messages(w, e) && read_footer(w, w->end, n, e);
}

static bool stream(struct walk *w, uint64_t len, struct err *e)
{
    w->end = len;
    if (!messages(w, e))
        return false;
    /* SPEC: "IPC Streaming Format": who writes may also close the stream without it; no library
     * does, and then nobody can tell what is missing */
    if (!w->ended)
        return err_pos(e, ERR_FORMAT, len, "the stream has no end");
    return w->schema || w->tensors > 0 || err_pos(e, ERR_FORMAT, 0, "a stream without a schema");
}

static void tell(const struct walk *w)
{
    struct arena *a = w->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(w->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "format", value_str(a, "arrow"));
    value_map_add(&b, "created_by", value_str(a, ""));
    value_map_add(&b, "rows", value_int(a, (int64_t)w->rows, NULL));
    value_map_add(&b, "batches", value_int(a, (int64_t)w->batches, NULL));
    value_map_add(&b, "columns", value_int(a, (int64_t)w->seen.top, NULL));
    value_map_add(&b, "encrypted", value_str(a, "no"));
    value_map_add(&b, "elsewhere", value_int(a, 0, NULL));
    value_map_add(&b, "keys", arrow_keys(&w->seen));
    value_map_add(&b, "extensions", arrow_extensions(&w->seen));
    format_tell(w->in, "model.table", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct walk w = {.in = in, .cover = cover};
    uint8_t magic[MAGIC] = {0};
    size_t got = 0;
    uint64_t len;
    bool ok;

    if (!feed_drain(in->feed, &len, e) || !source_some(in->bytes, 0, magic, sizeof(magic), &got, e))
        return false;
    arrow_seen_init(&w.seen, in);
    flatbuffer_init(&w.f, in->bytes, 0, len);
    ok = memcmp(magic, "ARROW1", 6) == 0 ? file(&w, len, e) : stream(&w, len, e);
    flatbuffer_release(&w.f);
    if (w.schema || w.tensors > 0)
        tell(&w);
    return ok;
}

const struct format format_arrow = {
    .name = "arrow",
    .summary = "tables of Apache Arrow (IPC files and streams, Feather 2): messages; bodies opaque",
    .spec = "Apache Arrow Columnar Format 1.5, \"Serialization and Interprocess Communication\"",
    .probe = probe,
    .parse = parse,
};
