#ifndef SCANNER_WORKER_CHANNEL_H
#define SCANNER_WORKER_CHANNEL_H
/* One end of the socket between a worker and its parent: whole frames, with
 * at most one descriptor beside a frame. */
#include "scanner/worker/frame.h"

/* What one look at the socket gave. */
enum channel_got { CHANNEL_FRAME, CHANNEL_NOTHING /* yet */, CHANNEL_CLOSED };

struct channel {
    int fd;         /* borrowed */
    struct buf in;  /* bytes that have come and are no whole frame yet */
    size_t used;    /* bytes of `in` that belong to frames already handed out */
    uint64_t taken; /* bytes that ever came */
    int passed;     /* a descriptor that came and was not taken; -1 */
};

void channel_init(struct channel *c, int fd);
void channel_release(struct channel *c);

/*
 * channel_next(c, wait, type, payload, got, e): the next whole frame; its payload lives until the
 * next call. Without `wait` never blocks. Memory grows with what came, not with what a length says.
 * False for bad heads, more than LIMIT_WORKER_BYTES in all, and errors of the socket. A stream that
 * ends within a frame is ERR_SANDBOX.
 */
struct channel_frame {
    enum channel_got got;
    enum frame_type type;
    struct slice payload;
};
MUST_CHECK bool channel_next(struct channel *c, bool wait, struct channel_frame *out,
                             struct err *e);

/* channel_send(fd, bytes, pass, deadline_ms, e): all of it, `pass` (or -1) beside the
 * first byte. Waits for room until the deadline (CLOCK_MONOTONIC, milliseconds;
 * CHANNEL_FOREVER: as long as it takes). */
#define CHANNEL_FOREVER INT64_MAX
MUST_CHECK bool channel_send(int fd, struct slice bytes, int pass, int64_t deadline_ms,
                             struct err *e);

int64_t channel_now_ms(void);
#endif
