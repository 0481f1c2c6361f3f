#include "scanner/formats/table/thrift.h"

#include <inttypes.h>

static bool cut(const struct reader *r, struct err *e)
{
    return err_at(e, ERR_FORMAT, r, "the metadata is cut short");
}

static bool zigzag(struct reader *r, int64_t *out, struct err *e)
{
    uint64_t v;

    if (!reader_varint(r, &v))
        return cut(r, e);
    *out = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
    return true;
}

bool thrift_next(struct thrift *t, struct thrift_field *f, struct err *e)
{
    struct reader *r = t->r;
    uint64_t bit;
    int64_t id;
    uint8_t head;

    f->at = r->offset;
    if (!reader_u8(r, &head))
        return cut(r, e);
    f->type = head & 15;
    if (f->type == THRIFT_STOP) {
        f->number = 0;
        return head == 0 || err_pos(e, ERR_FORMAT, f->at, "%s: no field begins here", t->name);
    }
    if (f->type > THRIFT_UUID)
        return err_pos(e, ERR_FORMAT, f->at, "%s: no field begins here", t->name);
    id = t->last + (head >> 4);
    if (head >> 4 == 0 && !zigzag(r, &id, e))
        return false;
    if (id < 0 || id > INT16_MAX)
        return err_pos(e, ERR_FORMAT, f->at, "%s: a field of number %" PRId64, t->name, id);
    t->last = f->number = (int32_t)id;
    bit = id < 64 ? UINT64_C(1) << id : 0;
    if ((t->seen & bit) != 0)
        return err_pos(e, ERR_FORMAT, f->at, "%s: field %" PRId64 " stands there twice", t->name,
                       id);
    t->seen |= bit;
    return true;
}

static bool wrong(const struct thrift *t, const struct thrift_field *f, struct err *e)
{
    return err_pos(e, ERR_FORMAT, f->at, "%s: field %" PRId32 " is of type %d", t->name, f->number,
                   (int)f->type);
}

bool thrift_int(const struct thrift *t, const struct thrift_field *f, int64_t *out, struct err *e)
{
    if (f->type != THRIFT_I16 && f->type != THRIFT_I32 && f->type != THRIFT_I64)
        return wrong(t, f, e);
    return zigzag(t->r, out, e);
}

bool thrift_text(struct reader *r, struct slice *out, struct err *e)
{
    uint64_t n;

    return (reader_varint(r, &n) && reader_bytes(r, n, out)) || cut(r, e);
}

bool thrift_binary(const struct thrift *t, const struct thrift_field *f, struct slice *out,
                   struct err *e)
{
    if (f->type != THRIFT_BINARY)
        return wrong(t, f, e);
    return thrift_text(t->r, out, e);
}

static bool list(struct reader *r, enum thrift_type *of, uint32_t *n, struct err *e)
{
    uint64_t many;
    uint8_t head;

    if (!reader_u8(r, &head))
        return cut(r, e);
    *of = head & 15;
    many = head >> 4;
    if (many == 15 && !reader_varint(r, &many))
        return cut(r, e);
    if (many > r->left || many > INT32_MAX)
        return err_at(e, ERR_FORMAT, r, "a list of %" PRIu64 " elements is cut short", many);
    *n = (uint32_t)many;
    return true;
}

bool thrift_list(const struct thrift *t, const struct thrift_field *f, enum thrift_type of,
                 uint32_t *n, struct err *e)
{
    enum thrift_type is;

    if (f->type != THRIFT_LIST)
        return wrong(t, f, e);
    if (!list(t->r, &is, n, e))
        return false;
    if (*n > 0 && is != of)
        return err_pos(e, ERR_FORMAT, f->at, "%s: field %" PRId32 " is a list of type %d", t->name,
                       f->number, (int)is);
    return true;
}

bool thrift_is_struct(const struct thrift *t, const struct thrift_field *f, struct err *e)
{
    return f->type == THRIFT_STRUCT || wrong(t, f, e);
}

/* ---- passing over ---- */
static bool skip(struct reader *r, enum thrift_type type, bool element, unsigned depth,
                 struct err *e);

static bool skip_items(struct reader *r, unsigned depth, struct err *e)
{
    enum thrift_type of;
    uint32_t n;

    if (!list(r, &of, &n, e))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!skip(r, of, true, depth, e))
            return false;
    return true;
}

static bool skip_map(struct reader *r, unsigned depth, struct err *e)
{
    uint64_t n;
    uint8_t types = 0;

    if (!reader_varint(r, &n) || (n > 0 && !reader_u8(r, &types)))
        return cut(r, e);
    if (n > r->left)
        return err_at(e, ERR_FORMAT, r, "a map of %" PRIu64 " elements is cut short", n);
    for (uint64_t i = 0; i < n; i++)
        if (!skip(r, types >> 4, true, depth, e) || !skip(r, types & 15, true, depth, e))
            return false;
    return true;
}

static bool skip_struct(struct reader *r, unsigned depth, struct err *e)
{
    struct thrift t = {.r = r, .name = "a struct"};
    struct thrift_field f;

    for (;;) {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type == THRIFT_STOP)
            return true;
        if (!skip(r, f.type, false, depth, e))
            return false;
    }
}

static bool skip_plain(struct reader *r, enum thrift_type type, bool element, struct err *e)
{
    struct slice text;
    uint64_t v;

    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE: /* a field's value is in its type, an element has a byte */
        return !element || reader_skip(r, 1) || cut(r, e);
    case THRIFT_BYTE:
        return reader_skip(r, 1) || cut(r, e);
    case THRIFT_DOUBLE:
        return reader_skip(r, 8) || cut(r, e);
    case THRIFT_UUID:
        return reader_skip(r, 16) || cut(r, e);
    case THRIFT_BINARY:
        return thrift_text(r, &text, e);
    default:
        return reader_varint(r, &v) || cut(r, e);
    }
}

static bool skip(struct reader *r, enum thrift_type type, bool element, unsigned depth,
                 struct err *e)
{
    if (depth >= THRIFT_DEPTH)
        return err_at(e, ERR_LIMIT, r, "metadata nests more than %d levels", THRIFT_DEPTH);
    switch (type) {
    case THRIFT_LIST:
    case THRIFT_SET:
        return skip_items(r, depth + 1, e);
    case THRIFT_MAP:
        return skip_map(r, depth + 1, e);
    case THRIFT_STRUCT:
        return skip_struct(r, depth + 1, e);
    case THRIFT_STOP:
        return err_at(e, ERR_FORMAT, r, "an element without a type");
    default:
        return type <= THRIFT_UUID ? skip_plain(r, type, element, e)
                                   : err_at(e, ERR_FORMAT, r, "an element of type %d", (int)type);
    }
}

bool thrift_skip(struct reader *r, const struct thrift_field *f, struct err *e)
{
    return skip(r, f->type, false, 0, e);
}
