/* Models of TensorFlow.js: a topology, and the manifest that says which files hold its weights. */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/document_walk.h"
#include "scanner/formats/hdf5/keras_config.h"
#include "scanner/formats/location.h"

extern const struct document document_keras;

#define PROBLEMS 16
#define TOLD_NAME 256

/* Bytes of an element; 0: texts, each with its length in front.
 * SPEC: tfjs-core 4.22, src/io/types.ts, DTYPE_VALUE_SIZE_MAP; src/io/io_utils.ts, decodeWeights */
static const struct dtype {
    const char *name;
    uint8_t bytes;
    bool quantized; /* others may be kept as this */
} dtypes[] = {
    {"float32", 4, false}, {"float16", 2, true}, {"int32", 4, false},     {"uint16", 2, true},
    {"uint8", 1, true},    {"bool", 1, false},   {"complex64", 8, false}, {"string", 0, false},
};

struct tfjs {
    const struct format_input *in;
    struct document_teller loader;
    struct value_builder problems;
    uint64_t counts[ARRAY_LEN(dtypes)];
    uint64_t problem_count, groups, weights, bytes;
    struct names ops, functions;
    uint64_t *op_counts;
    bool exact; /* of the group: no texts, and every size is known */
};

static bool is_group(const struct value *v)
{
    return value_is(value_get(v, "paths"), VALUE_LIST) &&
           value_is(value_get(v, "weights"), VALUE_LIST);
}

/* The manifest alone is a file of its own in the first versions. */
static const struct value *manifest_of(const struct value *root)
{
    const struct value *own = value_get(root, "weightsManifest");

    return value_is(root, VALUE_LIST) && is_group(value_item(root, 0)) ? root : own;
}

static bool is(const struct document_input *d)
{
    const struct value *topology = value_get(d->root, "modelTopology");

    return value_is(manifest_of(d->root), VALUE_LIST) || value_is(topology, VALUE_MAP);
}

static void problem(struct tfjs *t, struct slice name, const char *what)
{
    struct arena *a = t->in->scratch;
    const char *of = value_cstr(format_string(a, name, TOLD_NAME), "");

    if (t->problem_count++ < PROBLEMS)
        value_list_add(&t->problems, value_str(a, arena_printf(a, "%s: %s", of, what)));
}

/* ---- weights ---- */
static const struct dtype *dtype_of(const struct value *v)
{
    for (size_t i = 0; i < ARRAY_LEN(dtypes); i++)
        if (value_is(v, VALUE_STRING) && slice_is(value_text(v), dtypes[i].name))
            return &dtypes[i];
    return NULL;
}

static bool elements(const struct value *shape, uint64_t *n)
{
    *n = 1;
    if (!value_is(shape, VALUE_LIST) || value_len(shape) > LIMIT_DIMS)
        return false;
    for (size_t i = 0; i < value_len(shape); i++) {
        const int64_t dim = value_int_or(value_item(shape, i), -1);

        if (dim < 0 || !checked_mul(*n, (uint64_t)dim, n))
            return false;
    }
    return true;
}

/* Adds what a weight takes of the group's bytes. */
static void weight(struct tfjs *t, const struct value *w, uint64_t *bytes)
{
    const struct slice name = value_text(value_get(w, "name"));
    const struct value *quantization = value_get(w, "quantization");
    const struct dtype *type = dtype_of(value_get(w, "dtype")), *kept = type;
    const char *what = NULL;
    uint64_t n;

    if (type != NULL)
        t->counts[type - dtypes]++;
    if (quantization != NULL)
        kept = dtype_of(value_get(quantization, "dtype"));
    if (type == NULL)
        what = "its type is not known";
    else if (kept == NULL || (quantization != NULL && !kept->quantized))
        what = "its quantization is not known";
    else if (!elements(value_get(w, "shape"), &n) || !checked_mul(n, kept->bytes, &n) ||
             !checked_add(*bytes, n, bytes))
        what = "its shape is none";
    t->exact = t->exact && what == NULL && kept->bytes != 0;
    t->weights++;
    if (what != NULL)
        problem(t, name, what);
}

