#include "scanner/input/blobs.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/input/source_impl.h"
#include "scanner/input/tar.h"

struct blob {
    struct blobs_member m; /* first: blobs_member hands it out */
    struct source *source; /* owned; NULL until asked for */
    size_t order;          /* place in the archive or in the list of entries */
};

struct blobs {
    struct arena arena;
    struct worker *worker;  /* of a folder */
    struct source *file;    /* owned: the archive as it lies, or NULL */
    struct source *decoded; /* owned: what its compression gives, or NULL */
    struct source *tar;     /* borrowed: the one of the two, or the caller's */
    uint64_t len;           /* bytes of the tar */
    const char *format;     /* for the ledger; NULL for a folder */
    struct blob *items;     /* sorted by name */
    size_t n;
};

static const char *keep(struct arena *a, struct slice s)
{
    return arena_strndup(a, s);
}

/* ---- index of a tar ---- */
/* The name that `target`, written in a symbolic link called `name`, stands for;
 * NULL when it leads out of the archive. */
static const char *resolve(struct arena *a, const char *name, struct slice target)
{
    const char *slash = strrchr(name, '/');
    const size_t dir = slash == NULL ? 0 : (size_t)(slash - name);
    char *to = arena_alloc(a, dir + target.len + 2);
    size_t len = dir;

    if (target.len == 0 || target.data[0] == '/' || memchr(target.data, 0, target.len) != NULL)
        return NULL;
    memcpy(to, name, dir);
    while (target.len > 0) {
        struct slice part = target;

        if (!slice_find(target, SLICE_LIT("/"), &part.len))
            part.len = target.len;
        target = slice_from(target, part.len + 1);
        if (part.len == 0 || slice_is(part, "."))
            continue;
        if (slice_is(part, "..") && len == 0)
            return NULL;
        if (slice_is(part, "..")) {
            while (len > 0 && to[len - 1] != '/')
                len--;
            len -= len > 0;
            continue;
        }
        if (len > 0)
            to[len++] = '/';
        memcpy(to + len, part.data, part.len);
        len += part.len;
    }
    to[len] = '\0';
    return to;
}

static enum blobs_kind kind_of(char type)
{
    switch (type) {
    case '0':
        return BLOBS_FILE;
    case '1':
    case '2':
        return BLOBS_LINK;
    case '5':
        return BLOBS_FOLDER;
    default:
        return BLOBS_OTHER;
    }
}

static bool add_member(struct blobs *b, const struct tar_entry *en, struct err *e)
{
    struct slice name, target;
    struct blob *to;

    if (!tar_clean(en->path, &b->arena, &name, e))
        return err_in(e, "member at byte %" PRIu64, en->header_at);
    if (name.len == 0)
        return true; /* the root itself */
    if (b->n >= LIMIT_ENTRIES)
        return err_pos(e, ERR_LIMIT, en->header_at, "more than %d members (LIMIT_ENTRIES)",
                       LIMIT_ENTRIES);
    if (en->type == '1' && !tar_clean(en->link, &b->arena, &target, e))
        return err_in(e, "member at byte %" PRIu64, en->header_at);
    to = ARENA_PUSH(&b->arena, &b->items, &b->n);
    to->order = b->n - 1;
    to->m.name = keep(&b->arena, name);
    to->m.kind = kind_of(en->type);
    to->m.size = en->size;
    to->m.at = en->at;
    if (en->type == '1')
        to->m.link = keep(&b->arena, target);
    else if (en->type == '2')
        to->m.link = resolve(&b->arena, to->m.name, en->link);
    return true;
}

static bool read_members(struct blobs *b, struct tar *t, struct err *e)
{
    struct tar_entry en;
    bool end = false;

    for (;;) {
        if (!tar_next(t, &en, &end, e))
            return false;
        if (end)
            return tar_tail(t, &b->len, e);
        if (!add_member(b, &en, e))
            return false;
    }
}

