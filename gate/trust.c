#include "gate/trust.h"

#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include "base/yaml.h"
#include "gate/command.h"
#include "signing/signing.h"

struct reading {
    struct arena *a;
    const char *path;
    struct trust *t;
    struct err *e;
};

static bool known(struct slice key, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (slice_is(key, names[i]))
            return true;
    return false;
}

/* What is not there is of every kind. */
static bool is_kind(struct reading *r, const struct value *v, enum value_kind kind,
                    const char *name)
{
    return v == NULL || value_is(v, kind) ||
           err_line(r->e, ERR_USAGE, v->line, "%s must be a %s, found %s", name,
                    value_kind_name(kind), value_kind_name((enum value_kind)v->kind));
}

static bool texts(struct reading *r, const struct value *list, const char *name)
{
    if (!is_kind(r, list, VALUE_LIST, name))
        return false;
    for (size_t i = 0; i < value_len(list); i++)
        if (!is_kind(r, value_item(list, i), VALUE_STRING, name))
            return false;
    return true;
}

static bool only(struct reading *r, const struct value *map, const char *const *names,
                 const char *where)
{
    if (!is_kind(r, map, VALUE_MAP, where))
        return false;
    for (size_t i = 0; i < value_len(map); i++) {
        const struct value_member *m = &map->as.members[i];

        if (!known(m->key, names))
            return err_line(r->e, ERR_USAGE, m->value->line, "unknown key '%.*s' in %s",
                            (int)m->key.len, (const char *)m->key.data, where);
    }
    return true;
}

static bool digests(struct reading *r, const struct value *list, uint32_t line)
{
    struct digest d;

    if (!value_is(list, VALUE_LIST) || value_len(list) == 0)
        return err_line(r->e, ERR_USAGE, line, "a base image needs diff_ids, a list of digests");
    for (size_t i = 0; i < value_len(list); i++)
        if (!digest_parse(value_text(value_item(list, i)), &d, r->e)) {
            r->e->code = ERR_USAGE;
            r->e->line = value_item(list, i)->line;
            return false;
        }
    return true;
}

static bool times(struct reading *r, const struct value *base)
{
    static const char *const keys[] = {"issued", "expires", "deprecated_after", NULL};
    int64_t t;

    for (size_t i = 0; keys[i] != NULL; i++) {
        const struct value *v = value_get(base, keys[i]);

        if (v != NULL && !when_parse_day(value_text(v), &t, r->e)) {
            r->e->code = ERR_USAGE;
            r->e->line = v->line;
            return err_in(r->e, "%s", keys[i]);
        }
    }
    return true;
}

/* "yes" is a text in YAML 1.2: a base that is revoked so would not be. */
static bool kinds(struct reading *r, const struct value *base)
{
    static const char *const strings[] = {"name",   "version",          "platform", "digest",
                                          "reason", "deprecated_after", "issued",   "expires"};

    for (size_t i = 0; i < ARRAY_LEN(strings); i++)
        if (!is_kind(r, value_get(base, strings[i]), VALUE_STRING, strings[i]))
            return false;
    return is_kind(r, value_get(base, "revoked"), VALUE_BOOL, "revoked") &&
           texts(r, value_get(base, "allowed_env"), "allowed_env") &&
           texts(r, value_get(base, "data_classes"), "data_classes");
}

static bool read_base(struct reading *r, const struct value *base)
{
    static const char *const names[] = {
        "name",        "version",      "platform", "digest", "diff_ids",
        "issued",      "expires",      "revoked",  "reason", "deprecated_after",
        "allowed_env", "data_classes", NULL};

    if (!only(r, base, names, "base_images[]") || !kinds(r, base))
        return false;
    if (value_text(value_get(base, "name")).len == 0)
        return err_line(r->e, ERR_USAGE, base->line, "a base image needs a name");
    if (value_get(base, "expires") == NULL)
        return err_line(r->e, ERR_USAGE, base->line, "a base image needs a day it expires on");
    return digests(r, value_get(base, "diff_ids"), base->line) && times(r, base);
}

static bool may_sign(struct reading *r, const struct value *list, uint32_t line,
                     struct trust_key *k)
{
    if (!value_is(list, VALUE_LIST) || value_len(list) == 0)
        return err_line(r->e, ERR_USAGE, line,
                        "a key needs may_sign, a list of image, model or verdict");
    for (size_t i = 0; i < value_len(list); i++) {
        const struct slice s = value_text(value_item(list, i));

        k->images |= slice_is(s, "image");
        k->models |= slice_is(s, "model");
        k->verdicts |= slice_is(s, "verdict");
        if (!slice_is(s, "image") && !slice_is(s, "model") && !slice_is(s, "verdict"))
            return err_line(r->e, ERR_USAGE, line,
                            "may_sign holds '%.*s'; allowed are image, "
                            "model and verdict",
                            (int)s.len, (const char *)s.data);
    }
    return true;
}

static bool key_text(struct reading *r, const struct value *v, struct slice *pem)
{
    const char *path = value_cstr(value_get(v, "path"), NULL);
    const char *slash = strrchr(r->path, '/');

    if (path != NULL && value_get(v, "pem") != NULL)
        return err_line(r->e, ERR_USAGE, v->line, "a key has a path or a pem text, not both");
    if (path == NULL) {
        *pem = value_text(value_get(v, "pem"));
        return pem->len > 0 ||
               err_line(r->e, ERR_USAGE, v->line, "a key needs a path or a pem text");
    }
    if (path[0] != '/' && slash != NULL)
        path = arena_printf(r->a, "%.*s%s", (int)(slash - r->path + 1), r->path, path);
    if (file_read(path, LIMIT_KEY_BYTES, r->a, pem, r->e))
        return true;
    r->e->code = ERR_USAGE;
    r->e->line = v->line;
    return false;
}

