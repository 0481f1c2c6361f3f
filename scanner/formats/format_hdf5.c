#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/hdf5/hdf5_attribute.h"
#include "scanner/formats/hdf5/hdf5_collection.h"
#include "scanner/formats/hdf5/hdf5_object.h"
#include "scanner/formats/hdf5/hdf5_super.h"
#include "scanner/formats/summary.h"

#define SNIFF 16 /* bytes of a gap that are looked at */
#define GAPS_SCANNED 1000
#define GAP_STEP ((uint64_t)64 << 10)

static int probe(struct slice head, const char *name)
{
    uint64_t at;

    (void)name;
    return hdf5_super_find(head, &at) ? FORMAT_CERTAIN + 5 : 0;
}

/* ---- what nothing leads to ---- */
/* A program, an archive or a pickle at the start of a gap is no leftover. */
static const char *sniff(struct slice s)
{
    static const struct {
        const char *end, *bytes;
        size_t n;
    } rows[] = {
        {"zip", "PK\3\4", 4},
        {"elf",
         "\x7f"
         "ELF",
         4},
        {"gz", "\x1f\x8b\x08", 3},
        {"h5", HDF5_SIGNATURE, 8},
        {"7z", "7z\xbc\xaf", 4},
        {"npy", "\x93NUMPY", 6},
        {"xz",
         "\xfd"
         "7zXZ",
         5},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (s.len >= rows[i].n && memcmp(s.data, rows[i].bytes, rows[i].n) == 0)
            return rows[i].end;
    if (s.len > 3 && s.data[0] == 0x80 && s.data[1] >= 2 && s.data[1] <= 5 &&
        (s.data[2] == 0x95 || s.data[2] == 'c' || s.data[2] == '}' || s.data[2] == ']' ||
         s.data[2] == '('))
        return "pkl";
    if (s.len > 12 && s.data[0] == 'M' && s.data[1] == 'Z' && s.data[2] == 0x90)
        return "exe";
    return slice_starts(s, "#!/") ? "sh" : NULL;
}

/* Global heaps that no attribute leads to: those of datasets of strings. */
static void find_collections(struct hdf5 *h, uint64_t addr, uint64_t n)
{
    const uint64_t end = addr + n;
    uint64_t at = addr + (8 - addr % 8) % 8;

    while (at < end && end - at >= 16) {
        const uint64_t want = end - at < GAP_STEP ? end - at : GAP_STEP;
        struct hdf5_extent where = {at, at + want, HDF5_RAW};
        struct err e = {0};
        struct reader r;

        arena_clear(&h->work);
        if (!hdf5_get_in(h, &h->work, &where, &r, &e)) {
            hdf5_keep(h, &e);
            return;
        }
        h->spent -= want; /* each byte of a gap is read once */
        for (struct slice sign; r.left >= 8; at += 8)
            if (reader_bytes(&r, 8, &sign) && slice_starts(sign, "GCOL\1") &&
                hdf5_first(h, at, HDF5_HEAP))
                *(uint64_t *)ARENA_PUSH(h->keep, &h->collections, &h->ncollections) = at;
        at += r.left;
    }
}

/* A gap is told by its bytes; what begins like a file of its own is scanned as one. */
static void on_gap(struct hdf5 *h, uint64_t addr, uint64_t n)
{
    const uint64_t most = n < SNIFF ? n : SNIFF;
    struct format_input inner;
    struct source *s;
    struct reader r;
    struct err e = {0};
    const char *end;

    find_collections(h, addr, n);
    arena_clear(&h->work);
    if (!hdf5_get(h, addr, most, &r, &e)) {
        hdf5_keep(h, &e);
        return;
    }
    end = sniff((struct slice){r.data, r.left});
    if (end == NULL)
        return;
    s = source_sub(h->in->bytes, h->base + addr, n);
    inner = format_inner(h->in, s,
                         arena_printf(h->in->scratch, "gap-%" PRIu64 ".%s", h->base + addr, end));
    inner.container = "hdf5";
    if (h->stats.hidden++ < GAPS_SCANNED && !format_scan(&inner, &e))
        hdf5_keep(h, &e);
    source_free(s);
}

/* ---- the user block ---- */
static const char *user_block(struct hdf5 *h, struct err *e)
{
    bool zero = true, text = true;
    uint8_t buf[4096];
    size_t got;

    if (h->base == 0)
        return "none";
    for (uint64_t at = 0; at < h->base && at < ((uint64_t)1 << 20); at += got) {
        const uint64_t left = h->base - at;

        if (!source_some(h->in->bytes, at, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf),
                         &got, e) ||
            got == 0)
            return "other";
        for (size_t i = 0; i < got; i++) {
            zero = zero && buf[i] == 0;
            text = text && (buf[i] == 0 || (buf[i] >= ' ' && buf[i] < 0x7f) ||
                            (buf[i] >= '\t' && buf[i] <= '\r'));
        }
        if (at == 0 && slice_starts((struct slice){buf, got}, "MATLAB 7.3 MAT-file"))
            return "matlab";
        if (at == 0 && sniff((struct slice){buf, got}) != NULL)
            return "program";
    }
    return zero ? "zero" : text ? "text" : "other";
}

