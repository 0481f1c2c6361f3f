#include "policies/params.h"

#include <string.h>

#include "base/nearest.h"

/* What the items of a list or map must be, and what the value itself must be. VALUE_UNKNOWN:
 * anything. */
static const struct param_type {
    const char *name;
    enum value_kind kind, items;
} types[] = {
    {"string", VALUE_STRING, VALUE_UNKNOWN},  {"int", VALUE_INT, VALUE_UNKNOWN},
    {"double", VALUE_DOUBLE, VALUE_UNKNOWN},  {"bool", VALUE_BOOL, VALUE_UNKNOWN},
    {"list", VALUE_LIST, VALUE_UNKNOWN},      {"list(string)", VALUE_LIST, VALUE_STRING},
    {"list(int)", VALUE_LIST, VALUE_INT},     {"map", VALUE_MAP, VALUE_UNKNOWN},
    {"map(string)", VALUE_MAP, VALUE_STRING}, {"map(int)", VALUE_MAP, VALUE_INT},
    {"any", VALUE_UNKNOWN, VALUE_UNKNOWN},
};

static const struct param_type *type_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

static bool fits_kind(const struct value *v, enum value_kind want)
{
    enum value_kind kind = (enum value_kind)v->kind;

    return kind != VALUE_UNKNOWN &&
           (want == VALUE_UNKNOWN || kind == want || (want == VALUE_DOUBLE && kind == VALUE_INT));
}

static bool fits(const struct value *v, const struct param_type *type)
{
    if (!fits_kind(v, type->kind))
        return false;
    if (type->items == VALUE_UNKNOWN)
        return true;
    for (size_t i = 0; i < v->len; i++)
        if (!fits_kind(v->kind == VALUE_LIST ? v->as.items[i] : v->as.members[i].value,
                       type->items))
            return false;
    return true;
}

static bool check_one(const struct schema_doc *d, const struct value_member *m, struct err *e)
{
    static const char *const keys[] = {"type", "default", "description", NULL};
    const struct param_type *type;
    const struct value *fallback;
    const char *name, *text;
    struct schema_member member = {
        m->value, arena_printf(d->arena, "parameter '%s'", (const char *)m->key.data), "type"};

    if (!schema_is_name(m->key))
        return schema_fail_line(d, schema_key_line(d, m), e,
                                "%s: not a name that expressions can use", member.what);
    if (!schema_map(d, m->value, member.what, keys, e) || !schema_str(d, &member, &name, e))
        return false;
    type = type_find(name);
    if (type == NULL)
        return schema_fail(
            d, value_get(m->value, "type"), e,
            "%s: unknown type '%s'; allowed are string, int, double, bool, list, list(string), "
            "list(int), map, map(string), map(int), any",
            member.what, name);
    member.key = "default";
    if (!schema_need(d, &member, &fallback, e))
        return false;
    if (!fits(fallback, type))
        return schema_fail(d, fallback, e, "%s: the default is not of type %s", member.what, name);
    member.key = "description";
    return schema_opt_str(d, &member, &text, e);
}

bool params_check(const struct schema_doc *d, const struct value *declared, struct err *e)
{
    if (declared == NULL)
        return true;
    if (!schema_map(d, declared, "params", NULL, e))
        return false;
    for (size_t i = 0; i < declared->len; i++)
        if (!check_one(d, &declared->as.members[i], e))
            return false;
    return true;
}

const struct value *params_defaults(const struct value *declared, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; declared != NULL && i < declared->len; i++)
        value_map_put(&b, declared->as.members[i].key,
                      value_get(declared->as.members[i].value, "default"));
    return value_map_end(&b, NULL);
}

static bool put_one(const struct rule_pack *pack, const struct value_member *m,
                    struct value_builder *b, struct err *e)
{
    const struct value *declared = value_get_slice(pack->params, m->key);
    const struct param_type *type = type_find(value_cstr(value_get(declared, "type"), "any"));

    if (type == NULL || !fits(m->value, type))
        return err_line(e, ERR_USAGE, m->value->line,
                        "parameter '%s' of pack '%s': expected %s, found %s",
                        (const char *)m->key.data, pack->id, type == NULL ? "?" : type->name,
                        value_kind_name((enum value_kind)m->value->kind));
    value_map_put(b, m->key, m->value);
    return true;
}

/* The values of {name: value}; `strict`: each must be declared. */
static bool put_all(const struct rule_pack *pack, const struct value *over, bool strict,
                    struct value_builder *b, struct err *e)
{
    for (size_t i = 0; over != NULL && i < over->len; i++) {
        const struct value_member *m = &over->as.members[i];

        if (value_get_slice(pack->params, m->key) != NULL) {
            if (!put_one(pack, m, b, e))
                return false;
        } else if (strict) {
            return err_line(e, ERR_USAGE, m->value->line, "pack '%s' has no parameter '%s'",
                            pack->id, (const char *)m->key.data);
        }
    }
    return true;
}

bool params_override(const struct rule_pack *pack, const struct value *over, struct arena *a,
                     const struct value **out, struct err *e)
{
    const struct value *own = value_get(over, pack->id);
    struct value_builder b;

    if (over == NULL)
        return true;
    value_map_begin(&b, a);
    for (size_t i = 0; *out != NULL && i < (*out)->len; i++)
        value_map_put(&b, (*out)->as.members[i].key, (*out)->as.members[i].value);
    if (!put_all(pack, over, false, &b, e))
        return false;
    if (own != NULL && value_get(pack->params, pack->id) == NULL &&
        !put_all(pack, own, true, &b, e))
        return false;
    *out = value_map_end(&b, NULL);
    return true;
}

static bool unknown(const struct rules *rules, const struct value_member *m, struct arena *a,
                    struct err *e)
{
    const char **names = NULL;
    size_t n = 0;
    char hint[NEAREST_HINT_MAX];

    for (size_t i = 0; i < rules->npacks; i++)
        for (size_t k = 0; k < value_len(rules->packs[i].params); k++)
            *(const char **)ARENA_PUSH(a, &names, &n) =
                arena_strndup(a, rules->packs[i].params->as.members[k].key);
    *(const char **)ARENA_PUSH(a, &names, &n) = NULL;
    return err_line(e, ERR_USAGE, m->value->line, "params: no pack has a parameter '%.*s'%s",
                    (int)m->key.len, (const char *)m->key.data, nearest_hint(m->key, names, hint));
}

bool params_known(const struct rules *rules, const struct value *over, struct arena *a,
                  struct err *e)
{
    if (over != NULL && !value_is(over, VALUE_MAP))
        return err_fail(e, ERR_USAGE, "params: expected a map, found %s",
                        value_kind_name((enum value_kind)over->kind));
    for (size_t i = 0; over != NULL && i < over->len; i++) {
        const struct value_member *m = &over->as.members[i];
        bool known = false;

        for (size_t k = 0; k < rules->npacks && !known; k++)
            known = value_get_slice(rules->packs[k].params, m->key) != NULL ||
                    (slice_is(m->key, rules->packs[k].id) && value_is(m->value, VALUE_MAP));
        if (!known)
            return unknown(rules, m, a, e);
    }
    return true;
}
