/* GraphDef: nodes, their attributes, and the library of functions. */
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/graph/tensorflow.h"

#define BIT(n) (1u << (n))
#define DT_STRING 7
#define STRING_KEPT 256 /* bytes of a string that flows through a graph */

static const struct protobuf_name graph_names[] = {
    {"node", 1}, {"library", 2}, {"version", 3}, {"versions", 4}, {"debug_info", 5}, {NULL, 0}};
const struct message tensorflow_read_schema = {
    .name = "GraphDef",
    .once = BIT(2) | BIT(3) | BIT(4) | BIT(5),
    .varint = BIT(3),
    .bytes = BIT(1) | BIT(2) | BIT(4) | BIT(5),
    .names = graph_names,
};
static const struct protobuf_name node_names[] = {{"name", 1},
                                                  {"op", 2},
                                                  {"input", 3},
                                                  {"device", 4},
                                                  {"attr", 5},
                                                  {"experimental_debug_info", 6},
                                                  {"experimental_type", 7},
                                                  {NULL, 0}};
static const struct message node_message = {
    .name = "NodeDef",
    .once = BIT(1) | BIT(2) | BIT(4) | BIT(6) | BIT(7),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7),
    .names = node_names,
};
static const struct protobuf_name entry_names[] = {{"key", 1}, {"value", 2}, {NULL, 0}};
const struct message tensorflow_read_entry = {
    .name = "map",
    .once = BIT(1) | BIT(2),
    .varint = BIT(1) | BIT(2),
    .bytes = BIT(1) | BIT(2),
    .names = entry_names,
};
static const struct protobuf_name attr_names[] = {
    {"list", 1},  {"s", 2},      {"i", 3},           {"f", 4},     {"b", 5}, {"type", 6},
    {"shape", 7}, {"tensor", 8}, {"placeholder", 9}, {"func", 10}, {NULL, 0}};
static const struct message attr_message = {
    .name = "AttrValue",
    .once =
        BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10),
    .varint = BIT(3) | BIT(5) | BIT(6),
    .bytes = BIT(1) | BIT(2) | BIT(7) | BIT(8) | BIT(9) | BIT(10),
    .fixed32 = BIT(4),
    .names = attr_names,
};
static const struct protobuf_name list_names[] = {{"s", 2},      {"i", 3},    {"f", 4},
                                                  {"b", 5},      {"type", 6}, {"shape", 7},
                                                  {"tensor", 8}, {"func", 9}, {NULL, 0}};
static const struct message list_message = {
    .name = "ListValue",
    .varint = BIT(3) | BIT(5) | BIT(6),
    .bytes = BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9),
    .fixed32 = BIT(4),
    .names = list_names,
};
static const struct protobuf_name func_names[] = {{"name", 1}, {"attr", 2}, {NULL, 0}};
static const struct message func_message = {
    .name = "NameAttrList",
    .once = BIT(1),
    .bytes = BIT(1) | BIT(2),
    .names = func_names,
};
static const struct protobuf_name tensor_names[] = {{"dtype", 1},
                                                    {"tensor_shape", 2},
                                                    {"version_number", 3},
                                                    {"tensor_content", 4},
                                                    {"float_val", 5},
                                                    {"double_val", 6},
                                                    {"int_val", 7},
                                                    {"string_val", 8},
                                                    {"scomplex_val", 9},
                                                    {"int64_val", 10},
                                                    {"bool_val", 11},
                                                    {"dcomplex_val", 12},
                                                    {"half_val", 13},
                                                    {"resource_handle_val", 14},
                                                    {"variant_val", 15},
                                                    {"uint32_val", 16},
                                                    {"uint64_val", 17},
                                                    {"float8_val", 18},
                                                    {NULL, 0}};
static const struct message tensor_message = {
    .name = "TensorProto",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(18),
    .varint = BIT(1) | BIT(3) | BIT(7) | BIT(10) | BIT(11) | BIT(13) | BIT(16) | BIT(17),
    .bytes = BIT(2) | 0x3fff0u | BIT(18), /* lists of numbers are packed, or not */
    .fixed32 = BIT(5) | BIT(9),
    .fixed64 = BIT(6) | BIT(12),
    .names = tensor_names,
};
static const struct protobuf_name library_names[] = {
    {"function", 1}, {"gradient", 2}, {"registered_gradients", 3}, {NULL, 0}};
