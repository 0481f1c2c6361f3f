#include "scanner/formats/hdf5/hdf5_heap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_tree.h"

/* ---- local heaps ---- */
bool hdf5_heap_local(struct hdf5 *h, uint64_t addr, struct slice *out, struct err *e)
{
    struct hdf5_part p = {.addr = addr, .n = 8 + 2 * (uint64_t)h->length_bytes + h->offset_bytes};
    struct reader r, data;
    uint64_t n, list, at;
    uint8_t version;

    if (!hdf5_signed(h, &p, "HEAP", e))
        return false;
    r = p.r;
    if (!reader_u8(&r, &version) || version != 0 || !reader_skip(&r, 3) ||
        !hdf5_length(h, &r, &n) || !hdf5_length(h, &r, &list) || !hdf5_offset(h, &r, &at))
        return err_at(e, ERR_FORMAT, &r, "a local heap is cut short, or of version %u", version);
    if (!hdf5_meta(h, at, n, &data, e))
        return false;
    *out = (struct slice){data.data, data.left};
    return true;
}

bool hdf5_heap_text(struct slice heap, uint64_t at, struct slice *out, struct err *e)
{
    const uint8_t *end;

    if (at >= heap.len)
        return err_fail(e, ERR_FORMAT, "a name at %" PRIu64 " of a heap of %zu bytes", at,
                        heap.len);
    *out = slice_from(heap, (size_t)at);
    end = memchr(out->data, 0, out->len);
    if (end == NULL)
        return err_fail(e, ERR_FORMAT, "a name at %" PRIu64 " of a heap has no end", at);
    out->len = (size_t)(end - out->data);
    return true;
}

/* ---- fractal heaps: the doubling table ---- */
#define FLAG_CHECKED 0x02

/* An indirect block that waits. */
struct table {
    uint64_t addr, begin;
    unsigned rows;
};

struct tables {
    struct table *items;
    size_t n, at;
};

static uint64_t row_bytes(const struct hdf5_heap *heap, unsigned row)
{
    const unsigned shift = row < 2 ? 0 : row - 1;

    return shift > 62 || heap->start > UINT64_MAX >> shift ? UINT64_MAX : heap->start << shift;
}

/* A direct block: claims it and checks its sum, where it has one. */
static bool direct(struct hdf5_heap *heap, uint64_t addr, uint64_t begin, uint64_t size,
                   struct err *e)
{
    struct hdf5 *h = heap->h;
    struct hdf5_heap_block *b;
    struct hdf5_part p = {.addr = addr, .n = size};
    struct reader r;
    uint64_t owner, at;
    uint32_t want, zero = 0;
    uint8_t *copy, version;

    if (addr == HDF5_UNDEFINED)
        return true;
    if (!hdf5_signed(h, &p, "FHDB", e))
        return false;
    r = p.r;
    if (!reader_u8(&r, &version) || !hdf5_offset(h, &r, &owner) ||
        !hdf5_uint(&r, heap->offset_bytes, &at) || version != 0 || owner != heap->at || at != begin)
        return err_at(e, ERR_FORMAT, &r, "a block of another heap, or cut short");
    if ((heap->flags & FLAG_CHECKED) != 0) {
        const size_t place = (size_t)(r.offset - p.all.offset);

        if (!reader_u32le(&r, &want))
            return err_at(e, ERR_FORMAT, &r, "a block is cut short");
        /* SPEC: III.G, the sum is that of the block with a sum of 0 */
        copy = arena_alloc(&h->work, p.all.left);
        memcpy(copy, p.all.data, p.all.left);
        memcpy(copy + place, &zero, sizeof(zero));
        if (hdf5_checksum((struct slice){copy, p.all.left}) != want)
            return err_at(e, ERR_FORMAT, &r, "a block of a heap has another checksum");
    }
    b = ARENA_PUSH(&h->work, &heap->blocks, &heap->nblocks);
    *b = (struct hdf5_heap_block){begin, size, addr};
    return true;
}

/* A filtered direct block is claimed and not read: its objects cannot be got. */
static bool entry(struct hdf5_heap *heap, struct reader *r, uint64_t begin, uint64_t size,
                  struct err *e)
{
    uint64_t addr, packed;

