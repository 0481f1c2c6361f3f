/*
 * bzip2, xz, lz4 and lzma through libarchive's filters, named one by one: no bidding, so no other
 * format of libarchive ever sees the bytes. What follows the last stream is judged here, since
 * libarchive passes over it. To libarchive a stream that breaks before its first byte of output
 * looks like an empty one; so that no such error is ever lost, a whole stream of ours, which holds
 * one byte, goes in front. Only lzma streams cannot follow one another: of them the empty one is
 * known by its bytes.
 */
#include "scanner/input/decode.h"

#include <archive.h>
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/input/lz4_frames.h"

/* One 'x', compressed. */
static const uint8_t lead_bzip2[] = {
    0x42, 0x5a, 0x68, 0x31, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x77, 0x4b, 0xb0,
    0x14, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x40, 0x20, 0x00, 0x21, 0x18, 0x46,
    0x82, 0xee, 0x48, 0xa7, 0x0a, 0x12, 0x0e, 0xe9, 0x76, 0x02, 0x80,
};
static const uint8_t lead_xz[] = {
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x01, 0x69, 0x22, 0xde, 0x36, 0x02, 0x00,
    0x21, 0x01, 0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x00, 0x78,
    0x00, 0x00, 0x00, 0x00, 0x83, 0x16, 0xdc, 0x8c, 0x00, 0x01, 0x15, 0x01, 0xa9, 0x63,
    0x34, 0x60, 0x90, 0x42, 0x99, 0x0d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x59, 0x5a,
};

static const uint8_t lead_lz4[] = {
    0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0x01, 0x00, 0x00, 0x80, 0x78, 0x00, 0x00, 0x00, 0x00,
};

/* The end mark, which is all that an empty lzma stream of unknown length holds. */
static const uint8_t empty_lzma[] = {0, 0x83, 0xff, 0xfb, 0xff, 0xff, 0xc0, 0, 0, 0};
#define LZMA_HEADER 13 /* properties, dictionary (4), length (8) */

struct kind {
    const char *name, *stream;
    int filter;
    struct slice lead, magic;
};

static const struct kind kind_bzip2 = {"bzip2",
                                       "bzip2 stream",
                                       ARCHIVE_FILTER_BZIP2,
                                       {lead_bzip2, sizeof(lead_bzip2)},
                                       {lead_bzip2, 3}};
static const struct kind kind_xz = {
    "xz", "xz stream", ARCHIVE_FILTER_XZ, {lead_xz, sizeof(lead_xz)}, {lead_xz, 6}};
/* frames of the old format have another magic: libarchive tells them apart */
static const struct kind kind_lz4 = {
    "lz4", "lz4 frame", ARCHIVE_FILTER_LZ4, {lead_lz4, sizeof(lead_lz4)}, {NULL, 0}};
static const struct kind kind_lzma = {
    "lzma", "lzma stream", ARCHIVE_FILTER_LZMA, {NULL, 0}, {NULL, 0}};

struct archive_state {
    struct archive *archive; /* NULL before the first step */
    struct decode_in *in;
    const struct kind *kind;
    struct err inner; /* of the source below, while libarchive reads it */
    uint64_t at;      /* next byte that libarchive gets */
    uint8_t *chunk;
    bool led;  /* libarchive has had the lead */
    bool some; /* a byte has come out */
};

static void *filter_open(enum source_codec codec)
{
    struct archive_state *f = source_alloc(sizeof(*f));

    f->kind = codec == CODEC_XZ     ? &kind_xz
              : codec == CODEC_LZ4  ? &kind_lz4
              : codec == CODEC_LZMA ? &kind_lzma
                                    : &kind_bzip2;
    f->chunk = source_alloc(SOURCE_BUFFER);
    return f;
}

static void filter_reset(void *state, struct decode_in *in)
{
    struct archive_state *f = state;

    if (f->archive != NULL)
        archive_read_free(f->archive);
    f->archive = NULL;
    f->in = in;
    f->at = 0;
    f->led = f->kind->lead.len == 0;
    f->some = false;
    err_clear(&f->inner);
}

static void filter_close(void *state)
{
    struct archive_state *f = state;

    filter_reset(f, NULL);
    free(f->chunk);
    free(f);
}

static la_ssize_t on_read(struct archive *a, void *ctx, const void **out)
{
    struct archive_state *f = ctx;
    size_t got;

    if (!f->led) {
        f->led = true;
        *out = f->kind->lead.data;
        return (la_ssize_t)f->kind->lead.len;
    }
    if (!source_some(f->in->inner, f->at, f->chunk, SOURCE_BUFFER, &got, &f->inner)) {
        archive_set_error(a, EIO, "the source below failed");
        return ARCHIVE_FATAL;
    }
    f->at += got;
    f->in->pos = f->at; /* for the caps: nothing of the window is used */
    *out = f->chunk;
    return (la_ssize_t)got;
}

