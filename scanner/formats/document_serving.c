/* What servers of models are told beside a model: which code serves it, and what it fetches. Triton
 * (config.pbtxt), TensorFlow Serving (models.config), DJL (serving.properties), TorchServe
 * (config.properties), MLServer (model-settings.json), Ollama (Modelfile), BentoML (bento.yaml),
 * ONNX Runtime's generator (genai_config.json). */
#include <string.h>
#include <strings.h>

#include "scanner/formats/document_walk.h"

/* What the value of a key is to the server. */
enum meaning {
    CODE,   /* names code or a library: told as `kind` */
    PATH,   /* a file below the model's folder */
    SOURCE, /* where files come from: a folder, a URL, a repository */
    TRUST   /* a switch */
};

static const struct row {
    const char *file; /* its lower-case name, or with a dot in front the end of it */
    const char *key;
    const char *around; /* a key further up, or NULL */
    enum meaning meaning;
    const char *kind;
} rows[] = {
    {"config.pbtxt", "backend", NULL, CODE, "backend"},
    {"config.pbtxt", "runtime", NULL, CODE, "backend-library"},
    {"config.pbtxt", "op_library_filename", NULL, CODE, "backend-library"},
    {"config.pbtxt", "name", "model_repository_agents", CODE, "backend-library"},
    {"config.pbtxt", "default_model_filename", NULL, PATH, NULL},
    {"config.pbtxt", "value", "cc_model_filenames", PATH, NULL},
    {"config.pbtxt", "label_filename", NULL, PATH, NULL},
    {"config.pbtxt", "input_data_file", NULL, PATH, NULL},
    {"models.config", "base_path", NULL, SOURCE, NULL},
    {".properties", "option.entryPoint", NULL, CODE, "entry-point"},
    {".properties", "entryPoint", NULL, CODE, "entry-point"},
    {".properties", "option.trust_remote_code", NULL, TRUST, "trust_remote_code"},
    {".properties", "option.model_id", NULL, SOURCE, NULL},
    {".properties", "option.s3url", NULL, SOURCE, NULL},
    {".properties", "option.modelUrls", NULL, SOURCE, NULL},
    {".properties", "option.speculative_draft_model", NULL, SOURCE, NULL},
    {".properties", "option.env", NULL, CODE, "environment"},
    {".properties", "load_models", NULL, SOURCE, NULL},
    {".properties", "plugins_path", NULL, CODE, "backend-library"},
    {"model-settings.json", "implementation", NULL, CODE, "entry-point"},
    {"model-settings.json", "uri", NULL, SOURCE, NULL},
    {"model-settings.json", "environment_tarball", NULL, CODE, "environment"},
    {"model-settings.json", "environment_path", NULL, CODE, "environment"},
    {"modelfile", "FROM", NULL, SOURCE, NULL},
    {"modelfile", "ADAPTER", NULL, SOURCE, NULL},
    {".modelfile", "FROM", NULL, SOURCE, NULL},
    {".modelfile", "ADAPTER", NULL, SOURCE, NULL},
    {"pickle_module_info.txt", "word", NULL, CODE, "loader_module"},
    {"keras_module.txt", "word", NULL, CODE, "loader_module"},
    {"genai_config.json", "custom_ops_library", NULL, CODE, "backend-library"},
    {"genai_config.json", "filename", NULL, PATH, NULL},
    {"settings.json", "model_repository_implementation", NULL, CODE, "entry-point"},
    {"bento.yaml", "setup_script", "docker", CODE, "build-command"},
    {"bento.yaml", "dockerfile_template", "docker", CODE, "build-command"},
    {"bento.yaml", "commands", "image", CODE, "build-command"},
    {"bento.yaml", "scripts", "image", CODE, "build-command"},
    {"bentofile.yaml", "setup_script", "docker", CODE, "build-command"},
    {"bentofile.yaml", "dockerfile_template", "docker", CODE, "build-command"},
    {"bentofile.yaml", "commands", "image", CODE, "build-command"},
    {"bentofile.yaml", "scripts", "image", CODE, "build-command"},
    {"bento.yaml", "post_commands", "image", CODE, "build-command"},
    {"bento.yaml", "index_url", "python", SOURCE, NULL},
    {"bento.yaml", "extra_index_url", "python", SOURCE, NULL},
    {"bento.yaml", "find_links", "python", SOURCE, NULL},
    {"bento.yaml", "module", "models", CODE, "entry-point"},
    {"bentofile.yaml", "index_url", "python", SOURCE, NULL},
    {"bentofile.yaml", "extra_index_url", "python", SOURCE, NULL},
    {"bentofile.yaml", "find_links", "python", SOURCE, NULL},
    {"model.yaml", "module", NULL, CODE, "entry-point"},
};

struct tell {
    struct document_teller loader;
    struct slice name;
};

static bool named(struct slice name, const char *file)
{
    return file[0] == '.' ? slice_ends(name, file) : slice_is(name, file);
}

