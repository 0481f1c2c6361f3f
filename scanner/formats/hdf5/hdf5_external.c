#include "scanner/formats/hdf5/hdf5_external.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_collection.h"
#include "scanner/formats/hdf5/hdf5_heap.h"

#define TOLD_NAME 1024

/* Where a name leads, as the library opens it: "absolute", "dotdot" or "none". */
static const char *escapes(struct slice s)
{
    static const char up[] = "..";
    size_t at;

    if (s.len > 0 && (s.data[0] == '/' || s.data[0] == '\\'))
        return "absolute";
    if ((s.len > 1 && s.data[1] == ':') || slice_find(s, SLICE_LIT("://"), &at))
        return "absolute";
    for (size_t i = 0; i < s.len;) {
        size_t n = 0;

        while (i + n < s.len && s.data[i + n] != '/' && s.data[i + n] != '\\')
            n++;
        if (n == 2 && memcmp(s.data + i, up, 2) == 0)
            return "dotdot";
        i += n + 1;
    }
    return "none";
}

void hdf5_external_tell(struct hdf5 *h, const struct hdf5_reference *ref)
{
    struct arena *a = h->keep;
    struct value_builder b;
    struct err e = {0};

    h->stats.references++;
    if (h->stats.references > LIMIT_HDF5_REFERENCES) {
        err_set(&e, ERR_LIMIT, ref->offset,
                "more than %d names of other files (LIMIT_HDF5_REFERENCES)", LIMIT_HDF5_REFERENCES);
        hdf5_keep(h, &e);
        return;
    }
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(h->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, ref->kind));
    value_map_add(&b, "object", format_string(a, slice_str(ref->object), LIMIT_NAME_BYTES));
    value_map_add(&b, "file", format_string(a, ref->file, TOLD_NAME));
    value_map_add(&b, "target", format_string(a, ref->target, TOLD_NAME));
    value_map_add(&b, "escapes", value_str(a, escapes(ref->file)));
    format_tell(h->in, "model.hdf5_reference",
                arena_printf(a, "%s!%s#%" PRIu64, h->in->path, ref->object, h->stats.references),
                ref->offset, value_map_end(&b, NULL));
}

bool hdf5_external_list(struct hdf5 *h, struct reader r, const char *object, struct err *e)
{
    struct hdf5_reference ref = {.kind = "storage", .object = object};
    struct slice heap;
    uint64_t addr, name;
    uint8_t version;
    uint16_t slots, used;

    if (!reader_u8(&r, &version) || !reader_skip(&r, 3) || !reader_u16le(&r, &slots) ||
        !reader_u16le(&r, &used) || !hdf5_offset(h, &r, &addr) || version != 1)
        return err_at(e, ERR_FORMAT, &r, "a list of external files is cut short");
    if (!hdf5_heap_local(h, addr, &heap, e))
        return false;
    for (uint16_t i = 0; i < used; i++) {
        ref.offset = r.offset;
        if (!hdf5_length(h, &r, &name) || !reader_skip(&r, 2 * (uint64_t)h->length_bytes))
            return err_at(e, ERR_FORMAT, &r, "a list of external files is cut short");
        if (!hdf5_heap_text(heap, name, &ref.file, e))
            return false;
        hdf5_external_tell(h, &ref);
    }
    return true;
}

/* ---- virtual datasets ---- */
static bool text(struct reader *r, struct slice *out)
{
    const uint8_t *end = r->left > 0 ? memchr(r->data, 0, r->left) : NULL;

    if (end == NULL || !reader_bytes(r, (uint64_t)(end - r->data), out))
        return false;
    return reader_skip(r, 1);
}

