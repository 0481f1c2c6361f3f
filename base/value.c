/* The tree: building and reading. */
#include "base/value.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/escape.h"
#include "base/value_index.h"
#include "base/value_pool.h"

#define LINE_MAX_BITS ((UINT32_C(1) << 28) - 1)

static struct value *node(struct arena *a, enum value_kind kind, const struct value_at *at)
{
    struct value *v = ARENA_NEW(a, struct value);

    v->kind = (uint32_t)kind & 15;
    if (at != NULL) {
        v->offset = at->offset;
        v->line = (at->line < LINE_MAX_BITS ? at->line : LINE_MAX_BITS) & LINE_MAX_BITS;
    }
    return v;
}

const struct value *value_null(struct arena *a, const struct value_at *at)
{
    return node(a, VALUE_NULL, at);
}

const struct value *value_bool(struct arena *a, bool v, const struct value_at *at)
{
    struct value *out = node(a, VALUE_BOOL, at);

    out->as.boolean = v;
    return out;
}

const struct value *value_int(struct arena *a, int64_t v, const struct value_at *at)
{
    struct value *out = node(a, VALUE_INT, at);

    out->as.integer = v;
    return out;
}

const struct value *value_count(struct arena *a, uint64_t n)
{
    return value_int(a, n > INT64_MAX ? INT64_MAX : (int64_t)n, NULL);
}

const struct value *value_double(struct arena *a, double v, const struct value_at *at)
{
    struct value *out = node(a, VALUE_DOUBLE, at);

    out->as.real = v;
    return out;
}

const struct value *value_string(struct arena *a, struct slice text, const struct value_at *at)
{
    struct value *out = node(a, VALUE_STRING, at);

    assert(text.len <= UINT32_MAX);
    out->len = (uint32_t)text.len;
    out->as.text = arena_slice(a, text).data;
    return out;
}

const struct value *value_str(struct arena *a, const char *text)
{
    return value_string(a, slice_str(text), NULL);
}

/* A bad byte grows to the three bytes of U+FFFD. */
static struct slice mend(struct arena *a, struct slice bytes)
{
    static const uint8_t replacement[] = {0xef, 0xbf, 0xbd};
    uint8_t *out = arena_array(a, bytes.len + 1, 3);
    size_t at = 0, n = 0;

    while (at < bytes.len) {
        const size_t from = at;
        uint32_t cp;

        escape_next(bytes, &at, &cp);
        if (cp == UINT32_MAX) {
            memcpy(out + n, replacement, 3);
            n += 3;
        } else {
            memcpy(out + n, bytes.data + from, at - from);
            n += at - from;
        }
    }
    return (struct slice){out, n};
}

const struct value *value_bytes(struct arena *a, struct slice bytes, const struct value_at *at)
{
    struct value *out;
    struct slice text;
    size_t bad;

    if (slice_utf8(bytes, &bad))
        return value_string(a, bytes, at);
    text = mend(a, bytes);
    assert(text.len <= UINT32_MAX);
    out = node(a, VALUE_STRING, at);
    out->len = (uint32_t)text.len;
    out->as.text = text.data;
    return out;
}

const struct value *value_lent(struct arena *a, const char *text)
{
    const struct slice s = slice_str(text);
    struct value *out;
    size_t bad;

    if (s.len > UINT32_MAX || !slice_utf8(s, &bad))
        return value_bytes(a, s, NULL);
    out = node(a, VALUE_STRING, NULL);
    out->len = (uint32_t)s.len;
    out->as.text = s.data;
    return out;
}

const struct value *value_unknown(struct arena *a, const char *why, const struct slice *refs,
                                  size_t nrefs, const struct value_at *at)
{
    struct value *out = node(a, VALUE_UNKNOWN, at);
    struct value_gap *gap = ARENA_NEW(a, struct value_gap);

    gap->why = arena_slice(a, slice_str(why));
    gap->nrefs = nrefs;
    gap->refs = ARENA_ARRAY(a, struct slice, nrefs);
    for (size_t i = 0; i < nrefs; i++)
        gap->refs[i] = arena_slice(a, refs[i]);
    out->as.gap = gap;
    return out;
}

static void begin(struct value_builder *b, struct arena *a)
{
    b->arena = a;
    b->items = NULL;
    b->n = 0; /* and nothing of `few` is there */
}

void value_list_begin(struct value_builder *b, struct arena *a)
{
    begin(b, a);
}

