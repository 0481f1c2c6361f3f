#include "scanner/formats/zip/zip.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/zip/zip_end.h"
#include "scanner/formats/zip/zip_member.h"
#include "scanner/formats/zip/zip_read.h"

#define LOCAL_LEN 30 /* bytes of a local header before its name */

struct walk {
    struct zip_member_in in;
    struct zip *z;
};

static const char *const flag_names[ZIP_FLAGS] = {
    [ZIP_TRAVERSAL] = "traversal",
    [ZIP_ABSOLUTE] = "absolute",
    [ZIP_ODD_NAME] = "odd-name",
    [ZIP_SYMLINK] = "symlink",
    [ZIP_DEVICE] = "device",
    [ZIP_DUPLICATE] = "duplicate",
    [ZIP_ENCRYPTED] = "encrypted",
    [ZIP_METHOD] = "method",
    [ZIP_OVERLAP] = "overlap",
    [ZIP_LOCAL_MISMATCH] = "local-central-mismatch",
    [ZIP_NO_LOCAL] = "no-local-header",
    [ZIP_CRC] = "crc",
    [ZIP_SPLIT] = "split",
    [ZIP_EXTRA] = "extra-field",
    [ZIP_UNICODE_NAME] = "unicode-name",
    [ZIP_ORPHAN] = "orphan",
    [ZIP_DESCRIPTOR] = "descriptor",
};

const char *zip_flag_name(enum zip_flag f)
{
    return flag_names[f];
}

bool zip_ends(struct source *s, uint64_t len, struct slice tail)
{
    struct zip_end views[ZIP_END_VIEWS];

    return zip_end_find(s, len, tail, views) > 0;
}

/* ---- directories ---- */
/* Where the local header is: as written, or moved by as much as the directory is. */
static uint64_t moved(struct source *s, uint64_t header_at, uint64_t delta)
{
    uint64_t to;

    if (delta != 0 && checked_add(header_at, delta, &to) && zip_read_is(s, to, ZIP_READ_LOCAL))
        return to;
    return header_at;
}

static bool push(struct walk *w, const struct zip_member *m, uint64_t at, struct err *e)
{
    struct zip_member *kept;

    if (w->z->n >= LIMIT_ZIP_MEMBERS)
        return err_pos(e, ERR_LIMIT, at, "more than %d members (LIMIT_ZIP_MEMBERS)",
                       LIMIT_ZIP_MEMBERS);
    kept = ARENA_PUSH(w->in.a, &w->z->members, &w->z->n);
    *kept = *m;
    return true;
}

/* One directory. Some readers stop after as many bytes as the record says, some after as many
 * entries, some where no entry follows: all of them are taken. `*to` is where it ends. */
static bool read_directory(struct walk *w, const struct zip_end *d, uint64_t *to, struct err *e)
{
    struct zip *z = w->z;
    uint64_t at = d->start, count = 0;
    struct err broken = {0};

    while (at < d->at && (at < d->start + d->size || zip_read_is(w->in.s, at, ZIP_READ_CENTRAL))) {
        struct zip_member m = {.index = (uint32_t)count, .view = z->directories}, other;

        if (!zip_member_central(&w->in, &at, &m, &broken)) {
            if (broken.code == ERR_LIMIT) {
                *e = broken;
                return false;
            }
            if (z->directories == 0)
                z->error = broken;
            break;
        }
        m.header_at = moved(w->in.s, m.header_at, d->delta);
        count++;
        if (zip_member_local(&w->in, &m, &other)) {
            other.index = m.index;
            other.view = m.view;
            if (!push(w, &other, at, e))
                return false;
        }
        if (!push(w, &m, at, e))
            return false;
    }
    if (at != d->start + d->size || count != d->count)
        z->mismatch = true;
    *to = at < d->at ? at : d->at;
    z->directories++;
    return true;
}

/* Does a record lie within the contents of a member, or of a stored one? It is its own, then. */
static bool within_member(const struct zip *z, uint64_t at, bool stored)
{
    for (size_t i = 0; i < z->n; i++) {
        const struct zip_member *m = &z->members[i];

        if (m->readable && !m->second && (m->method == 0 || !stored) && at >= m->data_at &&
            at - m->data_at < m->packed)
            return true;
    }
    return false;
}

/* The directory that counts is the first; what the others have is added. A record inside of a
 * member is not looked at when the archive itself leaves no doubt: the member is read by itself. */
