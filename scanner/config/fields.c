/* Maps whose keys are known beforehand. */
#include "scanner/config/fields.h"

#include <string.h>

/* The error of a wrong type, and the value false. */
static bool wrong(const struct value *v, const char *where, const char *want, struct err *e)
{
    const bool quote = strcmp(want, "a string") == 0 &&
                       (v->kind == VALUE_INT || v->kind == VALUE_DOUBLE || v->kind == VALUE_BOOL);

    return doc_error(e, v, "%s must be %s, found %s%s", where, want,
                     value_kind_name((enum value_kind)v->kind), quote ? " (put it in quotes)" : "");
}

static bool strings(const struct value *v, const char *where, struct err *e)
{
    if (v->kind != VALUE_LIST)
        return wrong(v, where, "a list of strings", e);
    for (size_t i = 0; i < value_len(v); i++)
        if (!value_is(value_item(v, i), VALUE_STRING) && !value_is(value_item(v, i), VALUE_UNKNOWN))
            return wrong(value_item(v, i), where, "a list of strings", e);
    return true;
}

static const char *below(struct doc *d, const char *where, struct slice key)
{
    return arena_printf(d->arena, "%s%s%.*s", where, where[0] != '\0' ? "." : "", DOC_TEXT(key));
}

/* Adds one tag; its text must not repeat a key. */
static bool put_tag(struct value_builder *b, const struct value *have, const struct value *key,
                    const struct value *v, struct err *e)
{
    if (!value_is(key, VALUE_STRING))
        return doc_error(e, key != NULL ? key : have, "a tag must have a Key that is a string");
    if (v == NULL)
        return doc_error(e, key, "tag '%.*s' has no Value", DOC_TEXT(value_text(key)));
    if (!value_is(v, VALUE_STRING) && !value_is(v, VALUE_UNKNOWN))
        return wrong(v, "the Value of a tag", "a string", e);
    value_map_put(b, value_text(key), v);
    return true;
}

/* The Key and Value of one item of a list of tags. */
static bool tag_item(struct doc *d, const struct value *item, const struct value **key,
                     const struct value **v, struct err *e)
{
    static const struct field tag[] = {
        {"Key", FIELD_STRING, true, NULL}, {"Value", FIELD_STRING, true, NULL}, {0}};
    const struct fields_ask ask = {item, tag, "tag"};
    const struct value *read;

    if (!fields_read(d, &ask, &read, e))
        return false;
    *key = value_get(read, "Key");
    *v = value_get(read, "Value");
    return true;
}

static bool tags(struct doc *d, const struct value *v, const struct value **out, struct err *e)
{
    const struct value_at at = doc_at(v);
    struct value_builder b;
    size_t before;

    value_map_begin(&b, d->arena);
    if (v->kind != VALUE_MAP && v->kind != VALUE_LIST)
        return wrong(v, "tags", "a list of {Key, Value} or a map", e);
    for (size_t i = 0; v->kind == VALUE_MAP && i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];

        if (!put_tag(&b, v, value_string(d->arena, m->key, &at), m->value, e))
            return false;
    }
    for (size_t i = 0; v->kind == VALUE_LIST && i < value_len(v); i++) {
        const struct value *key = NULL, *text = NULL;

        before = b.n;
        if (!tag_item(d, value_item(v, i), &key, &text, e) || !put_tag(&b, v, key, text, e))
            return false;
        if (b.n == before)
            return doc_error(e, key, "tag '%.*s' is given twice", DOC_TEXT(value_text(key)));
    }
    *out = value_map_end(&b, &at);
    return true;
}

static bool maps(struct doc *d, const struct fields_ask *ask, const struct value **out,
                 struct err *e)
{
    const struct value_at at = doc_at(ask->value);
    struct value_builder b;

    if (ask->value->kind != VALUE_LIST)
        return wrong(ask->value, ask->where, "a list", e);
    value_list_begin(&b, d->arena);
    for (size_t i = 0; i < value_len(ask->value); i++) {
        const struct fields_ask item = {value_item(ask->value, i), ask->table,
                                        arena_printf(d->arena, "%s[%zu]", ask->where, i)};
        const struct value *read;

        if (!fields_read(d, &item, &read, e))
            return false;
        value_list_add(&b, read);
    }
    *out = value_list_end(&b, &at);
    return true;
}

static bool named(struct doc *d, const struct fields_ask *ask, const struct value **out,
                  struct err *e)
{
    const struct value_at at = doc_at(ask->value);
    struct value_builder b;

    if (ask->value->kind != VALUE_MAP)
        return wrong(ask->value, ask->where, "a map", e);
    value_map_begin(&b, d->arena);
    for (size_t i = 0; i < value_len(ask->value); i++) {
        const struct value_member *m = &ask->value->as.members[i];
        const struct fields_ask item = {m->value, ask->table, below(d, ask->where, m->key)};
        const struct value *read;

        if (!fields_read(d, &item, &read, e))
            return false;
        value_map_put(&b, m->key, read);
    }
    *out = value_map_end(&b, &at);
    return true;
}

