#include "scanner/input/sevenzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/input/decode.h"

/* One libarchive handle over the source. */
struct handle {
    struct archive *archive; /* NULL when it is not open */
    struct source *s;
    uint64_t len;
    uint64_t at;      /* next byte that libarchive gets */
    struct err inner; /* of the source below */
    uint8_t chunk[64 << 10];
};

struct sevenzip {
    struct handle h;
    uint64_t next;    /* index of the next entry */
    uint64_t reopens; /* ways back so far */
    bool ended;
};

/* The contents of one entry, as the state of a codec. */
struct member {
    struct sevenzip *z;
    struct handle *own; /* a handle of its own after the first way back, else NULL */
    uint64_t index;
    bool begun;           /* something has been read, or tried */
    struct decode_in *in; /* only to say how much of the archive was taken */
};

static la_ssize_t on_read(struct archive *a, void *ctx, const void **out)
{
    struct handle *h = ctx;
    size_t got;

    if (!source_some(h->s, h->at, h->chunk, sizeof(h->chunk), &got, &h->inner)) {
        archive_set_error(a, EIO, "the source below failed");
        return ARCHIVE_FATAL;
    }
    h->at += got;
    *out = h->chunk;
    return (la_ssize_t)got;
}

static la_int64_t on_skip(struct archive *a, void *ctx, la_int64_t n)
{
    struct handle *h = ctx;

    (void)a;
    if (n < 0 || (uint64_t)n > h->len - h->at)
        return 0; /* libarchive reads, then, and finds the end itself */
    h->at += (uint64_t)n;
    return n;
}

static la_int64_t on_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    struct handle *h = ctx;
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? (int64_t)h->at
                                              : (int64_t)h->len;

    (void)a;
    if (offset > INT64_MAX - base || base + offset < 0 || (uint64_t)(base + offset) > h->len)
        return ARCHIVE_FATAL;
    h->at = (uint64_t)(base + offset);
    return (la_int64_t)h->at;
}

static void handle_close(struct handle *h)
{
    if (h->archive != NULL)
        archive_read_free(h->archive);
    h->archive = NULL;
}

/* libarchive must be told each step by name; any of these failing is our own mistake. */
static void must(int rc)
{
    if (rc != ARCHIVE_OK)
        abort();
}

static bool fail(struct handle *h, struct err *e)
{
    const char *why = archive_error_string(h->archive);

    if (h->inner.code != ERR_NONE)
        return err_pos(e, h->inner.code, h->inner.offset, "%s", h->inner.text);
    if (why == NULL)
        why = "damaged or cut short";
    if (archive_errno(h->archive) == ENOMEM)
        return err_pos(e, ERR_LIMIT, h->at, "7z: no memory for what it asks (%s)", why);
    return err_pos(e,
                   strstr(why, "ncrypt") != NULL || strstr(why, "nsupported") != NULL
                       ? ERR_UNSUPPORTED
                       : ERR_FORMAT,
                   h->at, "7z: %s", why);
}

static bool handle_open(struct handle *h, struct err *e)
{
    h->at = 0;
    err_clear(&h->inner);
    h->archive = archive_read_new();
    if (h->archive == NULL)
        abort();
    must(archive_read_support_format_7zip(h->archive));
    must(archive_read_set_read_callback(h->archive, on_read));
    must(archive_read_set_skip_callback(h->archive, on_skip));
    must(archive_read_set_seek_callback(h->archive, on_seek));
    must(archive_read_set_callback_data(h->archive, h));
    return archive_read_open1(h->archive) == ARCHIVE_OK || fail(h, e);
}

/* Gives false at the end, too, with no error. */
static bool next_header(struct handle *h, struct archive_entry **entry, struct err *e)
{
    const int rc = archive_read_next_header(h->archive, entry);

    if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN)
        return true;
    return rc == ARCHIVE_EOF ? false : fail(h, e);
}

