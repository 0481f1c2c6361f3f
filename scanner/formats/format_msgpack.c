#include "scanner/formats/format.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/pickle/pickle_payload.h"

#define MSGPACK_DEPTH 64  /* maps and arrays within each other; models of Flax have ten */
#define MSGPACK_NESTED 64 /* values that are scanned as files of their own */
#define MSGPACK_PEEK 64   /* bytes of a value that are looked at */
#define MSGPACK_KINDS 4   /* extension types that are known: -1 and below */
#define MSGPACK_TIMESTAMP 0xff

enum kind { VALUE, TEXT, BINARY, EXTENSION, ARRAY, MAP, NEVER };

/* SPEC: msgpack spec.md (2017), "Formats": the first byte, up to the next row's; `size` bytes of
 * length follow (VALUE: of the number itself). Rows without a size have it in the first byte. */
static const struct row {
    uint8_t first, kind, size, mask;
} rows[] = {
    {0x00, VALUE, 0, 0},     {0x80, MAP, 0, 0x0f}, {0x90, ARRAY, 0, 0x0f},  {0xa0, TEXT, 0, 0x1f},
    {0xc0, VALUE, 0, 0},     {0xc1, NEVER, 0, 0},  {0xc2, VALUE, 0, 0},     {0xc4, BINARY, 1, 0},
    {0xc5, BINARY, 2, 0},    {0xc6, BINARY, 4, 0}, {0xc7, EXTENSION, 1, 0}, {0xc8, EXTENSION, 2, 0},
    {0xc9, EXTENSION, 4, 0}, {0xca, VALUE, 4, 0},  {0xcb, VALUE, 8, 0},     {0xcc, VALUE, 1, 0},
    {0xcd, VALUE, 2, 0},     {0xce, VALUE, 4, 0},  {0xcf, VALUE, 8, 0},     {0xd0, VALUE, 1, 0},
    {0xd1, VALUE, 2, 0},     {0xd2, VALUE, 4, 0},  {0xd3, VALUE, 8, 0},     {0xd4, EXTENSION, 0, 0},
    {0xd9, TEXT, 1, 0},      {0xda, TEXT, 2, 0},   {0xdb, TEXT, 4, 0},      {0xdc, ARRAY, 2, 0},
    {0xdd, ARRAY, 4, 0},     {0xde, MAP, 2, 0},    {0xdf, MAP, 4, 0},       {0xe0, VALUE, 0, 0},
};

struct msgpack {
    const struct format_input *in;
    struct reader r;
    uint64_t left[MSGPACK_DEPTH]; /* values that each container still has */
    unsigned depth;
    uint64_t values, binaries, opaque, nested;
    uint64_t extensions[MSGPACK_KINDS]; /* 0: timestamps, else by type */
};

static const struct row *row_of(uint8_t b)
{
    size_t i = ARRAY_LEN(rows) - 1;

    while (rows[i].first > b)
        i--;
    return &rows[i];
}

/* May a key, or what an array of data begins with, begin so? */
static bool key(uint8_t b)
{
    const struct row *row = row_of(b);

    return row->kind == TEXT || row->kind == BINARY || row->kind == EXTENSION ||
           (b >= 0xcc && b <= 0xcf);
}

/* A map or an array of something, as saved states are; or a name that says so. */
static int probe(struct slice head, const char *name)
{
    const struct row *row;
    size_t at;

    if (head.len == 0)
        return 0;
    row = row_of(head.data[0]);
    if (row->kind != MAP && row->kind != ARRAY)
        return 0;
    if (slice_ends(slice_str(name), ".msgpack"))
        return FORMAT_SURE;
    at = 1 + row->size;
    if (head.len == 1)
        return head.data[0] == 0x80 || head.data[0] == 0x90 ? FORMAT_WEAK : 0;
    return at < head.len && key(head.data[at]) ? FORMAT_WEAK : 0;
}

static bool need(struct msgpack *m, size_t n, struct err *e)
{
    if (m->r.left < n && !feed_more(m->in->feed, &m->r, n, e))
        return false;
    return m->r.left >= n || err_at(e, ERR_FORMAT, &m->r, "a value is cut short");
}

static bool number(struct msgpack *m, size_t size, uint64_t *out, struct err *e)
{
    struct slice bytes;

    if (!need(m, size, e) || !reader_bytes(&m->r, size, &bytes))
        return false;
    *out = 0;
    for (size_t i = 0; i < size; i++)
        *out = *out << 8 | bytes.data[i];
    return true;
}

static bool open_container(struct msgpack *m, uint64_t n, struct err *e)
{
    if (m->depth == MSGPACK_DEPTH)
        return err_at(e, ERR_LIMIT, &m->r, "more than %d containers within each other",
                      MSGPACK_DEPTH);
    m->left[m->depth++] = n;
    return true;
}

