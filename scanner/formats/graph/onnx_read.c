/* The messages of an ONNX model, as onnx.proto has them. */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/onnx.h"

#define BIT(n) (1u << (n))

const struct message onnx_read_schema = {
    .name = "ModelProto",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7),
    .varint = BIT(1) | BIT(5),
    .bytes =
        BIT(2) | BIT(3) | BIT(4) | BIT(6) | BIT(7) | BIT(8) | BIT(14) | BIT(20) | BIT(25) | BIT(26),
};
static const struct message graph_message = {
    .name = "GraphProto",
    .once = BIT(2) | BIT(10),
    .bytes = BIT(1) | BIT(2) | BIT(5) | BIT(10) | BIT(11) | BIT(12) | BIT(13) | BIT(14) | BIT(15) |
             BIT(16),
};
static const struct message node_message = {
    .name = "NodeProto",
    .once = BIT(3) | BIT(4) | BIT(6) | BIT(7) | BIT(8),
    .bytes =
        BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10),
};
static const struct message attribute_message = {
    .name = "AttributeProto",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(13) | BIT(14) | BIT(20) |
            BIT(21) | BIT(22),
    .varint = BIT(3) | BIT(8) | BIT(20),
    .bytes = BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(11) |
             BIT(13) | BIT(14) | BIT(15) | BIT(21) | BIT(22) | BIT(23),
    .fixed32 = BIT(2) | BIT(7),
};
static const struct message function_message = {
    .name = "FunctionProto",
    .once = BIT(1) | BIT(8) | BIT(10) | BIT(13),
    .varint = BIT(2) | BIT(3),
    .bytes = BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(11) |
             BIT(12) | BIT(13) | BIT(14),
};
static const struct message training_message = {
    .name = "TrainingInfoProto",
    .once = BIT(1) | BIT(2),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4),
};
static const struct message opset_message = {
    .name = "OperatorSetIdProto",
    .once = BIT(1) | BIT(2),
    .varint = BIT(2),
    .bytes = BIT(1),
};
static const struct message entry_message = {
    .name = "StringStringEntryProto",
    .once = BIT(1) | BIT(2),
    .bytes = BIT(1) | BIT(2),
};
/* SPEC: onnx-data.proto: SequenceProto and OptionalProto have the same numbers */
static const struct message list_message = {
    .name = "SequenceProto",
    .once = BIT(1) | BIT(2),
    .varint = BIT(2),
    .bytes = BIT(1) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7),
};

bool onnx_read_entry(struct onnx *o, struct message_text *key, struct message_text *value,
                     struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    key->len = value->len = 0;
    for (;;) {
        if (!message_next(&o->w, &entry_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if ((f.number == 1 && !message_read_text(&o->w.p, key, e)) ||
            (f.number == 2 && !message_read_text(&o->w.p, value, e)))
            return false;
    }
}

/* ---- nodes ---- */
/* SPEC: IR.md, "Operator Sets": "ai.onnx" is the empty domain */
static struct slice domain_of(const struct message_text *domain)
{
    const struct slice s = message_slice(domain);

    return slice_is(s, "ai.onnx") ? (struct slice){s.data, 0} : s;
}

/* "domain NUL operator". */
struct joined {
    uint8_t bytes[2 * MESSAGE_TEXT + 1];
};

static struct slice join(struct joined *to, const struct message_text *domain,
                         const struct message_text *op)
{
    const size_t n = domain_of(domain).len;

    memcpy(to->bytes, domain->bytes, n);
    to->bytes[n] = '\0';
    memcpy(to->bytes + n + 1, op->bytes, op->len);
    return (struct slice){to->bytes, n + 1 + op->len};
}

struct node {
    struct message_text op, domain, name;
    uint64_t at;
};

static void count_op(struct onnx *o, const struct node *n)
{
    const size_t before = o->opnames.n;
    struct joined joined;
    struct onnx_op *op;
    uint32_t at;

    o->nodes++;
    at = names_add(&o->opnames, join(&joined, &n->domain, &n->op));
    if (o->in_function == 0 && names_add(&o->domains, domain_of(&n->domain)) == NAMES_NONE)
        o->ops_lost = true;
    if (at == NAMES_NONE) {
        o->ops_lost = true;
        return;
    }
    op = o->opnames.n > before ? ARENA_PUSH(o->in->scratch, &o->ops, &o->nops) : &o->ops[at];
    if (op->count++ == 0) {
        op->offset = n->at;
        op->in_function = o->in_function > 0;
        op->node = arena_slice(o->in->scratch, message_slice(&n->name));
    }
}

static bool read_graph(struct onnx *o, struct err *e);

static bool attribute_field(struct onnx *o, uint32_t number, struct err *e)
{
    switch (number) {
    case 4: /* s */
    case 7: /* floats */
    case 8: /* ints */
    case 9: /* strings */
        return true;
    case 5:  /* t */
    case 10: /* tensors */
        return protobuf_enter(&o->w.p, NULL, e) && onnx_tensor_read(o, e);
    case 6:  /* g */
    case 11: /* graphs */
        return protobuf_enter(&o->w.p, NULL, e) && read_graph(o, e);
    case 22: /* sparse_tensor */
    case 23: /* sparse_tensors */
        return protobuf_enter(&o->w.p, NULL, e) && onnx_tensor_read_sparse(o, e);
    default:
        return true;
    }
}

static bool read_attribute(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&o->w, &attribute_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.wire == PROTOBUF_BYTES && !attribute_field(o, f.number, e))
            return false;
    }
}

