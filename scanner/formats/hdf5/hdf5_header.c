#include "scanner/formats/hdf5/hdf5_header.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_heap.h"

#define FLAG_SHARED 0x02
#define FLAG_MUST_KNOW 0x88 /* "fail if unknown", always or when writing */

struct block {
    uint64_t addr, n;
};

/* A header under way; its blocks wait in h->work. */
struct header {
    struct hdf5 *h;
    uint64_t addr;
    const struct hdf5_messages *to;
    bool raw;   /* shared messages stay as they are */
    bool two;   /* version 2 */
    bool order; /* messages have their order of creation */
    struct block *blocks;
    size_t nblocks;
    uint64_t seen; /* bytes of blocks */
};

static bool add_block(struct header *x, uint64_t addr, uint64_t n, struct err *e)
{
    struct block *b;

    for (size_t i = 0; i < x->nblocks; i++)
        if (x->blocks[i].addr == addr)
            return err_pos(e, ERR_FORMAT, x->h->base + addr, "an object header goes round");
    if (x->nblocks >= 4096)
        return err_pos(e, ERR_LIMIT, x->h->base + addr, "an object header in more than 4096 parts");
    b = ARENA_PUSH(&x->h->work, &x->blocks, &x->nblocks);
    *b = (struct block){addr, n};
    return true;
}

static bool continuation(struct header *x, struct reader body, struct err *e)
{
    uint64_t addr, n;

    if (!hdf5_offset(x->h, &body, &addr) || !hdf5_length(x->h, &body, &n))
        return err_at(e, ERR_FORMAT, &body, "a continuation is cut short");
    return add_block(x, addr, n, e);
}

static bool message(struct header *x, struct hdf5_message *m, struct err *e)
{
    if (++x->h->stats.messages > LIMIT_HDF5_MESSAGES)
        return err_at(e, ERR_LIMIT, &m->body, "more than %d messages (LIMIT_HDF5_MESSAGES)",
                      LIMIT_HDF5_MESSAGES);
    if (m->type >= HDF5_MESSAGES && (m->flags & FLAG_MUST_KNOW) != 0)
        return err_at(e, ERR_UNSUPPORTED, &m->body, "a message of type %u", m->type);
    if (m->type == HDF5_CONTINUATION)
        return continuation(x, m->body, e);
    if ((m->flags & FLAG_SHARED) != 0 && !x->raw && !hdf5_header_shared(x->h, m->type, &m->body, e))
        return false;
    return x->to->each(x->to->ctx, m, e);
}

/* The messages of one block. What is left behind the last is too short for one. */
static bool messages(struct header *x, struct reader r, struct err *e)
{
    const size_t head = x->two ? (x->order ? 6 : 4) : 8;

    while (r.left >= head) {
        struct hdf5_message m = {0};
        uint8_t type = 0;
        uint16_t n;
        const bool ok = (x->two ? reader_u8(&r, &type) : reader_u16le(&r, &m.type)) &&
                        reader_u16le(&r, &n) && reader_u8(&r, &m.flags) &&
                        reader_skip(&r, x->two ? (x->order ? 2 : 0) : 3);

        if (x->two)
            m.type = type;
        if (!ok || !reader_sub(&r, n, &m.body))
            return err_at(e, ERR_FORMAT, &r, "a message of an object header is cut short");
        if (!message(x, &m, e))
            return false;
    }
    return true;
}

static bool more(struct header *x, const struct block *b, struct err *e)
{
    struct hdf5_part p = {.addr = b->addr, .n = b->n};
    struct reader inner;

    if (!x->two)
        return hdf5_meta(x->h, b->addr, b->n, &inner, e) && messages(x, inner, e);
    if (!hdf5_signed(x->h, &p, "OCHK", e))
        return false;
    if (p.r.left < 4 || !reader_sub(&p.r, p.r.left - 4, &inner) || !hdf5_checked(&p.r, &p.all, e))
        return err_pos(e, ERR_FORMAT, x->h->base + b->addr, "a continuation is cut short");
    return messages(x, inner, e);
}

/* SPEC: section IV.A.1.a */
static bool first_v1(struct header *x, struct reader *r, struct err *e)
{
    uint32_t n;
    struct reader all;

    if (!reader_skip(r, 8) || !reader_u32le(r, &n) ||
        !hdf5_meta(x->h, x->addr, 16 + (uint64_t)n, &all, e))
        return err_at(e, ERR_FORMAT, r, "an object header is cut short");
    return reader_skip(&all, 16) && messages(x, all, e);
}

