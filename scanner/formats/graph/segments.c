#include "scanner/formats/graph/segments.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/limits.h"
#include "scanner/formats/embedded.h"

#define ALIGNMENT ((uint64_t)64 << 10) /* no page that a segment is aligned to is larger */

/* Fields of DataSegment. */
enum { SEGMENT_OFFSET, SEGMENT_SIZE };

static bool read_one(struct segments *s, const struct flatbuffer_table *t, struct segment *out,
                     struct err *e)
{
    uint64_t offset = 0, size = 0;

    if (!flatbuffer_scalar(t, SEGMENT_OFFSET, 8, &offset, e) ||
        !flatbuffer_scalar(t, SEGMENT_SIZE, 8, &size, e))
        return false;
    if (s->base == 0 && size > 0)
        return err_pos(e, ERR_FORMAT, t->at,
                       "%" PRIu64 " bytes, and no header says where segments begin", size);
    if (offset > s->end - s->base || size > s->end - s->base - offset)
        return err_pos(e, ERR_FORMAT, t->at,
                       "%" PRIu64 " bytes at %" PRIu64 " behind byte %" PRIu64
                       ", the data ends at byte %" PRIu64,
                       size, offset, s->base, s->end);
    *out = (struct segment){s->base + offset, size, 0};
    return true;
}

static int by_place(const void *x, const void *y)
{
    const struct segment *a = x, *b = y;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return (a->n > b->n) - (a->n < b->n);
}

bool segments_read(struct segments *s, const struct flatbuffer_table *t, unsigned field,
                   struct arena *a, struct err *e)
{
    struct flatbuffer_vector v;
    struct flatbuffer_table item;

    if (!flatbuffer_vector(t, field, 4, &v, e))
        return false;
    if (v.n > LIMIT_TENSORS)
        return err_pos(e, ERR_LIMIT, v.at, "%" PRIu32 " segments, at most %d (LIMIT_TENSORS)", v.n,
                       LIMIT_TENSORS);
    s->items = ARENA_ARRAY(a, struct segment, v.n);
    s->order = ARENA_ARRAY(a, struct segment, v.n);
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&v, i, &item, e) || !read_one(s, &item, &s->items[i], e))
            return err_in(e, "segment %" PRIu32, i);
        s->items[i].index = i;
        s->order[i] = s->items[i];
        s->bytes += s->items[i].n;
    }
    s->n = v.n;
    if (s->n > 0)
        qsort(s->order, s->n, sizeof(*s->order), by_place);
    for (uint32_t i = 1; i < s->n; i++)
        if (s->order[i].at - s->order[i - 1].at < s->order[i - 1].n)
            return err_pos(e, ERR_FORMAT, s->order[i].at, "two segments share this byte");
    return true;
}

bool segments_has(const struct segments *s, uint64_t index, const struct flatbuffer_table *t,
                  struct err *e)
{
    return index < s->n ||
           err_pos(e, ERR_FORMAT, t->at, "segment %" PRIu64 ", there are %" PRIu32, index, s->n);
}

/* Counts [w->from, to) as padding when it is short and nothing but zeros. */
static bool pad(struct segments_walk *w, uint64_t to, struct err *e)
{
    uint8_t buf[4096];

    if (to - w->from > ALIGNMENT)
        return true;
    for (uint64_t at = w->from; at < to; at += sizeof(buf)) {
        const size_t n = to - at < sizeof(buf) ? (size_t)(to - at) : sizeof(buf);

        if (!source_read(w->bytes, at, buf, n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            if (buf[i] != 0)
                return true;
    }
    w->padding += to - w->from;
    return true;
}

static bool look(struct segments_walk *w, const struct segment *g, struct err *e)
{
    uint8_t head[EMBEDDED_HEAD];
    const char *kind;

    if (g->n < sizeof(head))
        return true;
    if (!source_read(w->bytes, g->at, head, sizeof(head), e))
        return false;
    kind = embedded_kind(head);
    if (kind != NULL)
        embedded_add(w->embedded, "segment", g->index, g->at, kind);
    return true;
}

bool segments_walk(const struct segments *s, struct segments_walk *w, struct err *e)
{
    w->padding = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct segment *g = &s->order[i];

        if (!pad(w, g->at, e) || !look(w, g, e))
            return false;
        w->from = g->at + g->n;
    }
    return pad(w, w->to, e);
}