static int by_name(const void *pa, const void *pb)
{
    const struct blob *a = pa, *b = pb;
    const int order = strcmp(a->m.name, b->m.name);

    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Sorts, and marks names that occur more than once; folders may. */
static void sort_members(struct blobs *b)
{
    if (b->n > 1)
        qsort(b->items, b->n, sizeof(*b->items), by_name);
    for (size_t i = 1; i < b->n; i++) {
        struct blobs_member *x = &b->items[i - 1].m, *y = &b->items[i].m;

        if (strcmp(x->name, y->name) == 0 && (x->kind != BLOBS_FOLDER || y->kind != BLOBS_FOLDER))
            x->twice = y->twice = true;
    }
}

static bool index_tar(struct blobs *b, struct err *e)
{
    struct tar *t = tar_open(b->tar);
    bool ok = read_members(b, t, e);

    tar_free(t);
    if (ok)
        sort_members(b);
    return ok;
}

/* ---- opening ---- */
static struct blobs *blobs_new(void)
{
    struct blobs *b = source_alloc(sizeof(*b));

    arena_init(&b->arena);
    return b;
}

static const char *codec_suffix(enum source_codec c)
{
    switch (c) {
    case CODEC_GZIP:
        return "+gzip";
    case CODEC_ZSTD:
        return "+zstd";
    case CODEC_BZIP2:
        return "+bzip2";
    case CODEC_XZ:
        return "+xz";
    default:
        return "";
    }
}

static bool open_archive(struct blobs *b, struct worker *w, struct err *e)
{
    enum source_codec codec;
    int fd;

    if (worker_nentries(w) != 1)
        return err_fail(e, ERR_USAGE, "an archive is one file, not %zu", worker_nentries(w));
    if (!worker_entry_fd(w, 0, &fd, e))
        return false;
    b->file = source_fd(fd, 0, worker_entry(w, 0)->size);
    b->tar = b->file;
    if (!source_sniff(b->file, &codec, e))
        return false;
    if (codec != CODEC_NONE) {
        if (!source_decode(b->file, codec, &b->decoded, e))
            return false;
        b->tar = b->decoded;
    }
    b->format = arena_printf(&b->arena, "%s%s", worker_scheme(w), codec_suffix(codec));
    return index_tar(b, e);
}

static void list_folder(struct blobs *b, struct worker *w)
{
    b->worker = w;
    for (size_t i = 0; i < worker_nentries(w); i++) {
        const struct input_entry *entry = worker_entry(w, i);
        struct blob *to = ARENA_PUSH(&b->arena, &b->items, &b->n);

        to->order = i;
        to->m.name = arena_strdup(&b->arena, entry->name);
        to->m.size = entry->size;
        to->m.kind = entry->kind == ENTRY_FILE      ? BLOBS_FILE
                     : entry->kind == ENTRY_SYMLINK ? BLOBS_LINK
                                                    : BLOBS_OTHER;
    }
    sort_members(b);
}

bool blobs_open(struct worker *w, struct blobs **out, struct err *e)
{
    struct blobs *b = blobs_new();
    const char *scheme = worker_scheme(w);

    if (strcmp(scheme, "oci-archive") != 0 && strcmp(scheme, "docker-archive") != 0) {
        list_folder(b, w);
    } else if (!open_archive(b, w, e)) {
        blobs_free(b);
        return err_in(e, "%s", scheme);
    }
    *out = b;
    return true;
}

bool blobs_over(struct source *archive, struct blobs **out, struct err *e)
{
    struct blobs *b = blobs_new();

    b->tar = archive;
    b->format = "tar";
    if (!index_tar(b, e)) {
        blobs_free(b);
        return false;
    }
    *out = b;
    return true;
}

void blobs_free(struct blobs *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->n; i++)
        source_free(b->items[i].source);
    source_free(b->decoded);
    source_free(b->file);
    arena_release(&b->arena);
    free(b);
}

