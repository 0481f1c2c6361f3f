#include "scanner/formats/hdf5/hdf5.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/member.h"

#define HDF5_PAGE ((size_t)64 << 10)
#define HDF5_PAGES 64                       /* kept of a file */
#define HDF5_PAGES_COSTLY 1024              /* kept of what must be decompressed again to go back */
#define HDF5_STRUCTURE ((uint64_t)64 << 20) /* bytes of one structure; real ones are below 1 MiB */
#define HDF5_WORK ((uint64_t)192 << 20)     /* bytes of the structures of one object */

void hdf5_init(struct hdf5 *h, const struct format_input *in)
{
    const bool costly = in->costly || source_len(in->bytes) == SOURCE_LEN_UNKNOWN;

    *h = (struct hdf5){.in = in, .keep = in->scratch};
    h->npages = costly ? HDF5_PAGES_COSTLY : HDF5_PAGES;
    h->root = h->extension = HDF5_UNDEFINED;
    arena_init(&h->work);
    arena_init(&h->strings);
    h->strings_at = HDF5_UNDEFINED;
}

void hdf5_release(struct hdf5 *h)
{
    arena_release(&h->work);
    arena_release(&h->strings);
    free(h->cache);
    free(h->cached);
    free(h->extents);
    free(h->seen.slots);
}

void hdf5_keep(struct hdf5 *h, const struct err *e)
{
    if (h->error.code == ERR_NONE)
        h->error = *e;
}

static void *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* ---- bytes ---- */
static bool page(struct hdf5 *h, uint64_t number, uint8_t **out, struct err *e)
{
    const size_t slot = (size_t)(number % h->npages);
    struct feed_room room;

    if (h->cache == NULL) {
        const uint64_t all = h->len / HDF5_PAGE + 1;

        h->npages = all < h->npages ? (size_t)all : h->npages;
        h->cache = need(malloc(h->npages * HDF5_PAGE));
        h->cached = need(calloc(h->npages, sizeof(*h->cached)));
        return page(h, number, out, e);
    }
    *out = h->cache + slot * HDF5_PAGE;
    if (h->cached[slot] == number + 1)
        return true;
    h->cached[slot] = 0;
    room = (struct feed_room){*out, HDF5_PAGE, 0};
    if (!feed_some(h->in->bytes, number * HDF5_PAGE, &room, e))
        return false;
    h->cached[slot] = number + 1;
    return true;
}

static bool copy(struct hdf5 *h, uint64_t at, uint8_t *to, size_t n, struct err *e)
{
    while (n > 0) {
        const size_t in_page = (size_t)(at % HDF5_PAGE), left = HDF5_PAGE - in_page;
        const size_t part = n < left ? n : left;
        uint8_t *bytes;

        if (!page(h, at / HDF5_PAGE, &bytes, e))
            return false;
        memcpy(to, bytes + in_page, part);
        to += part;
        at += part;
        n -= part;
    }
    return true;
}

static bool inside(const struct hdf5 *h, uint64_t addr, uint64_t n, struct err *e)
{
    if (addr <= h->limit && n <= h->limit - addr)
        return true;
    return err_pos(e, ERR_FORMAT, addr <= h->limit ? h->base + addr : ERR_NO_OFFSET,
                   "%" PRIu64 " bytes at address %" PRIu64 " reach past the end, %" PRIu64, n, addr,
                   h->limit);
}

bool hdf5_get_in(struct hdf5 *h, struct arena *a, const struct hdf5_extent *where,
                 struct reader *out, struct err *e)
{
    const uint64_t addr = where->begin, n = where->end - where->begin;
    uint8_t *bytes;

    if (n > HDF5_STRUCTURE)
        return err_pos(e, ERR_LIMIT, h->base + addr,
                       "a structure of %" PRIu64 " bytes, at most %" PRIu64 " (HDF5_STRUCTURE)", n,
                       HDF5_STRUCTURE);
    h->spent += n + 64;
    if (h->spent > LIMIT_HDF5_READ)
        return err_pos(e, ERR_LIMIT, h->base + addr,
                       "structures are read again and again, at most %llu bytes (LIMIT_HDF5_READ)",
                       LIMIT_HDF5_READ);
    if (a->used > HDF5_WORK)
        return err_pos(e, ERR_LIMIT, h->base + addr,
                       "an object of more than %" PRIu64 " bytes of structures (HDF5_WORK)",
                       HDF5_WORK);
    bytes = arena_alloc(a, (size_t)n);
    if (!copy(h, h->base + addr, bytes, (size_t)n, e))
        return false;
    *out = reader_at((struct slice){bytes, (size_t)n}, h->base + addr);
    return true;
}

bool hdf5_get(struct hdf5 *h, uint64_t addr, uint64_t n, struct reader *out, struct err *e)
{
    const struct hdf5_extent where = {addr, addr + n, HDF5_META};

    return inside(h, addr, n, e) && hdf5_get_in(h, &h->work, &where, out, e);
}

