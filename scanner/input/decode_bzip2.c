/*
 * bzip2 through libbz2. What stands behind a stream is judged here; the blocks in front of one that
 * is damaged or missing are given out, so that they are looked at.
 */
#include "scanner/input/decode.h"

#include <bzlib.h>

struct bzip2_state {
    bz_stream stream;
    struct decode_in *in;
    bool open;        /* `stream` holds memory */
    bool inside, any; /* of a stream; one has begun */
};

static void *bzip2_open(enum source_codec codec)
{
    (void)codec;
    return source_alloc(sizeof(struct bzip2_state));
}

static void release(struct bzip2_state *b)
{
    if (b->open)
        (void)BZ2_bzDecompressEnd(&b->stream);
    b->open = b->inside = false;
}

static void bzip2_close(void *state)
{
    release(state);
    free(state);
}

static void bzip2_reset(void *state, struct decode_in *in)
{
    struct bzip2_state *b = state;

    release(b);
    b->in = in;
    b->any = false;
}

/* Between streams: another one, zeros up to the end, or an error. */
static bool next_stream(struct bzip2_state *b, bool *end, struct err *e)
{
    struct decode_in *in = b->in;

    release(b);
    if (!decode_in_need(in, 3, e))
        return false;
    if (slice_starts((struct slice){in->data + in->beg, in->end - in->beg}, "BZh")) {
        b->stream = (bz_stream){0};
        if (BZ2_bzDecompressInit(&b->stream, 0, 0) != BZ_OK)
            abort(); /* of arguments that are ours */
        b->open = b->inside = b->any = true;
        return true;
    }
    if (!b->any)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "no bzip2 stream begins here");
    if (!decode_in_zeros(in, "bzip2 stream", e))
        return false;
    *end = true;
    return true;
}

static bool bzip2_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct bzip2_state *b = state;
    struct decode_in *in = b->in;
    bz_stream *s = &b->stream;
    size_t moved;
    int rc;

    if (!b->inside)
        return next_stream(b, end, e);
    if (!decode_in_need(in, 1, e))
        return false;
    /* both are at most a window: far below what an unsigned int holds */
    s->next_in = (char *)(in->data + in->beg);
    s->avail_in = (unsigned)(in->end - in->beg);
    s->next_out = (char *)(out->data + out->len);
    s->avail_out = (unsigned)(out->cap - out->len);
    rc = BZ2_bzDecompress(s);
    moved = in->end - in->beg - s->avail_in + (out->cap - out->len - s->avail_out);
    in->beg = in->end - s->avail_in;
    out->len = out->cap - s->avail_out;
    if (rc == BZ_STREAM_END)
        b->inside = false;
    else if (rc == BZ_MEM_ERROR)
        return err_pos(e, ERR_LIMIT, decode_in_offset(in), "no memory for a block of bzip2");
    else if (rc != BZ_OK)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the bzip2 stream is damaged");
    else if (moved == 0 && in->eof && in->beg == in->end)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the bzip2 stream is cut short");
    else if (moved == 0)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the bzip2 stream does not advance");
    return true;
}

const struct decode_codec decode_bzip2_codec = {bzip2_open, bzip2_close, bzip2_reset, bzip2_step};