/* ---- finding ---- */
static struct blob *lookup(const struct blobs *b, const char *name)
{
    size_t lo = 0, hi = b->n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (strcmp(b->items[mid].m.name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->n && strcmp(b->items[lo].m.name, name) == 0 ? &b->items[lo] : NULL;
}

bool blobs_has(const struct blobs *b, const char *name)
{
    return lookup(b, name) != NULL;
}

/* The regular file that `name` stands for. */
static bool follow(struct blobs *b, const char *name, struct blob **out, struct err *e)
{
    const char *at = name;

    for (int hops = 0; hops <= LIMIT_LINK_HOPS; hops++) {
        struct blob *x = lookup(b, at);

        if (x == NULL && hops == 0)
            return err_fail(e, ERR_FORMAT, "no file named %s", name);
        if (x == NULL)
            return err_fail(e, ERR_FORMAT, "%s is a link to %s, which is not there", name, at);
        if (x->m.twice)
            return err_fail(e, ERR_FORMAT,
                            "%s occurs more than once, readers differ on which counts", at);
        if (x->m.kind == BLOBS_FILE) {
            *out = x;
            return true;
        }
        if (x->m.kind != BLOBS_LINK)
            return err_fail(e, ERR_FORMAT, "%s is not a regular file", at);
        if (x->m.link == NULL)
            return err_fail(e, ERR_FORMAT, "%s is a link that is not followed", at);
        at = x->m.link;
    }
    return err_fail(e, ERR_LIMIT, "%s is behind more than %d links (LIMIT_LINK_HOPS)", name,
                    LIMIT_LINK_HOPS);
}

bool blobs_find(struct blobs *b, const char *name, struct source **out, uint64_t *len,
                struct err *e)
{
    struct slice clean;
    struct blob *x;
    int fd;

    if (!tar_clean(slice_str(name), &b->arena, &clean, e))
        return err_in(e, "%s", name);
    if (!follow(b, keep(&b->arena, clean), &x, e))
        return false;
    if (x->source == NULL && b->worker == NULL)
        x->source = source_sub(b->tar, x->m.at, x->m.size);
    if (x->source == NULL) {
        if (!worker_entry_fd(b->worker, x->order, &fd, e))
            return false;
        x->source = source_fd(fd, 0, x->m.size);
    }
    x->m.asked = true;
    *out = x->source;
    *len = x->m.size;
    return true;
}

size_t blobs_count(const struct blobs *b)
{
    return b->n;
}

const struct blobs_member *blobs_member(const struct blobs *b, size_t i)
{
    return &b->items[i].m;
}

/* ---- the ledger ---- */
static void cover_archive(const struct blobs *b, struct sink *sink, const char *reason)
{
    struct coverage c = {.subject = sink->subject_name,
                         .input = sink->input_name,
                         .format = b->format,
                         .bytes = b->len,
                         .parsed = b->len,
                         .offset = ERR_NO_OFFSET};

    for (size_t i = 0; i < b->n; i++) {
        const struct blobs_member *m = &b->items[i].m;

        c.parsed -= m->size;
        c.scanned += m->asked ? m->size : 0;
        c.unread += m->asked ? 0 : m->size;
    }
    c.status = c.unread > 0 ? COVERAGE_IGNORED : COVERAGE_READ;
    c.reason = c.unread > 0 ? reason : NULL;
    sink_cover(sink, &c);
}

void blobs_account(const struct blobs *b, struct sink *sink, const char *reason)
{
    if (b->format != NULL)
        cover_archive(b, sink, reason);
    for (size_t i = 0; i < b->n; i++) {
        const struct blobs_member *m = &b->items[i].m;
        struct coverage c = {.subject = sink->subject_name,
                             .input = sink->input_name,
                             .path = m->name,
                             .format = "unknown",
                             .bytes = m->size,
                             .unread = m->size,
                             .status = COVERAGE_IGNORED,
                             .reason = reason,
                             .offset = ERR_NO_OFFSET};

        if (m->asked || m->kind == BLOBS_FOLDER || (b->format != NULL && m->kind != BLOBS_FILE))
            continue;
        if (m->kind == BLOBS_LINK)
            c.reason = "a symbolic link, links of a folder are not followed";
        if (m->kind == BLOBS_OTHER)
            c.reason = "not a regular file";
        sink_cover(sink, &c);
    }
}
