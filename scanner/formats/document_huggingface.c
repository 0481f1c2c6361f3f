/* What the configuration of a model, a tokenizer, a processor or a pipeline makes the libraries of
 * Hugging Face import. */
#include "base/limits.h"
#include "scanner/formats/document_walk.h"
#include "scanner/formats/jinja/jinja.h"
#include "scanner/formats/backtrack.h"

struct tell {
    struct document_teller loader;
    const struct document_input *d;
    size_t templates;
    bool pipeline; /* model_index.json of diffusers, or its modular form */
    bool modules;  /* modules.json of sentence-transformers */
    bool router;   /* the configuration of its Router, once Asym */
};

static bool contains(struct slice s, const char *what)
{
    size_t at;

    return slice_find(s, slice_str(what), &at);
}

/* Under a key of that name, at any depth of lists and maps below it? */
static bool below(const struct document_at *at, const char *key)
{
    for (at = at->up; at != NULL; at = at->up)
        if (slice_is(at->key, key))
            return true;
    return false;
}

/* ---- templates ---- */
static void template(struct tell *t, const struct document_at *at)
{
    const struct value *v = at->value;
    struct arena *a = t->d->in->scratch;
    struct err e = {0};
    const char *pointer = document_walk_pointer(at, a);

    if (t->templates++ >= LIMIT_TEMPLATES) {
        if (t->templates == LIMIT_TEMPLATES + 1)
            document_walk_loader(&t->loader, at, "more-templates", SLICE_LIT("LIMIT_TEMPLATES"),
                                 false);
        return;
    }
    /* the fact says that a template is broken; the document around it was read */
    if (!jinja_tell(t->d->in, value_text(v), &(struct jinja_place){pointer, "document", v->offset},
                    &e))
        return;
}

/* "chat_template": a string, a list of {name, template}, or a map of name to template. */
static bool is_template(const struct document_at *at)
{
    const struct document_at *up = at->up;
    const struct document_at *list = up != NULL ? up->up : NULL;

    if (!value_is(at->value, VALUE_STRING) || up == NULL)
        return false;
    if (contains(at->key, "chat_template"))
        return true;
    if (up->key.data != NULL && contains(up->key, "chat_template"))
        return true;
    if (list != NULL && list->key.data != NULL && contains(list->key, "chat_template"))
        return slice_is(at->key, "template");
    return contains(at->key, "template") && jinja_plausible(value_text(at->value)) &&
           contains(value_text(at->value), "__");
}

/* ---- what is imported ---- */
/* "repo--module.Class" comes from another repository. SPEC: transformers, dynamic_module_utils */
static void class_name(struct tell *t, const struct document_at *at, const char *kind)
{
    const struct slice s = value_text(at->value);

    if (value_is(at->value, VALUE_STRING))
        document_walk_loader(&t->loader, at, kind, s, contains(s, "--") || contains(s, "/"));
}

static void trust(struct tell *t, const struct document_at *at)
{
    const struct value *v = at->value;

    if (value_is(v, VALUE_BOOL) && !v->as.boolean)
        return;
    if (value_is(v, VALUE_NULL) || (value_is(v, VALUE_INT) && v->as.integer != 1))
        return; /* a token of a vocabulary */
    document_walk_loader(&t->loader, at, "trust_remote_code",
                         value_is(v, VALUE_STRING) ? value_text(v) : SLICE_LIT("true"), false);
}

/* Keys whose string is looked up, imported or downloaded. */
static const struct {
    const char *key, *kind;
} keys[] = {
    {"custom_pipeline", "custom_pipeline"}, {"custom_generate", "custom_generate"},
    {"custom_revision", "custom_pipeline"}, {"parent_library", "auto_mapping"},
    {"megatron_core", "auto_mapping"},
};

/* Those too, and their string may be one of several: by parts of the model. */
static const struct {
    const char *key, *kind;
} kernels[] = {
    {"_attn_implementation", "attention"},
    {"_attn_implementation_internal", "attention-internal"},
    {"_attn_implementation_autoset", "attention-internal"},
    {"attn_implementation", "attention"},
    {"_experts_implementation", "attention"},
    {"_experts_implementation_internal", "attention-internal"},
    {"experts_implementation", "attention"},
};

/* Patterns that split or replace the text of each prompt. */
static const char *const patterns[] = {"Regex", "pretokenize_regex", "pattern", "split_regex"};

/* Keys of sentence-transformers whose string is imported and made, when it is a path; transformers
 * has names without a dot there. */
static const char *const classes[] = {
    "activation_function", "activation_fn", "sbert_ce_default_activation_function",
    "tokenizer_class",     "module_class",
};

static const char *const references[] = {
    "_name_or_path",
    "name_or_path",
    "base_model_name_or_path",
    "tokenizer_name_or_path",
    "tokenizer_file",
    "vocab_file",
    "merges_file",
    "special_tokens_map_file",
    "processor_name_or_path",
};

