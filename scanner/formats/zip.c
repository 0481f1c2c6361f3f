#include "scanner/formats/zip.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"

#define EOCD_LEN 22
#define EOCD64_LEN 56
#define LOCATOR_LEN 20
#define CENTRAL_LEN 46
#define LOCAL_LEN 30
#define TAIL_BYTES ((size_t)65535 + EOCD_LEN)
#define CANDIDATES 16    /* end records looked at, from the last */
#define SECOND_VIEW 1024 /* members up to which the directories of other end records are compared */

struct end {
    uint64_t at;    /* of the record (the zip64 one when there is one) */
    uint64_t after; /* behind the record and its comment */
    uint64_t start; /* of the directory */
    uint64_t size, count;
    uint64_t records; /* bytes of the end records and the comment */
    uint64_t delta;   /* the directory stands so many bytes behind the place that the record says */
    bool shifted;     /* it does, or there are bytes between directory and record */
};

struct zip_in {
    struct source *s;
    uint64_t len;
    struct arena *a;
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
};

const char *zip_flag_name(enum zip_flag f)
{
    return flag_names[f];
}

static bool fetch(struct source *s, uint64_t at, uint8_t *buf, size_t n, struct reader *r)
{
    struct err ignored = {0};

    if (!source_read(s, at, buf, n, &ignored))
        return false;
    *r = reader_at((struct slice){buf, n}, at);
    return true;
}

static bool signature(struct reader *r, uint32_t want)
{
    uint32_t sig;

    return reader_u32le(r, &sig) && sig == want;
}

/* ---- end records ---- */
/* SPEC: APPNOTE 4.3.14, 4.3.15: the zip64 records stand right before the end record. */
static bool read_end64(struct source *s, uint64_t eocd_at, struct end *d)
{
    uint8_t buf[EOCD64_LEN];
    struct reader r;
    uint64_t at, size;
    uint32_t disk, disks;

    if (eocd_at < LOCATOR_LEN || !fetch(s, eocd_at - LOCATOR_LEN, buf, LOCATOR_LEN, &r) ||
        !signature(&r, 0x07064b50) || !reader_u32le(&r, &disk) || !reader_u64le(&r, &at) ||
        !reader_u32le(&r, &disks))
        return false;
    if (!fetch(s, at, buf, EOCD64_LEN, &r) || !signature(&r, 0x06064b50)) {
        at = eocd_at - LOCATOR_LEN - EOCD64_LEN; /* bytes in front shift it */
        if (eocd_at < LOCATOR_LEN + EOCD64_LEN || !fetch(s, at, buf, EOCD64_LEN, &r) ||
            !signature(&r, 0x06064b50))
            return false;
        d->shifted = true;
    }
    if (!reader_u64le(&r, &size) || !reader_skip(&r, 20) || !reader_u64le(&r, &d->count) ||
        !reader_u64le(&r, &d->size) || !reader_u64le(&r, &d->start))
        return false;
    d->at = at;
    d->records += eocd_at - at;
    return true;
}

/* Where the directory really is: by the offset, or right before the record. */
static bool place_directory(struct source *s, struct end *d)
{
    uint8_t buf[4];
    struct reader r;
    const uint64_t said = d->start;

    if (d->size > d->at)
        return false;
    if (d->count == 0 && d->size == 0) {
        d->start = d->at;
        return said <= d->at;
    }
    if (said <= d->at && d->size <= d->at - said && fetch(s, said, buf, 4, &r) &&
        signature(&r, 0x02014b50)) {
        d->shifted = d->shifted || said + d->size != d->at;
        return true;
    }
    d->start = d->at - d->size;
    d->shifted = true;
    d->delta = d->start > said ? d->start - said : 0;
    return fetch(s, d->start, buf, 4, &r) && signature(&r, 0x02014b50);
}

