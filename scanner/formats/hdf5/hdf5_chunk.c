#include "scanner/formats/hdf5/hdf5_chunk.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_bytes.h"
#include "scanner/formats/hdf5/hdf5_tree.h"

#define LOOKS 64 /* chunks of a dataset of bytes that may begin one's contents */

/* An index under way. */
struct index {
    struct hdf5 *h;
    struct hdf5_chunks *c;
    const char *letters; /* of the array's parts */
    unsigned entry;      /* bytes of one element of an array */
    uint64_t head;       /* address of the array's head */
};

static bool cut(const struct reader *r, struct err *e)
{
    return err_at(e, ERR_FORMAT, r, "an index of chunks is cut short");
}

static bool chunk(struct index *x, uint64_t addr, uint64_t n, struct err *e)
{
    if (addr == HDF5_UNDEFINED)
        return true;
    if (!hdf5_claim(x->h, addr, n, HDF5_RAW, e))
        return false;
    if (x->c->looked++ < LOOKS) /* the first is that of the first elements */
        hdf5_bytes_look(x->h, x->c->of, addr, n);
    return true;
}

/* ---- B-trees ---- */
static bool from_tree(void *ctx, struct reader key, uint64_t child, struct err *e)
{
    uint32_t n;

    if (!reader_u32le(&key, &n))
        return cut(&key, e);
    return chunk(ctx, child, n, e);
}

bool hdf5_chunk_tree(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr, struct err *e)
{
    struct index x = {.h = h, .c = c};
    const struct hdf5_tree t = {.type = 1,
                                .key_bytes = 8 + 8 * ((size_t)c->rank + 1),
                                .k = h->chunk_k,
                                .what = "chunks",
                                .each = from_tree,
                                .ctx = &x};

    return hdf5_tree_walk(h, addr, &t, e);
}

/* SPEC: III.A.2, record types 10 and 11 */
static bool from_record(void *ctx, uint8_t type, struct reader r, struct err *e)
{
    struct index *x = ctx;
    const size_t fixed = x->h->offset_bytes + 8 * (size_t)x->c->rank;
    uint64_t addr, n = x->c->bytes;

    if (r.left < fixed + (type == 11 ? 5 : 0) || !hdf5_offset(x->h, &r, &addr))
        return cut(&r, e);
    if (type == 11 && !hdf5_uint(&r, (unsigned)(r.left + x->h->offset_bytes - fixed - 4), &n))
        return cut(&r, e);
    return chunk(x, addr, n, e);
}

bool hdf5_chunk_records(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr, struct err *e)
{
    struct index x = {.h = h, .c = c};
    const struct hdf5_records to = {1u << 10 | 1u << 11, from_record, &x};

    return hdf5_tree_records(h, addr, &to, e);
}

/* ---- elements of arrays ---- */
static bool element(struct index *x, struct reader *r, struct err *e)
{
    const unsigned o = x->h->offset_bytes;
    uint64_t addr, n = x->c->bytes;

    if (!hdf5_offset(x->h, r, &addr))
        return cut(r, e);
    if (x->entry > o && (!hdf5_uint(r, x->entry - o - 4, &n) || !reader_skip(r, 4)))
        return cut(r, e);
    return chunk(x, addr, n, e);
}

static bool elements(struct index *x, uint64_t n, struct reader *r, struct err *e)
{
    for (uint64_t i = 0; i < n; i++)
        if (!element(x, r, e))
            return false;
    return true;
}

static bool entry_size(struct index *x, uint8_t client, uint8_t entry, struct err *e)
{
    const unsigned o = x->h->offset_bytes;

    x->entry = entry;
    if (client > 1 || (client == 0 && entry != o) ||
        (client == 1 && (entry < o + 5 || entry > o + 12)))
        return err_pos(e, ERR_FORMAT, x->h->base + x->head,
                       "an array of kind %u, %u bytes an entry", client, entry);
    return true;
}

/* The parts of an array begin alike: version, client, address of the head. */
static bool part(struct index *x, struct hdf5_part *p, const char *letters, struct err *e)
{
    uint8_t version, client;
    uint64_t head;

    if (!hdf5_first(x->h, p->addr, HDF5_NODE))
        return err_pos(e, ERR_FORMAT, x->h->base, "a part of an array is used twice");
    if (!hdf5_signed(x->h, p, letters, e))
        return false;
    if (!reader_u8(&p->r, &version) || !reader_u8(&p->r, &client) ||
        !hdf5_offset(x->h, &p->r, &head) || version != 0 || head != x->head)
        return err_at(e, ERR_FORMAT, &p->r, "a part of another array");
    return true;
}

/* Pages of elements, each with its checksum; `map` has a bit for each that was written, or is
 * empty: all were. */
