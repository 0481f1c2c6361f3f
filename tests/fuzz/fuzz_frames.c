/* Any bytes as what a worker says, frame by frame: nothing is accepted that contradicts itself,
 * and what is accepted can be said again. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/worker/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* The payload of the one frame in `b`. */
static struct slice payload(const struct buf *b, enum frame_type want)
{
    struct err e = {0};
    enum frame_type type;
    uint32_t len = 0;

    must(!b->full && frame_head(buf_slice(b), &type, &len, &e) && type == want);
    must(len == b->len - FRAME_HEAD);
    return slice_from(buf_slice(b), FRAME_HEAD);
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool fact(struct slice s, struct arena *a, struct buf *b, struct err *e)
{
    struct fact one, two;

    if (!frame_get_fact(s, a, &one, e))
        return false;
    must(one.source != NULL && one.type != NULL && one.address != NULL && one.subject == NULL &&
         one.at.input == NULL && value_is(one.attributes, VALUE_MAP));
    frame_put_fact(b, &one, a);
    must(frame_get_fact(payload(b, FRAME_FACT), a, &two, e));
    must(same(one.address, two.address) && same(one.at.path, two.at.path) &&
         one.at.offset == two.at.offset && value_len(one.attributes) == value_len(two.attributes));
    return true;
}

static bool cover(struct slice s, struct arena *a, struct buf *b, struct err *e)
{
    struct coverage one, two;

    if (!frame_get_cover(s, a, &one, e))
        return false;
    must(one.parsed <= one.bytes && one.scanned <= one.bytes && one.opaque <= one.bytes &&
         one.parsed + one.scanned + one.opaque + one.unread == one.bytes);
    must(one.status <= COVERAGE_IGNORED && one.format != NULL);
    must(one.status == COVERAGE_READ ? one.unread == 0 : one.reason != NULL);
    frame_put_cover(b, &one, a);
    must(frame_get_cover(payload(b, FRAME_COVER), a, &two, e));
    must(one.bytes == two.bytes && one.offset == two.offset && same(one.reason, two.reason));
    return true;
}

static bool other(enum frame_type type, struct slice s, struct arena *a, struct err *e)
{
    struct frame_limits limits;
    struct frame_ready ready;
    struct frame_counts counts;
    struct frame_job job;
    struct notice note;
    struct subject subject;
    struct err told;
    uint32_t index;
    uint64_t done;

    switch (type) {
    case FRAME_LIMITS:
        return frame_get_limits(s, &limits, e);
    case FRAME_READY:
        return frame_get_ready(s, a, &ready, e);
    case FRAME_JOB:
        return frame_get_job(s, a, &job, e);
    case FRAME_WANT:
        return frame_get_want(s, &index, e);
    case FRAME_NOTE:
        return frame_get_note(s, a, &note, e);
    case FRAME_SUBJECT:
        return frame_get_subject(s, a, &subject, e);
    case FRAME_PROGRESS:
        return frame_get_progress(s, &done, e);
    case FRAME_REFUSED:
    case FRAME_FAIL:
        return frame_get_error(s, a, &told, e);
    case FRAME_DONE:
        return frame_get_done(s, &counts, e);
    default:
        return err_fail(e, ERR_SANDBOX, "no payload");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {data, size}, body;
    struct err e = {0};
    enum frame_type type;
    uint32_t len = 0;

    while (frame_head(rest, &type, &len, &e) && len <= rest.len - FRAME_HEAD) {
        struct arena a;
        struct buf b;
        bool ok;

        must(len <= LIMIT_FRAME_BYTES);
        body = (struct slice){rest.data + FRAME_HEAD, len};
        arena_init(&a);
        buf_init(&b, LIMIT_FRAME_BYTES);
        ok = type == FRAME_FACT    ? fact(body, &a, &b, &e)
             : type == FRAME_COVER ? cover(body, &a, &b, &e)
                                   : other(type, body, &a, &e);
        must(ok == (e.code == ERR_NONE));
        must(ok || e.code == ERR_SANDBOX || e.code == ERR_LIMIT);
        err_clear(&e);
        buf_release(&b);
        arena_release(&a);
        rest = slice_from(rest, FRAME_HEAD + len);
    }
    return 0;
}
