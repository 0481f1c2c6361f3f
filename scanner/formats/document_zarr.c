/* Arrays of Zarr, version 2 and 3: what their chunks are coded with, and which files those are. */
#include <string.h>

#include "base/base64.h"
#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/document.h"

extern const struct format format_gzip, format_zlib, format_bzip2, format_xz, format_zstd,
    format_lzma, format_pickle;

#define TOLD_NAME 256
#define CODECS 64 /* of one array, those within shards with them */
#define CODEC_DEPTH 4
#define ARRAY_SUFFIX ".zarray"

enum kind { NUMBERS, PACKED, PICKLES, SHARDS, OTHER };

/* SPEC: numcodecs 0.16, codec_id of each class; Zarr v3, "Codecs"; zarr-extensions, codecs. Those
 * of numcodecs stand in version 3 with "numcodecs." in front. */
static const struct codec {
    const char *name;
    enum kind kind;
    const struct format *reader; /* of PACKED */
} codecs[] = {
    {"gzip", PACKED, &format_gzip},
    {"zlib", PACKED, &format_zlib},
    {"bz2", PACKED, &format_bzip2},
    {"zstd", PACKED, &format_zstd},
    {"lzma", PACKED, &format_xz},
    {"pickle", PICKLES, NULL},
    {"sharding_indexed", SHARDS, NULL},
    {"adler32", OTHER, NULL},
    {"astype", NUMBERS, NULL},
    {"base64", OTHER, NULL},
    {"bitround", NUMBERS, NULL},
    {"blosc", OTHER, NULL},
    {"bytes", NUMBERS, NULL},
    {"cast_value", NUMBERS, NULL},
    {"categorize", OTHER, NULL},
    {"crc32", OTHER, NULL},
    {"crc32c", OTHER, NULL},
    {"delta", NUMBERS, NULL},
    {"endian", NUMBERS, NULL},
    {"fixedscaleoffset", NUMBERS, NULL},
    {"fletcher32", OTHER, NULL},
    {"jenkins_lookup3", OTHER, NULL},
    {"json", OTHER, NULL},
    {"json2", OTHER, NULL},
    {"lz4", OTHER, NULL},
    {"msgpack", OTHER, NULL},
    {"msgpack2", OTHER, NULL},
    {"packbits", NUMBERS, NULL},
    {"pcodec", OTHER, NULL},
    {"quantize", NUMBERS, NULL},
    {"scale_offset", NUMBERS, NULL},
    {"shuffle", NUMBERS, NULL},
    {"transpose", NUMBERS, NULL},
    {"vlen-array", OTHER, NULL},
    {"vlen-bytes", OTHER, NULL},
    {"vlen-utf8", OTHER, NULL},
    {"zfpy", OTHER, NULL},
};

/* One array while it is read. */
struct array {
    const struct format_input *in;
    const struct value *meta;
    struct slice below; /* its folder, from that of the file: "" or "a/b/" */
    int64_t version;
    const struct value *names[CODECS]; /* in the order in which they are decoded */
    const struct codec *known[CODECS]; /* NULL: nobody knows it */
    size_t ncodecs;
    uint64_t problem_count;
    struct value_builder problems;
    bool chunks; /* its chunks can be told from other files */
};

static void problem(struct array *x, const char *what)
{
    x->problem_count++;
    value_list_add(&x->problems, value_str(x->in->scratch, what));
}

/* ---- codecs ---- */
static const struct codec *find_codec(struct slice name)
{
    if (slice_starts(name, "numcodecs."))
        name = slice_from(name, strlen("numcodecs."));
    for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
        if (slice_is(name, codecs[i].name))
            return &codecs[i];
    return NULL;
}

/* A codec is a map with its id (version 2), a map with its name, or the name (version 3). */
static const struct value *add_codec(struct array *x, const struct value *v)
{
    const struct value *name =
        value_is(v, VALUE_STRING) ? v : value_get(v, x->version == 2 ? "id" : "name");

    if (!value_is(name, VALUE_STRING)) {
        problem(x, "a codec without a name");
        return NULL;
    }
    if (x->ncodecs == CODECS) {
        problem(x, "more codecs than an array has");
        return NULL;
    }
    x->names[x->ncodecs] = name;
    x->known[x->ncodecs++] = find_codec(value_text(name));
    return name;
}