/* What begins like a pickle, an archive or a program is judged as a file of its own. */
static bool scan_value(struct msgpack *m, uint64_t n, struct err *e)
{
    struct source *s;
    struct format_input inner;
    bool ok;

    if (m->nested++ == MSGPACK_NESTED)
        return err_at(e, ERR_LIMIT, &m->r, "more than %d values that begin like a file",
                      MSGPACK_NESTED);
    s = source_sub(m->in->bytes, m->r.offset, n);
    inner =
        format_inner(m->in, s, arena_printf(m->in->scratch, "value-%" PRIu64 ".bin", m->r.offset));
    inner.container = "msgpack";
    ok = format_scan(&inner, e);
    source_free(s);
    return ok;
}

static bool payload(struct msgpack *m, uint64_t n, bool text, struct err *e)
{
    const size_t peek = n < MSGPACK_PEEK ? (size_t)n : MSGPACK_PEEK;

    if (!need(m, peek, e))
        return false;
    if (pickle_payload_of((struct slice){m->r.data, peek}) != PICKLE_PAYLOAD_NONE &&
        !scan_value(m, n, e))
        return false;
    if (!text) {
        m->opaque += n;
        m->binaries++;
    }
    return feed_skip(m->in->feed, &m->r, n, e);
}

/* SPEC: flax/serialization.py, _MsgpackExtType: 1 an array, 2 a complex number, 3 a scalar. */
static bool extension(struct msgpack *m, uint64_t n, struct err *e)
{
    uint64_t type;

    if (!number(m, 1, &type, e))
        return false;
    if (type == MSGPACK_TIMESTAMP)
        type = 0;
    else if (type == 0 || type >= MSGPACK_KINDS)
        return err_pos(e, ERR_UNSUPPORTED, m->r.offset - 1,
                       "extension type %d, which only its own reader knows", (int8_t)type);
    m->extensions[type]++;
    return payload(m, n, false, e);
}

static bool value(struct msgpack *m, struct err *e)
{
    const uint64_t at = m->r.offset;
    const struct row *row;
    uint64_t first, n;

    if (!number(m, 1, &first, e))
        return false;
    m->values++;
    row = row_of((uint8_t)first);
    n = row->kind == EXTENSION ? UINT64_C(1) << (first - row->first) : first & row->mask;
    if (row->size > 0 && !number(m, row->size, &n, e))
        return false;
    switch ((enum kind)row->kind) {
    case VALUE:
        return true;
    case TEXT:
    case BINARY:
        return payload(m, n, row->kind == TEXT, e);
    case EXTENSION:
        return extension(m, n, e);
    case ARRAY:
        return open_container(m, n, e);
    case MAP:
        return open_container(m, 2 * n, e);
    case NEVER:
        break;
    }
    return err_pos(e, ERR_FORMAT, at, "a byte 0xc1, which is never used");
}

static void tell(struct msgpack *m)
{
    static const char *const names[] = {"timestamp", "array", "complex", "scalar"};
    struct arena *a = m->in->scratch;
    struct value_builder b, kinds;

    value_map_begin(&kinds, a);
    for (size_t i = 0; i < MSGPACK_KINDS; i++)
        if (m->extensions[i] > 0)
            value_map_add(&kinds, names[i], value_int(a, (int64_t)m->extensions[i], NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(m->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "values", value_int(a, (int64_t)m->values, NULL));
    value_map_add(&b, "binaries", value_int(a, (int64_t)m->binaries, NULL));
    value_map_add(&b, "binary_bytes", value_int(a, (int64_t)m->opaque, NULL));
    value_map_add(&b, "extensions", value_map_end(&kinds, NULL));
    value_map_add(&b, "nested", value_int(a, (int64_t)m->nested, NULL));
    format_tell(m->in, "model.msgpack", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* One value, and nothing behind it. */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct msgpack m = {.in = in, .left = {1}, .depth = 1};
    uint64_t len;
    bool ok = true;

    while (ok && m.depth > 0) {
        if (m.left[m.depth - 1] == 0) {
            m.depth--;
            continue;
        }
        m.left[m.depth - 1]--;
        ok = value(&m, e);
    }
    cover->opaque = m.opaque < m.r.offset ? m.opaque : m.r.offset;
    cover->parsed = m.r.offset - cover->opaque;
    ok = ok && feed_drain(in->feed, &len, e);
    if (ok && len != m.r.offset)
        ok = err_pos(e, ERR_FORMAT, m.r.offset, "%" PRIu64 " bytes behind the value",
                     len - m.r.offset);
    if (!ok && in->weak && m.nested == 0 &&
        (e->code == ERR_FORMAT || e->code == ERR_UNSUPPORTED || e->code == ERR_LIMIT)) {
        cover->declined = true; /* anything may begin with such bytes */
        return true;
    }
    if (ok)
        tell(&m);
    return ok;
}

const struct format format_msgpack = {
    .name = "msgpack",
    .summary = "MessagePack: parameters of Flax, parts of spaCy pipelines",
    .spec = "msgpack spec.md (2017); Flax 0.10, flax/serialization.py",
    .probe = probe,
    .parse = parse,
};
