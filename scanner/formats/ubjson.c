#include "scanner/formats/ubjson.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/reader.h"

#define SHARED 65536 /* integers from 0 on whose nodes are shared */

/* A container that is still open. */
struct level {
    struct value_builder items;
    uint64_t left; /* elements to come, when `counted` */
    bool map, counted;
    uint8_t type;     /* of every element, or 0 */
    struct slice key; /* of the element that is being read */
};

struct ubjson {
    struct arena *a;
    struct reader r;
    struct level *levels;
    size_t depth;
    uint64_t nodes;
    const struct value **shared;
    const struct value *null;
    const struct value *done; /* the last whole value */
};

static bool cut(const struct ubjson *u, struct err *e)
{
    return err_at(e, ERR_FORMAT, &u->r, "the document is cut short");
}

/* SPEC: no-op: passed over wherever a type may stand. */
static bool read_type(struct ubjson *u, uint8_t *type, struct err *e)
{
    do {
        if (!reader_u8(&u->r, type))
            return cut(u, e);
    } while (*type == 'N');
    return true;
}

/* Bytes of a value of the type; 0: it has a length of its own, or none. */
static unsigned width(uint8_t type)
{
    switch (type) {
    case 'i':
    case 'U':
    case 'C':
        return 1;
    case 'I':
        return 2;
    case 'l':
    case 'd':
        return 4;
    case 'L':
    case 'D':
        return 8;
    default:
        return 0;
    }
}

static bool raw(struct ubjson *u, unsigned n, uint64_t *out, struct err *e)
{
    struct slice s;

    *out = 0;
    if (!reader_bytes(&u->r, n, &s))
        return cut(u, e);
    for (size_t i = 0; i < s.len; i++)
        *out = *out << 8 | s.data[i];
    return true;
}

static bool read_integer(struct ubjson *u, uint8_t type, int64_t *out, struct err *e)
{
    const unsigned n = width(type);
    uint64_t v;

    if (n == 0 || type == 'd' || type == 'D' || type == 'C')
        return err_at(e, ERR_FORMAT, &u->r, "type 0x%02x where an integer belongs", type);
    if (!raw(u, n, &v, e))
        return false;
    if (type != 'U' && n < 8 && (v >> (8 * n - 1)) != 0)
        v |= UINT64_MAX << (8 * n);
    *out = (int64_t)v;
    return true;
}

/* A length or a count: never negative. */
static bool read_length(struct ubjson *u, uint64_t *out, struct err *e)
{
    const struct reader at = u->r;
    uint8_t type;
    int64_t n;

    if (!read_type(u, &type, e) || !read_integer(u, type, &n, e))
        return false;
    if (n < 0)
        return err_at(e, ERR_FORMAT, &at, "a length of %" PRId64, n);
    *out = (uint64_t)n;
    return true;
}

static bool read_text(struct ubjson *u, struct slice *out, struct err *e)
{
    const struct reader at = u->r;
    uint64_t n;
    size_t bad;

    if (!read_length(u, &n, e))
        return false;
    if (!reader_bytes(&u->r, n, out))
        return err_at(e, ERR_FORMAT, &at, "a text of %" PRIu64 " bytes, %zu are left", n,
                      u->r.left);
    return slice_utf8(*out, &bad) || err_at(e, ERR_FORMAT, &at, "a text that is not UTF-8");
}

/* ---- values ---- */
static const struct value *integer(struct ubjson *u, int64_t v, const struct value_at *at)
{
    if (v < 0 || v >= SHARED)
        return value_int(u->a, v, at);
    if (u->shared[v] == NULL)
        u->shared[v] = value_int(u->a, v, at);
    return u->shared[v];
}

