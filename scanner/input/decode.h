#ifndef SCANNER_INPUT_DECODE_H
#define SCANNER_INPUT_DECODE_H
/*
 * Decompression as a source. A codec turns the bytes of a window over the compressed
 * source into output, one step at a time; decode.c keeps the buffers, the caps, the way
 * back and the errors, the same for all codecs.
 */
#include "scanner/input/source_impl.h"

/* bytes kept in front of the window: ISA-L gives back up to 8 bytes it took too many */
#define DECODE_SLACK 64

/* A window over the compressed bytes: data[beg..end) is unread; inner
 * bytes up to `pos` have been fetched. */
struct decode_in {
    struct source *inner; /* borrowed */
    uint8_t *data;        /* DECODE_SLACK + SOURCE_BUFFER bytes */
    size_t beg, end;
    uint64_t pos;
    bool eof; /* the inner source has no byte behind data[end) */
};

/* decode_in_more(in, e): fetches behind what is unread; without effect at the end of the
 * inner source or when there is no room. */
MUST_CHECK bool decode_in_more(struct decode_in *in, struct err *e);
/* decode_in_need(in, n, e): fetches until n (<= DECODE_SLACK) bytes are
 * unread or the inner source ends. */
MUST_CHECK bool decode_in_need(struct decode_in *in, size_t n, struct err *e);
/* Offset in the compressed source of the next unread byte. */
uint64_t decode_in_offset(const struct decode_in *in);
/* decode_in_zeros(in, what, e): all that is left must be zero bytes; `what` names the
 * codec's unit in the error: "gzip member". */
MUST_CHECK bool decode_in_zeros(struct decode_in *in, const char *what, struct err *e);

/* Room for output: `len` of `cap` bytes are filled. */
struct decode_out {
    uint8_t *data;
    size_t cap, len;
};

struct decode_codec {
    void *(*open)(enum source_codec codec);
    void (*close)(void *state);
    /* Back to the start of a stream; the window stands at byte 0 and stays
     * where it is in memory. */
    void (*reset)(void *state, struct decode_in *in);
    /* Adds to `out`, which has room; none when only input moved. `*end` when the stream
     * is over, all of its input was looked at and every check held. On false `out`
     * holds the good bytes before the error. */
    bool (*step)(void *state, struct decode_out *out, bool *end, struct err *e);
};

extern const struct decode_codec decode_deflate_codec; /* gzip, zlib, deflate: ISA-L */
extern const struct decode_codec decode_zstd_codec;    /* libzstd */
extern const struct decode_codec decode_bzip2_codec;   /* libbz2 */
extern const struct decode_codec decode_lzma_codec;    /* xz, lzma: liblzma */
extern const struct decode_codec decode_lz4_codec;     /* libarchive */

/* See source_ratio. */
void decode_ratio(struct source *s, unsigned n);

/* `state` is what codec->open gave, or the caller's own for a codec without `open`. */
struct source *decode_new(struct source *inner, const struct decode_codec *codec, void *state);
#endif