void value_list_add(struct value_builder *b, const struct value *v)
{
    assert(b->n < UINT32_MAX);
    if (b->n < VALUE_BUILDER_LIST) {
        b->few.items[b->n++] = v;
        return;
    }
    if (b->n == VALUE_BUILDER_LIST)
        b->items = b->few.items; /* full as an array that was pushed to: it is copied */
    *(const struct value **)arena_push_raw(b->arena, &b->items, &b->n, sizeof(void *)) = v;
}

const struct value *value_list_end(struct value_builder *b, const struct value_at *at)
{
    struct value *out = node(b->arena, VALUE_LIST, at);
    const struct value **items = b->items;

    if (items == NULL && b->n > 0) {
        items = ARENA_ARRAY(b->arena, const struct value *, b->n);
        memcpy(items, b->few.items, b->n * sizeof(void *));
    }
    out->len = (uint32_t)b->n;
    out->as.items = items;
    return out;
}

void value_map_begin(struct value_builder *b, struct arena *a)
{
    begin(b, a);
}

void value_map_add(struct value_builder *b, const char *key, const struct value *v)
{
    value_map_put(b, slice_str(key), v);
}

/* Room that a growing map of n members has: 16, 32, 64, ... */
static size_t room_for(size_t n)
{
    size_t cap = VALUE_BUILDER_MAP;

    while (cap < n)
        cap *= 2;
    return cap;
}

static struct value_member *members(struct value_builder *b)
{
    return b->items != NULL ? b->items : b->few.members;
}

_Static_assert(VALUE_BUILDER_MAP == VALUE_INDEX_FEW, "what is in `few` has no index");

const struct value_member *value_map_members(const struct value_builder *b)
{
    return b->items != NULL ? b->items : b->few.members;
}

/* Twice the room, with an index behind it. */
static void grow(struct value_builder *b)
{
    const size_t cap = room_for(b->n + 1);
    struct value_member *m =
        arena_alloc(b->arena, cap * sizeof(struct value_member) + value_index_bytes(cap));
    size_t same;

    memcpy(m, members(b), b->n * sizeof(*m));
    for (size_t i = 0; i < b->n; i++)
        if (!value_index_insert(m, cap, i, &same))
            abort(); /* they were tested on the way in */
    b->items = m;
}

/* The member of that key, or room for it behind the others. */
static struct value_member *member_for(struct value_builder *b, struct slice key)
{
    struct value_member *m = members(b);
    const struct value_member *old =
        value_index_find(m, b->items == NULL ? b->n : room_for(b->n), key);

    if (old != NULL)
        return &m[old - m];
    assert(b->n < UINT32_MAX / 2);
    if (b->n == room_for(b->n))
        grow(b);
    return &members(b)[b->n];
}

static bool is_new(struct value_builder *b, const struct value_member *m)
{
    return m == &members(b)[b->n];
}

/* Enters the member behind the others under its key. */
static void enter(struct value_builder *b, struct slice key)
{
    size_t same;

    members(b)[b->n++] = (struct value_member){.key = key};
    if (b->items != NULL && !value_index_insert(b->items, room_for(b->n), b->n - 1, &same))
        abort();
}

void value_map_put(struct value_builder *b, struct slice key, const struct value *v)
{
    struct value_member *m = member_for(b, key);

    if (is_new(b, m))
        enter(b, arena_slice(b->arena, key));
    m->value = v;
}

void value_map_lend(struct value_builder *b, const char *key, const struct value *v)
{
    struct value_member *m = member_for(b, slice_str(key));

    if (is_new(b, m))
        enter(b, slice_str(key));
    m->value = v;
}

const struct value *value_map_end(struct value_builder *b, const struct value_at *at)
{
    struct value *out = node(b->arena, VALUE_MAP, at);
    struct value_member *m;
    size_t second;

    m = arena_alloc(b->arena, b->n * sizeof(*m) + value_index_bytes(b->n));
    memcpy(m, members(b), b->n * sizeof(*m));
    if (b->n > VALUE_INDEX_FEW && !value_index_build(m, b->n, &second))
        abort();
    out->len = (uint32_t)b->n;
    out->as.members = m;
    return out;
}

static char *real(struct arena *a, double v)
{
    char *text = NULL;
    double back = 0;

    for (int digits = 15; digits <= 17; digits++) {
        text = arena_printf(a, "%.*g", digits, v);
        if (checked_double(slice_str(text), &back) && back == v)
            break;
    }
    return text;
}

bool value_scalar(const struct value *v, struct arena *a, struct slice *out)
{
    if (v == NULL)
        return false;
    switch ((enum value_kind)v->kind) {
    case VALUE_STRING:
        *out = value_text(v);
        return true;
    case VALUE_BOOL:
        *out = slice_str(v->as.boolean ? "true" : "false");
        return true;
    case VALUE_INT:
        *out = slice_str(arena_printf(a, "%" PRId64, v->as.integer));
        return true;
    case VALUE_DOUBLE:
        *out = slice_str(real(a, v->as.real));
        return true;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_UNKNOWN:
        break;
    }
    return false;
}