/* ---- files ---- */
/* The path of a shard as format_input has it; "" when it leaves the folder or is in an archive. */
static const char *shard(struct tfjs *t, const struct document_at *at)
{
    const struct slice path = value_text(at->value);
    struct arena *a = t->in->scratch;
    const char *target = NULL;
    struct value_builder b;

    if (!value_is(at->value, VALUE_STRING))
        problem(t, path, "a path that is no text");
    else if (location_problems(path) != 0)
        document_walk_loader(&t->loader, at, "reference-escape", path, false);
    else
        target = companions_add(t->in, path);
    target = target != NULL ? target : "";
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, "tfjs"));
    value_map_add(&b, "target", format_string(a, slice_str(target), LIMIT_NAME_BYTES));
    value_map_add(&b, "tensors", value_int(a, 0, NULL));
    value_map_add(&b, "end", value_int(a, 0, NULL));
    format_tell(t->in, "model.shard", arena_printf(a, "%s#%s", t->in->path, target), ERR_NO_OFFSET,
                value_map_end(&b, NULL));
    return target;
}

static const struct value *files(struct tfjs *t, const struct document_at *group, bool *followed)
{
    const struct value *paths = value_get(group->value, "paths");
    const struct document_at list = {.up = group, .key = SLICE_INIT("paths"), .value = paths};
    struct arena *a = t->in->scratch;
    struct value_builder b;
    struct names seen;

    names_init(&seen, a, LIMIT_DOCUMENT_ITEMS, LIMIT_DOCUMENT_ITEMS * (size_t)LIMIT_NAME_BYTES);
    value_list_begin(&b, a);
    *followed = value_len(paths) <= LIMIT_DOCUMENT_ITEMS;
    if (!*followed)
        problem(t, SLICE_LIT("paths"), "more than LIMIT_DOCUMENT_ITEMS files");
    for (size_t i = 0; *followed && i < value_len(paths); i++) {
        const struct document_at at = {.up = &list, .index = i, .value = value_item(paths, i)};
        const size_t before = seen.n;
        const char *target = shard(t, &at);

        *followed = *followed && target[0] != '\0';
        if (target[0] != '\0' &&
            (names_add(&seen, slice_str(target)) == NAMES_NONE || seen.n == before))
            problem(t, value_text(at.value), "a file that stands there twice");
        value_list_add(&b, format_string(a, slice_str(target), LIMIT_NAME_BYTES));
    }
    return value_list_end(&b, NULL);
}

static void group(struct tfjs *t, const struct document_at *at)
{
    const struct value *weights = value_get(at->value, "weights");
    struct arena *a = t->in->scratch;
    const struct value *paths;
    struct value_builder b;
    uint64_t bytes = 0;
    bool followed;

    if (!is_group(at->value)) {
        problem(t, SLICE_LIT("weightsManifest"), "a group without paths or weights");
        return;
    }
    t->exact = true;
    for (size_t i = 0; i < value_len(weights); i++)
        weight(t, value_item(weights, i), &bytes);
    paths = files(t, at, &followed);
    if (!checked_add(t->bytes, bytes, &t->bytes))
        t->bytes = INT64_MAX;
    bytes = bytes > INT64_MAX ? INT64_MAX : bytes;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, "tfjs"));
    value_map_add(&b, "files", paths);
    value_map_add(&b, "followed", value_bool(a, followed, NULL));
    value_map_add(&b, "weights", value_int(a, (int64_t)value_len(weights), NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)bytes, NULL));
    value_map_add(&b, "exact", value_bool(a, t->exact, NULL));
    format_tell(t->in, "model.weight_group",
                arena_printf(a, "%s#group-%" PRIu64, t->in->path, t->groups++), ERR_NO_OFFSET,
                value_map_end(&b, NULL));
}

static void manifest(struct tfjs *t, const struct value *root)
{
    const struct value *groups = manifest_of(root);
    const struct document_at top = {.value = root};
    const struct document_at list = {
        .up = &top, .key = SLICE_INIT("weightsManifest"), .value = groups};

    for (size_t i = 0; i < value_len(groups); i++) {
        const struct document_at at = {
            .up = groups == root ? &top : &list, .index = i, .value = value_item(groups, i)};

        if (i == LIMIT_DOCUMENT_ITEMS) {
            problem(t, SLICE_LIT("weightsManifest"), "more than LIMIT_DOCUMENT_ITEMS groups");
            return;
        }
        group(t, &at);
    }
}