static bool read_node(struct onnx *o, struct err *e)
{
    struct node n = {.at = protobuf_offset(&o->w.p)};
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&o->w, &node_message, &seen, &f, e))
            return false;
        if (f.number == 3)
            ok = message_read_text(&o->w.p, &n.name, e);
        else if (f.number == 4)
            ok = message_read_text(&o->w.p, &n.op, e);
        else if (f.number == 5)
            ok = protobuf_enter(&o->w.p, NULL, e) && read_attribute(o, e);
        else if (f.number == 7)
            ok = message_read_text(&o->w.p, &n.domain, e);
    } while (ok && f.number != 0);
    if (ok)
        count_op(o, &n);
    return ok;
}

/* ---- graphs, functions, the model ---- */
static void keep_metadata(struct onnx *o, const struct message_text *key, const struct slice value)
{
    if (o->metadata_keys++ < LIMIT_METADATA_KEYS)
        value_map_put(&o->metadata,
                      value_text(format_string(o->in->scratch, message_slice(key), MESSAGE_TEXT)),
                      format_string(o->in->scratch, value, PROTOBUF_LEND));
}

static bool read_metadata(struct onnx *o, struct err *e)
{
    struct message_text key = {0};
    struct slice value = {0}, kept = {0};
    struct protobuf_field f;
    uint32_t seen = 0;

    do {
        if (!message_next(&o->w, &entry_message, &seen, &f, e))
            return false;
        if (f.number == 1 && !message_read_text(&o->w.p, &key, e))
            return false;
        if (f.number == 2) {
            if (!protobuf_lend(&o->w.p, &value, e))
                return false;
            kept =
                o->metadata_keys < LIMIT_METADATA_KEYS ? arena_slice(o->in->scratch, value) : kept;
        }
    } while (f.number != 0);
    keep_metadata(o, &key, kept);
    return true;
}

static bool graph_field(struct onnx *o, uint32_t number, struct err *e)
{
    switch (number) {
    case 1:
        return protobuf_enter(&o->w.p, NULL, e) && read_node(o, e);
    case 5:
        o->initializers++;
        return protobuf_enter(&o->w.p, NULL, e) && onnx_tensor_read(o, e);
    case 15:
        o->sparse++;
        return protobuf_enter(&o->w.p, NULL, e) && onnx_tensor_read_sparse(o, e);
    case 16:
        return protobuf_enter(&o->w.p, NULL, e) && read_metadata(o, e);
    default:
        return true;
    }
}