/* SPEC: Zarr v2, "Metadata": the compressor is decoded first, then the filters from the last on. */
static void codecs_of_2(struct array *x)
{
    const struct value *compressor = value_get(x->meta, "compressor");
    const struct value *filters = value_get(x->meta, "filters");

    if (compressor != NULL && !value_is(compressor, VALUE_NULL))
        (void)add_codec(x, compressor);
    for (size_t i = value_len(filters); i > 0; i--)
        (void)add_codec(x, value_item(filters, i - 1));
}

/* SPEC: Zarr v3, "Codecs"; those within a shard stand in its configuration. */
static void codecs_of_3(struct array *x, const struct value *list, unsigned depth)
{
    if (!value_is(list, VALUE_LIST) || depth > CODEC_DEPTH) {
        problem(x, "codecs that are no list, or lie too deep");
        return;
    }
    for (size_t i = value_len(list); i > 0 && x->ncodecs < CODECS; i--) {
        const struct value *codec = value_item(list, i - 1);
        const struct value *name = add_codec(x, codec);
        const struct value *inner = value_path(codec, "configuration.codecs");
        const struct value *index = value_path(codec, "configuration.index_codecs");

        if (name == NULL || !slice_is(value_text(name), "sharding_indexed"))
            continue;
        codecs_of_3(x, inner, depth + 1);
        if (index != NULL)
            codecs_of_3(x, index, depth + 1);
    }
}

static bool has_kind(const struct array *x, enum kind kind)
{
    for (size_t i = 0; i < x->ncodecs; i++)
        if (x->known[i] != NULL && x->known[i]->kind == kind)
            return true;
    return false;
}

/* lzma of numcodecs is xz, unless its number says that it is the format before it; what has no
 * header at all is read by nobody. */
static bool reader_of(const struct array *x, const struct format **out)
{
    const struct value *v = value_path(x->meta, "compressor.format");

    *out = x->known[0]->reader;
    if (*out == &format_xz && v != NULL && value_int_or(v, 0) != 1)
        *out = value_int_or(v, 0) == 2 ? &format_lzma : NULL;
    return *out != NULL;
}

/* What is a pickle in the end, right behind what is packed. False: nobody here can follow. */
static bool pickle_reading(const struct array *x, struct grid_reading *r)
{
    const size_t behind = r->first != NULL ? 1 : 0;

    if (x->ncodecs != behind + 1 || x->known[behind] == NULL || x->known[behind]->kind != PICKLES)
        return false;
    *(behind == 1 ? &r->within : &r->first) = &format_pickle;
    return true;
}

/* How a chunk is read. */
static bool reading_of(const struct array *x, struct grid_reading *r)
{
    const enum kind first = x->ncodecs == 0       ? NUMBERS
                            : x->known[0] != NULL ? x->known[0]->kind
                                                  : OTHER;
    const bool pickles = has_kind(x, PICKLES);

    *r = (struct grid_reading){0};
    if (first == PACKED && !reader_of(x, &r->first)) {
        r->coded = true;
        return !pickles;
    }
    if (pickles)
        return pickle_reading(x, r);
    r->coded = first != NUMBERS && first != PACKED;
    return true;
}

/* ---- chunks ---- */
/* Bytes of a chunk that nothing codes: numbers of a plain type. 0: not known. */
static uint64_t item_bytes(const struct array *x)
{
    const struct slice type = value_text(value_get(x->meta, "dtype"));
    struct slice digits = slice_from(type, 2);
    uint64_t n;

    if (x->version != 2 || x->ncodecs > 0 || type.len < 3 || strchr("<>|", type.data[0]) == NULL ||
        strchr("biufcSV", type.data[1]) == NULL || !checked_u64(digits, UINT32_MAX, &n))
        return 0;
    return n;
}

