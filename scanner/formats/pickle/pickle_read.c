#include "scanner/formats/pickle/pickle_read.h"

#include <inttypes.h>
#include <string.h>

void pickle_read_init(struct pickle_read *p, struct feed *f, uint64_t at, enum pickle_reading how)
{
    *p = (struct pickle_read){.feed = f, .how = how, .r = {.offset = at}};
    p->frame_end = how == PICKLE_DROPPING ? at : 0;
}

/* Cuts the reader at the frame's end. */
static void fence(struct pickle_read *p)
{
    if (p->frame_end > p->r.offset && p->frame_end - p->r.offset < p->r.left)
        p->r.left = (size_t)(p->frame_end - p->r.offset);
    else if (p->how == PICKLE_DROPPING && p->frame_end <= p->r.offset)
        p->r.left = 0;
}

/* Makes room for n bytes at the place where the loader reads them; false
 * at the end of the stream. */
static void place(struct pickle_read *p, uint64_t n)
{
    const uint64_t at = p->r.offset;

    if (p->how == PICKLE_PLAIN) {
        if (p->frame_end != 0 && (p->frame_end <= at || p->frame_end - at < n)) {
            p->diverged = p->diverged || p->frame_end > at;
            p->frame_end = 0;
        }
        return;
    }
    if (p->frame_end >= at && p->frame_end - at >= n)
        return;
    p->diverged = p->diverged || p->frame_end > at;
    if (p->frame_end > at)
        p->r = (struct reader){.offset = p->frame_end};
    p->frame_end = n > UINT64_MAX - p->r.offset ? UINT64_MAX : p->r.offset + n;
}

static bool no_end(struct pickle_read *p, uint64_t at, struct err *e)
{
    p->starved = true;
    p->rest = (struct slice){p->r.data, p->r.left};
    return err_pos(e, ERR_FORMAT, at, "a line of the pickle has no end");
}

static bool short_of(struct pickle_read *p, uint64_t n, struct err *e)
{
    p->starved = true;
    return err_pos(e, ERR_FORMAT, p->r.offset,
                   "the pickle is cut short: %" PRIu64 " bytes are wanted, %zu are left", n,
                   p->r.left);
}

bool pickle_read_slow(struct pickle_read *p, size_t n, struct slice *out, struct err *e)
{
    place(p, n);
    if (!feed_more(p->feed, &p->r, n, e))
        return false;
    if (p->r.left < n)
        return short_of(p, n, e);
    fence(p);
    return reader_bytes(&p->r, n, out) || short_of(p, n, e);
}

bool pickle_read_skip(struct pickle_read *p, uint64_t n, bool direct, struct slice *head,
                      struct err *e)
{
    const size_t want = n < sizeof(p->head) ? (size_t)n : sizeof(p->head);
    struct slice lent;

    if (direct && p->how == PICKLE_DROPPING && n > UINT64_MAX - p->r.offset)
        return short_of(p, n, e);
    if (direct && p->how == PICKLE_DROPPING && p->r.offset + n > p->frame_end)
        p->frame_end = p->r.offset + n;
    place(p, n);
    if (!feed_more(p->feed, &p->r, want, e))
        return false;
    if (n > UINT64_MAX - p->r.offset || !reader_bytes(&p->r, want, &lent))
        return short_of(p, n, e);
    if (want > 0)
        memcpy(p->head, lent.data, want);
    *head = (struct slice){p->head, want};
    if (n > want && !feed_seek(p->feed, &p->r, p->r.offset + (n - want), e)) {
        p->starved = p->feed->eof;
        return false;
    }
    fence(p);
    return true;
}

/* Length of the line at the reader, '\n' included, within `max` bytes; 0
 * when it has no end there. */
