/* The facts about a TensorFlow graph, told when all of it was read. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/location.h"
#include "scanner/formats/graph/tensorflow.h"

static const struct value *number(struct tensorflow *t, uint64_t n)
{
    return value_int(t->in->scratch, n > INT64_MAX ? INT64_MAX : (int64_t)n, NULL);
}

static void begin(struct tensorflow *t, struct value_builder *b)
{
    struct arena *a = t->in->scratch;

    value_map_begin(b, a);
    value_map_add(b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(b, "framework", value_str(a, "tensorflow"));
}

/* ---- what runs ---- */
static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void apply_roots(struct tensorflow *t)
{
    tensorflow_graph_resolve(&t->g);
    for (size_t i = 0; i < t->nroots; i++)
        tensorflow_graph_root(&t->g, t->roots[i].name, t->roots[i].mark);
    for (size_t i = 0; i < t->nassets; i++)
        tensorflow_graph_root(&t->g, t->assets[i], TENSORFLOW_ASSET);
    if (t->nstarted > 0)
        qsort(t->started, t->nstarted, sizeof(*t->started), by_number);
    for (size_t i = 0; t->nstarted > 0 && i < t->nobjects; i++)
        if (bsearch(&t->objects[i].object, t->started, t->nstarted, sizeof(*t->started),
                    by_number) != NULL) {
            t->init = true;
            tensorflow_graph_root_function(&t->g, t->objects[i].function, TENSORFLOW_INIT);
        }
    tensorflow_graph_run(&t->g);
}

/* "save/...", "save_1/...": the scope that tf.train.Saver opens. */
static bool saver_name(struct slice name)
{
    size_t i = 4;

    if (!slice_starts(name, "save"))
        return false;
    if (i < name.len && name.data[i] == '_')
        for (i++; i < name.len && name.data[i] >= '0' && name.data[i] <= '9';)
            i++;
    return i < name.len && name.data[i] == '/';
}

static void gather(struct tensorflow *t)
{
    for (size_t s = 0; !t->g.lost && s < t->g.nscopes; s++) {
        const struct tensorflow_scope *scope = &t->g.scopes[s];

        for (uint32_t i = scope->first; i < scope->first + scope->nodes; i++) {
            const struct tensorflow_node *n = &t->g.nodes[i];

            if (n->op == TENSORFLOW_NONE)
                continue;
            t->ops[n->op].marks |= n->marks;
            if ((n->marks & TENSORFLOW_SAVER) != 0 || scope->saver ||
                (scope->name == TENSORFLOW_NONE && n->name != TENSORFLOW_NONE &&
                 saver_name(t->g.names.name[n->name])))
                t->ops[n->op].saver++;
        }
    }
}

/* SPEC: attr_value.proto, AttrValue.func: "a function's name or a primitive op's name". */
static void gather_calls(struct tensorflow *t)
{
    uint8_t *seen;

    if (!t->g.resolved)
        return;
    seen = arena_alloc(t->in->scratch, t->g.nknown + 1);
    for (size_t i = 0; i < t->g.ncalls; i++) {
        const struct slice name = t->g.names.name[t->g.calls[i]];
        const size_t before = t->op_names.n;
        struct tensorflow_op *op;

        if (seen[t->g.calls[i]] != 0 || name.len == 0 || tensorflow_graph_is_function(&t->g, name))
            continue;
        seen[t->g.calls[i]] = 1;
        if (names_add(&t->op_names, name) == NAMES_NONE)
            t->ops_lost = true;
        if (t->op_names.n == before)
            continue;
        op = ARENA_PUSH(t->in->scratch, &t->ops, &t->nops);
        *op = (struct tensorflow_op){.count = 1, .node = name, .first = TENSORFLOW_NONE};
        for (uint32_t c = t->g.caller[t->g.calls[i]]; c < t->g.caller[t->g.calls[i] + 1]; c++)
            op->marks |= t->g.nodes[t->g.callers[c]].marks;
    }
}

/* ---- telling ---- */
static const struct value *load_time(struct tensorflow *t, const struct tensorflow_op *op)
{
    if (t->g.lost)
        return value_unknown(t->in->scratch, "the graph is too large to be followed", NULL, 0,
                             NULL);
    return value_bool(t->in->scratch, (op->marks & (TENSORFLOW_INIT | TENSORFLOW_RESTORE)) != 0,
                      NULL);
}

