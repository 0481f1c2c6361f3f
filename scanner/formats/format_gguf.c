#include "scanner/formats/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/gguf_read.h"
#include "scanner/formats/gguf_type.h"
#include "scanner/formats/jinja/jinja.h"
#include "scanner/formats/summary.h"
#include "scanner/formats/tail.h"

/* metadata keys: models have about 50, and a few for each parent model */
#define GGUF_KEYS 65536
/* bytes of one key. SPEC: gguf.md, "at most 2^16-1/65535 bytes long" */
#define GGUF_KEY 65535
/* bytes of all keys, or of all tensor names: they are kept, to see two of the same */
#define GGUF_NAMES ((size_t)64 << 20)
/* bytes: models have 32; larger pages than this do not exist where models are mapped */
#define GGUF_ALIGNMENT ((uint32_t)1 << 20)
#define GGUF_MAGIC 0x46554747 /* in the order of the bytes: GGUF */
/* bytes, dimensions. SPEC: gguf.md, gguf_tensor_info_t */
#define GGUF_NAME 64
#define GGUF_DIMS 4

/* Told of the metadata: keys, and bytes of a string. */
#define METADATA_KEYS 256
#define METADATA_TEXT 4096

static const bool type_signed[GGUF_VALUE_TYPES] = {[1] = true, [3] = true, [5] = true, [11] = true};

/* Loaders take the elements of these arrays for what they should be; those of `bytes` bytes stand
 * for one token each. SPEC: gguf.md, "GGML" below "Tokenizer" */
#define LIST_TOKENS 0
#define LISTS 4
static const struct {
    const char *key;
    uint8_t bytes; /* 0: strings */
} lists[LISTS] = {
    {"tokenizer.ggml.tokens", 0},
    {"tokenizer.ggml.scores", 4},
    {"tokenizer.ggml.token_type", 4},
    {"tokenizer.ggml.merges", 0},
};

struct tensor {
    uint64_t begin, end, at; /* `at`: offset of its record, for errors */
};

/* Names that must differ. */
struct names {
    const char *what;
    size_t min, max;           /* bytes of one */
    uint8_t last;              /* highest byte in one */
    struct value_builder seen; /* the values do not count */
    uint64_t bytes;
};

struct gguf {
    struct gguf_read at;
    uint64_t ntensors, nkeys; /* as declared */
    uint32_t alignment;
    struct names keys, names;
    struct value_builder told;
    uint64_t listed[LISTS]; /* elements */
    bool there[LISTS];
    size_t templates;
    struct tensor *tensors;
    size_t n;
    uint64_t counts[GGUF_TYPES];
};

static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(slice_from(head, 4));
    uint32_t version;

    (void)name;
    if (!slice_starts(head, "GGUF") || !reader_u32le(&r, &version))
        return 0;
    if ((version >= 1 && version <= 3) || (version >> 24 <= 3 && version << 8 == 0))
        return FORMAT_CERTAIN;
    /* a text may begin with these letters too; a number has zeros at one of its ends */
    return version <= UINT16_MAX || (version & UINT16_MAX) == 0 ? FORMAT_SURE : 0;
}

/* Reads a name that was not there before; `out` lives as long as the scratch arena. Controls would
 * end the name, or hide it, for one reader and not for another. */
static bool read_name(struct gguf *g, struct names *names, struct slice *out, struct err *e)
{
    const uint64_t at = g->at.r.offset;
    const size_t before = names->seen.n;
    const struct value_member *seen;
    uint64_t n;
    size_t bad;

    if (!gguf_read_u64(&g->at, names->what, &n, e))
        return false;
    if (n < names->min || n > names->max)
        return err_pos(e, ERR_FORMAT, at, "%s has %" PRIu64 " bytes, %zu to %zu are allowed",
                       names->what, n, names->min, names->max);
    names->bytes += n;
    if (names->bytes > GGUF_NAMES)
        return err_pos(e, ERR_LIMIT, at, "%s too many for 64 MiB (GGUF_NAMES)", names->what);
    if (!gguf_read_need(&g->at, (size_t)n, names->what, e) || !reader_bytes(&g->at.r, n, out))
        return false;
    if (!slice_utf8(*out, &bad))
        return err_pos(e, ERR_FORMAT, at + 8 + bad, "%s is not UTF-8", names->what);
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] < 0x20 || out->data[i] == 0x7f || out->data[i] > names->last)
            return err_pos(e, ERR_FORMAT, at + 8 + i, "%s holds 0x%02x", names->what, out->data[i]);
    value_map_put(&names->seen, *out, NULL);
    if (names->seen.n == before)
        return err_pos(e, ERR_FORMAT, at, "%s %.*s is there twice", names->what,
                       (int)(n < 80 ? n : 80), (const char *)out->data);
    seen = value_map_members(&names->seen);
    *out = seen[before].key;
    return true;
}