static bool read_float(struct ubjson *u, uint8_t type, const struct value_at *at,
                       const struct value **out, struct err *e)
{
    uint64_t v;
    uint32_t half;
    float single;
    double wide;

    if (!raw(u, width(type), &v, e))
        return false;
    half = (uint32_t)v;
    memcpy(&single, &half, sizeof(single));
    memcpy(&wide, &v, sizeof(wide));
    wide = type == 'd' ? (double)single : wide;
    *out = isfinite(wide) ? value_double(u->a, wide, at) : u->null;
    return true;
}

/* SPEC: high-precision numbers are text; a character is one byte of ASCII. */
static bool read_other(struct ubjson *u, uint8_t type, const struct value_at *at,
                       const struct value **out, struct err *e)
{
    struct slice text;
    uint64_t v;

    if (type == 'C') {
        const uint8_t *c = u->r.data;

        if (!raw(u, 1, &v, e))
            return false;
        if (v > 0x7f)
            return err_at(e, ERR_FORMAT, &u->r, "a character 0x%02x", (unsigned)v);
        *out = value_string(u->a, (struct slice){c, 1}, at);
        return true;
    }
    if (!read_text(u, &text, e))
        return false;
    *out = value_string(u->a, text, at);
    return true;
}

static bool read_scalar(struct ubjson *u, uint8_t type, const struct value **out, struct err *e)
{
    const struct value_at at = {u->r.offset, 0};
    int64_t v;

    switch (type) {
    case 'Z':
        *out = u->null;
        return true;
    case 'T':
    case 'F':
        *out = value_bool(u->a, type == 'T', &at);
        return true;
    case 'd':
    case 'D':
        return read_float(u, type, &at, out, e);
    case 'S':
    case 'H':
    case 'C':
        return read_other(u, type, &at, out, e);
    default:
        if (!read_integer(u, type, &v, e))
            return false;
        *out = integer(u, v, &at);
        return true;
    }
}

/* ---- containers ---- */
static bool count(struct ubjson *u, uint64_t n, struct err *e)
{
    if (n > LIMIT_UBJSON_NODES - u->nodes)
        return err_at(e, ERR_LIMIT, &u->r, "more than %d values (LIMIT_UBJSON_NODES)",
                      LIMIT_UBJSON_NODES);
    u->nodes += n;
    return true;
}

/* All elements of a typed array of numbers at once. */
static bool read_numbers(struct ubjson *u, struct level *l, struct err *e)
{
    const bool real = l->type == 'd' || l->type == 'D';

    if (!count(u, l->left, e))
        return false;
    for (; l->left > 0; l->left--) {
        const struct value_at at = {u->r.offset, 0};
        int64_t v = 0;

        if (real ? !reader_skip(&u->r, width(l->type)) : !read_integer(u, l->type, &v, e))
            return e->code != ERR_NONE ? false : cut(u, e);
        value_list_add(&l->items, real ? u->null : integer(u, v, &at));
    }
    return true;
}

/* SPEC: "Optimized format": "$" and the type of all elements, then "#" and their number. A count
 * that the bytes left cannot hold is refused here. */
static bool read_optimized(struct ubjson *u, struct level *l, struct err *e)
{
    const struct reader at = u->r;
    uint64_t least;
    uint8_t mark;

    if (u->r.left > 0 && u->r.data[0] == '$') {
        if (!reader_u8(&u->r, &mark) || !reader_u8(&u->r, &l->type))
            return cut(u, e);
        if (width(l->type) == 0 && l->type != 'S' && l->type != 'H' && l->type != '[' &&
            l->type != '{')
            return err_at(e, ERR_FORMAT, &at, "elements of type 0x%02x", l->type);
        if (u->r.left == 0 || u->r.data[0] != '#')
            return err_at(e, ERR_FORMAT, &at, "a type of all elements without their number");
    }
    if (u->r.left == 0 || u->r.data[0] != '#')
        return true;
    if (!reader_u8(&u->r, &mark) || !read_length(u, &l->left, e))
        return false;
    l->counted = true;
    least = l->type != 0 && width(l->type) > 0 ? width(l->type) : 1;
    least += l->map; /* the length of a key */
    if (l->left > u->r.left / least)
        return err_at(e, ERR_FORMAT, &at, "%" PRIu64 " elements, %zu bytes are left", l->left,
                      u->r.left);
    return true;
}

