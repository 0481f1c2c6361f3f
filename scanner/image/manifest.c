#include "scanner/image/manifest.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"

#define CONFIG_OCI "application/vnd.oci.image.config.v1+json"
#define CONFIG_DOCKER "application/vnd.docker.container.image.v1+json"

static const struct value *fault_at(const struct value *v, const struct value *fallback)
{
    return v != NULL ? v : fallback;
}

#define fail_at(e, v, ...) err_place((e), ERR_FORMAT, (v)->line, (v)->offset, __VA_ARGS__)

/* A member that must be a string when it is there. */
static bool text_member(const struct value *map, const char *key, const char **out, struct err *e)
{
    const struct value *v = value_get(map, key);

    *out = NULL;
    if (v == NULL || value_is(v, VALUE_NULL))
        return true;
    if (!value_is(v, VALUE_STRING) || memchr(v->as.text, '\0', v->len) != NULL)
        return fail_at(e, v, "%s is %s, a string was expected", key,
                       value_kind_name((enum value_kind)v->kind));
    *out = value_cstr(v, "");
    return true;
}

/* SPEC: image-spec v1.1 annotations.md: a map of strings. */
static bool annotations_of(const struct value *map, const struct value **out, struct err *e)
{
    const struct value *v = value_get(map, "annotations");

    *out = NULL;
    if (v == NULL || value_is(v, VALUE_NULL))
        return true;
    if (!value_is(v, VALUE_MAP))
        return fail_at(e, v, "annotations is not a map");
    for (size_t i = 0; i < v->len; i++)
        if (!value_is(v->as.members[i].value, VALUE_STRING))
            return fail_at(e, v->as.members[i].value, "annotation %s is not a string",
                           (const char *)v->as.members[i].key.data);
    *out = v;
    return true;
}

static bool platform_of(const struct value *map, struct manifest_descriptor *d, struct err *e)
{
    const struct value *p = value_get(map, "platform");

    if (p == NULL || value_is(p, VALUE_NULL))
        return true;
    if (!value_is(p, VALUE_MAP))
        return fail_at(e, p, "platform is not a map");
    return text_member(p, "os", &d->os, e) && text_member(p, "architecture", &d->architecture, e) &&
           text_member(p, "variant", &d->variant, e);
}

static bool is_foreign(const struct value *map, const char *media_type)
{
    return value_len(value_get(map, "urls")) > 0 ||
           strstr(media_type, "nondistributable") != NULL ||
           strstr(media_type, ".foreign.") != NULL;
}

/* SPEC: image-spec v1.1 descriptor.md, "Properties". */
static bool descriptor(const struct value *v, const struct value *parent,
                       struct manifest_descriptor *d, struct err *e)
{
    const struct value *size = value_get(v, "size");
    struct err why = {0};

    memset(d, 0, sizeof(*d));
    if (!value_is(v, VALUE_MAP))
        return fail_at(e, fault_at(v, parent), "a descriptor is missing or not a map");
    d->line = v->line;
    d->offset = v->offset;
    if (!text_member(v, "mediaType", &d->media_type, e) ||
        !text_member(v, "artifactType", &d->artifact_type, e) ||
        !text_member(v, "digest", &d->digest_text, e) || !annotations_of(v, &d->annotations, e) ||
        !platform_of(v, d, e))
        return false;
    if (d->media_type == NULL)
        d->media_type = "";
    if (d->digest_text == NULL)
        return fail_at(e, v, "a descriptor without digest");
    if (!digest_parse(slice_str(d->digest_text), &d->digest, &why))
        return fail_at(e, v, "%s", why.text);
    if (!value_is(size, VALUE_INT) || size->as.integer < 0)
        return fail_at(e, fault_at(size, v), "a descriptor without a size in bytes");
    d->size = (uint64_t)size->as.integer;
    d->foreign = is_foreign(v, d->media_type);
    return true;
}

static bool descriptors(const struct value *list, const struct value *doc, struct arena *a,
                        struct manifest *m, struct err *e)
{
    const size_t cap = m->index ? LIMIT_MANIFESTS : LIMIT_LAYERS;

