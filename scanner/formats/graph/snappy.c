#include "scanner/formats/graph/snappy.h"

#include <inttypes.h>
#include <string.h>

struct output {
    uint8_t *bytes;
    size_t n, len;
};

/* A number of `bytes` bytes, the lowest first. */
static bool number(struct reader *r, unsigned bytes, uint32_t *out)
{
    uint8_t b;

    *out = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (!reader_u8(r, &b))
            return false;
        *out |= (uint32_t)b << 8 * i;
    }
    return true;
}

static bool literal(struct reader *r, uint8_t tag, struct output *o)
{
    uint32_t n = tag >> 2;
    struct slice s;

    if (n >= 60 && !number(r, n - 59, &n))
        return false;
    if (n >= o->len - o->n || !reader_bytes(r, (uint64_t)n + 1, &s))
        return false;
    memcpy(o->bytes + o->n, s.data, s.len);
    o->n += s.len;
    return true;
}

static bool copy(struct reader *r, uint8_t tag, struct output *o)
{
    const unsigned kind = tag & 3;
    uint32_t n = (uint32_t)(tag >> 2) + 1, back;

    if (!number(r, kind == 1 ? 1 : kind == 2 ? 2 : 4, &back))
        return false;
    if (kind == 1) {
        n = ((tag >> 2) & 7u) + 4;
        back |= (uint32_t)(tag >> 5) << 8;
    }
    if (back == 0 || back > o->n || n > o->len - o->n)
        return false;
    for (; n > 0; n--, o->n++) /* the parts may overlap: byte by byte */
        o->bytes[o->n] = o->bytes[o->n - back];
    return true;
}

bool snappy_decode(struct reader block, size_t max, struct arena *a, struct slice *out,
                   struct err *e)
{
    const struct reader at = block;
    struct output o = {0};
    uint64_t len;
    uint8_t tag;

    if (!reader_varint(&block, &len))
        return err_at(e, ERR_FORMAT, &at, "a compressed block is cut short");
    if (len > max)
        return err_at(e, ERR_LIMIT, &at, "a compressed block of %" PRIu64 " bytes, at most %zu",
                      len, max);
    o.bytes = arena_alloc(a, (size_t)len);
    o.len = (size_t)len;
    while (reader_u8(&block, &tag))
        if (!((tag & 3) == 0 ? literal(&block, tag, &o) : copy(&block, tag, &o)))
            return err_at(e, ERR_FORMAT, &block, "a compressed block is broken");
    if (o.n != o.len)
        return err_at(e, ERR_FORMAT, &at, "a compressed block gives %zu bytes, %zu were declared",
                      o.n, o.len);
    *out = (struct slice){o.bytes, o.len};
    return true;
}
