#include "scanner/formats/graph/tflite.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/summary.h"

#define NAMES 64 /* of metadata and signatures that are told */

/* ---- metadata, signatures, weights in other files ---- */
bool tflite_tell_metadata(struct tflite *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->model, TFLITE_METADATA, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        struct slice name;
        uint64_t buffer = 0;

        if (!flatbuffer_item(&v, i, &table, e) || !flatbuffer_string(&table, 0, a, &name, e) ||
            !flatbuffer_scalar(&table, 1, 4, &buffer, e) ||
            !format_tflite_range(buffer, t->nbuffers, "buffer", &table, e))
            return err_in(e, "metadata %" PRIu32, i);
        if (t->metadata.n < NAMES)
            value_list_add(&t->metadata, format_string(a, name, LIMIT_TALLY_BYTES));
    }
    return true;
}

bool tflite_tell_signatures(struct tflite *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector v;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->model, TFLITE_SIGNATURES, 4, &v, e))
        return false;
    for (uint32_t i = 0; i < v.n; i++) {
        struct slice key;
        uint64_t graph = 0;

        if (!flatbuffer_item(&v, i, &table, e) || !flatbuffer_string(&table, 2, a, &key, e) ||
            !flatbuffer_scalar(&table, 4, 4, &graph, e) ||
            !format_tflite_range(graph, t->ngraphs, "subgraph", &table, e))
            return err_in(e, "signature %" PRIu32, i);
        if (t->signatures.n < NAMES)
            value_list_add(&t->signatures, format_string(a, key, LIMIT_TALLY_BYTES));
    }
    return true;
}

/* SPEC: schema.fbs, ExternalBuffer: a range of the file of its group. */
static bool check_external(const struct flatbuffer_vector *v, uint32_t groups, struct err *e)
{
    struct flatbuffer_table table;
    struct flatbuffer_vector packing;

    for (uint32_t i = 0; i < v->n; i++) {
        uint64_t group = 0, at = 0, size = 0;

        if (!flatbuffer_item(v, i, &table, e) || !flatbuffer_scalar(&table, 1, 4, &group, e) ||
            !format_tflite_range(group, groups, "group", &table, e) ||
            !flatbuffer_scalar(&table, 2, 8, &at, e) ||
            !flatbuffer_scalar(&table, 3, 8, &size, e) ||
            !flatbuffer_vector(&table, 4, 1, &packing, e))
            return err_in(e, "external buffer %" PRIu32, i);
        if (size > UINT64_MAX - at)
            return err_pos(e, ERR_FORMAT, table.at,
                           "external buffer %" PRIu32 ": %" PRIu64 " bytes at byte %" PRIu64, i,
                           size, at);
    }
    return true;
}

/* SPEC: schema.fbs, ExternalBufferGroup: the name is that of a file beside the model. */
bool tflite_tell_external(struct tflite *t, struct err *e)
{
    struct arena *a = t->in->scratch;
    struct flatbuffer_vector groups, external;
    struct flatbuffer_table table;

    if (!flatbuffer_vector(&t->model, TFLITE_GROUPS, 4, &groups, e) ||
        !flatbuffer_vector(&t->model, TFLITE_EXTERNAL, 4, &external, e))
        return false;
    t->nexternal = external.n;
    if (groups.n > LIMIT_TALLY_NAMES)
        return err_pos(e, ERR_LIMIT, groups.at,
                       "%" PRIu32 " files of weights, at most %d (LIMIT_TALLY_NAMES)", groups.n,
                       LIMIT_TALLY_NAMES);
    for (uint32_t i = 0; i < groups.n; i++) {
        struct value_builder b;
        struct slice name;

        if (!flatbuffer_item(&groups, i, &table, e) || !flatbuffer_string(&table, 0, a, &name, e))
            return err_in(e, "external group %" PRIu32, i);
        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, "tflite"));
        value_map_add(&b, "kind", value_str(a, "weights"));
        value_map_add(&b, "location", format_string(a, name, LIMIT_TALLY_BYTES));
        value_map_add(&b, "count", value_int(a, 1, NULL));
        format_tell(t->in, "model.reference", arena_printf(a, "%s#%" PRIu32, t->in->path, i),
                    table.at, value_map_end(&b, NULL));
    }
    return check_external(&external, groups.n, e);
}

/* ---- facts ---- */
static void tell_summary(const struct tflite *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder dtypes;

    value_map_begin(&dtypes, a);
    for (size_t i = 0; i < TFLITE_TYPES; i++)
        if (t->counts[i] > 0)
            value_map_add(&dtypes, tflite_graph_types[i].name,
                          value_int(a, (int64_t)t->counts[i], NULL));
    summary_tell(t->in, t->tensors, t->opaque, value_map_end(&dtypes, NULL));
}

void tflite_tell(const struct tflite *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder embedded = t->embedded, metadata = t->metadata;
    struct value_builder signatures = t->signatures, b, codes;

    tally_tell(&t->custom, t->in, "tflite");
    tell_summary(t);

    value_list_begin(&codes, a);
    for (int64_t i = 0; i < TFLITE_CODES; i++)
        if (t->builtin[i] > 0)
            value_list_add(&codes, value_int(a, i, NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "version", value_int(a, (int64_t)t->version, NULL));
    value_map_add(&b, "subgraphs", value_int(a, t->ngraphs, NULL));
    value_map_add(&b, "operators", value_int(a, (int64_t)t->operators, NULL));
    value_map_add(&b, "builtin_codes", value_list_end(&codes, NULL));
    value_map_add(&b, "buffers", value_int(a, t->nbuffers, NULL));
    value_map_add(&b, "external_buffers", value_int(a, t->nexternal, NULL));
    value_map_add(&b, "mismatched_sizes", value_int(a, (int64_t)t->sizes, NULL));
    value_map_add(&b, "embedded", value_list_end(&embedded, NULL));
    value_map_add(&b, "metadata", value_list_end(&metadata, NULL));
    value_map_add(&b, "signatures", value_list_end(&signatures, NULL));
    value_map_add(&b, "attachment",
                  t->attachment > 0 ? value_int(a, (int64_t)t->attachment, NULL)
                                    : value_null(a, NULL));
    value_map_add(&b, "untold", value_int(a, (int64_t)t->custom.lost, NULL));
    format_tell(t->in, "model.tflite", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}
