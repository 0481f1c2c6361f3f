#include "scanner/image/layout_docker.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "scanner/image/ledger.h"

static bool read_list(struct layout *l, const struct value **out, struct err *e)
{
    const struct value *doc;
    struct source *bytes;
    struct slice text;
    uint64_t len;

    if (!blobs_find(l->blobs, "manifest.json", &bytes, &len, e) ||
        !source_slurp(bytes, LIMIT_MANIFEST_BYTES, l->arena, &text, e) ||
        !json_read(text, l->arena, &doc, e))
        return err_in(e, "manifest.json");
    if (!value_is(doc, VALUE_LIST) || doc->len == 0 || doc->len > LIMIT_MANIFESTS)
        return err_fail(e, ERR_FORMAT, "manifest.json is not a list of images");
    for (size_t i = 0; i < doc->len; i++) {
        const struct value *layers = value_get(value_item(doc, i), "Layers");

        if (!value_is(value_get(value_item(doc, i), "Config"), VALUE_STRING))
            return err_fail(e, ERR_FORMAT, "manifest.json: image %zu has no Config", i);
        if (value_len(layers) > LIMIT_LAYERS)
            return err_fail(e, ERR_LIMIT,
                            "manifest.json: image %zu has more than %d layers "
                            "(LIMIT_LAYERS)",
                            i, LIMIT_LAYERS);
        for (size_t k = 0; k < value_len(layers); k++)
            if (!value_is(value_item(layers, k), VALUE_STRING))
                return err_fail(e, ERR_FORMAT, "manifest.json: image %zu: layer %zu is no name", i,
                                k);
    }
    ledger_parsed(l->sink, &(struct ledger_line){"manifest.json", "docker.manifest", NULL, len});
    *out = doc;
    return true;
}

static const char *tag_that_matches(const struct layout *l, const struct value *item)
{
    const struct value *tags = value_get(item, "RepoTags");

    for (size_t i = 0; i < value_len(tags); i++) {
        const char *tag = value_cstr(value_item(tags, i), "");

        if (l->ref == NULL || layout_ref_matches(l->ref, tag))
            return tag;
    }
    return NULL;
}

/* "sha256:<hex>" for a Config such as "<hex>.json" or "blobs/sha256/<hex>". */
static bool config_is(const struct value *item, const char *digest_text)
{
    const char *path = value_cstr(value_get(item, "Config"), "");
    const char *slash = strrchr(path, '/'), *colon = strchr(digest_text, ':');
    const struct slice name = slice_str(slash != NULL ? slash + 1 : path);

    if (colon == NULL || colon[1] == '\0' || !slice_starts(name, colon + 1))
        return false;
    return name.len == strlen(colon + 1) || slice_is(slice_from(name, strlen(colon + 1)), ".json");
}

static bool asked_for(const struct layout *l, const struct value *item)
{
    const char *ref = l->ref;

    if (ref == NULL || tag_that_matches(l, item) != NULL)
        return true;
    return config_is(item, ref[0] == '@' ? ref + 1 : ref);
}

static bool choose(struct layout *l, const struct value *list, const struct value **out,
                   struct err *e)
{
    const char *names = "";
    size_t n = 0;

    for (size_t i = 0; i < list->len; i++) {
        const struct value *item = value_item(list, i);

        if (!asked_for(l, item))
            continue;
        if (n++ < 8)
            names = arena_printf(l->arena, "%s%s%s", names, n > 1 ? ", " : "",
                                 value_cstr(value_path(item, "RepoTags.0"),
                                            value_cstr(value_get(item, "Config"), "")));
        *out = item;
    }
    if (n == 0)
        return err_fail(e, ERR_USAGE, "manifest.json has no image %s", l->ref);
    if (n > 1)
        return err_fail(e, ERR_USAGE, "manifest.json has %zu images, name one: %s", n, names);
    return true;
}

bool layout_docker_choose(struct layout *l, struct err *e)
{
    const struct value *list, *item, *layers;
    struct source *bytes;
    struct digest d;
    char digest[DIGEST_TEXT_MAX];
    uint64_t len;

    if (!read_list(l, &list, e) || !choose(l, list, &item, e))
        return false;
    l->ref_name = tag_that_matches(l, item);
    l->config_path = value_cstr(value_get(item, "Config"), "");
    if (!blobs_find(l->blobs, l->config_path, &bytes, &len, e) ||
        !source_slurp(bytes, LIMIT_IMAGE_CONFIG_BYTES, l->arena, &l->config, e))
        return err_in(e, "configuration");
    digest_of(l->config, DIGEST_SHA256, &d);
    digest_text(&d, digest);
    l->config_digest = l->digest_text = arena_strdup(l->arena, digest);
    layers = value_get(item, "Layers");
    l->nlayers = value_len(layers);
    l->layers = ARENA_ARRAY(l->arena, struct layout_layer, l->nlayers);
    for (size_t i = 0; i < l->nlayers; i++)
        l->layers[i] = (struct layout_layer){
            .path = value_cstr(value_item(layers, i), ""), .media_type = "", .size = UINT64_MAX};
    return true;
}

bool layout_docker_agrees(struct layout *l, struct err *e)
{
    const struct value *list, *item = NULL, *layers;

    if (!read_list(l, &list, e))
        return false;
    for (size_t i = 0; i < list->len; i++)
        if (config_is(value_item(list, i), l->config_digest))
            item = value_item(list, i);
    if (item == NULL)
        return err_fail(e, ERR_FORMAT,
                        "index.json and manifest.json disagree: the latter does not list %s",
                        l->config_digest);
    layers = value_get(item, "Layers");
    if (value_len(layers) != l->nlayers)
        return err_fail(e, ERR_FORMAT, "index.json and manifest.json disagree: %zu and %zu layers",
                        l->nlayers, value_len(layers));
    for (size_t i = 0; i < l->nlayers; i++)
        if (strcmp(value_cstr(value_item(layers, i), ""), l->layers[i].path) != 0)
            return err_fail(e, ERR_FORMAT, "index.json and manifest.json disagree about layer %zu",
                            i);
    return true;
}
