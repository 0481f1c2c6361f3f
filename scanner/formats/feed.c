#include "scanner/formats/feed.h"

#include <inttypes.h>
#include <isa-l/crc.h>
#include <string.h>

#include "base/checked.h"

void feed_init(struct feed *f, struct source *s, bool all)
{
    *f = (struct feed){.source = s, .all = all};
}

void feed_release(struct feed *f)
{
    free(f->buf);
    f->buf = NULL;
}

bool feed_some(struct source *s, uint64_t at, struct feed_room *room, struct err *e)
{
    struct err first = {0};
    size_t step = room->n, have;

    room->got = 0;
    while (room->got < room->n && step > 0) {
        struct err again = {0};

        if (step > room->n - room->got)
            step = room->n - room->got;
        if (!source_some(s, at + room->got, room->buf + room->got, step, &have,
                         first.code == ERR_NONE ? &first : &again)) {
            step /= 2;
            continue;
        }
        room->got += have;
        if (have < step)
            break;
    }
    if (room->got == 0 && first.code != ERR_NONE) {
        *e = first;
        return false;
    }
    return true;
}

/* Looks for HDF5 among the last `got` bytes, which may end its signature. SPEC: HDF5 3.0, II.A */
static void watch(struct feed *f, size_t got)
{
    static const char sign[] = "\x89HDF\r\n\x1a\n";
    const size_t n = sizeof(sign) - 1;
    const uint64_t end = f->at + f->len, before = end - got;

    for (uint64_t at = FEED_HDF5; at < end && end - at >= n && at <= UINT64_MAX / 2; at *= 2)
        if (at + n > before && at >= f->at && memcmp(f->buf + (at - f->at), sign, n) == 0)
            f->hdf5 = true;
}

/* Drops all but `keep` bytes and fills the buffer behind them. */
static bool fill(struct feed *f, size_t keep, struct err *e)
{
    struct feed_room room;

    if (f->buf == NULL) {
        const uint64_t known = source_len(f->source); /* a byte more, to see the end */

        f->cap = known < FEED_BYTES ? (size_t)known + 1 : FEED_BYTES + FEED_TAIL;
        f->buf = malloc(f->cap);
        if (f->buf == NULL)
            abort();
    }
    if (keep < f->len) {
        memmove(f->buf, f->buf + (f->len - keep), keep);
        f->at += f->len - keep;
        f->len = keep;
    }
    room = (struct feed_room){f->buf + f->len, f->cap - f->len, 0};
    if (!feed_some(f->source, f->at + f->len, &room, e))
        return false;
    if (f->all)
        f->crc = crc32_gzip_refl(f->crc, room.buf, room.got);
    f->len += room.got;
    f->eof = room.got == 0;
    if (f->all)
        watch(f, room.got);
    return true;
}

/* Bytes that must stay when reading goes on at `offset`: those from there,
 * and the tail before them. */
static size_t kept(const struct feed *f, uint64_t offset)
{
    const size_t before = (size_t)(offset - f->at);

    return f->len - before + (before < FEED_TAIL ? before : FEED_TAIL);
}

/* Puts the buffer at a place that it does not hold. */
static void jump(struct feed *f, uint64_t offset)
{
    f->at = offset < FEED_TAIL ? 0 : offset - FEED_TAIL;
    f->len = 0;
    f->eof = false;
}

bool feed_more(struct feed *f, struct reader *r, size_t n, struct err *e)
{
    if (r->offset < f->at || r->offset - f->at > f->len)
        if (!feed_seek(f, r, r->offset, e))
            return false;
    while (f->len - (size_t)(r->offset - f->at) < n && !f->eof)
        if (!fill(f, kept(f, r->offset), e))
            return false;
    *r = reader_at(
        (struct slice){f->buf + (r->offset - f->at), f->len - (size_t)(r->offset - f->at)},
        r->offset);
    return true;
}

bool feed_seek(struct feed *f, struct reader *r, uint64_t offset, struct err *e)
{
    const uint64_t end = f->at + f->len, known = source_len(f->source);
    const bool far = offset > end && offset - end > FEED_BYTES && known != SOURCE_LEN_UNKNOWN;

    if (!f->all && (offset < f->at || far)) /* never behind the end, where no tail is */
        jump(f, offset < known ? offset : known);
    while (f->at + f->len < offset && !f->eof)
        if (!fill(f, f->len < FEED_TAIL ? f->len : FEED_TAIL, e))
            return false;
    if (offset < f->at || f->at + f->len < offset)
        return err_pos(e, ERR_FORMAT, f->at + f->len,
                       "ends at byte %" PRIu64 ", %" PRIu64 " more bytes were declared",
                       f->at + f->len, offset - f->at - f->len);
    r->data = NULL;
    r->left = 0;
    r->offset = offset;
    if (f->buf == NULL)
        return true;
    *r = reader_at((struct slice){f->buf + (offset - f->at), f->len - (size_t)(offset - f->at)},
                   offset);
    return true;
}

bool feed_skip(struct feed *f, struct reader *r, uint64_t n, struct err *e)
{
    uint64_t end;

    if (n <= r->left)
        return reader_skip(r, n);
    if (!checked_add(r->offset, n, &end))
        return err_at(e, ERR_FORMAT, r, "an item that ends past 2^64");
    return feed_seek(f, r, end, e);
}

bool feed_drain(struct feed *f, uint64_t *len, struct err *e)
{
    const uint64_t known = source_len(f->source);

    if (!f->all && known != SOURCE_LEN_UNKNOWN && known > f->at + f->len &&
        known - f->at - f->len > FEED_BYTES)
        jump(f, known);
    while (!f->eof)
        if (!fill(f, f->len < FEED_TAIL ? f->len : FEED_TAIL, e))
            return false;
    *len = f->at + f->len;
    return true;
}

struct slice feed_tail(const struct feed *f)
{
    const size_t n = f->len < FEED_TAIL ? f->len : FEED_TAIL;

    return (struct slice){f->buf == NULL ? NULL : f->buf + (f->len - n), n};
}
