#include "scanner/input/decode.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

struct decode {
    struct source base;
    const struct decode_codec *codec;
    void *state;
    struct decode_in in;
    uint8_t *out; /* bytes [out_at, out_at + out_len) of the stream */
    uint64_t out_at;
    size_t out_len;
    uint64_t furthest; /* bytes decompressed at least once */
    uint64_t again;    /* bytes decompressed more than once, all ways back together */
    unsigned ratio;    /* bytes out for each byte of all the input; 0: none is asked */
    bool ended, broken;
    struct err cause; /* why broken */
};

/* ---- the window ---- */
bool decode_in_more(struct decode_in *in, struct err *e)
{
    const size_t keep = in->beg < DECODE_SLACK ? in->beg : DECODE_SLACK;
    const size_t shift = in->beg - keep;
    size_t room, got;

    if (in->eof)
        return true;
    memmove(in->data, in->data + shift, in->end - shift);
    in->beg -= shift;
    in->end -= shift;
    room = DECODE_SLACK + SOURCE_BUFFER - in->end;
    if (room == 0)
        return true;
    if (!source_some(in->inner, in->pos, in->data + in->end, room, &got, e))
        return false;
    in->end += got;
    in->pos += got;
    in->eof = got < room;
    return true;
}

bool decode_in_need(struct decode_in *in, size_t n, struct err *e)
{
    while (in->end - in->beg < n && !in->eof)
        if (!decode_in_more(in, e))
            return false;
    return true;
}

uint64_t decode_in_offset(const struct decode_in *in)
{
    return in->pos - (in->end - in->beg);
}

bool decode_in_zeros(struct decode_in *in, const char *what, struct err *e)
{
    do {
        for (size_t i = in->beg; i < in->end; i++)
            if (in->data[i] != 0)
                return err_pos(e, ERR_FORMAT, decode_in_offset(in) + (i - in->beg),
                               "what follows the last %s is neither another one nor zero padding",
                               what);
        in->beg = in->end;
        if (!decode_in_more(in, e))
            return false;
    } while (in->beg < in->end);
    return true;
}

/* ---- the source ---- */
static void decode_reset(struct decode *d)
{
    d->in.beg = d->in.end = 0;
    d->in.pos = 0;
    d->in.eof = false;
    d->out_at = 0;
    d->out_len = 0;
    d->ended = d->broken = false;
    err_clear(&d->cause);
    d->codec->reset(d->state, &d->in);
}

/* The caps that stop a bomb; bytes are counted after each step of at most one buffer. */
static bool check_caps(struct decode *d, struct err *e)
{
    const uint64_t made = d->out_at + d->out_len, taken = decode_in_offset(&d->in);

    if (made > LIMIT_EXPANDED_BYTES)
        return err_pos(e, ERR_LIMIT, taken,
                       "decompresses to more than %llu bytes (LIMIT_EXPANDED_BYTES)",
                       (unsigned long long)LIMIT_EXPANDED_BYTES);
    if (made > LIMIT_RATIO_FREE && made / LIMIT_EXPAND_RATIO > taken)
        return err_pos(e, ERR_LIMIT, taken,
                       "decompresses to more than %d bytes for each byte (LIMIT_EXPAND_RATIO)",
                       LIMIT_EXPAND_RATIO);
    if (d->ratio != 0 && made > LIMIT_RATIO_FREE && source_len(d->in.inner) != SOURCE_LEN_UNKNOWN &&
        made / d->ratio > source_len(d->in.inner))
        return err_pos(e, ERR_LIMIT, taken,
                       "decompresses to more than %u bytes for each byte (LIMIT_ARCHIVE_RATIO)",
                       d->ratio);
    if (d->again > LIMIT_REWIND_BYTES)
        return err_pos(e, ERR_LIMIT, taken,
                       "more than %llu bytes were decompressed again (LIMIT_REWIND_BYTES)",
                       (unsigned long long)LIMIT_REWIND_BYTES);
    return true;
}

/* Fills the output buffer with the next bytes; when they are not all good,
 * `broken` and `cause` say so. */
static void fill(struct decode *d)
{
    struct decode_out out = {d->out, SOURCE_BUFFER, 0};
    bool ok = true;

    d->out_at += d->out_len;
    d->out_len = 0;
    while (ok && out.len < out.cap && !d->ended)
        ok = d->codec->step(d->state, &out, &d->ended, &d->cause);
    d->out_len = out.len;
    if (d->out_at < d->furthest)
        d->again += out.len;
    else
        d->furthest = d->out_at + out.len;
    ok = ok && check_caps(d, &d->cause);
    d->broken = !ok;
    if (ok && d->ended)
        d->base.len = d->out_at + d->out_len;
}

static bool decode_some(struct source *s, struct source_want *w, struct err *e)
{
    struct decode *d = (struct decode *)s;
    size_t done = 0;

    if (w->n > 0 && w->at < d->out_at)
        decode_reset(d);
    while (done < w->n) {
        const uint64_t pos = w->at + done;

        if (pos - d->out_at < d->out_len) {
            const size_t have = d->out_len - (size_t)(pos - d->out_at);
            const size_t take = have < w->n - done ? have : w->n - done;

            memcpy(w->to + done, d->out + (pos - d->out_at), take);
            done += take;
        } else if (d->broken) {
            return err_pos(e, d->cause.code, d->cause.offset, "%s", d->cause.text);
        } else if (d->ended) {
            break;
        } else {
            fill(d);
        }
    }
    w->got = done;
    return true;
}

static void decode_free(struct source *s)
{
    struct decode *d = (struct decode *)s;

    d->codec->close(d->state);
    free(d->in.data);
    free(d->out);
}

static const struct source_ops decode_ops = {decode_some, decode_free};

void decode_ratio(struct source *s, unsigned n)
{
    if (s->ops == &decode_ops)
        ((struct decode *)s)->ratio = n;
}

struct source *decode_new(struct source *inner, const struct decode_codec *codec, void *state)
{
    struct decode *d = source_alloc(sizeof(*d));

    d->base.ops = &decode_ops;
    d->base.len = SOURCE_LEN_UNKNOWN;
    d->codec = codec;
    d->state = state;
    d->in.inner = inner;
    d->in.data = source_alloc(DECODE_SLACK + SOURCE_BUFFER);
    d->out = source_alloc(SOURCE_BUFFER);
    decode_reset(d);
    return &d->base;
}
