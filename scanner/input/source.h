#ifndef SCANNER_INPUT_SOURCE_H
#define SCANNER_INPUT_SOURCE_H
/*
 * A source is a range of untrusted bytes that can be read at any place: a file, a part of one, or
 * what a compressed stream gives. Reading forward is cheap for all of them. Going back in a
 * compressed one decompresses again from its start, within LIMIT_REWIND_BYTES. Memory is bounded by
 * the decompressor's window and one 256 KiB buffer, whatever the size. Nothing is mapped and
 * nothing is written to disk. All sources are freed with source_free, inner ones after outer ones.
 */
#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"

struct source;

/* source_fd(fd, offset, len): a regular file, read with pread; borrows the descriptor. */
struct source *source_fd(int fd, uint64_t offset, uint64_t len);
/* source_memory(s): borrows the bytes. */
struct source *source_memory(struct slice s);
/* source_sub(inner, offset, len): borrows `inner`; a range past the end of
 * `inner` shows when it is read. */
struct source *source_sub(struct source *inner, uint64_t offset, uint64_t len);

enum source_codec {
    CODEC_NONE,
    CODEC_GZIP,
    CODEC_ZSTD,
    CODEC_ZLIB,
    CODEC_DEFLATE,
    CODEC_BZIP2,
    CODEC_XZ,
    CODEC_LZ4,
    CODEC_LZMA,    /* the format before xz, "lzma alone" */
    CODEC_ZIP_LZMA /* a member of a zip, up to its end marker */
};
/*
 * source_decode(inner, codec): the decompressed bytes. gzip reads all concatenated members and
 * checks each CRC; zstd all frames (skippable ones skipped), window <= LIMIT_ZSTD_WINDOW_LOG;
 * output <= LIMIT_EXPANDED_BYTES and, past 64 MiB, <= LIMIT_EXPAND_RATIO times the input. Bytes
 * behind the last member that are not a member are an error (zero padding is allowed). The
 * dictionary of xz and lzma is at most LIMIT_LZMA_DICTIONARY bytes. What comes before an error is
 * given, as far as whole blocks of the codec go; the length is unknown until the end was reached.
 */
MUST_CHECK bool source_decode(struct source *inner, enum source_codec codec, struct source **out,
                              struct err *e);
/* source_ratio(s, n): what a decoder gives is, past LIMIT_RATIO_FREE, at most n times all of its
 * input, when that length is known. Without effect on other sources. */
void source_ratio(struct source *s, unsigned n);
/* By magic: gzip 1f 8b, zstd 28 b5 2f fd (or skippable), bzip2, xz; else CODEC_NONE. */
MUST_CHECK bool source_sniff(struct source *s, enum source_codec *out, struct err *e);

void source_free(struct source *s);

#define SOURCE_LEN_UNKNOWN UINT64_MAX
uint64_t source_len(const struct source *s);

/* source_some(s, at, buf, n, got): up to n bytes at `at`; *got == 0 means the
 * end. Short reads happen only at the end. */
MUST_CHECK bool source_some(struct source *s, uint64_t at, void *buf, size_t n, size_t *got,
                            struct err *e);
/* source_read: exactly n bytes, else ERR_FORMAT "ends at byte X, Y more bytes were declared". */
MUST_CHECK bool source_read(struct source *s, uint64_t at, void *buf, size_t n, struct err *e);
/* source_slurp: all of it, at most `max` bytes (ERR_LIMIT), into the arena; a NUL follows. */
MUST_CHECK bool source_slurp(struct source *s, size_t max, struct arena *a, struct slice *out,
                             struct err *e);
/* source_hash: reads all, gives the digest and the true length. */
MUST_CHECK bool source_hash(struct source *s, struct digest *out, uint64_t *len, struct err *e);
/*
 * Raw digest of the compressed bytes under a decoder, taken in the same pass when `tap` is set
 * before the first read: every byte that a decoder takes from `inner` for the first time goes to
 * `tap` once, in order. source_drain reads what is left so that the digest is whole. `inner` may be
 * any source, also what a decoder gives and also when no decoder reads it: each byte that
 * source_some returns for the first time goes to the tap once, in order, as long as no byte is
 * skipped (a layer's diff id is taken so, while the tar walker reads).
 */
void source_tap(struct source *inner, struct digest_ctx *tap);
MUST_CHECK bool source_drain(struct source *s, uint64_t *len, struct err *e);
#endif
