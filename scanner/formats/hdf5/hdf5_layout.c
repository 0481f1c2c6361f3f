#include "scanner/formats/hdf5/hdf5_layout.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "scanner/formats/hdf5/hdf5_bytes.h"
#include "scanner/formats/hdf5/hdf5_chunk.h"
#include "scanner/formats/hdf5/hdf5_external.h"

enum { COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL };
enum { SINGLE = 1, IMPLICIT, FIXED, EXTENSIBLE, TREE };

#define FLAG_FILTERED_SINGLE 0x02

static bool cut(const struct reader *r, struct err *e)
{
    return err_at(e, ERR_FORMAT, r, "a data layout is cut short");
}

static bool contiguous(struct hdf5 *h, const struct hdf5_dataset *d, uint64_t addr, uint64_t n,
                       struct err *e)
{
    if (addr == HDF5_UNDEFINED || d->external)
        return true;
    if (n < d->bytes)
        return err_fail(e, ERR_FORMAT,
                        "%s: room for %" PRIu64 " bytes, shape and type ask for %" PRIu64, d->path,
                        n, d->bytes);
    if (!hdf5_claim(h, addr, n, HDF5_RAW, e))
        return false;
    hdf5_bytes_look(h, d, addr, n);
    return true;
}

/* The sides of a chunk in numbers of `wide` bytes; the last is the size of an element. At first
 * c->rank counts it too. */
static bool chunk_shape(struct reader *r, unsigned wide, const struct hdf5_dataset *d,
                        struct hdf5_chunks *c, struct err *e)
{
    const unsigned n = c->rank;
    uint64_t side;

    if (n < 1 || n > HDF5_RANK + 1 || n - 1 != d->space.rank)
        return err_at(e, ERR_FORMAT, r,
                      "chunks of %u dimensions, with the element, in a space of %u", n,
                      d->space.rank);
    *c = (struct hdf5_chunks){.of = d, .rank = n - 1, .bytes = 1, .most = 1};
    for (unsigned i = 0; i < n; i++) {
        if (!hdf5_uint(r, wide, &side))
            return cut(r, e);
        if (side == 0 || !checked_mul(c->bytes, side, &c->bytes))
            return err_at(e, ERR_FORMAT, r, "a chunk of no bytes, or more than 2^64");
        if (i < d->space.rank &&
            !checked_mul(c->most, d->space.dims[i] / side + (d->space.dims[i] % side != 0),
                         &c->most))
            c->most = UINT64_MAX;
    }
    return true;
}

/* The sides of the space, then the elements with their length in front. */
static bool early_compact(struct hdf5 *h, const struct hdf5_dataset *d, uint8_t rank,
                          struct reader *r, struct err *e)
{
    struct slice bytes;
    uint32_t n;

    if (!reader_skip(r, 4 * (uint64_t)rank) || !reader_u32le(r, &n) || !reader_bytes(r, n, &bytes))
        return cut(r, e);
    hdf5_bytes_compact(h, d, bytes);
    return true;
}

/* Versions 1 and 2. */
static bool early(struct hdf5 *h, const struct hdf5_dataset *d, struct reader r, struct err *e)
{
    struct hdf5_chunks c;
    uint64_t addr = HDF5_UNDEFINED;
    uint8_t n, class;

    if (!reader_u8(&r, &n) || !reader_u8(&r, &class) || !reader_skip(&r, 5) ||
        (class != COMPACT && !hdf5_offset(h, &r, &addr)))
        return cut(&r, e);
    if (class == CONTIGUOUS)
        return contiguous(h, d, addr, d->bytes, e);
    c.rank = n;
    if (class == CHUNKED)
        return chunk_shape(&r, 4, d, &c, e) &&
               (addr == HDF5_UNDEFINED || hdf5_chunk_tree(h, &c, addr, e));
    if (class != COMPACT)
        return err_at(e, ERR_FORMAT, &r, "a data layout of class %u", class);
    return early_compact(h, d, n, &r, e);
}

/* One chunk, whose size stands in the message when it is filtered. */
static bool single(struct hdf5 *h, const struct hdf5_chunks *c, bool filtered, struct reader *r,
                   struct err *e)
{
    uint64_t addr, n = c->bytes;

    if ((filtered && (!hdf5_length(h, r, &n) || !reader_skip(r, 4))) || !hdf5_offset(h, r, &addr))
        return cut(r, e);
    if (addr == HDF5_UNDEFINED)
        return true;
    if (!hdf5_claim(h, addr, n, HDF5_RAW, e))
        return false;
    hdf5_bytes_look(h, c->of, addr, n);
    return true;
}