/* One value of a known type. */
static bool typed(struct doc *d, const struct field *f, const struct fields_ask *ask,
                  const struct value **out, struct err *e)
{
    const struct value *v = ask->value;

    *out = v;
    if (v->kind == VALUE_UNKNOWN)
        return true;
    switch (f->type) {
    case FIELD_STRING:
        return v->kind == VALUE_STRING || wrong(v, ask->where, "a string", e);
    case FIELD_INT:
        if (v->kind == VALUE_INT && v->as.integer < 0)
            return doc_error(e, v, "%s must not be negative", ask->where);
        return v->kind == VALUE_INT || wrong(v, ask->where, "a whole number", e);
    case FIELD_BOOL:
        return v->kind == VALUE_BOOL || wrong(v, ask->where, "true or false", e);
    case FIELD_STRINGS:
        return strings(v, ask->where, e);
    case FIELD_MAP:
        return fields_read(d, ask, out, e);
    case FIELD_MAPS:
        return maps(d, ask, out, e);
    case FIELD_NAMED:
        return named(d, ask, out, e);
    case FIELD_TAGS:
        return tags(d, v, out, e);
    }
    return false;
}

/* Is `key`, with blanks and hyphens as underscores, the name `want`? `*exact` tells that it
 * needed no change. */
static bool key_is(struct slice key, const char *want, bool *exact)
{
    if (key.len != strlen(want))
        return false;
    *exact = true;
    for (size_t i = 0; i < key.len; i++) {
        const bool blank = key.data[i] == ' ' || key.data[i] == '-';

        if (blank && want[i] == '_')
            *exact = false;
        else if (key.data[i] != (uint8_t)want[i])
            return false;
    }
    return true;
}

static const struct field *field_of(const struct field *table, struct slice key, bool *exact)
{
    for (const struct field *f = table; f->key != NULL; f++)
        if (key_is(key, f->key, exact))
            return f;
    return NULL;
}

static bool read_member(struct doc *d, const struct fields_ask *ask, const struct value_member *m,
                        struct value_builder *b, struct err *e)
{
    bool exact = true;
    const struct field *f = field_of(ask->table, m->key, &exact);
    const char *where = below(d, ask->where, m->key);
    struct fields_ask sub;
    const struct value *v;
    const size_t before = b->n;

    if (f == NULL) {
        doc_note(d, m->value, "unknown key '%s' is left out", where);
        return true;
    }
    if (!exact)
        doc_note(d, m->value, "key '%s' is read as '%s'", where, f->key);
    if (m->value->kind == VALUE_NULL) {
        doc_note(d, m->value, "'%s' has no value", where);
        return true;
    }
    sub = (struct fields_ask){m->value, f->sub, where};
    if (!typed(d, f, &sub, &v, e))
        return false;
    value_map_add(b, f->key, v);
    if (b->n == before)
        return doc_error(e, m->value, "'%s' is given twice, in two spellings", f->key);
    return true;
}

/* Depth is that of the tables, which are ours. */
bool fields_read(struct doc *d, const struct fields_ask *ask, const struct value **out,
                 struct err *e)
{
    const struct value_at at = doc_at(ask->value);
    const char *what = ask->where[0] != '\0' ? ask->where : "the document";
    struct value_builder b;
    const struct value *read;

    if (value_is(ask->value, VALUE_UNKNOWN)) {
        *out = ask->value;
        return true;
    }
    if (!value_is(ask->value, VALUE_MAP))
        return wrong(ask->value, what, "a map", e);
    value_map_begin(&b, d->arena);
    for (size_t i = 0; i < value_len(ask->value); i++)
        if (!read_member(d, ask, &ask->value->as.members[i], &b, e))
            return false;
    read = value_map_end(&b, &at);
    for (const struct field *f = ask->table; f->key != NULL; f++)
        if (f->required && value_get(read, f->key) == NULL)
            return doc_error(e, ask->value, "%s has no %s", what, f->key);
    *out = read;
    return true;
}

bool fields_uri(const struct value *v, const char *where, struct fields_uri *out, struct err *e)
{
    const struct slice s = value_text(v);
    struct slice rest;
    size_t colon, slash;

    if (!slice_find(s, SLICE_LIT("://"), &colon) || colon == 0)
        return doc_error(e, v, "%s must be an address such as s3://bucket/prefix/, found '%.*s'",
                         where, DOC_TEXT(s));
    *out = (struct fields_uri){.scheme = {s.data, colon}};
    if (!slice_is(out->scheme, "s3"))
        return true;
    rest = slice_from(s, colon + 3);
    if (!slice_find(rest, SLICE_LIT("/"), &slash))
        slash = rest.len;
    if (slash == 0)
        return doc_error(e, v, "%s names no bucket: '%.*s'", where, DOC_TEXT(s));
    out->bucket = (struct slice){rest.data, slash};
    out->prefix = slice_from(rest, slash + 1);
    return true;
}

bool fields_put_uri(struct value_builder *b, const struct value *v, const char *where,
                    struct err *e)
{
    const struct value_at at = doc_at(v);
    struct fields_uri uri;

    value_map_add(b, "uri", v);
    if (value_is(v, VALUE_UNKNOWN)) {
        value_map_add(b, "scheme", v);
        value_map_add(b, "bucket", v);
        value_map_add(b, "prefix", v);
        return true;
    }
    if (!fields_uri(v, where, &uri, e))
        return false;
    value_map_add(b, "scheme", value_string(b->arena, uri.scheme, &at));
    if (uri.bucket.len > 0) {
        value_map_add(b, "bucket", value_string(b->arena, uri.bucket, &at));
        value_map_add(b, "prefix", value_string(b->arena, uri.prefix, &at));
    }
    return true;
}
