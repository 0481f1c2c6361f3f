/* Configurations that name what is imported and called: Hydra's _target_, and their relatives. */
#include "scanner/formats/document_walk.h"

static void visit(void *ctx, const struct document_at *at)
{
    static const struct {
        const char *key, *beside, *kind;
    } rows[] = {
        {"_target_", NULL, "target"},
        {"target", "params", "instantiate"},
        {"class_path", "init_args", "instantiate"},
    };
    struct document_teller *t = ctx;

    if (!value_is(at->value, VALUE_MAP))
        return;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct document_at name = {
            .up = at,
            .key = slice_str(rows[i].key),
            .value = value_get(at->value, rows[i].key),
        };

        if (value_is(name.value, VALUE_STRING) &&
            (rows[i].beside == NULL || value_get(at->value, rows[i].beside) != NULL))
            document_loader(t, &name, rows[i].kind, value_text(name.value), false);
        else if (value_len(name.value) > 0 && rows[i].beside == NULL)
            document_loader(t, &name, rows[i].kind, SLICE_LIT("(not a string)"), false);
    }
}

static bool is(const struct document_input *d)
{
    return value_is(d->root, VALUE_MAP) || value_is(d->root, VALUE_LIST);
}

static void tell(const struct document_input *d)
{
    struct document_teller t = {.in = d->in};

    document_walk(d->root, visit, &t);
}

const struct document document_hydra = {
    .name = "hydra",
    .summary = "configurations that name the classes they make (Hydra, NeMo, Lightning)",
    .spec = "Hydra 1.3, Instantiating objects with Hydra",
    .is = is,
    .tell = tell,
};
