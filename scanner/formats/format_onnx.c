#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/onnx.h"

#define NAMED_DATA 45 /* a bid of the name alone: anybody else goes first */
#define IR_MAX 4096   /* versions so far: 1 to 14 */

static bool ends(const char *name, const char *suffix)
{
    return slice_ends(slice_str(name), suffix);
}

/* What the first fields say. */
struct seen {
    uint32_t varint, bytes; /* fields by wire type */
    unsigned fields;
    bool broken; /* no walk over a message */
    bool fixed;  /* a field of fixed width: no message of a model has one at its outermost level */
};

static struct seen look(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;
    struct seen s = {0};

    while (r.left > 0) {
        if (!protobuf_head(&r, &f)) {
            s.broken = r.left > 20; /* not merely cut off by the end of the head */
            return s;
        }
        s.fields++;
        s.fixed = s.fixed || (f.wire != PROTOBUF_VARINT && f.wire != PROTOBUF_BYTES);
        if (f.number < 32 && f.wire == PROTOBUF_VARINT)
            s.varint |= 1u << f.number;
        if (f.number < 32 && f.wire == PROTOBUF_BYTES)
            s.bytes |= 1u << f.number;
        if (f.number == 1 && f.wire == PROTOBUF_VARINT && (f.value == 0 || f.value > IR_MAX))
            s.varint |= 1u << 31; /* no version */
        if (f.wire == PROTOBUF_BYTES && f.value >= r.left)
            return s;
        if (f.wire == PROTOBUF_BYTES && !reader_skip(&r, f.value))
            return s;
    }
    return s;
}

/* TensorProto, SequenceProto: test data beside a model. Field 2 is a number in both, text in a
 * model. */
static bool tensor_like(const struct seen *s)
{
    return (s->varint & 1u << 2) != 0 && (s->bytes & 1u << 2) == 0 &&
           (s->varint &
            ~(1u << 31 | 1u << 1 | 1u << 2 | 1u << 5 | 1u << 7 | 1u << 11 | 1u << 14)) == 0 &&
           (s->bytes & ~0x13fffu) == 0;
}

/* ModelProto: a version, and one of the fields that every model has. */
static bool model_like(const struct seen *s)
{
    const uint32_t mine = 1u << 7 | 1u << 8;
    const uint32_t texts = 1u << 2 | 1u << 3 | 1u << 4 | 1u << 6;
    const uint32_t known = onnx_read_schema.varint;

    return !s->fixed && (s->varint & ~known) == 0 && (s->bytes & (1u << 1 | 1u << 5)) == 0 &&
           (((s->varint & 1u << 1) != 0 && (s->bytes & (mine | texts)) != 0) ||
            (s->bytes & mine) != 0);
}

/* SPEC: docs/ExternalData.md; what exporters call the file of a model's external data. Nothing in
 * it says what it is. */
static bool data_name(const char *name)
{
    const struct slice s = slice_str(name);

    return slice_ends(s, ".onnx_data") || slice_ends(s, ".onnx.data");
}

static int probe(struct slice head, const char *name)
{
    const struct seen s = look(head);

    if (data_name(name))
        return NAMED_DATA;
    if (s.broken || s.fields == 0)
        return 0;
    if (ends(name, ".onnx") || model_like(&s))
        return FORMAT_CLAIM + 5;
    return ends(name, ".pb") && tensor_like(&s) ? FORMAT_CLAIM + 5 : 0;
}

static void begin(struct onnx *o, const struct format_input *in)
{
    struct arena *a = in->scratch;

    o->in = in;
    message_init(&o->w, in->feed, a);
    names_init(&o->opnames, a, LIMIT_OP_FACTS, LIMIT_OP_NAMES);
    names_init(&o->functions, a, LIMIT_GRAPH_FUNCTIONS, LIMIT_OP_NAMES);
    names_init(&o->domains, a, LIMIT_OP_FACTS, LIMIT_OP_NAMES);
    names_init(&o->imported, a, LIMIT_OP_FACTS, LIMIT_OP_NAMES);
    names_init(&o->locations, a, LIMIT_TENSOR_FACTS, LIMIT_OP_NAMES);
    value_map_begin(&o->opsets, a);
    value_map_begin(&o->metadata, a);
}

static bool lost(const struct onnx *o, struct err *e)
{
    if (o->ops_lost)
        return err_fail(e, ERR_LIMIT, "more than %d different operators (LIMIT_OP_FACTS)",
                        LIMIT_OP_FACTS);
    if (o->external_lost || o->bad_tensors > LIMIT_TENSOR_FACTS)
        return err_fail(e, ERR_LIMIT, "more than %d tensors to tell of (LIMIT_TENSOR_FACTS)",
                        LIMIT_TENSOR_FACTS);
    return true;
}

/* Test data beside a model: a tensor, or lists of them. A tensor's field 1 is a number. */
static bool read_test_data(struct onnx *o, const struct seen *s, struct err *e)
{
    const bool list =
        (s->bytes & 1u << 3) != 0 || ((s->bytes & 1u << 1) != 0 && (s->varint & 1u << 1) == 0);

    return list ? onnx_read_list(o, e) : onnx_tensor_read(o, e);
}

static void tell(struct onnx *o, bool tensor, bool ok)
{
    if (!tensor)
        onnx_tell_model(o);
    onnx_tell_external(o);
    if (ok)
        onnx_tell_tensors(o);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct onnx *o = ARENA_NEW(in->scratch, struct onnx);
    struct reader *r = &o->w.p.r;
    struct seen s;
    bool tensor, ok, sure;

    if (data_name(in->path)) {
        cover->format = "tensor-data";
        return feed_drain(in->feed, &cover->opaque, e);
    }
    begin(o, in);
    if (!feed_more(in->feed, r, FORMAT_PROBE_BYTES, e))
        return false;
    s = look((struct slice){r->data, r->left < FORMAT_PROBE_BYTES ? r->left : FORMAT_PROBE_BYTES});
    tensor = ends(in->path, ".pb") && tensor_like(&s);
    ok = tensor ? read_test_data(o, &s, e) : onnx_read_model(o, e);
    if (tensor)
        sure = ok && o->w.unknown == 0 && o->bad_tensors == 0;
    else
        sure = o->graph || o->nfunctions > 0 || o->training || (!ok && ends(in->path, ".onnx"));
    if (in->weak && !sure) {
        cover->declined = true;
        err_clear(e);
        return true;
    }
    cover->parsed = r->offset - o->w.p.opaque;
    cover->opaque = o->w.p.opaque;
    cover->format = tensor ? "onnx-tensor" : NULL;
    tell(o, tensor, ok);
    return ok && lost(o, e);
}

const struct format format_onnx = {
    .name = "onnx",
    .summary = "ONNX models: graphs, functions, tensors and where their data lies",
    .spec = "onnx.proto, IR version 14; docs/IR.md, docs/ExternalData.md",
    .probe = probe,
    .parse = parse,
};
