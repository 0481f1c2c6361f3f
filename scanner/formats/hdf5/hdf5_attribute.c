#include "scanner/formats/hdf5/hdf5_attribute.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_bytes.h"
#include "scanner/formats/hdf5/hdf5_collection.h"
#include "scanner/formats/hdf5/hdf5_header.h"
#include "scanner/formats/hdf5/hdf5_type.h"
#include "scanner/formats/member.h"
#include "scanner/formats/pickle/pickle_vm.h"

struct attribute {
    struct hdf5 *h;
    const char *object; /* printable path */
    struct slice name;
    struct hdf5_type type;
    struct hdf5_space space;
};

/* ---- values that are documents ---- */
static struct slice trimmed(struct slice s)
{
    while (s.len > 0 && (s.data[s.len - 1] == 0 || s.data[s.len - 1] == ' '))
        s.len--;
    return s;
}

static bool contains(struct slice s, const char *text)
{
    size_t at;

    return slice_find(s, slice_str(text), &at);
}

/* What Keras reads as JSON whatever it looks like, and what looks like JSON. */
static bool is_json(const struct attribute *x, struct slice s)
{
    static const char *const names[] = {"model_config", "training_config"};
    const struct value *v;
    struct arena a;
    struct err e = {0};
    size_t i = 0;
    bool ok;

    for (size_t n = 0; n < ARRAY_LEN(names); n++)
        if (slice_is(x->name, names[n]))
            return true;
    while (i < s.len && (s.data[i] == ' ' || (s.data[i] >= '\t' && s.data[i] <= '\r')))
        i++;
    if (i == s.len || (s.data[i] != '{' && s.data[i] != '['))
        return false;
    if (contains(s, "class_name"))
        return true;
    arena_init(&a);
    ok = json_read(s, &a, &v, &e);
    arena_release(&a);
    return ok;
}

/* PyTables and pandas keep attributes as pickles, and load whatever ends with a dot. SPEC: PyTables
 * 3.11, tables/attributeset.py, __getattr__ */
static bool is_pickle(struct slice s)
{
    if (s.len < 3 || s.data[s.len - 1] != '.')
        return false;
    if (s.data[0] == 0x80)
        return s.data[1] <= 5;
    if (s.data[0] == 0 || strchr("cid(]}lI", s.data[0]) == NULL)
        return pickle_vm_calls(s);
    for (size_t i = 0; i + 1 < s.len; i++)
        if ((s.data[i] == 'c' || s.data[i] == 'i') &&
            (i == 0 || s.data[i - 1] < 0x20 || s.data[i - 1] == '(') &&
            memchr(s.data + i, '\n', s.len - i) != NULL)
            return true;
    return pickle_vm_calls(s);
}

static void scan(struct hdf5 *h, struct slice bytes, const char *name)
{
    struct source *s = source_memory(bytes);
    struct format_input inner = format_inner(h->in, s, name);
    struct err e = {0};

    inner.container = "hdf5";
    inner.costly = false;
    if (!format_scan(&inner, &e))
        hdf5_keep(h, &e);
    source_free(s);
}

static void value(const struct attribute *x, struct slice bytes, uint64_t offset)
{
    const struct slice s = trimmed(bytes);
    const char *end = is_pickle(s) ? "pkl" : is_json(x, s) ? "json" : NULL;
    struct arena *a = &x->h->work;
    const char *name;

    if (s.len == 0 || end == NULL)
        return;
    name = member_name(a, x->name);
    if (strcmp(x->object, "/") != 0)
        name = arena_printf(a, "%s@%s", x->object + 1, name);
    x->h->stats.documents += hdf5_first(x->h, offset - x->h->base, HDF5_DOCUMENT);
    scan(x->h, s, arena_printf(a, "%s.%s", name, end));
}

/* ---- elements ---- */
static bool sequence(const struct attribute *x, struct reader *r, struct err *e)
{
    struct hdf5_object o;
    struct reader place;
    uint32_t n;
    const uint64_t bytes = 4 + (uint64_t)x->h->offset_bytes;

    if (!reader_u32le(r, &n) || !reader_sub(r, bytes, &place))
        return err_at(e, ERR_FORMAT, r, "an attribute is cut short");
    if (n == 0)
        return true;
    if (!hdf5_collection_value(x->h, &place, &o, e))
        return false;
    value(x, (struct slice){o.bytes.data, o.bytes.left}, o.bytes.offset);
    return true;
}