bool hdf5_meta(struct hdf5 *h, uint64_t addr, uint64_t n, struct reader *out, struct err *e)
{
    return hdf5_get(h, addr, n, out, e) && hdf5_claim(h, addr, n, HDF5_META, e);
}

bool hdf5_signed(struct hdf5 *h, struct hdf5_part *p, const char *letters, struct err *e)
{
    struct slice sign;

    if (!hdf5_meta(h, p->addr, p->n, &p->all, e))
        return false;
    p->r = p->all;
    if (!reader_bytes(&p->r, 4, &sign) || !slice_is(sign, letters))
        return err_pos(e, ERR_FORMAT, h->base + p->addr, "no %s where one should be", letters);
    return true;
}

/* ---- integers ---- */
bool hdf5_uint(struct reader *r, unsigned bytes, uint64_t *out)
{
    struct slice s;
    uint64_t v = 0;

    if (bytes > 8 || !reader_bytes(r, bytes, &s))
        return false;
    for (size_t i = 0; i < s.len; i++)
        v |= (uint64_t)s.data[i] << 8 * i;
    *out = v;
    return true;
}

bool hdf5_offset(const struct hdf5 *h, struct reader *r, uint64_t *out)
{
    const uint64_t ones =
        h->offset_bytes == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * h->offset_bytes) - 1;

    if (!hdf5_uint(r, h->offset_bytes, out))
        return false;
    if (*out == ones)
        *out = HDF5_UNDEFINED;
    return true;
}

bool hdf5_length(const struct hdf5 *h, struct reader *r, uint64_t *out)
{
    return hdf5_uint(r, h->length_bytes, out);
}

unsigned hdf5_log2(uint64_t v)
{
    unsigned n = 0;

    while (v > 1) {
        v >>= 1;
        n++;
    }
    return n;
}

unsigned hdf5_bytes_for(uint64_t limit)
{
    return hdf5_log2(limit) / 8 + 1;
}

/* ---- checksums. SPEC: Bob Jenkins, lookup3.c, hashlittle() with an initial value of 0 ---- */
static uint32_t rot(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

static void mix(uint32_t s[3])
{
    static const uint8_t by[6] = {4, 6, 8, 16, 19, 4};

    for (size_t i = 0; i < 6; i++) {
        uint32_t *a = &s[i % 3], *b = &s[(i + 1) % 3], *c = &s[(i + 2) % 3];

        *a -= *c;
        *a ^= rot(*c, by[i]);
        *c += *b;
    }
}

static void finish(uint32_t s[3])
{
    static const uint8_t by[7] = {14, 11, 25, 16, 4, 14, 24};

    for (size_t i = 0; i < 7; i++) {
        uint32_t *to = &s[(i + 2) % 3], *from = &s[(i + 1) % 3];

        *to ^= *from;
        *to -= rot(*from, by[i]);
    }
}

uint32_t hdf5_checksum(struct slice s)
{
    const uint32_t start = 0xdeadbeefU + (uint32_t)s.len;
    uint32_t state[3] = {start, start, start};

    if (s.len == 0)
        return start;
    for (size_t at = 0; at < s.len; at += 12) {
        const size_t n = s.len - at < 12 ? s.len - at : 12;

        for (size_t i = 0; i < n; i++)
            state[i / 4] += (uint32_t)s.data[at + i] << 8 * (i % 4);
        if (s.len - at > 12)
            mix(state);
    }
    finish(state);
    return state[2];
}

bool hdf5_checked(struct reader *r, const struct reader *start, struct err *e)
{
    const uint64_t at = r->offset;
    const struct slice all = {start->data, (size_t)(r->offset - start->offset)};
    uint32_t want;

    if (!reader_u32le(r, &want))
        return err_pos(e, ERR_FORMAT, at, "no room for a checksum");
    if (want != hdf5_checksum(all))
        return err_pos(e, ERR_FORMAT, at, "a checksum of 0x%08x, the bytes before it have 0x%08x",
                       want, hdf5_checksum(all));
    return true;
}

/* ---- what was visited ---- */
static size_t place(const struct hdf5_set *s, uint64_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->size - 1);

    while (s->slots[at] != 0 && s->slots[at] != key)
        at = (at + 1) & (s->size - 1);
    return at;
}

static void grow(struct hdf5_set *s)
{
    struct hdf5_set bigger = {NULL, s->n, s->size == 0 ? 256 : s->size * 2};

    bigger.slots = need(calloc(bigger.size, sizeof(*bigger.slots)));
    for (size_t i = 0; i < s->size; i++)
        if (s->slots[i] != 0)
            bigger.slots[place(&bigger, s->slots[i])] = s->slots[i];
    free(s->slots);
    *s = bigger;
}

