/* iam.policy: one shape for every spelling of a policy document. SPEC: IAM User Guide, "Grammar
 * of the IAM JSON policy language". */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "policies/host_table.h"

/* Where in the document: for messages. */
struct place {
    struct arena *arena;
    size_t statement; /* from 1; 0: the document */
};

static bool refuse(const struct place *p, const char *key, const struct value *v, const char *want,
                   struct err *e)
{
    const char *found = value_kind_name((enum value_kind)v->kind);

    if (p->statement == 0)
        return err_fail(e, ERR_FORMAT, "%s: expected %s, found %s", key, want, found);
    return err_fail(e, ERR_FORMAT, "statement %zu: %s: expected %s, found %s", p->statement, key,
                    want, found);
}

/* A scalar as text; unknowns stay. NULL: neither. */
static const struct value *as_text(const struct place *p, const struct value *v)
{
    switch ((enum value_kind)v->kind) {
    case VALUE_STRING:
    case VALUE_UNKNOWN:
        return v;
    case VALUE_BOOL:
        return value_str(p->arena, v->as.boolean ? "true" : "false");
    case VALUE_INT:
        return value_str(p->arena, arena_printf(p->arena, "%" PRId64, v->as.integer));
    case VALUE_DOUBLE:
        return value_str(p->arena, arena_printf(p->arena, "%.17g", v->as.real));
    default:
        return NULL;
    }
}

/* A string or a list of them, as a list. */
static bool as_list(const struct place *p, const char *key, const struct value *v,
                    const struct value **out, struct err *e)
{
    struct value_builder b;
    const size_t n = value_is(v, VALUE_LIST) ? v->len : 1;

    if (value_is(v, VALUE_UNKNOWN)) {
        *out = v;
        return true;
    }
    value_list_begin(&b, p->arena);
    for (size_t i = 0; i < n; i++) {
        const struct value *item = value_is(v, VALUE_LIST) ? v->as.items[i] : v;
        const struct value *text = as_text(p, item);

        if (text == NULL)
            return refuse(p, key, item, "a string or a list of strings", e);
        value_list_add(&b, text);
    }
    *out = value_list_end(&b, NULL);
    return true;
}

/* A map whose values become lists. */
static bool as_lists(const struct place *p, const char *key, const struct value *v,
                     const struct value **out, struct err *e)
{
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN)) {
        *out = v;
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return refuse(p, key, v, "a map", e);
    value_map_begin(&b, p->arena);
    for (size_t i = 0; i < v->len; i++) {
        const struct value *list;

        if (!as_list(p, key, v->as.members[i].value, &list, e))
            return false;
        value_map_put(&b, v->as.members[i].key, list);
    }
    *out = value_map_end(&b, NULL);
    return true;
}

/* "*" is {"*": ["*"]}. */
static bool as_principal(const struct place *p, const char *key, const struct value *v,
                         const struct value **out, struct err *e)
{
    struct value_builder b;
    const struct value *list;

    if (!value_is(v, VALUE_STRING))
        return as_lists(p, key, v, out, e);
    if (!slice_is(value_text(v), "*"))
        return refuse(p, key, v, "\"*\" or a map", e);
    if (!as_list(p, key, v, &list, e))
        return false;
    value_map_begin(&b, p->arena);
    value_map_add(&b, "*", list);
    *out = value_map_end(&b, NULL);
    return true;
}

static bool as_condition(const struct place *p, const char *key, const struct value *v,
                         const struct value **out, struct err *e)
{
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN)) {
        *out = v;
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return refuse(p, key, v, "a map", e);
    value_map_begin(&b, p->arena);
    for (size_t i = 0; i < v->len; i++) {
        const struct value *tests;

        if (!as_lists(p, key, v->as.members[i].value, &tests, e))
            return false;
        value_map_put(&b, v->as.members[i].key, tests);
    }
    *out = value_map_end(&b, NULL);
    return true;
}

static bool as_string(const struct place *p, const char *key, const struct value *v,
                      const struct value **out, struct err *e)
{
    *out = v;
    return value_is(v, VALUE_STRING) || value_is(v, VALUE_UNKNOWN) ||
           refuse(p, key, v, "a string", e);
}

static bool as_effect(const struct place *p, const char *key, const struct value *v,
                      const struct value **out, struct err *e)
{
    struct slice text = value_text(v);

    if (value_is(v, VALUE_STRING) && !slice_is(text, "Allow") && !slice_is(text, "Deny"))
        return err_fail(e, ERR_FORMAT, "statement %zu: Effect is neither Allow nor Deny",
                        p->statement);
    return as_string(p, key, v, out, e);
}