static bool filter_fail(struct archive_state *f, struct err *e)
{
    const char *why = archive_error_string(f->archive);

    if (f->inner.code != ERR_NONE)
        return err_pos(e, f->inner.code, f->inner.offset, "%s", f->inner.text);
    if (archive_errno(f->archive) == ENOMEM)
        return err_pos(e, ERR_LIMIT, f->at, "%s: no memory for the dictionary it asks for",
                       f->kind->name);
    /* libarchive has no other word for a filter that fails at once */
    if (why == NULL || strstr(why, "Unrecognized archive format") != NULL)
        why = "damaged or cut short";
    return err_pos(e, ERR_FORMAT, f->at, "%s: %s", f->kind->name, why);
}

/* libarchive must be told each step by name; any of these failing is our own mistake. */
static void must(int rc)
{
    if (rc != ARCHIVE_OK)
        abort();
}

/* What stands at the start of the stream, before libarchive sees any of it. */
static bool check_head(struct archive_state *f, struct err *e)
{
    const struct slice magic = f->kind->magic;
    uint8_t first[LZMA_HEADER];
    struct reader r;
    uint32_t dictionary;
    size_t got;

    if (!source_some(f->in->inner, 0, first, sizeof(first), &got, e))
        return false;
    if (!slice_eq((struct slice){first, got < magic.len ? got : magic.len}, magic))
        return err_pos(e, ERR_FORMAT, 0, "no %s begins here", f->kind->stream);
    if (f->kind != &kind_lzma)
        return true;
    r = reader_over((struct slice){first, got});
    if (!reader_skip(&r, 1) || !reader_u32le(&r, &dictionary) || r.left < 8)
        return err_pos(e, ERR_FORMAT, got, "the header of the lzma stream is cut short");
    if (dictionary > LIMIT_LZMA_DICTIONARY)
        return err_pos(e, ERR_LIMIT, 1,
                       "a dictionary of %u bytes, at most %u (LIMIT_LZMA_DICTIONARY)", dictionary,
                       LIMIT_LZMA_DICTIONARY);
    return true;
}

/* Opens the stream and passes over the byte of the lead. */
static bool start(struct archive_state *f, struct err *e)
{
    struct archive_entry *entry;
    uint8_t first;

    if (!check_head(f, e))
        return false;
    f->archive = archive_read_new();
    if (f->archive == NULL)
        abort();
    must(archive_read_append_filter(f->archive, f->kind->filter));
    must(archive_read_support_format_raw(f->archive));
    if (archive_read_open(f->archive, f, NULL, on_read, NULL) != ARCHIVE_OK ||
        archive_read_next_header(f->archive, &entry) != ARCHIVE_OK ||
        (f->kind->lead.len > 0 && archive_read_data(f->archive, &first, 1) != 1))
        return filter_fail(f, e);
    return true;
}

/* Nothing came out of an lzma stream: right only when it says so. */
static bool is_empty(struct archive_state *f, struct err *e)
{
    uint8_t b[LZMA_HEADER + sizeof(empty_lzma)];
    struct reader r;
    uint64_t len;
    size_t got;

    if (!source_some(f->in->inner, 0, b, sizeof(b), &got, e))
        return false;
    r = reader_over((struct slice){b, got});
    if (reader_skip(&r, 5) && reader_u64le(&r, &len) &&
        (len == 0 || (len == UINT64_MAX && r.left == sizeof(empty_lzma) &&
                      memcmp(r.data, empty_lzma, sizeof(empty_lzma)) == 0)))
        return true;
    return err_pos(e, ERR_FORMAT, got, "lzma: damaged or cut short");
}

/* The filter has ended: what it did not take must be zeros. */
static bool rest(struct archive_state *f, bool *end, struct err *e)
{
    struct decode_in *in = f->in;
    const uint64_t taken = (uint64_t)archive_filter_bytes(f->archive, -1);

    if (!f->some && f->kind->lead.len == 0 && !is_empty(f, e))
        return false;
    if (taken <= f->kind->lead.len)
        return err_pos(e, ERR_FORMAT, 0, "no %s begins here", f->kind->stream);
    in->pos = taken - f->kind->lead.len;
    /* libarchive takes the word behind the last frame for a magic, and passes over it */
    if (f->kind == &kind_lz4 && !lz4_frames_end(in->inner, &in->pos, e))
        return false;
    in->beg = in->end = 0;
    in->eof = false;
    if (!decode_in_zeros(in, f->kind->stream, e))
        return false;
    *end = true;
    return true;
}

static bool filter_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct archive_state *f = state;
    la_ssize_t got;

    if (f->archive == NULL && !start(f, e))
        return false;
    got = archive_read_data(f->archive, out->data + out->len, out->cap - out->len);
    if (got < 0)
        return filter_fail(f, e);
    out->len += (size_t)got;
    f->some = f->some || got > 0;
    return got > 0 || rest(f, end, e);
}

const struct decode_codec decode_archive_codec = {filter_open, filter_close, filter_reset,
                                                  filter_step};
