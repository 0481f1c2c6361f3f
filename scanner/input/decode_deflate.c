/*
 * gzip, zlib and raw deflate through ISA-L's inflate. The wrappers are read here: ISA-L
 * stops at the end of one member, and what may stand between and behind members is ours to
 * judge. SPEC: RFC 1950, RFC 1951, RFC 1952.
 */
#include "scanner/input/decode.h"

#include <inttypes.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum { FTEXT = 1, FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FRESERVED = 0xe0 };

enum place { AT_START, IN_BODY, AT_TRAILER, AT_NEXT };

struct deflate_state {
    struct inflate_state isal;
    struct decode_in *in;
    enum source_codec codec;
    enum place place;
    uint64_t members;
    uint64_t member_at; /* offset of the member under way */
};

static void *deflate_open(enum source_codec codec)
{
    struct deflate_state *d = source_alloc(sizeof(*d));

    d->codec = codec;
    isal_inflate_init(&d->isal);
    return d;
}

static void deflate_close(void *state)
{
    free(state);
}

static void deflate_reset(void *state, struct decode_in *in)
{
    struct deflate_state *d = state;

    d->in = in;
    d->place = AT_START;
    d->members = 0;
}

static const char *unit(const struct deflate_state *d)
{
    return d->codec == CODEC_GZIP   ? "gzip member"
           : d->codec == CODEC_ZLIB ? "zlib stream"
                                    : "deflate stream";
}

static bool cut_short(const struct deflate_state *d, struct err *e)
{
    return err_pos(e, ERR_FORMAT, decode_in_offset(d->in), "the %s is cut short", unit(d));
}

/* The next `n` bytes of a wrapper, at most DECODE_SLACK. */
static bool take(struct deflate_state *d, size_t n, struct reader *out, struct err *e)
{
    struct decode_in *in = d->in;

    if (!decode_in_need(in, n, e))
        return false;
    if (in->end - in->beg < n)
        return cut_short(d, e);
    *out = reader_over((struct slice){in->data + in->beg, n});
    in->beg += n;
    return true;
}

/* One byte of a gzip header, for its CRC too. */
static bool header_byte(struct deflate_state *d, uint32_t *crc, uint8_t *out, struct err *e)
{
    struct reader r;

    if (!take(d, 1, &r, e) || !reader_u8(&r, out))
        return false;
    *crc = crc32_gzip_refl(*crc, out, 1);
    return true;
}

/* A zero-ended text of a gzip header: the name or the comment. */
static bool header_text(struct deflate_state *d, uint32_t *crc, struct err *e)
{
    uint8_t c;

    do {
        if (!header_byte(d, crc, &c, e))
            return false;
    } while (c != 0);
    return true;
}

static bool header_extra(struct deflate_state *d, uint32_t *crc, struct err *e)
{
    uint8_t lo, hi, skipped;

    if (!header_byte(d, crc, &lo, e) || !header_byte(d, crc, &hi, e))
        return false;
    for (unsigned n = lo + 256u * hi; n > 0; n--)
        if (!header_byte(d, crc, &skipped, e))
            return false;
    return true;
}

/* SPEC: RFC 1952 section 2.3, member format; 2.3.1.2: reserved flag bits must be zero. */
static bool gzip_header(struct deflate_state *d, struct err *e)
{
    uint8_t h[10];
    uint32_t crc = 0;
    uint16_t want;
    struct reader r;

    for (size_t i = 0; i < sizeof(h); i++)
        if (!header_byte(d, &crc, &h[i], e))
            return false;
    if (h[0] != 0x1f || h[1] != 0x8b)
        return err_pos(e, ERR_FORMAT, d->member_at, "no gzip member begins here");
    if (h[2] != 8)
        return err_pos(e, ERR_UNSUPPORTED, d->member_at,
                       "gzip compression method %u, only 8 is known", h[2]);
    if ((h[3] & FRESERVED) != 0)
        return err_pos(e, ERR_FORMAT, d->member_at,
                       "reserved flags 0x%02x of the gzip member are set",
                       (unsigned)(h[3] & FRESERVED));
    if ((h[3] & FEXTRA) != 0 && !header_extra(d, &crc, e))
        return false;
    if ((h[3] & FNAME) != 0 && !header_text(d, &crc, e))
        return false;
    if ((h[3] & FCOMMENT) != 0 && !header_text(d, &crc, e))
        return false;
    if ((h[3] & FHCRC) == 0)
        return true;
    if (!take(d, 2, &r, e) || !reader_u16le(&r, &want))
        return false;
    if (want != (crc & 0xffff))
        return err_pos(e, ERR_FORMAT, d->member_at, "the gzip header does not match its CRC");
    return true;
}

