#include "scanner/formats/document.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/json_pieces.h"

/* Arrays of a tree with one element for each node. SPEC: XGBoost doc/model.schema */
static const char *const node_arrays[] = {
    "left_children", "right_children", "parents",      "split_indices",
    "split_type",    "default_left",   "loss_changes", "sum_hessian",
};

/* A serialized booster has its model beside its configuration. */
static const struct value *model_of(const struct value *root)
{
    const struct value *model = value_get(root, "Model");

    return model != NULL ? model : root;
}

static const struct value *booster_of(const struct value *root)
{
    return value_get(value_get(model_of(root), "learner"), "gradient_booster");
}

static bool is(const struct document_input *d)
{
    return value_is(booster_of(d->root), VALUE_MAP);
}

/* XGBoost writes its parameters as text. */
static bool number(const struct value *map, const char *key, uint64_t *out)
{
    const struct value *v = value_get(map, key);

    if (value_is(v, VALUE_INT) && v->as.integer >= 0) {
        *out = (uint64_t)v->as.integer;
        return true;
    }
    return checked_u64(value_text(v), INT64_MAX, out);
}

static uint64_t number_or(struct trees *t, const struct value *map, const char *key, uint64_t other)
{
    uint64_t n = other;

    if (value_get(map, key) != NULL && !number(map, key, &n))
        trees_problem(t, "%s is no number", key);
    return n;
}

/* Children are nodes of this tree, and never the root. Where the left one is -1 the node is a leaf,
 * and the right one may be the place of its vector. */
static void check_children(struct trees *t, const struct value *tree, const char *key,
                           uint64_t nodes)
{
    const struct value *list = value_get(tree, key);
    const struct value *left = value_get(tree, "left_children");

    for (size_t i = 0; i < value_len(list); i++) {
        const int64_t child = value_int_or(value_item(list, i), INT64_MAX);

        if (value_int_or(value_item(left, i), 0) == -1 || (child > 0 && (uint64_t)child < nodes))
            continue;
        trees_problem(t, "tree %" PRIu64 ": %s[%zu] is %" PRId64 ", the tree has %" PRIu64 " nodes",
                      t->trees, key, i, child, nodes);
        return;
    }
}

/* Nodes that were pruned keep INT32_MAX or whatever stood there; leaves use the field otherwise. */
static void check_features(struct trees *t, const struct value *tree)
{
    const struct value *list = value_get(tree, "split_indices");
    const struct value *left = value_get(tree, "left_children");

    for (size_t i = 0; i < value_len(list); i++) {
        const int64_t feature = value_int_or(value_item(list, i), INT64_MAX);

        if (value_int_or(value_item(left, i), -1) == -1)
            continue;
        if (feature >= 0 && (uint64_t)feature < t->features) {
            if ((uint64_t)feature >= t->features_used)
                t->features_used = (uint64_t)feature + 1;
            continue;
        }
        trees_problem(t, "tree %" PRIu64 ": node %zu splits on feature %" PRId64 " of %" PRIu64,
                      t->trees, i, feature, t->features);
        return;
    }
}

/* SPEC: model.schema: a segment of `categories` for each node in `categories_nodes`. */
static void check_categories(struct trees *t, const struct value *tree, uint64_t nodes)
{
    const struct value *at = value_get(tree, "categories_nodes");
    const struct value *segments = value_get(tree, "categories_segments");
    const struct value *sizes = value_get(tree, "categories_sizes");
    const size_t total = value_len(value_get(tree, "categories"));

    if (value_len(segments) != value_len(at) || value_len(sizes) != value_len(at)) {
        trees_problem(t, "tree %" PRIu64 ": lists of categories that differ in length", t->trees);
        return;
    }
    for (size_t i = 0; i < value_len(at); i++) {
        const int64_t node = value_int_or(value_item(at, i), -1);
        const int64_t begin = value_int_or(value_item(segments, i), -1);
        const int64_t size = value_int_or(value_item(sizes, i), -1);

        if (node >= 0 && (uint64_t)node < nodes && begin >= 0 && (uint64_t)begin <= total &&
            size >= 0 && (uint64_t)size <= total - (uint64_t)begin)
            continue;
        trees_problem(t, "tree %" PRIu64 ": categories of node %" PRId64 " lie outside", t->trees,
                      node);
        return;
    }
}