static void add_flow(struct tensorflow *t, struct tensorflow_op *op, struct value_builder *b)
{
    struct arena *a = t->in->scratch;
    struct value_builder strings, via;

    tensorflow_graph_flow(&t->g, op);
    value_list_begin(&strings, a);
    for (size_t i = 0; i < op->nstrings; i++)
        value_list_add(&strings, format_string(a, op->string[i], 256));
    value_list_begin(&via, a);
    if ((op->marks & TENSORFLOW_INIT) != 0)
        value_list_add(&via, value_str(a, "init"));
    if ((op->marks & TENSORFLOW_RESTORE) != 0)
        value_list_add(&via, value_str(a, "restore"));
    value_map_add(b, "load_via", value_list_end(&via, NULL));
    value_map_add(b, "strings", value_list_end(&strings, NULL));
    value_map_add(b, "strings_cut", value_bool(a, op->cut, NULL));
    value_map_add(b, "asset", value_bool(a, op->asset, NULL));
}

static void tell_op(struct tensorflow *t, size_t i)
{
    struct tensorflow_op *op = &t->ops[i];
    const struct slice name = t->op_names.name[i];
    struct arena *a = t->in->scratch;
    struct value_builder b;

    begin(t, &b);
    value_map_add(&b, "domain", value_str(a, ""));
    value_map_add(&b, "op", format_string(a, name, MESSAGE_TEXT));
    value_map_add(&b, "container",
                  t->in->container != NULL ? value_str(a, t->in->container) : value_null(a, NULL));
    value_map_add(&b, "count", number(t, op->count));
    value_map_add(&b, "offset", number(t, op->offset));
    value_map_add(&b, "node", format_string(a, op->node, MESSAGE_TEXT));
    value_map_add(&b, "in_function", value_bool(a, op->in_function, NULL));
    value_map_add(&b, "local", value_bool(a, tensorflow_graph_is_function(&t->g, name), NULL));
    value_map_add(&b, "load_time", load_time(t, op));
    value_map_add(&b, "saver", value_bool(a, op->saver == op->count, NULL));
    add_flow(t, op, &b);
    format_tell(t->in, "model.op", NULL, op->offset, value_map_end(&b, NULL));
}

static void tell_graph(struct tensorflow *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    begin(t, &b);
    value_map_add(&b, "producer", value_str(a, "tensorflow"));
    value_map_add(&b, "producer_version",
                  format_string(a, message_slice(&t->version), MESSAGE_TEXT));
    value_map_add(&b, "meta_graphs", number(t, t->meta_graphs));
    value_map_add(&b, "nodes", number(t, t->nodes));
    value_map_add(&b, "ops", number(t, t->nops));
    value_map_add(&b, "functions", number(t, t->functions));
    value_map_add(&b, "signatures", number(t, t->signatures));
    value_map_add(&b, "assets", number(t, t->asset_files));
    value_map_add(&b, "constants", number(t, t->constants));
    value_map_add(&b, "keras_objects", number(t, t->user_objects));
    value_map_add(&b, "init", value_bool(a, t->init, NULL));
    value_map_add(&b, "restore", format_string(a, message_slice(&t->restore), MESSAGE_TEXT));
    value_map_add(&b, "followed", value_bool(a, !t->g.lost, NULL));
    value_map_add(&b, "unknown_fields", number(t, t->w.unknown));
    value_map_add(&b, "repeated", message_twice(&t->w, a));
    format_tell(t->in, "model.graph", NULL, 0, value_map_end(&b, NULL));
}

void tensorflow_tell_asset(struct tensorflow *t, struct slice name, uint64_t at)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    begin(t, &b);
    value_map_add(&b, "name", format_string(a, name, MESSAGE_TEXT));
    value_map_add(&b, "problem", location_list(a, name, MESSAGE_TEXT));
    format_tell(t->in, "model.asset", NULL, at, value_map_end(&b, NULL));
}

void tensorflow_tell(struct tensorflow *t)
{
    apply_roots(t);
    gather(t);
    gather_calls(t);
    tell_graph(t);
    for (size_t i = 0; i < t->nops; i++)
        tell_op(t, i);
}
