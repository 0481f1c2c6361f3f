#include "scanner/worker/channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"

#define STEP_BYTES ((size_t)64 << 10) /* read at once */

union control {
    struct cmsghdr head; /* aligns the rest */
    char bytes[CMSG_SPACE(sizeof(int))];
};

void channel_init(struct channel *c, int fd)
{
    *c = (struct channel){.fd = fd, .passed = -1};
    buf_init(&c->in, FRAME_HEAD + (size_t)LIMIT_FRAME_BYTES + STEP_BYTES);
}

void channel_release(struct channel *c)
{
    buf_release(&c->in);
    if (c->passed >= 0)
        close(c->passed);
    c->passed = -1;
}

int64_t channel_now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- reading ---- */
/* Takes the descriptor that came beside the bytes; any further one closes the one before. */
static void take_passed(struct channel *c, struct msghdr *m)
{
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS ||
            h->cmsg_len < CMSG_LEN(sizeof(int)))
            continue;
        if (c->passed >= 0)
            close(c->passed);
        memcpy(&c->passed, CMSG_DATA(h), sizeof(int));
    }
}

/* One read of the socket. */
static bool fetch(struct channel *c, bool wait, enum channel_got *got, struct err *e)
{
    AUTO_FREE uint8_t *bytes = malloc(STEP_BYTES);
    union control control = {{0}};
    struct iovec v = {bytes, STEP_BYTES};
    struct msghdr m = {.msg_iov = &v,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};
    ssize_t n;

    if (bytes == NULL)
        abort();
    do
        n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    while (n < 0 && errno == EINTR);
    *got = CHANNEL_NOTHING;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return true;
    if (n < 0 && errno != ECONNRESET)
        return err_sys(e, "cannot read from the socket");
    if (n <= 0) {
        *got = CHANNEL_CLOSED;
        return true;
    }
    take_passed(c, &m);
    c->taken += (uint64_t)n;
    if (c->taken > LIMIT_WORKER_BYTES)
        return err_fail(e, ERR_LIMIT, "more than %llu bytes were told (LIMIT_WORKER_BYTES)",
                        (unsigned long long)LIMIT_WORKER_BYTES);
    buf_put(&c->in, (struct slice){bytes, (size_t)n});
    *got = CHANNEL_FRAME;
    return buf_finish(&c->in, e);
}

/* Splits the first frame off what has come; `whole` is false when more must come. */
static bool split(struct channel *c, struct channel_frame *out, bool *whole, struct err *e)
{
    const struct slice rest = slice_from(buf_slice(&c->in), c->used);
    uint32_t len;

    *whole = false;
    if (rest.len < FRAME_HEAD)
        return true;
    if (!frame_head(rest, &out->type, &len, e))
        return false;
    if (rest.len - FRAME_HEAD < len)
        return true;
    out->payload = (struct slice){rest.data + FRAME_HEAD, len};
    c->used += FRAME_HEAD + len;
    *whole = true;
    return true;
}

/* Drops the frames that were handed out, so that the buffer holds at most
 * one frame and one read. */
static void compact(struct channel *c)
{
    const size_t left = c->in.len - c->used;

    if (c->used == 0)
        return;
    memmove(c->in.data, c->in.data + c->used, left);
    c->in.len = left;
    c->used = 0;
}

bool channel_next(struct channel *c, bool wait, struct channel_frame *out, struct err *e)
{
    bool whole;

    for (;;) {
        if (!split(c, out, &whole, e))
            return false;
        out->got = CHANNEL_FRAME;
        if (whole)
            return true;
        compact(c);
        if (!fetch(c, wait, &out->got, e))
            return false;
        if (out->got == CHANNEL_CLOSED && c->in.len > 0)
            return err_fail(e, ERR_SANDBOX, "the last frame is cut short");
        if (out->got != CHANNEL_FRAME)
            return true;
    }
}

/* ---- writing ---- */
static bool wait_room(int fd, int64_t deadline_ms, struct err *e)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    const int64_t left = deadline_ms - channel_now_ms();

    if (left <= 0)
        return err_fail(e, ERR_LIMIT, "the other side reads nothing");
    (void)poll(&p, 1, left > 1000 ? 1000 : (int)left);
    return true;
}

bool channel_send(int fd, struct slice bytes, int pass, int64_t deadline_ms, struct err *e)
{
    const int flags = MSG_NOSIGNAL | (deadline_ms == CHANNEL_FOREVER ? 0 : MSG_DONTWAIT);
    union control control = {{0}};

    control.head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), &pass, sizeof(int));
    while (bytes.len > 0) {
        struct iovec v = {.iov_len = bytes.len};
        struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
        ssize_t n;

        memcpy(&v.iov_base, &bytes.data,
               sizeof(v.iov_base)); /* sendmsg reads only; the type says otherwise */
        if (pass >= 0) {
            m.msg_control = control.bytes;
            m.msg_controllen = sizeof(control.bytes);
        }
        n = sendmsg(fd, &m, flags);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait_room(fd, deadline_ms, e))
                return false;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, "cannot write to the socket");
        pass = -1;
        bytes = slice_from(bytes, (size_t)n);
    }
    return true;
}