static bool read_all(struct walk *w, const struct zip_end *ends, size_t n, struct err *e)
{
    struct zip *z = w->z;
    uint64_t to;
    bool sound;

    if (!read_directory(w, &ends[0], &to, e))
        return false;
    z->directory_at = ends[0].start;
    z->end = ends[0].after;
    z->structure = to - ends[0].start + (ends[0].after - ends[0].at);
    z->prefixed = ends[0].shifted;
    z->trailing = ends[0].after < w->in.len;
    z->mismatch = z->mismatch || ends[0].mismatch;
    if (to < ends[0].at)
        z->gaps = true;
    sound = !z->prefixed && !z->trailing && !z->mismatch && z->error.code == ERR_NONE;
    for (size_t i = 1; i < n; i++)
        if (!(sound && within_member(z, ends[i].record, true)) &&
            !read_directory(w, &ends[i], &to, e))
            return false;
    return true;
}

/* End records from which no strict way leads to a directory. Lenient readers look around for one:
 * where a member does not explain the record, the archive is not told apart from such. */
static void find_strays(struct walk *w, struct slice tail, const struct zip_end *ends, size_t n)
{
    const uint64_t from = w->in.len - tail.len;
    size_t at = 0, skip;

    while (slice_find(slice_from(tail, at), SLICE_LIT("PK\5\6"), &skip)) {
        bool known = tail.len - at - skip < ZIP_END_LEN;

        at += skip;
        for (size_t i = 0; i < n && !known; i++)
            known = ends[i].record == from + at;
        if (!known && !within_member(w->z, from + at, false))
            w->z->mismatch = true;
        at += 4;
    }
}

