#include "scanner/formats/safetensors_header.h"

#include <string.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/limits.h"

/* bytes: "":{"dtype":"U8","shape":[],"data_offsets":[0,0]} and a comma */
#define SMALLEST_TENSOR 48

const struct safetensors_dtype safetensors_header_types[SAFETENSORS_HEADER_TYPES] = {
    {"BOOL", 8},        {"U8", 8},          {"I8", 8},      {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F8_E8M0", 8}, {"I16", 16},    {"U16", 16},
    {"F16", 16},        {"BF16", 16},       {"I32", 32},    {"U32", 32},    {"F32", 32},
    {"F64", 64},        {"I64", 64},        {"U64", 64},    {"C64", 64},    {"F4", 4},
    {"F6_E2M3", 6},     {"F6_E3M2", 6},
};

struct reading {
    const uint8_t *start, *p, *end;
    uint64_t base;
    struct arena *arena;
    struct safetensors_header *out;
    size_t room;       /* tensors */
    struct slice name; /* of the tensor that is read, for errors */
    struct err *e;
};

static bool fail(struct reading *r, const uint8_t *at, const char *what)
{
    const struct slice n = r->name;

    if (n.data != NULL)
        return err_pos(r->e, ERR_FORMAT, r->base + (uint64_t)(at - r->start), "tensor %.*s: %s",
                       (int)(n.len < 80 ? n.len : 80), (const char *)n.data, what);
    return err_pos(r->e, ERR_FORMAT, r->base + (uint64_t)(at - r->start), "header: %s", what);
}

/* ---- tokens ---- */
static int peek(struct reading *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
        r->p++;
    return r->p < r->end ? *r->p : -1;
}

static bool take(struct reading *r, int c)
{
    if (peek(r) != c)
        return false;
    r->p++;
    return true;
}

static bool want(struct reading *r, int c, const char *what)
{
    return take(r, c) || fail(r, r->p, what);
}

static bool string(struct reading *r, struct slice *out)
{
    struct json_text t;
    const uint8_t *begin;
    uint8_t *copy;
    size_t n;

    if (!want(r, '"', "a string was expected"))
        return false;
    begin = r->p;
    t = (struct json_text){.p = begin, .end = r->end};
    if (!json_text_find(&t))
        return fail(r, t.p, t.why);
    n = (size_t)(t.p - begin);
    r->p = t.p + 1;
    *out = (struct slice){begin, n};
    if (!t.escapes)
        return true;
    copy = arena_alloc(r->arena, n + 1);
    t = (struct json_text){.p = begin, .end = begin + n};
    if (!json_text_unescape(&t, copy, &n))
        return fail(r, t.p, t.why);
    *out = (struct slice){copy, n};
    return true;
}

/* A number of the format: no sign, no fraction, no leading zeros, below 2^63. */
static bool number(struct reading *r, uint64_t *out)
{
    const uint8_t *at;
    uint64_t n = 0;

    if (peek(r) < '0' || *r->p > '9')
        return fail(r, r->p, "a number from 0 on was expected");
    at = r->p;
    for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
        const uint64_t digit = (uint64_t)(*r->p - '0');

        if (n > (INT64_MAX - digit) / 10)
            return fail(r, at, "a number of 2^63 or more");
        n = n * 10 + digit;
    }
    if (*at == '0' && r->p - at > 1)
        return fail(r, at, "a number with leading zeros");
    *out = n;
    return true;
}

/* ---- one tensor ---- */
struct parts {
    bool dtype, shape, span;
    uint64_t elems; /* of the shape */
    const uint8_t *shape_at, *span_at;
};

