#include "scanner/formats/hdf5/hdf5_type.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"

struct head {
    uint8_t class, version;
    uint32_t bits, size;
};

static bool read_head(struct reader *r, struct head *x, struct err *e)
{
    uint8_t first;
    uint64_t bits;

    if (!reader_u8(r, &first) || !hdf5_uint(r, 3, &bits) || !reader_u32le(r, &x->size))
        return err_at(e, ERR_FORMAT, r, "a datatype is cut short");
    x->class = first & 15;
    x->version = first >> 4;
    x->bits = (uint32_t)bits;
    if (x->version < 1 || x->version > 5 || x->class >= HDF5_CLASSES)
        return err_at(e, ERR_UNSUPPORTED, r, "a datatype of version %u, class %u", x->version,
                      x->class);
    return true;
}

/* Moves to the element type of an array. SPEC: IV.A.2.d, class 10, versions 2 and 3 */
static bool skip_shape(struct reader *r, uint8_t version)
{
    uint8_t rank;

    if (!reader_u8(r, &rank))
        return false;
    return version < 3 ? reader_skip(r, 3 + 8 * (uint64_t)rank)
                       : reader_skip(r, 4 * (uint64_t)rank);
}

bool hdf5_type_read(struct reader r, struct hdf5_type *out, struct err *e)
{
    struct head x, base = {0};
    const uint64_t at = r.offset;
    bool inner;

    if (!read_head(&r, &x, e))
        return false;
    *out = (struct hdf5_type){.class = x.class, .base = x.class, .size = x.size};
    out->big = (x.bits & 1) != 0;
    out->is_signed = (x.bits & 8) != 0;
    out->text = x.class == HDF5_VLEN && (x.bits & 15) == 1;
    out->base_size = x.size;
    inner = x.class == HDF5_ENUM || x.class == HDF5_VLEN || x.class == HDF5_ARRAY;
    if (!inner)
        return true;
    if ((x.class == HDF5_ARRAY && !skip_shape(&r, x.version)) || !read_head(&r, &base, e))
        return err_pos(e, ERR_FORMAT, at, "a datatype is cut short");
    out->base = base.class;
    out->base_size = base.size;
    out->big = (base.bits & 1) != 0;
    out->is_signed = (base.bits & 8) != 0;
    return true;
}

bool hdf5_type_numeric(const struct hdf5_type *t)
{
    const enum hdf5_class c = t->class == HDF5_ARRAY ? t->base : t->class;

    return c == HDF5_FIXED || c == HDF5_FLOAT || c == HDF5_BITFIELD || c == HDF5_ENUM ||
           c == HDF5_COMPLEX;
}

void hdf5_type_name(const struct hdf5_type *t, char out[HDF5_TYPE_NAME])
{
    static const char *const names[HDF5_CLASSES] = {"integer",  "float",  "time",     "string",
                                                    "bitfield", "opaque", "compound", "reference",
                                                    "enum",     "vlen",   "array",    "complex"};
    const enum hdf5_class c = t->class == HDF5_ARRAY ? t->base : t->class;
    const char *letter = c == HDF5_FLOAT ? "f" : t->is_signed ? "i" : "u";

    if ((c == HDF5_FIXED || c == HDF5_FLOAT) && t->base_size <= 16 &&
        (t->base_size & (t->base_size - 1)) == 0)
        snprintf(out, HDF5_TYPE_NAME, "%s%s%u",
                 t->base_size == 1 ? "|"
                 : t->big          ? ">"
                                   : "<",
                 letter, t->base_size);
    else
        snprintf(out, HDF5_TYPE_NAME, "%s", names[c]);
}

bool hdf5_type_space(const struct hdf5 *h, struct reader r, struct hdf5_space *out, struct err *e)
{
    uint8_t version, rank, flags, kind = 1;
    bool empty = false;

    *out = (struct hdf5_space){.count = 1};
    if (!reader_u8(&r, &version) || !reader_u8(&r, &rank) || !reader_u8(&r, &flags) ||
        (version == 2 ? !reader_u8(&r, &kind) : !reader_skip(&r, 5)))
        return err_at(e, ERR_FORMAT, &r, "a dataspace is cut short");
    if (version < 1 || version > 2 || rank > HDF5_RANK || kind > 2)
        return err_at(e, ERR_UNSUPPORTED, &r, "a dataspace of version %u, %u dimensions, class %u",
                      version, rank, kind);
    out->rank = rank;
    for (unsigned i = 0; i < rank; i++) {
        if (!hdf5_length(h, &r, &out->dims[i]))
            return err_at(e, ERR_FORMAT, &r, "a dataspace is cut short");
        empty = empty || out->dims[i] == 0;
        if (out->dims[i] > 0 && !checked_mul(out->count, out->dims[i], &out->count))
            out->overflow = true;
    }
    out->overflow = out->overflow || out->count > INT64_MAX;
    if (out->overflow)
        out->count = INT64_MAX;
    if (empty || kind == 2)
        out->count = 0;
    return true;
}