bool hdf5_first(struct hdf5 *h, uint64_t addr, enum hdf5_kind kind)
{
    const uint64_t key = (addr << 3 | (uint64_t)kind) + 1;
    size_t at;

    if (h->seen.n * 2 >= h->seen.size)
        grow(&h->seen);
    at = place(&h->seen, key);
    if (h->seen.slots[at] == key)
        return false;
    h->seen.slots[at] = key;
    h->seen.n++;
    return true;
}

/* ---- links ---- */
bool hdf5_push(struct hdf5 *h, uint64_t addr, size_t parent, struct slice name, struct err *e)
{
    struct hdf5_link *l;

    if (addr >= h->limit)
        return err_fail(e, ERR_FORMAT, "a link to address %" PRIu64 ", past the end, %" PRIu64,
                        addr, h->limit);
    if (!hdf5_first(h, addr, HDF5_OBJECT))
        return true;
    h->names += name.len;
    if (h->nlinks >= LIMIT_HDF5_LINKS || h->names > LIMIT_HDF5_NAMES)
        return err_fail(e, ERR_LIMIT,
                        "more than %d objects or %u bytes of names (LIMIT_HDF5_LINKS, _NAMES)",
                        LIMIT_HDF5_LINKS, LIMIT_HDF5_NAMES);
    l = ARENA_PUSH(h->keep, &h->links, &h->nlinks);
    *l = (struct hdf5_link){addr, parent, arena_slice(h->keep, name)};
    return true;
}

const char *hdf5_path(const struct hdf5 *h, struct arena *a, size_t link)
{
    struct slice parts[LIMIT_HDF5_DEPTH];
    struct buf b;
    const char *path;
    size_t n = 0;

    while (link != 0 && n < LIMIT_HDF5_DEPTH) {
        parts[n++] = h->links[link].name;
        link = h->links[link].parent;
    }
    buf_init(&b, (size_t)LIMIT_NAME_BYTES * 2);
    if (n == 0)
        buf_u8(&b, '/');
    while (n-- > 0) {
        if (b.len > LIMIT_NAME_BYTES / 2)
            break;
        buf_u8(&b, '/');
        buf_put(&b, parts[n].len < LIMIT_NAME_BYTES / 2
                        ? parts[n]
                        : (struct slice){parts[n].data, LIMIT_NAME_BYTES / 2});
    }
    path = member_name(a, buf_slice(&b));
    buf_release(&b);
    return path;
}

/* ---- extents ---- */
bool hdf5_claim(struct hdf5 *h, uint64_t addr, uint64_t n, enum hdf5_kind kind, struct err *e)
{
    struct hdf5_extent *last = h->nextents > 0 ? &h->extents[h->nextents - 1] : NULL;

    if (!inside(h, addr, n, e))
        return false;
    if (n == 0)
        return true;
    if (last != NULL && last->kind == kind && last->end == addr) {
        last->end += n;
        return true;
    }
    if (h->nextents >= LIMIT_HDF5_EXTENTS)
        return err_fail(e, ERR_LIMIT, "more than %d pieces (LIMIT_HDF5_EXTENTS)",
                        LIMIT_HDF5_EXTENTS);
    if (h->extents == NULL || h->nextents == h->extents_size) {
        h->extents_size = h->extents_size == 0 ? 256 : h->extents_size * 2;
        h->extents = need(realloc(h->extents, h->extents_size * sizeof(*h->extents)));
    }
    h->extents[h->nextents++] = (struct hdf5_extent){addr, addr + n, kind};
    return true;
}

static int by_begin(const void *a, const void *b)
{
    const struct hdf5_extent *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

struct hdf5_sums hdf5_sum_up(struct hdf5 *h, hdf5_on_gap *on_gap)
{
    struct hdf5_sums sums = {0};
    enum hdf5_kind kind = HDF5_META; /* of what ends at `at` */
    uint64_t at = 0;
    const size_t n = h->nextents; /* a gap may add more */

    if (n > 0)
        qsort(h->extents, n, sizeof(*h->extents), by_begin);
    for (size_t i = 0; i < n; i++) {
        const struct hdf5_extent x = h->extents[i];
        const uint64_t begin = x.begin > at ? x.begin : at;

        if (x.begin > at) {
            sums.gaps += x.begin - at;
            if (on_gap != NULL)
                on_gap(h, at, x.begin - at);
        }
        /* structures are read more than once; elements that are structures too are a trick */
        if (x.begin < at && (x.kind == HDF5_META) != (kind == HDF5_META))
            sums.overlaps++;
        if (x.end <= at)
            continue;
        *(x.kind == HDF5_META ? &sums.meta : &sums.raw) += x.end - begin;
        at = x.end;
        kind = x.kind;
    }
    if (at < h->limit) {
        sums.gaps += h->limit - at;
        if (on_gap != NULL)
            on_gap(h, at, h->limit - at);
    }
    return sums;
}
