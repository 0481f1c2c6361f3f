#include "scanner/formats/hdf5/hdf5_tree.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"

#define DEPTH_MAX 32 /* levels; 2^32 records need fewer */

struct node {
    uint64_t addr;
    uint64_t records; /* version 2 */
    unsigned level;   /* 0: a leaf */
};

/* Nodes that wait. */
struct queue {
    struct hdf5 *h;
    struct node *nodes;
    size_t n, at;
};

static bool push(struct queue *q, const struct node *n, struct err *e)
{
    if (n->addr >= q->h->limit || !hdf5_first(q->h, n->addr, HDF5_NODE))
        return err_pos(e, ERR_FORMAT, q->h->base,
                       "a tree leads to address %" PRIu64 ", twice or past the end", n->addr);
    *(struct node *)ARENA_PUSH(&q->h->work, &q->nodes, &q->n) = *n;
    return true;
}

/* ---- version 1 ---- */
static bool tree_node(struct queue *q, const struct node *n, const struct hdf5_tree *t,
                      struct err *e)
{
    struct hdf5 *h = q->h;
    const uint64_t size = 8 + 2 * (uint64_t)h->offset_bytes +
                          (2 * (uint64_t)t->k + 1) * t->key_bytes +
                          2 * (uint64_t)t->k * h->offset_bytes;
    struct hdf5_part p = {.addr = n->addr, .n = size};
    struct reader r, key;
    uint8_t type, level;
    uint16_t used;

    if (!hdf5_signed(h, &p, "TREE", e))
        return false;
    r = p.r;
    if (!reader_u8(&r, &type) || !reader_u8(&r, &level) || !reader_u16le(&r, &used) ||
        !reader_skip(&r, 2 * (uint64_t)h->offset_bytes))
        return err_at(e, ERR_FORMAT, &r, "a node is cut short");
    if (type != t->type || (n->level != UINT_MAX && level != n->level) || level > DEPTH_MAX)
        return err_at(e, ERR_FORMAT, &r, "a node of type %u, level %u in a tree of %s", type, level,
                      t->what);
    if (used > 2 * (uint32_t)t->k)
        return err_at(e, ERR_FORMAT, &r, "a node of %u entries, at most %u", used, 2u * t->k);
    for (uint16_t i = 0; i < used; i++) {
        struct node child = {.level = level - 1u};

        if (!reader_sub(&r, t->key_bytes, &key) || !hdf5_offset(h, &r, &child.addr))
            return err_at(e, ERR_FORMAT, &r, "a node is cut short");
        if (!(level > 0 ? push(q, &child, e) : t->each(t->ctx, key, child.addr, e)))
            return false;
    }
    return true;
}

bool hdf5_tree_walk(struct hdf5 *h, uint64_t addr, const struct hdf5_tree *t, struct err *e)
{
    struct queue q = {.h = h};
    const struct node root = {.addr = addr, .level = UINT_MAX};

    if (!push(&q, &root, e))
        return false;
    while (q.at < q.n) {
        const struct node n = q.nodes[q.at++];

        if (!tree_node(&q, &n, t, e))
            return false;
    }
    return true;
}

/* ---- version 2 ---- */
struct tree2 {
    struct queue q;
    const struct hdf5_records *to;
    uint8_t type;
    uint32_t node_bytes;
    uint16_t record_bytes, depth;
    unsigned count_bytes;            /* of the number of records of a child */
    unsigned total_bytes[DEPTH_MAX]; /* of the number of all records below a child at a level */
    uint64_t most[DEPTH_MAX];        /* records of a node at a level */
};

/* How wide the counts in internal nodes are follows from the size of a node. */
static bool widths(struct tree2 *t, struct err *e)
{
    uint64_t total;

    t->most[0] = (t->node_bytes - 10) / t->record_bytes;
    t->count_bytes = hdf5_bytes_for(t->most[0]);
    total = t->most[0];
    for (unsigned u = 1; u <= t->depth; u++) {
        const unsigned pointer = t->q.h->offset_bytes + t->count_bytes + t->total_bytes[u - 1];
        uint64_t below;

        if (t->node_bytes < 10 + pointer)
            return err_fail(e, ERR_FORMAT, "nodes of %" PRIu32 " bytes", t->node_bytes);
        t->most[u] = (t->node_bytes - 10 - pointer) / (t->record_bytes + pointer);
        if (!checked_mul(t->most[u] + 1, total, &below) || !checked_add(below, t->most[u], &total))
            return err_fail(e, ERR_FORMAT, "a tree of more than 2^64 records");
        t->total_bytes[u] = hdf5_bytes_for(total);
    }
    return true;
}