/* ---- operators of a graph. SPEC: tensorflow/core/framework/graph.proto, as JSON ---- */
static void nodes(struct tfjs *t, const struct value *list)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct slice op = value_text(value_get(value_item(list, i), "op"));
        const uint32_t at = op.len <= TOLD_NAME ? names_add(&t->ops, op) : NAMES_NONE;

        if (at == NAMES_NONE)
            problem(t, op, "an operator too many, or of too long a name");
        else
            t->op_counts[at]++;
    }
}

static void graph(struct tfjs *t, const struct value *g)
{
    const struct value *functions = value_path(g, "library.function");

    nodes(t, value_get(g, "node"));
    for (size_t i = 0; i < value_len(functions); i++) {
        const struct value *f = value_item(functions, i);

        (void)names_add(&t->functions, value_text(value_path(f, "signature.name")));
        nodes(t, value_get(f, "nodeDef"));
        nodes(t, value_get(f, "node_def"));
    }
}

static void tell_ops(struct tfjs *t)
{
    struct arena *a = t->in->scratch;

    for (size_t i = 0; i < t->ops.n; i++) {
        const struct value *op = format_string(a, t->ops.name[i], TOLD_NAME);
        struct value_builder b;

        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, "tfjs"));
        value_map_add(&b, "domain", value_str(a, ""));
        value_map_add(&b, "op", op);
        value_map_add(&b, "count", value_int(a, (int64_t)t->op_counts[i], NULL));
        value_map_add(&b, "local",
                      value_bool(a, names_find(&t->functions, t->ops.name[i]) != NAMES_NONE, NULL));
        format_tell(t->in, "model.op", arena_printf(a, "%s#:%s", t->in->path, value_cstr(op, "")),
                    ERR_NO_OFFSET, value_map_end(&b, NULL));
    }
}

/* ---- the whole ---- */
static const struct value *type_map(struct tfjs *t)
{
    struct value_builder b;

    value_map_begin(&b, t->in->scratch);
    for (size_t i = 0; i < ARRAY_LEN(dtypes); i++)
        if (t->counts[i] > 0)
            value_map_add(&b, dtypes[i].name,
                          value_int(t->in->scratch, (int64_t)t->counts[i], NULL));
    return value_map_end(&b, NULL);
}

static void tell_whole(struct tfjs *t, const char *kind)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, kind));
    value_map_add(&b, "groups", value_int(a, (int64_t)t->groups, NULL));
    value_map_add(&b, "weights", value_int(a, (int64_t)t->weights, NULL));
    value_map_add(&b, "bytes",
                  value_int(a, (int64_t)(t->bytes > INT64_MAX ? INT64_MAX : t->bytes), NULL));
    value_map_add(&b, "dtypes", type_map(t));
    value_map_add(&b, "problems", value_list_end(&t->problems, NULL));
    value_map_add(&b, "problem_count", value_int(a, (int64_t)t->problem_count, NULL));
    format_tell(t->in, "model.tfjs", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static void tell(const struct document_input *d)
{
    const struct value *topology = value_get(d->root, "modelTopology");
    const bool graphs = value_is(value_get(topology, "node"), VALUE_LIST);
    struct arena *a = d->in->scratch;
    struct tfjs t = {.in = d->in, .loader = {.in = d->in}};

    value_list_begin(&t.problems, a);
    names_init(&t.ops, a, LIMIT_TALLY_NAMES, (size_t)LIMIT_TALLY_NAMES * TOLD_NAME);
    names_init(&t.functions, a, LIMIT_GRAPH_FUNCTIONS, LIMIT_GRAPH_NAME_BYTES);
    t.op_counts = ARENA_ARRAY(a, uint64_t, LIMIT_TALLY_NAMES);
    manifest(&t, d->root);
    graph(&t, topology);
    graph(&t, value_get(d->root, "modelInitializer"));
    tell_ops(&t);
    if (!graphs && value_is(topology, VALUE_MAP) && !document_keras.is(d))
        keras_config_tell(d); /* else it is told anyway */
    tell_whole(&t, graphs ? "graph" : value_is(topology, VALUE_MAP) ? "layers" : "weights");
}

const struct document document_tfjs = {
    .name = "tfjs",
    .summary = "models of TensorFlow.js: layers or a graph, and the files of their weights",
    .spec = "tfjs-core 4.22, src/io/types.ts, ModelJSON; tfjs-converter, src/data/types.ts",
    .format = "tfjs",
    .is = is,
    .tell = tell,
};
