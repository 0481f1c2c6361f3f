#include "scanner/formats/hdf5/hdf5_object.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_attribute.h"
#include "scanner/formats/hdf5/hdf5_external.h"
#include "scanner/formats/hdf5/hdf5_group.h"
#include "scanner/formats/hdf5/hdf5_header.h"
#include "scanner/formats/hdf5/hdf5_heap.h"
#include "scanner/formats/hdf5/hdf5_layout.h"
#include "scanner/formats/hdf5/hdf5_tree.h"
#include "scanner/formats/member.h"

/* What one header holds; the bodies live in h->work. */
struct object {
    struct hdf5 *h;
    struct hdf5_group as_group;
    struct reader bodies[HDF5_MESSAGES];
    bool there[HDF5_MESSAGES];
};

/* What is wrong with one attribute or link hides no other. */
static bool keep_going(struct object *o, bool ok, const struct err *e)
{
    if (!ok)
        hdf5_keep(o->h, e);
    return ok || (e->code != ERR_IO && e->code != ERR_TRANSIENT);
}

static bool on_message(void *ctx, const struct hdf5_message *m, struct err *e)
{
    struct object *o = ctx;
    struct err own = {0};
    bool ok = true;

    if (m->type >= HDF5_MESSAGES)
        return true;
    if (!o->there[m->type])
        o->bodies[m->type] = m->body;
    o->there[m->type] = true;
    if (m->type == HDF5_ATTRIBUTE)
        ok = hdf5_attribute_read(o->h, m->body, o->as_group.path, &own);
    else if (m->type == HDF5_LINK)
        ok = hdf5_group_link(&o->as_group, m->body, &own);
    if (!keep_going(o, ok, &own)) {
        *e = own;
        return false;
    }
    return true;
}

/* ---- filters. SPEC: IV.A.2.l ---- */
static bool count_filter(struct hdf5 *h, uint16_t id, struct slice name, struct err *e)
{
    struct hdf5_stats *s = &h->stats;
    size_t i = 0;

    while (i < s->nfilters && s->filters[i].id != id)
        i++;
    if (i == HDF5_FILTERS)
        return err_fail(e, ERR_LIMIT, "more than %d different filters (HDF5_FILTERS)",
                        HDF5_FILTERS);
    if (i == s->nfilters) {
        while (name.len > 0 && name.data[name.len - 1] == 0)
            name.len--;
        s->filters[s->nfilters++] = (struct hdf5_filter){id, member_name(h->keep, name), 0};
    }
    s->filters[i].datasets++;
    return true;
}

static bool filters(struct hdf5 *h, struct reader r, struct hdf5_dataset *d, struct err *e)
{
    uint8_t version, n;

    if (!reader_u8(&r, &version) || !reader_u8(&r, &n) || (version == 1 && !reader_skip(&r, 6)))
        return err_at(e, ERR_FORMAT, &r, "a list of filters is cut short");
    if (version < 1 || version > 2 || n > HDF5_PIPELINE_MOST)
        return err_at(e, ERR_UNSUPPORTED, &r, "%u filters, in a list of version %u", n, version);
    for (uint8_t i = 0; i < n; i++) {
        uint16_t id, name_n = 0, flags, values;
        struct slice name;

        if (!reader_u16le(&r, &id) || ((version == 1 || id >= 256) && !reader_u16le(&r, &name_n)) ||
            !reader_u16le(&r, &flags) || !reader_u16le(&r, &values) ||
            !reader_bytes(&r, name_n, &name) ||
            !reader_skip(&r, version == 1 ? (8 - name_n % 8u) % 8u : 0) ||
            !reader_skip(&r, 4 * (uint64_t)values + (version == 1 ? 4 * (values % 2u) : 0)))
            return err_at(e, ERR_FORMAT, &r, "a list of filters is cut short");
        if (!count_filter(h, id, name, e))
            return false;
        d->filters[d->nfilters++] = id;
    }
    return true;
}

/* ---- datasets ---- */
static void count_dtype(struct hdf5_stats *s, const struct hdf5_dataset *d)
{
    char name[HDF5_TYPE_NAME];
    size_t i = 0;

    if (!hdf5_type_numeric(&d->type))
        return;
    hdf5_type_name(&d->type, name);
    while (i < s->ndtypes && strcmp(s->dtypes[i].name, name) != 0)
        i++;
    if (i == HDF5_DTYPES)
        return;
    if (i == s->ndtypes)
        memcpy(s->dtypes[s->ndtypes++].name, name, sizeof(name));
    s->dtypes[i].n++;
    s->tensors++;
    if (!checked_add(s->tensor_bytes, d->bytes, &s->tensor_bytes))
        s->tensor_bytes = UINT64_MAX;
}

