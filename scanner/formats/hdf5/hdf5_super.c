#include "scanner/formats/hdf5/hdf5_super.h"

#include <inttypes.h>
#include <string.h>

#define SUPER_MAX 128 /* bytes; version 1 with 8-byte addresses has 100 */

bool hdf5_super_find(struct slice head, uint64_t *at)
{
    for (size_t i = 0; i < head.len; i = i == 0 ? 512 : i * 2)
        if (slice_starts(slice_from(head, i), HDF5_SIGNATURE)) {
            *at = i;
            return true;
        }
    return false;
}

bool hdf5_super_behind(struct source *s, uint64_t from, bool *found, struct err *e)
{
    const uint64_t len = source_len(s);

    *found = false;
    for (uint64_t at = from; at < len && !*found; at *= 2) {
        uint8_t sign[8];
        size_t got;

        if (!source_some(s, at, sign, sizeof(sign), &got, e))
            return false;
        *found = slice_is((struct slice){sign, got}, HDF5_SIGNATURE);
        if (got == 0 || at > UINT64_MAX / 2)
            break;
    }
    return true;
}

static bool cut(struct hdf5 *h, struct err *e)
{
    return err_pos(e, ERR_FORMAT, h->base, "the superblock is cut short");
}

static bool sizes(struct hdf5 *h, uint8_t offsets, uint8_t lengths, struct err *e)
{
    const bool known = (offsets == 2 || offsets == 4 || offsets == 8) &&
                       (lengths == 2 || lengths == 4 || lengths == 8);

    if (!known)
        return err_pos(e, ERR_UNSUPPORTED, h->base,
                       "addresses of %u and lengths of %u bytes; 2, 4 and 8 are read", offsets,
                       lengths);
    h->offset_bytes = offsets;
    h->length_bytes = lengths;
    return true;
}

/* The library moves everything to where it found the superblock, the end too. */
static bool place(struct hdf5 *h, uint64_t base, uint64_t end, struct err *e)
{
    if (base == HDF5_UNDEFINED || end == HDF5_UNDEFINED || end < base)
        return err_pos(e, ERR_FORMAT, h->base, "the file ends before it begins");
    h->declared = end - base;
    return true;
}

/* SPEC: section II.A, versions 0 and 1 */
static bool old(struct hdf5 *h, struct reader *r, struct err *e)
{
    const struct reader start = *r;
    struct reader used;
    uint64_t base, space, end, driver, name;
    uint8_t offsets, lengths;
    uint32_t flags;
    uint8_t sharing;

    if (!reader_skip(r, 3) || !reader_u8(r, &sharing) || !reader_u8(r, &offsets) ||
        !reader_u8(r, &lengths) || !reader_skip(r, 1) || !reader_u16le(r, &h->leaf_k) ||
        !reader_u16le(r, &h->group_k) || !reader_u32le(r, &flags))
        return cut(h, e);
    h->chunk_k = 32;
    if (h->version == 1 && (!reader_u16le(r, &h->chunk_k) || !reader_skip(r, 2)))
        return cut(h, e);
    h->flags = flags & 0xff;
    if (!sizes(h, offsets, lengths, e))
        return false;
    if (!hdf5_offset(h, r, &base) || !hdf5_offset(h, r, &space) || !hdf5_offset(h, r, &end) ||
        !hdf5_offset(h, r, &driver) || !hdf5_offset(h, r, &name) || !hdf5_offset(h, r, &h->root) ||
        !reader_skip(r, 24))
        return cut(h, e);
    if (driver != HDF5_UNDEFINED)
        return err_pos(e, ERR_UNSUPPORTED, h->base, "a driver block: the file has several parts");
    if (h->leaf_k == 0 || h->group_k == 0 || h->chunk_k == 0)
        return err_pos(e, ERR_FORMAT, h->base, "nodes of no entries");
    (void)name;
    (void)space;
    return place(h, base, end, e) &&
           hdf5_meta(h, 0, (uint64_t)(r->offset - start.offset) + 9, &used, e);
}

/* SPEC: section II.A, versions 2 and 3 */
static bool recent(struct hdf5 *h, struct reader *r, const struct reader *start, struct err *e)
{
    struct reader used;
    uint8_t offsets, lengths, flags;
    uint64_t base, end;

    h->leaf_k = 4;
    h->group_k = 16;
    h->chunk_k = 32;
    if (!reader_u8(r, &offsets) || !reader_u8(r, &lengths) || !reader_u8(r, &flags))
        return cut(h, e);
    h->flags = flags;
    if (!sizes(h, offsets, lengths, e))
        return false;
    if (!hdf5_offset(h, r, &base) || !hdf5_offset(h, r, &h->extension) ||
        !hdf5_offset(h, r, &end) || !hdf5_offset(h, r, &h->root))
        return cut(h, e);
    return hdf5_checked(r, start, e) && place(h, base, end, e) &&
           hdf5_meta(h, 0, r->offset - start->offset, &used, e);
}

bool hdf5_super_read(struct hdf5 *h, struct err *e)
{
    struct reader r, start;
    uint8_t version;

    if (!hdf5_get(h, 0, h->limit < SUPER_MAX ? h->limit : SUPER_MAX, &r, e))
        return false;
    start = r;
    if (!reader_skip(&r, 8) || !reader_u8(&r, &version))
        return cut(h, e);
    h->version = version;
    if (version > 3)
        return err_pos(e, ERR_UNSUPPORTED, h->base + 8, "superblock version %u, 0 to 3 are read",
                       version);
    if (!(version < 2 ? old(h, &r, e) : recent(h, &r, &start, e)))
        return false;
    if (h->root == HDF5_UNDEFINED)
        return err_pos(e, ERR_FORMAT, h->base, "no root group");
    return true;
}