static bool head(struct tree2 *t, uint64_t addr, struct node *root, struct err *e)
{
    struct hdf5 *h = t->q.h;
    struct hdf5_part p = {addr, 22 + (uint64_t)h->offset_bytes + h->length_bytes, {0}, {0}};
    struct reader r;
    uint8_t version;
    uint16_t n;
    uint64_t total;

    if (!hdf5_signed(h, &p, "BTHD", e))
        return false;
    r = p.r;
    if (!reader_u8(&r, &version) || !reader_u8(&r, &t->type) || !reader_u32le(&r, &t->node_bytes) ||
        !reader_u16le(&r, &t->record_bytes) || !reader_u16le(&r, &t->depth) ||
        !reader_skip(&r, 2) || !hdf5_offset(h, &r, &root->addr) || !reader_u16le(&r, &n) ||
        !hdf5_length(h, &r, &total) || !hdf5_checked(&r, &p.all, e))
        return err_at(e, ERR_FORMAT, &r, "the head of a tree is cut short");
    root->records = n;
    root->level = t->depth;
    if (version != 0 || t->type >= 32 || (t->to->types >> t->type & 1) == 0)
        return err_at(e, ERR_FORMAT, &r, "a tree of version %u, type %u", version, t->type);
    if (t->record_bytes == 0 || t->node_bytes < 10 || t->depth >= DEPTH_MAX)
        return err_at(e, ERR_FORMAT, &r, "a tree of %u-byte records, %u levels", t->record_bytes,
                      t->depth);
    return widths(t, e);
}

static bool children(struct tree2 *t, const struct node *n, struct reader *r, struct err *e)
{
    for (uint64_t i = 0; i <= n->records; i++) {
        struct node child = {.level = n->level - 1};

        if (!hdf5_offset(t->q.h, r, &child.addr) || !hdf5_uint(r, t->count_bytes, &child.records) ||
            !reader_skip(r, t->total_bytes[n->level - 1]))
            return err_at(e, ERR_FORMAT, r, "a node is cut short");
        if (!push(&t->q, &child, e))
            return false;
    }
    return true;
}

static bool tree2_node(struct tree2 *t, const struct node *n, struct err *e)
{
    const char *letters = n->level > 0 ? "BTIN" : "BTLF";
    struct hdf5_part p = {.addr = n->addr, .n = t->node_bytes};
    struct reader r, records;
    uint8_t version, type;

    if (n->records > t->most[n->level])
        return err_pos(e, ERR_FORMAT, t->q.h->base + n->addr,
                       "a node of %" PRIu64 " records, at most %" PRIu64, n->records,
                       t->most[n->level]);
    if (!hdf5_signed(t->q.h, &p, letters, e))
        return false;
    r = p.r;
    if (!reader_u8(&r, &version) || !reader_u8(&r, &type) || version != 0 || type != t->type ||
        !reader_sub(&r, n->records * t->record_bytes, &records))
        return err_at(e, ERR_FORMAT, &r, "a node of another tree, or cut short");
    if ((n->level > 0 && !children(t, n, &r, e)) || !hdf5_checked(&r, &p.all, e))
        return false;
    for (uint64_t i = 0; i < n->records; i++) {
        struct reader one;

        if (!reader_sub(&records, t->record_bytes, &one) ||
            !t->to->each(t->to->ctx, t->type, one, e))
            return false;
    }
    return true;
}

bool hdf5_tree_records(struct hdf5 *h, uint64_t addr, const struct hdf5_records *to, struct err *e)
{
    struct tree2 t = {.q = {.h = h}, .to = to};
    struct node root = {0};

    if (!hdf5_first(h, addr, HDF5_NODE))
        return err_pos(e, ERR_FORMAT, h->base + addr, "a tree that two objects share");
    if (!head(&t, addr, &root, e))
        return false;
    if (root.addr != HDF5_UNDEFINED && !push(&t.q, &root, e))
        return false;
    while (t.q.at < t.q.n) {
        const struct node n = t.q.nodes[t.q.at++];

        if (!tree2_node(&t, &n, e))
            return false;
    }
    return true;
}
