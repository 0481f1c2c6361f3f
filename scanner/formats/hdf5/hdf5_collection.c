#include "scanner/formats/hdf5/hdf5_collection.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

/* The collection becomes the one in h->strings. */
static bool load(struct hdf5 *h, uint64_t addr, struct err *e)
{
    struct hdf5_extent where = {addr, addr, HDF5_HEAP};
    struct reader r;
    struct slice sign;
    uint64_t n;
    uint8_t version;

    if (h->strings_at == addr)
        return true;
    if (!hdf5_get(h, addr, 8 + h->length_bytes, &r, e))
        return false;
    if (!reader_bytes(&r, 4, &sign) || !slice_is(sign, "GCOL") || !reader_u8(&r, &version) ||
        version != 1 || !reader_skip(&r, 3) || !hdf5_length(h, &r, &n) || n < 8 + h->length_bytes)
        return err_pos(e, ERR_FORMAT, h->base + addr, "no global heap where one should be");
    if (!hdf5_claim(h, addr, n, HDF5_HEAP, e))
        return false;
    where.end = addr + n;
    h->strings_at = HDF5_UNDEFINED;
    arena_clear(&h->strings);
    if (!hdf5_get_in(h, &h->strings, &where, &h->strings_of, e) ||
        !reader_skip(&h->strings_of, 8 + h->length_bytes))
        return false;
    h->strings_at = addr;
    if (hdf5_first(h, addr, HDF5_HEAP))
        *(uint64_t *)ARENA_PUSH(h->keep, &h->collections, &h->ncollections) = addr;
    return true;
}

/* Moves past one object; false with e->code 0 at the end. SPEC: III.E, "Global Heap Object" */
static bool next(struct hdf5 *h, struct reader *r, struct hdf5_object *o, struct err *e)
{
    const size_t head = 8 + h->length_bytes;
    const uint64_t at = r->offset;
    uint64_t n;

    if (r->left < head)
        return false;
    if (!reader_u16le(r, &o->index) || !reader_skip(r, 6) || !hdf5_length(h, r, &n))
        return false;
    if (o->index == 0) /* what is left is free */
        return false;
    if (!reader_sub(r, n, &o->bytes) || !reader_skip(r, (8 - n % 8) % 8))
        return err_pos(e, ERR_FORMAT, at, "object %u of a global heap is cut short", o->index);
    return true;
}

bool hdf5_collection_each(struct hdf5 *h, uint64_t addr, hdf5_on_object *each, void *ctx,
                          struct err *e)
{
    struct hdf5_object o = {.collection = addr};
    struct reader r;

    if (!load(h, addr, e))
        return false;
    r = h->strings_of;
    while (next(h, &r, &o, e))
        if (!each(ctx, &o, e))
            return false;
    return e->code == ERR_NONE;
}

bool hdf5_collection_value(struct hdf5 *h, struct reader *r, struct hdf5_object *out, struct err *e)
{
    const uint64_t at = r->offset;
    struct hdf5_object o = {0};
    struct reader all;
    uint32_t index;

    if (!hdf5_offset(h, r, &o.collection) || !reader_u32le(r, &index))
        return err_pos(e, ERR_FORMAT, at, "a place in a global heap is cut short");
    if (!load(h, o.collection, e))
        return false;
    all = h->strings_of;
    while (next(h, &all, &o, e))
        if (o.index == index) {
            h->spent += all.offset - h->strings_of.offset;
            *out = o;
            return true;
        }
    if (e->code != ERR_NONE)
        return false;
    return err_pos(e, ERR_FORMAT, at, "no object %" PRIu32 " in the global heap at %" PRIu64, index,
                   o.collection);
}
