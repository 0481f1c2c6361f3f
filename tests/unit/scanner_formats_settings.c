/* Settings that are neither JSON nor YAML: what they say, however it is written, and what a server
 * would do with it. */
#include "base/limits.h"
#include "scanner/formats/settings.h"
#include "scanner/formats/settings_pbtxt.h"
#include "tests/unit/scanner_model_support.h"

/* ---- what is told ---- */
struct settings_case {
    const char *name, *text, *kind, *value; /* kind "": nothing is told */
};

static const struct settings_case settings[] = {
    {"clf/config.pbtxt", "name: \"clf\"\nbackend: \"onnxruntime\"\n", "backend", "onnxruntime"},
    {"config.pbtxt", "backend:'ev' \"il\" # x\n", "backend", "evil"},
    {"config.pbtxt", "backend: \"\\x65\\166il\"", "backend", "evil"},
    {"config.pbtxt", "runtime: \"x.py\"", "backend-library", "x.py"},
    {"config.pbtxt", "model_operations { op_library_filename: [\"a.so\", \"b.so\"] }",
     "backend-library", "b.so"},
    {"config.pbtxt", "model_operations < op_library_filename: \"a.so\" >", "backend-library",
     "a.so"},
    {"config.pbtxt", "model_repository_agents { agents [ { name: \"evil\" } ] }", "backend-library",
     "evil"},
    {"config.pbtxt", "default_model_filename: \"../x.onnx\"", "reference-escape", "../x.onnx"},
    {"config.pbtxt", "cc_model_filenames { key: \"7.5\" value: \"/x.onnx\" }", "reference-escape",
     "/x.onnx"},
    {"config.pbtxt",
     "parameters: { value: { string_value: \"e.tar.gz\" } key: \"EXECUTION_ENV_PATH\" }",
     "environment", "e.tar.gz"},
    {"config.pbtxt",
     "parameters [ { key: \"EXECUTION_ENV_PATH\" value { string_value: \"e.tar.gz\" } } ]",
     "environment", "e.tar.gz"},
    {"config.pbtxt", "a: }", "unread-settings", "no name or number stands here"},
    {"config.pbtxt", "name: \"x\" max_batch_size: 8 input [ { dims: [ -1, 4 ] } ]", "", ""},
    {"models.config", "model_config_list { config { base_path: \"gs://b/m\" } }", "reference",
     "gs://b/m"},
    {"models.config", "model_config_list { config { base_path: \"/models/m\" } }", "", ""},
    {"serving.properties", "option.trust_remote_code=true\n", "trust_remote_code", "true"},
    {"serving.properties", "option.trust\\u005Fremote_code : True", "trust_remote_code", "true"},
    {"serving.properties", "option.trust_remote_\\\n   code=1", "trust_remote_code", "true"},
    {"serving.properties", "option.trust_remote_code true\r\n", "trust_remote_code", "true"},
    {"serving.properties", "option.trust_remote_code=false\n#option.trust_remote_code=true", "",
     ""},
    {"serving.properties", "option.entryPoint=http://x/m.py", "entry-point", "http://x/m.py"},
    {"serving.properties", "option.model_id=org/model", "reference", "org/model"},
    {"serving.properties", "option.s3url=s3://b/m", "reference", "s3://b/m"},
    {"serving.properties", "option.model_id=/opt/ml/model\nengine=MPI", "", ""},
    {"config.properties", "load_models=http://x/m.mar", "reference", "http://x/m.mar"},
    {"config.properties", "load_models=a.mar\nmodel_store=/mnt", "", ""},
    {"config.cfg", "[a]\n@misc = \"x.run.v1\"\n", "registry", "x.run.v1"},
    {"config.cfg", "[a]\npath = \"/etc/passwd\"\n", "reference-escape", "/etc/passwd"},
    {"config.cfg", "[a]\nc = {\"trust_remote_code\": true}\n", "trust_remote_code", "true"},
    {"setup.cfg", "[metadata]\nname = x\n", "", ""},
    {"Modelfile", "FROM org/model:latest\n", "reference", "org/model:latest"},
    {"Modelfile", "FROM ./m.gguf\nPARAMETER x 1\n", "", ""},
    {"x.Modelfile", "ADAPTER ../../x\n", "reference-escape", "../../x"},
    {"data/pickle_module_info.txt", "evil\n", "loader_module", "evil"},
    {"model-settings.json", "{\"implementation\": \"evil.R\"}", "entry-point", "evil.R"},
    {"model-settings.json", "{\"parameters\": {\"uri\": \"s3://b/m\"}}", "reference", "s3://b/m"},
    {"model-settings.json", "{\"parameters\": {\"uri\": \"./model.joblib\"}}", "", ""},
    {"model.yaml", "module: evil\napi_version: v1\n", "entry-point", "evil"},
    {"model.yaml", "module: conv\n", "", ""},
    {"bento.yaml", "image: {commands: [\"a\", \"b\"]}", "build-command", "b"},
    {"bentofile.yaml", "docker: {setup_script: x.sh}", "build-command", "x.sh"},
    {"bento.yaml", "python: {extra_index_url: [\"http://x\"]}", "reference", "http://x"},
};

