#include "scanner/formats/format.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/graph/flatbuffer.h"
#include "scanner/formats/trees.h"

#define HEADER 8     /* bytes: magic and length */
#define INFO_KEYS 64 /* told as metadata */

/* SPEC: CatBoost 1.2, catboost/libs/model/flatbuffers/model.fbs */
enum { CORE_VERSION, CORE_TREES, CORE_INFO, CORE_PARTS };
enum { TREES_DIMENSION, TREES_SPLITS, TREES_SIZES, TREES_STARTS };

struct catboost {
    const struct format_input *in;
    struct flatbuffer f;
    struct flatbuffer_table core;
    struct trees trees;
    struct value_builder info;
    uint64_t keys;
    uint32_t parts;    /* what stands behind the model */
    struct slice part; /* the first of them */
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "CBM1") ? FORMAT_SURE + 10 : 0;
}

/* Each tree is a run of splits: where it begins, and how long it is. */
static bool read_trees(struct catboost *c, struct err *e)
{
    struct flatbuffer_vector splits, sizes, starts;
    struct flatbuffer_table t;
    uint64_t dimension = 0;

    if (!flatbuffer_sub(&c->core, CORE_TREES, &t, e))
        return false;
    if (t.at == 0)
        return err_pos(e, ERR_FORMAT, c->core.at, "a model without trees");
    if (!flatbuffer_scalar(&t, TREES_DIMENSION, 4, &dimension, e) ||
        !flatbuffer_vector(&t, TREES_SPLITS, 4, &splits, e) ||
        !flatbuffer_vector(&t, TREES_SIZES, 4, &sizes, e) ||
        !flatbuffer_vector(&t, TREES_STARTS, 4, &starts, e))
        return false;
    c->trees.trees = sizes.n;
    c->trees.nodes = splits.n;
    c->trees.classes = dimension;
    if (starts.n != sizes.n)
        trees_problem(&c->trees, "%" PRIu32 " sizes and %" PRIu32 " offsets of trees", sizes.n,
                      starts.n);
    for (uint32_t i = 0; i < sizes.n && i < starts.n; i++) {
        uint64_t size, start;

        if (!flatbuffer_element(&sizes, i, &size, e) || !flatbuffer_element(&starts, i, &start, e))
            return false;
        if (start > splits.n || size > splits.n - start)
            trees_problem(&c->trees,
                          "tree %" PRIu32 ": %" PRIu64 " splits from %" PRIu64
                          ", there are %" PRIu32,
                          i, size, start, splits.n);
    }
    return true;
}

static bool read_info(struct catboost *c, struct err *e)
{
    struct arena *a = c->in->scratch;
    struct flatbuffer_vector v;
    struct flatbuffer_table t;
    struct slice key, value;

    if (!flatbuffer_vector(&c->core, CORE_INFO, 4, &v, e))
        return false;
    c->keys = v.n;
    for (uint32_t i = 0; i < v.n; i++) {
        if (!flatbuffer_item(&v, i, &t, e) || !flatbuffer_string(&t, 0, a, &key, e) ||
            !flatbuffer_string(&t, 1, a, &value, e))
            return false;
        if (c->info.n < INFO_KEYS)
            value_map_put(&c->info, value_text(value_bytes(a, key, NULL)),
                          format_string(a, value, LIMIT_TALLY_BYTES));
    }
    return true;
}

static bool read_core(struct catboost *c, struct err *e)
{
    struct flatbuffer_vector parts;

    if (!flatbuffer_root(&c->f, &c->core, e) ||
        !flatbuffer_string(&c->core, CORE_VERSION, c->in->scratch, &c->trees.version, e) ||
        !read_trees(c, e) || !read_info(c, e) ||
        !flatbuffer_vector(&c->core, CORE_PARTS, 4, &parts, e))
        return false;
    c->parts = parts.n;
    return parts.n == 0 || flatbuffer_text(&parts, 0, c->in->scratch, &c->part, e);
}

static void tell(struct catboost *c)
{
    struct arena *a = c->in->scratch;
    struct value_builder b;

    trees_tell(&c->trees);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(c->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "keys", value_int(a, (int64_t)c->keys, NULL));
    value_map_add(&b, "metadata", value_map_end(&c->info, NULL));
    format_tell(c->in, "model.metadata", NULL, HEADER, value_map_end(&b, NULL));
}

/* Tables of target statistics: their number, each with its length. SPEC: CatBoost 1.2,
 * catboost/libs/model/static_ctr_provider.cpp. Other parts have no length: they reach to the end.
 */
static bool read_parts(const struct catboost *c, uint64_t at, uint64_t len, uint64_t *end,
                       struct err *e)
{
    uint8_t raw[4];
    uint32_t n = 0, size = 0;
    struct reader r;

    *end = len;
    if (c->parts != 1 || !slice_is(c->part, "static_provider_v1"))
        return true;
    for (uint64_t i = 0; i <= n; i++) {
        if (!source_read(c->in->bytes, at, raw, sizeof(raw), e))
            return false;
        r = reader_at((struct slice){raw, sizeof(raw)}, at);
        if (!reader_u32le(&r, i == 0 ? &n : &size))
            return false;
        at += sizeof(raw);
        if (size > len - at)
            return err_at(e, ERR_FORMAT, &r, "a part of %" PRIu32 " bytes, %" PRIu64 " are left",
                          size, len - at);
        at += size;
    }
    *end = at;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct catboost c = {.in = in};
    uint64_t len = source_len(in->bytes), end;
    uint8_t head[HEADER];
    struct reader r;
    uint32_t magic, size;
    bool ok;

    trees_init(&c.trees, in, "catboost");
    value_map_begin(&c.info, in->scratch);
    if ((len == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &len, e)) ||
        !source_read(in->bytes, 0, head, HEADER, e))
        return false;
    r = reader_over((struct slice){head, HEADER});
    if (!reader_u32le(&r, &magic) || !reader_u32le(&r, &size))
        return err_pos(e, ERR_FORMAT, 0, "the header is cut short");
    if (size == UINT32_MAX)
        return err_pos(e, ERR_UNSUPPORTED, 4, "a model of more than 4 GiB");
    if (size > len - HEADER)
        return err_pos(e, ERR_FORMAT, 4, "a model of %" PRIu32 " bytes, %" PRIu64 " are left", size,
                       len - HEADER);
    flatbuffer_init(&c.f, in->bytes, HEADER, HEADER + (uint64_t)size);
    ok = read_core(&c, e);
    flatbuffer_release(&c.f);
    if (!ok)
        return false;
    end = cover->parsed = HEADER + (uint64_t)size;
    if (c.parts > 0 && !read_parts(&c, cover->parsed, len, &end, e))
        return false;
    cover->opaque = end - cover->parsed;
    tell(&c);
    return true;
}

const struct format format_catboost = {
    .name = "catboost",
    .summary = "CatBoost models (.cbm): their trees and metadata",
    .spec = "CatBoost 1.2, catboost/libs/model/flatbuffers/model.fbs",
    .begins = "CBM1",
    .probe = probe,
    .parse = parse,
};