static const struct message library_message = {
    .name = "FunctionDefLibrary",
    .bytes = BIT(1) | BIT(2) | BIT(3),
    .names = library_names,
};
static const struct protobuf_name function_names[] = {{"signature", 1},
                                                      {"node_def", 3},
                                                      {"ret", 4},
                                                      {"attr", 5},
                                                      {"control_ret", 6},
                                                      {"arg_attr", 7},
                                                      {"resource_arg_unique_id", 8},
                                                      {NULL, 0}};
static const struct message function_message = {
    .name = "FunctionDef",
    .once = BIT(1),
    .bytes = BIT(1) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8),
    .names = function_names,
};
static const struct protobuf_name signature_names[] = {{"name", 1},
                                                       {"input_arg", 2},
                                                       {"output_arg", 3},
                                                       {"attr", 4},
                                                       {"summary", 5},
                                                       {"description", 6},
                                                       {"deprecation", 8},
                                                       {"is_aggregate", 16},
                                                       {"is_stateful", 17},
                                                       {"is_commutative", 18},
                                                       {"allows_uninitialized_input", 19},
                                                       {"control_output", 20},
                                                       {"is_distributed_communication", 21},
                                                       {NULL, 0}};
static const struct message signature_message = {
    .name = "OpDef",
    .once = BIT(1) | BIT(5) | BIT(6) | BIT(8) | BIT(16) | BIT(17) | BIT(18) | BIT(19) | BIT(21),
    .varint = BIT(16) | BIT(17) | BIT(18) | BIT(19) | BIT(21),
    .bytes = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(8) | BIT(20),
    .names = signature_names,
};
static const struct protobuf_name arg_names[] = {
    {"name", 1},        {"description", 2}, {"type", 3},
    {"type_attr", 4},   {"number_attr", 5}, {"type_list_attr", 6},
    {"handle_data", 7}, {"is_ref", 16},     {"experimental_full_type", 17},
    {NULL, 0}};
static const struct message arg_message = {
    .name = "ArgDef",
    .once = BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(16) | BIT(17),
    .varint = BIT(3) | BIT(16),
    .bytes = BIT(1) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(17),
    .names = arg_names,
};
static const struct protobuf_name gradient_names[] = {
    {"function_name", 1}, {"gradient_func", 2}, {NULL, 0}};
static const struct message gradient_message = {
    .name = "GradientDef",
    .once = BIT(1) | BIT(2),
    .bytes = BIT(1) | BIT(2),
    .names = gradient_names,
};

/* Attributes that name files, addresses or code. SPEC: TensorFlow 2.21, the ops' attributes */
static const char *const told_attributes[] = {
    "output_stream", "debug_urls",   "filename",         "file_name",          "file_pattern",
    "vocab_file",    "log_dir_path", "output_file_path", "reader_path_prefix", "writer_path_prefix",
    "path",          "address",      "call_target_name", "descriptor_source",  "token",
};

bool tensorflow_read_enter(struct tensorflow *t, const struct message *m, struct err *e)
{
    return protobuf_enter(&t->w.p, m->names, e);
}

bool tensorflow_read_key(struct tensorflow *t, struct message_text *key, struct protobuf_field *f,
                         struct err *e)
{
    uint32_t seen = 0;

    key->len = 0;
    do {
        if (!message_next(&t->w, &tensorflow_read_entry, &seen, f, e))
            return false;
        if (f->number == 1 && f->wire == PROTOBUF_BYTES && !message_read_text(&t->w.p, key, e))
            return false;
    } while (f->number != 0 && f->number != 2);
    return true;
}

bool tensorflow_read_entry_end(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = BIT(1) | BIT(2);

    do {
        if (!message_next(&t->w, &tensorflow_read_entry, &seen, &f, e))
            return false;
    } while (f.number != 0);
    return true;
}

/* ---- attributes ---- */
static bool told(struct slice key)
{
    return key.len == 0 || slice_among(key, told_attributes, ARRAY_LEN(told_attributes));
}

static bool keep_string(struct tensorflow *t, struct err *e)
{
    struct slice s;

    if (!protobuf_lend(&t->w.p, &s, e))
        return false;
    tensorflow_graph_string(&t->g,
                            (struct slice){s.data, s.len < STRING_KEPT ? s.len : STRING_KEPT});
    return true;
}

static bool data_type(struct tensorflow *t, const struct protobuf_field *f, uint64_t *out,
                      struct err *e)
{
    struct slice name;

    *out = f->value;
    if (f->wire != PROTOBUF_BYTES)
        return true;
    if (!protobuf_lend(&t->w.p, &name, e))
        return false;
    *out = slice_is(name, "DT_STRING") ? DT_STRING : 0;
    return true;
}

