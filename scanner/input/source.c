#include "scanner/input/source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/input/decode.h"
#include "scanner/input/source_impl.h"

/* fetched after a jump: zip directories and the like are read in small pieces */
#define JUMP_BYTES ((size_t)1 << 10)
#define JUMP_GROWTH 16 /* times as much when the reads go on from there */

void *source_alloc(size_t n)
{
    void *p = calloc(1, n);

    if (p == NULL)
        abort();
    return p;
}

size_t source_within(const struct source_want *w, uint64_t len)
{
    const uint64_t left = w->at < len ? len - w->at : 0;

    return w->n < left ? w->n : (size_t)left;
}

/* ---- files ---- */
/* Bytes that were read ahead. */
struct window {
    uint8_t *buf; /* owned; NULL until a small read comes */
    uint64_t at;
    size_t len;
};

struct source_file {
    struct source base;
    int fd; /* borrowed */
    uint64_t offset;
    /* Two: a directory and what it points at are read by turns. The first is the one used last. */
    struct window windows[2];
};

/* Exactly n bytes at `at`, which lie within the length that was listed. */
static bool file_fetch(struct source_file *f, uint64_t at, uint8_t *buf, size_t n, struct err *e)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = pread(f->fd, buf + done, n - done, (off_t)(f->offset + at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            err_set_sys(e, errno, "cannot read");
            return false;
        }
        if (got == 0)
            return err_pos(e, ERR_IO, at + done,
                           "the file ends at byte %" PRIu64 ", it had %" PRIu64
                           " bytes when it was listed",
                           f->offset + at + done, f->offset + f->base.len);
        done += (size_t)got;
    }
    return true;
}

static bool holds(const struct window *w, uint64_t at)
{
    return at >= w->at && at - w->at < w->len;
}

/* Would reading at `at` be going on where the window ends? */
static bool goes_on(const struct window *w, uint64_t at)
{
    const uint64_t end = w->at + w->len;

    return w->len > 0 && at >= end && at - end < SOURCE_BUFFER;
}

static void swap_windows(struct source_file *f)
{
    const struct window first = f->windows[0];

    f->windows[0] = f->windows[1];
    f->windows[1] = first;
}

/* How much to read at `at`, where `n` bytes are wanted now: little after a jump, much when the
 * reads go forward. */
static size_t read_ahead(const struct window *w, uint64_t at, size_t n)
{
    size_t want = JUMP_BYTES;

    if (w->buf == NULL && at == 0)
        return SOURCE_BUFFER;
    if (goes_on(w, at))
        want = w->len < SOURCE_BUFFER / JUMP_GROWTH ? w->len * JUMP_GROWTH : SOURCE_BUFFER;
    return want > n ? want : n;
}

/* Makes the first window hold `at`; `n` bytes, less than SOURCE_BUFFER, are wanted from there. */
static bool file_buffer(struct source_file *f, uint64_t at, size_t n, struct err *e)
{
    struct window *w = &f->windows[0];
    const uint64_t left = f->base.len - at;
    size_t want;

    if (!holds(w, at) && (holds(&f->windows[1], at) || !goes_on(w, at)))
        swap_windows(f);
    if (holds(w, at))
        return true;
    want = read_ahead(w, at, n);
    if (want > left)
        want = (size_t)left;
    if (w->buf == NULL)
        w->buf = source_alloc(SOURCE_BUFFER);
    w->len = 0;
    if (!file_fetch(f, at, w->buf, want, e))
        return false;
    w->at = at;
    w->len = want;
    return true;
}

static bool file_some(struct source *s, struct source_want *w, struct err *e)
{
    struct source_file *f = (struct source_file *)s;
    const size_t n = source_within(w, s->len);
    size_t done = 0;

    if (n >= SOURCE_BUFFER / 4) {
        if (!file_fetch(f, w->at, w->to, n, e))
            return false;
        w->got = n;
        return true;
    }
    while (done < n) {
        const struct window *from = &f->windows[0];
        const uint64_t pos = w->at + done;
        size_t have;

        if (!file_buffer(f, pos, n - done, e))
            return false;
        have = from->len - (size_t)(pos - from->at);
        if (have > n - done)
            have = n - done;
        memcpy(w->to + done, from->buf + (pos - from->at), have);
        done += have;
    }
    w->got = done;
    return true;
}

static void file_free(struct source *s)
{
    struct source_file *f = (struct source_file *)s;

    free(f->windows[0].buf);
    free(f->windows[1].buf);
}

static const struct source_ops file_ops = {file_some, file_free};

struct source *source_fd(int fd, uint64_t offset, uint64_t len)
{
    struct source_file *f = source_alloc(sizeof(*f));

