/* What documents of a model tell a loader to import, to install or to open. */
#include "base/limits.h"
#include "scanner/formats/document_walk.h"
#include "tests/unit/scanner_model_support.h"

struct document_case {
    const char *what; /* the file's name */
    const char *text;
    const char *type, *kind, *value; /* of a fact that must be told; type "": none of these types */
};

static const struct document_case documents[] = {
    {"config.json", "{\"auto_map\": {\"AutoModel\": \"modeling_x.X\"}}", "model.loader", "auto_map",
     "modeling_x.X"},
    {"config.json", "{\"auto_map\": {\"AutoTokenizer\": [null, \"a/b--c.D\"]}}", "model.loader",
     "auto_map", "a/b--c.D"},
    {"config.json", "{\"auto_map\": \"m.C\"}", "model.loader", "auto_map", "m.C"},
    {"config.json", "{\"a\": [{\"b\": {\"trust_remote_code\": true}}]}", "model.loader",
     "trust_remote_code", "true"},
    {"config.json", "{\"trust_remote_code\": \"yes\"}", "model.loader", "trust_remote_code", "yes"},
    {"config.json", "{\"trust_remote_code\": false, \"x\": NaN, \"y\": -Infinity}", "", "", ""},
    {"config.json", "{\"_attn_implementation_internal\": \"org/kernel\"}", "model.loader",
     "attention-internal", "org/kernel"},
    {"config.json", "{\"_attn_implementation\": {\"text_config\": \"org/kernel\"}}", "model.loader",
     "attention", "org/kernel"},
    {"config.json", "{\"experts_implementation\": \"org/kernel\"}", "model.loader", "attention",
     "org/kernel"},
    {"tokenizer.json", "{\"pre_tokenizer\": {\"pattern\": {\"Regex\": \"(a+)+$\"}}}",
     "model.loader", "regex", "(a+)+$"},
    {"tekken.json", "{\"config\": {\"pattern\": \"(a|a)*\"}}", "model.loader", "regex", "(a|a)*"},
    {"tokenizer.json", "{\"pre_tokenizer\": {\"pattern\": {\"Regex\": \"\\\\p{L}+|\\\\s+\"}}}", "",
     "", ""},
    {"config.json", "{\"custom_pipelines\": {\"t\": {\"impl\": \"p.P\"}}}", "model.loader",
     "custom_pipeline", "p.P"},
    {"config.json", "{\"_name_or_path\": \"http://x/y\"}", "model.loader", "reference",
     "http://x/y"},
    {"config.json", "{\"_name_or_path\": \"org/model\", \"model_type\": \"llama\"}", "", "", ""},
    {"adapter_config.json", "{\"auto_mapping\": {\"parent_library\": \"evil\"}}", "model.loader",
     "auto_mapping", "evil"},
    {"model_index.json", "{\"_class_name\": \"P\", \"unet\": [\"my_unet\", \"U\"]}", "model.loader",
     "pipeline-class", "my_unet.U"},
    {"model_index.json", "{\"_class_name\": \"P\", \"safety_checker\": [null, null]}", "", "", ""},
    {"config.json",
     "{\"_class_name\": \"UNet2DModel\", \"_diffusers_version\": \"0.35.1\", "
     "\"down_block_types\": [\"DownBlock2D\", \"AttnDownBlock2D\"]}",
     "", "", ""},
    {"old.json",
     "{\"_class_name\": \"OwnPipeline\", \"_diffusers_version\": \"0.35.1\", \"a\": [\"b\", "
     "\"C\"]}",
     "model.loader", "pipeline-class", "b.C"},
    {"modular_model_index.json", "{\"unet\": [\"a\", \"C\", {\"type_hint\": [\"b\", \"D\"]}]}",
     "model.loader", "pipeline-class", "a.C"},
    {"modular_model_index.json", "{\"unet\": [null, null, {\"type_hint\": [\"b\", \"D\"]}]}",
     "model.loader", "pipeline-class", "b.D"},
    {"2_Dense/config.json", "{\"activation_function\": \"evil.Act\"}", "model.loader",
     "module-type", "evil.Act"},
    {"config.json", "{\"sentence_transformers\": {\"activation_fn\": \"evil.Act\"}}",
     "model.loader", "module-type", "evil.Act"},
    {"config.json", "{\"activation_function\": \"gelu_new\", \"tokenizer_class\": \"T5\"}", "", "",
     ""},
    {"router_config.json", "{\"types\": {\"query_0\": \"evil.M\"}, \"structure\": {}}",
     "model.loader", "module-type", "evil.M"},
    {"adapter_config.json", "{\"megatron_core\": \"evil\"}", "model.loader", "auto_mapping",
     "evil"},
    {"modules.json", "[{\"type\": \"custom_st.T\", \"path\": \"\"}]", "model.loader", "module-type",
     "custom_st.T"},
    {"modules.json", "[{\"type\": \"a.T\", \"path\": \"../x\"}]", "model.loader",
     "reference-escape", "../x"},
    {"m.safetensors.index.json", "{\"weight_map\": {\"w\": \"/etc/passwd\"}}", "model.loader",
     "reference-escape", "/etc/passwd"},
    {"m.safetensors.index.json", "{\"weight_map\": {\"w\": \"m-00001-of-00002.safetensors\"}}", "",
     "", ""},
    {"c.json", "{\"a\": {\"_target_\": \"os.system\"}}", "model.loader", "target", "os.system"},
    {"c.yaml", "a:\n- b:\n    _target_: os.system\n", "model.loader", "target", "os.system"},
    {"c.yaml", "a: {target: m.C, params: {}}\n", "model.loader", "instantiate", "m.C"},
    {"c.yaml", "a: {target: 3}\n", "", "", ""},
    {"c.yaml", "--- {a: 1}\n--- {_target_: x.y}\n", "model.loader", "target", "x.y"},
    {"c.yaml", "a: !!python/object/apply:os.system [id]\n", "model.loader", "yaml-tag",
     "python/object/apply:os.system"},
    {"c.yaml", "a: !!python/tuple [1]\nb: {_target_: x.y}\n", "model.loader", "target", "x.y"},
    {"c.yaml", "a: !<tag:yaml.org,2002:python/name:os.system> x\n", "model.loader", "yaml-tag",
     "python/name:os.system> x"},
    {"c.yaml", "a: 1\na: 2\nb:\n  _target_: os.system\n", "model.loader", "target", "os.system"},
    {"c.yaml", "a: 1\na: 2\n", "model.loader", "unread-yaml", "duplicate key 'a' on lines 1 and 2"},
    {"c.yaml", "a: !include x.yaml\n", "", "", ""},
    {"hyperparams.yaml", "a: !apply:os.system [id]\n", "model.loader", "target", "os.system"},
    {"hyperparams.yaml", "a: !new:evil.C\n  b: 1\n", "model.loader", "target", "evil.C"},
    {"hyperparams.yaml", "a: !name:evil.f\n", "model.loader", "target", "evil.f"},
    {"hyperparams.yaml", "a: !module:evil\n", "model.loader", "target", "evil"},
    {"hyperparams.yaml", "a: 1\na: 2\nb: !apply:os.system\n", "model.loader", "target",
     "os.system"},
    {"hyperparams.yaml", "a: !ref <b>\nb: !tuple (1, 2)\n", "", "", ""},
    {"MLmodel", "artifact_path: m\nflavors: {python_function: {loader_module: evil}}\n",
     "model.loader", "loader_module", "evil"},
    {"MLmodel", "artifact_path: m\nflavors: {python_function: {code: code}}\n", "model.loader",
     "code", "code"},
    {"MLmodel", "artifact_path: m\nflavors: {sklearn: {pickled_model: ../m.pkl, code: null}}\n",
     "model.loader", "reference-escape", "../m.pkl"},
    {"MLmodel", "artifact_path: m\nflavors: {sklearn: {pickled_model: model.pkl, code: null}}\n",
     "", "", ""},
    {"conda.yaml", "channels: [evil]\ndependencies: [python=3.9]\n", "model.requirement", "channel",
     "evil"},
    {"conda.yaml", "dependencies:\n- pip:\n  - git+https://x/y\n", "model.requirement", "vcs",
     "git+https://x/y"},
    {"conda.yaml", "dependencies:\n- evil::pkg=1\n", "model.requirement", "channel", "evil"},
    {"python_env.yaml", "dependencies:\n- --index-url http://x\n", "model.requirement", "index-url",
     "--index-url http://x"},
    {"requirements.txt", "-i https://x\n", "model.requirement", "index-url", "-i https://x"},
    {"requirements.txt", "--extra-index-url=https://x", "model.requirement", "extra-index-url",
     "--extra-index-url=https://x"},
    {"requirements.txt", "-r https://x/r.txt\n", "model.requirement", "url", "-r https://x/r.txt"},
    {"requirements.txt", "-r base.txt\n", "model.requirement", "include", "-r base.txt"},
    {"requirements.txt", "a==1 \\\n --hash=sha256:00 \\\n --trusted-host x\n", "model.requirement",
     "trusted-host", "a==1  --hash=sha256:00  --trusted-host x"},
    {"code/requirements.txt", "-e .\n", "model.requirement", "editable", "-e ."},
    {"requirements-dev.txt", "a @ https://x/a.whl\n", "model.requirement", "url",
     "a @ https://x/a.whl"},
    {"requirements.txt", "../a.whl\n", "model.requirement", "file", "../a.whl"},
    {"constraints.txt", "a>=1 # b\n", "model.requirement", "unpinned", "a>=1"},
    {"requirements.txt", "\xef\xbb\xbf-i https://x", "model.requirement", "index-url",
     "-i https://x"},
    {"requirements.txt", "# a \\\n-i https://x", "model.requirement", "index-url", "-i https://x"},
    {"requirements.txt", "a==1\v-i https://x", "model.requirement", "index-url", "-i https://x"},
    {"requirements.txt", "a==1\xe2\x80\xa8-i https://x", "model.requirement", "index-url",
     "-i https://x"},
    {"requirements.txt", "# -i https://x\n\na==1.0\nb[c]==2; python_version < '3.9'\n", "", "", ""},
    {"requirements.txt", "--pre\r\n", "model.requirement", "pre", "--pre"},
    {"pyproject.toml", "[tool.x]\ny = { git = \"git+https://x\" }\n", "model.requirement", "vcs",
     "y = { git = \"git+https://x\" }"},
    {"pyproject.toml", "[build-system]\nrequires = [\"setuptools\"]\n", "", "", ""},
    {"README.md", "[a](http://b)\n", "", "", ""},
    {"vocab.txt", "[PAD]\n{x\n", "", "", ""},
    {"a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"a\\n\", \" !id\"]}]}",
     "model.notebook", "shell", NULL},
    {"a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"%%bash\\nid\"}]}",
     "model.notebook", "shell", NULL},
    {"a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"!pip install x\"}]}",
     "model.notebook", "install", NULL},
    {"a.ipynb",
     "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"if a != b: pass\", \"outputs\": "
     "[{\"data\": {\"text/html\": [\"<script>\"]}}]}]}",
     "model.notebook", "output-script", NULL},
    {"a.ipynb", "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": \"<iframe src=x>\"}]}",
     "model.notebook", "markdown-script", NULL},
    {"tokenizer_config.json", "{\"chat_template\": \"{{ x.__class__ }}\"}", "model.template", NULL,
     NULL},
    {"tokenizer_config.json", "{\"chat_template\": [{\"name\": \"a\", \"template\": \"{{ x }}\"}]}",
     "model.template", NULL, NULL},
    {"chat_template.json", "\"{{ x.__class__ }}\"", "model.template", NULL, NULL},
    {"processor_config.json", "{\"chat_template\": {\"default\": \"{{ x }}\"}}", "model.template",
     NULL, NULL},
};

