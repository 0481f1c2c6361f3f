/* A model of ONNX Runtime as a FlatBuffer: the graph of an ONNX model as its optimizer left it. */
#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/ort.h"
#include "scanner/formats/summary.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 8 && memcmp(head.data + 4, "ORTM", 4) == 0 ? FORMAT_CERTAIN : 0;
}

/* ---- facts ---- */
static void tell_summary(const struct ort *o)
{
    struct arena *a = o->in->scratch;
    struct value_builder counts;

    value_map_begin(&counts, a);
    for (size_t i = 0; i < ORT_TYPES; i++)
        if (o->counts[i] > 0)
            value_map_add(&counts, ort_read_type(i), value_int(a, (int64_t)o->counts[i], NULL));
    summary_tell(o->in, o->tensors, o->bytes, value_map_end(&counts, NULL));
}

static void tell(struct ort *o)
{
    struct arena *a = o->in->scratch;
    struct value_builder b;

    tally_tell(&o->ops, o->in, "onnx");
    tell_summary(o);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(o->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, "onnx"));
    value_map_add(&b, "producer", format_string(a, o->producer, LIMIT_TALLY_BYTES));
    value_map_add(&b, "producer_version", format_string(a, o->producer_version, LIMIT_TALLY_BYTES));
    value_map_add(&b, "domain", format_string(a, o->domain, LIMIT_TALLY_BYTES));
    value_map_add(&b, "ir_version", value_int(a, (int64_t)o->ir_version, NULL));
    value_map_add(&b, "model_version", value_int(a, (int64_t)o->model_version, NULL));
    value_map_add(&b, "opsets", value_map_end(&o->opsets, NULL));
    value_map_add(&b, "nodes", value_int(a, (int64_t)o->nodes, NULL));
    value_map_add(&b, "ops", value_int(a, (int64_t)o->ops.n, NULL));
    value_map_add(&b, "graphs", value_int(a, (int64_t)o->graphs, NULL));
    value_map_add(&b, "functions", value_int(a, 0, NULL));
    value_map_add(&b, "initializers", value_int(a, (int64_t)o->tensors, NULL));
    value_map_add(&b, "sparse_initializers", value_int(a, (int64_t)o->sparse, NULL));
    value_map_add(&b, "unknown_fields", value_int(a, (int64_t)o->unknown, NULL));
    format_tell(o->in, "model.graph", NULL, 0, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct ort *o = ARENA_NEW(in->scratch, struct ort);
    uint64_t len = source_len(in->bytes), accounted = 0;
    bool ok;

    o->in = in;
    tally_init(&o->ops, in->scratch);
    value_map_begin(&o->opsets, in->scratch);
    if (len == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &len, e))
        return false;
    flatbuffer_init(&o->f, in->bytes, 0, len);
    ok = ort_read_session(o, e) && flatbuffer_padding(&o->f, &accounted, e);
    flatbuffer_release(&o->f);
    if (!ok)
        return false;
    cover->opaque = o->bytes < accounted ? o->bytes : accounted;
    cover->parsed = accounted - cover->opaque;
    tell(o);
    return true;
}

const struct format format_ort = {
    .name = "ort",
    .summary = "models of ONNX Runtime as a FlatBuffer (.ort)",
    .spec = "ONNX Runtime 1.22, core/flatbuffers/schema/ort.fbs",
    .probe = probe,
    .parse = parse,
};
