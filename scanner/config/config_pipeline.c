/* The ML platform's pipeline specification. SPEC: docs/pipeline.md */
#include <string.h>

#include "scanner/config/config.h"
#include "scanner/config/fields.h"

#define SOURCE "pipeline"

static const struct field data_config[] = {
    {"data_config_name", FIELD_STRING, false, NULL},
    {"data_uri", FIELD_STRING, true, NULL},
    {"content_type", FIELD_STRING, false, NULL},
    {0},
};

static const struct field additional_config[] = {
    {"data_config_name", FIELD_STRING, true, NULL},
    {"data_uri", FIELD_STRING, true, NULL},
    {"content_type", FIELD_STRING, false, NULL},
    {0},
};

static const struct field resource[] = {
    {"instance_count", FIELD_INT, false, NULL},        {"instance_type", FIELD_STRING, false, NULL},
    {"max_run_time_sec", FIELD_INT, false, NULL},      {"ebs_volume_gb", FIELD_INT, false, NULL},
    {"volume_kms_key_arn", FIELD_STRING, false, NULL}, {0},
};

static const struct field vpc[] = {
    {"subnets", FIELD_STRINGS, false, NULL},
    {"security_group_ids", FIELD_STRINGS, false, NULL},
    {0},
};

static const struct field endpoint[] = {
    {"instance_count", FIELD_INT, false, NULL},
    {"instance_type", FIELD_STRING, false, NULL},
    {"kms_key_arn", FIELD_STRING, false, NULL},
    {"data_capture_kms_key_arn", FIELD_STRING, false, NULL},
    {"network_isolation", FIELD_BOOL, false, NULL},
    {0},
};

static const struct field pipeline[] = {
    {"pipeline_type", FIELD_STRING, true, NULL},
    {"pipeline_version", FIELD_STRING, false, NULL},
    {"artifact_url", FIELD_STRING, false, NULL},
    {"project_name", FIELD_STRING, false, NULL},
    {"kms_key_arn", FIELD_STRING, false, NULL},
    {"email", FIELD_STRING, false, NULL},
    {"training_data_config", FIELD_MAP, false, data_config},
    {"validation_data_config", FIELD_MAP, false, data_config},
    {"additional_data_configs", FIELD_MAPS, false, additional_config},
    {"output_bucket_uri", FIELD_STRING, false, NULL},
    {"tags", FIELD_TAGS, false, NULL},
    {"resource_config", FIELD_NAMED, false, resource},
    {"role_arn", FIELD_STRING, false, NULL},
    {"vpc_config", FIELD_MAP, false, vpc},
    {"network_isolation", FIELD_BOOL, false, NULL},
    {"inter_container_encryption", FIELD_BOOL, false, NULL},
    {"output_kms_key_arn", FIELD_STRING, false, NULL},
    {"volume_kms_key_arn", FIELD_STRING, false, NULL},
    {"endpoint", FIELD_MAP, false, endpoint},
    {"image", FIELD_STRING, false, NULL},
    {"region", FIELD_STRING, false, NULL},
    {"stage", FIELD_STRING, false, NULL},
    {"purpose", FIELD_STRING, false, NULL},
    {"enable_remote_debug", FIELD_BOOL, false, NULL},
    {0},
};

/* One pipeline on its way to facts. */
struct run {
    struct doc *d;
    const char *address;
    const struct value *attributes;
    struct value_builder names; /* data configurations told so far, as keys */
};

static bool probe(const struct value *doc)
{
    static const char *const names[] = {"pipeline_type", "pipeline-type", "pipeline type"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (value_get(doc, names[i]) != NULL)
            return true;
    return false;
}

/* A `pipeline.data` fact: `id` is the last part of its address, `uri` where the data is. */
struct data {
    const char *id, *name, *role;
    const struct value *config; /* NULL for the output */
    const struct value *uri;
};

static bool tell_data(struct run *r, const struct data *data, struct err *e)
{
    struct arena *a = r->d->arena;
    const struct value_at at = doc_at(data->uri);
    const struct value *type = value_get(data->config, "content_type");
    struct doc_fact f = {.source = SOURCE, .type = "pipeline.data", .name = data->name};
    const size_t before = r->names.n;
    struct value_builder b;

    value_map_add(&r->names, data->id, value_null(a, NULL));
    if (r->names.n == before)
        return doc_error(e, data->uri, "data configuration '%.*s' is given twice",
                         DOC_TEXT(slice_str(data->id)));
    value_map_begin(&b, a);
    value_map_add(&b, "pipeline", value_str(a, r->address));
    value_map_add(&b, "name", value_str(a, data->name));
    value_map_add(&b, "role", value_str(a, data->role));
    if (!fields_put_uri(&b, data->uri, data->id, e))
        return false;
    if (type != NULL)
        value_map_add(&b, "content_type", type);
    f.address = arena_printf(a, "%s/%s", r->address, data->id);
    f.at = data->uri;
    f.attributes = value_map_end(&b, &at);
    doc_fact(r->d, &f);
    return true;
}

static bool tell_main_data(struct run *r, const char *key, const char *role, struct err *e)
{
    const struct value *config = value_get(r->attributes, key);
    struct data data = {.id = role, .name = role, .role = role, .config = config};

    if (config == NULL)
        return true;
    data.uri = value_is(config, VALUE_UNKNOWN) ? config : value_get(config, "data_uri");
    if (value_is(value_get(config, "data_config_name"), VALUE_STRING) &&
        !doc_name(value_get(config, "data_config_name"), "data_config_name", &data.name, e))
        return false;
    return tell_data(r, &data, e);
}

static bool tell_additional(struct run *r, struct err *e)
{
    const struct value *list = value_get(r->attributes, "additional_data_configs");

    if (value_is(list, VALUE_UNKNOWN))
        doc_gap(r->d, list, "additional_data_configs is unknown");
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *config = value_item(list, i);
        struct data data = {.role = "additional", .config = config};

        data.uri = value_get(config, "data_uri");
        if (!value_is(value_get(config, "data_config_name"), VALUE_STRING)) {
            data.uri = data.uri != NULL ? data.uri : config;
            data.name = arena_printf(r->d->arena, "%zu", i);
        } else if (!doc_name(value_get(config, "data_config_name"), "data_config_name", &data.name,
                             e)) {
            return false;
        }
        data.id = arena_printf(r->d->arena, "additional/%s", data.name);
        if (!tell_data(r, &data, e))
            return false;
    }
    return true;
}

