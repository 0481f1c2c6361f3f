#include "scanner/formats/npy.h"

#include <inttypes.h>

#include "base/checked.h"
#include "base/limits.h"

struct type {
    uint64_t bytes;
    bool objects;
};

static void blanks(struct reader *r)
{
    while (r->left > 0 &&
           (r->data[0] == ' ' || r->data[0] == '\n' || r->data[0] == '\t' || r->data[0] == '\r'))
        if (!reader_skip(r, 1))
            return;
}

static bool next_is(struct reader *r, char c)
{
    blanks(r);
    return r->left > 0 && r->data[0] == (uint8_t)c;
}

static bool take(struct reader *r, char c)
{
    return next_is(r, c) && reader_skip(r, 1);
}

static bool need(struct reader *r, char c, struct err *e)
{
    return take(r, c) ||
           err_at(e, ERR_FORMAT, r,
                  "the header is no dict of descr, fortran_order and shape: '%c' expected", c);
}

/* A string in quotes, without escapes. */
static bool text(struct reader *r, struct slice *out, struct err *e)
{
    struct reader from;
    uint8_t quote, c = 0;
    size_t n = 0;

    blanks(r);
    if (take(r, 'u')) {
        /* written by Python 2 */
    }
    if (!reader_u8(r, &quote) || (quote != '\'' && quote != '"'))
        return err_at(e, ERR_FORMAT, r, "a string is expected in the header");
    from = *r;
    while (reader_u8(r, &c) && c != quote) {
        if (c == '\\' || c < ' ')
            return err_at(e, ERR_FORMAT, r, "an escape or control in a string of the header");
        n++;
    }
    if (c != quote || !reader_bytes(&from, n, out))
        return err_at(e, ERR_FORMAT, r, "a string of the header has no end");
    return true;
}

static bool number(struct reader *r, uint64_t *out, struct err *e)
{
    struct reader from;
    struct slice digits;
    size_t n = 0;

    blanks(r);
    from = *r;
    while (n < r->left && r->data[n] >= '0' && r->data[n] <= '9')
        n++;
    if (!reader_bytes(r, n, &digits) || !checked_u64(digits, INT64_MAX, out))
        return err_at(e, ERR_FORMAT, &from, "a dimension is expected in the header");
    if (take(r, 'L')) {
        /* written by Python 2 */
    }
    return true;
}

/* "(3, 4)", "(3,)", "()" or, inside a descr, "3": the product. */
static bool shape(struct reader *r, uint64_t *count, struct err *e)
{
    const struct reader at = *r;
    unsigned n = 0;
    uint64_t d;

    *count = 1;
    if (!take(r, '('))
        return number(r, count, e);
    while (!next_is(r, ')')) {
        if (n++ >= LIMIT_DIMS)
            return err_at(e, ERR_LIMIT, &at, "more than %d dimensions (LIMIT_DIMS)", LIMIT_DIMS);
        if (!number(r, &d, e))
            return false;
        if (!checked_mul(*count, d, count))
            return err_at(e, ERR_FORMAT, &at, "the shape multiplies past 2^64");
        if (!take(r, ','))
            break;
    }
    return need(r, ')', e);
}

/* SPEC: numpy, "Array-protocol type strings": order, kind, bytes; U counts
 * characters of 4 bytes; M and m have a unit. */
static bool simple_type(struct slice s, const struct reader *at, struct type *t, struct err *e)
{
    size_t i = 0, digits;
    uint64_t n = 0;
    char kind;

    if (s.len > 0 && (s.data[0] == '<' || s.data[0] == '>' || s.data[0] == '|' || s.data[0] == '='))
        i = 1;
    if (i >= s.len)
        return err_at(e, ERR_FORMAT, at, "an empty dtype");
    kind = (char)s.data[i++];
    for (digits = i; digits < s.len && s.data[digits] >= '0' && s.data[digits] <= '9';)
        digits++;
    if (digits > i && !checked_u64((struct slice){s.data + i, digits - i}, INT32_MAX, &n))
        return err_at(e, ERR_FORMAT, at, "a dtype of too many bytes");
    if (kind == '?')
        n = 1;
    t->objects = kind == 'O';
    t->bytes = kind == 'U' ? n * 4 : n;
    if (kind == 'O')
        t->bytes = 8;
    if (digits < s.len &&
        !((kind == 'M' || kind == 'm') && s.data[digits] == '[' && s.data[s.len - 1] == ']'))
        return err_at(e, ERR_UNSUPPORTED, at, "a dtype that is not known");
    switch (kind) {
    case 'b':
    case 'i':
    case 'u':
    case 'f':
    case 'c':
    case 'm':
    case 'M':
    case '?':
        return n > 0 || err_at(e, ERR_FORMAT, at, "a dtype without a size");
    case 'O':
    case 'S':
    case 'a':
    case 'U':
    case 'V':
        return true;
    default:
        return err_at(e, ERR_UNSUPPORTED, at, "a dtype that is not known");
    }
}

