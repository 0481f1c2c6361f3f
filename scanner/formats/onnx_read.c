/* The messages of an ONNX model, as onnx.proto has them. */
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/onnx.h"

#define BIT(n) (1u << (n))
#define TWICE_MAX 64 /* different fields that stand there twice, to be told */

const struct onnx_message onnx_model = {
    "ModelProto",
    BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7),
    BIT(1) | BIT(5),
    BIT(2) | BIT(3) | BIT(4) | BIT(6) | BIT(7) | BIT(8) | BIT(14) | BIT(20) | BIT(25) | BIT(26),
    0,
    0};
static const struct onnx_message graph_message = {
    "GraphProto",
    BIT(2) | BIT(10),
    0,
    BIT(1) | BIT(2) | BIT(5) | BIT(10) | BIT(11) | BIT(12) | BIT(13) | BIT(14) | BIT(15) | BIT(16),
    0,
    0};
static const struct onnx_message node_message = {"NodeProto",
                                                 BIT(3) | BIT(4) | BIT(6) | BIT(7) | BIT(8),
                                                 0,
                                                 BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) |
                                                     BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10),
                                                 0,
                                                 0};
static const struct onnx_message attribute_message = {
    "AttributeProto",
    BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(13) | BIT(14) | BIT(20) | BIT(21) |
        BIT(22),
    BIT(3) | BIT(8) | BIT(20),
    BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(13) |
        BIT(14) | BIT(15) | BIT(21) | BIT(22) | BIT(23),
    BIT(2) | BIT(7),
    0};
static const struct onnx_message function_message = {"FunctionProto",
                                                     BIT(1) | BIT(8) | BIT(10) | BIT(13),
                                                     BIT(2) | BIT(3),
                                                     BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7) |
                                                         BIT(8) | BIT(9) | BIT(10) | BIT(11) |
                                                         BIT(12) | BIT(13) | BIT(14),
                                                     0,
                                                     0};
static const struct onnx_message training_message = {
    "TrainingInfoProto", BIT(1) | BIT(2), 0, BIT(1) | BIT(2) | BIT(3) | BIT(4), 0, 0};
static const struct onnx_message opset_message = {
    "OperatorSetIdProto", BIT(1) | BIT(2), BIT(2), BIT(1), 0, 0};
static const struct onnx_message entry_message = {
    "StringStringEntryProto", BIT(1) | BIT(2), 0, BIT(1) | BIT(2), 0, 0};
/* SPEC: onnx-data.proto: SequenceProto and OptionalProto have the same numbers */
static const struct onnx_message list_message = {"SequenceProto",
                                                 BIT(1) | BIT(2),
                                                 BIT(2),
                                                 BIT(1) | BIT(3) | BIT(4) | BIT(5) | BIT(6) |
                                                     BIT(7),
                                                 0,
                                                 0};

static const char *const wire_names[] = {"a varint", "64 bits", "bytes", "", "", "32 bits"};

static bool wire_fits(const struct onnx_message *m, const struct protobuf_field *f)
{
    const uint32_t bit = BIT(f->number);
    const uint32_t varint = m->varint & bit, bytes = m->bytes & bit;
    const uint32_t narrow = m->fixed32 & bit, wide = m->fixed64 & bit;

    switch (f->wire) {
    case PROTOBUF_VARINT:
        return varint != 0;
    case PROTOBUF_BYTES:
        return bytes != 0;
    case PROTOBUF_FIXED32:
        return narrow != 0;
    case PROTOBUF_FIXED64:
        return wide != 0;
    }
    return false;
}

/* SPEC: Encoding, "Last One Wins": of two values the last one counts, two messages become one, and
 * readers that stop at the first see another model. */
static void note_twice(struct onnx *o, const struct onnx_message *m, uint32_t number)
{
    const char *text = arena_printf(o->in->scratch, "%s.%u", m->name, (unsigned)number);

    if (o->twice.n < TWICE_MAX)
        (void)names_add(&o->twice, slice_str(text));
}

bool onnx_field(struct onnx *o, const struct onnx_message *m, uint32_t *seen,
                struct protobuf_field *f, struct err *e)
{
    const uint32_t all = m->varint | m->bytes | m->fixed32 | m->fixed64;

    if (!protobuf_next(&o->p, f, e))
        return err_in(e, "%s", m->name);
    if (f->number == 0)
        return true;
    if (f->number >= 32 || (all & BIT(f->number)) == 0) {
        o->unknown_fields++;
        f->number = 31; /* no message has it: passed over */
        return true;
    }
    /* readers that know the field take other bytes for one that they do not know */
    if (!wire_fits(m, f))
        return err_pos(e, ERR_FORMAT, f->at, "%s: field %u holds %s", m->name, (unsigned)f->number,
                       wire_names[f->wire]);
    if ((m->once & *seen & BIT(f->number)) != 0)
        note_twice(o, m, f->number);
    *seen |= BIT(f->number);
    return true;
}

