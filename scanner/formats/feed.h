#ifndef SCANNER_FORMATS_FEED_H
#define SCANNER_FORMATS_FEED_H
/*
 * A feed walks a source forward through one buffer of FEED_BYTES and lends what it holds as a
 * reader. The last FEED_TAIL bytes before the reader stay in the buffer, so that the tail of a
 * stream that cannot go back is known at its end.
 */
#include "base/reader.h"
#include "scanner/input/source.h"

#define FEED_BYTES ((size_t)1 << 20)
#define FEED_NEED ((size_t)512 << 10) /* bytes that can be asked for at once */
#define FEED_HDF5 ((uint64_t)4096)    /* before it the head of a stream shows a signature of HDF5 */
/* bytes: a zip's end record with the longest comment, and its zip64 records */
#define FEED_TAIL ((size_t)65536 + 128)

struct feed {
    struct source *source; /* borrowed */
    uint8_t *buf;          /* owned; NULL until the first read */
    uint64_t at;           /* offset of buf[0] */
    size_t len, cap;
    bool eof; /* the byte at `at + len` does not exist */
    /* every byte passes through the buffer, also those that are jumped
     * over; `crc` is that of [0, at + len) */
    bool all;
    uint32_t crc;
    bool hdf5; /* with `all`: the signature of HDF5 stands at FEED_HDF5 times a power of two */
};

struct feed_room {
    uint8_t *buf;
    size_t n, got;
};

/* source_some into `room` that gives the good bytes in front of an error too; the error itself
 * shows when nothing is left before it. */
MUST_CHECK bool feed_some(struct source *s, uint64_t at, struct feed_room *room, struct err *e);

void feed_init(struct feed *f, struct source *s, bool all);
void feed_release(struct feed *f);

/* feed_more(f, r, n): makes `r`, whose offset stays, hold at least n <= FEED_NEED bytes, or all
 * that are left when the stream ends before (so look at r->left). A reader without data ({0})
 * starts at its offset. Slices lent before become invalid. */
MUST_CHECK bool feed_more(struct feed *f, struct reader *r, size_t n, struct err *e);

/* feed_seek(f, r, offset): moves `r` forward to `offset`; ERR_FORMAT when
 * the stream ends before it. */
MUST_CHECK bool feed_seek(struct feed *f, struct reader *r, uint64_t offset, struct err *e);

/* feed_skip(f, r, n): moves `r` over the next n bytes; ERR_FORMAT when the stream ends before, or
 * when they reach past 2^64. */
MUST_CHECK bool feed_skip(struct feed *f, struct reader *r, uint64_t n, struct err *e);

/* feed_drain: reads to the end and gives the length. */
MUST_CHECK bool feed_drain(struct feed *f, uint64_t *len, struct err *e);

/* After feed_drain: the last bytes of the stream, at most FEED_TAIL. */
struct slice feed_tail(const struct feed *f);
#endif