static bool elements(const struct attribute *x, struct reader r, struct err *e)
{
    const bool whole = x->type.class == HDF5_FIXED && x->type.size == 1;
    const bool each = x->type.class == HDF5_STRING || x->type.class == HDF5_OPAQUE;
    struct slice s;
    uint64_t n;

    if (x->space.overflow || !checked_mul(x->space.count, x->type.size, &n) || n > r.left)
        return err_at(e, ERR_FORMAT, &r, "an attribute of %zu bytes, shape and type ask for more",
                      r.left);
    if (whole || (each && x->space.count == 1)) {
        if (!reader_bytes(&r, n, &s))
            return false;
        value(x, s, r.offset - n);
        return true;
    }
    if (!each && (x->type.class != HDF5_VLEN || x->type.size != 8 + x->h->offset_bytes))
        return true;
    for (uint64_t i = 0; i < x->space.count && n > 0; i++) {
        if (!each) {
            if (!sequence(x, &r, e))
                return false;
            continue;
        }
        if (!reader_bytes(&r, x->type.size, &s))
            return false;
        value(x, s, r.offset - s.len);
    }
    return true;
}

/* ---- the message ---- */
static bool field(struct reader *r, uint16_t n, bool padded, struct reader *out)
{
    return reader_sub(r, n, out) && reader_skip(r, padded ? (8 - n % 8u) % 8u : 0);
}

static bool head(struct attribute *x, struct reader *r, struct reader parts[3], struct err *e)
{
    uint8_t version, flags, charset;
    uint16_t n[3];

    if (!reader_u8(r, &version) || !reader_u8(r, &flags) || !reader_u16le(r, &n[0]) ||
        !reader_u16le(r, &n[1]) || !reader_u16le(r, &n[2]) ||
        (version == 3 && !reader_u8(r, &charset)))
        return err_at(e, ERR_FORMAT, r, "an attribute is cut short");
    if (version < 1 || version > 3)
        return err_at(e, ERR_UNSUPPORTED, r, "attribute version %u", version);
    for (size_t i = 0; i < 3; i++)
        if (!field(r, n[i], version == 1, &parts[i]))
            return err_at(e, ERR_FORMAT, r, "an attribute is cut short");
    if (version == 1)
        flags = 0;
    if ((flags & 1) != 0 && !hdf5_header_shared(x->h, HDF5_TYPE, &parts[1], e))
        return false;
    return (flags & 2) == 0 || hdf5_header_shared(x->h, HDF5_SPACE, &parts[2], e);
}

bool hdf5_attribute_read(struct hdf5 *h, struct reader r, const char *path, struct err *e)
{
    struct attribute x = {.h = h, .object = path};
    struct reader parts[3];

    h->stats.attributes++;
    if (!head(&x, &r, parts, e))
        return false;
    x.name = trimmed((struct slice){parts[0].data, parts[0].left});
    h->hickle = h->hickle || (strcmp(path, "/") == 0 && slice_is(x.name, "HICKLE_VERSION"));
    return hdf5_type_read(parts[1], &x.type, e) && hdf5_type_space(h, parts[2], &x.space, e) &&
           elements(&x, r, e);
}

/* ---- what no attribute leads to ---- */
/* PyTables keeps objects, and pandas columns of them, in sequences of bytes, and loads them.
 * SPEC: PyTables 3.11, tables/atom.py, ObjectAtom */
static bool lost(void *ctx, const struct hdf5_object *o, struct err *e)
{
    struct hdf5 *h = ctx;
    const struct slice s = {o->bytes.data, o->bytes.left};
    const uint64_t at = o->bytes.offset - h->base;

    const bool pickle = hdf5_bytes_pickle(s, true);

    (void)e;
    if ((!pickle && !contains(s, "\"class_name\"")) || !hdf5_first(h, at, HDF5_DOCUMENT))
        return true;
    h->stats.documents++;
    h->stats.unreached += !pickle && h->stats.sequences == 0;
    scan(h, pickle ? s : trimmed(s),
         arena_printf(h->in->scratch, "heap-%" PRIu64 "-%u.%s", o->collection, o->index,
                      pickle ? "pkl" : "json"));
    return true;
}

void hdf5_attribute_sweep(struct hdf5 *h)
{
    for (size_t i = 0; i < h->ncollections; i++) {
        const uint64_t spent = h->spent; /* each is read once more */
        struct err e = {0};

        /* what an attribute needs was read before; the rest may be a leftover */
        if (!hdf5_collection_each(h, h->collections[i], lost, h, &e) &&
            (e.code == ERR_LIMIT || e.code == ERR_IO))
            hdf5_keep(h, &e);
        h->spent = spent;
        arena_clear(&h->work);
    }
}
