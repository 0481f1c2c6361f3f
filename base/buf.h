#ifndef BASE_BUF_H
#define BASE_BUF_H
/*
 * A growing byte buffer that never passes its cap. The first failure stays: later writes do
 * nothing, and buf_finish reports it. There is no buffer without a cap. One with a drain keeps
 * little: what is full goes on to the drain.
 */
#include <stdarg.h>

#include "base/err.h"

/* Takes bytes in their order. False: no more are wanted; the drain itself knows why. */
typedef bool buf_drain_fn(void *ctx, struct slice bytes);

/* bytes that a buffer with a drain keeps before they go on */
#define BUF_KEPT ((size_t)1 << 20)

struct buf {
    uint8_t *data; /* owned; not NUL-terminated */
    size_t len, cap, max;
    bool full; /* a write would have passed `max`, or the drain took no more */
    buf_drain_fn *drain;
    void *ctx;
    size_t drained; /* bytes that went on; they count for `max`, and stand in `data` no more */
};

void buf_init(struct buf *b, size_t max);
/* The same; `drain` gets all that is written, the rest of it in buf_flush. */
void buf_init_drain(struct buf *b, size_t max, buf_drain_fn *drain, void *ctx);
void buf_flush(struct buf *b);
void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* empties, keeps the memory and the cap */

void buf_put(struct buf *b, struct slice s);
void buf_str(struct buf *b, const char *s);
void buf_u8(struct buf *b, uint8_t v);
void buf_u32le(struct buf *b, uint32_t v);
void buf_u64le(struct buf *b, uint64_t v);
void buf_varint(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* "1 error", "2 errors". */
void buf_count(struct buf *b, size_t n, const char *thing);

/* buf_finish(b, e) is false when a write was refused; the text names the cap. */
MUST_CHECK bool buf_finish(const struct buf *b, struct err *e);
/* What is kept: of a buffer without a drain, everything. */
struct slice buf_slice(const struct buf *b);
#endif
