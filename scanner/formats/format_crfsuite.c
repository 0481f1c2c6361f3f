/* Models of CRFsuite: features with their weights, two databases of names, references between them.
 * The library maps the file and believes each offset and index in it, so all of them are checked.
 */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/summary.h"

#define HEADER 48
#define CHUNK 12   /* bytes of the header of a chunk: its name, its size, how many items */
#define FEATURE 20 /* bytes of a feature */
#define DB_HEADER 24
#define DB_TABLES 256
#define DB_DATA (DB_HEADER + DB_TABLES * 8)
#define DB_ORDER 0x62445371 /* as the writer's byte order has it */
#define ALIGNED 3           /* zeros before references, at most */
#define ENDS 2              /* labels for the begin and the end of a sequence, behind the others */

struct crf {
    struct slice all;
    struct arena *a;
    uint32_t features, labels, attributes;
    uint32_t at[5]; /* of the chunks, in the order of `places` */
    size_t end;     /* of the last chunk that was read */
};

enum place { FEATURES, LABELS, ATTRIBUTES, OF_LABELS, OF_ATTRIBUTES };

/* Where a chunk is in the header, and what it is called. */
static const struct {
    size_t header;
    const char *name;
} places[] = {{28, "FEAT"}, {32, "CQDB"}, {36, "CQDB"}, {40, "LFRF"}, {44, "AFRF"}};

/* Four bytes that are there. */
static uint32_t u32(const struct crf *c, size_t at)
{
    const uint8_t *p = c->all.data + at;

    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= HEADER && slice_starts(head, "lCRF") && memcmp(head.data + 8, "FOMC", 4) == 0
               ? FORMAT_CERTAIN
               : 0;
}

/* SPEC: CRFsuite 0.12, lib/crf/src/crf1d_model.c, crf1dmw_close */
static bool read_header(struct crf *c, struct err *e)
{
    if (u32(c, 12) != 100)
        return err_pos(e, ERR_UNSUPPORTED, 12, "a model of version %" PRIu32, u32(c, 12));
    if (u32(c, 4) != c->all.len)
        return err_pos(e, ERR_FORMAT, 4, "a model of %" PRIu32 " bytes, the file has %zu",
                       u32(c, 4), c->all.len);
    c->labels = u32(c, 20);
    c->attributes = u32(c, 24);
    if (c->labels > c->all.len || c->attributes > c->all.len)
        return err_pos(e, ERR_FORMAT, 20,
                       "%" PRIu32 " labels and %" PRIu32 " attributes in %zu bytes", c->labels,
                       c->attributes, c->all.len);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        c->at[i] = u32(c, places[i].header);
    return true;
}

/* A chunk has to be where the one before it ends, but for `pad` zeros: nothing lies between, or
 * twice. */
static bool follows(const struct crf *c, enum place which, size_t pad, struct err *e)
{
    bool ok = c->at[which] >= c->end && c->at[which] - c->end <= pad;

    for (size_t i = c->end; ok && i < c->at[which]; i++)
        ok = i < c->all.len && c->all.data[i] == 0;
    return ok || err_pos(e, ERR_FORMAT, places[which].header,
                         "chunk %s at %" PRIu32 ", the one before it ends at %zu",
                         places[which].name, c->at[which], c->end);
}

/* The next chunk, of `least` bytes: c->end becomes its end, which is in the file. */
static bool next_chunk(struct crf *c, enum place which, size_t pad, size_t least, struct err *e)
{
    const size_t at = c->at[which];
    uint32_t size;

    if (!follows(c, which, pad, e))
        return false;
    if (at > c->all.len || c->all.len - at < least)
        return err_pos(e, ERR_FORMAT, at, "chunk %s is cut short", places[which].name);
    if (memcmp(c->all.data + at, places[which].name, 4) != 0)
        return err_pos(e, ERR_FORMAT, at, "no chunk %s", places[which].name);
    size = u32(c, at + 4);
    if (size < least || size > c->all.len - at)
        return err_pos(e, ERR_FORMAT, at + 4, "chunk %s of %" PRIu32 " bytes, there are %zu",
                       places[which].name, size, c->all.len - at);
    c->end = at + size;
    return true;
}

/* SPEC: lib/crf/src/crf1d_feature.h: a state feature leads from an attribute to a label, a
 * transition from a label to one. */