static const struct value *find(const struct scanned *s, const struct document_case *c)
{
    const char *key = strcmp(c->type, "model.loader") == 0 ? "value" : "text";
    const struct value *f;

    for (size_t i = 0; (f = scanned_fact(s, c->type, i)) != NULL; i++)
        if ((c->kind == NULL || strcmp(scanned_text(f, "kind"), c->kind) == 0) &&
            (c->value == NULL || strcmp(scanned_text(f, key), c->value) == 0))
            return f;
    return NULL;
}

static bool nothing(const struct scanned *s)
{
    return scanned_fact(s, "model.requirement", 0) == NULL &&
           scanned_fact(s, "model.notebook", 0) == NULL &&
           scanned_fact(s, "model.template", 0) == NULL &&
           (scanned_fact(s, "model.loader", 0) == NULL ||
            strcmp(scanned_text(scanned_fact(s, "model.loader", 0), "kind"), "reference") == 0);
}

CASES(scanner_documents, tell_what_they_ask_for, documents)
{
    const struct document_case *c = &documents[*case_index];
    struct scanned s;

    scanned_scan(&s, c->what, slice_str(c->text));
    cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"), "read", "%s: %s",
                     c->what, c->text);
    if (c->type[0] == '\0')
        cr_expect(nothing(&s), "%s: %s", c->what, c->text);
    else
        cr_expect(find(&s, c) != NULL, "%s: no %s %s %s", c->text, c->type,
                  c->kind != NULL ? c->kind : "", c->value != NULL ? c->value : "");
    scanned_release(&s);
}

