/* A value tree as bytes. */
#include "base/value_wire.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/value_index.h"

static void put_text(struct buf *b, struct slice s)
{
    buf_varint(b, s.len);
    buf_put(b, s);
}

static void put_gap(struct buf *b, const struct value_gap *gap)
{
    put_text(b, gap->why);
    buf_varint(b, gap->nrefs);
    for (size_t i = 0; i < gap->nrefs; i++)
        put_text(b, gap->refs[i]);
}

static uint64_t zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static void put_node(struct buf *b, const struct value *v, unsigned depth);

static void put_members(struct buf *b, const struct value *v, unsigned depth)
{
    buf_varint(b, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        put_text(b, v->as.members[i].key);
        buf_varint(b, v->as.members[i].key_offset);
        put_node(b, v->as.members[i].value, depth);
    }
}

static void put_items(struct buf *b, const struct value *v, unsigned depth)
{
    buf_varint(b, v->len);
    for (uint32_t i = 0; i < v->len; i++)
        put_node(b, v->as.items[i], depth);
}

/* Levels past what the reader accepts are told as a gap, not left out. */
static void put_too_deep(struct buf *b)
{
    const struct value_gap gap = {.why = SLICE_LIT("deeper than LIMIT_WIRE_DEPTH")};

    put_gap(b, &gap);
}

static void put_node(struct buf *b, const struct value *v, unsigned depth)
{
    const bool nested = v->kind == VALUE_LIST || v->kind == VALUE_MAP;
    const bool cut = nested && depth == LIMIT_WIRE_DEPTH;
    const enum value_kind kind = cut ? VALUE_UNKNOWN : (enum value_kind)v->kind;
    uint64_t bits;

    buf_u8(b, (uint8_t)kind);
    buf_varint(b, v->line);
    buf_varint(b, v->offset);
    switch (kind) {
    case VALUE_NULL:
        break;
    case VALUE_BOOL:
        buf_u8(b, v->as.boolean);
        break;
    case VALUE_INT:
        buf_varint(b, zigzag(v->as.integer));
        break;
    case VALUE_DOUBLE:
        memcpy(&bits, &v->as.real, sizeof(bits));
        buf_u64le(b, bits);
        break;
    case VALUE_STRING:
        put_text(b, value_text(v));
        break;
    case VALUE_LIST:
        put_items(b, v, depth + 1);
        break;
    case VALUE_MAP:
        put_members(b, v, depth + 1);
        break;
    case VALUE_UNKNOWN:
        if (cut)
            put_too_deep(b);
        else
            put_gap(b, v->as.gap);
        break;
    }
}

void value_wire_put(struct buf *b, const struct value *v)
{
    put_node(b, v, 0);
}

#define NODE_BYTES 3 /* the smallest node: kind, line, offset */

struct wire {
    struct reader r;
    struct arena *arena;
    struct err *e;
    uint64_t nodes; /* that the bytes may still hold: what the counts ask for is taken from it */
    unsigned depth;
};

static bool cut_short(struct wire *w)
{
    return err_at(w->e, ERR_FORMAT, &w->r, "value cut short");
}

static bool get_text(struct wire *w, struct slice *out)
{
    const struct reader at = w->r;
    struct slice raw;
    uint64_t n;
    size_t bad;

    if (!reader_varint(&w->r, &n) || !reader_bytes(&w->r, n, &raw))
        return err_at(w->e, ERR_FORMAT, &at, "text of a value cut short");
    if (n > UINT32_MAX)
        return err_at(w->e, ERR_LIMIT, &at, "text of a value longer than 32 bits tell");
    if (!slice_utf8(raw, &bad))
        return err_at(w->e, ERR_FORMAT, &at, "text of a value is not utf-8");
    *out = arena_slice(w->arena, raw);
    return true;
}

/* Every item takes bytes of its own, so all counts together cannot pass what the bytes hold. */
static bool get_count(struct wire *w, uint64_t *n)
{
    const struct reader at = w->r;

    if (!reader_varint(&w->r, n))
        return cut_short(w);
    if (*n > w->nodes || *n > UINT32_MAX)
        return err_at(w->e, ERR_FORMAT, &at, "%" PRIu64 " items in a value, too few bytes", *n);
    w->nodes -= *n;
    return true;
}

static bool get_node(struct wire *w, const struct value **out);

static bool get_items(struct wire *w, struct value *v)
{
    const struct value **items;
    uint64_t n;

    if (!get_count(w, &n))
        return false;
    items = ARENA_ARRAY(w->arena, const struct value *, (size_t)n);
    for (uint64_t i = 0; i < n; i++)
        if (!get_node(w, &items[i]))
            return false;
    v->len = (uint32_t)n;
    v->as.items = items;
    return true;
}