    if (!hdf5_offset(heap->h, r, &addr))
        return err_at(e, ERR_FORMAT, r, "a block is cut short");
    if (heap->filter_bytes == 0)
        return direct(heap, addr, begin, size, e);
    if (!hdf5_length(heap->h, r, &packed) || !reader_skip(r, 4))
        return err_at(e, ERR_FORMAT, r, "a block is cut short");
    return addr == HDF5_UNDEFINED || hdf5_claim(heap->h, addr, packed, HDF5_RAW, e);
}

static bool table_push(struct hdf5_heap *heap, struct tables *t, const struct table *one,
                       struct err *e)
{
    if (one->addr == HDF5_UNDEFINED)
        return true;
    if (one->rows == 0 || one->rows > 64)
        return err_fail(e, ERR_FORMAT, "a block of %u rows", one->rows);
    if (t->n > heap->h->limit / 16)
        return err_fail(e, ERR_FORMAT, "more blocks than fit the file");
    *(struct table *)ARENA_PUSH(&heap->h->work, &t->items, &t->n) = *one;
    return true;
}

static bool rows(struct hdf5_heap *heap, struct tables *t, const struct table *x, struct reader *r,
                 struct err *e)
{
    uint64_t begin = x->begin;

    for (unsigned row = 0; row < x->rows; row++) {
        const uint64_t size = row_bytes(heap, row);

        for (unsigned i = 0; i < heap->width; i++, begin += size) {
            struct table inner = {.begin = begin};

            if (size <= heap->direct_max) {
                if (!entry(heap, r, begin, size, e))
                    return false;
                continue;
            }
            inner.rows = hdf5_log2(size) - hdf5_log2(heap->start * heap->width) + 1;
            if (!hdf5_offset(heap->h, r, &inner.addr))
                return err_at(e, ERR_FORMAT, r, "a block is cut short");
            if (!table_push(heap, t, &inner, e))
                return false;
        }
    }
    return true;
}

static bool indirect(struct hdf5_heap *heap, struct tables *t, const struct table *x, struct err *e)
{
    struct hdf5 *h = heap->h;
    const unsigned packed = heap->filter_bytes == 0 ? 0 : h->length_bytes + 4;
    uint64_t size = 9 + (uint64_t)h->offset_bytes + heap->offset_bytes, owner, at;
    struct hdf5_part p = {.addr = x->addr};
    struct reader r;
    uint8_t version;

    for (unsigned row = 0; row < x->rows; row++)
        size += (uint64_t)heap->width *
                (h->offset_bytes + (row_bytes(heap, row) <= heap->direct_max ? packed : 0));
    p.n = size;
    if (!hdf5_signed(h, &p, "FHIB", e))
        return false;
    r = p.r;
    if (!reader_u8(&r, &version) || !hdf5_offset(h, &r, &owner) ||
        !hdf5_uint(&r, heap->offset_bytes, &at) || version != 0 || owner != heap->at ||
        at != x->begin)
        return err_at(e, ERR_FORMAT, &r, "a block of another heap, or cut short");
    return rows(heap, t, x, &r, e) && hdf5_checked(&r, &p.all, e);
}

static bool find_blocks(struct hdf5_heap *heap, struct err *e)
{
    const struct table root = {.addr = heap->root, .rows = heap->rows};
    struct tables t = {0};

    if (heap->root == HDF5_UNDEFINED)
        return true;
    if (heap->rows == 0) {
        if (heap->filter_bytes > 0)
            return hdf5_claim(heap->h, heap->root, heap->root_filtered, HDF5_RAW, e);
        return direct(heap, heap->root, 0, heap->start, e);
    }
    if (!table_push(heap, &t, &root, e))
        return false;
    while (t.at < t.n) {
        const struct table one = t.items[t.at++];

        if (!indirect(heap, &t, &one, e))
            return false;
    }
    return true;
}

