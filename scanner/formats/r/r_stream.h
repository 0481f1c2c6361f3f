#ifndef SCANNER_FORMATS_R_R_STREAM_H
#define SCANNER_FORMATS_R_R_STREAM_H
/*
 * The numbers and strings that R's serialization is made of, in its three forms: big-endian (xdr),
 * as they lie in memory (binary, little-endian here) and as words of text (ascii). SPEC: R 4.5,
 * src/main/serialize.c; R Internals, "Serialization Formats".
 */
#include "base/arena.h"
#include "base/err.h"
#include "scanner/formats/feed.h"

enum r_form { R_XDR, R_BINARY, R_ASCII };

#define R_NA INT32_MIN

struct r_stream {
    struct feed *feed;
    struct arena *a; /* for strings that are kept */
    struct reader r;
    enum r_form form;
};

MUST_CHECK bool r_stream_int(struct r_stream *s, int32_t *out, struct err *e);

/* The length of a vector; those past 2^31 stand in two numbers. */
MUST_CHECK bool r_stream_length(struct r_stream *s, uint64_t *out, struct err *e);

/* Passes `n` numbers of `size` bytes each; of text that many words. */
MUST_CHECK bool r_stream_skip(struct r_stream *s, uint64_t n, unsigned size, struct err *e);

/* A string of `len` bytes; at most `keep` of them are given (0: none, and `out` is not used). */
MUST_CHECK bool r_stream_text(struct r_stream *s, uint64_t len, size_t keep, struct slice *out,
                              struct err *e);

/* Passes the blanks that end a text. */
MUST_CHECK bool r_stream_end(struct r_stream *s, struct err *e);
#endif
