/*
 * lz4 through libarchive's filter, named alone: no bidding, so no other format of libarchive ever
 * sees the bytes. It tells frames of the format before apart. What follows the last frame is judged
 * here, since libarchive passes over it. To libarchive a stream that breaks before its first byte
 * of output looks like an empty one; so that no such error is ever lost, a whole frame of ours,
 * which holds one byte, goes in front.
 */
#include "scanner/input/decode.h"

#include <archive.h>
#include <errno.h>
#include <string.h>

#include "scanner/input/lz4_frames.h"

/* One 'x', compressed. */
static const uint8_t lead[] = {
    0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0x01, 0x00, 0x00, 0x80, 0x78, 0x00, 0x00, 0x00, 0x00,
};

struct lz4_state {
    struct archive *archive; /* NULL before the first step */
    struct decode_in *in;
    struct err inner; /* of the source below, while libarchive reads it */
    uint64_t at;      /* next byte that libarchive gets */
    uint8_t *chunk;
    struct slice block; /* of output that is not given out yet */
    bool led;           /* libarchive has had the lead */
};

static void *lz4_open(enum source_codec codec)
{
    struct lz4_state *f = source_alloc(sizeof(*f));

    (void)codec;
    f->chunk = source_alloc(SOURCE_BUFFER);
    return f;
}

static void lz4_reset(void *state, struct decode_in *in)
{
    struct lz4_state *f = state;

    if (f->archive != NULL)
        archive_read_free(f->archive);
    f->archive = NULL;
    f->in = in;
    f->at = 0;
    f->led = false;
    f->block = (struct slice){NULL, 0};
    err_clear(&f->inner);
}

static void lz4_close(void *state)
{
    struct lz4_state *f = state;

    lz4_reset(f, NULL);
    free(f->chunk);
    free(f);
}

static la_ssize_t on_read(struct archive *a, void *ctx, const void **out)
{
    struct lz4_state *f = ctx;
    size_t got;

    if (!f->led) {
        f->led = true;
        *out = lead;
        return (la_ssize_t)sizeof(lead);
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

static bool lz4_fail(struct lz4_state *f, struct err *e)
{
    const char *why = archive_error_string(f->archive);

    if (f->inner.code != ERR_NONE)
        return err_pos(e, f->inner.code, f->inner.offset, "%s", f->inner.text);
    if (archive_errno(f->archive) == ENOMEM)
        return err_pos(e, ERR_LIMIT, f->at, "lz4: no memory for a block");
    /* libarchive has no other word for a filter that fails at once */
    if (why == NULL || strstr(why, "Unrecognized archive format") != NULL)
        why = "damaged or cut short";
    return err_pos(e, ERR_FORMAT, f->at, "lz4: %s", why);
}

/* libarchive must be told each step by name; any of these failing is our own mistake. */
static void must(int rc)
{
    if (rc != ARCHIVE_OK)
        abort();
}

/* Opens the stream and passes over the byte of the lead. */
static bool start(struct lz4_state *f, struct err *e)
{
    struct archive_entry *entry;
    uint8_t first;

    f->archive = archive_read_new();
    if (f->archive == NULL)
        abort();
    must(archive_read_append_filter(f->archive, ARCHIVE_FILTER_LZ4));
    must(archive_read_support_format_raw(f->archive));
    if (archive_read_open(f->archive, f, NULL, on_read, NULL) != ARCHIVE_OK ||
        archive_read_next_header(f->archive, &entry) != ARCHIVE_OK ||
        archive_read_data(f->archive, &first, 1) != 1)
        return lz4_fail(f, e);
    return true;
}

/* The filter has ended: what it did not take must be zeros. */
static bool rest(struct lz4_state *f, bool *end, struct err *e)
{
    struct decode_in *in = f->in;
    const uint64_t taken = (uint64_t)archive_filter_bytes(f->archive, -1);

    /* between two frames libarchive takes an error of the source for its end */
    if (f->inner.code != ERR_NONE)
        return lz4_fail(f, e);
    if (taken <= sizeof(lead))
        return err_pos(e, ERR_FORMAT, 0, "no lz4 frame begins here");
    in->pos = taken - sizeof(lead);
    /* libarchive takes the word behind the last frame for a magic, and passes over it */
    if (!lz4_frames_end(in->inner, &in->pos, e))
        return false;
    in->beg = in->end = 0;
    in->eof = false;
    if (!decode_in_zeros(in, "lz4 frame", e))
        return false;
    *end = true;
    return true;
}

/* One block of libarchive's after the other: asked for more at once, it keeps the good ones in
 * front of a broken one to itself. */
static bool lz4_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct lz4_state *f = state;
    const void *block;
    la_int64_t offset;
    size_t n;
    int rc;

    if (f->archive == NULL && !start(f, e))
        return false;
    if (f->block.len == 0) {
        rc = archive_read_data_block(f->archive, &block, &n, &offset);
        if (rc == ARCHIVE_EOF)
            return rest(f, end, e);
        if (rc != ARCHIVE_OK)
            return lz4_fail(f, e);
        f->block = (struct slice){block, n};
    }
    n = f->block.len < out->cap - out->len ? f->block.len : out->cap - out->len;
    memcpy(out->data + out->len, f->block.data, n);
    out->len += n;
    f->block = slice_from(f->block, n);
    return true;
}

const struct decode_codec decode_lz4_codec = {lz4_open, lz4_close, lz4_reset, lz4_step};