struct pages {
    uint64_t at, each, n; /* address; elements of a page and of all pages */
    struct slice map;
};

static bool read_pages(struct index *x, const struct pages *p, struct err *e)
{
    const uint64_t bytes = p->each * x->entry + 4;
    uint64_t left = p->n, at = p->at;

    for (uint64_t i = 0; left > 0; i++) {
        const uint64_t n = left < p->each ? left : p->each;
        const bool written =
            p->map.len == 0 || (i / 8 < p->map.len && (p->map.data[i / 8] >> (7 - i % 8) & 1) != 0);
        struct reader r, start;

        if (written) {
            if (!hdf5_meta(x->h, at, n * x->entry + 4, &r, e))
                return false;
            start = r;
            if (!elements(x, n, &r, e) || !hdf5_checked(&r, &start, e))
                return false;
        } else if (!hdf5_claim(x->h, at, n * x->entry + 4, HDF5_META, e)) {
            return false;
        }
        left -= n;
        at += bytes;
    }
    return true;
}

/* ---- fixed arrays ---- */
static bool fixed_block(struct index *x, uint64_t addr, uint64_t n, unsigned page_bits,
                        struct err *e)
{
    const uint64_t page = page_bits < 63 ? (uint64_t)1 << page_bits : UINT64_MAX;
    struct hdf5_part p = {.addr = addr, .n = 10 + (uint64_t)x->h->offset_bytes};
    struct pages pages = {.each = page, .n = n};
    uint64_t map;

    if (n > x->h->limit) /* each has at least one byte, and is written when the array is made */
        return err_pos(e, ERR_FORMAT, x->h->base + addr, "an array of %" PRIu64 " entries", n);
    map = n > page ? (n / page + (n % page != 0) + 7) / 8 : 0;
    p.n += n > page ? map : n * x->entry;
    if (!part(x, &p, "FADB", e))
        return false;
    if (n <= page)
        return elements(x, n, &p.r, e) && hdf5_checked(&p.r, &p.all, e);
    if (!reader_bytes(&p.r, map, &pages.map) || !hdf5_checked(&p.r, &p.all, e))
        return false;
    pages.at = addr + p.n;
    return read_pages(x, &pages, e);
}

bool hdf5_chunk_fixed(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr, struct err *e)
{
    struct hdf5_part p = {.addr = addr, .n = 12 + (uint64_t)h->length_bytes + h->offset_bytes};
    struct index x = {.h = h, .c = c, .head = addr};
    uint8_t version, client, entry, bits;
    uint64_t n, block;

    if (!hdf5_signed(h, &p, "FAHD", e))
        return false;
    if (!reader_u8(&p.r, &version) || !reader_u8(&p.r, &client) || !reader_u8(&p.r, &entry) ||
        !reader_u8(&p.r, &bits) || !hdf5_length(h, &p.r, &n) || !hdf5_offset(h, &p.r, &block) ||
        version != 0)
        return cut(&p.r, e);
    if (!hdf5_checked(&p.r, &p.all, e) || !entry_size(&x, client, entry, e))
        return false;
    return block == HDF5_UNDEFINED || fixed_block(&x, block, n, bits, e);
}

/* ---- extensible arrays ---- */
struct extensible {
    struct index x;
    uint8_t bits, first, block_min, pointers_min, page_bits;
    unsigned offset_bytes; /* of the place of a block in the array */
    uint64_t block_n;      /* entries of a block that is read */
};

/* A super block of level u has 2^(u/2) blocks of 2^((u+1)/2) * block_min entries each. */
static uint64_t blocks_of(unsigned u)
{
    return (uint64_t)1 << u / 2;
}

static uint64_t entries_of(const struct extensible *a, unsigned u)
{
    return ((uint64_t)1 << (u + 1) / 2) * a->block_min;
}

static bool data_block(struct extensible *a, uint64_t addr, uint64_t n, struct slice map,
                       struct err *e)
{
    struct index *x = &a->x;
    const uint64_t page = (uint64_t)1 << a->page_bits;
    struct hdf5_part p = {.addr = addr, .n = 10 + (uint64_t)x->h->offset_bytes + a->offset_bytes};
    struct pages pages = {.each = page, .n = n, .map = map};

    if (addr == HDF5_UNDEFINED)
        return true;
    if (n > x->h->limit)
        return err_pos(e, ERR_FORMAT, x->h->base + addr, "a block of %" PRIu64 " entries", n);
    p.n += n > page ? 0 : n * x->entry;
    if (!part(x, &p, "EADB", e))
        return false;
    if (!reader_skip(&p.r, a->offset_bytes))
        return cut(&p.r, e);
    if (n <= page)
        return elements(x, n, &p.r, e) && hdf5_checked(&p.r, &p.all, e);
    if (!hdf5_checked(&p.r, &p.all, e))
        return false;
    pages.at = addr + p.n;
    return read_pages(x, &pages, e);
}