    f->base.ops = &file_ops;
    f->base.len = len;
    f->fd = fd;
    f->offset = offset;
    return &f->base;
}

/* ---- memory ---- */
struct source_mem {
    struct source base;
    struct slice bytes; /* borrowed */
};

static bool mem_some(struct source *s, struct source_want *w, struct err *e)
{
    const struct slice b = ((struct source_mem *)s)->bytes;

    (void)e;
    w->got = source_within(w, b.len);
    if (w->got > 0)
        memcpy(w->to, b.data + w->at, w->got);
    return true;
}

static const struct source_ops mem_ops = {mem_some, NULL};

struct source *source_memory(struct slice s)
{
    struct source_mem *m = source_alloc(sizeof(*m));

    m->base.ops = &mem_ops;
    m->base.len = s.len;
    m->bytes = s;
    return &m->base;
}

/* ---- a part of another source ---- */
struct source_part {
    struct source base;
    struct source *inner; /* borrowed */
    uint64_t offset;
};

static bool part_some(struct source *s, struct source_want *w, struct err *e)
{
    struct source_part *p = (struct source_part *)s;
    const size_t n = source_within(w, s->len);
    uint64_t from;

    w->got = 0;
    if (n == 0)
        return true;
    if (!checked_add(p->offset, w->at, &from))
        return err_pos(e, ERR_FORMAT, p->offset, "a range that ends past 2^64 bytes");
    if (!source_some(p->inner, from, w->to, n, &w->got, e))
        return false;
    if (w->got < n && s->len != SOURCE_LEN_UNKNOWN)
        return err_pos(e, ERR_FORMAT, from + w->got,
                       "ends at byte %" PRIu64 ", %" PRIu64 " more bytes were declared",
                       from + w->got, s->len - w->at - w->got);
    return true;
}

static const struct source_ops part_ops = {part_some, NULL};

struct source *source_sub(struct source *inner, uint64_t offset, uint64_t len)
{
    struct source_part *p = source_alloc(sizeof(*p));

    p->base.ops = &part_ops;
    p->base.len = len;
    p->inner = inner;
    p->offset = offset;
    return &p->base;
}

/* ---- decoders ---- */
bool source_decode(struct source *inner, enum source_codec codec, struct source **out,
                   struct err *e)
{
    switch (codec) {
    case CODEC_GZIP:
    case CODEC_ZLIB:
    case CODEC_DEFLATE:
        *out = decode_new(inner, &decode_deflate_codec, decode_deflate_codec.open(codec));
        return true;
    case CODEC_ZSTD:
        *out = decode_new(inner, &decode_zstd_codec, decode_zstd_codec.open(codec));
        return true;
    case CODEC_BZIP2:
        *out = decode_new(inner, &decode_bzip2_codec, decode_bzip2_codec.open(codec));
        return true;
    case CODEC_XZ:
    case CODEC_LZMA:
    case CODEC_ZIP_LZMA:
        *out = decode_new(inner, &decode_lzma_codec, decode_lzma_codec.open(codec));
        return true;
    case CODEC_LZ4:
        *out = decode_new(inner, &decode_lz4_codec, decode_lz4_codec.open(codec));
        return true;
    case CODEC_NONE:
        break;
    }
    return err_fail(e, ERR_UNSUPPORTED, "no decoder has the number %d", (int)codec);
}

void source_ratio(struct source *s, unsigned n)
{
    decode_ratio(s, n);
}

bool source_sniff(struct source *s, enum source_codec *out, struct err *e)
{
    static const uint8_t xz[6] = {0xfd, '7', 'z', 'X', 'Z', 0};
    static const uint8_t zstd[4] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t skip[3] = {0x2a, 0x4d,
                                    0x18}; /* SPEC: RFC 8878 section 3.1.2, skippable frames */
    uint8_t h[10] = {0};
    size_t n;

    if (!source_some(s, 0, h, sizeof(h), &n, e))
        return false;
    *out = CODEC_NONE;
    if (n >= 2 && h[0] == 0x1f && h[1] == 0x8b)
        *out = CODEC_GZIP;
    else if (n >= 4 &&
             (memcmp(h, zstd, 4) == 0 || ((h[0] & 0xf0) == 0x50 && memcmp(h + 1, skip, 3) == 0)))
        *out = CODEC_ZSTD;
    else if (n >= 4 && memcmp(h, "BZh", 3) == 0 && h[3] >= '1' && h[3] <= '9')
        *out = CODEC_BZIP2;
    else if (n >= 6 && memcmp(h, xz, sizeof(xz)) == 0)
        *out = CODEC_XZ;
    return true;
}

/* ---- reading ---- */
void source_free(struct source *s)
{
    if (s == NULL)
        return;
    if (s->ops->free != NULL)
        s->ops->free(s);
    free(s);
}