static bool read_tensor(struct tensorflow *t, struct err *e)
{
    const uint64_t before = t->w.p.opaque;
    struct protobuf_field f;
    uint32_t seen = 0;
    uint64_t type = 0;
    bool ok = true;

    t->constants++;
    do {
        if (!message_next(&t->w, &tensor_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = data_type(t, &f, &type, e);
        else if (f.number == 8 || (f.number == 4 && type == DT_STRING))
            ok = keep_string(t, e);
        else if (f.wire == PROTOBUF_BYTES && f.number > 2 && f.number != 14 && f.number != 15)
            ok = protobuf_opaque(&t->w.p, e);
    } while (ok && f.number != 0);
    t->constant_bytes += t->w.p.opaque - before;
    return ok;
}

static bool read_attr(struct tensorflow *t, bool tell, struct err *e);

/* A function, or an operator, with attributes of its own. */
static bool read_func(struct tensorflow *t, struct err *e)
{
    struct message_text key;
    struct protobuf_field f, v;
    uint32_t seen = 0;

    for (;;) {
        if (!message_next(&t->w, &func_message, &seen, &f, e))
            return false;
        if (f.number == 0)
            return true;
        if (f.number == 1) {
            if (!message_read_text(&t->w.p, &key, e))
                return false;
            tensorflow_graph_call(&t->g, message_slice(&key));
        }
        if (f.number != 2)
            continue;
        if (!tensorflow_read_enter(t, &tensorflow_read_entry, e) ||
            !tensorflow_read_key(t, &key, &v, e))
            return false;
        if (v.number == 2 &&
            (!tensorflow_read_enter(t, &attr_message, e) ||
             !read_attr(t, told(message_slice(&key)), e) || !tensorflow_read_entry_end(t, e)))
            return false;
    }
}

static bool read_list(struct tensorflow *t, bool tell, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &list_message, &seen, &f, e))
            return false;
        if (f.number == 2 && tell)
            ok = keep_string(t, e);
        else if (f.number == 8)
            ok = tensorflow_read_enter(t, &tensor_message, e) && read_tensor(t, e);
        else if (f.number == 9)
            ok = tensorflow_read_enter(t, &func_message, e) && read_func(t, e);
    } while (ok && f.number != 0);
    return ok;
}

static bool read_attr(struct tensorflow *t, bool tell, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &attr_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = tensorflow_read_enter(t, &list_message, e) && read_list(t, tell, e);
        else if (f.number == 2 && tell)
            ok = keep_string(t, e);
        else if (f.number == 8)
            ok = tensorflow_read_enter(t, &tensor_message, e) && read_tensor(t, e);
        else if (f.number == 10)
            ok = tensorflow_read_enter(t, &func_message, e) && read_func(t, e);
    } while (ok && f.number != 0);
    return ok;
}

static bool read_attr_entry(struct tensorflow *t, struct err *e)
{
    struct message_text key;
    struct protobuf_field f;

    if (!tensorflow_read_enter(t, &tensorflow_read_entry, e) ||
        !tensorflow_read_key(t, &key, &f, e))
        return false;
    if (f.number == 0)
        return true;
    return tensorflow_read_enter(t, &attr_message, e) &&
           read_attr(t, told(message_slice(&key)), e) && tensorflow_read_entry_end(t, e);
}

/* ---- nodes ---- */
static void count_op(struct tensorflow *t, struct tensorflow_node *n, struct slice name,
                     const struct message_text *op, uint64_t at)
{
    const size_t before = t->op_names.n;
    const uint32_t number = names_add(&t->op_names, message_slice(op));
    struct tensorflow_op *o;

    t->nodes++;
    if (number == NAMES_NONE) {
        t->ops_lost = true;
        return;
    }
    o = t->op_names.n > before ? ARENA_PUSH(t->in->scratch, &t->ops, &t->nops) : &t->ops[number];
    if (o->count++ == 0) {
        o->offset = at;
        o->in_function = t->in_function;
        o->node = arena_slice(t->in->scratch, name);
        o->first = TENSORFLOW_NONE;
    }
    if (n == NULL)
        return;
    n->op = number;
    n->assigns =
        slice_is(message_slice(op), "AssignVariableOp") || slice_is(message_slice(op), "Assign");
    n->next = o->first;
    o->first = (uint32_t)(t->g.nnodes - 1);
}

