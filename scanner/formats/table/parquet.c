#include "scanner/formats/table/parquet.h"

#include <inttypes.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/names.h"
#include "scanner/formats/table/thrift.h"

#define FIRST 4 /* bytes of the magic */
#define DEPTH 128

/* A place of the file that the footer names; `len` 0 and no place mean that there is none. */
static bool range(struct parquet *p, int64_t at, int64_t len, const char *what, struct err *e)
{
    struct parquet_range *r;
    uint64_t end;

    if (at < FIRST || len < 0 || !checked_add((uint64_t)at, (uint64_t)len, &end) ||
        end > p->data_end)
        return err_pos(e, ERR_FORMAT, p->chunk_at,
                       "%s of %" PRId64 " bytes at %" PRId64 " lies outside of the data", what, len,
                       at);
    if (len == 0)
        return true;
    r = ARENA_PUSH(p->arena, &p->ranges, &p->nranges);
    *r = (struct parquet_range){(uint64_t)at, end};
    return true;
}

/* ---- the schema: a tree, depth first ---- */
struct schema {
    uint32_t open[DEPTH]; /* children that are still to come, of each group around */
    unsigned depth;
    bool ended;
};

static bool place_element(struct parquet *p, struct schema *s, int64_t children, uint64_t at,
                          struct err *e)
{
    if (s->ended || children < 0 || children > INT32_MAX)
        return err_pos(e, ERR_FORMAT, at, "the schema is no tree");
    if (s->depth > 0)
        s->open[s->depth - 1]--;
    if (children > 0) {
        if (s->depth == DEPTH)
            return err_pos(e, ERR_LIMIT, at, "the schema nests more than %d levels", DEPTH);
        s->open[s->depth++] = (uint32_t)children;
    } else if (p->elements > 0) {
        p->leaves++;
    }
    while (s->depth > 0 && s->open[s->depth - 1] == 0)
        s->depth--;
    s->ended = s->depth == 0;
    return true;
}

/* SchemaElement */
static bool element(struct parquet *p, struct reader *r, struct schema *s, struct err *e)
{
    struct thrift t = {.r = r, .name = "SchemaElement"};
    struct thrift_field f;
    const uint64_t at = r->offset;
    int64_t children = 0;
    struct slice name;
    bool named = false;

    for (;;) {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type == THRIFT_STOP)
            break;
        if (f.number == 4) {
            if (!thrift_binary(&t, &f, &name, e))
                return false;
            named = true;
        } else if (f.number == 5 ? !thrift_int(&t, &f, &children, e) : !thrift_skip(r, &f, e)) {
            return false;
        }
    }
    if (!named)
        return err_pos(e, ERR_FORMAT, at, "an element of the schema without a name");
    if (!place_element(p, s, children, at, e))
        return false;
    p->elements++;
    return true;
}

static bool schema(struct parquet *p, const struct thrift *t, const struct thrift_field *f,
                   struct err *e)
{
    struct schema s = {.depth = 0};
    uint32_t n;

    if (!thrift_list(t, f, THRIFT_STRUCT, &n, e))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!element(p, t->r, &s, e))
            return false;
    return s.ended || err_pos(e, ERR_FORMAT, f->at, "the schema is no tree");
}

/* ---- key-value metadata ---- */
/* KeyValue; those of a column are passed over with it. */
static bool key_value(struct parquet *p, struct reader *r, struct err *e)
{
    struct thrift t = {.r = r, .name = "KeyValue"};
    struct parquet_key kv = {.at = r->offset}, *kept;
    struct thrift_field f;

    for (;;) {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type == THRIFT_STOP)
            break;
        if (f.number == 1 || f.number == 2) {
            if (!thrift_binary(&t, &f, f.number == 1 ? &kv.key : &kv.value, e))
                return false;
        } else if (!thrift_skip(r, &f, e)) {
            return false;
        }
    }
    kept = ARENA_PUSH(p->arena, &p->keys, &p->nkeys);
    *kept = kv;
    return true;
}

static bool key_values(struct parquet *p, const struct thrift *t, const struct thrift_field *f,
                       struct err *e)
{
    uint32_t n;

    if (!thrift_list(t, f, THRIFT_STRUCT, &n, e))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!key_value(p, t->r, e))
            return false;
    return true;
}

/* ---- columns ---- */
struct column {
    int64_t compressed, data, dictionary, bloom, bloom_len; /* 0: not there */
    bool sized;
};

/* ColumnMetaData */
static bool column_metadata(struct parquet *p, struct reader *r, struct column *c, struct err *e)
{
    struct thrift t = {.r = r, .name = "ColumnMetaData"};
    struct thrift_field f;
    int64_t *to;

    for (;;) {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type == THRIFT_STOP)
            return true;
        to = f.number == 4    ? &p->codec
             : f.number == 7  ? &c->compressed
             : f.number == 9  ? &c->data
             : f.number == 11 ? &c->dictionary
             : f.number == 14 ? &c->bloom
             : f.number == 15 ? &c->bloom_len
                              : NULL;
        c->sized = c->sized || f.number == 7;
        if (to != NULL ? !thrift_int(&t, &f, to, e) : !thrift_skip(r, &f, e))
            return false;
    }
}

/* SPEC: parquet.thrift, ColumnMetaData: the pages begin with that of the dictionary, when there is
 * one; some writers say 0 where there is none, and of no pages at all. */
static bool place_column(struct parquet *p, const struct column *c, struct err *e)
{
    const bool dictionary = c->dictionary > 0 && (c->dictionary < c->data || c->data <= 0);
    const int64_t first = dictionary ? c->dictionary : c->data;

    if (!c->sized)
        return err_pos(e, ERR_FORMAT, p->chunk_at, "a column without a size");
    return range(p, first, c->compressed, "a column", e) &&
           (c->bloom_len == 0 || range(p, c->bloom, c->bloom_len, "a Bloom filter", e));
}