/* SPEC: RFC 1950 section 2.2; a preset dictionary is not known to us. */
static bool zlib_header(struct deflate_state *d, struct err *e)
{
    struct reader r;
    uint16_t h;

    if (!take(d, 2, &r, e) || !reader_u16be(&r, &h))
        return false;
    if (h % 31 != 0 || (h & 0x0f00) != 0x0800 || (h >> 12) > 7)
        return err_pos(e, ERR_FORMAT, d->member_at, "no zlib stream begins here");
    if ((h & 0x20) != 0)
        return err_pos(e, ERR_UNSUPPORTED, d->member_at,
                       "the zlib stream needs a preset dictionary");
    return true;
}

static bool begin(struct deflate_state *d, struct err *e)
{
    static const uint32_t flags[] = {[CODEC_GZIP] = ISAL_GZIP_NO_HDR,
                                     [CODEC_ZLIB] = ISAL_ZLIB_NO_HDR,
                                     [CODEC_DEFLATE] = ISAL_DEFLATE};

    d->member_at = decode_in_offset(d->in);
    if (d->codec == CODEC_GZIP && !gzip_header(d, e))
        return false;
    if (d->codec == CODEC_ZLIB && !zlib_header(d, e))
        return false;
    isal_inflate_reset(&d->isal); /* keeps the 87 KB of state: 4 us a member */
    d->isal.crc_flag = flags[d->codec];
    d->place = IN_BODY;
    d->members++;
    return true;
}

static bool inflate_fail(const struct deflate_state *d, int rc, struct err *e)
{
    const char *why = rc == ISAL_INVALID_BLOCK      ? "an invalid block"
                      : rc == ISAL_INVALID_SYMBOL   ? "an invalid symbol"
                      : rc == ISAL_INVALID_LOOKBACK ? "a distance that reaches before the start"
                                                    : "an error";

    return err_pos(e, ERR_FORMAT, decode_in_offset(d->in), "%s: %s", unit(d), why);
}

static bool body(struct deflate_state *d, struct decode_out *out, struct err *e)
{
    struct decode_in *in = d->in;
    struct inflate_state *s = &d->isal;
    const size_t room = out->cap - out->len;
    size_t fed;
    int rc;

    if (!decode_in_need(in, 1, e))
        return false;
    fed = in->end - in->beg;
    s->next_in = in->data + in->beg;
    s->avail_in = (uint32_t)fed;
    s->next_out = out->data + out->len;
    s->avail_out = (uint32_t)room;
    rc = isal_inflate(s);
    in->beg = in->end - s->avail_in;
    out->len = out->cap - s->avail_out;
    if (rc < 0 || rc == ISAL_NEED_DICT)
        return inflate_fail(d, rc, e);
    if (s->block_state == ISAL_BLOCK_FINISH) {
        /* Whole bytes in the bit buffer belong to what follows. */
        in->beg -= (size_t)s->read_in_length / 8;
        d->place = AT_TRAILER;
        return true;
    }
    if (s->avail_in == fed && s->avail_out == room)
        return cut_short(d, e);
    return true;
}

static bool gzip_trailer(struct deflate_state *d, struct err *e)
{
    struct reader r;
    uint32_t crc, len;

    if (!take(d, 8, &r, e) || !reader_u32le(&r, &crc) || !reader_u32le(&r, &len))
        return false;
    if (crc != d->isal.crc)
        return err_pos(e, ERR_FORMAT, d->member_at, "the gzip member does not match its CRC");
    if (len != d->isal.total_out)
        return err_pos(e, ERR_FORMAT, d->member_at,
                       "the gzip member has %" PRIu32
                       " bytes (mod 2^32), its trailer says %" PRIu32,
                       d->isal.total_out, len);
    return true;
}

static bool trailer(struct deflate_state *d, struct err *e)
{
    struct reader r;
    uint32_t adler;

    d->place = AT_NEXT;
    if (d->codec == CODEC_GZIP)
        return gzip_trailer(d, e);
    if (d->codec == CODEC_DEFLATE)
        return true;
    if (!take(d, 4, &r, e) || !reader_u32be(&r, &adler))
        return false;
    if (adler != d->isal.crc)
        return err_pos(e, ERR_FORMAT, d->member_at, "the zlib stream does not match its checksum");
    return true;
}

/* Behind a member: another one (gzip only), or zeros up to the end. */
static bool next(struct deflate_state *d, bool *end, struct err *e)
{
    struct decode_in *in = d->in;

    if (!decode_in_need(in, 2, e))
        return false;
    if (d->codec == CODEC_GZIP && in->end - in->beg >= 2 && in->data[in->beg] == 0x1f &&
        in->data[in->beg + 1] == 0x8b) {
        d->place = AT_START;
        return true;
    }
    if (!decode_in_zeros(in, unit(d), e))
        return false;
    *end = true;
    return true;
}

static bool deflate_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct deflate_state *d = state;

    switch (d->place) {
    case AT_START:
        return begin(d, e);
    case IN_BODY:
        return body(d, out, e);
    case AT_TRAILER:
        return trailer(d, e);
    case AT_NEXT:
        break;
    }
    return next(d, end, e);
}

const struct decode_codec decode_deflate_codec = {deflate_open, deflate_close, deflate_reset,
                                                  deflate_step};