static bool find_line(struct pickle_read *p, size_t max, size_t *len, struct err *e)
{
    size_t seen = 0;

    for (size_t want = 256;; want *= 4) {
        const uint8_t *nl;

        if (want > max)
            want = max;
        if (!feed_more(p->feed, &p->r, want, e))
            return false;
        if (p->r.left > max)
            p->r.left = max;
        nl = p->r.left > seen ? memchr(p->r.data + seen, '\n', p->r.left - seen) : NULL;
        *len = nl == NULL ? 0 : (size_t)(nl - p->r.data) + 1;
        if (nl != NULL || p->r.left < want || want == max)
            return true;
        seen = p->r.left;
    }
}

/* A line too long to be lent. */
static bool skip_line(struct pickle_read *p, uint64_t *longer, struct err *e)
{
    const uint64_t from = p->r.offset;
    size_t len = 0;

    while (len == 0) {
        if (!feed_more(p->feed, &p->r, FEED_NEED, e))
            return false;
        if (p->r.left == 0)
            return no_end(p, from, e);
        if (!find_line(p, p->r.left < FEED_NEED ? p->r.left : FEED_NEED, &len, e))
            return false;
        if (!reader_skip(&p->r, len != 0 ? len : p->r.left))
            return short_of(p, len, e);
    }
    *longer = p->r.offset - from;
    return true;
}

bool pickle_read_line(struct pickle_read *p, struct slice *out, uint64_t *longer, struct err *e)
{
    const uint64_t at = p->r.offset;
    const uint64_t inside = p->frame_end > at ? p->frame_end - at : 0;
    struct slice line;
    size_t len = 0;
    bool fresh;

    *longer = 0;
    *out = (struct slice){NULL, 0};
    if (inside > 0 && !find_line(p, inside < FEED_NEED ? (size_t)inside : FEED_NEED, &len, e))
        return false;
    fresh =
        len == 0 && inside <= FEED_NEED; /* the line goes on behind the frame, or begins there */
    if (fresh)
        place(p, inside + 1);
    if (len == 0 && !find_line(p, FEED_NEED, &len, e))
        return false;
    if (len == 0 && p->r.left < FEED_NEED)
        return no_end(p, at, e);
    if (len == 0 && !skip_line(p, longer, e))
        return false;
    if (*longer == 0 && !reader_bytes(&p->r, len, &line))
        return short_of(p, len, e);
    if (*longer == 0)
        *out = (struct slice){line.data, len - 1};
    if (p->how == PICKLE_DROPPING && (fresh || p->frame_end < p->r.offset))
        p->frame_end = p->r.offset;
    if (p->how == PICKLE_PLAIN && p->frame_end <= p->r.offset)
        p->frame_end = 0;
    p->r.left = 0; /* find_line may have cut it: the next read looks again */
    return true;
}

bool pickle_read_frame(struct pickle_read *p, uint64_t n, struct err *e)
{
    const uint64_t at = p->r.offset;
    uint64_t end;

    if (n > UINT64_MAX - at)
        return err_pos(e, ERR_FORMAT, at, "a frame ends past 2^64 bytes");
    end = at + n;
    if (p->frame_end > at) {
        p->nested = true;
        if (p->frame_end >= end)
            return true;
    }
    if (p->how == PICKLE_DROPPING) {
        place(p, n);
        end = p->frame_end;
    }
    p->frame_end = end;
    p->r.left = 0;
    return true;
}

bool pickle_read_stop(struct pickle_read *p, bool reuse)
{
    const bool inside = p->frame_end > p->r.offset;

    if (inside && p->how == PICKLE_DROPPING && !reuse) {
        p->r = (struct reader){.offset = p->frame_end};
        p->diverged = true;
    }
    if (p->how == PICKLE_PLAIN)
        p->frame_end = 0;
    p->r.left = 0;
    return inside;
}

bool pickle_read_left(struct pickle_read *p, bool *left, struct err *e)
{
    struct err why = {0};

    *left = false;
    if (!feed_more(p->feed, &p->r, 1, &why)) {
        if (why.code == ERR_FORMAT) /* a frame that was dropped reached past the end */
            return true;
        *e = why;
        return false;
    }
    *left = p->r.left > 0;
    fence(p);
    return true;
}