static bool descr(struct reader *r, unsigned depth, struct type *t, struct err *e);

/* ('name', descr) or ('name', descr, shape); the name may be (title, name). */
static bool field(struct reader *r, unsigned depth, struct type *t, struct err *e)
{
    struct type one;
    struct slice s;
    uint64_t count = 1;

    if (!need(r, '(', e))
        return false;
    if (take(r, '(')) {
        if (!text(r, &s, e) || !need(r, ',', e) || !text(r, &s, e) || !need(r, ')', e))
            return false;
    } else if (!text(r, &s, e)) {
        return false;
    }
    if (!need(r, ',', e) || !descr(r, depth + 1, &one, e))
        return false;
    if (take(r, ',') && !next_is(r, ')') && !shape(r, &count, e))
        return false;
    if (!need(r, ')', e))
        return false;
    t->objects = t->objects || one.objects;
    if (!checked_mul(one.bytes, count, &one.bytes) || !checked_add(t->bytes, one.bytes, &t->bytes))
        return err_at(e, ERR_FORMAT, r, "a dtype of more than 2^64 bytes");
    return true;
}

/* A type string, or a list of fields; a list of lists is entered no deeper than LIMIT_NPY_DEPTH. */
static bool descr(struct reader *r, unsigned depth, struct type *t, struct err *e)
{
    const struct reader at = *r;
    struct slice s;

    *t = (struct type){0};
    if (depth > LIMIT_NPY_DEPTH)
        return err_at(e, ERR_LIMIT, r, "a dtype of more than %d levels (LIMIT_NPY_DEPTH)",
                      LIMIT_NPY_DEPTH);
    if (!take(r, '['))
        return text(r, &s, e) && simple_type(s, &at, t, e);
    while (!next_is(r, ']')) {
        if (!field(r, depth, t, e))
            return false;
        if (!take(r, ','))
            break;
    }
    return need(r, ']', e);
}

static bool boolean(struct reader *r, bool *out, struct err *e)
{
    struct slice s;

    blanks(r);
    *out = r->left >= 4 && slice_is((struct slice){r->data, 4}, "True");
    if (*out)
        return reader_bytes(r, 4, &s);
    if (r->left >= 5 && slice_is((struct slice){r->data, 5}, "False"))
        return reader_bytes(r, 5, &s);
    return err_at(e, ERR_FORMAT, r, "True or False is expected in the header");
}

/* One key and its value; each may come once. */
static bool member(struct reader *r, struct npy_header *h, unsigned *seen, struct err *e)
{
    const struct reader at = *r;
    struct reader from;
    struct slice key;
    struct type t;
    unsigned bit;

    if (!text(r, &key, e) || !need(r, ':', e))
        return false;
    blanks(r);
    from = *r;
    bit = slice_is(key, "descr")           ? 1
          : slice_is(key, "fortran_order") ? 2
          : slice_is(key, "shape")         ? 4
                                           : 0;
    if (bit == 0 || (*seen & bit) != 0)
        return err_at(e, ERR_FORMAT, &at, "an unknown or repeated key in the header");
    *seen |= bit;
    if (bit == 2)
        return boolean(r, &h->fortran, e);
    if (bit == 4)
        return next_is(r, '(') ? shape(r, &h->count, e)
                               : err_at(e, ERR_FORMAT, r, "the shape is not a tuple");
    if (!descr(r, 0, &t, e))
        return false;
    h->item_bytes = t.bytes;
    h->objects = t.objects;
    return reader_bytes(&from, (size_t)(r->offset - from.offset), &h->descr);
}

bool npy_read(struct slice s, struct arena *a, struct npy_header *out, struct err *e)
{
    struct reader r = reader_over(s);
    unsigned seen = 0;

    *out = (struct npy_header){0};
    if (!need(&r, '{', e))
        return false;
    while (!next_is(&r, '}')) {
        if (!member(&r, out, &seen, e))
            return false;
        if (!take(&r, ','))
            break;
    }
    if (!need(&r, '}', e))
        return false;
    blanks(&r);
    if (r.left > 0)
        return err_at(e, ERR_FORMAT, &r, "bytes behind the dict of the header");
    if (seen != 7)
        return err_at(e, ERR_FORMAT, &r, "descr, fortran_order or shape is missing in the header");
    out->descr = arena_slice(a, out->descr);
    return true;
}
