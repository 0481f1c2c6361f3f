/* Configurations that name what is imported and called: Hydra's _target_, and their relatives. */
#include "base/attr.h"
#include "scanner/formats/document_walk.h"

struct tell {
    struct document_teller loader;
    bool bundle; /* a text that begins with '$' is evaluated */
    bool layers; /* the texts of backbone and head are */
};

static bool has(struct slice s, const char *what)
{
    size_t at;

    return slice_find(s, slice_str(what), &at);
}

/* ---- expressions of Python ---- */
/* nn.ReLU(), torch.nn.LeakyReLU(0.1): what the activation of a YOLO ordinarily is. */
static bool plain_module(struct slice s)
{
    size_t n;

    if (slice_starts(s, "torch."))
        s = slice_from(s, 6);
    if (!slice_starts(s, "nn."))
        return false;
    for (n = 3; n < s.len && s.data[n] != '('; n++)
        if (s.data[n] == '_' || s.data[n] == '.' || s.data[n] <= ' ')
            return false;
    for (size_t i = n; i < s.len; i++)
        if ((i > n && s.data[i] == '(') || (s.data[i] >= 'A' && s.data[i] <= 'Z') ||
            (s.data[i] == '_' && i + 1 < s.len && s.data[i + 1] == '_'))
            return false;
    return true;
}

static bool under(const struct document_at *at, const char *key)
{
    for (; at != NULL; at = at->up)
        if (slice_is(at->key, key))
            return true;
    return false;
}

/* SPEC: MONAI 1.5, bundle/config_item.py, ConfigExpression; Ultralytics 8.4, nn/tasks.py,
 * parse_model, and YOLOv5, models/yolo.py: eval(activation), eval(module), eval(argument) */
static void expression(struct tell *t, const struct document_at *at)
{
    const struct slice s = value_text(at->value);
    const bool calls = has(s, "(");
    bool found = false;

    if (t->bundle && s.len > 1 && s.data[0] == '$' && s.data[1] != '{')
        found = calls || has(s, " ");
    if (t->layers && calls &&
        (under(at, "backbone") || under(at, "head") || under(at, "activation")))
        found = !plain_module(s);
    if (found)
        document_walk_loader(&t->loader, at, "expression", s, false);
}

/* MMEngine imports what custom_imports lists. SPEC: MMEngine 0.10, config/config.py */
static void imported(struct tell *t, const struct document_at *at)
{
    const struct document_at *up = at->up;

    while (up != NULL && up->key.data == NULL)
        up = up->up;
    if (up != NULL && (slice_is(at->key, "imports") || slice_is(up->key, "imports")) &&
        under(at, "custom_imports"))
        document_walk_loader(&t->loader, at, "target", value_text(at->value), false);
}

/* SPEC: pyannote.audio 3.4, core/pipeline.py: pipeline: {name: module.Class, params: {...}} */
static void pipeline(struct tell *t, const struct document_at *at)
{
    const struct document_at name = {
        .up = at, .key = SLICE_LIT("name"), .value = value_get(at->value, "name")};

    if (slice_is(at->key, "pipeline") && value_is(name.value, VALUE_STRING) &&
        value_get(at->value, "params") != NULL && has(value_text(name.value), "."))
        document_walk_loader(&t->loader, &name, "target", value_text(name.value), false);
}

/* ---- names ---- */
static void visit(void *ctx, const struct document_at *at)
{
    static const struct {
        const char *key, *beside, *kind;
    } rows[] = {
        {"_target_", NULL, "target"},
        {"target", "params", "instantiate"},
        {"class_path", "init_args", "instantiate"},
        {"_component_", NULL, "target"},              /* torchtune */
        {"uses", "constructor_name", "target"},       /* Rasa */
        {"characters_class", "characters", "target"}, /* Coqui TTS */
    };
    struct tell *t = ctx;

    if (value_is(at->value, VALUE_STRING)) {
        expression(t, at);
        imported(t, at);
    }
    if (!value_is(at->value, VALUE_MAP))
        return;
    pipeline(t, at);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct document_at name = {
            .up = at,
            .key = slice_str(rows[i].key),
            .value = value_get(at->value, rows[i].key),
        };

        if (value_is(name.value, VALUE_STRING) &&
            (rows[i].beside == NULL || value_get(at->value, rows[i].beside) != NULL))
            document_walk_loader(&t->loader, &name, rows[i].kind, value_text(name.value), false);
        else if (value_len(name.value) > 0 && rows[i].beside == NULL)
            document_walk_loader(&t->loader, &name, rows[i].kind, SLICE_LIT("(not a string)"),
                                 false);
    }
}

/* MONAI's: it makes objects, or says what to import, or to run. */
static void is_bundle(void *ctx, const struct document_at *at)
{
    static const char *const keys[] = {"_target_", "_requires_", "network_def", "bundle_root"};
    bool *bundle = ctx;

    *bundle = *bundle || slice_among(at->key, keys, ARRAY_LEN(keys)) ||
              (at->up != NULL && at->up->up == NULL &&
               (slice_is(at->key, "imports") || slice_is(at->key, "run")));
}

static bool is(const struct document_input *d)
{
    return value_is(d->root, VALUE_MAP) || value_is(d->root, VALUE_LIST);
}

static void tell(const struct document_input *d)
{
    struct tell t = {.loader = {.in = d->in},
                     .layers = value_get(d->root, "backbone") != NULL &&
                               value_get(d->root, "head") != NULL};

    document_walk(d->root, is_bundle, &t.bundle);
    document_walk(d->root, visit, &t);
}

const struct document document_hydra = {
    .name = "hydra",
    .summary = "configurations that name the classes they make (Hydra, NeMo, Lightning), or have "
               "expressions of Python (MONAI, YOLO)",
    .spec = "Hydra 1.3, Instantiating objects with Hydra",
    .is = is,
    .tell = tell,
};