static bool open_container(struct ubjson *u, uint8_t type, struct err *e)
{
    struct level *l;

    if (u->depth == LIMIT_UBJSON_DEPTH)
        return err_at(e, ERR_LIMIT, &u->r,
                      "more than %d containers within each other "
                      "(LIMIT_UBJSON_DEPTH)",
                      LIMIT_UBJSON_DEPTH);
    l = &u->levels[u->depth++];
    *l = (struct level){.map = type == '{'};
    if (l->map)
        value_map_begin(&l->items, u->a);
    else
        value_list_begin(&l->items, u->a);
    return read_optimized(u, l, e) && (l->map || !l->counted || width(l->type) == 0 ||
                                       l->type == 'C' || read_numbers(u, l, e));
}

static bool add(struct ubjson *u, const struct value *v, struct err *e)
{
    struct level *l;
    size_t before;

    if (u->depth == 0) {
        u->done = v;
        return true;
    }
    l = &u->levels[u->depth - 1];
    if (!l->map) {
        value_list_add(&l->items, v);
        return true;
    }
    before = l->items.n;
    value_map_put(&l->items, l->key, v);
    return l->items.n > before ||
           err_at(e, ERR_FORMAT, &u->r, "the key '%.*s' is there twice",
                  (int)(l->key.len < 80 ? l->key.len : 80), (const char *)l->key.data);
}

static bool close_container(struct ubjson *u, struct err *e)
{
    struct level *l = &u->levels[--u->depth];

    return add(u, l->map ? value_map_end(&l->items, NULL) : value_list_end(&l->items, NULL), e);
}

/* Is the innermost container at its end? */
static bool at_end(struct ubjson *u, bool *end, struct err *e)
{
    struct level *l = &u->levels[u->depth - 1];
    uint8_t unused;

    while (!l->counted && u->r.left > 0 && u->r.data[0] == 'N')
        if (!reader_u8(&u->r, &unused))
            return cut(u, e);
    *end = l->counted ? l->left == 0 : u->r.left > 0 && u->r.data[0] == (l->map ? '}' : ']');
    if (*end && !l->counted)
        return reader_u8(&u->r, &unused);
    return true;
}

/* One value, or the beginning of a container. */
static bool read_value(struct ubjson *u, uint8_t type, struct err *e)
{
    const struct value *v;

    if (!count(u, 1, e))
        return false;
    if (type == '[' || type == '{')
        return open_container(u, type, e);
    return read_scalar(u, type, &v, e) && add(u, v, e);
}

static bool read_element(struct ubjson *u, struct err *e)
{
    struct level *l = &u->levels[u->depth - 1];
    uint8_t type = l->type;

    l->left -= l->counted;
    if (l->map && !read_text(u, &l->key, e))
        return false;
    if (type == 0 && !read_type(u, &type, e))
        return false;
    return read_value(u, type, e);
}

bool ubjson_read(struct slice bytes, struct arena *a, const struct value **out, struct err *e)
{
    struct ubjson u = {.a = a, .r = reader_over(bytes)};
    uint8_t type;
    bool end;

    u.levels = ARENA_ARRAY(a, struct level, LIMIT_UBJSON_DEPTH);
    u.shared = ARENA_ARRAY(a, const struct value *, SHARED);
    u.null = value_null(a, NULL);
    if (!read_type(&u, &type, e) || !read_value(&u, type, e))
        return false;
    while (u.depth > 0) {
        if (!at_end(&u, &end, e))
            return false;
        if (end ? !close_container(&u, e) : !read_element(&u, e))
            return false;
    }
    if (u.r.left > 0)
        return err_at(e, ERR_FORMAT, &u.r, "%zu bytes behind the document", u.r.left);
    *out = u.done;
    return true;
}