    if (!value_is(list, VALUE_LIST))
        return fail_at(e, fault_at(list, doc), "%s is missing or not a list",
                       m->index ? "manifests" : "layers");
    if (list->len > cap)
        return err_line(e, ERR_LIMIT, list->line, "%u %s, at most %zu (%s)", list->len,
                        m->index ? "manifests" : "layers", cap,
                        m->index ? "LIMIT_MANIFESTS" : "LIMIT_LAYERS");
    m->entries = ARENA_ARRAY(a, struct manifest_descriptor, list->len);
    for (size_t i = 0; i < list->len; i++) {
        if (!descriptor(value_item(list, i), list, &m->entries[i], e))
            return err_in(e, "%s %zu", m->index ? "manifest" : "layer", i);
        m->nentries++;
    }
    return true;
}

bool manifest_is_index_type(const char *t)
{
    return strcmp(t, MANIFEST_OCI_INDEX) == 0 || strcmp(t, MANIFEST_DOCKER_LIST) == 0;
}

bool manifest_is_manifest_type(const char *t)
{
    return strcmp(t, MANIFEST_OCI) == 0 || strcmp(t, MANIFEST_DOCKER) == 0;
}

/* SPEC: image-spec v1.1 manifest.md, "Property Descriptions"; CVE-2021-41190. */
static bool kind_of(const struct value *doc, struct manifest *m, struct err *e)
{
    const struct value *version = value_get(doc, "schemaVersion");
    const bool list = value_get(doc, "manifests") != NULL;
    const bool image = value_get(doc, "layers") != NULL || value_get(doc, "config") != NULL;

    if (value_is(version, VALUE_INT) && version->as.integer == 1)
        return err_line(e, ERR_UNSUPPORTED, version->line,
                        "docker schema 1 manifests are not read");
    if (!value_is(version, VALUE_INT) || version->as.integer != 2)
        return fail_at(e, fault_at(version, doc), "schemaVersion is not 2");
    if (list && (image || value_get(doc, "fsLayers") != NULL))
        return fail_at(e, doc, "both a manifest and an index");
    if (!list && !image)
        return fail_at(e, doc, "neither a manifest nor an index");
    m->index = list;
    if (m->media_type == NULL)
        return true;
    if (manifest_is_index_type(m->media_type) == list &&
        manifest_is_manifest_type(m->media_type) == !list)
        return true;
    return fail_at(e, doc, "mediaType %s does not fit %s", m->media_type,
                   list ? "an index" : "a manifest");
}

bool manifest_parse(struct slice text, struct arena *a, struct manifest *out, struct err *e)
{
    const struct value *doc, *subject;
    struct manifest m = {0};

    if (text.len > LIMIT_MANIFEST_BYTES)
        return err_fail(e, ERR_LIMIT, "%zu bytes, at most %u (LIMIT_MANIFEST_BYTES)", text.len,
                        LIMIT_MANIFEST_BYTES);
    if (!json_read(text, a, &doc, e))
        return false;
    if (!value_is(doc, VALUE_MAP))
        return fail_at(e, doc, "not a map");
    if (!text_member(doc, "mediaType", &m.media_type, e) ||
        !text_member(doc, "artifactType", &m.artifact_type, e) || !kind_of(doc, &m, e) ||
        !annotations_of(doc, &m.annotations, e))
        return false;
    if (!m.index && !descriptor(value_get(doc, "config"), doc, &m.config, e))
        return err_in(e, "config");
    if (!descriptors(value_get(doc, m.index ? "manifests" : "layers"), doc, a, &m, e))
        return false;
    subject = value_get(doc, "subject");
    m.has_subject = subject != NULL && !value_is(subject, VALUE_NULL);
    if (m.has_subject && !descriptor(subject, doc, &m.subject, e))
        return err_in(e, "subject");
    *out = m;
    return true;
}

bool manifest_is_image(const struct manifest *m)
{
    if (m->index || m->artifact_type != NULL)
        return false;
    return strcmp(m->config.media_type, CONFIG_OCI) == 0 ||
           strcmp(m->config.media_type, CONFIG_DOCKER) == 0;
}

const char *manifest_annotation(const struct value *annotations, const char *key)
{
    return value_cstr(value_get(annotations, key), NULL);
}