static bool read_end(struct source *s, uint64_t len, uint64_t at, struct end *d)
{
    uint8_t buf[EOCD_LEN];
    struct reader r;
    uint16_t count, comment;
    uint32_t size, start;

    *d = (struct end){.at = at};
    if (!fetch(s, at, buf, EOCD_LEN, &r) || !signature(&r, 0x06054b50) || !reader_skip(&r, 6) ||
        !reader_u16le(&r, &count) || !reader_u32le(&r, &size) || !reader_u32le(&r, &start) ||
        !reader_u16le(&r, &comment))
        return false;
    d->count = count;
    d->size = size;
    d->start = start;
    d->after = at + EOCD_LEN + comment;
    if (d->after > len)
        d->after = len; /* Python cuts a comment that is too long */
    d->records = d->after - at;
    (void)read_end64(s, at, d);
    return place_directory(s, d);
}

/* The end records of the tail that lead to a directory, the last first. */
static size_t find_ends(struct source *s, uint64_t len, struct slice tail, struct end *out)
{
    size_t n = 0;

    for (size_t i = tail.len; i-- > 0 && n < CANDIDATES;)
        if (tail.len - i >= EOCD_LEN && memcmp(tail.data + i, "PK\5\6", 4) == 0 &&
            read_end(s, len, len - tail.len + i, &out[n]))
            n++;
    return n;
}

bool zip_ends(struct source *s, uint64_t len, struct slice tail)
{
    struct end ends[CANDIDATES];

    if (tail.len > TAIL_BYTES)
        tail = slice_from(tail, tail.len - TAIL_BYTES);
    return find_ends(s, len, tail, ends) > 0;
}

/* ---- members ---- */
static void flag(struct zip_member *m, enum zip_flag f)
{
    m->anomalies |= 1u << f;
}

/* SPEC: APPNOTE 4.5.3: the fields that are all ones, in this order. */
static bool read_extra64(struct reader extra, struct zip_member *m, uint64_t *header_at)
{
    struct reader field;
    uint16_t id, len;

    while (reader_u16le(&extra, &id) && reader_u16le(&extra, &len)) {
        if (!reader_sub(&extra, len, &field))
            return false;
        if (id != 1)
            continue;
        if (m->size == UINT32_MAX && !reader_u64le(&field, &m->size))
            return false;
        if (m->packed == UINT32_MAX && !reader_u64le(&field, &m->packed))
            return false;
        if (header_at != NULL && *header_at == UINT32_MAX && !reader_u64le(&field, header_at))
            return false;
        return true;
    }
    return true;
}

/* What the name and the attributes of a member would do to a careless unpacker. */
static void judge_name(struct zip_member *m, uint32_t attributes, bool unix_made)
{
    const struct slice n = m->name;
    const uint32_t kind = unix_made ? attributes >> 16 & 0170000 : 0;

    if (n.len == 0)
        flag(m, ZIP_ODD_NAME);
    for (size_t i = 0; i < n.len; i++) {
        const bool starts = i == 0 || n.data[i - 1] == '/' || n.data[i - 1] == '\\';

        if (n.data[i] < ' ' || n.data[i] == 0x7f || n.data[i] == '\\')
            flag(m, ZIP_ODD_NAME);
        if (starts && n.len - i >= 2 && n.data[i] == '.' && n.data[i + 1] == '.' &&
            (n.len - i == 2 || n.data[i + 2] == '/' || n.data[i + 2] == '\\'))
            flag(m, ZIP_TRAVERSAL);
    }
    if (n.len > 0 && (n.data[0] == '/' || n.data[0] == '\\' || (n.len > 1 && n.data[1] == ':')))
        flag(m, ZIP_ABSOLUTE);
    if (kind == 0120000)
        flag(m, ZIP_SYMLINK);
    else if (kind != 0 && kind != 0100000 && kind != 0040000)
        flag(m, ZIP_DEVICE);
    m->folder = n.len > 0 && n.data[n.len - 1] == '/' && m->size == 0;
}