static const struct element {
    const char *key;
    bool (*read)(const struct place *p, const char *key, const struct value *v,
                 const struct value **out, struct err *e);
} elements[] = {
    {"Sid", as_string},          {"Effect", as_effect},          {"Action", as_list},
    {"NotAction", as_list},      {"Resource", as_list},          {"NotResource", as_list},
    {"Principal", as_principal}, {"NotPrincipal", as_principal}, {"Condition", as_condition},
};

static bool read_member(const struct place *p, const struct value_member *m,
                        struct value_builder *b, struct err *e)
{
    const struct value *v;

    for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
        if (!slice_is(m->key, elements[i].key))
            continue;
        if (value_is(m->value, VALUE_NULL))
            return true;
        if (!elements[i].read(p, elements[i].key, m->value, &v, e))
            return false;
        value_map_add(b, elements[i].key, v);
        return true;
    }
    return err_fail(e, ERR_FORMAT, "statement %zu: unknown element '%.*s'", p->statement,
                    (int)(m->key.len < 60 ? m->key.len : 60), (const char *)m->key.data);
}

static bool read_statement(const struct place *p, const struct value *v, const struct value **out,
                           struct err *e)
{
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN)) {
        *out = v;
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return refuse(p, "Statement", v, "a map", e);
    value_map_begin(&b, p->arena);
    for (size_t i = 0; i < v->len; i++)
        if (!read_member(p, &v->as.members[i], &b, e))
            return false;
    if (value_get(v, "Effect") == NULL)
        return err_fail(e, ERR_FORMAT, "statement %zu: Effect is missing", p->statement);
    if ((value_get(v, "Action") == NULL) == (value_get(v, "NotAction") == NULL))
        return err_fail(e, ERR_FORMAT, "statement %zu: needs one of Action and NotAction",
                        p->statement);
    *out = value_map_end(&b, NULL);
    return true;
}

static bool read_statements(struct place *p, const struct value *v, const struct value **out,
                            struct err *e)
{
    struct value_builder b;
    const bool list = value_is(v, VALUE_LIST);

    if (value_is(v, VALUE_UNKNOWN)) {
        *out = v;
        return true;
    }
    value_list_begin(&b, p->arena);
    for (size_t i = 0; i < (list ? v->len : 1); i++) {
        const struct value *s = NULL;

        p->statement = i + 1;
        if (!read_statement(p, list ? v->as.items[i] : v, &s, e))
            return false;
        value_list_add(&b, s);
    }
    *out = value_list_end(&b, NULL);
    return true;
}

static bool read_document(struct place *p, const struct value *doc, const struct value **out,
                          struct err *e)
{
    struct value_builder b;
    const struct value *v;

    if (!value_is(doc, VALUE_MAP))
        return refuse(p, "document", doc, "a map", e);
    if (value_get(doc, "Statement") == NULL)
        return err_fail(e, ERR_FORMAT, "Statement is missing");
    value_map_begin(&b, p->arena);
    for (size_t i = 0; i < doc->len; i++) {
        const struct value_member *m = &doc->as.members[i];

        p->statement = 0;
        if (slice_is(m->key, "Statement")) {
            if (!read_statements(p, m->value, &v, e))
                return false;
            value_map_add(&b, "Statement", v);
        } else if (slice_is(m->key, "Version") || slice_is(m->key, "Id")) {
            if (!as_string(p, (const char *)m->key.data, m->value, &v, e))
                return false;
            value_map_put(&b, m->key, v);
        } else {
            return err_fail(e, ERR_FORMAT, "unknown element '%.*s'",
                            (int)(m->key.len < 60 ? m->key.len : 60), (const char *)m->key.data);
        }
    }
    *out = value_map_end(&b, NULL);
    return true;
}

bool host_iam_policy(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct place p = {.arena = c->arena};
    const struct value *doc, *norm = NULL;
    struct err why = {0};

    if (cel_value_is(c->args[0], CEL_STRING)) {
        if (!json_read(cel_value_text(c->args[0]), c->arena, &doc, &why))
            return err_fail(e, ERR_FORMAT, "%s", why.text);
    } else if (c->args[0].kind == CEL_MAP && c->args[0].plain) {
        doc = c->args[0].as.plain; /* unknown leaves stay */
    } else if (!cel_value_is(c->args[0], CEL_MAP)) {
        return err_fail(e, ERR_USAGE, "expected a string or a map, found %s",
                        cel_value_type_name((enum cel_kind)c->args[0].kind));
    } else if (!cel_value_plain(c->args[0], c->arena, &doc, e)) {
        return false;
    }
    if (!read_document(&p, doc, &norm, e))
        return false;
    *out = cel_value_of(norm);
    return true;
}