uint64_t source_len(const struct source *s)
{
    return s->len;
}

void source_tap(struct source *inner, struct digest_ctx *tap)
{
    inner->tap = tap;
    inner->tapped = 0;
}

/* Gives the tap the bytes before `at` that nobody has read yet. */
static bool tap_gap(struct source *s, uint64_t at, struct err *e)
{
    AUTO_FREE uint8_t *buf = source_alloc(SOURCE_BUFFER);

    while (s->tapped < at) {
        const uint64_t left = at - s->tapped;
        struct source_want w = {s->tapped, buf, SOURCE_BUFFER, 0};

        if (left < SOURCE_BUFFER)
            w.n = (size_t)left;
        if (!s->ops->some(s, &w, e))
            return false;
        if (w.got == 0)
            return true;
        digest_update(s->tap, (struct slice){buf, w.got});
        s->tapped += w.got;
    }
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): six parameters, as pread and an error have */
bool source_some(struct source *s, uint64_t at, void *buf, size_t n, size_t *got, struct err *e)
{
    struct source_want w = {at, buf, n, 0};

    if (s->tap != NULL && s->tapped < at && !tap_gap(s, at, e))
        return false;
    if (!s->ops->some(s, &w, e))
        return false;
    if (w.got > 0 && at + w.got > s->seen)
        s->seen = at + w.got;
    if (s->tap != NULL && at <= s->tapped && s->tapped - at < w.got) {
        const size_t old = (size_t)(s->tapped - at);

        digest_update(s->tap, (struct slice){w.to + old, w.got - old});
        s->tapped = at + w.got;
    }
    *got = w.got;
    return true;
}

bool source_read(struct source *s, uint64_t at, void *buf, size_t n, struct err *e)
{
    size_t got;

    if (!source_some(s, at, buf, n, &got, e))
        return false;
    if (got < n)
        return err_pos(e, ERR_FORMAT, at + got,
                       "ends at byte %" PRIu64 ", %zu more bytes were declared", at + got, n - got);
    return true;
}

/* All of a source that does not know its length. */
static bool slurp_unknown(struct source *s, size_t max, struct arena *a, struct slice *out,
                          struct err *e)
{
    AUTO_FREE uint8_t *grown = NULL;
    size_t cap = max < SOURCE_BUFFER ? max : SOURCE_BUFFER, len = 0, got;
    uint8_t extra;

    for (;;) {
        uint8_t *bigger = realloc(grown, cap + 1);

        if (bigger == NULL)
            abort();
        grown = bigger;
        if (!source_some(s, len, grown + len, cap - len, &got, e))
            return false;
        len += got;
        if (len < cap)
            break;
        if (!source_some(s, len, &extra, 1, &got, e))
            return false;
        if (got == 0)
            break;
        if (cap >= max)
            return err_fail(e, ERR_LIMIT, "more than the %zu bytes that are read whole", max);
        cap = cap > max / 2 ? max : cap * 2;
    }
    *out = arena_slice(a, (struct slice){grown, len});
    return true;
}

bool source_slurp(struct source *s, size_t max, struct arena *a, struct slice *out, struct err *e)
{
    uint8_t *bytes;

    if (s->len == SOURCE_LEN_UNKNOWN)
        return slurp_unknown(s, max, a, out, e);
    if (s->len > max)
        return err_fail(e, ERR_LIMIT, "%" PRIu64 " bytes, at most %zu are read whole", s->len, max);
    bytes = arena_alloc(a, (size_t)s->len + 1);
    if (!source_read(s, 0, bytes, (size_t)s->len, e))
        return false;
    *out = (struct slice){bytes, (size_t)s->len};
    return true;
}

/* Reads from `at` to the end and gives the length. */
static bool read_on(struct source *s, uint64_t at, struct digest_ctx *to, uint64_t *len,
                    struct err *e)
{
    AUTO_FREE uint8_t *buf = source_alloc(SOURCE_BUFFER);
    size_t got;

    do {
        if (!source_some(s, at, buf, SOURCE_BUFFER, &got, e))
            return false;
        if (to != NULL && got > 0)
            digest_update(to, (struct slice){buf, got});
        at += got;
    } while (got > 0);
    *len = at;
    return true;
}

bool source_hash(struct source *s, struct digest *out, uint64_t *len, struct err *e)
{
    struct digest_ctx ctx;
    bool ok;

    digest_init(&ctx, DIGEST_SHA256);
    ok = read_on(s, 0, &ctx, len, e);
    if (ok)
        digest_final(&ctx, out);
    digest_release(&ctx);
    return ok;
}

bool source_drain(struct source *s, uint64_t *len, struct err *e)
{
    return read_on(s, s->tap != NULL ? s->tapped : s->seen, NULL, len, e);
}
