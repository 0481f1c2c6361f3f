#include "scanner/formats/zip/zip_end.h"

#include <string.h>

#include "scanner/formats/zip/zip_read.h"

#define END64_LEN 56
#define LOCATOR_LEN 20

struct views {
    struct source *s;
    uint64_t len;
    struct zip_end *out;
    size_t n;
};

/* What one record says: 32-bit fields are widened. */
struct said {
    uint64_t at, start, size, count;
    bool mismatch;
};

static void add(struct views *v, const struct zip_end *d)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->out[i].start == d->start && v->out[i].size == d->size &&
            v->out[i].record == d->record && v->out[i].delta == d->delta)
            return;
    if (v->n < ZIP_END_VIEWS)
        v->out[v->n++] = *d;
}

/* The directory by its offset, and right before the record. */
static void place(struct views *v, const struct zip_end *base, const struct said *x)
{
    struct zip_end d = *base;

    d.at = x->at;
    d.size = x->size;
    d.count = x->count;
    d.mismatch = base->mismatch || x->mismatch;
    if (x->size > x->at)
        return;
    if (x->count == 0 && x->size == 0) {
        d.start = x->at;
        d.shifted = x->start != x->at;
        if (x->start <= x->at)
            add(v, &d);
        return;
    }
    d.start = x->start;
    if (x->start <= x->at - x->size && zip_read_is(v->s, x->start, ZIP_READ_CENTRAL)) {
        d.shifted = x->start != x->at - x->size;
        add(v, &d);
    }
    if (x->start == x->at - x->size)
        return;
    d.start = x->at - x->size;
    d.shifted = true;
    d.delta = d.start > x->start ? d.start - x->start : 0;
    if (zip_read_is(v->s, d.start, ZIP_READ_CENTRAL))
        add(v, &d);
}

static bool read_end64(struct source *s, uint64_t at, struct said *out)
{
    uint8_t buf[END64_LEN];
    struct reader r;
    uint64_t size, here;
    uint32_t disk, first;

    out->at = at;
    if (!zip_read_at(s, at, buf, sizeof(buf), &r) || !zip_read_signature(&r, ZIP_READ_END64) ||
        !reader_u64le(&r, &size) || !reader_skip(&r, 4) || !reader_u32le(&r, &disk) ||
        !reader_u32le(&r, &first) || !reader_u64le(&r, &here) || !reader_u64le(&r, &out->count) ||
        !reader_u64le(&r, &out->size) || !reader_u64le(&r, &out->start))
        return false;
    out->mismatch = disk != 0 || first != 0 || here != out->count;
    return true;
}

/* Does the 32-bit record say the same, where it says anything at all? */
static bool agrees(const struct said *old, const struct said *wide)
{
    return (old->count == UINT16_MAX || old->count == wide->count) &&
           (old->size == UINT32_MAX || old->size == wide->size) &&
           (old->start == UINT32_MAX || old->start == wide->start);
}

/* The zip64 records of the end record at `record`; true when one leads somewhere and says what the
 * old one says. */
static bool wide_views(struct views *v, const struct zip_end *base, const struct said *old)
{
    uint8_t buf[LOCATOR_LEN];
    struct reader r;
    struct said far, near;
    uint64_t at;
    uint32_t disk, disks;
    const uint64_t locator = base->record - LOCATOR_LEN;
    bool has_far, has_near = false, same = true;

    if (base->record < LOCATOR_LEN || !zip_read_at(v->s, locator, buf, sizeof(buf), &r) ||
        !zip_read_signature(&r, ZIP_READ_LOCATOR) || !reader_u32le(&r, &disk) ||
        !reader_u64le(&r, &at) || !reader_u32le(&r, &disks))
        return false;
    has_far = at < locator && read_end64(v->s, at, &far);
    if (locator >= END64_LEN && (!has_far || at != locator - END64_LEN))
        has_near = read_end64(v->s, locator - END64_LEN, &near);
    if (has_far) {
        same = agrees(old, &far);
        far.mismatch = far.mismatch || !same || has_near || disk != 0 || disks > 1;
        place(v, base, &far);
    }
    if (has_near) { /* bytes in front of the archive shift it */
        same = same && agrees(old, &near);
        near.mismatch = near.mismatch || !same || disk != 0 || disks > 1;
        place(v, base, &near);
    }
    return (has_far || has_near) && same;
}

static void read_end(struct views *v, uint64_t at)
{
    uint8_t buf[ZIP_END_LEN];
    struct reader r;
    struct zip_end base = {.record = at};
    struct said old = {.at = at};
    uint16_t disk, first, here, count, comment;
    uint32_t size, start;

    if (!zip_read_at(v->s, at, buf, sizeof(buf), &r) || !zip_read_signature(&r, ZIP_READ_END) ||
        !reader_u16le(&r, &disk) || !reader_u16le(&r, &first) || !reader_u16le(&r, &here) ||
        !reader_u16le(&r, &count) || !reader_u32le(&r, &size) || !reader_u32le(&r, &start) ||
        !reader_u16le(&r, &comment))
        return;
    old.count = count;
    old.size = size;
    old.start = start;
    /* all ones: the zip64 record says it */
    base.mismatch =
        (disk != 0 && disk != UINT16_MAX) || (first != 0 && first != UINT16_MAX) || here != count;
    base.after = at + ZIP_END_LEN + comment;
    if (base.after > v->len) {
        base.after = v->len; /* CPython cuts a comment that is too long, others refuse it */
        base.mismatch = true;
    }
    if (wide_views(v, &base, &old))
        return;
    place(v, &base, &old);
}

size_t zip_end_find(struct source *s, uint64_t len, struct slice tail, struct zip_end *out)
{
    struct views v = {s, len, out, 0};

    if (tail.len > ZIP_END_TAIL)
        tail = slice_from(tail, tail.len - ZIP_END_TAIL);
    for (size_t i = tail.len; i-- > 0 && v.n < ZIP_END_VIEWS;)
        if (tail.len - i >= ZIP_END_LEN && memcmp(tail.data + i, "PK\5\6", 4) == 0)
            read_end(&v, len - tail.len + i);
    return v.n;
}
