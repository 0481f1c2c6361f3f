#include "scanner/formats/hdf5/hdf5_group.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_external.h"
#include "scanner/formats/hdf5/hdf5_heap.h"
#include "scanner/formats/hdf5/hdf5_tree.h"
#include "scanner/formats/member.h"

/* ---- symbol tables ---- */
struct table {
    const struct hdf5_group *g;
    struct slice heap;
};

/* SPEC: III.C, "Symbol Table Entry"; type 2 of the cache is a soft link, which leads to a name */
static bool symbol(struct table *t, struct reader *r, struct err *e)
{
    struct hdf5 *h = t->g->h;
    uint64_t name, addr;
    uint32_t cached;
    struct slice text;

    if (!hdf5_length(h, r, &name) || !hdf5_offset(h, r, &addr) || !reader_u32le(r, &cached) ||
        !reader_skip(r, 20))
        return err_at(e, ERR_FORMAT, r, "a symbol is cut short");
    if (cached == 2 || addr == HDF5_UNDEFINED)
        return true;
    if (!hdf5_heap_text(t->heap, name, &text, e))
        return err_in(e, "%s", t->g->path);
    return hdf5_push(h, addr, t->g->link, text, e);
}

static bool symbols(void *ctx, struct reader key, uint64_t child, struct err *e)
{
    struct table *t = ctx;
    struct hdf5 *h = t->g->h;
    const uint64_t entry = 24 + 2 * (uint64_t)h->offset_bytes;
    struct hdf5_part p = {.addr = child, .n = 8 + 2 * (uint64_t)h->leaf_k * entry};
    uint16_t n;

    (void)key;
    if (!hdf5_signed(h, &p, "SNOD", e))
        return false;
    if (!reader_skip(&p.r, 2) || !reader_u16le(&p.r, &n))
        return err_at(e, ERR_FORMAT, &p.r, "a node of symbols is cut short");
    if (n > 2 * (uint32_t)h->leaf_k)
        return err_at(e, ERR_FORMAT, &p.r, "a node of %u symbols, at most %u", n, 2u * h->leaf_k);
    for (uint16_t i = 0; i < n; i++)
        if (!symbol(t, &p.r, e))
            return false;
    return true;
}

bool hdf5_group_symbols(const struct hdf5_group *g, struct reader r, struct err *e)
{
    struct table t = {.g = g};
    const struct hdf5_tree tree = {.key_bytes = g->h->length_bytes,
                                   .k = g->h->group_k,
                                   .what = "a group",
                                   .each = symbols,
                                   .ctx = &t};
    uint64_t at, heap;

    if (!hdf5_offset(g->h, &r, &at) || !hdf5_offset(g->h, &r, &heap))
        return err_at(e, ERR_FORMAT, &r, "a symbol table is cut short");
    return hdf5_heap_local(g->h, heap, &t.heap, e) && hdf5_tree_walk(g->h, at, &tree, e);
}

/* ---- links ---- */
#define LINK_HARD 0
#define LINK_SOFT 1
#define LINK_EXTERNAL 64

/* SPEC: IV.A.2.g, type 64: flags, a file name and an object, each with its NUL */
static bool other_file(const struct hdf5_group *g, struct slice name, struct reader *r,
                       struct err *e)
{
    struct hdf5_reference ref = {.kind = "link", .offset = r->offset};
    struct reader value;
    struct slice all;
    const uint8_t *end;
    uint16_t n;

    if (!reader_u16le(r, &n) || !reader_sub(r, n, &value) || !reader_skip(&value, 1) ||
        !reader_bytes(&value, value.left, &all))
        return err_at(e, ERR_FORMAT, r, "an external link is cut short");
    end = all.len > 0 ? memchr(all.data, 0, all.len) : NULL;
    if (end == NULL)
        return err_at(e, ERR_FORMAT, r, "an external link names no file");
    ref.file = (struct slice){all.data, (size_t)(end - all.data)};
    ref.target = slice_from(all, ref.file.len + 1);
    if (ref.target.len > 0 && ref.target.data[ref.target.len - 1] == 0)
        ref.target.len--;
    ref.object = arena_printf(&g->h->work, "%s%s%s", g->path, strcmp(g->path, "/") == 0 ? "" : "/",
                              member_name(&g->h->work, name));
    hdf5_external_tell(g->h, &ref);
    return true;
}

/* A type that only the program which wrote the file knows. */
static bool own_type(const struct hdf5_group *g, const struct reader *r)
{
    const struct hdf5_reference ref = {
        .kind = "user", .object = g->path, .offset = r->offset, .file = SLICE_LIT("")};

    hdf5_external_tell(g->h, &ref);
    return true;
}

bool hdf5_group_link(const struct hdf5_group *g, struct reader r, struct err *e)
{
    uint8_t version, flags, type = LINK_HARD;
    struct slice name;
    uint64_t n, addr;

    if (!reader_u8(&r, &version) || !reader_u8(&r, &flags) ||
        ((flags & 8) != 0 && !reader_u8(&r, &type)) || ((flags & 4) != 0 && !reader_skip(&r, 8)) ||
        ((flags & 16) != 0 && !reader_skip(&r, 1)) || !hdf5_uint(&r, 1u << (flags & 3), &n) ||
        !reader_bytes(&r, n, &name))
        return err_at(e, ERR_FORMAT, &r, "a link is cut short");
    if (version != 1)
        return err_at(e, ERR_UNSUPPORTED, &r, "link version %u", version);
    if (type == LINK_EXTERNAL)
        return other_file(g, name, &r, e);
    if (type == LINK_SOFT)
        return true;
    if (type != LINK_HARD)
        return own_type(g, &r);
    if (!hdf5_offset(g->h, &r, &addr))
        return err_at(e, ERR_FORMAT, &r, "a link is cut short");
    return hdf5_push(g->h, addr, g->link, name, e);
}

struct dense {
    const struct hdf5_group *g;
    struct hdf5_heap heap;
};

/* SPEC: III.A.2, record type 5: a hash and an id; type 6 orders the same links again */
static bool dense_link(void *ctx, uint8_t type, struct reader r, struct err *e)
{
    struct dense *d = ctx;
    struct reader body;
    struct slice id;

    if (type != 5)
        return true;
    if (!reader_skip(&r, 4) || !reader_bytes(&r, r.left, &id))
        return err_at(e, ERR_FORMAT, &r, "a record of a link is cut short");
    return hdf5_heap_get(&d->heap, id, &body, e) && hdf5_group_link(d->g, body, e);
}

bool hdf5_group_info(const struct hdf5_group *g, struct reader r, struct err *e)
{
    struct dense d = {.g = g};
    const struct hdf5_records to = {1u << 5 | 1u << 6, dense_link, &d};
    uint64_t heap, names, order = HDF5_UNDEFINED;
    uint8_t version, flags;

    if (!reader_u8(&r, &version) || !reader_u8(&r, &flags) ||
        ((flags & 1) != 0 && !reader_skip(&r, 8)) || !hdf5_offset(g->h, &r, &heap) ||
        !hdf5_offset(g->h, &r, &names) || ((flags & 2) != 0 && !hdf5_offset(g->h, &r, &order)))
        return err_at(e, ERR_FORMAT, &r, "what a group says of its links is cut short");
    if (heap == HDF5_UNDEFINED)
        return true;
    return hdf5_heap_open(g->h, heap, &d.heap, e) &&
           (names == HDF5_UNDEFINED || hdf5_tree_records(g->h, names, &to, e)) &&
           (order == HDF5_UNDEFINED || hdf5_tree_records(g->h, order, &to, e));
}