/* The last place is kept for the chat template, however many keys stand before it. */
static bool to_tell(const struct gguf *g, struct slice key)
{
    return g->told.n < METADATA_KEYS - 1 || slice_is(key, "tokenizer.chat_template");
}

/* "tokenizer.chat_template", "tokenizer.chat_template.tool_use", ...: a program renders it. */
static bool is_template(struct slice key)
{
    size_t at;

    return slice_find(key, SLICE_LIT("chat_template"), &at);
}

/* Reads a string of n bytes and judges it; one too many bytes are kept of one that is too long. */
static bool read_template(struct gguf *g, struct slice key, uint64_t n, struct err *e)
{
    const size_t keep = n > LIMIT_TEMPLATE_BYTES ? LIMIT_TEMPLATE_BYTES + 1 : (size_t)n;
    struct jinja_place at = {arena_strndup(g->at.in->scratch, key), "gguf", g->at.r.offset};
    uint8_t *text = arena_alloc(g->at.in->scratch, keep);
    struct err broken = {0};
    struct slice part;
    size_t bad;

    if (g->templates++ >= LIMIT_TEMPLATES)
        return err_at(e, ERR_LIMIT, &g->at.r, "more than %d templates (LIMIT_TEMPLATES)",
                      LIMIT_TEMPLATES);
    for (size_t got = 0; got < keep; got += part.len) {
        const size_t want = keep - got < FEED_NEED ? keep - got : FEED_NEED;

        if (!gguf_read_need(&g->at, want, "a template", e) || !reader_bytes(&g->at.r, want, &part))
            return false;
        memcpy(text + got, part.data, want);
    }
    if (!slice_utf8((struct slice){text, keep}, &bad) && (n == keep || keep - bad > 3))
        return err_pos(e, ERR_FORMAT, at.offset + bad, "a string is not UTF-8");
    /* a broken one is told by its fact; the file around it goes on */
    (void)!jinja_tell(g->at.in, (struct slice){text, keep}, &at, &broken);
    return gguf_read_skip(&g->at, n - keep, UINT8_MAX, "a template", e);
}

static bool read_string(struct gguf *g, struct slice key, const struct value **out, struct err *e)
{
    uint64_t n;
    size_t head;

    if (!gguf_read_u64(&g->at, "a string", &n, e))
        return false;
    head = n < METADATA_TEXT ? (size_t)n : METADATA_TEXT;
    if (!gguf_read_need(&g->at, head, "a string", e))
        return false;
    if (to_tell(g, key))
        *out = format_string(g->at.in->scratch, (struct slice){g->at.r.data, head}, METADATA_TEXT);
    return is_template(key) ? read_template(g, key, n, e) : gguf_read_text(&g->at, n, e);
}

/* An array below a key of templates: each string is one. */
static bool read_templates(struct gguf *g, struct slice key, const struct gguf_array *a,
                           struct err *e)
{
    uint64_t n;

    for (uint64_t i = 0; i < a->n; i++)
        if (!gguf_read_u64(&g->at, "an array of strings", &n, e) || !read_template(g, key, n, e))
            return false;
    return true;
}