/* Hyperslabs of version 3, points of version 2: a width, a rank and numbers of that width. */
static bool skip_wide(struct reader *r, uint32_t kind, struct err *e)
{
    uint8_t flags = 0, wide;
    uint32_t rank;
    uint64_t n;

    if ((kind == 2 && !reader_u8(r, &flags)) || !reader_u8(r, &wide) || !reader_u32le(r, &rank))
        return err_at(e, ERR_FORMAT, r, "a selection is cut short");
    if ((wide != 2 && wide != 4 && wide != 8) || rank > 32)
        return err_at(e, ERR_FORMAT, r, "a selection of %u-byte numbers, %" PRIu32 " dimensions",
                      wide, rank);
    if ((flags & 1) != 0)
        return reader_skip(r, 4 * (uint64_t)rank * wide) ||
               err_at(e, ERR_FORMAT, r, "a selection is cut short");
    if (!hdf5_uint(r, wide, &n) || n > r->left ||
        !reader_skip(r, n * (kind == 2 ? 2u : 1u) * rank * wide))
        return err_at(e, ERR_FORMAT, r, "a selection is cut short");
    return true;
}

/* SPEC: HDF5 3.0, section VIII, "Appendix: Dataspace selections" */
static bool skip_selection(struct reader *r, struct err *e)
{
    uint32_t kind, version, n;
    uint8_t flags;

    if (!reader_u32le(r, &kind) || !reader_u32le(r, &version))
        return err_at(e, ERR_FORMAT, r, "a selection is cut short");
    if (kind > 3 || version < 1 || version > 3)
        return err_at(e, ERR_UNSUPPORTED, r, "a selection of type %" PRIu32 ", version %" PRIu32,
                      kind, version);
    if ((kind == 2 && version == 3) || (kind == 1 && version == 2))
        return skip_wide(r, kind, e);
    if (kind == 2 && version == 2) {
        if (!reader_u8(r, &flags) || !reader_u32le(r, &n) || !reader_skip(r, n))
            return err_at(e, ERR_FORMAT, r, "a selection is cut short");
        return true;
    }
    if (!reader_skip(r, 4) || !reader_u32le(r, &n) || !reader_skip(r, n))
        return err_at(e, ERR_FORMAT, r, "a selection is cut short");
    return true;
}

/* Version 1 has flags before each entry, and names that repeat an earlier one are its number. */
static bool name(struct hdf5 *h, struct reader *r, bool shared, struct slice *out)
{
    uint64_t earlier;

    if (shared)
        return hdf5_length(h, r, &earlier);
    return text(r, out);
}

static bool sources(struct hdf5 *h, struct reader *r, const char *object, struct err *e)
{
    struct hdf5_reference ref = {.kind = "virtual", .object = object};
    uint8_t version, flags = 0;
    uint64_t n;

    if (!reader_u8(r, &version) || !hdf5_length(h, r, &n))
        return err_at(e, ERR_FORMAT, r, "the map of a virtual dataset is cut short");
    if (version > 1)
        return err_at(e, ERR_UNSUPPORTED, r, "a virtual dataset of version %u", version);
    for (uint64_t i = 0; i < n; i++) {
        const bool ok = version == 0 || reader_u8(r, &flags);

        ref.offset = r->offset;
        ref.file = (flags & 4) != 0 ? SLICE_LIT(".") : ref.file;
        if (!ok || ((flags & 4) == 0 && !name(h, r, (flags & 1) != 0, &ref.file)) ||
            !name(h, r, (flags & 2) != 0, &ref.target))
            return err_at(e, ERR_FORMAT, r, "the map of a virtual dataset is cut short");
        for (unsigned of = 0; of < 2; of++) /* in the source, then in the dataset */
            if (!skip_selection(r, e))
                return false;
        if ((flags & 1) == 0) /* a name that repeats was told */
            hdf5_external_tell(h, &ref);
    }
    return true;
}

bool hdf5_external_virtual(struct hdf5 *h, struct reader *r, const char *object, struct err *e)
{
    struct hdf5_object o;

    return hdf5_collection_value(h, r, &o, e) && sources(h, &o.bytes, object, e);
}
