/* MLmodel: which module loads the model, which code comes with it, which files it opens. */
#include <string.h>

#include "scanner/formats/document_walk.h"

static bool is(const struct document_input *d)
{
    return value_is(value_get(d->root, "flavors"), VALUE_MAP) &&
           (strcmp(d->name, "mlmodel") == 0 || value_get(d->root, "artifact_path") != NULL ||
            value_get(d->root, "model_uuid") != NULL);
}

/* Keys of a flavor whose string is a path below the model. */
static const char *const paths[] = {
    "data",       "model_path",   "pickled_model", "model_data",      "path",      "env", "conda",
    "virtualenv", "python_model", "model_binary",  "saved_model_dir", "artifacts", "code"};

static void visit(void *ctx, const struct document_at *at)
{
    struct document_teller *t = ctx;
    const struct slice s = value_text(at->value);
    const bool text = value_is(at->value, VALUE_STRING);

    if (at->up == NULL || at->key.data == NULL || value_is(at->value, VALUE_NULL))
        return;
    if ((slice_is(at->key, "loader_module") || slice_is(at->key, "keras_module")) && text)
        document_walk_loader(t, at, "loader_module", s, false);
    if ((slice_is(at->key, "code") || slice_is(at->key, "model_code_path")) && text)
        document_walk_loader(t, at, "code", s, false);
    if (slice_is(at->key, "custom_objects") || slice_is(at->key, "pickle_module"))
        document_walk_loader(t, at, "custom_objects", text ? s : SLICE_LIT("(set)"), false);
    for (size_t i = 0; text && i < ARRAY_LEN(paths); i++)
        if (slice_is(at->key, paths[i]) && document_walk_outside(s) != NULL)
            document_walk_loader(t, at, "reference-escape", s,
                                 strcmp(document_walk_outside(s), "url") == 0);
}

static void tell(const struct document_input *d)
{
    struct document_teller t = {.in = d->in};

    document_walk(value_get(d->root, "flavors"), visit, &t);
}

const struct document document_mlflow = {
    .name = "mlflow",
    .summary = "MLmodel: how MLflow loads the model",
    .spec = "MLflow 3, MLflow Model format",
    .is = is,
    .tell = tell,
};