bool value_is(const struct value *v, enum value_kind kind)
{
    return v != NULL && v->kind == (uint32_t)kind;
}

const struct value *value_get(const struct value *map, const char *key)
{
    return value_get_slice(map, slice_str(key));
}

const struct value *value_get_slice(const struct value *map, struct slice key)
{
    const struct value_member *m;

    if (!value_is(map, VALUE_MAP))
        return NULL;
    m = value_index_find(map->as.members, map->len, key);
    return m != NULL ? m->value : NULL;
}

/* One step of a path. */
static const struct value *step(const struct value *v, struct slice name)
{
    uint64_t i;

    if (value_is(v, VALUE_MAP))
        return value_get_slice(v, name);
    if (value_is(v, VALUE_LIST) && checked_u64(name, UINT32_MAX, &i))
        return value_item(v, (size_t)i);
    return NULL;
}

const struct value *value_path(const struct value *v, const char *path)
{
    struct slice rest = slice_str(path);

    for (;;) {
        struct slice name = rest;
        const bool more = slice_find(rest, SLICE_LIT("."), &name.len);

        if (v == NULL || value_is(v, VALUE_UNKNOWN))
            return v;
        v = step(v, name);
        if (!more)
            return v;
        rest = slice_from(rest, name.len + 1);
    }
}

const struct value *value_item(const struct value *list, size_t i)
{
    if (!value_is(list, VALUE_LIST) || i >= list->len)
        return NULL;
    return list->as.items[i];
}

struct slice value_text(const struct value *v)
{
    if (!value_is(v, VALUE_STRING))
        return (struct slice){NULL, 0};
    return (struct slice){v->as.text, v->len};
}

const char *value_cstr(const struct value *v, const char *fallback)
{
    return value_is(v, VALUE_STRING) ? (const char *)v->as.text : fallback;
}

bool value_true(const struct value *v)
{
    return value_is(v, VALUE_BOOL) && v->as.boolean;
}

int64_t value_int_or(const struct value *v, int64_t fallback)
{
    return value_is(v, VALUE_INT) ? v->as.integer : fallback;
}

size_t value_len(const struct value *v)
{
    return value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP) ? v->len : 0;
}

/* Without rounding: a double equals an int when it is that very integer. */
static bool same_number(int64_t i, double d)
{
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 && (double)(int64_t)d == d &&
           (int64_t)d == i;
}

static bool eq_items(const struct value *a, const struct value *b)
{
    for (uint32_t i = 0; i < a->len; i++)
        if (!value_eq(a->as.items[i], b->as.items[i]))
            return false;
    return true;
}

static bool eq_members(const struct value *a, const struct value *b)
{
    for (uint32_t i = 0; i < a->len; i++) {
        const struct value_member *m =
            value_index_find(b->as.members, b->len, a->as.members[i].key);

        if (m == NULL || !value_eq(a->as.members[i].value, m->value))
            return false;
    }
    return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
    if (a == NULL || b == NULL)
        return false;
    if (a->kind == VALUE_INT && b->kind == VALUE_DOUBLE)
        return same_number(a->as.integer, b->as.real);
    if (a->kind == VALUE_DOUBLE && b->kind == VALUE_INT)
        return same_number(b->as.integer, a->as.real);
    if (a->kind != b->kind || a->kind == VALUE_UNKNOWN)
        return false;
    switch ((enum value_kind)a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->as.boolean == b->as.boolean;
    case VALUE_INT:
        return a->as.integer == b->as.integer;
    case VALUE_DOUBLE:
        return a->as.real == b->as.real;
    case VALUE_STRING:
        return slice_eq(value_text(a), value_text(b));
    case VALUE_LIST:
        return a->len == b->len && eq_items(a, b);
    case VALUE_MAP:
        return a->len == b->len && eq_members(a, b);
    case VALUE_UNKNOWN:
        return false;
    }
    return false;
}

const struct value *value_copy(const struct value *v, struct arena *to)
{
    return value_pool_tree(&(struct value_pool_copying){.to = to}, v);
}

const struct value *value_moved(const struct value *v, struct arena *to, const struct value_at *at)
{
    return value_pool_tree(&(struct value_pool_copying){.to = to, .at = at}, v);
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {"null",   "bool", "int", "double",
                                        "string", "list", "map", "unknown"};

    return (unsigned)kind < ARRAY_LEN(names) ? names[kind] : "invalid";
}
