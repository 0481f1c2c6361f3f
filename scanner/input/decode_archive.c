/*
 * bzip2 and xz through libarchive's filters, named one by one: no bidding, so no other format of libarchive ever sees the bytes. What
 * follows the last stream is judged here, since libarchive passes over it.
 */
#include "scanner/input/decode.h"

#include <archive.h>
#include <errno.h>

struct archive_state {
    struct archive *archive; /* NULL before the first step */
    struct decode_in *in;
    enum source_codec codec;
    struct err inner; /* of the source below, while libarchive reads it */
    uint64_t at;      /* next byte that libarchive gets */
    uint8_t *chunk;
    bool empty; /* the stream holds no byte */
};

static void *filter_open(enum source_codec codec)
{
    struct archive_state *f = source_alloc(sizeof(*f));

    f->codec = codec;
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
    f->empty = false;
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
    const char *name = f->codec == CODEC_XZ ? "xz" : "bzip2";

    if (f->inner.code != ERR_NONE)
        return err_pos(e, f->inner.code, f->inner.offset, "%s", f->inner.text);
    if (archive_errno(f->archive) == ENOMEM)
        return err_pos(e, ERR_LIMIT, f->at, "%s: no memory for the dictionary it asks for", name);
    return err_pos(e, ERR_FORMAT, f->at, "%s: %s", name, why != NULL ? why : "damaged");
}

/* libarchive must be told each step by name; any of these failing is our own mistake. */
static void must(int rc)
{
    if (rc != ARCHIVE_OK)
        abort();
}

static bool start(struct archive_state *f, struct err *e)
{
    struct archive_entry *entry;
    int rc;

    f->archive = archive_read_new();
    if (f->archive == NULL)
        abort();
    must(archive_read_append_filter(f->archive, f->codec == CODEC_XZ ? ARCHIVE_FILTER_XZ
                                                                     : ARCHIVE_FILTER_BZIP2));
    must(archive_read_support_format_raw(f->archive));
    must(archive_read_support_format_empty(f->archive));
    if (archive_read_open(f->archive, f, NULL, on_read, NULL) != ARCHIVE_OK)
        return filter_fail(f, e);
    rc = archive_read_next_header(f->archive, &entry);
    if (rc == ARCHIVE_EOF)
        f->empty = true;
    else if (rc != ARCHIVE_OK)
        return filter_fail(f, e);
    return true;
}

/* The filter has ended: what it did not take must be zeros. */
static bool rest(struct archive_state *f, bool *end, struct err *e)
{
    struct decode_in *in = f->in;
    const la_int64_t taken = archive_filter_bytes(f->archive, -1);

    in->pos = taken < 0 ? 0 : (uint64_t)taken;
    in->beg = in->end = 0;
    in->eof = false;
    if (in->pos == 0)
        return err_pos(e, ERR_FORMAT, 0, "no %s stream begins here",
                       f->codec == CODEC_XZ ? "xz" : "bzip2");
    if (!decode_in_zeros(in, f->codec == CODEC_XZ ? "xz stream" : "bzip2 stream", e))
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
    if (f->empty)
        return rest(f, end, e);
    got = archive_read_data(f->archive, out->data + out->len, out->cap - out->len);
    if (got < 0)
        return filter_fail(f, e);
    out->len += (size_t)got;
    return got > 0 || rest(f, end, e);
}

const struct decode_codec decode_archive_codec = {filter_open, filter_close, filter_reset,
                                                  filter_step};