static bool read_number(struct gguf *g, uint32_t type, const struct value **out, struct err *e)
{
    const uint64_t top = (uint64_t)1 << (8 * gguf_read_bytes[type] - 1);
    struct arena *a = g->at.in->scratch;
    struct slice bytes;
    uint64_t raw = 0;
    float single;
    double wide;

    if (!gguf_read_need(&g->at, gguf_read_bytes[type], "a value", e) ||
        !reader_bytes(&g->at.r, gguf_read_bytes[type], &bytes))
        return false;
    for (size_t i = 0; i < bytes.len; i++)
        raw |= (uint64_t)bytes.data[i] << 8 * (g->at.big ? bytes.len - 1 - i : i);
    /* SPEC: gguf.md, "Anything else is invalid" */
    if (type == GGUF_BOOL && raw > 1)
        return err_pos(e, ERR_FORMAT, g->at.r.offset - 1, "a boolean of value %" PRIu64, raw);
    if (type == GGUF_FLOAT32 || type == GGUF_FLOAT64) {
        memcpy(&single, &raw, sizeof(single)); /* the low half: this machine is little-endian */
        memcpy(&wide, &raw, sizeof(wide));
        wide = type == GGUF_FLOAT32 ? (double)single : wide;
        *out = isfinite(wide) ? value_double(a, wide, NULL) : value_str(a, "not finite");
        return true;
    }
    if (type_signed[type])
        raw = (raw ^ top) - top;
    if (type == GGUF_BOOL)
        *out = value_bool(a, raw != 0, NULL);
    else if (raw > INT64_MAX && !type_signed[type])
        *out = value_double(a, (double)raw, NULL);
    else
        *out = value_int(a, (int64_t)raw, NULL);
    return true;
}

/* SPEC: gguf.md, general.alignment: a uint32 and a multiple of 8; ggml's own reader wants a power
 * of two. */
static bool set_alignment(struct gguf *g, uint32_t type, const struct value *v, struct err *e)
{
    const int64_t n = value_int_or(v, 0);

    if (type != GGUF_UINT32 || n < 8 || n > GGUF_ALIGNMENT || (n & (n - 1)) != 0)
        return err_at(e, ERR_FORMAT, &g->at.r, "not a uint32 that is a power of two from 8 to %u",
                      GGUF_ALIGNMENT);
    g->alignment = (uint32_t)n;
    return true;
}

static bool check_list(struct gguf *g, struct slice key, const struct gguf_array *a, struct err *e)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (!slice_is(key, lists[i].key))
            continue;
        if (a->type == GGUF_ARRAY || gguf_read_bytes[a->type] != lists[i].bytes)
            return err_at(e, ERR_FORMAT, &g->at.r, "not an array of what loaders read");
        g->there[i] = true;
        g->listed[i] = a->n;
    }
    return true;
}

static bool read_value(struct gguf *g, struct slice key, struct err *e)
{
    const struct value *v = NULL;
    struct gguf_array a = {GGUF_ARRAY, 0}; /* no list */
    uint32_t type;
    bool ok;

    if (!gguf_read_type(&g->at, &type, e) ||
        (type == GGUF_ARRAY &&
         (!gguf_read_type(&g->at, &a.type, e) || !gguf_read_u64(&g->at, "an array", &a.n, e))) ||
        !check_list(g, key, &a, e))
        return false;
    if (type == GGUF_ARRAY)
        ok = a.type == GGUF_STRING && is_template(key) ? read_templates(g, key, &a, e)
                                                       : gguf_read_array(&g->at, &a, e);
    else if (type == GGUF_STRING)
        ok = read_string(g, key, &v, e);
    else
        ok = read_number(g, type, &v, e);
    if (ok && slice_is(key, "general.alignment"))
        ok = set_alignment(g, type, v, e);
    if (ok && v != NULL && to_tell(g, key))
        value_map_put(&g->told, key, v);
    return ok;
}

static void tell_metadata(struct gguf *g)
{
    struct arena *a = g->at.in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(g->at.in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "keys", value_int(a, (int64_t)g->nkeys, NULL));
    value_map_add(&b, "metadata", value_map_end(&g->told, NULL));
    format_tell(g->at.in, "model.metadata", NULL, 24, value_map_end(&b, NULL));
}

static bool read_metadata(struct gguf *g, struct err *e)
{
    for (uint64_t i = 0; i < g->nkeys; i++) {
        struct slice key;

        if (!read_name(g, &g->keys, &key, e))
            return false;
        if (!read_value(g, key, e))
            return err_in(e, "key %.*s", (int)(key.len < 80 ? key.len : 80),
                          (const char *)key.data);
    }
    for (size_t i = 0; i < LISTS; i++)
        if (lists[i].bytes != 0 && g->there[i] && g->there[LIST_TOKENS] &&
            g->listed[i] != g->listed[LIST_TOKENS])
            return err_at(e, ERR_FORMAT, &g->at.r, "%s has not one element for each token",
                          lists[i].key);
    if (g->nkeys > 0)
        tell_metadata(g);
    return true;
}