struct sevenzip *sevenzip_open(struct source *s)
{
    struct sevenzip *z = source_alloc(sizeof(*z));

    z->h.s = s;
    z->h.len = source_len(s);
    return z;
}

void sevenzip_free(struct sevenzip *z)
{
    handle_close(&z->h);
    free(z);
}

static struct slice text(const char *s)
{
    return s == NULL ? (struct slice){NULL, 0} : slice_str(s);
}

static void describe(struct archive_entry *from, struct sevenzip_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(from);

    if (name == NULL)
        name = archive_entry_pathname(from);
    entry->name = text(name);
    entry->link = text(archive_entry_symlink(from));
    entry->mode = (uint32_t)archive_entry_perm(from) & 07777;
    entry->encrypted = archive_entry_is_encrypted(from) > 0;
    switch (archive_entry_filetype(from)) {
    case AE_IFREG:
        entry->type = '0';
        break;
    case AE_IFLNK:
        entry->type = '2';
        break;
    case AE_IFDIR:
        entry->type = '5';
        break;
    default:
        entry->type = '3';
    }
}

bool sevenzip_next(struct sevenzip *z, struct sevenzip_entry *entry, bool *end, struct err *e)
{
    struct archive_entry *from;

    *end = false;
    if (z->h.archive == NULL && !handle_open(&z->h, e))
        return false;
    if (z->next >= LIMIT_ENTRIES)
        return err_fail(e, ERR_LIMIT, "more than %d members (LIMIT_ENTRIES)", LIMIT_ENTRIES);
    if (!next_header(&z->h, &from, e)) {
        *end = e->code == ERR_NONE;
        return *end;
    }
    describe(from, entry);
    entry->index = z->next++;
    return true;
}

/* ---- contents ---- */
static void member_reset(void *state, struct decode_in *in)
{
    struct member *m = state;

    m->in = in;
    if (!m->begun)
        return;
    if (m->own == NULL) {
        m->own = source_alloc(sizeof(*m->own));
        m->own->s = m->z->h.s;
        m->own->len = m->z->h.len;
    }
    handle_close(m->own); /* the next step opens it again */
}

static void member_close(void *state)
{
    struct member *m = state;

    if (m->own != NULL)
        handle_close(m->own);
    free(m->own);
    free(m);
}

/* Opens the archive again and goes to the entry. */
static bool go_back(struct member *m, struct err *e)
{
    struct archive_entry *ignored;

    if (m->z->reopens++ >= LIMIT_SEVENZIP_REOPENS)
        return err_fail(e, ERR_LIMIT,
                        "the 7z archive was read from its start more than %d times "
                        "(LIMIT_SEVENZIP_REOPENS)",
                        LIMIT_SEVENZIP_REOPENS);
    if (!handle_open(m->own, e))
        return false;
    for (uint64_t i = 0; i <= m->index; i++)
        if (!next_header(m->own, &ignored, e))
            return e->code != ERR_NONE ? false : fail(m->own, e);
    return true;
}

static bool member_step(void *state, struct decode_out *out, bool *end, struct err *e)
{
    struct member *m = state;
    struct handle *h = m->own != NULL ? m->own : &m->z->h;
    la_ssize_t got;

    m->begun = true;
    if (m->own != NULL && h->archive == NULL && !go_back(m, e))
        return false;
    got = archive_read_data(h->archive, out->data + out->len, out->cap - out->len);
    if (got < 0)
        return fail(h, e);
    m->in->pos = h->at;
    out->len += (size_t)got;
    *end = got == 0;
    return true;
}

static const struct decode_codec member_codec = {NULL, member_close, member_reset, member_step};

struct source *sevenzip_contents(struct sevenzip *z)
{
    struct member *m = source_alloc(sizeof(*m));
    struct source *s;

    m->z = z;
    m->index = z->next - 1;
    s = decode_new(z->h.s, &member_codec, m);
    source_ratio(s, LIMIT_ARCHIVE_RATIO);
    return s;
}