/* A tag or a digest would be of one image, which the signature names by itself. */
static bool read_repository(struct reading *r, const struct value *v, struct trust_key *k)
{
    const struct slice text = value_text(v);
    size_t at;

    if (v == NULL)
        return true;
    if (text.len == 0 || slice_find(text, SLICE_LIT("@"), &at) || text.data[text.len - 1] == '/')
        return err_line(r->e, ERR_USAGE, v->line,
                        "repository must be registry/name, without a digest");
    k->repository = arena_strndup(r->a, text);
    return k->images ||
           err_line(r->e, ERR_USAGE, v->line,
                    "repository is of a key that may sign images; may_sign holds none");
}

static bool read_key(struct reading *r, const struct value *v)
{
    static const char *const names[] = {"name", "path", "pem", "may_sign", "repository", NULL};
    struct trust_key *k;
    struct slice pem;
    struct key *parsed;
    char id[65];

    if (!only(r, v, names, "keys[]"))
        return false;
    if (value_text(value_get(v, "name")).len == 0)
        return err_line(r->e, ERR_USAGE, v->line, "a key needs a name");
    if (!key_text(r, v, &pem))
        return false;
    if (!key_public_pem(pem, &parsed, r->e)) {
        r->e->code = ERR_USAGE;
        r->e->line = v->line;
        return err_in(r->e, "key %s", value_cstr(value_get(v, "name"), ""));
    }
    key_id(parsed, id);
    key_free(parsed);
    k = ARENA_PUSH(r->a, &r->t->keys, &r->t->nkeys);
    k->name = value_cstr(value_get(v, "name"), "");
    k->pem = arena_strndup(r->a, pem);
    k->keyid = arena_strdup(r->a, id);
    return may_sign(r, value_get(v, "may_sign"), v->line, k) &&
           read_repository(r, value_get(v, "repository"), k);
}

static bool read_doc(struct reading *r, const struct value *doc)
{
    static const char *const names[] = {"apiVersion", "kind", "base_images", "keys", NULL};
    const struct value *bases = value_get(doc, "base_images"), *keys = value_get(doc, "keys");

    if (!value_is(doc, VALUE_MAP) || !slice_is(value_text(value_get(doc, "kind")), "Trust") ||
        !slice_is(value_text(value_get(doc, "apiVersion")), "sallyport/v1"))
        return err_line(r->e, ERR_USAGE, 1,
                        "a trust file begins with 'apiVersion: sallyport/v1' and 'kind: Trust'");
    if (!only(r, doc, names, "the trust file") || !is_kind(r, bases, VALUE_LIST, "base_images") ||
        !is_kind(r, keys, VALUE_LIST, "keys"))
        return false;
    for (size_t i = 0; i < value_len(bases); i++)
        if (!read_base(r, value_item(bases, i)))
            return false;
    for (size_t i = 0; i < value_len(keys); i++)
        if (!read_key(r, value_item(keys, i)))
            return false;
    r->t->catalogue = bases;
    return true;
}

bool trust_read(const char *path, struct arena *a, struct trust *out, struct err *e)
{
    const struct yaml_options yaml = {0};
    struct trust t = {0};
    struct reading r = {a, path, &t, e};
    const struct value *doc;
    struct slice text;

    *out = t;
    if (path == NULL)
        return true;
    if (!file_read(path, LIMIT_POLICY_BYTES, a, &text, e))
        return command_own_file(e);
    if (!yaml_read(text, &yaml, a, &doc, e) || !read_doc(&r, doc)) {
        err_prefix(e, "%s", path);
        return command_own_file(e);
    }
    *out = t;
    return true;
}

static void add(struct facts *f, const char *path, const char *type, const char *name,
                const struct value *attributes)
{
    const struct fact fact = {
        .source = "trust",
        .type = type,
        .address = name,
        .name = name,
        .subject = path,
        .at = {.input = path, .line = attributes->line, .offset = ERR_NO_OFFSET},
        .attributes = attributes};

    facts_add(f, &fact);
}

void trust_facts(const struct trust *t, const char *path, struct facts *f)
{
    for (size_t i = 0; i < value_len(t->catalogue); i++) {
        const struct value *base = value_item(t->catalogue, i);

        add(f, path, "trust.base_image", value_cstr(value_get(base, "name"), ""), base);
    }
    for (size_t i = 0; i < t->nkeys; i++) {
        const struct trust_key *k = &t->keys[i];
        struct value_builder b;

        value_map_begin(&b, f->arena);
        value_map_add(&b, "name", value_str(f->arena, k->name));
        value_map_add(&b, "keyid", value_str(f->arena, k->keyid));
        value_map_add(&b, "repository",
                      k->repository != NULL ? value_str(f->arena, k->repository)
                                            : value_null(f->arena, NULL));
        value_map_add(&b, "images", value_bool(f->arena, k->images, NULL));
        value_map_add(&b, "models", value_bool(f->arena, k->models, NULL));
        value_map_add(&b, "verdicts", value_bool(f->arena, k->verdicts, NULL));
        add(f, path, "trust.key", k->name, value_map_end(&b, NULL));
    }
}