static bool read_dtype(struct reading *r, struct safetensors_tensor *t, struct parts *p)
{
    const uint8_t *at;
    struct slice s;
    uint32_t i = 0;

    peek(r);
    at = r->p;
    if (p->dtype)
        return fail(r, at, "dtype is there twice");
    if (!string(r, &s))
        return false;
    while (i < SAFETENSORS_HEADER_TYPES && !slice_is(s, safetensors_header_types[i].name))
        i++;
    if (i == SAFETENSORS_HEADER_TYPES)
        return fail(r, at, "unknown dtype");
    t->dtype = i;
    p->dtype = true;
    return true;
}

static bool read_shape(struct reading *r, struct parts *p)
{
    size_t n = 0;
    uint64_t dim;

    peek(r);
    p->shape_at = r->p;
    if (p->shape)
        return fail(r, r->p, "shape is there twice");
    if (!want(r, '[', "shape is not a list"))
        return false;
    p->shape = true;
    p->elems = 1;
    if (take(r, ']'))
        return true;
    do {
        if (++n > LIMIT_DIMS)
            return fail(r, p->shape_at, "the shape has more than LIMIT_DIMS dimensions");
        if (!number(r, &dim))
            return false;
        if (!checked_mul(p->elems, dim, &p->elems))
            return fail(r, p->shape_at, "the shape multiplies past 2^64");
    } while (take(r, ','));
    return want(r, ']', "a comma or a bracket was expected");
}

static bool read_span(struct reading *r, struct safetensors_tensor *t, struct parts *p)
{
    peek(r);
    p->span_at = r->p;
    if (p->span)
        return fail(r, r->p, "data_offsets is there twice");
    p->span = true;
    if (!want(r, '[', "data_offsets is not [begin, end]") || !number(r, &t->begin) ||
        !want(r, ',', "data_offsets is not [begin, end]") || !number(r, &t->end) ||
        !want(r, ']', "data_offsets is not [begin, end]"))
        return false;
    return t->begin <= t->end || fail(r, p->span_at, "data_offsets end before they begin");
}

static bool read_part(struct reading *r, struct safetensors_tensor *t, struct parts *p)
{
    const uint8_t *at = r->p;
    struct slice key = {NULL, 0};

    if (!string(r, &key) || !want(r, ':', "a colon was expected"))
        return false;
    if (slice_is(key, "dtype"))
        return read_dtype(r, t, p);
    if (slice_is(key, "shape"))
        return read_shape(r, p);
    if (slice_is(key, "data_offsets"))
        return read_span(r, t, p);
    return fail(r, at, "a key that is none of dtype, shape and data_offsets");
}

static uint64_t hash_of(struct slice s)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.data[i]) * UINT64_C(1099511628211);
    return h;
}

static bool read_tensor(struct reading *r, const uint8_t *at)
{
    struct safetensors_tensor *t = &r->out->tensors[r->out->n];
    struct parts p = {0};
    uint64_t bits;

    if (r->out->n == LIMIT_TENSORS)
        return err_pos(r->e, ERR_LIMIT, r->base + (uint64_t)(at - r->start),
                       "more than %d tensors (LIMIT_TENSORS)", LIMIT_TENSORS);
    if (r->out->n == r->room)
        return fail(r, at, "more tensors than the header can hold");
    *t = (struct safetensors_tensor){.name = r->name, .at = (uint32_t)(at - r->start)};
    t->hash = hash_of(t->name);
    if (!want(r, '{', "not a map of dtype, shape and data_offsets"))
        return false;
    do {
        if (!read_part(r, t, &p))
            return false;
    } while (take(r, ','));
    if (!want(r, '}', "a comma or a brace was expected"))
        return false;
    if (!p.dtype || !p.shape || !p.span)
        return fail(r, at, "dtype, shape or data_offsets is missing");
    if (!checked_mul(p.elems, safetensors_header_types[t->dtype].bits, &bits))
        return fail(r, p.shape_at, "the shape multiplies past 2^64");
    if (bits % 8 != 0 || t->end - t->begin != bits / 8)
        return fail(r, p.span_at, "data_offsets and shape disagree");
    r->out->n++;
    return true;
}

