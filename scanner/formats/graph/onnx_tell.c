/* The facts about an ONNX model, told when all of it was read. */
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/graph/onnx.h"
#include "scanner/formats/summary.h"

static const struct value *text(struct onnx *o, const struct message_text *t)
{
    return format_string(o->in->scratch, message_slice(t), MESSAGE_TEXT);
}

static const struct value *number(struct onnx *o, uint64_t n)
{
    return value_int(o->in->scratch, n > INT64_MAX ? INT64_MAX : (int64_t)n, NULL);
}

static void begin(struct onnx *o, struct value_builder *b)
{
    struct arena *a = o->in->scratch;

    value_map_begin(b, a);
    value_map_add(b, "path", format_string(a, slice_str(o->in->path), LIMIT_NAME_BYTES));
    value_map_add(b, "framework", value_str(a, "onnx"));
}

static void tell_graph(struct onnx *o)
{
    struct arena *a = o->in->scratch;
    struct value_builder b;

    begin(o, &b);
    value_map_add(&b, "producer", text(o, &o->producer));
    value_map_add(&b, "producer_version", text(o, &o->producer_version));
    value_map_add(&b, "ir_version", value_int(a, o->ir_version, NULL));
    value_map_add(&b, "domain", text(o, &o->domain));
    value_map_add(&b, "model_version", value_int(a, o->model_version, NULL));
    value_map_add(&b, "opsets", value_map_end(&o->opsets, NULL));
    value_map_add(&b, "nodes", number(o, o->nodes));
    value_map_add(&b, "ops", number(o, o->nops));
    value_map_add(&b, "graphs", number(o, o->graphs));
    value_map_add(&b, "functions", number(o, o->nfunctions));
    value_map_add(&b, "initializers", number(o, o->initializers));
    value_map_add(&b, "sparse_initializers", number(o, o->sparse));
    value_map_add(&b, "training", value_bool(a, o->training, NULL));
    value_map_add(&b, "bad_tensors", number(o, o->bad_tensors));
    value_map_add(&b, "unknown_fields", number(o, o->w.unknown));
    value_map_add(&b, "repeated", message_twice(&o->w, a));
    format_tell(o->in, "model.graph", NULL, 0, value_map_end(&b, NULL));
}

static void tell_op(struct onnx *o, size_t i)
{
    const struct slice name = o->opnames.name[i];
    const struct onnx_op *op = &o->ops[i];
    struct arena *a = o->in->scratch;
    struct value_builder b;
    size_t n = 0;

    while (name.data[n] != '\0' && n + 1 < name.len)
        n++;
    begin(o, &b);
    value_map_add(&b, "domain", format_string(a, (struct slice){name.data, n}, MESSAGE_TEXT));
    value_map_add(&b, "op", format_string(a, slice_from(name, n + 1), MESSAGE_TEXT));
    value_map_add(&b, "count", number(o, op->count));
    value_map_add(&b, "offset", number(o, op->offset));
    value_map_add(&b, "node", format_string(a, op->node, MESSAGE_TEXT));
    value_map_add(&b, "in_function", value_bool(a, op->in_function, NULL));
    value_map_add(&b, "local", value_bool(a, names_find(&o->functions, name) != NAMES_NONE, NULL));
    format_tell(o->in, "model.op", NULL, op->offset, value_map_end(&b, NULL));
}

static void tell_external(struct onnx *o, size_t i)
{
    struct onnx_external *x = &o->external[i];
    struct arena *a = o->in->scratch;
    const char *target = companions_add(o->in, o->locations.name[i]);
    struct value_builder b;

    if (x->keys.arena == NULL)
        value_list_begin(&x->keys, a);
    begin(o, &b);
    value_map_add(&b, "location", format_string(a, o->locations.name[i], MESSAGE_TEXT));
    value_map_add(&b, "tensors", number(o, x->tensors));
    value_map_add(&b, "tensor", format_string(a, x->tensor, MESSAGE_TEXT));
    value_map_add(&b, "offset", format_string(a, x->offset, MESSAGE_TEXT));
    value_map_add(&b, "length", format_string(a, x->length, MESSAGE_TEXT));
    value_map_add(&b, "keys", value_list_end(&x->keys, NULL));
    value_map_add(&b, "problem", onnx_tensor_problems(a, x->problems));
    value_map_add(&b, "target",
                  format_string(a, slice_str(target != NULL ? target : ""), LIMIT_NAME_BYTES));
    value_map_add(&b, "end", number(o, x->end));
    format_tell(o->in, "model.external_data", NULL, x->at, value_map_end(&b, NULL));
}

static void tell_bad(struct onnx *o, const struct onnx_bad *t)
{
    struct arena *a = o->in->scratch;
    struct value_builder b;

    begin(o, &b);
    value_map_add(&b, "tensor", format_string(a, t->name, MESSAGE_TEXT));
    value_map_add(&b, "type", value_int(a, t->type, NULL));
    value_map_add(&b, "dimensions", number(o, t->dimensions));
    value_map_add(&b, "problem", onnx_tensor_problems(a, t->problems));
    format_tell(o->in, "model.tensor", NULL, t->at, value_map_end(&b, NULL));
}

void onnx_tell_tensors(struct onnx *o)
{
    struct arena *a = o->in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    for (size_t i = 0; i < ARRAY_LEN(o->types); i++)
        if (o->types[i] > 0 && onnx_tensor_type(i) != NULL)
            value_map_add(&types, onnx_tensor_type(i), number(o, o->types[i]));
    summary_tell(o->in, o->tensors, o->tensor_bytes, value_map_end(&types, NULL));
}

void onnx_tell_external(struct onnx *o)
{
    for (size_t i = 0; i < o->nexternal; i++)
        tell_external(o, i);
    for (size_t i = 0; i < o->nbad; i++)
        tell_bad(o, &o->bad[i]);
}

static void tell_metadata(struct onnx *o)
{
    struct value_builder b;

    begin(o, &b);
    value_map_add(&b, "keys", number(o, o->metadata_keys));
    value_map_add(&b, "metadata", value_map_end(&o->metadata, NULL));
    format_tell(o->in, "model.metadata", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

void onnx_tell_model(struct onnx *o)
{
    tell_graph(o);
    for (size_t i = 0; i < o->nops; i++)
        tell_op(o, i);
    if (o->metadata_keys > 0)
        tell_metadata(o);
}
