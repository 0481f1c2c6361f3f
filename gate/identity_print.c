#include "gate/identity_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "scanner/formats/identity.h"

#define PREFIX "sha256:"

static const struct fact *fact_of(const struct facts *f, const char *type)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, type) == 0)
            return &f->facts[i];
    return NULL;
}

static bool has(const struct value *list, const char *text)
{
    for (size_t i = 0; i < value_len(list); i++)
        if (strcmp(value_cstr(value_item(list, i), ""), text) == 0)
            return true;
    return false;
}

/* The files of the model, from the facts about their streams. */
static bool collect(const struct facts *f, struct identity *id, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *attributes = f->facts[i].attributes;
        const struct value *nesting = value_get(attributes, "nesting");
        struct identity_file file = {.name = value_cstr(value_get(attributes, "path"), "")};
        const char *sha256 = value_cstr(value_get(attributes, "sha256"), "");

        if (strcmp(f->facts[i].type, "model.file") != 0 || !value_is(nesting, VALUE_INT) ||
            nesting->as.integer != 0)
            continue;
        if (!digest_parse(slice_str(sha256), &file.digest, e))
            return err_in(e, "%s", file.name);
        *(struct identity_file *)ARENA_PUSH(a, &id->files, &id->n) = file;
    }
    return true;
}

static void put_serialization(struct json_out *o, const struct identity *id,
                              const struct value *ignored)
{
    json_out_key(o, "serialization");
    json_out_object(o);
    json_out_kv_str(o, "method", "files");
    json_out_kv_str(o, "hash_type", "sha256");
    json_out_key(o, "allow_symlinks");
    json_out_bool(o, false);
    json_out_key(o, "ignore_paths");
    json_out_array(o);
    for (size_t i = 0; i < value_len(ignored); i++)
        json_out_str(o, value_cstr(value_item(ignored, i), ""));
    for (size_t i = 0; id->ignore != NULL && id->ignore[i] != NULL; i++)
        if (!has(ignored, id->ignore[i]))
            json_out_str(o, id->ignore[i]);
    json_out_end_array(o);
    json_out_end_object(o);
}

static void put_resources(struct json_out *o, const struct identity *id)
{
    char hex[DIGEST_TEXT_MAX];

    json_out_key(o, "resources");
    json_out_array(o);
    for (size_t i = 0; i < id->n; i++) {
        if (identity_leaves_out(id, id->files[i].name))
            continue;
        digest_hex(&id->files[i].digest, hex);
        json_out_object(o);
        json_out_kv_str(o, "name", id->files[i].name);
        json_out_kv_str(o, "digest", hex);
        json_out_kv_str(o, "algorithm", "sha256");
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

/* The last part of the path that was asked about. */
static const char *model_name(const char *subject, struct arena *a)
{
    char *name = arena_strdup(a, subject), *slash;
    size_t n = strlen(name);

    while (n > 1 && name[n - 1] == '/')
        name[--n] = '\0';
    slash = strrchr(name, '/');
    if (slash != NULL && slash[1] != '\0')
        return slash + 1;
    slash = strchr(name, ':'); /* dir:model */
    return slash != NULL ? slash + 1 : name;
}

static void print(struct json_out *o, const struct identity *id, const struct fact *told,
                  struct arena *a)
{
    const char *root = value_cstr(value_get(told->attributes, "root"), PREFIX);

    json_out_object(o);
    json_out_kv_str(o, "_type", "https://in-toto.io/Statement/v1");
    json_out_key(o, "subject");
    json_out_array(o);
    json_out_object(o);
    json_out_kv_str(o, "name", model_name(told->subject, a));
    json_out_key(o, "digest");
    json_out_object(o);
    json_out_kv_str(o, "sha256", root + strlen(PREFIX));
    json_out_end_object(o);
    json_out_end_object(o);
    json_out_end_array(o);
    json_out_kv_str(o, "predicateType", "https://model_signing/signature/v1.0");
    json_out_key(o, "predicate");
    json_out_object(o);
    put_serialization(o, id, value_get(told->attributes, "ignored"));
    put_resources(o, id);
    json_out_end_object(o);
    json_out_end_object(o);
}

/* Names are told escaped; one that is not the same has another place in the order, or another
 * spelling, and its manifest would be a wrong one. */
static bool agrees(struct identity *id, const struct value *told, struct arena *a, struct err *e)
{
    const struct value *mine = identity_value(id, a);
    const char *root = value_cstr(value_get(told, "root"), "");

    for (size_t i = 0; i < id->n; i++)
        if (strchr(id->files[i].name, '\\') != NULL)
            return err_fail(e, ERR_FORMAT, "%s: a name that no manifest can hold",
                            id->files[i].name);
    return strcmp(root, value_cstr(value_get(mine, "root"), "-")) == 0 ||
           err_fail(e, ERR_FORMAT, "the files that were told do not make the root digest");
}

bool identity_print(const struct facts *f, const char *const *ignore, struct arena *a,
                    struct json_out *o, struct err *e)
{
    const struct fact *told = fact_of(f, "model.identity");
    struct identity id = {.ignore = ignore};

    if (told == NULL)
        return err_fail(e, ERR_USAGE, "the subject is no model that could be read");
    if (!value_is(value_get(told->attributes, "root"), VALUE_STRING))
        return err_fail(e, ERR_FORMAT, "the model has no identity: %s",
                        value_cstr(value_get(told->attributes, "reason"), "unknown"));
    id.folder = value_true(value_get(told->attributes, "folder"));
    if (!collect(f, &id, a, e) || !agrees(&id, told->attributes, a, e))
        return false;
    print(o, &id, told, a);
    return true;
}