static bool read_central(struct source *s, struct arena *a, uint64_t *at, struct zip_member *m,
                         struct err *e)
{
    uint8_t buf[CENTRAL_LEN], *rest;
    struct reader r, tail;
    uint16_t made, name_len, extra_len, comment_len, disk;
    uint32_t packed, size, attributes, header_at;

    if (!fetch(s, *at, buf, CENTRAL_LEN, &r) || !signature(&r, 0x02014b50))
        return err_pos(e, ERR_FORMAT, *at, "no member header where the zip directory goes on");
    if (!reader_u16le(&r, &made) || !reader_skip(&r, 2) || !reader_u16le(&r, &m->flags) ||
        !reader_u16le(&r, &m->method) || !reader_skip(&r, 4) || !reader_u32le(&r, &m->crc) ||
        !reader_u32le(&r, &packed) || !reader_u32le(&r, &size) || !reader_u16le(&r, &name_len) ||
        !reader_u16le(&r, &extra_len) || !reader_u16le(&r, &comment_len) ||
        !reader_u16le(&r, &disk) || !reader_skip(&r, 2) || !reader_u32le(&r, &attributes) ||
        !reader_u32le(&r, &header_at))
        return err_pos(e, ERR_FORMAT, *at, "a zip directory entry is cut short");
    rest = arena_alloc(a, (size_t)name_len + extra_len);
    if (!fetch(s, *at + CENTRAL_LEN, rest, (size_t)name_len + extra_len, &tail) ||
        !reader_bytes(&tail, name_len, &m->name))
        return err_pos(e, ERR_FORMAT, *at, "a zip directory entry is cut short");
    m->packed = packed;
    m->size = size;
    m->header_at = header_at;
    if (!read_extra64(tail, m, &m->header_at))
        return err_pos(e, ERR_FORMAT, *at, "a zip64 field is cut short");
    if (disk != 0)
        flag(m, ZIP_SPLIT);
    /* Bit 0 encrypted, 5 patched, 6 strong encryption, 13 masked headers. SPEC: APPNOTE 4.4.4. */
    if ((m->flags & 0x2061) != 0)
        flag(m, ZIP_ENCRYPTED);
    if (m->method != 0 && m->method != 8)
        flag(m, ZIP_METHOD);
    judge_name(m, attributes, made >> 8 == 3);
    *at += (uint64_t)CENTRAL_LEN + name_len + extra_len + comment_len;
    return true;
}

/* SPEC: APPNOTE 4.3.9: crc and sizes of 4 or 8 bytes, with or without a signature. */
static uint64_t descriptor_len(struct source *s, const struct zip_member *m, uint64_t at)
{
    static const uint64_t lens[] = {16, 24, 12, 20};
    uint8_t buf[24];
    uint32_t crc, packed32;
    uint64_t packed;

    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        const bool wide = lens[i] % 16 == 8 || lens[i] == 20;
        struct reader r;

        if (!fetch(s, at, buf, (size_t)lens[i], &r))
            continue;
        if (i < 2 && !signature(&r, 0x08074b50))
            continue;
        if (!reader_u32le(&r, &crc) || crc != m->crc)
            continue;
        packed = 0;
        if (wide ? !reader_u64le(&r, &packed) : !reader_u32le(&r, &packed32))
            continue;
        if ((wide ? packed : packed32) == m->packed)
            return lens[i];
    }
    return 0;
}

