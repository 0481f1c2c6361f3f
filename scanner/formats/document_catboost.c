#include "scanner/formats/document.h"

#include <inttypes.h>

#include "scanner/formats/json_pieces.h"

static bool is(const struct document_input *d)
{
    return value_get(d->root, "model_info") != NULL &&
           value_get(d->root, "features_info") != NULL &&
           (value_get(d->root, "oblivious_trees") != NULL || value_get(d->root, "trees") != NULL);
}

static uint64_t count_features(const struct value *info)
{
    static const char *const kinds[] = {"float_features", "categorical_features", "text_features",
                                        "embedding_features"};
    uint64_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        n += value_len(value_get(info, kinds[i]));
    return n;
}

/* SPEC: CatBoost, "JSON model": a tree of n splits has 2^n leaves, each of one or more values. */
static void read_oblivious(struct trees *t, const struct value *tree)
{
    const size_t splits = value_len(value_get(tree, "splits"));
    const size_t values = value_len(value_get(tree, "leaf_values"));

    if (splits > 31 || values == 0 || values % ((uint64_t)1 << splits) != 0)
        trees_problem(t, "tree %" PRIu64 ": %zu splits and %zu values of leaves", t->trees, splits,
                      values);
    t->nodes += splits;
    t->trees++;
}

static void read_other(struct trees *t, const struct value *tree)
{
    (void)tree;
    t->trees++;
}

static void read_list(struct trees *t, const struct value *list, struct json_pieces *pieces,
                      void (*read)(struct trees *t, const struct value *tree))
{
    if (!json_pieces_trees(pieces, list, t))
        for (size_t i = 0; i < value_len(list); i++)
            read(t, value_item(list, i));
}

static void tell(const struct document_input *d)
{
    const struct value *info = value_get(d->root, "model_info");
    const struct value *trees = value_get(d->root, "oblivious_trees");
    struct trees t;

    trees_init(&t, d->in, "catboost");
    t.version = value_text(value_get(info, "catboost_version_info"));
    t.objective = value_text(value_path(info, "params.loss_function.type"));
    t.booster = slice_str(trees != NULL ? "oblivious" : "trees");
    t.features = count_features(value_get(d->root, "features_info"));
    read_list(&t, trees, d->pieces, read_oblivious);
    read_list(&t, value_get(d->root, "trees"), d->pieces, read_other);
    trees_tell(&t);
}

static const char *const keys[] = {"border",
                                   "cat_feature_index",
                                   "ctr_target_border_idx",
                                   "float_feature_index",
                                   "leaf_values",
                                   "leaf_weights",
                                   "left",
                                   "right",
                                   "split",
                                   "split_index",
                                   "split_type",
                                   "splits",
                                   "value",
                                   "weight",
                                   NULL};
static const char *const words[] = {"EstimatedFeature", "FloatFeature", "OneHotFeature",
                                    "OnlineCtr", NULL};

const struct json_pieces_kind document_catboost_oblivious = {
    .path = "oblivious_trees\"", .keys = keys, .words = words, .read = read_oblivious};
const struct json_pieces_kind document_catboost_trees = {
    .path = "trees\"", .keys = keys, .words = words, .read = read_other};

const struct document document_catboost = {
    .name = "catboost",
    .summary = "CatBoost models in JSON: their trees",
    .spec = "CatBoost 1.2, catboost/libs/model/model_export/json_model_helpers.cpp",
    .format = "catboost",
    .is = is,
    .tell = tell,
};