bool tensorflow_read_node(struct tensorflow *t, struct err *e)
{
    const uint64_t at = protobuf_offset(&t->w.p);
    struct tensorflow_node *n = tensorflow_graph_node(&t->g);
    struct message_text name = {0}, op = {0}, text;
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &node_message, &seen, &f, e))
            return false;
        if (f.number == 1) {
            ok = message_read_text(&t->w.p, &name, e);
        } else if (f.number == 2) {
            ok = message_read_text(&t->w.p, &op, e);
        } else if (f.number == 3) {
            ok = message_read_text(&t->w.p, &text, e);
            if (ok)
                tensorflow_graph_input(&t->g, message_slice(&text));
        } else if (f.number == 5) {
            ok = read_attr_entry(t, e);
        }
    } while (ok && f.number != 0);
    if (!ok)
        return false;
    count_op(t, n, message_slice(&name), &op, at);
    if (n != NULL)
        n->name = tensorflow_graph_name(&t->g, message_slice(&name));
    return true;
}

/* ---- functions ---- */
/* An argument of the function is a node without an operator. */
static bool read_arg(struct tensorflow *t, uint32_t place, struct err *e)
{
    struct message_text name = {0};
    struct tensorflow_node *n;
    struct protobuf_field f;
    uint32_t seen = 0;

    do {
        if (!message_next(&t->w, &arg_message, &seen, &f, e) ||
            (f.number == 1 && !message_read_text(&t->w.p, &name, e)))
            return false;
    } while (f.number != 0);
    n = tensorflow_graph_node(&t->g);
    if (n != NULL) {
        n->name = tensorflow_graph_name(&t->g, message_slice(&name));
        n->edge = place;
        t->g.scopes[t->g.nscopes - 1].args = place + 1;
    }
    return true;
}

static bool read_signature(struct tensorflow *t, struct err *e)
{
    struct message_text name = {0};
    struct protobuf_field f;
    uint32_t seen = 0, place = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &signature_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = message_read_text(&t->w.p, &name, e);
        else if (f.number == 2)
            ok = tensorflow_read_enter(t, &arg_message, e) && read_arg(t, place++, e);
    } while (ok && f.number != 0);
    if (ok)
        tensorflow_graph_function(&t->g, message_slice(&name));
    return ok;
}

static bool read_function(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    if (t->functions++ >= LIMIT_GRAPH_FUNCTIONS)
        return err_pos(e, ERR_LIMIT, protobuf_offset(&t->w.p),
                       "more than %d functions (LIMIT_GRAPH_FUNCTIONS)", LIMIT_GRAPH_FUNCTIONS);
    tensorflow_graph_open(&t->g);
    t->in_function = true;
    do {
        if (!message_next(&t->w, &function_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = tensorflow_read_enter(t, &signature_message, e) && read_signature(t, e);
        else if (f.number == 3)
            ok = tensorflow_read_enter(t, &node_message, e) && tensorflow_read_node(t, e);
    } while (ok && f.number != 0);
    t->in_function = false;
    return ok;
}

static bool read_gradient(struct tensorflow *t, struct err *e)
{
    struct message_text function = {0}, gradient = {0};
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &gradient_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = message_read_text(&t->w.p, &function, e);
        else if (f.number == 2)
            ok = message_read_text(&t->w.p, &gradient, e);
    } while (ok && f.number != 0);
    if (ok)
        tensorflow_graph_gradient(&t->g, message_slice(&function), message_slice(&gradient));
    return ok;
}

static bool read_library(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true;

    do {
        if (!message_next(&t->w, &library_message, &seen, &f, e))
            return false;
        if (f.number == 1)
            ok = tensorflow_read_enter(t, &function_message, e) && read_function(t, e);
        else if (f.number == 2)
            ok = tensorflow_read_enter(t, &gradient_message, e) && read_gradient(t, e);
    } while (ok && f.number != 0);
    return ok;
}

/* The library stands behind the nodes in what writers write; a node behind it opens a scope of its
 * own, whose names are not found from the first one: then nothing is known of what runs. */
bool tensorflow_read_graph(struct tensorflow *t, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok = true, behind = false;

    tensorflow_graph_open(&t->g);
    do {
        if (!message_next(&t->w, &tensorflow_read_schema, &seen, &f, e))
            return false;
        if (f.number == 1) {
            t->g.lost = t->g.lost || behind;
            ok = tensorflow_read_enter(t, &node_message, e) && tensorflow_read_node(t, e);
        } else if (f.number == 2) {
            behind = true;
            ok = tensorflow_read_enter(t, &library_message, e) && read_library(t, e);
        }
    } while (ok && f.number != 0);
    return ok;
}
