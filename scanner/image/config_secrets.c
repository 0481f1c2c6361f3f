#include "scanner/image/config_secrets.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/image/secrets.h"

#define REDACTED "(redacted)"
/* levels of the attributes: history is list, map, text; a health check is deeper by one */
#define DEPTH_MAX 16

struct run {
    struct arena *a;
    struct sink *sink;
    struct secrets *search;
    const char *where; /* "env", "label", "history" or "config" */
    char place[256];   /* "config env DB_PASSWORD" */
    uint32_t line;
    size_t told;
    struct slice text;
    struct secrets_hit hits[16]; /* of one text; the rest of a text with more is cut out whole */
    size_t nhits;
};

static bool has_word(struct slice name, const char *word)
{
    const size_t n = strlen(word);

    for (size_t i = 0; n <= name.len && i <= name.len - n; i++) {
        size_t k = 0;

        while (k < n && toupper(name.data[i + k]) == word[k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* Names of variables that hold secrets, not paths or settings about them. */
static bool secret_name(struct slice name)
{
    static const char *const words[] = {"PASSWORD",   "PASSWD",     "SECRET",  "TOKEN",
                                        "CREDENTIAL", "PRIVATE",    "API_KEY", "APIKEY",
                                        "ACCESS_KEY", "PASSPHRASE", "AUTH"};
    static const char *const not_words[] = {"_FILE", "_PATH", "_DIR", "_URL_TEMPLATE", "AUTHOR"};

    for (size_t i = 0; i < ARRAY_LEN(not_words); i++)
        if (has_word(name, not_words[i]))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (has_word(name, words[i]))
            return true;
    return slice_ends(name, "_PWD") || slice_ends(name, "_PASS") || slice_ends(name, "_KEY");
}

static void tell(struct run *r, const struct secrets_hit *h)
{
    struct value_builder b;
    struct fact f = {.source = "image", .type = "image.secret", .subject = r->sink->subject_name};

    if (r->told++ >= LIMIT_SECRETS)
        return;
    value_map_begin(&b, r->a);
    value_map_add(&b, "kind", value_str(r->a, h->what->id));
    value_map_add(&b, "title", value_str(r->a, h->what->title));
    value_map_add(&b, "severity", value_str(r->a, h->what->severity));
    value_map_add(&b, "path", value_bytes(r->a, slice_str(r->place), NULL));
    value_map_add(&b, "offset", value_int(r->a, (int64_t)h->offset, NULL));
    value_map_add(&b, "redacted", value_bytes(r->a, slice_str(h->redacted), NULL));
    value_map_add(&b, "sha256_prefix", value_str(r->a, h->hash));
    value_map_add(&b, "example", value_bool(r->a, h->example, NULL));
    value_map_add(&b, "encrypted", value_bool(r->a, h->encrypted, NULL));
    value_map_add(&b, "in_env", value_bool(r->a, strcmp(r->where, "env") == 0, NULL));
    value_map_add(&b, "in_label", value_bool(r->a, strcmp(r->where, "label") == 0, NULL));
    value_map_add(&b, "in_history", value_bool(r->a, strcmp(r->where, "history") == 0, NULL));
    value_map_add(&b, "in_file", value_bool(r->a, false, NULL));
    value_map_add(&b, "removed_later", value_bool(r->a, false, NULL));
    f.attributes = value_map_end(&b, NULL);
    f.name = h->what->id;
    f.address =
        arena_printf(r->a, "%s:%s:%llu", r->place, h->what->id, (unsigned long long)h->offset);
    f.at = (struct fact_location){r->sink->input_name, "config", r->line, ERR_NO_OFFSET};
    sink_fact(r->sink, &f);
}

static void found(void *ctx, const struct secrets_hit *hit)
{
    struct run *r = ctx;

    if (r->nhits < ARRAY_LEN(r->hits))
        r->hits[r->nhits] = *hit;
    r->nhits++;
    tell(r, hit);
}

/* `text` without its secrets; searched as `prefix` + text, so that
 * "DB_PASSWORD=" counts as context. */
static bool clean(struct run *r, struct slice prefix, struct slice text, struct slice *out,
                  struct err *e)
{
    const size_t len = prefix.len + text.len;
    uint8_t *all = arena_alloc(r->a, len);
    size_t from = prefix.len;

    if (prefix.len > 0)
        memcpy(all, prefix.data, prefix.len);
    if (text.len > 0)
        memcpy(all + prefix.len, text.data, text.len);
    r->nhits = 0;
    if (!secrets_text(r->search, (struct slice){all, len}, e))
        return false;
    *out = text;
    if (r->nhits == 0)
        return true;
    for (size_t i = 0; i < r->nhits && i < ARRAY_LEN(r->hits); i++) {
        const struct secrets_hit *h = &r->hits[i];
        const size_t end = h->what->check == DETECTORS_PEM ? len : (size_t)h->offset + h->len;

        memset(all + h->offset, '*', (end < len ? end : len) - (size_t)h->offset);
        from = from < h->offset ? from : (size_t)h->offset;
    }
    if (r->nhits > ARRAY_LEN(r->hits))
        memset(all + from, '*', len - from);
    *out = (struct slice){all + prefix.len, text.len};
    return true;
}

static bool copy(struct run *r, const struct value *v, unsigned depth, const struct value **out,
                 struct err *e);

static bool copy_text(struct run *r, struct slice prefix, const struct value *v,
                      const struct value **out, struct err *e)
{
    struct slice text;
    const struct value_at at = {v->offset, v->line};

    r->line = v->line;
    if (!clean(r, prefix, value_text(v), &text, e))
        return false;
    *out = value_bytes(r->a, text, &at);
    return true;
}

/* A map of texts whose keys are context: "NAME=" and "key=". */
static bool copy_named(struct run *r, const struct value *map, bool by_name,
                       const struct value **out, struct err *e)
{
    struct value_builder b;

    value_map_begin(&b, r->a);
    for (size_t i = 0; i < value_len(map); i++) {
        const struct value_member *m = &map->as.members[i];
        const struct slice prefix =
            slice_str(arena_printf(r->a, "%.*s=", (int)m->key.len, (const char *)m->key.data));
        const struct value *v;

        snprintf(r->place, sizeof(r->place), "config %s %.*s", r->where,
                 m->key.len < 200 ? (int)m->key.len : 200, (const char *)m->key.data);
        if (!copy_text(r, prefix, m->value, &v, e))
            return false;
        if (by_name && secret_name(m->key) && value_text(v).len > 0)
            v = value_str(r->a, REDACTED);
        value_map_put(&b, m->key, v);
    }
    *out = value_map_end(&b, NULL);
    return true;
}

static bool copy_list(struct run *r, const struct value *list, unsigned depth,
                      const struct value **out, struct err *e)
{
    struct value_builder b;

    value_list_begin(&b, r->a);
    for (size_t i = 0; i < list->len; i++) {
        const struct value *v;

        if (depth == 1)
            snprintf(r->place, sizeof(r->place), "config %s %zu", r->where, i);
        if (!copy(r, value_item(list, i), depth + 1, &v, e))
            return false;
        value_list_add(&b, v);
    }
    *out = value_list_end(&b, &(struct value_at){list->offset, list->line});
    return true;
}

static bool copy_map(struct run *r, const struct value *map, unsigned depth,
                     const struct value **out, struct err *e)
{
    struct value_builder b;

    value_map_begin(&b, r->a);
    for (size_t i = 0; i < map->len; i++) {
        const struct value *v;

        if (!copy(r, map->as.members[i].value, depth + 1, &v, e))
            return false;
        value_map_put(&b, map->as.members[i].key, v);
    }
    *out = value_map_end(&b, &(struct value_at){map->offset, map->line});
    return true;
}

static bool copy(struct run *r, const struct value *v, unsigned depth, const struct value **out,
                 struct err *e)
{
    const struct slice none = {NULL, 0};

    if (depth > DEPTH_MAX)
        return err_line(e, ERR_LIMIT, v->line, "nested deeper than %d", DEPTH_MAX);
    if (value_is(v, VALUE_STRING))
        return copy_text(r, none, v, out, e);
    if (value_is(v, VALUE_LIST))
        return copy_list(r, v, depth, out, e);
    if (value_is(v, VALUE_MAP))
        return copy_map(r, v, depth, out, e);
    *out = v;
    return true;
}

static bool copy_member(struct run *r, const struct value_member *m, const struct value **out,
                        struct err *e)
{
    snprintf(r->place, sizeof(r->place), "config %.*s", m->key.len < 200 ? (int)m->key.len : 200,
             (const char *)m->key.data);
    r->where = "config";
    if (slice_is(m->key, "env")) {
        r->where = "env";
        return copy_named(r, m->value, true, out, e);
    }
    if (slice_is(m->key, "labels")) {
        r->where = "label";
        return copy_named(r, m->value, true, out, e);
    }
    if (slice_is(m->key, "history"))
        r->where = "history";
    return copy(r, m->value, 1, out, e);
}

bool config_secrets_tell(const struct value *attributes, struct arena *a, struct sink *sink,
                         const struct value **out, struct err *e)
{
    struct run r = {.a = a, .sink = sink};
    struct value_builder b;
    bool ok = true;

    if (!secrets_open(a, found, &r, &r.search, e))
        return false;
    value_map_begin(&b, a);
    for (size_t i = 0; i < attributes->len && ok; i++) {
        const struct value *v;

        ok = copy_member(&r, &attributes->as.members[i], &v, e);
        if (ok)
            value_map_put(&b, attributes->as.members[i].key, v);
    }
    secrets_free(r.search);
    if (ok)
        *out = value_map_end(&b, NULL);
    return ok;
}