/* SPEC: section IV.A.1.b */
static bool first_v2(struct header *x, struct reader *r, struct err *e)
{
    struct reader all, start, inner;
    const uint64_t at = r->offset;
    uint64_t n, prefix;
    uint8_t version, flags;

    x->two = true;
    if (!reader_skip(r, 4) || !reader_u8(r, &version) || !reader_u8(r, &flags))
        return err_at(e, ERR_FORMAT, r, "an object header is cut short");
    if (version != 2)
        return err_at(e, ERR_UNSUPPORTED, r, "object header version %u", version);
    x->order = (flags & 4) != 0;
    if (!reader_skip(r, ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0)) ||
        !hdf5_uint(r, 1u << (flags & 3), &n))
        return err_at(e, ERR_FORMAT, r, "an object header is cut short");
    prefix = r->offset - at;
    if (n > x->h->limit || !hdf5_meta(x->h, x->addr, prefix + n + 4, &all, e))
        return err_at(e, ERR_FORMAT, r, "an object header is cut short");
    start = all;
    return reader_skip(&all, prefix) && reader_sub(&all, n, &inner) &&
           hdf5_checked(&all, &start, e) && messages(x, inner, e);
}

static bool read_header(struct header *x, struct err *e)
{
    struct reader r;
    const uint64_t left = x->addr < x->h->limit ? x->h->limit - x->addr : 0;
    bool ok;

    if (!hdf5_get(x->h, x->addr, left < 40 ? left : 40, &r, e))
        return false;
    if (r.left >= 4 && memcmp(r.data, "OHDR", 4) == 0)
        ok = first_v2(x, &r, e);
    else if (r.left >= 16 && r.data[0] == 1)
        ok = first_v1(x, &r, e);
    else
        return err_at(e, ERR_FORMAT, &r, "no object header where a link leads to");
    for (size_t i = 0; ok && i < x->nblocks; i++) {
        const struct block b = x->blocks[i];

        ok = more(x, &b, e);
    }
    return ok;
}

bool hdf5_header_read(struct hdf5 *h, uint64_t addr, const struct hdf5_messages *to, struct err *e)
{
    struct header x = {.h = h, .addr = addr, .to = to};

    return read_header(&x, e);
}

/* ---- shared messages ---- */
struct wanted {
    uint16_t type;
    bool found, shared;
    struct reader body;
};

static bool is_wanted(void *ctx, const struct hdf5_message *m, struct err *e)
{
    struct wanted *w = ctx;

    (void)e;
    if (m->type == w->type && !w->found) {
        w->found = true;
        w->shared = (m->flags & FLAG_SHARED) != 0;
        w->body = m->body;
    }
    return true;
}

static bool committed(struct hdf5 *h, uint16_t type, uint64_t addr, struct reader *r, struct err *e)
{
    struct wanted w = {.type = type};
    const struct hdf5_messages to = {is_wanted, &w};
    struct header x = {.h = h, .addr = addr, .to = &to, .raw = true};

    if (!read_header(&x, e))
        return false;
    if (!w.found || w.shared)
        return err_at(e, ERR_FORMAT, r, "a shared message leads to none of its type");
    *r = w.body;
    return true;
}

bool hdf5_header_heap(struct hdf5 *h, uint16_t type, struct slice id, struct reader *r,
                      struct err *e)
{
    struct hdf5_heap heap;

    for (size_t i = 0; i < h->nshared; i++)
        if (type < 16 && (h->shared_types[i] >> type & 1) != 0)
            return hdf5_heap_open(h, h->shared_heap[i], &heap, e) && hdf5_heap_get(&heap, id, r, e);
    return err_at(e, ERR_FORMAT, r, "a shared message of a type that nothing shares");
}

/* SPEC: section IV.A.2, "Shared Message", versions 1 to 3 */
bool hdf5_header_shared(struct hdf5 *h, uint16_t type, struct reader *r, struct err *e)
{
    uint8_t version, kind;
    struct slice id;
    uint64_t addr;

    if (!reader_u8(r, &version) || !reader_u8(r, &kind))
        return err_at(e, ERR_FORMAT, r, "a shared message is cut short");
    if (version < 1 || version > 3)
        return err_at(e, ERR_UNSUPPORTED, r, "shared message version %u", version);
    if (version == 3 && kind == 1) {
        if (!reader_bytes(r, 8, &id))
            return err_at(e, ERR_FORMAT, r, "a shared message is cut short");
        return hdf5_header_heap(h, type, id, r, e);
    }
    if ((version == 1 && !reader_skip(r, 6 + h->length_bytes)) || !hdf5_offset(h, r, &addr))
        return err_at(e, ERR_FORMAT, r, "a shared message is cut short");
    return committed(h, type, addr, r, e);
}
