/*
 * xz, and lzma alone, through liblzma. What stands between and behind streams is judged here. What
 * a broken stream gave before it broke is given out, so that it is looked at.
 * SPEC: The .xz File Format 1.2.1; LZMA SDK, lzma-specification; APPNOTE 5.8.8.
 */
#include "scanner/input/decode.h"

#include <lzma.h>
#include <string.h>

#include "base/limits.h"

#define LZMA_HEADER 13 /* properties, dictionary (4), length (8) */
#define ZIP_HEADER 9   /* version (2), length of what follows (2), properties, dictionary (4) */
#define XZ_MAGIC 6
#define PADDING 4 /* bytes: between xz streams stand multiples of it, all zero */
/* of the decoder: a dictionary, and what is little beside it */
#define MEMORY ((uint64_t)LIMIT_LZMA_DICTIONARY + (1u << 20))

struct lzma_state {
    lzma_stream stream;
    struct decode_in *in;
    bool xz, zip;
    bool inside, any; /* of a stream; one has begun */
};

static const char *unit(const struct lzma_state *l)
{
    return l->xz ? "xz stream" : "lzma stream";
}

static void *lzma_open(enum source_codec codec)
{
    struct lzma_state *l = source_alloc(sizeof(*l));

    l->stream = (lzma_stream)LZMA_STREAM_INIT;
    l->xz = codec == CODEC_XZ;
    l->zip = codec == CODEC_ZIP_LZMA;
    return l;
}

static void lzma_close(void *state)
{
    struct lzma_state *l = state;

    lzma_end(&l->stream);
    free(l);
}

static void lzma_reset(void *state, struct decode_in *in)
{
    struct lzma_state *l = state;

    l->in = in;
    l->inside = l->any = false;
}

static struct slice window(const struct decode_in *in)
{
    return (struct slice){in->data + in->beg, in->end - in->beg};
}

/* An lzma stream has no magic; its dictionary is allocated before anything else is looked at. */
static bool check_header(struct lzma_state *l, struct err *e)
{
    struct decode_in *in = l->in;
    const size_t len = l->zip ? ZIP_HEADER : LZMA_HEADER;
    uint32_t dictionary;
    struct reader r;

    if (!decode_in_need(in, len, e))
        return false;
    r = reader_over(window(in));
    if (r.left < len || !reader_skip(&r, len == ZIP_HEADER ? 5 : 1) ||
        !reader_u32le(&r, &dictionary))
        return err_pos(e, ERR_FORMAT, in->end - in->beg,
                       "the header of the lzma stream is cut short");
    if (dictionary > LIMIT_LZMA_DICTIONARY)
        return err_pos(e, ERR_LIMIT, 1,
                       "a dictionary of %u bytes, at most %u (LIMIT_LZMA_DICTIONARY)", dictionary,
                       LIMIT_LZMA_DICTIONARY);
    return true;
}

/* What a zip keeps of the header; check_header() has seen it. */
static bool begin_member(struct lzma_state *l, struct err *e)
{
    lzma_filter filters[] = {{LZMA_FILTER_LZMA1, NULL}, {LZMA_VLI_UNKNOWN, NULL}};
    const uint8_t *head = l->in->data + l->in->beg;
    lzma_ret rc;

    if (head[2] != 5 || head[3] != 0 ||
        lzma_properties_decode(&filters[0], NULL, head + 4, 5) != LZMA_OK)
        return err_pos(e, ERR_UNSUPPORTED, decode_in_offset(l->in),
                       "the lzma stream has other properties than those of the format");
    rc = lzma_raw_decoder(&l->stream, filters);
    free(filters[0].options);
    if (rc != LZMA_OK)
        return err_pos(e, ERR_LIMIT, decode_in_offset(l->in),
                       "no memory for the dictionary of the lzma stream");
    l->in->beg += ZIP_HEADER;
    l->inside = l->any = true;
    return true;
}