static void string_key(struct tell *t, const struct document_at *at)
{
    const struct slice s = value_text(at->value);
    const char *outside;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (slice_is(at->key, keys[i].key))
            document_walk_loader(&t->loader, at, keys[i].kind, s, contains(s, "/"));
    if (slice_among(at->key, patterns, ARRAY_LEN(patterns)) && backtrack_risk(s) != NULL)
        document_walk_loader(&t->loader, at, "regex", s, false);
    if (contains(s, ".") && slice_among(at->key, classes, ARRAY_LEN(classes)))
        class_name(t, at, "module-type");
    outside = document_walk_outside(s);
    if (outside != NULL && slice_among(at->key, references, ARRAY_LEN(references)))
        document_walk_loader(&t->loader, at, "reference", s, slice_is(slice_str(outside), "url"));
}

/* [library, class] of a diffusers pipeline, or [library, class, where it comes from]; a library may
 * be a file of the repository. */
static void component(struct tell *t, const struct document_at *at)
{
    const struct value *library = value_item(at->value, 0), *name = value_item(at->value, 1);
    struct arena *a = t->d->in->scratch;

    if (!value_is(at->value, VALUE_LIST) || value_len(at->value) > 3 ||
        !value_is(library, VALUE_STRING) || !value_is(name, VALUE_STRING))
        return;
    document_walk_loader(
        &t->loader, at, "pipeline-class",
        slice_str(arena_printf(a, "%.*s.%.*s", (int)value_text(library).len,
                               (const char *)value_text(library).data, (int)value_text(name).len,
                               (const char *)value_text(name).data)),
        contains(value_text(library), "/"));
}

/* modules.json: [{name, path, type}]; `type` is imported. */
static void module(struct tell *t, const struct document_at *at)
{
    const struct value *path = value_get(at->value, "path");
    const struct document_at type = {
        .up = at, .key = SLICE_LIT("type"), .value = value_get(at->value, "type")};
    const struct document_at place = {.up = at, .key = SLICE_LIT("path"), .value = path};

    if (value_is(type.value, VALUE_STRING))
        class_name(t, &type, "module-type");
    if (value_is(path, VALUE_STRING) && document_walk_outside(value_text(path)) != NULL)
        document_walk_loader(&t->loader, &place, "reference-escape", value_text(path), false);
}

/* A kernel of the Hub, for the whole model or for a part of it. */
static void kernel(struct tell *t, const struct document_at *at)
{
    const struct slice s = value_text(at->value);

    for (size_t i = 0; i < ARRAY_LEN(kernels); i++)
        if (slice_is(at->key, kernels[i].key) || below(at, kernels[i].key))
            document_walk_loader(&t->loader, at, kernels[i].kind, s, contains(s, "/"));
}

static void visit(void *ctx, const struct document_at *at)
{
    struct tell *t = ctx;
    const bool text = value_is(at->value, VALUE_STRING);

    if (at->up == NULL)
        return;
    if (text && is_template(at))
        template(t, at);
    if (t->pipeline && (at->up->up == NULL || slice_is(at->key, "type_hint")))
        component(t, at);
    if (t->modules && at->up->up == NULL)
        module(t, at);
    if (text && below(at, "auto_map"))
        class_name(t, at, "auto_map");
    if (text && below(at, "weight_map") && document_walk_outside(value_text(at->value)) != NULL)
        document_walk_loader(&t->loader, at, "reference-escape", value_text(at->value), false);
    if (at->key.data == NULL)
        return;
    if (t->router && text && below(at, "types"))
        class_name(t, at, "module-type");
    if (text && slice_is(at->key, "auto_map"))
        class_name(t, at, "auto_map");
    if (text && slice_is(at->key, "impl") && below(at, "custom_pipelines"))
        class_name(t, at, "custom_pipeline");
    if (slice_is(at->key, "trust_remote_code"))
        trust(t, at);
    if (text) {
        string_key(t, at);
        kernel(t, at);
    }
}

/* Parts of a pipeline have lists of two names as well ("down_block_types"), and a version. */
static bool is_pipeline(const struct document_input *d)
{
    return slice_ends(slice_str(d->name), "model_index.json") ||
           (value_get(d->root, "_diffusers_version") != NULL &&
            slice_ends(value_text(value_get(d->root, "_class_name")), "Pipeline"));
}

/* chat_template.json may be the template itself. */
static bool whole(const struct document_input *d)
{
    return value_is(d->root, VALUE_STRING) && contains(slice_str(d->name), "chat_template");
}

static bool is(const struct document_input *d)
{
    return whole(d) || value_is(d->root, VALUE_MAP) || value_is(d->root, VALUE_LIST);
}

static void tell(const struct document_input *d)
{
    struct tell t = {.loader = {.in = d->in}, .d = d};

    t.pipeline = is_pipeline(d);
    t.router =
        value_is(value_get(d->root, "types"), VALUE_MAP) && value_get(d->root, "structure") != NULL;
    t.modules = slice_is(slice_str(d->name), "modules.json") && value_is(d->root, VALUE_LIST);
    if (whole(d))
        template(&t, &(struct document_at){.value = d->root});
    document_walk(d->root, visit, &t);
}

const struct document document_huggingface = {
    .name = "huggingface",
    .summary = "configurations of transformers, diffusers, peft and sentence-transformers",
    .spec = "transformers 4.57 dynamic_module_utils and configuration_utils; diffusers 0.35 "
            "pipeline_loading_utils; sentence-transformers 5 modules.json",
    .is = is,
    .tell = tell,
};
