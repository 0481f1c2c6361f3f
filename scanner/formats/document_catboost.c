#include "scanner/formats/document.h"

#include <inttypes.h>

#include "scanner/formats/trees.h"

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
    for (size_t i = 0; i < value_len(trees); i++)
        read_oblivious(&t, value_item(trees, i));
    t.trees += value_len(value_get(d->root, "trees"));
    trees_tell(&t);
}

const struct document document_catboost = {
    .name = "catboost",
    .summary = "CatBoost models in JSON: their trees",
    .spec = "CatBoost 1.2, catboost/libs/model/model_export/json_model_helpers.cpp",
    .format = "catboost",
    .is = is,
    .tell = tell,
};