/* Reads the dimensions: elements in a row, and in all. */
static bool read_shape(struct gguf *g, uint64_t *row, uint64_t *elems, struct err *e)
{
    const uint64_t at = g->at.r.offset;
    bool empty = false;
    uint32_t n;
    uint64_t dim;

    if (!gguf_read_u32(&g->at, "a tensor record", &n, e))
        return false;
    if (n < 1 || n > GGUF_DIMS)
        return err_pos(e, ERR_FORMAT, at, "%" PRIu32 " dimensions, 1 to %d are allowed", n,
                       GGUF_DIMS);
    *elems = 1;
    for (uint32_t i = 0; i < n; i++) {
        if (!gguf_read_u64(&g->at, "a tensor record", &dim, e))
            return false;
        if (i == 0)
            *row = dim;
        empty = empty || dim == 0;
        /* ggml counts with 63 bits; a zero must not hide an overflow */
        if (!checked_mul(*elems, dim > 0 ? dim : 1, elems) || *elems > INT64_MAX)
            return err_pos(e, ERR_FORMAT, at, "the dimensions multiply past 2^63");
    }
    if (empty)
        *elems = 0;
    return true;
}

static bool read_span(struct gguf *g, uint64_t row, uint64_t elems, struct tensor *t, struct err *e)
{
    const uint64_t at = g->at.r.offset;
    const struct gguf_type *type;
    uint32_t number;
    uint64_t bytes;
    size_t i;

    if (!gguf_read_u32(&g->at, "a tensor record", &number, e) ||
        !gguf_read_u64(&g->at, "a tensor record", &t->begin, e))
        return false;
    i = gguf_type_find(number);
    if (i == GGUF_TYPES)
        return err_pos(e, ERR_UNSUPPORTED, at, "unknown tensor type %" PRIu32, number);
    type = &gguf_type_table[i];
    if (row % type->elems != 0)
        return err_pos(e, ERR_FORMAT, at, "a row of %" PRIu64 " does not fill blocks of %u (%s)",
                       row, type->elems, type->name);
    if (t->begin % g->alignment != 0)
        return err_pos(e, ERR_FORMAT, at + 4, "offset %" PRIu64 " is no multiple of %" PRIu32,
                       t->begin, g->alignment);
    if (!checked_mul(elems / type->elems, type->bytes, &bytes) ||
        !checked_add(t->begin, bytes, &t->end) || t->end > INT64_MAX)
        return err_pos(e, ERR_FORMAT, at + 4, "reaches past 2^63");
    g->counts[i]++;
    return true;
}

static bool read_tensors(struct gguf *g, struct err *e)
{
    for (uint64_t i = 0; i < g->ntensors; i++) {
        struct tensor t = {.at = g->at.r.offset}, *kept;
        struct slice name;
        uint64_t row, elems;

        if (!read_name(g, &g->names, &name, e))
            return false;
        if (!read_shape(g, &row, &elems, e) || !read_span(g, row, elems, &t, e))
            return err_in(e, "tensor %.*s", (int)name.len, (const char *)name.data);
        kept = ARENA_PUSH(g->at.in->scratch, &g->tensors, &g->n);
        *kept = t;
    }
    return true;
}

static uint64_t padded(const struct gguf *g, uint64_t n)
{
    return n + (g->alignment - n % g->alignment) % g->alignment;
}

/* A file of metadata alone may end without padding. */
static bool pass_padding(struct gguf *g, struct err *e)
{
    if (!feed_more(g->at.in->feed, &g->at.r, 1, e))
        return false;
    if (g->n == 0 && g->at.r.left == 0)
        return true;
    return gguf_read_skip(&g->at, padded(g, g->at.r.offset) - g->at.r.offset, 0, "the padding", e);
}