/* The local header must say the same. Sizes may be zero when a descriptor follows. */
static void read_local(struct source *s, uint64_t len, struct arena *a, struct zip_member *m)
{
    struct zip_member local = {0};
    uint8_t buf[LOCAL_LEN], *rest;
    struct reader r, tail;
    uint16_t name_len, extra_len;
    uint32_t packed, size;

    flag(m, ZIP_NO_LOCAL);
    if (!fetch(s, m->header_at, buf, LOCAL_LEN, &r) || !signature(&r, 0x04034b50) ||
        !reader_skip(&r, 2) || !reader_u16le(&r, &local.flags) ||
        !reader_u16le(&r, &local.method) || !reader_skip(&r, 4) || !reader_u32le(&r, &local.crc) ||
        !reader_u32le(&r, &packed) || !reader_u32le(&r, &size) || !reader_u16le(&r, &name_len) ||
        !reader_u16le(&r, &extra_len))
        return;
    rest = arena_alloc(a, (size_t)name_len + extra_len);
    if (!fetch(s, m->header_at + LOCAL_LEN, rest, (size_t)name_len + extra_len, &tail) ||
        !reader_bytes(&tail, name_len, &m->local_name))
        return;
    local.packed = packed;
    local.size = size;
    m->data_at = m->header_at + LOCAL_LEN + name_len + extra_len;
    if (m->packed > len || m->data_at > len - m->packed)
        return;
    m->anomalies &= ~(1u << ZIP_NO_LOCAL);
    m->end = m->data_at + m->packed;
    m->readable = true;
    if (!read_extra64(tail, &local, NULL) || !slice_eq(m->name, m->local_name) ||
        local.method != m->method || ((local.flags ^ m->flags) & ~0x0806) != 0)
        flag(m, ZIP_LOCAL_MISMATCH);
    if ((local.flags & 0x2061) != 0)
        flag(m, ZIP_ENCRYPTED);
    if ((local.flags & 8) != 0 && (local.crc == 0 || local.crc == m->crc) &&
        (local.packed == 0 || local.packed == m->packed) &&
        (local.size == 0 || local.size == m->size))
        m->end += descriptor_len(s, m, m->end);
    else if (local.crc != m->crc || local.packed != m->packed || local.size != m->size)
        flag(m, ZIP_LOCAL_MISMATCH);
    if (m->method == 0 && m->packed != m->size)
        flag(m, ZIP_LOCAL_MISMATCH);
}

/* ---- the whole ---- */
/* Where the local header is: as written, or moved by as much as the directory is. */
static uint64_t moved(struct source *s, uint64_t header_at, uint64_t delta)
{
    uint8_t buf[4];
    struct reader r;

    if (delta == 0 || header_at > UINT64_MAX - delta)
        return header_at;
    if (fetch(s, header_at + delta, buf, 4, &r) && signature(&r, 0x04034b50))
        return header_at + delta;
    return header_at;
}

static bool known(const struct zip *z, const struct zip_member *m)
{
    for (size_t i = 0; i < z->n; i++)
        if (z->members[i].header_at == m->header_at && slice_eq(z->members[i].name, m->name))
            return true;
    return false;
}

/* Adds the members of one directory; of a second one only those that the first does not have. */
static bool read_directory(struct zip_in *in, const struct end *d, struct zip *z, struct err *e)
{
    const bool first = z->directories == 0;
    uint64_t at = d->start, count = 0;

    while (at < d->start + d->size) {
        struct zip_member m = {0}, *kept;

        if (z->n >= LIMIT_ZIP_MEMBERS || count > LIMIT_ZIP_MEMBERS)
            return err_pos(e, ERR_LIMIT, at, "more than %d members (LIMIT_ZIP_MEMBERS)",
                           LIMIT_ZIP_MEMBERS);
        if (!read_central(in->s, in->a, &at, &m, e))
            return false;
        count++;
        m.header_at = moved(in->s, m.header_at, d->delta);
        if (!first && (z->n > SECOND_VIEW || known(z, &m)))
            continue;
        read_local(in->s, in->len, in->a, &m);
        kept = ARENA_PUSH(in->a, &z->members, &z->n);
        *kept = m;
    }
    if (first && (at != d->at || count != d->count))
        z->gaps = true;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct zip_member *x = a, *y = b;

    if (x->header_at != y->header_at)
        return x->header_at < y->header_at ? -1 : 1;
    return slice_cmp(x->name, y->name);
}