struct path_case {
    const char *what, *want;
};

static const struct path_case paths[] = {
    {"a/b", ""},           {"..a/b..", ""},           {"a/..", "traversal"},
    {"../a", "traversal"}, {"a\\..\\b", "traversal"}, {"/a", "absolute"},
    {"\\a", "absolute"},   {"C:\\a", "absolute"},     {"c:/a", "absolute"},
    {"~/a", "absolute"},   {"s3://a", "url"},         {"", ""},
    {"a:b", ""},           {"..", "traversal"},       {"...", ""},
};

CASES(scanner_documents, know_what_leaves_the_folder, paths)
{
    const struct path_case *c = &paths[*case_index];
    const char *got = document_walk_outside(slice_str(c->what));

    cr_expect_str_eq(got != NULL ? got : "", c->want, "%s", c->what);
}

/* As many as are told, and one that says that there are more. */
Test(scanner_documents, are_bounded)
{
    char *text = malloc((size_t)LIMIT_DOCUMENT_ITEMS * 16 + 64);
    struct scanned s;
    size_t n = 0;

    for (int i = 0; i <= LIMIT_DOCUMENT_ITEMS; i++)
        n += (size_t)snprintf(text + n, 16, "package%d\n", i);
    scanned_scan(&s, "requirements.txt", (struct slice){(const uint8_t *)text, n});
    cr_expect_str_eq(
        scanned_text(scanned_fact(&s, "model.requirement", LIMIT_DOCUMENT_ITEMS - 1), "kind"),
        "unpinned");
    cr_expect_str_eq(
        scanned_text(scanned_fact(&s, "model.requirement", LIMIT_DOCUMENT_ITEMS), "kind"), "more");
    cr_expect_null(scanned_fact(&s, "model.requirement", LIMIT_DOCUMENT_ITEMS + 1));
    scanned_release(&s);
    free(text);
}

