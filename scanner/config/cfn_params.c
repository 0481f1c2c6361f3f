/* Parameters of a template. SPEC: CloudFormation User Guide, "Parameters" */
#include "scanner/config/cfn.h"

/* Text between commas, blanks around it taken away. */
static const struct value *split_list(struct arena *a, const struct value *text)
{
    const struct value_at at = doc_at(text);
    struct slice rest = value_text(text);
    struct value_builder b;
    size_t comma;
    bool more = rest.len > 0;

    value_list_begin(&b, a);
    while (more) {
        struct slice item = rest;

        more = slice_find(rest, SLICE_LIT(","), &comma);
        if (more) {
            item.len = comma;
            rest = slice_from(rest, comma + 1);
        }
        value_list_add(&b, value_string(a, slice_trim(item, " "), &at));
    }
    return value_list_end(&b, &at);
}

/* "NoEcho: true", also as text. */
static bool hidden(const struct value *declared)
{
    const struct value *v = value_get(declared, "NoEcho");

    return v != NULL && v->kind != VALUE_NULL && !(v->kind == VALUE_BOOL && !value_true(v)) &&
           !slice_is(value_text(v), "false");
}

static const struct value *typed(struct cfn *c, struct slice type, const struct value *v)
{
    const bool list = slice_is(type, "CommaDelimitedList") || slice_starts(type, "List<");
    const struct value_at at = doc_at(v);
    struct slice text;

    if (list && v->kind == VALUE_LIST)
        return v;
    if (!value_scalar(v, c->d->arena, &text))
        return NULL;
    if (slice_is(type, "Number"))
        return v; /* as it was written: 3 or "3" */
    v = value_string(c->d->arena, text, &at);
    return list ? split_list(c->d->arena, v) : v;
}

static const struct value *value_of(struct cfn *c, const struct value_member *m)
{
    const struct value *given = value_get_slice(value_get(c->d->params, "parameters"), m->key);
    const struct value *v = given != NULL ? given : value_get(m->value, "Default");
    const struct slice type = value_text(value_get(m->value, "Type"));
    const struct value *out;

    if (hidden(m->value))
        return cfn_unknown(c, m->value, NULL, "parameter %.*s is NoEcho", DOC_TEXT(m->key));
    if (v == NULL || v->kind == VALUE_NULL)
        return cfn_unknown(c, m->value, NULL, "parameter %.*s has no default", DOC_TEXT(m->key));
    if (slice_starts(type, "AWS::SSM::Parameter::Value"))
        return cfn_unknown(c, m->value, NULL, "parameter %.*s is a value of the parameter store",
                           DOC_TEXT(m->key));
    out = typed(c, type, v);
    if (out == NULL)
        return cfn_unknown_bad(c, v, "parameter %.*s has a value of a wrong type",
                               DOC_TEXT(m->key));
    return out;
}

/* What the operator gave without the template asking: pseudo parameters, or a mistake. */
static void put_given(struct cfn *c, const struct value *declared, struct value_builder *b)
{
    const struct value *given = value_get(c->d->params, "parameters");

    for (size_t i = 0; value_is(given, VALUE_MAP) && i < value_len(given); i++) {
        const struct value_member *m = &given->as.members[i];

        if (slice_starts(m->key, "AWS::"))
            value_map_put(b, m->key, m->value);
        else if (value_get_slice(declared, m->key) == NULL)
            doc_note(c->d, NULL, "the template has no parameter %.*s", DOC_TEXT(m->key));
    }
}

void cfn_params_read(struct cfn *c)
{
    const struct value *declared = value_get(c->d->root, "Parameters");
    struct value_builder b;

    value_map_begin(&b, c->d->arena);
    for (size_t i = 0; value_is(declared, VALUE_MAP) && i < value_len(declared); i++)
        value_map_put(&b, declared->as.members[i].key, value_of(c, &declared->as.members[i]));
    put_given(c, declared, &b);
    c->parameters = value_map_end(&b, NULL);
}
