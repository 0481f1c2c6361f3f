#include "scanner/image/image_config.h"

#include <string.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/limits.h"

#define fail_at(e, v, ...) err_place((e), ERR_FORMAT, (v)->line, (v)->offset, __VA_ARGS__)

static bool absent(const struct value *v)
{
    return v == NULL || value_is(v, VALUE_NULL);
}

/* What a member must be when it is there: `items` is the kind of what a list or map holds. */
struct shape {
    const char *key;
    enum value_kind kind, items;
};

static bool check_items(const struct value *v, const struct shape *s, struct err *e)
{
    if ((s->kind == VALUE_LIST || s->kind == VALUE_MAP) && v->len > LIMIT_IMAGE_CONFIG_ITEMS)
        return err_line(e, ERR_LIMIT, v->line,
                        "%s has %u items, at most %d (LIMIT_IMAGE_CONFIG_ITEMS)", s->key, v->len,
                        LIMIT_IMAGE_CONFIG_ITEMS);
    for (size_t i = 0; i < v->len && s->kind == VALUE_LIST; i++)
        if (!value_is(value_item(v, i), s->items))
            return fail_at(e, value_item(v, i), "%s: item %zu is not a %s", s->key, i,
                           value_kind_name(s->items));
    for (size_t i = 0; i < v->len && s->kind == VALUE_MAP && s->items != VALUE_NULL; i++)
        if (!value_is(v->as.members[i].value, s->items))
            return fail_at(e, v->as.members[i].value, "%s: a value is not a %s", s->key,
                           value_kind_name(s->items));
    return true;
}

static bool check_shapes(const struct value *map, const struct shape *shapes, size_t n,
                         struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        const struct value *v = value_get(map, shapes[i].key);

        if (absent(v))
            continue;
        if (!value_is(v, shapes[i].kind))
            return fail_at(e, v, "%s is %s, not %s", shapes[i].key,
                           value_kind_name((enum value_kind)v->kind),
                           value_kind_name(shapes[i].kind));
        if (!check_items(v, &shapes[i], e))
            return false;
    }
    return true;
}

static bool check_config(const struct value *config, struct err *e)
{
    static const struct shape shapes[] = {
        {"User", VALUE_STRING, VALUE_NULL},      {"Env", VALUE_LIST, VALUE_STRING},
        {"ExposedPorts", VALUE_MAP, VALUE_NULL}, {"Entrypoint", VALUE_LIST, VALUE_STRING},
        {"Cmd", VALUE_LIST, VALUE_STRING},       {"WorkingDir", VALUE_STRING, VALUE_NULL},
        {"Volumes", VALUE_MAP, VALUE_NULL},      {"Labels", VALUE_MAP, VALUE_STRING},
        {"Healthcheck", VALUE_MAP, VALUE_NULL},  {"StopSignal", VALUE_STRING, VALUE_NULL},
        {"Shell", VALUE_LIST, VALUE_STRING},     {"OnBuild", VALUE_LIST, VALUE_STRING}};

    if (absent(config))
        return true;
    if (!value_is(config, VALUE_MAP))
        return fail_at(e, config, "config is not a map");
    return check_shapes(config, shapes, ARRAY_LEN(shapes), e);
}

/* SPEC: image-spec v1.1 config.md, "rootfs": required, in order from the first layer. */
static bool read_diff_ids(const struct value *doc, struct arena *a, struct image_config *c,
                          struct err *e)
{
    const struct value *rootfs = value_get(doc, "rootfs");
    const struct value *ids = value_get(rootfs, "diff_ids");
    const struct value *type = value_get(rootfs, "type");

    if (!value_is(rootfs, VALUE_MAP))
        return fail_at(e, doc, "no rootfs");
    if (!absent(type) && !slice_is(value_text(type), "layers"))
        return fail_at(e, type, "rootfs.type is not layers");
    if (absent(ids))
        return true;
    if (!value_is(ids, VALUE_LIST))
        return fail_at(e, ids, "rootfs.diff_ids is not a list");
    if (ids->len > LIMIT_LAYERS)
        return err_line(e, ERR_LIMIT, ids->line, "%u diff ids, at most %d (LIMIT_LAYERS)", ids->len,
                        LIMIT_LAYERS);
    c->diff_ids = ARENA_ARRAY(a, struct digest, ids->len);
    c->diff_id_texts = ARENA_ARRAY(a, const char *, ids->len);
    for (size_t i = 0; i < ids->len; i++) {
        struct err why = {0};

        if (!digest_parse(value_text(value_item(ids, i)), &c->diff_ids[i], &why))
            return fail_at(e, value_item(ids, i), "diff id %zu: %s", i, why.text);
        c->diff_id_texts[i] = value_cstr(value_item(ids, i), "");
        c->ndiff_ids++;
    }
    return true;
}