static void count_dataset(struct object *o, const struct hdf5_dataset *d)
{
    struct hdf5_stats *s = &o->h->stats;

    s->datasets++;
    s->sequences += d->type.class == HDF5_VLEN || d->type.class == HDF5_COMPOUND;
    s->overflow = s->overflow || d->space.overflow || d->bytes == UINT64_MAX;
    if (!checked_add(s->bytes_declared, d->bytes, &s->bytes_declared))
        s->bytes_declared = UINT64_MAX;
    if (d->bytes > s->largest) {
        s->largest = d->bytes;
        s->largest_link = o->as_group.link;
    }
    count_dtype(s, d);
}

static bool dataset(struct object *o, struct err *e)
{
    struct hdf5 *h = o->h;
    struct hdf5_dataset d = {.path = o->as_group.path, .filtered = o->there[HDF5_PIPELINE]};

    d.external = o->there[HDF5_EXTERNAL];
    if (!o->there[HDF5_SPACE] || !o->there[HDF5_TYPE])
        return err_fail(e, ERR_FORMAT, "%s: a dataset without a shape or a type", d.path);
    if (!hdf5_type_read(o->bodies[HDF5_TYPE], &d.type, e) ||
        !hdf5_type_space(h, o->bodies[HDF5_SPACE], &d.space, e))
        return false;
    if (!checked_mul(d.space.count, d.type.size, &d.bytes))
        d.bytes = UINT64_MAX;
    count_dataset(o, &d);
    if (d.external && !hdf5_external_list(h, o->bodies[HDF5_EXTERNAL], d.path, e))
        return false;
    if (d.filtered && !filters(h, o->bodies[HDF5_PIPELINE], &d, e))
        return false;
    return hdf5_layout_read(h, &d, o->bodies[HDF5_LAYOUT], e);
}

/* ---- attributes in a fractal heap ---- */
struct dense {
    struct object *o;
    struct hdf5_heap heap;
};

/* SPEC: III.A.2, record type 8: id, flags, order, hash; type 9 orders the same again */
static bool dense_attribute(void *ctx, uint8_t type, struct reader r, struct err *e)
{
    struct dense *d = ctx;
    struct err own = {0};
    struct reader body;
    struct slice id;
    uint8_t flags;
    bool ok;

    if (type != 8)
        return true;
    if (!reader_bytes(&r, 8, &id) || !reader_u8(&r, &flags))
        return err_at(e, ERR_FORMAT, &r, "a record of an attribute is cut short");
    body = r;
    ok = ((flags & 2) != 0 ? hdf5_header_heap(d->o->h, HDF5_ATTRIBUTE, id, &body, &own)
                           : hdf5_heap_get(&d->heap, id, &body, &own)) &&
         hdf5_attribute_read(d->o->h, body, d->o->as_group.path, &own);
    if (keep_going(d->o, ok, &own))
        return true;
    *e = own;
    return false;
}

static bool attributes(struct object *o, struct reader r, struct err *e)
{
    struct hdf5 *h = o->h;
    struct dense d = {.o = o};
    const struct hdf5_records to = {1u << 8 | 1u << 9, dense_attribute, &d};
    uint64_t heap, names, order = HDF5_UNDEFINED;
    uint8_t version, flags;

    if (!reader_u8(&r, &version) || !reader_u8(&r, &flags) ||
        ((flags & 1) != 0 && !reader_skip(&r, 2)) || !hdf5_offset(h, &r, &heap) ||
        !hdf5_offset(h, &r, &names) || ((flags & 2) != 0 && !hdf5_offset(h, &r, &order)))
        return err_at(e, ERR_FORMAT, &r, "what an object says of its attributes is cut short");
    if (heap == HDF5_UNDEFINED)
        return true;
    return hdf5_heap_open(h, heap, &d.heap, e) &&
           (names == HDF5_UNDEFINED || hdf5_tree_records(h, names, &to, e)) &&
           (order == HDF5_UNDEFINED || hdf5_tree_records(h, order, &to, e));
}

/* ---- the walk ---- */
static bool parts(struct object *o, unsigned which, struct err *e)
{
    const struct reader *bodies = o->bodies;

    if (!o->there[which])
        return true;
    switch (which) {
    case HDF5_SYMBOLS:
        return hdf5_group_symbols(&o->as_group, bodies[which], e);
    case HDF5_LINK_INFO:
        return hdf5_group_info(&o->as_group, bodies[which], e);
    case HDF5_ATTRIBUTE_INFO:
        return attributes(o, bodies[which], e);
    default:
        return dataset(o, e);
    }
}