/* ---- telling ---- */
static const struct value *filters_of(const struct hdf5 *h, struct arena *a)
{
    struct value_builder list, one;

    value_list_begin(&list, a);
    for (size_t i = 0; i < h->stats.nfilters; i++) {
        value_map_begin(&one, a);
        value_map_add(&one, "id", value_count(a, h->stats.filters[i].id));
        value_map_add(&one, "name", format_string(a, slice_str(h->stats.filters[i].name), 256));
        value_map_add(&one, "datasets", value_count(a, h->stats.filters[i].datasets));
        value_list_add(&list, value_map_end(&one, NULL));
    }
    return value_list_end(&list, NULL);
}

static void tell(struct hdf5 *h, const struct hdf5_sums *sums, const char *block)
{
    const struct hdf5_stats *s = &h->stats;
    struct arena *a = h->in->scratch;
    const struct {
        const char *name;
        uint64_t v;
    } numbers[] = {
        {"superblock", h->version},
        {"consistency_flags", h->flags},
        {"userblock_bytes", h->base},
        {"groups", s->groups},
        {"datasets", s->datasets},
        {"attributes", s->attributes},
        {"types", s->types},
        {"references", s->references},
        {"documents", s->documents},
        {"unreached_documents", s->unreached},
        {"bytes_declared", s->bytes_declared},
        {"largest_dataset", s->largest},
        {"ratio", s->bytes_declared / (h->len > 0 ? h->len : 1)},
        {"gap_bytes", sums->gaps},
        {"trailing_bytes", h->declared < h->limit ? h->limit - h->declared : 0},
        {"overlaps", sums->overlaps},
        {"hidden", s->hidden},
    };
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(h->in->path), LIMIT_NAME_BYTES));
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        value_map_add(&b, numbers[i].name, value_count(a, numbers[i].v));
    value_map_add(&b, "userblock", value_str(a, block));
    value_map_add(&b, "overflow", value_bool(a, s->overflow, NULL));
    value_map_add(&b, "largest_path",
                  s->datasets > 0 ? value_str(a, hdf5_path(h, a, s->largest_link))
                                  : value_null(a, NULL));
    value_map_add(&b, "filters", filters_of(h, a));
    format_tell(h->in, "model.hdf5", NULL, h->base, value_map_end(&b, NULL));
}

static void tell_tensors(struct hdf5 *h)
{
    struct arena *a = h->in->scratch;
    struct value_builder dtypes;

    value_map_begin(&dtypes, a);
    for (size_t i = 0; i < h->stats.ndtypes; i++)
        value_map_add(&dtypes, h->stats.dtypes[i].name, value_count(a, h->stats.dtypes[i].n));
    summary_tell(h->in, h->stats.tensors, h->stats.tensor_bytes, value_map_end(&dtypes, NULL));
}

/* ---- the file ---- */
/* The places of the signature that the library tries: 0, 512, 1024, ... */
static bool find(struct hdf5 *h, struct err *e)
{
    for (uint64_t at = 0; at < h->len; at = at == 0 ? 512 : at * 2) {
        uint8_t sign[8];
        size_t got;

        if (!source_some(h->in->bytes, at, sign, sizeof(sign), &got, e))
            return false;
        if (slice_is((struct slice){sign, got}, HDF5_SIGNATURE)) {
            h->base = at;
            h->limit = h->len - at;
            return true;
        }
        if (at > UINT64_MAX / 2)
            break;
    }
    return err_pos(e, ERR_FORMAT, 0, "no signature of HDF5");
}

static bool open_file(struct hdf5 *h, struct err *e)
{
    h->len = source_len(h->in->bytes);
    if (h->len == SOURCE_LEN_UNKNOWN && !source_drain(h->in->bytes, &h->len, e))
        return false;
    return find(h, e) && hdf5_super_read(h, e);
}

/* Even of a file that is cut short the objects that are there are told. */
static void check_end(struct hdf5 *h)
{
    struct err e = {0};

    if (h->declared <= h->limit)
        return;
    err_set(&e, ERR_FORMAT, h->len, "ends at byte %" PRIu64 ", the superblock says %" PRIu64,
            h->len, h->base + h->declared);
    hdf5_keep(h, &e);
}

static bool read_file(struct hdf5 *h, struct format_cover *cover, struct err *e)
{
    struct hdf5_sums sums;
    const char *block;
    struct err own = {0};

    if (!open_file(h, e))
        return false;
    check_end(h);
    if (!hdf5_object_extension(h, &own))
        hdf5_keep(h, &own);
    block = user_block(h, e);
    if (e->code != ERR_NONE || !hdf5_object_walk(h, e))
        return false;
    sums = hdf5_sum_up(h, on_gap);
    hdf5_attribute_sweep(h);
    cover->parsed = sums.meta;
    cover->opaque = sums.raw;
    if (h->error.code != ERR_NONE) {
        tell(h, &sums, block);
        *e = h->error;
        return false;
    }
    cover->opaque += sums.gaps + h->base;
    tell(h, &sums, block);
    tell_tensors(h);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct hdf5 h;
    bool ok;

    hdf5_init(&h, in);
    ok = read_file(&h, cover, e);
    hdf5_release(&h);
    return ok;
}

const struct format format_hdf5 = {
    .name = "hdf5",
    .summary = "HDF5: weights and whole models of Keras, with configurations in attributes",
    .spec = "HDF5 File Format Specification 3.0",
    .probe = probe,
    .parse = parse,
};
