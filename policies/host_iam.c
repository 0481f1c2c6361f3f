/* iam.policy: one shape for every spelling of a policy document. SPEC: docs/rules.md, "Functions".
 * What a document must be is iam_doc's to say; here it is only spelt out. */
#include <inttypes.h>

#include "base/json.h"
#include "policies/host_table.h"
#include "policies/iam/document/iam_doc.h"

/* A scalar as text; unknowns stay. Account numbers of YAML get their leading zeros back. */
static const struct value *as_text(struct arena *a, const struct value *v, bool account)
{
    struct slice text;

    if (account && value_is(v, VALUE_INT))
        return value_str(a, arena_printf(a, "%012" PRId64, v->as.integer));
    return value_is(v, VALUE_STRING) || !value_scalar(v, a, &text) ? v
                                                                   : value_string(a, text, NULL);
}

/* One or several, as a list. */
static const struct value *as_list(struct arena *a, const struct value *v, bool account)
{
    const bool list = value_is(v, VALUE_LIST);
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN))
        return v;
    value_list_begin(&b, a);
    for (size_t i = 0; i < (list ? value_len(v) : 1); i++)
        value_list_add(&b, as_text(a, list ? value_item(v, i) : v, account));
    return value_list_end(&b, NULL);
}

typedef const struct value *as_fn(struct arena *a, const struct value *v, bool account);

/* A map with something made of each value. */
static const struct value *as_map(struct arena *a, const struct value *v, as_fn *member,
                                  bool account)
{
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN))
        return v;
    value_map_begin(&b, a);
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_len(v); i++)
        value_map_put(&b, v->as.members[i].key, member(a, v->as.members[i].value, account));
    return value_map_end(&b, NULL);
}

/* A map whose values become lists; "*" is {"*": ["*"]}. */
static const struct value *as_lists(struct arena *a, const struct value *v, bool account)
{
    struct value_builder b;

    if (!value_is(v, VALUE_STRING))
        return as_map(a, v, as_list, account);
    value_map_begin(&b, a);
    value_map_put(&b, value_text(v), as_list(a, v, account));
    return value_map_end(&b, NULL);
}

static const struct value *as_statement(struct arena *a, const struct value *v)
{
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN))
        return v;
    value_map_begin(&b, a);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];

        if (slice_is(m->key, "Sid") || slice_is(m->key, "Effect"))
            value_map_put(&b, m->key, m->value);
        else if (slice_is(m->key, "Principal") || slice_is(m->key, "NotPrincipal"))
            value_map_put(&b, m->key, as_lists(a, m->value, true));
        else if (slice_is(m->key, "Condition"))
            value_map_put(&b, m->key, as_map(a, m->value, as_lists, false));
        else
            value_map_put(&b, m->key, as_list(a, m->value, false));
    }
    return value_map_end(&b, NULL);
}

static const struct value *as_statements(struct arena *a, const struct value *v)
{
    const bool list = value_is(v, VALUE_LIST);
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN))
        return v;
    value_list_begin(&b, a);
    for (size_t i = 0; i < (list ? value_len(v) : 1); i++)
        value_list_add(&b, as_statement(a, list ? value_item(v, i) : v));
    return value_list_end(&b, NULL);
}

bool host_iam_policy(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct value *doc;
    struct value_builder b;
    struct iam_doc parsed;

    if (!host_iam_document(c, c->args[0], &doc, e) ||
        !iam_doc_read_lenient(doc, "", c->arena, &parsed, e))
        return false;
    value_map_begin(&b, c->arena);
    for (size_t i = 0; i < value_len(doc); i++) {
        const struct value_member *m = &doc->as.members[i];

        value_map_put(&b, m->key,
                      slice_is(m->key, "Statement") ? as_statements(c->arena, m->value) : m->value);
    }
    *out = cel_value_of(value_map_end(&b, NULL));
    return true;
}

bool host_iam_document(const struct cel_call *c, struct cel_value v, const struct value **out,
                       struct err *e)
{
    struct err why = {0};

    if (cel_value_is(v, CEL_STRING)) {
        if (json_read(cel_value_text(v), c->arena, out, &why))
            return true;
        return err_fail(e, ERR_FORMAT, "%s", why.text);
    }
    if (!cel_value_is(v, CEL_MAP))
        return err_fail(e, ERR_USAGE, "expected a string or a map, found %s",
                        cel_value_type_name((enum cel_kind)v.kind));
    if (v.plain) { /* unknown leaves stay */
        *out = v.as.plain;
        return true;
    }
    return cel_value_plain(v, c->arena, out, e);
}