static bool get_members(struct wire *w, struct value *v)
{
    const struct reader at = w->r;
    struct value_member *m;
    size_t second;
    uint64_t n;

    if (!get_count(w, &n))
        return false;
    m = arena_alloc(w->arena, (size_t)n * sizeof(*m) + value_index_bytes((size_t)n));
    for (uint64_t i = 0; i < n; i++) {
        if (!get_text(w, &m[i].key))
            return false;
        if (!reader_varint(&w->r, &m[i].key_offset))
            return cut_short(w);
        if (!get_node(w, &m[i].value))
            return false;
    }
    if (!value_index_build(m, (size_t)n, &second))
        return err_at(w->e, ERR_FORMAT, &at, "duplicate key in a value");
    v->len = (uint32_t)n;
    v->as.members = m;
    return true;
}

static bool get_gap(struct wire *w, struct value *v)
{
    struct value_gap *gap = ARENA_NEW(w->arena, struct value_gap);
    uint64_t n;

    if (!get_text(w, &gap->why))
        return false;
    if (!reader_varint(&w->r, &n))
        return cut_short(w);
    if (n > w->r.left)
        return err_at(w->e, ERR_FORMAT, &w->r, "%" PRIu64 " references, too few bytes", n);
    for (uint64_t i = 0; i < n; i++)
        if (!get_text(w, ARENA_PUSH(w->arena, &gap->refs, &gap->nrefs)))
            return false;
    v->as.gap = gap;
    return true;
}

static bool get_scalar(struct wire *w, struct value *v)
{
    uint64_t bits;
    struct slice text;
    uint8_t byte;

    switch ((enum value_kind)v->kind) {
    case VALUE_BOOL:
        if (!reader_u8(&w->r, &byte))
            return cut_short(w);
        if (byte > 1)
            return err_at(w->e, ERR_FORMAT, &w->r, "a bool is neither 0 nor 1");
        v->as.boolean = byte == 1;
        return true;
    case VALUE_INT:
        if (!reader_varint(&w->r, &bits))
            return cut_short(w);
        v->as.integer = (int64_t)(bits >> 1 ^ (0 - (bits & 1)));
        return true;
    case VALUE_DOUBLE:
        if (!reader_u64le(&w->r, &bits))
            return cut_short(w);
        memcpy(&v->as.real, &bits, sizeof(bits));
        return true;
    case VALUE_STRING:
        if (!get_text(w, &text))
            return false;
        v->len = (uint32_t)text.len;
        v->as.text = text.data;
        return true;
    default:
        return true; /* null */
    }
}

static bool get_nested(struct wire *w, struct value *v)
{
    bool done;

    if (w->depth == LIMIT_WIRE_DEPTH)
        return err_at(w->e, ERR_LIMIT, &w->r, "a value deeper than LIMIT_WIRE_DEPTH (%d levels)",
                      LIMIT_WIRE_DEPTH);
    w->depth++;
    done = v->kind == VALUE_LIST ? get_items(w, v) : get_members(w, v);
    w->depth--;
    return done;
}

static bool get_node(struct wire *w, const struct value **out)
{
    struct value *v = ARENA_NEW(w->arena, struct value);
    const struct reader at = w->r;
    uint64_t line;
    uint8_t kind;
    bool done;

    if (!reader_u8(&w->r, &kind) || !reader_varint(&w->r, &line) ||
        !reader_varint(&w->r, &v->offset))
        return cut_short(w);
    if (kind > VALUE_UNKNOWN)
        return err_at(w->e, ERR_FORMAT, &at, "a value of kind %u", kind);
    if (line >= UINT32_C(1) << 28)
        return err_at(w->e, ERR_FORMAT, &at, "a value on line %" PRIu64, line);
    v->kind = kind & 15u;
    v->line = (uint32_t)line & 0xfffffffu;
    if (kind == VALUE_LIST || kind == VALUE_MAP)
        done = get_nested(w, v);
    else if (kind == VALUE_UNKNOWN)
        done = get_gap(w, v);
    else
        done = get_scalar(w, v);
    if (done)
        *out = v;
    return done;
}

bool value_wire_get(struct reader *r, struct arena *a, const struct value **out, struct err *e)
{
    struct wire w = {.r = *r, .arena = a, .e = e, .nodes = r->left / NODE_BYTES};

    if (!get_node(&w, out))
        return false;
    *r = w.r;
    return true;
}