/* ---- the head ---- */
static bool fields(struct hdf5_heap *x, const struct reader *all, struct reader *r, struct err *e)
{
    struct hdf5 *h = x->h;
    const unsigned L = h->length_bytes;
    uint8_t version;
    const bool ok = reader_u8(r, &version) && reader_u16le(r, &x->id_bytes) &&
                    reader_u16le(r, &x->filter_bytes) && reader_u8(r, &x->flags) &&
                    reader_u32le(r, &x->managed_max) && reader_skip(r, L) &&
                    hdf5_offset(h, r, &x->huge_tree) &&
                    reader_skip(r, L + (uint64_t)h->offset_bytes + 8 * (uint64_t)L) &&
                    reader_u16le(r, &x->width) && hdf5_length(h, r, &x->start) &&
                    hdf5_length(h, r, &x->direct_max) && reader_u16le(r, &x->bits) &&
                    reader_skip(r, 2) && hdf5_offset(h, r, &x->root) && reader_u16le(r, &x->rows);

    if (!ok || version != 0)
        return err_at(e, ERR_FORMAT, r, "a heap is cut short, or of another version");
    if (x->filter_bytes > 0 &&
        (!hdf5_length(h, r, &x->root_filtered) || !reader_skip(r, 4 + (uint64_t)x->filter_bytes)))
        return err_at(e, ERR_FORMAT, r, "a heap is cut short");
    return hdf5_checked(r, all, e);
}

static int by_begin(const void *a, const void *b)
{
    const struct hdf5_heap_block *x = a, *y = b;

    return (x->begin > y->begin) - (x->begin < y->begin);
}

static bool power(uint64_t v)
{
    return v > 0 && (v & (v - 1)) == 0;
}

bool hdf5_heap_open(struct hdf5 *h, uint64_t addr, struct hdf5_heap *out, struct err *e)
{
    /* SPEC: III.G, "Fractal Heap Header": the fixed part and its checksum */
    const uint64_t fixed = 26 + 12 * (uint64_t)h->length_bytes + 3 * (uint64_t)h->offset_bytes;
    struct hdf5_part p = {.addr = addr, .n = fixed};
    struct reader r;
    uint16_t filters;

    *out = (struct hdf5_heap){.h = h, .at = addr};
    if (!hdf5_get(h, addr, fixed, &r, e) || !reader_skip(&r, 7) || !reader_u16le(&r, &filters))
        return err_pos(e, ERR_FORMAT, h->base, "a heap is cut short");
    if (filters > 0)
        p.n += h->length_bytes + 4 + (uint64_t)filters;
    if (!hdf5_signed(h, &p, "FRHP", e) || !fields(out, &p.all, &p.r, e))
        return false;
    if (!power(out->start) || !power(out->direct_max) || !power(out->width) || out->bits > 64 ||
        out->direct_max > UINT32_MAX || out->start > out->direct_max)
        return err_at(e, ERR_FORMAT, &p.r, "a heap whose blocks are no powers of two");
    out->offset_bytes = (out->bits + 7u) / 8;
    out->length_bytes = (hdf5_log2(out->direct_max) + 7) / 8;
    if (hdf5_bytes_for(out->managed_max) < out->length_bytes)
        out->length_bytes = hdf5_bytes_for(out->managed_max);
    if (!find_blocks(out, e))
        return false;
    if (out->nblocks > 0)
        qsort(out->blocks, out->nblocks, sizeof(*out->blocks), by_begin);
    return true;
}

/* ---- objects ---- */
static bool managed(struct hdf5_heap *heap, struct reader *id, struct reader *out, struct err *e)
{
    uint64_t at, n;

    if (!hdf5_uint(id, heap->offset_bytes, &at) || !hdf5_uint(id, heap->length_bytes, &n))
        return err_at(e, ERR_FORMAT, id, "an id of a heap is cut short");
    if (heap->filter_bytes > 0)
        return err_at(e, ERR_UNSUPPORTED, id, "links or attributes behind a filter");
    for (size_t lo = 0, hi = heap->nblocks; lo < hi;) {
        const size_t mid = lo + (hi - lo) / 2;
        const struct hdf5_heap_block *b = &heap->blocks[mid];

        if (at < b->begin)
            hi = mid;
        else if (at - b->begin >= b->size)
            lo = mid + 1;
        else if (n > b->size - (at - b->begin))
            break;
        else
            return hdf5_get(heap->h, b->addr + (at - b->begin), n, out, e);
    }
    return err_at(e, ERR_FORMAT, id, "an id that no block of the heap holds");
}