struct metadata_case {
    const char *what; /* the value of __metadata__.k in JSON */
    const char *list, *name;
};

static const struct metadata_case metadata[] = {
    {"plain text", "", ""},
    {"miku_(character)", "", ""},
    {"x = os.system('id')", "calls", "os.system"},
    {"__import__('os')", "calls", "__import__"},
    {"{\\\"_target_\\\": \\\"os.system\\\"}", "targets", "os.system"},
    {"_target_: a.B", "targets", "a.B"},
};

CASES(scanner_documents, metadata_of_tensors_is_read, metadata)
{
    const struct metadata_case *c = &metadata[*case_index];
    uint8_t bytes[512] = {0};
    const int n = snprintf((char *)bytes + 8, sizeof(bytes) - 8,
                           "{\"__metadata__\":{\"k\":\"%s\"}}", c->what);
    const struct value *t;
    struct scanned s;

    bytes[0] = (uint8_t)n;
    scanned_scan(&s, "m.safetensors", (struct slice){bytes, 8 + (size_t)n});
    t = scanned_fact(&s, "model.metadata_text", 0);
    cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"), "read", "%s",
                     c->what);
    if (c->list[0] == '\0')
        cr_expect_null(t, "%s", c->what);
    else
        cr_expect(scanned_has(value_get(t, c->list), c->name), "%s", c->what);
    scanned_release(&s);
}
