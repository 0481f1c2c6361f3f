#include "tests/lib/cases.h"

#include <string.h>

#include "scanner/image/image_config.h"
#include "scanner/image/manifest.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DESC "{\"mediaType\":\"x/y\",\"digest\":\"sha256:" HEX "\",\"size\":7}"

struct text_case {
    const char *what, *text, *error;
    uint32_t line;
};

static const struct text_case manifest_cases[] = {
    {"manifest", "{\"schemaVersion\":2,\"config\":" DESC ",\"layers\":[" DESC "]}", "", 0},
    {"index", "{\"schemaVersion\":2,\"manifests\":[" DESC "]}", "", 0},
    {"subject", "{\"schemaVersion\":2,\"config\":" DESC ",\"layers\":[],\"subject\":" DESC "}", "",
     0},
    {"not a map", "[]", "not a map", 1},
    {"both", "{\"schemaVersion\":2,\"config\":" DESC ",\"layers\":[],\"manifests\":[]}",
     "both a manifest and an index", 1},
    {"neither", "{\"schemaVersion\":2}", "neither a manifest nor an index", 1},
    {"schema 1", "{\"schemaVersion\":1,\"fsLayers\":[]}", "docker schema 1 manifests are not read",
     1},
    {"no version", "{\"layers\":[]}", "schemaVersion is not 2", 1},
    {"media type of the other kind",
     "{\"schemaVersion\":2,\n\"mediaType\":\"" MANIFEST_OCI_INDEX "\",\"config\":" DESC
     ",\"layers\":[]}",
     "mediaType " MANIFEST_OCI_INDEX " does not fit a manifest", 1},
    {"no digest", "{\"schemaVersion\":2,\"config\":{\"size\":1},\"layers\":[]}",
     "config: a descriptor without digest", 1},
    {"negative size",
     "{\"schemaVersion\":2,\n\"manifests\":[{\"digest\":\"sha256:" HEX "\",\n\"size\":-1}]}",
     "manifest 0: a descriptor without a size in bytes", 3},
    {"config missing", "{\"schemaVersion\":2,\"layers\":[]}",
     "config: a descriptor is missing or not a map", 1},
    {"layers missing", "{\"schemaVersion\":2,\"config\":" DESC "}",
     "layers is missing or not a list", 1},
    {"annotation is a number", "{\"schemaVersion\":2,\"manifests\":[],\n\"annotations\":{\"a\":1}}",
     "annotation a is not a string", 2},
};

CASES(scanner_image_manifest, parses_and_refuses, manifest_cases)
{
    const struct text_case *c = &manifest_cases[*case_index];
    const size_t n = strlen(c->text);
    uint8_t *copy = malloc(n);
    struct manifest m;
    struct arena a;
    struct err e = {0};

    memcpy(copy, c->text, n);
    arena_init(&a);
    cr_expect_eq(manifest_parse((struct slice){copy, n}, &a, &m, &e), c->error[0] == '\0', "%s",
                 c->what);
    cr_expect_str_eq(e.text, c->error, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(e.line, c->line, "%s: line %u", c->what, e.line);
    arena_release(&a);
    free(copy);
}

/* LIMIT_LAYERS holds; one more is refused. */
static bool parse_layers(size_t n, struct err *e)
{
    char *text = malloc(n * 128 + 512);
    size_t len = (size_t)sprintf(text, "{\"schemaVersion\":2,\"config\":" DESC ",\"layers\":[");
    struct manifest m;
    struct arena a;
    bool ok;

    for (size_t i = 0; i < n; i++)
        len += (size_t)sprintf(text + len, "%s" DESC, i > 0 ? "," : "");
    len += (size_t)sprintf(text + len, "]}");
    arena_init(&a);
    ok = manifest_parse((struct slice){(const uint8_t *)text, len}, &a, &m, e);
    arena_release(&a);
    free(text);
    return ok;
}

Test(scanner_image_manifest, layers_at_the_cap_and_past_it)
{
    struct err e = {0};

    cr_expect(parse_layers(512, &e), "%s", e.text);
    cr_expect_not(parse_layers(513, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "513 layers, at most 512 (LIMIT_LAYERS)");
}

#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX "\"]}"

static const struct text_case config_cases[] = {
    {"smallest", "{" ROOTFS "}", "", 0},
    {"nulls", "{" ROOTFS ",\"config\":null,\"history\":null}", "", 0},
    {"no rootfs", "{}", "no rootfs", 1},
    {"env is a map", "{" ROOTFS ",\n\"config\":{\"Env\":{}}}", "Env is map, not list", 2},
    {"env holds a number", "{" ROOTFS ",\"config\":{\"Env\":[\n1]}}", "Env: item 0 is not a string",
     2},
    {"user is a number", "{" ROOTFS ",\"config\":{\"User\":0}}", "User is int, not string", 1},
    {"bad diff id", "{\"rootfs\":{\"diff_ids\":[\"md5:1\"]}}", NULL, 1},
    {"history", "{" ROOTFS ",\"history\":[{\"created_by\":1}]}",
     "history 0: created_by is int, not string", 1},
    {"label", "{" ROOTFS ",\"config\":{\"Labels\":{\"a\":[]}}}", "Labels: a value is not a string",
     1},
};

CASES(scanner_image_manifest, configurations, config_cases)
{
    const struct text_case *c = &config_cases[*case_index];
    const size_t n = strlen(c->text);
    uint8_t *copy = malloc(n);
    struct image_config config;
    struct arena a;
    struct err e = {0};
    bool ok;

    memcpy(copy, c->text, n);
    arena_init(&a);
    ok = image_config_parse((struct slice){copy, n}, &a, &config, &e);
    cr_expect_eq(ok, c->error != NULL && c->error[0] == '\0', "%s: %s", c->what, e.text);
    if (c->error != NULL)
        cr_expect_str_eq(e.text, c->error, "%s: got '%s'", c->what, e.text);
    else
        cr_expect(strncmp(e.text, "diff id 0: ", 11) == 0, "%s", e.text);
    cr_expect_eq(e.line, c->line, "%s: line %u", c->what, e.line);
    arena_release(&a);
    free(copy);
}

/* LIMIT_IMAGE_CONFIG_ITEMS hold; one more is refused. */
static bool parse_env(size_t n, struct err *e)
{
    char *text = malloc(n * 8 + 512);
    size_t len = (size_t)sprintf(text, "{" ROOTFS ",\"config\":{\"Env\":[");
    struct image_config c;
    struct arena a;
    bool ok;

    for (size_t i = 0; i < n; i++)
        len += (size_t)sprintf(text + len, "%s\"A=1\"", i > 0 ? "," : "");
    len += (size_t)sprintf(text + len, "]}}");
    arena_init(&a);
    ok = image_config_parse((struct slice){(const uint8_t *)text, len}, &a, &c, e);
    arena_release(&a);
    free(text);
    return ok;
}

Test(scanner_image_manifest, variables_at_the_cap_and_past_it)
{
    struct err e = {0};

    cr_expect(parse_env(20000, &e), "%s", e.text);
    cr_expect_not(parse_env(20001, &e));
    cr_expect_str_eq(e.text, "Env has 20001 items, at most 20000 (LIMIT_IMAGE_CONFIG_ITEMS)");
}