static bool check_history(const struct value *history, struct err *e)
{
    static const struct shape shapes[] = {{"created_by", VALUE_STRING, VALUE_NULL},
                                          {"comment", VALUE_STRING, VALUE_NULL},
                                          {"empty_layer", VALUE_BOOL, VALUE_NULL}};

    if (absent(history))
        return true;
    if (!value_is(history, VALUE_LIST))
        return fail_at(e, history, "history is not a list");
    if (history->len > LIMIT_IMAGE_CONFIG_ITEMS)
        return err_line(e, ERR_LIMIT, history->line,
                        "history has %u items, at most %d (LIMIT_IMAGE_CONFIG_ITEMS)", history->len,
                        LIMIT_IMAGE_CONFIG_ITEMS);
    for (size_t i = 0; i < history->len; i++) {
        if (!value_is(value_item(history, i), VALUE_MAP))
            return fail_at(e, value_item(history, i), "history: item %zu is not a map", i);
        if (!check_shapes(value_item(history, i), shapes, ARRAY_LEN(shapes), e))
            return err_in(e, "history %zu", i);
    }
    return true;
}

bool image_config_parse(struct slice text, struct arena *a, struct image_config *out, struct err *e)
{
    static const struct shape shapes[] = {{"os", VALUE_STRING, VALUE_NULL},
                                          {"architecture", VALUE_STRING, VALUE_NULL},
                                          {"variant", VALUE_STRING, VALUE_NULL},
                                          {"created", VALUE_STRING, VALUE_NULL}};
    struct image_config c = {0};

    if (text.len > LIMIT_IMAGE_CONFIG_BYTES)
        return err_fail(e, ERR_LIMIT, "%zu bytes, at most %u (LIMIT_IMAGE_CONFIG_BYTES)", text.len,
                        LIMIT_IMAGE_CONFIG_BYTES);
    if (!json_read(text, a, &c.doc, e))
        return false;
    if (!value_is(c.doc, VALUE_MAP))
        return fail_at(e, c.doc, "not a map");
    if (!check_shapes(c.doc, shapes, ARRAY_LEN(shapes), e) ||
        !check_config(value_get(c.doc, "config"), e) || !read_diff_ids(c.doc, a, &c, e) ||
        !check_history(value_get(c.doc, "history"), e))
        return false;
    c.config = value_get(c.doc, "config");
    c.history = value_get(c.doc, "history");
    c.os = value_cstr(value_get(c.doc, "os"), NULL);
    c.architecture = value_cstr(value_get(c.doc, "architecture"), NULL);
    c.variant = value_cstr(value_get(c.doc, "variant"), NULL);
    *out = c;
    return true;
}

static struct slice user_name(struct slice user)
{
    size_t colon;

    if (slice_find(user, SLICE_LIT(":"), &colon))
        user.len = colon;
    return user;
}

/* Leading zeros and a sign count for the runtime as well, so "00" is 0 too. */
bool image_config_is_root(struct slice user)
{
    const struct slice name = user_name(user);
    uint64_t id;

    return name.len == 0 || slice_is(name, "root") ||
           (checked_u64(name, UINT64_MAX, &id) && id == 0);
}

static const struct value *or_null(struct arena *a, const struct value *v)
{
    return v != NULL ? v : value_null(a, NULL);
}

static const struct value *or_empty_list(struct arena *a, const struct value *v)
{
    struct value_builder b;

    if (!absent(v))
        return v;
    value_list_begin(&b, a);
    return value_list_end(&b, NULL);
}