static bool read_features(struct crf *c, struct err *e)
{
    const size_t at = c->at[FEATURES];

    if (!next_chunk(c, FEATURES, 0, CHUNK, e))
        return false;
    c->features = u32(c, at + 8);
    if ((c->end - at - CHUNK) / FEATURE != c->features || (c->end - at - CHUNK) % FEATURE != 0)
        return err_pos(e, ERR_FORMAT, at + 8, "%" PRIu32 " features in %zu bytes", c->features,
                       c->end - at - CHUNK);
    for (size_t i = at + CHUNK; i < c->end; i += FEATURE) {
        const uint32_t type = u32(c, i), from = u32(c, i + 4), to = u32(c, i + 8);

        if (type > 1)
            return err_pos(e, ERR_FORMAT, i, "a feature of type %" PRIu32, type);
        if (from >= (type == 0 ? c->attributes : c->labels))
            return err_pos(e, ERR_FORMAT, i + 4, "a feature of %s %" PRIu32 ", which there is not",
                           type == 0 ? "attribute" : "label", from);
        if (to >= c->labels)
            return err_pos(e, ERR_FORMAT, i + 8,
                           "a feature for label %" PRIu32 ", which there is not", to);
    }
    return true;
}

/* ---- a database of names. SPEC: lib/cqdb/src/cqdb.c ---- */
struct db {
    size_t at, end, tables, back; /* tables: behind the records */
    uint32_t records, names;
    uint8_t *starts; /* a bit for each byte in which a record may begin */
};

static bool starts(const struct db *d, uint32_t offset)
{
    return offset < d->tables - d->at && (d->starts[offset / 8] >> offset % 8 & 1) != 0;
}

static bool read_db_header(struct crf *c, enum place which, struct db *d, struct err *e)
{
    uint64_t buckets = 0;
    uint32_t back;

    if (!next_chunk(c, which, 0, DB_DATA, e))
        return false;
    d->at = c->at[which];
    d->end = c->end;
    if (u32(c, d->at + 12) != DB_ORDER)
        return err_pos(e, ERR_FORMAT, d->at + 12, "a byte order of 0x%08" PRIx32,
                       u32(c, d->at + 12));
    for (size_t i = 0; i < DB_TABLES; i++)
        buckets += u32(c, d->at + DB_HEADER + 8 * i + 4);
    d->names = u32(c, d->at + 16);
    back = u32(c, d->at + 20);
    if (buckets % 2 != 0 || back < DB_DATA || back > d->end - d->at || back - DB_DATA < buckets * 8)
        return err_pos(e, ERR_FORMAT, d->at + 20,
                       "names at %" PRIu32 " behind tables of %" PRIu64 " rows", back, buckets);
    d->records = (uint32_t)(buckets / 2);
    d->back = d->at + back;
    d->tables = d->back - (size_t)buckets * 8;
    return true;
}

/* Each record is a number, the length of its name with the zero behind it, and that. */
static bool read_records(const struct crf *c, struct db *d, uint32_t known, struct err *e)
{
    size_t i = d->at + DB_DATA;

    d->starts = arena_alloc(c->a, (d->tables - d->at) / 8 + 1);
    for (uint32_t n = 0; n < d->records; n++) {
        uint32_t len;

        if (d->tables - i < 9)
            return err_pos(e, ERR_FORMAT, i, "name %" PRIu32 " of %" PRIu32 " is cut short", n,
                           d->records);
        len = u32(c, i + 4);
        if (u32(c, i) >= known)
            return err_pos(e, ERR_FORMAT, i, "a name for %" PRIu32 ", there are %" PRIu32,
                           u32(c, i), known);
        if (len == 0 || len > d->tables - i - 8 ||
            memchr(c->all.data + i + 8, 0, len) != c->all.data + i + 8 + len - 1)
            return err_pos(e, ERR_FORMAT, i + 4, "a name of %" PRIu32 " bytes without its end",
                           len);
        d->starts[(i - d->at) / 8] |= (uint8_t)(1u << (i - d->at) % 8);
        i += 8 + (size_t)len;
    }
    return i == d->tables || err_pos(e, ERR_FORMAT, i, "%zu bytes behind the names", d->tables - i);
}

/* One table of rows, half of them empty: a search ends at an empty one. */
static bool read_table(const struct crf *c, const struct db *d, size_t at, uint32_t rows,
                       struct err *e)
{
    uint32_t full = 0;

    for (size_t i = at; i < at + (size_t)rows * 8; i += 8) {
        const uint32_t offset = u32(c, i + 4);

        if (offset != 0 && !starts(d, offset))
            return err_pos(e, ERR_FORMAT, i + 4,
                           "a row that leads to %" PRIu32 ", where no name is", offset);
        full += offset != 0;
    }
    return full < rows || rows == 0 ||
           err_pos(e, ERR_FORMAT, at, "a table of %" PRIu32 " rows, none is empty", rows);
}