static bool read_graph(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    o->graphs++;
    for (;;) {
        if (!message_next(&o->w, &graph_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (!graph_field(o, f.number, e))
            return false;
    }
}

static bool read_opset(struct onnx *o, struct err *e)
{
    struct message_text domain = {0};
    struct protobuf_field f;
    struct arena *a = o->in->scratch;
    uint32_t seen = 0;
    int64_t version = 0;

    do {
        if (!message_next(&o->w, &opset_message, &seen, &f, e) ||
            (f.number == 1 && !message_read_text(&o->w.p, &domain, e)))
            return false;
        if (f.number == 2)
            version = (int64_t)f.value;
    } while (f.number != 0);
    if (o->in_function == 0 && names_add(&o->imported, domain_of(&domain)) == NAMES_NONE)
        o->ops_lost = true;
    if (o->nopsets++ < LIMIT_METADATA_KEYS)
        value_map_put(&o->opsets,
                      value_text(format_string(a, message_slice(&domain), MESSAGE_TEXT)),
                      value_int(a, version, NULL));
    return true;
}

static bool read_function(struct onnx *o, struct err *e)
{
    struct message_text name = {0}, domain = {0};
    struct joined joined;
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    o->nfunctions++;
    o->in_function++;
    do {
        if (!message_next(&o->w, &function_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = message_read_text(&o->w.p, &name, e);
        else if (f.number == 10)
            ok = message_read_text(&o->w.p, &domain, e);
        else if (f.number == 7)
            ok = protobuf_enter(&o->w.p, NULL, e) && read_node(o, e);
        else if (f.number == 11)
            ok = protobuf_enter(&o->w.p, NULL, e) && read_attribute(o, e);
        else if (f.number == 9)
            ok = protobuf_enter(&o->w.p, NULL, e) && read_opset(o, e);
        else if (f.number == 14)
            ok = protobuf_enter(&o->w.p, NULL, e) && read_metadata(o, e);
    } while (ok && f.number != 0);
    o->in_function--;
    if (ok)
        (void)names_add(&o->functions, join(&joined, &domain, &name));
    return ok;
}

static bool read_training(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    o->training = true;
    for (;;) {
        if (!message_next(&o->w, &training_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if ((f.number == 1 || f.number == 2) &&
            (!protobuf_enter(&o->w.p, NULL, e) || !read_graph(o, e)))
            return false;
    }
}

static bool model_field(struct onnx *o, const struct protobuf_field *f, struct err *e)
{
    switch (f->number) {
    case 1:
        o->ir_version = (int64_t)f->value;
        return true;
    case 2:
        return message_read_text(&o->w.p, &o->producer, e);
    case 3:
        return message_read_text(&o->w.p, &o->producer_version, e);
    case 4:
        return message_read_text(&o->w.p, &o->domain, e);
    case 5:
        o->model_version = (int64_t)f->value;
        return true;
    case 7:
        o->graph = true;
        return protobuf_enter(&o->w.p, NULL, e) && read_graph(o, e);
    case 8:
        return protobuf_enter(&o->w.p, NULL, e) && read_opset(o, e);
    case 14:
        return protobuf_enter(&o->w.p, NULL, e) && read_metadata(o, e);
    case 20:
        return protobuf_enter(&o->w.p, NULL, e) && read_training(o, e);
    case 25:
        return protobuf_enter(&o->w.p, NULL, e) && read_function(o, e);
    default:
        return true;
    }
}

/* SPEC: docs/IR.md, "Models" and "Operator Sets": from IR version 3 on a model imports the operator
 * sets of all its nodes. They often stand at the end, so this is also how a file that was cut off
 * between two fields shows. */
static bool whole_model(const struct onnx *o, struct err *e)
{
    const uint64_t at = o->w.p.r.offset;

    if (!o->graph || o->ir_version == 1 || o->ir_version == 2)
        return true;
    if (o->imported.n == 0)
        return err_pos(e, ERR_FORMAT, at,
                       "a model of IR version %" PRId64 " that names no operator set",
                       o->ir_version);
    for (size_t i = 0; i < o->domains.n; i++) {
        const struct slice d = o->domains.name[i];

        if (names_find(&o->imported, d) == NAMES_NONE)
            return err_pos(e, ERR_FORMAT, at,
                           "operators of '%.*s', which the model does not import",
                           d.len < 80 ? (int)d.len : 80, (const char *)d.data);
    }
    return true;
}

bool onnx_read_model(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&o->w, &onnx_read_schema, &seen, &f, e))
            return false;
        if (f.number == 0)
            return whole_model(o, e);
        if (!model_field(o, &f, e))
            return false;
    }
}

bool onnx_read_list(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    for (;;) {
        if (!message_next(&o->w, &list_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 3)
            ok = protobuf_enter(&o->w.p, NULL, e) && onnx_tensor_read(o, e);
        else if (f.number == 4)
            ok = protobuf_enter(&o->w.p, NULL, e) && onnx_tensor_read_sparse(o, e);
        else if (f.number == 5 || f.number == 7)
            ok = protobuf_enter(&o->w.p, NULL, e) && onnx_read_list(o, e);
        if (!ok)
            return false;
    }
}
