/* zstd frames. SPEC: RFC 8878; frames follow one another, skippable ones carry nothing. */
#include "scanner/input/decode.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "base/limits.h"

#define FRAME_MAGIC 0xfd2fb528u
#define SKIP_MAGIC 0x184d2a50u

struct zstd_state {
    ZSTD_DStream *stream;
    struct decode_in *in;
    bool inside; /* a frame has begun and not ended */
    bool any;    /* a frame has been seen */
};

static void *zstd_open(enum source_codec codec)
{
    struct zstd_state *z = source_alloc(sizeof(*z));

    (void)codec;
    z->stream = ZSTD_createDStream();
    if (z->stream == NULL)
        abort();
    return z;
}

static void zstd_close(void *state)
{
    struct zstd_state *z = state;

    ZSTD_freeDStream(z->stream);
    free(z);
}

static void zstd_reset(void *state, struct decode_in *in)
{
    struct zstd_state *z = state;
    size_t rc = ZSTD_DCtx_reset(z->stream, ZSTD_reset_session_and_parameters);

    if (!ZSTD_isError(rc))
        rc = ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, LIMIT_ZSTD_WINDOW_LOG);
    if (ZSTD_isError(rc))
        abort(); /* both arguments are ours */
    z->in = in;
    z->inside = z->any = false;
}

/* Between frames: another one, zero padding up to the end, or an error. */
static bool next_frame(struct zstd_state *z, bool *end, struct err *e)
{
    struct decode_in *in = z->in;
    struct reader r;
    uint32_t magic;

    if (!decode_in_need(in, 4, e))
        return false;
    r = reader_over((struct slice){in->data + in->beg, in->end - in->beg});
    if (reader_u32le(&r, &magic) && (magic == FRAME_MAGIC || (magic & 0xfffffff0u) == SKIP_MAGIC)) {
        z->inside = z->any = true;
        return true;
    }
    if (!z->any)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "no zstd frame begins here");
    if (!decode_in_zeros(in, "zstd frame", e))
        return false;
    *end = true;
    return true;
}

static bool zstd_fail(const struct decode_in *in, size_t rc, struct err *e)
{
    const uint64_t at = decode_in_offset(in);

    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return err_pos(e, ERR_LIMIT, at,
                       "the zstd window is larger than 2^%d bytes (LIMIT_ZSTD_WINDOW_LOG)",
                       LIMIT_ZSTD_WINDOW_LOG);
    case ZSTD_error_memory_allocation:
        return err_pos(e, ERR_LIMIT, at, "no memory for the zstd window");
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_version_unsupported:
    case ZSTD_error_frameParameter_unsupported:
        return err_pos(e, ERR_UNSUPPORTED, at, "zstd: %s", ZSTD_getErrorName(rc));
    default:
        return err_pos(e, ERR_FORMAT, at, "zstd: %s", ZSTD_getErrorName(rc));
    }
}

static bool zstd_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct zstd_state *z = state;
    struct decode_in *in = z->in;
    ZSTD_outBuffer to = {out->data, out->cap, out->len};
    ZSTD_inBuffer from;
    size_t rc, moved;

    if (!z->inside)
        return next_frame(z, end, e);
    if (!decode_in_need(in, 1, e))
        return false;
    from = (ZSTD_inBuffer){in->data + in->beg, in->end - in->beg, 0};
    rc = ZSTD_decompressStream(z->stream, &to, &from);
    if (ZSTD_isError(rc))
        return zstd_fail(in, rc, e);
    moved = from.pos + (to.pos - out->len);
    in->beg += from.pos;
    out->len = to.pos;
    if (rc == 0)
        z->inside = false;
    else if (moved == 0 && in->eof && in->beg == in->end)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the zstd frame is cut short");
    else if (moved == 0)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the zstd frame does not advance");
    return true;
}

const struct decode_codec decode_zstd_codec = {zstd_open, zstd_close, zstd_reset, zstd_step};