static const struct value *keys_of(struct arena *a, const struct value *map)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < value_len(map); i++)
        value_list_add(&b, value_string(a, map->as.members[i].key, NULL));
    return value_list_end(&b, map == NULL ? NULL : &(struct value_at){map->offset, map->line});
}

/* "NAME=value" as a map; a name without '=' has an empty value; the last one counts. */
static void add_env(struct value_builder *out, const struct value *env, struct arena *a)
{
    struct value_builder map, names;

    value_map_begin(&map, a);
    value_list_begin(&names, a);
    for (size_t i = 0; i < value_len(env); i++) {
        const struct value *v = value_item(env, i);
        const struct value_at at = {v->offset, v->line};
        struct slice name = value_text(v), value = {NULL, 0};
        size_t eq;

        if (slice_find(name, SLICE_LIT("="), &eq)) {
            value = slice_from(name, eq + 1);
            name.len = eq;
        }
        value_map_put(&map, name, value_string(a, value, &at));
        value_list_add(&names, value_string(a, name, &at));
    }
    value_map_add(out, "env", value_map_end(&map, NULL));
    value_map_add(out, "env_names", value_list_end(&names, NULL));
}

static const struct value *history_of(const struct image_config *c, struct arena *a)
{
    struct value_builder list;

    value_list_begin(&list, a);
    for (size_t i = 0; i < value_len(c->history); i++) {
        const struct value *h = value_item(c->history, i);
        struct value_builder b;

        value_map_begin(&b, a);
        value_map_add(&b, "created_by",
                      value_string(a, value_text(value_get(h, "created_by")), NULL));
        value_map_add(&b, "empty_layer",
                      value_bool(a, value_true(value_get(h, "empty_layer")), NULL));
        value_map_add(&b, "comment", value_string(a, value_text(value_get(h, "comment")), NULL));
        value_list_add(&list, value_map_end(&b, &(struct value_at){h->offset, h->line}));
    }
    return value_list_end(&list, NULL);
}

static void add_user(struct value_builder *b, const struct value *user, struct arena *a)
{
    const struct slice text = value_text(user);
    uint64_t id;

    value_map_add(b, "user", value_string(a, text, NULL));
    value_map_add(b, "uid_zero", value_bool(a, image_config_is_root(text), NULL));
    value_map_add(b, "user_numeric",
                  value_bool(a, checked_u64(user_name(text), UINT64_MAX, &id), NULL));
}

const struct value *image_config_attributes(const struct image_config *c, const char *digest,
                                            struct arena *a)
{
    const struct value *config = c->config, *labels = value_get(config, "Labels");
    struct value_builder b, none;

    value_map_begin(&none, a);
    value_map_begin(&b, a);
    add_user(&b, value_get(config, "User"), a);
    add_env(&b, value_get(config, "Env"), a);
    value_map_add(&b, "exposed_ports", keys_of(a, value_get(config, "ExposedPorts")));
    value_map_add(&b, "entrypoint", or_empty_list(a, value_get(config, "Entrypoint")));
    value_map_add(&b, "cmd", or_empty_list(a, value_get(config, "Cmd")));
    value_map_add(&b, "workdir",
                  value_string(a, value_text(value_get(config, "WorkingDir")), NULL));
    value_map_add(&b, "volumes", keys_of(a, value_get(config, "Volumes")));
    value_map_add(&b, "labels", absent(labels) ? value_map_end(&none, NULL) : labels);
    value_map_add(&b, "healthcheck", or_null(a, value_get(config, "Healthcheck")));
    value_map_add(&b, "stop_signal", or_null(a, value_get(config, "StopSignal")));
    value_map_add(&b, "shell", or_empty_list(a, value_get(config, "Shell")));
    value_map_add(&b, "onbuild", or_empty_list(a, value_get(config, "OnBuild")));
    value_map_add(&b, "created", or_null(a, value_get(c->doc, "created")));
    value_map_add(&b, "architecture", or_null(a, value_get(c->doc, "architecture")));
    value_map_add(&b, "os", or_null(a, value_get(c->doc, "os")));
    value_map_add(&b, "variant", or_null(a, value_get(c->doc, "variant")));
    value_map_add(&b, "digest", value_str(a, digest));
    value_map_add(&b, "history", history_of(c, a));
    return value_map_end(&b, NULL);
}