static bool read_dims(const struct array *x, const struct value *chunk, struct grid *g)
{
    const struct value *shape = value_get(x->meta, "shape");
    uint64_t *counts = ARENA_ARRAY(x->in->scratch, uint64_t, LIMIT_DIMS);

    g->ndims = value_len(shape);
    g->counts = counts;
    g->bytes = item_bytes(x);
    if (!value_is(shape, VALUE_LIST) || !value_is(chunk, VALUE_LIST) ||
        value_len(chunk) != g->ndims || g->ndims > LIMIT_DIMS)
        return false;
    for (size_t i = 0; i < g->ndims; i++) {
        const int64_t all = value_int_or(value_item(shape, i), -1);
        const int64_t one = value_int_or(value_item(chunk, i), -1);

        if (all < 0 || one < 0 || (one == 0 && all > 0))
            return false;
        counts[i] = one == 0 ? 0 : (uint64_t)(all / one) + (all % one != 0);
        if (!checked_mul(g->bytes, (uint64_t)one, &g->bytes))
            return false;
    }
    return true;
}

/* SPEC: Zarr v2, "Chunks"; Zarr v3, "Chunk key encoding" */
static bool read_keys(const struct array *x, struct grid *g)
{
    const struct value *encoding = value_get(x->meta, "chunk_key_encoding");
    const struct value *name =
        value_is(encoding, VALUE_STRING) ? encoding : value_get(encoding, "name");
    const struct value *separator = x->version == 2
                                        ? value_get(x->meta, "dimension_separator")
                                        : value_path(encoding, "configuration.separator");

    g->lead = x->version == 3 && slice_is(value_text(name), "default") ? 'c' : '\0';
    g->separator = g->lead != '\0' ? '/' : '.';
    if (separator != NULL && !value_is(separator, VALUE_NULL)) {
        if (!slice_is(value_text(separator), ".") && !slice_is(value_text(separator), "/"))
            return false;
        g->separator = (char)value_text(separator).data[0];
    }
    return x->version == 2 || g->lead != '\0' || slice_is(value_text(name), "v2");
}

static void place_chunks(struct array *x)
{
    const struct value *chunk = x->version == 2
                                    ? value_get(x->meta, "chunks")
                                    : value_path(x->meta, "chunk_grid.configuration.chunk_shape");
    struct grid g = {.separator = '.'};

    if (!read_dims(x, chunk, &g))
        problem(x, "its shape and that of its chunks do not fit");
    else if (!read_keys(x, &g))
        problem(x, "names of chunks that nobody knows");
    else if (x->problem_count == 0 && reading_of(x, &g.reading))
        x->chunks = companions_grid(x->in, x->below, &g);
}

/* What stands where no chunk is goes through the codec of objects as soon as the array is opened.
 * SPEC: zarr-python 2.18, zarr/meta.py, decode_fill_value */
static void scan_fill(struct array *x)
{
    const struct value *fill = value_get(x->meta, "fill_value");
    const bool structured = value_is(value_get(x->meta, "dtype"), VALUE_LIST);
    const struct grid_reading pickles = {.first = &format_pickle};
    struct arena *a = x->in->scratch;
    struct format_input inner;
    struct slice bytes;
    struct err e = {0};

    if (!value_is(fill, VALUE_STRING) || !structured || !has_kind(x, PICKLES))
        return;
    if (!base64_get(value_text(fill), a, &bytes, &e)) { /* Python passes over what is no digit */
        problem(x, "a fill value that is no base64");
        return;
    }
    inner = format_inner(
        x->in, source_memory(bytes),
        arena_printf(a, "%.*sfill_value.pkl", (int)x->below.len, (const char *)x->below.data));
    inner.container = "zarr";
    inner.reading = &pickles;
    inner.claimed = inner.storage = true;
    (void)!format_scan(&inner, &e); /* memory cannot refuse to be read */
    source_free(inner.bytes);
}

/* ---- telling ---- */
/* The names of codecs: all; those that run code; those that nobody knows. */
static const struct value *names_of(const struct array *x, bool all, bool pickles)
{
    struct arena *a = x->in->scratch;
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < x->ncodecs; i++)
        if (all ||
            (pickles ? x->known[i] != NULL && x->known[i]->kind == PICKLES : x->known[i] == NULL))
            value_list_add(&b, format_string(a, value_text(x->names[i]), TOLD_NAME));
    return value_list_end(&b, NULL);
}