/* SPEC: III.A.2, record types 1 and 2 */
static bool is_huge(void *ctx, uint8_t type, struct reader r, struct err *e)
{
    struct hdf5_heap *x = ctx;
    struct hdf5_heap_block b = {0};
    uint64_t plain;

    if (!hdf5_offset(x->h, &r, &b.addr) || !hdf5_length(x->h, &r, &b.size) ||
        (type == 2 && (!reader_skip(&r, 4) || !hdf5_length(x->h, &r, &plain))) ||
        !hdf5_length(x->h, &r, &b.begin))
        return err_at(e, ERR_FORMAT, &r, "a record is cut short");
    *(struct hdf5_heap_block *)ARENA_PUSH(&x->h->work, &x->huge, &x->nhuge) = b;
    return true;
}

static bool huge(struct hdf5_heap *heap, struct reader *id, struct reader *out, struct err *e)
{
    struct hdf5 *h = heap->h;
    const unsigned need = h->offset_bytes + h->length_bytes;
    const struct hdf5_records to = {1u << 1 | 1u << 2, is_huge, heap};
    unsigned wide = heap->id_bytes - 1u;
    uint64_t addr, n;

    if (heap->filter_bytes > 0)
        return err_at(e, ERR_UNSUPPORTED, id, "links or attributes behind a filter");
    if (wide >= need) {
        if (!hdf5_offset(h, id, &addr) || !hdf5_length(h, id, &n))
            return err_at(e, ERR_FORMAT, id, "an id of a heap is cut short");
        return hdf5_meta(h, addr, n, out, e);
    }
    wide = wide < h->length_bytes ? wide : h->length_bytes;
    if (!hdf5_uint(id, wide, &n))
        return err_at(e, ERR_FORMAT, id, "an id of a heap is cut short");
    if (heap->nhuge == 0) {
        if (!hdf5_tree_records(h, heap->huge_tree, &to, e))
            return false;
        if (heap->nhuge > 0)
            qsort(heap->huge, heap->nhuge, sizeof(*heap->huge), by_begin);
    }
    for (size_t lo = 0, hi = heap->nhuge; lo < hi;) {
        const size_t mid = lo + (hi - lo) / 2;

        if (heap->huge[mid].begin == n)
            return hdf5_meta(h, heap->huge[mid].addr, heap->huge[mid].size, out, e);
        if (heap->huge[mid].begin < n)
            lo = mid + 1;
        else
            hi = mid;
    }
    return err_at(e, ERR_FORMAT, id, "an id that the heap does not know");
}

/* SPEC: III.G, "Fractal Heap ID for Tiny Objects" */
static bool tiny(const struct hdf5_heap *heap, uint8_t first, struct reader *id, struct reader *out,
                 struct err *e)
{
    uint64_t n = (first & 0x0fu) + 1;
    uint8_t low;

    if (heap->id_bytes > 18) {
        if (!reader_u8(id, &low))
            return err_at(e, ERR_FORMAT, id, "an id of a heap is cut short");
        n = ((uint64_t)(first & 0x0fu) << 8 | low) + 1;
    }
    if (!reader_sub(id, n, out))
        return err_at(e, ERR_FORMAT, id, "an id of a heap is cut short");
    return true;
}

bool hdf5_heap_get(struct hdf5_heap *heap, struct slice bytes, struct reader *out, struct err *e)
{
    struct reader id = reader_at(bytes, heap->h->base + heap->at);
    uint8_t first;

    if (!reader_u8(&id, &first) || first >> 6 != 0)
        return err_at(e, ERR_FORMAT, &id, "an id of a heap is cut short, or of another version");
    switch (first >> 4 & 3) {
    case 0:
        return managed(heap, &id, out, e);
    case 1:
        return huge(heap, &id, out, e);
    case 2:
        return tiny(heap, first, &id, out, e);
    default:
        return err_at(e, ERR_FORMAT, &id, "an id of a heap of type 3");
    }
}
