/* A reader over hostile bytes; take() is the only code that moves one. */
#include "base/reader.h"

#include <string.h>

struct reader reader_over(struct slice s)
{
    return reader_at(s, 0);
}

struct reader reader_at(struct slice s, uint64_t offset)
{
    return (struct reader){.data = s.data, .left = s.len, .offset = offset};
}

/* The only bounds check: lends the next n bytes and moves past them. */
static bool take(struct reader *r, uint64_t n, const uint8_t **at)
{
    if (n > r->left)
        return false;
    *at = r->data;
    if (n > 0) /* data may be NULL when nothing is left */
        r->data += (size_t)n;
    r->left -= (size_t)n;
    r->offset += n;
    return true;
}

static bool take_le(struct reader *r, unsigned bytes, uint64_t *out)
{
    const uint8_t *p;
    uint64_t v = 0;

    if (!take(r, bytes, &p))
        return false;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << (8 * i);
    *out = v;
    return true;
}

static bool take_be(struct reader *r, unsigned bytes, uint64_t *out)
{
    const uint8_t *p;
    uint64_t v = 0;

    if (!take(r, bytes, &p))
        return false;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    *out = v;
    return true;
}

bool reader_u8(struct reader *r, uint8_t *out)
{
    const uint8_t *p;

    if (!take(r, 1, &p))
        return false;
    *out = *p;
    return true;
}

bool reader_u16le(struct reader *r, uint16_t *out)
{
    uint64_t v;

    if (!take_le(r, 2, &v))
        return false;
    *out = (uint16_t)v;
    return true;
}

bool reader_u32le(struct reader *r, uint32_t *out)
{
    uint64_t v;

    if (!take_le(r, 4, &v))
        return false;
    *out = (uint32_t)v;
    return true;
}

bool reader_u64le(struct reader *r, uint64_t *out)
{
    return take_le(r, 8, out);
}

bool reader_u16be(struct reader *r, uint16_t *out)
{
    uint64_t v;

    if (!take_be(r, 2, &v))
        return false;
    *out = (uint16_t)v;
    return true;
}

bool reader_u32be(struct reader *r, uint32_t *out)
{
    uint64_t v;

    if (!take_be(r, 4, &v))
        return false;
    *out = (uint32_t)v;
    return true;
}

bool reader_u64be(struct reader *r, uint64_t *out)
{
    return take_be(r, 8, out);
}

bool reader_varint(struct reader *r, uint64_t *out)
{
    struct reader ahead = *r;
    uint64_t v = 0;
    uint8_t b;

    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (!reader_u8(&ahead, &b))
            return false;
        if (shift == 63 && b > 1) /* the tenth byte holds one bit */
            return false;
        v |= (uint64_t)(b & 0x7f) << shift;
        if ((b & 0x80) == 0) {
            *r = ahead;
            *out = v;
            return true;
        }
    }
    return false;
}

bool reader_bytes(struct reader *r, uint64_t n, struct slice *out)
{
    const uint8_t *p;

    if (!take(r, n, &p))
        return false;
    *out = (struct slice){p, (size_t)n};
    return true;
}

bool reader_sub(struct reader *r, uint64_t n, struct reader *out)
{
    const uint64_t offset = r->offset;
    const uint8_t *p;

    if (!take(r, n, &p))
        return false;
    *out = (struct reader){.data = p, .left = (size_t)n, .offset = offset};
    return true;
}

bool reader_skip(struct reader *r, uint64_t n)
{
    const uint8_t *p;

    return take(r, n, &p);
}

bool reader_line(struct reader *r, struct slice *out)
{
    const uint8_t *end, *p;
    size_t n;

    if (r->left == 0)
        return false;
    end = memchr(r->data, '\n', r->left);
    n = end != NULL ? (size_t)(end - r->data) : r->left;
    if (!take(r, end != NULL ? n + 1 : n, &p))
        return false;
    *out = (struct slice){p, n};
    return true;
}