static void tell_one(struct array *x)
{
    struct arena *a = x->in->scratch;
    const struct value *name = format_string(a, x->below, LIMIT_NAME_BYTES);
    const struct value *type = value_get(x->meta, x->version == 2 ? "dtype" : "data_type");
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(x->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "array", name);
    value_map_add(&b, "version", value_int(a, x->version, NULL));
    value_map_add(&b, "dtype", format_string(a, value_text(type), TOLD_NAME));
    value_map_add(&b, "codecs", names_of(x, true, false));
    value_map_add(&b, "pickles", names_of(x, false, true));
    value_map_add(&b, "unknown", names_of(x, false, false));
    value_map_add(&b, "followed", value_bool(a, x->chunks, NULL));
    value_map_add(&b, "problems", value_list_end(&x->problems, NULL));
    value_map_add(&b, "problem_count", value_int(a, (int64_t)x->problem_count, NULL));
    format_tell(x->in, "model.zarr", arena_printf(a, "%s#%s", x->in->path, value_cstr(name, "")),
                x->meta->offset, value_map_end(&b, NULL));
}

static void tell_array(const struct format_input *in, const struct value *meta, struct slice below)
{
    struct array x = {.in = in, .meta = meta, .below = below};

    value_list_begin(&x.problems, in->scratch);
    x.version = value_int_or(value_get(meta, "zarr_format"), 0);
    if (x.version == 2)
        codecs_of_2(&x);
    else if (x.version == 3)
        codecs_of_3(&x, value_get(meta, "codecs"), 0);
    else
        problem(&x, "a version that nobody knows");
    if (x.problem_count == 0)
        place_chunks(&x);
    scan_fill(&x);
    tell_one(&x);
}

static bool is_array(const struct value *v)
{
    return value_get(v, "chunks") != NULL || value_get(v, "codecs") != NULL ||
           slice_is(value_text(value_get(v, "node_type")), "array");
}

/* The metadata of all arrays below, as one document: a reader that opens it so asks no other. */
static void consolidated(const struct format_input *in, const struct value *map)
{
    for (size_t i = 0; i < value_len(map); i++) {
        const struct value_member *m = &map->as.members[i];
        struct slice below = m->key;

        if (i == LIMIT_TENSOR_FACTS) {
            struct array more = {.in = in, .meta = map};

            value_list_begin(&more.problems, in->scratch);
            problem(&more, "more arrays than are told (LIMIT_TENSOR_FACTS)");
            tell_one(&more);
            return;
        }
        if (!value_is(m->value, VALUE_MAP) || !is_array(m->value))
            continue;
        if (slice_ends(below, ARRAY_SUFFIX))
            below.len -= strlen(ARRAY_SUFFIX);
        else if (below.len > 0)
            below = slice_str(
                arena_printf(in->scratch, "%.*s/", (int)below.len, (const char *)below.data));
        tell_array(in, m->value, below);
    }
}

/* The metadata of arrays below, where there are any. */
static const struct value *below_of(const struct document_input *d)
{
    return slice_ends(slice_str(d->name), ".zmetadata")
               ? value_get(d->root, "metadata")
               : value_path(d->root, "consolidated_metadata.metadata");
}

static bool is(const struct document_input *d)
{
    static const char *const ends[] = {ARRAY_SUFFIX, ".zmetadata", "zarr.json"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (slice_ends(slice_str(d->name), ends[i]))
            return is_array(d->root) || value_is(below_of(d), VALUE_MAP);
    return false;
}

static void tell(const struct document_input *d)
{
    consolidated(d->in, below_of(d));
    if (is_array(d->root))
        tell_array(d->in, d->root, SLICE_LIT(""));
}

const struct document document_zarr = {
    .name = "zarr",
    .summary = "arrays of Zarr, and of checkpoints of JAX: the codecs of their chunks",
    .spec = "Zarr v2; Zarr core specification 3.0; zarr-python 2.18, zarr/meta.py",
    .format = "zarr",
    .is = is,
    .tell = tell,
};