static int by_begin(const void *a, const void *b)
{
    const struct tensor *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* One behind the other, with nothing but padding between. SPEC: gguf.md, tensor_data: "the space
 * between tensors should be padded to ALIGNMENT bytes"; ggml's own reader refuses holes. */
static bool check_layout(struct gguf *g, uint64_t bytes, struct err *e)
{
    uint64_t at = 0;

    if (g->n > 0)
        qsort(g->tensors, g->n, sizeof(*g->tensors), by_begin);
    for (size_t i = 0; i < g->n; i++) {
        const struct tensor *t = &g->tensors[i];

        if (t->begin != padded(g, at))
            return err_pos(e, ERR_FORMAT, t->at,
                           "a tensor begins at %" PRIu64 ", the one before ends at %" PRIu64,
                           t->begin, at);
        at = t->end;
    }
    if (bytes > padded(g, at))
        tail_tell(g->at.in, "gguf", g->at.r.offset + padded(g, at), g->at.r.offset + bytes);
    if (bytes != at && bytes != padded(g, at))
        return err_fail(e, ERR_FORMAT, "the tensors are %" PRIu64 " bytes, the data holds %" PRIu64,
                        at, bytes);
    return true;
}

static void tell_tensors(struct gguf *g)
{
    struct arena *a = g->at.in->scratch;
    struct value_builder types;
    uint64_t bytes = 0; /* no more than the data, which they lie in one behind the other */

    for (size_t i = 0; i < g->n; i++)
        bytes += g->tensors[i].end - g->tensors[i].begin;

    value_map_begin(&types, a);
    for (size_t i = 0; i < GGUF_TYPES; i++)
        if (g->counts[i] > 0)
            value_map_add(&types, gguf_type_table[i].name,
                          value_int(a, (int64_t)g->counts[i], NULL));
    summary_tell(g->at.in, g->n, bytes, value_map_end(&types, NULL));
}

/* SPEC: gguf.md, gguf_header_t. Version 1 counts with 32 bits; nothing in a file says which end its
 * numbers begin with, but a version that large would have to be the wrong one. "Historical
 * Contexts, v3": models of large-endian machines */
static bool read_header(struct gguf *g, struct err *e)
{
    uint32_t magic, version;

    if (!gguf_read_u32(&g->at, "the header", &magic, e) ||
        !gguf_read_u32(&g->at, "the header", &version, e))
        return false;
    if (magic != GGUF_MAGIC)
        return err_pos(e, ERR_FORMAT, 0, "the magic is not GGUF");
    if (version != 0 && (version & UINT16_MAX) == 0) {
        g->at.big = true;
        version = version >> 24 | (version >> 8 & 0xff00);
    }
    if (version < 2 || version > 3)
        return err_pos(e, ERR_UNSUPPORTED, 4, "format version %" PRIu32 ", 2 and 3 are read",
                       version);
    if (!gguf_read_u64(&g->at, "the header", &g->ntensors, e) ||
        !gguf_read_u64(&g->at, "the header", &g->nkeys, e))
        return false;
    if (g->ntensors > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, 8, "%" PRIu64 " tensors, at most %d (LIMIT_TENSORS)",
                       g->ntensors, LIMIT_TENSORS);
    if (g->nkeys > GGUF_KEYS)
        return err_pos(e, ERR_LIMIT, 16, "%" PRIu64 " keys, at most %d (GGUF_KEYS)", g->nkeys,
                       GGUF_KEYS);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct gguf g = {
        .at = {.in = in},
        .alignment = 32,
        /* SPEC: gguf.md, gguf_metadata_kv_t: "It must be a valid ASCII string" */
        .keys = {.what = "a key", .min = 1, .max = GGUF_KEY, .last = 0x7e},
        .names = {.what = "a tensor name", .max = GGUF_NAME, .last = UINT8_MAX},
    };
    bool ok;
    uint64_t len;

    value_map_begin(&g.keys.seen, in->scratch);
    value_map_begin(&g.names.seen, in->scratch);
    value_map_begin(&g.told, in->scratch);
    ok = read_header(&g, e) && read_metadata(&g, e) && read_tensors(&g, e) && pass_padding(&g, e);
    cover->parsed = g.at.r.offset;
    if (!ok || !feed_drain(in->feed, &len, e) || !check_layout(&g, len - cover->parsed, e))
        return false;
    cover->opaque = len - cover->parsed;
    tell_tensors(&g);
    return true;
}

const struct format format_gguf = {
    .name = "gguf",
    .summary = "GGUF of llama.cpp: metadata, tensor records and their data",
    .spec = "ggml docs/gguf.md, version 3 (and 2), either end first",
    .begins = "GGUF",
    .probe = probe,
    .parse = parse,
};