static void read_tree(struct trees *t, const struct value *tree)
{
    const struct value *param = value_get(tree, "tree_param");
    const uint64_t nodes =
        number_or(t, param, "num_nodes", value_len(value_get(tree, "left_children")));

    if (!value_is(tree, VALUE_MAP) || nodes == 0)
        trees_problem(t, "tree %" PRIu64 " has no nodes", t->trees);
    for (size_t i = 0; i < ARRAY_LEN(node_arrays); i++) {
        const struct value *list = value_get(tree, node_arrays[i]);
        const size_t n = value_len(list);

        /* trees of several targets keep no statistics for their leaves */
        if (list != NULL && n != nodes && !(n == 0 && i >= 4))
            trees_problem(t, "tree %" PRIu64 ": %s has %zu elements, the tree %" PRIu64 " nodes",
                          t->trees, node_arrays[i], n, nodes);
    }
    check_children(t, tree, "left_children", nodes);
    check_children(t, tree, "right_children", nodes);
    check_features(t, tree);
    check_categories(t, tree, nodes);
    t->nodes += nodes;
    t->trees++;
}

static void read_booster(struct trees *t, const struct value *booster, struct json_pieces *pieces)
{
    const struct value *model = value_get(booster, "model");
    const struct value *trees, *info;
    uint64_t declared;

    if (value_get(booster, "gbtree") != NULL) /* dart has a gbtree inside */
        model = value_get(value_get(booster, "gbtree"), "model");
    trees = value_get(model, "trees");
    info = value_get(model, "tree_info");
    if (!json_pieces_trees(pieces, trees, t))
        for (size_t i = 0; i < value_len(trees); i++)
            read_tree(t, value_item(trees, i));
    declared = number_or(t, value_get(model, "gbtree_model_param"), "num_trees", t->trees);
    if (declared != t->trees)
        trees_problem(t, "%" PRIu64 " trees are declared, %" PRIu64 " are there", declared,
                      t->trees);
    if (info != NULL && value_len(info) != t->trees)
        trees_problem(t, "tree_info has %zu elements for %" PRIu64 " trees", value_len(info),
                      t->trees);
}

static struct slice version_of(const struct document_input *d)
{
    const struct value *list = value_get(model_of(d->root), "version");
    const char *text = "";

    for (size_t i = 0; i < value_len(list) && i < 3; i++)
        text = arena_printf(d->in->scratch, "%s%s%" PRId64, text, i > 0 ? "." : "",
                            value_int_or(value_item(list, i), -1));
    return slice_str(text);
}

static void tell(const struct document_input *d)
{
    const struct value *learner = value_get(model_of(d->root), "learner");
    const struct value *param = value_get(learner, "learner_model_param");
    struct trees t;

    trees_init(&t, d->in, "xgboost");
    t.version = version_of(d);
    t.objective = value_text(value_path(learner, "objective.name"));
    t.booster = value_text(value_get(booster_of(d->root), "name"));
    t.features = number_or(&t, param, "num_feature", INT64_MAX);
    t.classes = number_or(&t, param, "num_class", 0);
    read_booster(&t, booster_of(d->root), d->pieces);
    if (t.features == INT64_MAX)
        t.features = 0;
    trees_tell(&t);
}

/* SPEC: model.schema, "tree"; num_roots: XGBoost 0.90 */
static const char *const keys[] = {"base_weights",
                                   "categories",
                                   "categories_nodes",
                                   "categories_segments",
                                   "categories_sizes",
                                   "default_left",
                                   "id",
                                   "leaf_child_cnt",
                                   "leaf_weights",
                                   "left_children",
                                   "loss_changes",
                                   "num_deleted",
                                   "num_feature",
                                   "num_nodes",
                                   "num_roots",
                                   "parents",
                                   "right_children",
                                   "size_leaf_vector",
                                   "split_conditions",
                                   "split_indices",
                                   "split_type",
                                   "sum_hessian",
                                   "tree_param",
                                   NULL};
static const char *const words[] = {NULL};

#define KIND(name, where)                                                                          \
    const struct json_pieces_kind document_xgboost_##name = {                                      \
        .path = (where), .keys = keys, .words = words, .read = read_tree}

KIND(model, "learner\"gradient_booster\"model\"trees\"");
KIND(dart, "learner\"gradient_booster\"gbtree\"model\"trees\"");
KIND(serialized, "Model\"learner\"gradient_booster\"model\"trees\"");
KIND(serialized_dart, "Model\"learner\"gradient_booster\"gbtree\"model\"trees\"");

const struct document document_xgboost = {
    .name = "xgboost",
    .summary = "XGBoost models in JSON or UBJSON: their trees",
    .spec = "XGBoost 3.0, doc/model.schema",
    .format = "xgboost",
    .is = is,
    .tell = tell,
};