static bool read_db(struct crf *c, enum place which, uint32_t known, struct err *e)
{
    struct db d = {.at = 0};
    size_t at;

    if (!read_db_header(c, which, &d, e) || !read_records(c, &d, known, e))
        return false;
    at = d.tables;
    for (size_t i = 0; i < DB_TABLES; i++) {
        const size_t ref = d.at + DB_HEADER + 8 * i;
        const uint32_t rows = u32(c, ref + 4);

        if (rows != 0 && u32(c, ref) != at - d.at)
            return err_pos(e, ERR_FORMAT, ref, "table %zu at %" PRIu32 ", its place is %zu", i,
                           u32(c, ref), at - d.at);
        if (!read_table(c, &d, at, rows, e))
            return false;
        at += (size_t)rows * 8;
    }
    if ((d.end - d.back) % 4 != 0 || (d.end - d.back) / 4 < known || d.names < known)
        return err_pos(e, ERR_FORMAT, d.back, "%zu bytes for %" PRIu32 " names", d.end - d.back,
                       known);
    for (size_t i = d.back; i < d.end; i += 4)
        if (u32(c, i) != 0 && !starts(&d, u32(c, i)))
            return err_pos(e, ERR_FORMAT, i, "a name at %" PRIu32 ", where none is", u32(c, i));
    return true;
}

/* ---- references: for each name the features that have it ---- */
/* The last `ends` of the items have none, nor a place; nobody asks for those. */
static bool read_references(struct crf *c, enum place which, uint32_t items, uint32_t ends,
                            struct err *e)
{
    const size_t at = c->at[which];
    size_t next;

    if (!next_chunk(c, which, ALIGNED, CHUNK, e))
        return false;
    if (u32(c, at + 8) != items || (c->end - at - CHUNK) / 4 < items)
        return err_pos(e, ERR_FORMAT, at + 8, "references of %" PRIu32 " items in %zu bytes",
                       u32(c, at + 8), c->end - at - CHUNK);
    next = at + CHUNK + (size_t)items * 4;
    for (size_t i = at + CHUNK; i < at + CHUNK + (size_t)items * 4; i += 4) {
        uint32_t n;

        if (u32(c, i) == 0 && i >= at + CHUNK + (size_t)(items - ends) * 4)
            continue;
        if (u32(c, i) != next || c->end - next < 4)
            return err_pos(e, ERR_FORMAT, i, "references at %" PRIu32 ", their place is %zu",
                           u32(c, i), next);
        n = u32(c, next);
        next += 4;
        if (n > (c->end - next) / 4)
            return err_pos(e, ERR_FORMAT, next - 4, "%" PRIu32 " references in %zu bytes", n,
                           c->end - next);
        for (uint32_t k = 0; k < n; k++, next += 4)
            if (u32(c, next) >= c->features)
                return err_pos(e, ERR_FORMAT, next, "feature %" PRIu32 " of %" PRIu32, u32(c, next),
                               c->features);
    }
    return next == c->end ||
           err_pos(e, ERR_FORMAT, next, "%zu bytes behind the references", c->end - next);
}

static bool read_all(struct crf *c, struct err *e)
{
    if (!read_header(c, e) || !read_features(c, e) || !read_db(c, LABELS, c->labels, e) ||
        !read_db(c, ATTRIBUTES, c->attributes, e) ||
        !read_references(c, OF_LABELS, c->labels + ENDS, ENDS, e) ||
        !read_references(c, OF_ATTRIBUTES, c->attributes, 0, e))
        return false;
    return c->end == c->all.len ||
           err_pos(e, ERR_FORMAT, c->end, "%zu bytes behind the last chunk", c->all.len - c->end);
}

static void tell(const struct format_input *in, const struct crf *c)
{
    struct arena *a = in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    value_map_add(&types, "float64", value_int(a, c->features, NULL));
    summary_tell(in, 1, (uint64_t)c->features * 8, value_map_end(&types, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct crf c = {.a = in->scratch, .end = HEADER};

    if (!source_slurp(in->bytes, LIMIT_CRFSUITE_BYTES, in->scratch, &c.all, e))
        return false;
    if (c.all.len < HEADER)
        return err_pos(e, ERR_FORMAT, c.all.len, "a header is cut short");
    if (!read_all(&c, e))
        return false;
    cover->opaque = (uint64_t)c.features * 8;
    cover->parsed = c.all.len - cover->opaque;
    tell(in, &c);
    return true;
}

const struct format format_crfsuite = {
    .name = "crfsuite",
    .summary = "models of CRFsuite: every offset and index that the library believes",
    .spec = "CRFsuite 0.12, lib/crf/src/crf1d_model.c, lib/cqdb/src/cqdb.c",
    .begins = "lCRF",
    .probe = probe,
    .parse = parse,
};