/* ---- metadata ---- */
/* Moves behind the value that begins here: brackets are counted outside of strings. */
static bool past_value(struct reading *r)
{
    unsigned depth = 0;
    struct slice s;

    do {
        const int c = peek(r);

        if (c < 0)
            return fail(r, r->p, "the metadata is cut short");
        if (c == '"') {
            if (!string(r, &s))
                return false;
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= depth > 0 && (c == '}' || c == ']');
        r->p++;
    } while (depth > 0);
    return true;
}

static bool read_metadata(struct reading *r)
{
    struct value_at at;
    const struct value *v;
    const uint8_t *from;
    struct slice text;

    peek(r);
    from = r->p;
    if (r->out->metadata != NULL)
        return fail(r, from, "__metadata__ is there twice");
    if (peek(r) != '{')
        return fail(r, from, "__metadata__ is not a map");
    if (!past_value(r))
        return false;
    text = (struct slice){from, (size_t)(r->p - from)};
    at = (struct value_at){.offset = (uint64_t)(from - r->start)};
    if (!json_read(text, r->arena, &v, r->e)) {
        if (r->e->offset != ERR_NO_OFFSET)
            r->e->offset += r->base + at.offset;
        return err_in(r->e, "header: __metadata__");
    }
    for (size_t i = 0; i < value_len(v); i++)
        if (!value_is(v->as.members[i].value, VALUE_STRING))
            return fail(r, from + v->as.members[i].value->offset,
                        "__metadata__ holds something else than strings");
    r->out->metadata = value_moved(v, r->arena, &at);
    return true;
}

/* ---- the whole ---- */
static int by_hash(const void *a, const void *b)
{
    const struct safetensors_tensor *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return slice_cmp(x->name, y->name);
}

static int by_begin(const void *a, const void *b)
{
    const struct safetensors_tensor *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return slice_cmp(x->name, y->name);
}

static bool sort(struct reading *r)
{
    struct safetensors_tensor *t = r->out->tensors;

    if (r->out->n == 0)
        return true;
    qsort(t, r->out->n, sizeof(*t), by_hash);
    for (size_t i = 1; i < r->out->n; i++)
        if (slice_eq(t[i - 1].name, t[i].name)) {
            r->name = t[i].name;
            return fail(r, r->start + (t[i].at > t[i - 1].at ? t[i].at : t[i - 1].at),
                        "is there twice");
        }
    qsort(t, r->out->n, sizeof(*t), by_begin);
    return true;
}

static bool read_members(struct reading *r)
{
    if (take(r, '}'))
        return true;
    do {
        const uint8_t *at;
        struct slice key;

        r->name = (struct slice){NULL, 0};
        peek(r);
        at = r->p;
        if (!string(r, &key) || !want(r, ':', "a colon was expected"))
            return false;
        if (slice_is(key, "__metadata__")) {
            if (!read_metadata(r))
                return false;
            continue;
        }
        r->name = key;
        if (!read_tensor(r, at))
            return false;
    } while (take(r, ','));
    r->name = (struct slice){NULL, 0};
    return want(r, '}', "a comma or a brace was expected");
}

bool safetensors_header_read(struct slice text, uint64_t base, struct arena *a,
                             struct safetensors_header *out, struct err *e)
{
    struct reading r = {
        .start = text.data,
        .p = text.data,
        .end = text.data + text.len,
        .base = base,
        .arena = a,
        .out = out,
        .room = text.len / SMALLEST_TENSOR + 1,
        .e = e,
    };

    *out = (struct safetensors_header){0};
    if (r.room > LIMIT_TENSORS)
        r.room = LIMIT_TENSORS;
    out->tensors = ARENA_ARRAY(a, struct safetensors_tensor, r.room);
    if (!want(&r, '{', "the header is not a map") || !read_members(&r))
        return false;
    if (peek(&r) >= 0)
        return fail(&r, r.p, "something stands behind the map");
    return sort(&r);
}