/* Is a key among those further up? Lists have none of their own. */
static bool below(const struct document_at *at, const char *key)
{
    for (at = at->up; at != NULL; at = at->up)
        if (slice_is(at->key, key))
            return true;
    return false;
}

/* The nearest key: of the value, or of the lists that it stands in. */
static struct slice key_of(const struct document_at *at)
{
    while (at->up != NULL && at->key.data == NULL)
        at = at->up;
    return at->key;
}

/* Another place than this folder: an address, or the name of a repository. */
static bool elsewhere(struct slice s)
{
    static const char *const here[] = {"./", "/", "../", "$", "{"};

    if (s.len == 0 || slice_is(s, ".") || slice_is(s, "all") || slice_is(s, "standalone"))
        return false;
    if (document_walk_outside(s) != NULL && strcmp(document_walk_outside(s), "url") == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(here); i++)
        if (slice_starts(s, here[i]))
            return false;
    return true;
}

/* A model that is loaded from its own folder is named by a file of that. */
static bool is_file(struct slice s)
{
    static const char *const ends[] = {".mar", ".gguf", ".safetensors", ".bin",
                                       ".pt",  ".json", ".joblib",      ".onnx"};
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (slice_ends(s, ends[i]) && !slice_find(s, SLICE_LIT("://"), &at))
            return true;
    return false;
}

static bool switched_on(struct slice s)
{
    char word[8];

    if (s.len == 0 || s.len >= sizeof(word))
        return false;
    memcpy(word, s.data, s.len);
    word[s.len] = '\0';
    return strcasecmp(word, "true") == 0 || strcmp(word, "1") == 0 || strcasecmp(word, "yes") == 0;
}

static void judge(struct tell *t, const struct document_at *at, const struct row *r, struct slice s)
{
    const char *outside = document_walk_outside(s);

    if (r->meaning == CODE && s.len > 0)
        document_walk_loader(&t->loader, at, r->kind, s,
                             outside != NULL && strcmp(outside, "url") == 0);
    if (r->meaning == PATH && outside != NULL)
        document_walk_loader(&t->loader, at, "reference-escape", s, false);
    if (r->meaning == SOURCE && elsewhere(s) && !is_file(s))
        document_walk_loader(&t->loader, at, "reference", s, true);
    if (r->meaning == SOURCE && outside != NULL && strcmp(outside, "traversal") == 0)
        document_walk_loader(&t->loader, at, "reference-escape", s, false);
    if (r->meaning == TRUST && switched_on(s))
        document_walk_loader(&t->loader, at, r->kind, SLICE_LIT("true"), false);
}

/* The last field of that name in a message of the text form. */
static const struct value *field(const struct value *message, const char *name)
{
    const struct value *found = NULL;

    for (size_t i = 0; i < value_len(message); i++) {
        const struct value *v = value_get(value_item(message, i), name);

        found = v != NULL ? v : found;
    }
    return found;
}

/* Triton: parameters { key: "EXECUTION_ENV_PATH" value: { string_value: "env.tar.gz" } } */
static void parameter(struct tell *t, const struct document_at *at)
{
    const struct value *key = field(at->value, "key");
    const struct value *text = field(field(at->value, "value"), "string_value");

    if (slice_is(value_text(key), "EXECUTION_ENV_PATH") && value_is(text, VALUE_STRING))
        document_walk_loader(&t->loader, at, "environment", value_text(text), false);
}

static void visit(void *ctx, const struct document_at *at)
{
    struct tell *t = ctx;
    const struct slice key = key_of(at), s = value_text(at->value);

    if (at->up == NULL)
        return;
    if (slice_is(t->name, "config.pbtxt") && value_is(at->value, VALUE_LIST))
        parameter(t, at);
    if (!value_is(at->value, VALUE_STRING))
        return;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (named(t->name, rows[i].file) && slice_is(key, rows[i].key) &&
            (rows[i].around == NULL || below(at, rows[i].around)))
            judge(t, at, &rows[i], s);
}

/* model.yaml is a name that others use, too. */
static bool is(const struct document_input *d)
{
    if (strcmp(d->name, "model.yaml") == 0 && value_get(d->root, "api_version") == NULL)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (named(slice_str(d->name), rows[i].file))
            return true;
    return false;
}

static void tell(const struct document_input *d)
{
    struct tell t = {.loader = {.in = d->in}, .name = slice_str(d->name)};

    document_walk(d->root, visit, &t);
}

const struct document document_serving = {
    .name = "serving",
    .summary = "settings of Triton, DJL, TorchServe, MLServer, Ollama and BentoML beside a model",
    .spec = "Triton 25.09 model_config.proto; DJL Serving 0.33; TorchServe 0.12; MLServer 1.7; "
            "Ollama Modelfile; BentoML 1.4 bento.yaml",
    .is = is,
    .tell = tell,
};