static bool tell_output(struct run *r, struct err *e)
{
    const struct value *uri = value_get(r->attributes, "output_bucket_uri");
    const struct data data = {.id = "output", .name = "output", .role = "output", .uri = uri};

    return uri == NULL || tell_data(r, &data, e);
}

static bool tell_resource(struct run *r, const struct value_member *m, struct err *e)
{
    struct arena *a = r->d->arena;
    const struct value_at at = doc_at(m->value);
    const struct value *key = value_string(a, m->key, &at);
    struct doc_fact f = {.source = SOURCE, .type = "pipeline.resource", .at = m->value};
    struct value_builder b;

    if (!doc_name(key, "a name in resource_config", &f.name, e))
        return false;
    if (value_is(m->value, VALUE_UNKNOWN))
        doc_gap(r->d, m->value, "resource_config.%s is unknown", f.name);
    value_map_begin(&b, a);
    value_map_add(&b, "pipeline", value_str(a, r->address));
    value_map_add(&b, "name", key);
    for (size_t i = 0; value_is(m->value, VALUE_MAP) && i < value_len(m->value); i++)
        value_map_put(&b, m->value->as.members[i].key, m->value->as.members[i].value);
    f.address = arena_printf(a, "%s/resource/%s", r->address, f.name);
    f.attributes = value_map_end(&b, &at);
    doc_fact(r->d, &f);
    return true;
}

static bool tell_resources(struct run *r, struct err *e)
{
    const struct value *all = value_get(r->attributes, "resource_config");

    if (value_is(all, VALUE_UNKNOWN))
        doc_gap(r->d, all, "resource_config is unknown");
    for (size_t i = 0; value_is(all, VALUE_MAP) && i < value_len(all); i++)
        if (!tell_resource(r, &all->as.members[i], e))
            return false;
    return true;
}

/* The project's name, or "pipeline"; a number behind it when the file names the project again. */
static bool address(struct run *r, struct value_builder *taken, struct err *e)
{
    const struct value *name = value_get(r->attributes, "project_name");
    const char *base = "pipeline";

    if (value_is(name, VALUE_STRING) && !doc_name(name, "project_name", &base, e))
        return false;
    r->address = base;
    for (size_t n = 2;; n++) {
        const size_t before = taken->n;

        value_map_add(taken, r->address, value_null(r->d->arena, NULL));
        if (taken->n != before)
            return true;
        r->address = arena_printf(r->d->arena, "%s#%zu", base, taken->n + n - 1);
    }
}

static bool read_one(struct doc *d, const struct value *doc, struct value_builder *taken,
                     struct err *e)
{
    const struct fields_ask ask = {doc, pipeline, ""};
    struct run r = {.d = d};
    struct doc_fact f = {.source = SOURCE, .type = "pipeline", .at = doc};

    if (!fields_read(d, &ask, &r.attributes, e))
        return false;
    if (!value_is(r.attributes, VALUE_MAP))
        return doc_error(e, doc, "a pipeline must be a map");
    if (!address(&r, taken, e))
        return false;
    value_map_begin(&r.names, d->arena);
    f.address = r.address;
    f.name = value_cstr(value_get(r.attributes, "project_name"), r.address);
    f.attributes = r.attributes;
    doc_fact(d, &f);
    return tell_main_data(&r, "training_data_config", "training", e) &&
           tell_main_data(&r, "validation_data_config", "validation", e) &&
           tell_additional(&r, e) && tell_output(&r, e) && tell_resources(&r, e);
}

static bool parse(struct doc *d, struct err *e)
{
    struct value_builder taken;
    size_t n = 0;

    value_map_begin(&taken, d->arena);
    for (size_t i = 0; i < value_len(d->root); i++) {
        const struct value *doc = value_item(d->root, i);

        if (value_is(doc, VALUE_NULL)) {
            doc_note(d, doc, "document %zu is empty", i + 1);
            continue;
        }
        n++;
        if (!read_one(d, doc, &taken, e))
            return value_len(d->root) == 1 ? false : err_in(e, "document %zu", i + 1);
    }
    return n > 0 || doc_error(e, d->root, "the file holds no pipeline");
}

const struct config_kind config_pipeline = {
    .name = "pipeline",
    .summary = "training and deploy specification of the ML platform (YAML)",
    .spec = "docs/pipeline.md",
    .format = "pipeline",
    .many = true,
    .probe = probe,
    .parse = parse,
};