CASES(scanner_formats_settings, tell_what_a_server_does, settings)
{
    const struct settings_case *c = &settings[*case_index];
    const struct value *f, *first;
    struct scanned s;
    bool found = false;

    scanned_scan(&s, c->name, slice_str(c->text));
    first = scanned_fact(&s, "model.loader", 0);
    for (size_t i = 0; (f = scanned_fact(&s, "model.loader", i)) != NULL; i++)
        found = found || (strcmp(scanned_text(f, "kind"), c->kind) == 0 &&
                          strcmp(scanned_text(f, "value"), c->value) == 0);
    cr_expect_eq(found, c->kind[0] != '\0', "%s: %s: %s", c->name, c->text,
                 first != NULL ? scanned_text(first, "kind") : "nothing");
    if (c->kind[0] == '\0')
        cr_expect(first == NULL, "%s: %s", c->text, scanned_text(first, "value"));
    scanned_release(&s);
}

/* ---- hostile texts ---- */
struct broken_case {
    const char *text, *want;
    uint64_t offset;
};

static const struct broken_case broken[] = {
    {"backend: \"x", "a string without an end", 9},
    {"backend: \"x\ny\"", "a string without an end", 9},
    {"a { b: 1", "a message without an end", 8},
    {"a { b: 1 >", "no name or number stands here", 9},
    {"a [ 1, 2", "no name or number stands here", 8},
    {"a: \"\\", "a string without an end", 3},
    {"}", "no name or number stands here", 0},
};

CASES(scanner_formats_settings, refuse_what_is_no_message, broken)
{
    const struct broken_case *c = &broken[*case_index];
    const struct value *v;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect_not(settings_pbtxt_read(slice_str(c->text), &a, &v, &e), "%s", c->text);
    cr_expect_str_eq(e.text, c->want, "%s", c->text);
    cr_expect_eq(e.offset, c->offset, "%s", c->text);
    arena_release(&a);
}

Test(scanner_formats_settings, messages_within_messages_have_an_end)
{
    const struct value *v;
    char text[200] = "";
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    for (size_t i = 0; i < 31; i++)
        strcat(text, "a{");
    for (size_t i = 0; i < 31; i++)
        strcat(text, "}");
    cr_expect(settings_pbtxt_read(slice_str(text), &a, &v, &e), "%s", e.text);
    memmove(text + 2, text, strlen(text) + 1);
    memcpy(text, "a{", 2);
    strcat(text, "}");
    cr_expect_not(settings_pbtxt_read(slice_str(text), &a, &v, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    arena_release(&a);
}

Test(scanner_formats_settings, long_files_are_not_judged)
{
    static const char *const names[] = {"x.properties", "x.cfg", "modelfile"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (size_t more = 0; more < 2; more++) {
            const size_t n = LIMIT_SETTINGS + more;
            uint8_t *text = malloc(n);
            struct scanned s;

            memset(text, '\n', n);
            scanned_scan(&s, names[i], (struct slice){text, n});
            cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"),
                             more > 0 ? "truncated" : "read", "%s: %zu", names[i], more);
            scanned_release(&s);
            free(text);
        }
}

Test(scanner_formats_settings, cut_anywhere_they_end)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        const size_t len = strlen(settings[i].text);

        for (size_t n = 0; n < len; n++) {
            struct scanned s;

            scanned_scan(&s, settings[i].name,
                         (struct slice){(const uint8_t *)settings[i].text, n});
            cr_expect(scanned_fact(&s, "model.file", 0) != NULL);
            scanned_release(&s);
        }
    }
}