static bool implicit(struct hdf5 *h, const struct hdf5_chunks *c, struct reader *r, struct err *e)
{
    uint64_t addr, n;

    if (!hdf5_offset(h, r, &addr))
        return cut(r, e);
    if (addr == HDF5_UNDEFINED)
        return true;
    if (!checked_mul(c->bytes, c->most, &n))
        return err_at(e, ERR_FORMAT, r, "chunks of more than 2^64 bytes");
    if (!hdf5_claim(h, addr, n, HDF5_RAW, e))
        return false;
    hdf5_bytes_look(h, c->of, addr, c->bytes);
    return true;
}

/* Chunks of versions 4 and 5. */
static bool chunked(struct hdf5 *h, const struct hdf5_dataset *d, struct reader *r, struct err *e)
{
    static const uint8_t creation[] = {0, 0, 0, 1, 5, 6}; /* bytes of parameters of an index */
    struct hdf5_chunks c;
    uint64_t addr;
    uint8_t flags, n, wide, index;

    if (!reader_u8(r, &flags) || !reader_u8(r, &n) || !reader_u8(r, &wide))
        return cut(r, e);
    c.rank = n;
    if (!chunk_shape(r, wide, d, &c, e))
        return false;
    if (!reader_u8(r, &index))
        return cut(r, e);
    if (index == SINGLE)
        return single(h, &c, (flags & FLAG_FILTERED_SINGLE) != 0, r, e);
    if (index == IMPLICIT)
        return implicit(h, &c, r, e);
    if (index < SINGLE || index > TREE)
        return err_at(e, ERR_UNSUPPORTED, r, "chunks under an index of type %u", index);
    if (!reader_skip(r, creation[index]) || !hdf5_offset(h, r, &addr))
        return cut(r, e);
    if (addr == HDF5_UNDEFINED)
        return true;
    if (index == FIXED)
        return hdf5_chunk_fixed(h, &c, addr, e);
    if (index == EXTENSIBLE)
        return hdf5_chunk_extensible(h, &c, addr, e);
    return hdf5_chunk_records(h, &c, addr, e);
}

/* Chunks of version 3: always under a B-tree of version 1. */
static bool chunked_v3(struct hdf5 *h, const struct hdf5_dataset *d, struct reader *r,
                       struct err *e)
{
    struct hdf5_chunks c;
    uint64_t addr;
    uint8_t n;

    if (!reader_u8(r, &n) || !hdf5_offset(h, r, &addr))
        return cut(r, e);
    c.rank = n;
    return chunk_shape(r, 4, d, &c, e) &&
           (addr == HDF5_UNDEFINED || hdf5_chunk_tree(h, &c, addr, e));
}

static bool recent(struct hdf5 *h, const struct hdf5_dataset *d, struct reader r, uint8_t version,
                   struct err *e)
{
    uint64_t addr, n;
    uint16_t small;
    uint8_t class;

    if (!reader_u8(&r, &class))
        return cut(&r, e);
    switch (class) {
    case COMPACT:
        if (!reader_u16le(&r, &small) || small > r.left)
            return cut(&r, e);
        if (small < d->bytes)
            return err_at(e, ERR_FORMAT, &r, "%s: fewer bytes than shape and type ask for",
                          d->path);
        hdf5_bytes_compact(h, d, (struct slice){r.data, small});
        return true;
    case CONTIGUOUS:
        if (!hdf5_offset(h, &r, &addr) || !hdf5_length(h, &r, &n))
            return cut(&r, e);
        return contiguous(h, d, addr, n, e);
    case CHUNKED:
        return version == 3 ? chunked_v3(h, d, &r, e) : chunked(h, d, &r, e);
    case VIRTUAL:
        return hdf5_external_virtual(h, &r, d->path, e);
    default:
        return err_at(e, ERR_UNSUPPORTED, &r, "a data layout of class %u", class);
    }
}

bool hdf5_layout_read(struct hdf5 *h, const struct hdf5_dataset *d, struct reader r, struct err *e)
{
    uint8_t version;

    if (!reader_u8(&r, &version))
        return cut(&r, e);
    if (version < 1 || version > 5)
        return err_at(e, ERR_UNSUPPORTED, &r, "a data layout of version %u", version);
    return version < 3 ? early(h, d, r, e) : recent(h, d, r, version, e);
}