struct chunk {
    struct column column;
    int64_t copy, offsets, offsets_len, index, index_len;
    struct slice file;
    bool metadata, encrypted;
};

static bool chunk_field(struct parquet *p, const struct thrift *t, const struct thrift_field *f,
                        struct chunk *c, struct err *e)
{
    switch (f->number) {
    case 1:
        return thrift_binary(t, f, &c->file, e);
    case 2:
        return thrift_int(t, f, &c->copy, e);
    case 3:
        c->metadata = true;
        return thrift_is_struct(t, f, e) && column_metadata(p, t->r, &c->column, e);
    case 4:
        return thrift_int(t, f, &c->offsets, e);
    case 5:
        return thrift_int(t, f, &c->offsets_len, e);
    case 6:
        return thrift_int(t, f, &c->index, e);
    case 7:
        return thrift_int(t, f, &c->index_len, e);
    default:
        c->encrypted = c->encrypted || f->number == 8 || f->number == 9;
        return thrift_skip(t->r, f, e);
    }
}

/* ColumnChunk */
static bool chunk(struct parquet *p, struct reader *r, struct err *e)
{
    struct thrift t = {.r = r, .name = "ColumnChunk"};
    struct chunk c = {.metadata = false};
    struct thrift_field f;
    uint64_t *copy;

    p->chunk_at = r->offset;
    do {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type != THRIFT_STOP && !chunk_field(p, &t, &f, &c, e))
            return false;
    } while (f.type != THRIFT_STOP);
    p->chunks++;
    p->encrypted += c.encrypted;
    if (c.file.len > 0) {
        p->elsewhere++;
        (void)names_add(p->files, c.file);
        return true;
    }
    if (c.copy >= FIRST) {
        copy = ARENA_PUSH(p->arena, &p->copies, &p->ncopies);
        *copy = (uint64_t)c.copy;
    }
    if (!c.metadata && !c.encrypted)
        return err_pos(e, ERR_FORMAT, p->chunk_at, "a column without metadata");
    return (!c.metadata || place_column(p, &c.column, e)) &&
           (c.offsets_len == 0 || range(p, c.offsets, c.offsets_len, "an index", e)) &&
           (c.index_len == 0 || range(p, c.index, c.index_len, "an index", e));
}

static bool columns(struct parquet *p, const struct thrift *t, const struct thrift_field *f,
                    struct err *e)
{
    uint32_t n;

    if (!thrift_list(t, f, THRIFT_STRUCT, &n, e))
        return false;
    if (n != p->leaves)
        return err_pos(e, ERR_FORMAT, f->at,
                       "a row group of %" PRIu32 " columns, the schema has %" PRIu64, n, p->leaves);
    for (uint32_t i = 0; i < n; i++)
        if (!chunk(p, t->r, e))
            return false;
    return true;
}

/* RowGroup */
static bool row_group(struct parquet *p, struct reader *r, struct err *e)
{
    struct thrift t = {.r = r, .name = "RowGroup"};
    const uint64_t at = r->offset;
    struct thrift_field f;
    int64_t rows = 0;
    bool ok;

    for (;;) {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type == THRIFT_STOP)
            break;
        ok = f.number == 1   ? columns(p, &t, &f, e)
             : f.number == 3 ? thrift_int(&t, &f, &rows, e)
                             : thrift_skip(r, &f, e);
        if (!ok)
            return false;
    }
    if (rows < 0 || rows > INT64_MAX - p->group_rows)
        return err_pos(e, ERR_FORMAT, at, "a row group of %" PRId64 " rows", rows);
    p->group_rows += rows;
    p->groups++;
    return true;
}

static bool row_groups(struct parquet *p, const struct thrift *t, const struct thrift_field *f,
                       struct err *e)
{
    uint32_t n;

    if (!thrift_list(t, f, THRIFT_STRUCT, &n, e))
        return false;
    if (p->elements == 0)
        return err_pos(e, ERR_FORMAT, f->at, "row groups in front of the schema");
    for (uint32_t i = 0; i < n; i++)
        if (!row_group(p, t->r, e))
            return false;
    return true;
}

/* ---- FileMetaData ---- */
static bool file_field(struct parquet *p, const struct thrift *t, const struct thrift_field *f,
                       struct err *e)
{
    switch (f->number) {
    case 1:
        return thrift_int(t, f, &p->version, e);
    case 2:
        return schema(p, t, f, e);
    case 3:
        return thrift_int(t, f, &p->rows, e);
    case 4:
        return row_groups(p, t, f, e);
    case 5:
        return key_values(p, t, f, e);
    case 6:
        return thrift_binary(t, f, &p->created_by, e);
    default:
        p->signed_footer = p->signed_footer || f->number == 8;
        return thrift_skip(t->r, f, e);
    }
}

bool parquet_read(struct parquet *p, struct reader *r, struct err *e)
{
    struct thrift t = {.r = r, .name = "FileMetaData"};
    struct thrift_field f;

    do {
        if (!thrift_next(&t, &f, e))
            return false;
        if (f.type != THRIFT_STOP && !file_field(p, &t, &f, e))
            return false;
    } while (f.type != THRIFT_STOP);
    if ((t.seen & 0x1e) != 0x1e)
        return err_at(e, ERR_FORMAT, r, "the footer has no version, schema, rows or row groups");
    if (p->groups > 0 && p->rows != p->group_rows) /* _common_metadata has no groups */
        return err_at(e, ERR_FORMAT, r, "%" PRId64 " rows, the row groups have %" PRId64, p->rows,
                      p->group_rows);
    return true;
}