bool onnx_text(struct onnx *o, struct onnx_text *t, struct err *e)
{
    struct slice s;

    if (!protobuf_lend(&o->p, &s, e))
        return false;
    t->len = s.len < ONNX_TEXT ? s.len : ONNX_TEXT;
    memcpy(t->bytes, s.data, t->len);
    return true;
}

struct slice onnx_slice(const struct onnx_text *t)
{
    return (struct slice){t->bytes, t->len};
}

bool onnx_entry(struct onnx *o, struct onnx_text *key, struct onnx_text *value, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    key->len = value->len = 0;
    for (;;) {
        if (!onnx_field(o, &entry_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if ((f.number == 1 && !onnx_text(o, key, e)) || (f.number == 2 && !onnx_text(o, value, e)))
            return false;
    }
}

/* ---- nodes ---- */
static struct slice opname(struct arena *a, const struct onnx_text *domain,
                           const struct onnx_text *op)
{
    uint8_t *to = arena_alloc(a, domain->len + 1 + op->len);

    memcpy(to, domain->bytes, domain->len);
    memcpy(to + domain->len + 1, op->bytes, op->len);
    return (struct slice){to, domain->len + 1 + op->len};
}

struct node {
    struct onnx_text op, domain, name;
    uint64_t at;
};

/* SPEC: IR.md, "Operator Sets": "ai.onnx" is the empty domain */
static void count_op(struct onnx *o, struct node *n)
{
    uint8_t joined[2 * ONNX_TEXT + 1];
    const size_t before = o->opnames.n;
    struct onnx_op *op;
    uint32_t at;

    o->nodes++;
    if (slice_is(onnx_slice(&n->domain), "ai.onnx"))
        n->domain.len = 0;
    memcpy(joined, n->domain.bytes, n->domain.len);
    joined[n->domain.len] = '\0';
    memcpy(joined + n->domain.len + 1, n->op.bytes, n->op.len);
    at = names_add(&o->opnames, (struct slice){joined, n->domain.len + 1 + n->op.len});
    if (at == NAMES_NONE) {
        o->ops_lost = true;
        return;
    }
    op = o->opnames.n > before ? ARENA_PUSH(o->in->scratch, &o->ops, &o->nops) : &o->ops[at];
    if (op->count++ == 0) {
        op->offset = n->at;
        op->in_function = o->in_function > 0;
        op->node = arena_slice(o->in->scratch, onnx_slice(&n->name));
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
        return protobuf_enter(&o->p, NULL, e) && onnx_read_tensor(o, e);
    case 6:  /* g */
    case 11: /* graphs */
        return protobuf_enter(&o->p, NULL, e) && read_graph(o, e);
    case 22: /* sparse_tensor */
    case 23: /* sparse_tensors */
        return protobuf_enter(&o->p, NULL, e) && onnx_read_sparse(o, e);
    default:
        return true;
    }
}

static bool read_attribute(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!onnx_field(o, &attribute_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.wire == PROTOBUF_BYTES && !attribute_field(o, f.number, e))
            return false;
    }
}

static bool read_node(struct onnx *o, struct err *e)
{
    struct node n = {.at = protobuf_offset(&o->p)};
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!onnx_field(o, &node_message, &seen, &f, e))
            return false;
        if (f.number == 3)
            ok = onnx_text(o, &n.name, e);
        else if (f.number == 4)
            ok = onnx_text(o, &n.op, e);
        else if (f.number == 5)
            ok = protobuf_enter(&o->p, NULL, e) && read_attribute(o, e);
        else if (f.number == 7)
            ok = onnx_text(o, &n.domain, e);
    } while (ok && f.number != 0);
    if (ok)
        count_op(o, &n);
    return ok;
}

/* ---- graphs, functions, the model ---- */
static void keep_metadata(struct onnx *o, const struct onnx_text *key, const struct slice value)
{
    o->metadata_keys++;
    if (o->metadata.n < LIMIT_METADATA_KEYS)
        value_map_put(&o->metadata,
                      value_text(format_string(o->in->scratch, onnx_slice(key), ONNX_TEXT)),
                      format_string(o->in->scratch, value, PROTOBUF_LEND));
}