static bool begin(struct lzma_state *l, struct err *e)
{
    lzma_ret rc;

    if (!l->xz && !check_header(l, e))
        return false;
    if (l->zip)
        return begin_member(l, e);
    rc = l->xz ? lzma_stream_decoder(&l->stream, MEMORY, LZMA_TELL_UNSUPPORTED_CHECK)
               : lzma_alone_decoder(&l->stream, MEMORY);
    if (rc != LZMA_OK)
        abort(); /* of arguments that are ours */
    l->inside = l->any = true;
    return true;
}

/* Passes over padding between two xz streams. */
static bool skip_padding(struct decode_in *in, struct err *e)
{
    static const uint8_t zeros[PADDING];

    for (;;) {
        if (!decode_in_need(in, XZ_MAGIC, e))
            return false;
        if (in->end - in->beg < PADDING || memcmp(in->data + in->beg, zeros, PADDING) != 0)
            return true;
        in->beg += PADDING;
    }
}

/* Between streams: another one, zeros up to the end, or an error. */
static bool next_stream(struct lzma_state *l, bool *end, struct err *e)
{
    struct decode_in *in = l->in;
    const uint64_t at = decode_in_offset(in);

    if (l->xz && l->any && !skip_padding(in, e))
        return false;
    if (!decode_in_need(in, XZ_MAGIC, e))
        return false;
    if (l->xz ? slice_starts(window(in), "\xfd"
                                         "7zXZ")
              : !l->any)
        return begin(l, e);
    if (!l->any)
        return err_pos(e, ERR_FORMAT, at, "no xz stream begins here");
    if (!decode_in_zeros(in, unit(l), e))
        return false;
    *end = true;
    return true;
}

static bool lzma_fail(const struct lzma_state *l, lzma_ret rc, struct err *e)
{
    const uint64_t at = decode_in_offset(l->in);

    switch (rc) {
    case LZMA_MEMLIMIT_ERROR:
        return err_pos(e, ERR_LIMIT, at,
                       "the %s asks for a dictionary of more than %u bytes "
                       "(LIMIT_LZMA_DICTIONARY)",
                       unit(l), LIMIT_LZMA_DICTIONARY);
    case LZMA_MEM_ERROR:
        return err_pos(e, ERR_LIMIT, at, "no memory for the dictionary of the %s", unit(l));
    case LZMA_OPTIONS_ERROR:
    case LZMA_UNSUPPORTED_CHECK:
        return err_pos(e, ERR_UNSUPPORTED, at, "the %s has filters or a check of another version",
                       unit(l));
    default:
        return err_pos(e, ERR_FORMAT, at, "the %s is damaged", unit(l));
    }
}

static bool lzma_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct lzma_state *l = state;
    struct decode_in *in = l->in;
    lzma_stream *s = &l->stream;
    size_t moved;
    lzma_ret rc;

    if (!l->inside)
        return next_stream(l, end, e);
    if (!decode_in_need(in, 1, e))
        return false;
    s->next_in = in->data + in->beg;
    s->avail_in = in->end - in->beg;
    s->next_out = out->data + out->len;
    s->avail_out = out->cap - out->len;
    rc = lzma_code(s, LZMA_RUN);
    moved = in->end - in->beg - s->avail_in + (out->cap - out->len - s->avail_out);
    in->beg = in->end - s->avail_in;
    out->len = out->cap - s->avail_out;
    if (rc == LZMA_STREAM_END)
        l->inside = false;
    else if (rc != LZMA_OK && rc != LZMA_BUF_ERROR)
        return lzma_fail(l, rc, e);
    else if (moved == 0 && in->eof && in->beg == in->end)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the %s is cut short", unit(l));
    else if (moved == 0)
        return err_pos(e, ERR_FORMAT, decode_in_offset(in), "the %s does not advance", unit(l));
    return true;
}

const struct decode_codec decode_lzma_codec = {lzma_open, lzma_close, lzma_reset, lzma_step};