static bool super_block(struct extensible *a, uint64_t addr, unsigned u, struct err *e)
{
    struct index *x = &a->x;
    const uint64_t n = blocks_of(u), entries = entries_of(a, u), page = (uint64_t)1 << a->page_bits;
    const uint64_t map = entries > page ? (entries / page + 7) / 8 : 0;
    struct hdf5_part p = {.addr = addr};
    struct slice maps;

    if (addr == HDF5_UNDEFINED)
        return true;
    if (n > x->h->limit || (map > 0 && n > x->h->limit / map))
        return err_pos(e, ERR_FORMAT, x->h->base + addr, "a block of %" PRIu64 " blocks", n);
    p.n = 10 + (uint64_t)x->h->offset_bytes + a->offset_bytes + n * map + n * x->h->offset_bytes;
    if (!part(x, &p, "EASB", e))
        return false;
    if (!reader_skip(&p.r, a->offset_bytes) || !reader_bytes(&p.r, n * map, &maps))
        return cut(&p.r, e);
    for (uint64_t i = 0; i < n; i++) {
        struct slice one = slice_from(maps, (size_t)(i * map));
        uint64_t block;

        one.len = (size_t)map;
        if (!hdf5_offset(x->h, &p.r, &block))
            return cut(&p.r, e);
        if (!data_block(a, block, entries, one, e))
            return false;
    }
    return hdf5_checked(&p.r, &p.all, e);
}

/* The block that the head leads to: entries, then blocks, then super blocks. */
static bool index_block(struct extensible *a, uint64_t addr, struct err *e)
{
    struct index *x = &a->x;
    const unsigned direct = 2 * hdf5_log2(a->pointers_min);
    const unsigned supers = 1 + a->bits - hdf5_log2(a->block_min);
    const uint64_t blocks = 2 * ((uint64_t)a->pointers_min - 1);
    struct hdf5_part p = {.addr = addr, .n = 10 + (uint64_t)x->h->offset_bytes};

    if (supers < direct)
        return err_pos(e, ERR_FORMAT, x->h->base + addr, "an array of %u bits", a->bits);
    p.n += (uint64_t)a->first * x->entry + (blocks + supers - direct) * x->h->offset_bytes;
    if (!part(x, &p, "EAIB", e) || !elements(x, a->first, &p.r, e))
        return false;
    for (unsigned u = 0; u < supers; u++) {
        const struct slice none = {NULL, 0};
        uint64_t block;

        for (uint64_t i = 0; u < direct && i < blocks_of(u); i++) {
            if (!hdf5_offset(x->h, &p.r, &block))
                return cut(&p.r, e);
            if (!data_block(a, block, entries_of(a, u), none, e))
                return false;
        }
        if (u < direct)
            continue;
        if (!hdf5_offset(x->h, &p.r, &block))
            return cut(&p.r, e);
        if (!super_block(a, block, u, e))
            return false;
    }
    return hdf5_checked(&p.r, &p.all, e);
}

static bool power(unsigned v)
{
    return v > 0 && (v & (v - 1)) == 0;
}

bool hdf5_chunk_extensible(struct hdf5 *h, struct hdf5_chunks *c, uint64_t addr, struct err *e)
{
    struct hdf5_part p = {addr, 16 + 6 * (uint64_t)h->length_bytes + h->offset_bytes, {0}, {0}};
    struct extensible a = {.x = {.h = h, .c = c, .head = addr}};
    uint8_t version, client, entry;
    uint64_t block;

    if (!hdf5_signed(h, &p, "EAHD", e))
        return false;
    if (!reader_u8(&p.r, &version) || !reader_u8(&p.r, &client) || !reader_u8(&p.r, &entry) ||
        !reader_u8(&p.r, &a.bits) || !reader_u8(&p.r, &a.first) || !reader_u8(&p.r, &a.block_min) ||
        !reader_u8(&p.r, &a.pointers_min) || !reader_u8(&p.r, &a.page_bits) ||
        !reader_skip(&p.r, 6 * (uint64_t)h->length_bytes) || !hdf5_offset(h, &p.r, &block) ||
        version != 0)
        return cut(&p.r, e);
    if (!hdf5_checked(&p.r, &p.all, e) || !entry_size(&a.x, client, entry, e))
        return false;
    if (a.bits > 64 || a.page_bits > 32 || !power(a.block_min) || !power(a.pointers_min) ||
        a.bits < hdf5_log2(a.block_min))
        return err_at(e, ERR_FORMAT, &p.r, "an array of %u bits, blocks of %u entries", a.bits,
                      a.block_min);
    a.offset_bytes = (a.bits + 7u) / 8;
    return block == HDF5_UNDEFINED || index_block(&a, block, e);
}