static bool read_metadata(struct onnx *o, struct err *e)
{
    struct onnx_text key = {0};
    struct slice value = {0}, kept = {0};
    struct protobuf_field f;
    uint32_t seen = 0;

    do {
        if (!onnx_field(o, &entry_message, &seen, &f, e))
            return false;
        if (f.number == 1 && !onnx_text(o, &key, e))
            return false;
        if (f.number == 2) {
            if (!protobuf_lend(&o->p, &value, e))
                return false;
            kept = o->metadata.n < LIMIT_METADATA_KEYS ? arena_slice(o->in->scratch, value) : kept;
        }
    } while (f.number != 0);
    keep_metadata(o, &key, kept);
    return true;
}

static bool graph_field(struct onnx *o, uint32_t number, struct err *e)
{
    switch (number) {
    case 1:
        return protobuf_enter(&o->p, NULL, e) && read_node(o, e);
    case 5:
        o->initializers++;
        return protobuf_enter(&o->p, NULL, e) && onnx_read_tensor(o, e);
    case 15:
        o->sparse++;
        return protobuf_enter(&o->p, NULL, e) && onnx_read_sparse(o, e);
    case 16:
        return protobuf_enter(&o->p, NULL, e) && read_metadata(o, e);
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
        if (!onnx_field(o, &graph_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (!graph_field(o, f.number, e))
            return false;
    }
}

static bool read_opset(struct onnx *o, struct err *e)
{
    struct onnx_text domain = {0};
    struct protobuf_field f;
    struct arena *a = o->in->scratch;
    uint32_t seen = 0;
    int64_t version = 0;

    do {
        if (!onnx_field(o, &opset_message, &seen, &f, e) ||
            (f.number == 1 && !onnx_text(o, &domain, e)))
            return false;
        if (f.number == 2)
            version = (int64_t)f.value;
    } while (f.number != 0);
    if (o->opsets.n < LIMIT_METADATA_KEYS)
        value_map_put(&o->opsets, value_text(format_string(a, onnx_slice(&domain), ONNX_TEXT)),
                      value_int(a, version, NULL));
    return true;
}

static bool read_function(struct onnx *o, struct err *e)
{
    struct onnx_text name = {0}, domain = {0};
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    o->nfunctions++;
    o->in_function++;
    do {
        if (!onnx_field(o, &function_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = onnx_text(o, &name, e);
        else if (f.number == 10)
            ok = onnx_text(o, &domain, e);
        else if (f.number == 7)
            ok = protobuf_enter(&o->p, NULL, e) && read_node(o, e);
        else if (f.number == 11)
            ok = protobuf_enter(&o->p, NULL, e) && read_attribute(o, e);
        else if (f.number == 9)
            ok = protobuf_enter(&o->p, NULL, e) && read_opset(o, e);
        else if (f.number == 14)
            ok = protobuf_enter(&o->p, NULL, e) && read_metadata(o, e);
    } while (ok && f.number != 0);
    o->in_function--;
    if (slice_is(onnx_slice(&domain), "ai.onnx"))
        domain.len = 0;
    if (ok)
        (void)names_add(&o->functions, opname(o->in->scratch, &domain, &name));
    return ok;
}

static bool read_training(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    o->training = true;
    for (;;) {
        if (!onnx_field(o, &training_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if ((f.number == 1 || f.number == 2) &&
            (!protobuf_enter(&o->p, NULL, e) || !read_graph(o, e)))
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
        return onnx_text(o, &o->producer, e);
    case 3:
        return onnx_text(o, &o->producer_version, e);
    case 4:
        return onnx_text(o, &o->domain, e);
    case 5:
        o->model_version = (int64_t)f->value;
        return true;
    case 7:
        o->graph = true;
        return protobuf_enter(&o->p, NULL, e) && read_graph(o, e);
    case 8:
        return protobuf_enter(&o->p, NULL, e) && read_opset(o, e);
    case 14:
        return protobuf_enter(&o->p, NULL, e) && read_metadata(o, e);
    case 20:
        return protobuf_enter(&o->p, NULL, e) && read_training(o, e);
    case 25:
        return protobuf_enter(&o->p, NULL, e) && read_function(o, e);
    default:
        return true;
    }
}

bool onnx_read_model(struct onnx *o, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    for (;;) {
        if (!onnx_field(o, &onnx_model, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
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
        if (!onnx_field(o, &list_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 3)
            ok = protobuf_enter(&o->p, NULL, e) && onnx_read_tensor(o, e);
        else if (f.number == 4)
            ok = protobuf_enter(&o->p, NULL, e) && onnx_read_sparse(o, e);
        else if (f.number == 5 || f.number == 7)
            ok = protobuf_enter(&o->p, NULL, e) && onnx_read_list(o, e);
        if (!ok)
            return false;
    }
}