/* ---- the members together ---- */
/* By place; of equal ones the view that counts first. */
static int by_place(const void *a, const void *b)
{
    const struct zip_member *x = a, *y = b;
    const int names = slice_cmp(x->name, y->name);

    if (x->header_at != y->header_at)
        return x->header_at < y->header_at ? -1 : 1;
    if (x->second != y->second)
        return x->second ? 1 : -1;
    if (names != 0)
        return names;
    if (x->packed != y->packed)
        return x->packed < y->packed ? -1 : 1;
    if (x->method != y->method)
        return x->method < y->method ? -1 : 1;
    if (x->view != y->view)
        return x->view < y->view ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool same_bytes(const struct zip_member *x, const struct zip_member *y)
{
    return x->header_at == y->header_at && x->second == y->second && x->packed == y->packed &&
           x->method == y->method && x->size == y->size && slice_eq(x->name, y->name);
}

/* What another view shows just the same is no other member. */
static void sort_members(struct zip *z)
{
    size_t kept = 0;

    if (z->n > 0)
        qsort(z->members, z->n, sizeof(*z->members), by_place);
    for (size_t i = 0; i < z->n; i++)
        if (kept == 0 || !same_bytes(&z->members[kept - 1], &z->members[i]) ||
            (z->members[kept - 1].view == z->members[i].view && !z->members[i].second))
            z->members[kept++] = z->members[i];
    z->n = kept;
}

static uint8_t folded(uint8_t c)
{
    if (c == '\\')
        return '/';
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* A name as unpackers see it: to its first NUL, without slashes at the end and "./" in front. */
static struct slice bare(struct slice s)
{
    const uint8_t *nul = s.len > 0 ? memchr(s.data, 0, s.len) : NULL;

    if (nul != NULL)
        s.len = (size_t)(nul - s.data);
    while (s.len > 0 && folded(s.data[s.len - 1]) == '/')
        s.len--;
    while (s.len > 1 && s.data[0] == '.' && folded(s.data[1]) == '/')
        s = slice_from(s, 2);
    return s;
}

/* Where a reader without a directory that loses its place finds stored bytes, they may hold what
 * looks like a member. Members are in their order. */
static void find_loose(struct zip *z)
{
    bool stored = false;

    for (size_t i = z->n; i-- > 0;) {
        struct zip_member *m = &z->members[i];

        if (m->loose && stored)
            zip_member_flag(m, ZIP_DESCRIPTOR);
        stored = stored || (m->readable && m->method == 0 && m->packed >= LOCAL_LEN);
    }
}

struct named {
    struct zip_member *member;
    struct slice name;
};

static int by_name(const void *a, const void *b)
{
    const struct slice x = ((const struct named *)a)->name, y = ((const struct named *)b)->name;
    const size_t n = x.len < y.len ? x.len : y.len;

    for (size_t i = 0; i < n; i++)
        if (folded(x.data[i]) != folded(y.data[i]))
            return folded(x.data[i]) < folded(y.data[i]) ? -1 : 1;
    return x.len == y.len ? 0 : x.len < y.len ? -1 : 1;
}

static void find_duplicates(struct zip *z, struct arena *a)
{
    struct named *sorted = ARENA_ARRAY(a, struct named, z->n);
    size_t n = 0;

    for (size_t i = 0; i < z->n; i++)
        if (!z->members[i].second)
            sorted[n++] = (struct named){&z->members[i], bare(z->members[i].name)};
    if (n > 0)
        qsort(sorted, n, sizeof(*sorted), by_name);
    for (size_t i = 1; i < n; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0 &&
            !(sorted[i - 1].member->folder && sorted[i].member->folder)) {
            zip_member_flag(sorted[i - 1].member, ZIP_DUPLICATE);
            zip_member_flag(sorted[i].member, ZIP_DUPLICATE);
        }
}

/* ---- what lies between ---- */
/* Members that no directory knows: readers that go from local header to local header see them. */
static bool find_orphans(struct walk *w, uint64_t from, uint64_t to, struct err *e)
{
    struct zip *z = w->z;
    uint64_t at = from;

    while (at < to && to - at >= 4) {
        const size_t n = to - at < ZIP_MEMBER_ROOM ? (size_t)(to - at) : ZIP_MEMBER_ROOM;
        struct zip_member m;
        struct reader r;
        size_t i = 0;

        if (!zip_read_at(w->in.s, at, w->in.room, n, &r))
            return true; /* shows where the stream is read as a whole */
        while (i + 4 <= n && memcmp(w->in.room + i, "PK\3\4", 4) != 0) {
            const uint8_t *p = memchr(w->in.room + i + 1, 'P', n - i - 1);

            i = p != NULL ? (size_t)(p - w->in.room) : n;
        }
        if (i + 4 > n) {
            at += n == to - at ? n : n - 3;
            continue;
        }
        at += i;
        z->orphans = true;
        if (zip_member_orphan(&w->in, at, to, &m)) {
            if (!push(w, &m, at, e))
                return false;
            at = m.end > at + 4 ? m.end : at + 4;
        } else {
            at += 4;
        }
    }
    return true;
}

/* Bytes from `from` to `to` that belong to nothing. */
static bool gap(struct walk *w, uint64_t from, uint64_t to, struct err *e)
{
    if (from == 0)
        w->z->leading = true;
    else
        w->z->gaps = true;
    return find_orphans(w, from, to, e);
}

/* Walks the members in their order and finds what lies between and above each other. */
static bool lay_out(struct walk *w, struct err *e)
{
    struct zip *z = w->z;
    const size_t n = z->n; /* orphans are added behind */
    size_t last = SIZE_MAX;
    uint64_t at = 0;

    for (size_t i = 0; i < n; i++) {
        struct zip_member *m = &z->members[i];
        const uint64_t header_at = m->header_at, end = m->end;

        if (!m->readable || m->second)
            continue;
        m->counted = header_at >= at && end <= z->directory_at;
        if (!m->counted)
            zip_member_flag(m, ZIP_OVERLAP);
        if (last != SIZE_MAX && header_at < at)
            zip_member_flag(&z->members[last], ZIP_OVERLAP);
        if (m->counted)
            z->structure += end - header_at - m->packed;
        if (header_at > at && header_at < z->directory_at && !gap(w, at, header_at, e))
            return false;
        if (end > at) {
            at = end;
            last = i;
        }
    }
    return at >= z->directory_at || gap(w, at, z->directory_at, e);
}

static bool open_walk(struct walk *w, struct slice tail, struct err *e)
{
    struct zip_end ends[ZIP_END_VIEWS];
    struct zip *z = w->z;
    const size_t n = zip_end_find(w->in.s, w->in.len, tail, ends);

    if (n == 0) {
        err_set(&z->error, ERR_FORMAT, w->in.len, "no end record that leads to a zip directory");
        z->directory_at = z->end = w->in.len;
    } else if (!read_all(w, ends, n, e)) {
        return false;
    } else {
        find_strays(w, tail, ends, n);
    }
    sort_members(z);
    if (!lay_out(w, e))
        return false;
    if (z->trailing && !find_orphans(w, z->end, w->in.len, e))
        return false;
    sort_members(z);
    find_loose(z);
    find_duplicates(z, w->in.a);
    return true;
}

bool zip_open(struct source *s, uint64_t len, struct arena *a, struct zip *out, struct err *e)
{
    const size_t n = len < ZIP_END_TAIL ? (size_t)len : ZIP_END_TAIL;
    struct walk w = {.in = {.s = s, .len = len, .a = a}, .z = out};
    uint8_t *tail = arena_alloc(a, n);

    *out = (struct zip){0};
    w.in.room = arena_alloc(a, ZIP_MEMBER_ROOM);
    return source_read(s, len - n, tail, n, e) && open_walk(&w, (struct slice){tail, n}, e);
}