static uint8_t folded(uint8_t c)
{
    if (c == '\\')
        return '/';
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

struct named {
    struct zip_member *member;
};

static int by_name(const void *a, const void *b)
{
    const struct slice x = ((const struct named *)a)->member->name;
    const struct slice y = ((const struct named *)b)->member->name;
    const size_t n = x.len < y.len ? x.len : y.len;

    for (size_t i = 0; i < n; i++)
        if (folded(x.data[i]) != folded(y.data[i]))
            return folded(x.data[i]) < folded(y.data[i]) ? -1 : 1;
    return x.len == y.len ? 0 : x.len < y.len ? -1 : 1;
}

static void find_duplicates(struct zip *z, struct arena *a)
{
    struct named *sorted = ARENA_ARRAY(a, struct named, z->n);

    for (size_t i = 0; i < z->n; i++)
        sorted[i].member = &z->members[i];
    if (z->n > 0)
        qsort(sorted, z->n, sizeof(*sorted), by_name);
    for (size_t i = 1; i < z->n; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0) {
            flag(sorted[i - 1].member, ZIP_DUPLICATE);
            flag(sorted[i].member, ZIP_DUPLICATE);
        }
}

/* Bytes from `from` to `to` that belong to nothing. */
static void gap(struct source *s, struct zip *z, uint64_t from, uint64_t to)
{
    uint8_t buf[4];
    struct reader r;

    z->unclaimed += to - from;
    if (from == 0)
        z->leading = true;
    else
        z->gaps = true;
    if (to - from >= 4 && fetch(s, from, buf, 4, &r) && signature(&r, 0x04034b50))
        z->orphans = true;
}

/* Walks the members in their order and finds what lies between and above each other. */
static void lay_out(struct source *s, struct zip *z)
{
    struct zip_member *last = NULL;
    uint64_t at = 0;

    for (size_t i = 0; i < z->n; i++) {
        struct zip_member *m = &z->members[i];

        if (!m->readable)
            continue;
        m->counted = m->header_at >= at && m->end <= z->directory_at;
        if (!m->counted)
            flag(m, ZIP_OVERLAP);
        if (last != NULL && m->header_at < at)
            flag(last, ZIP_OVERLAP);
        if (m->header_at > at && m->header_at < z->directory_at)
            gap(s, z, at, m->header_at);
        if (m->counted)
            z->structure += m->end - m->header_at - m->packed;
        if (m->end > at) {
            at = m->end;
            last = m;
        }
    }
    if (at < z->directory_at)
        gap(s, z, at, z->directory_at);
}

static bool read_tail(struct source *s, uint64_t len, uint8_t *buf, struct slice *out,
                      struct err *e)
{
    const size_t n = len < TAIL_BYTES ? (size_t)len : TAIL_BYTES;

    *out = (struct slice){buf, n};
    return source_read(s, len - n, buf, n, e);
}

bool zip_open(struct source *s, uint64_t len, struct arena *a, struct zip *out, struct err *e)
{
    struct zip_in in = {s, len, a};
    struct end ends[CANDIDATES];
    struct slice tail;
    size_t n;

    *out = (struct zip){0};
    if (!read_tail(s, len, arena_alloc(a, len < TAIL_BYTES ? (size_t)len : TAIL_BYTES), &tail, e))
        return false;
    n = find_ends(s, len, tail, ends);
    if (n == 0)
        return err_pos(e, ERR_FORMAT, len, "no end record that leads to a zip directory");
    out->directory_at = ends[0].start;
    out->end = ends[0].after;
    out->structure = ends[0].size + ends[0].records;
    out->prefixed = ends[0].shifted;
    out->trailing = ends[0].after < len;
    if (ends[0].start + ends[0].size < ends[0].at)
        out->gaps = true;
    for (size_t i = 0; i < n; i++) {
        struct err ignored = {0};

        if (!read_directory(&in, &ends[i], out, i == 0 ? e : &ignored) && i == 0)
            return false;
        out->directories++;
    }
    if (out->n > 0)
        qsort(out->members, out->n, sizeof(*out->members), by_place);
    find_duplicates(out, a);
    lay_out(s, out);
    return true;
}
