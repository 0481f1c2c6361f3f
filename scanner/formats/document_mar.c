#include <string.h>

#include "base/limits.h"
#include "scanner/formats/document.h"

static bool is(const struct document_input *d)
{
    const struct value *model = value_get(d->root, "model");

    return strcmp(d->name, "manifest.json") == 0 && value_is(model, VALUE_MAP) &&
           (value_get(model, "handler") != NULL || value_get(model, "serializedFile") != NULL);
}

static void put(struct value_builder *b, const char *key, const struct value *v)
{
    value_map_add(b, key,
                  value_is(v, VALUE_STRING)
                      ? format_string(b->arena, value_text(v), LIMIT_NAME_BYTES)
                      : value_null(b->arena, NULL));
}

static void tell(const struct document_input *d)
{
    const struct value *model = value_get(d->root, "model");
    struct arena *a = d->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    put(&b, "runtime", value_get(d->root, "runtime"));
    put(&b, "name", value_get(model, "modelName"));
    put(&b, "handler", value_get(model, "handler"));
    put(&b, "serialized_file", value_get(model, "serializedFile"));
    put(&b, "model_file", value_get(model, "modelFile"));
    put(&b, "requirements", value_get(model, "requirementsFile"));
    put(&b, "config", value_get(model, "configFile"));
    format_tell(d->in, "model.mar", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

const struct document document_mar = {
    .name = "mar",
    .summary = "the manifest of a TorchServe archive: its handler and what it installs",
    .spec = "TorchServe 0.12, model-archiver/model_archiver/manifest_components",
    .is = is,
    .tell = tell,
};