static void count_group(struct object *o)
{
    if (o->there[HDF5_SYMBOLS] || o->there[HDF5_LINK_INFO] || o->there[HDF5_LINK])
        o->h->stats.groups++;
    else if (o->there[HDF5_TYPE] && !o->there[HDF5_LAYOUT])
        o->h->stats.types++;
}

static bool one(struct hdf5 *h, size_t link, struct err *e)
{
    static const unsigned order[] = {HDF5_SYMBOLS, HDF5_LINK_INFO, HDF5_ATTRIBUTE_INFO,
                                     HDF5_LAYOUT};
    struct object o = {.h = h};
    const struct hdf5_messages to = {on_message, &o};
    struct err own = {0};

    o.as_group = (struct hdf5_group){h, link, hdf5_path(h, &h->work, link)};
    if (!keep_going(&o, hdf5_header_read(h, h->links[link].addr, &to, &own), &own)) {
        *e = own;
        return false;
    }
    count_group(&o);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        err_clear(&own);
        if (!keep_going(&o, parts(&o, order[i], &own), &own)) {
            *e = own;
            return false;
        }
    }
    return true;
}

bool hdf5_object_walk(struct hdf5 *h, struct err *e)
{
    if (!hdf5_push(h, h->root, 0, SLICE_LIT(""), e)) {
        hdf5_keep(h, e);
        err_clear(e);
        return true;
    }
    for (size_t i = 0; i < h->nlinks; i++) {
        arena_clear(&h->work);
        if (!one(h, i, e))
            return false;
    }
    arena_clear(&h->work);
    return true;
}

/* ---- the superblock extension. SPEC: II.C and IV.A.2.t ---- */
static bool tree_k(struct hdf5 *h, struct reader r, struct err *e)
{
    uint8_t version;

    if (!reader_u8(&r, &version) || version != 0 || !reader_u16le(&r, &h->chunk_k) ||
        !reader_u16le(&r, &h->group_k) || !reader_u16le(&r, &h->leaf_k) || h->chunk_k == 0 ||
        h->group_k == 0 || h->leaf_k == 0)
        return err_at(e, ERR_FORMAT, &r, "the sizes of nodes are cut short, or none");
    return true;
}

/* SPEC: III.F, the table of shared messages */
static bool sharing(struct hdf5 *h, struct reader r, struct err *e)
{
    struct hdf5_part p = {0};
    uint64_t index, heap;
    uint16_t types;
    uint8_t version, n;

    if (!reader_u8(&r, &version) || !hdf5_offset(h, &r, &p.addr) || !reader_u8(&r, &n) || n > 8)
        return err_at(e, ERR_FORMAT, &r, "the table of shared messages is cut short");
    p.n = 8 + (uint64_t)n * (14 + 2 * (uint64_t)h->offset_bytes);
    if (!hdf5_signed(h, &p, "SMTB", e))
        return false;
    for (uint8_t i = 0; i < n; i++) {
        if (!reader_skip(&p.r, 2) || !reader_u16le(&p.r, &types) || !reader_skip(&p.r, 10) ||
            !hdf5_offset(h, &p.r, &index) || !hdf5_offset(h, &p.r, &heap))
            return err_at(e, ERR_FORMAT, &p.r, "the table of shared messages is cut short");
        if (heap == HDF5_UNDEFINED)
            continue;
        h->shared_heap[h->nshared] = heap;
        h->shared_types[h->nshared++] = types;
    }
    return hdf5_checked(&p.r, &p.all, e);
}

static bool on_extension(void *ctx, const struct hdf5_message *m, struct err *e)
{
    switch (m->type) {
    case HDF5_TREE_K:
        return tree_k(ctx, m->body, e);
    case HDF5_SHARING:
        return sharing(ctx, m->body, e);
    case HDF5_DRIVER:
        return err_at(e, ERR_UNSUPPORTED, &m->body, "a driver block: the file has several parts");
    case HDF5_CACHE_IMAGE:
        return err_at(e, ERR_UNSUPPORTED, &m->body, "structures in an image of the cache");
    default:
        return true;
    }
}

bool hdf5_object_extension(struct hdf5 *h, struct err *e)
{
    const struct hdf5_messages to = {on_extension, h};
    bool ok = true;

    if (h->extension != HDF5_UNDEFINED)
        ok = hdf5_header_read(h, h->extension, &to, e);
    arena_clear(&h->work);
    return ok;
}
