/* Intrinsic functions. SPEC: CloudFormation User Guide, "Intrinsic function reference" */
#include <string.h>

#include "base/buf.h"
#include "base/checked.h"
#include "base/limits.h"
#include "scanner/config/cfn.h"

/* Bytes of a text that is shown although parts of it are not known. */
#define SHAPE_BYTES 200

/* Text put together from parts, some of which nobody knows. */
struct text {
    struct cfn *c;
    struct buf buf;
    const struct value *at;
    const char *why;  /* of the first unknown part, or NULL */
    size_t parts;     /* that are not empty */
    struct buf shape; /* the text with "${?}" for each unknown part, while it is short */
    struct slice refs[LIMIT_PLAN_REFS];
    size_t nrefs;
};

static void text_begin(struct text *t, struct cfn *c, const struct value *at)
{
    t->c = c;
    t->at = at;
    t->why = NULL;
    t->parts = 0;
    t->nrefs = 0;
    buf_init(&t->buf, LIMIT_CONFIG_BUILT_BYTES);
    buf_init(&t->shape, SHAPE_BYTES);
}

static void text_unknown(struct text *t, const struct value *v)
{
    const struct value_gap *gap = v->as.gap;

    buf_str(&t->shape, "${?}");
    if (t->why == NULL)
        t->why = arena_strndup(t->c->d->arena, gap->why);
    for (size_t i = 0; i < gap->nrefs && t->nrefs < LIMIT_PLAN_REFS; i++)
        t->refs[t->nrefs++] = gap->refs[i];
}

static void text_bytes(struct text *t, struct slice s)
{
    t->parts += s.len > 0;
    buf_put(&t->shape, s);
    if (t->why != NULL)
        return;
    if (!cfn_unknown_charge(t->c, s.len))
        t->why = "too large to build";
    else
        buf_put(&t->buf, s);
}

/* Adds a resolved value; lists, maps and null cannot be part of a text. */
static void text_value(struct text *t, const struct value *v)
{
    struct slice s;

    if (value_is(v, VALUE_UNKNOWN)) {
        t->parts++;
        text_unknown(t, v);
    } else if (value_scalar(v, t->c->d->arena, &s)) {
        text_bytes(t, s);
    } else {
        text_unknown(t, cfn_unknown_bad(t->c, t->at, "a part of a text is not text"));
    }
}

/* "text 'arn:aws:iam::${?}:root' with pseudo parameter AWS::AccountId" */
static const char *composed(const struct text *t)
{
    const struct slice shape = buf_slice(&t->shape);

    if (t->shape.full || memchr(shape.data, '\'', shape.len) != NULL)
        return arena_printf(t->c->d->arena, "text with %s", t->why);
    return arena_printf(t->c->d->arena, "text '%.*s' with %s", (int)shape.len,
                        (const char *)shape.data, t->why);
}

static const struct value *text_end(struct text *t)
{
    const struct value_at at = doc_at(t->at);
    const struct value *out;

    if (t->why != NULL && t->parts > 1)
        t->why = composed(t);
    if (t->why != NULL || t->buf.full)
        out = value_unknown(t->c->d->arena, t->why != NULL ? t->why : "too large to build", t->refs,
                            t->nrefs, &at);
    else
        out = value_string(t->c->d->arena, buf_slice(&t->buf), &at);
    buf_release(&t->buf);
    buf_release(&t->shape);
    return out;
}

/* What a value given again weighs: shared in our tree, but copied by whoever is told. */
static size_t weight(const struct value *v)
{
    size_t n = sizeof(struct value) + value_text(v).len;

    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++)
        n += sizeof(struct value) + value_text(value_item(v, i)).len;
    return n;
}

static const struct value *again(struct cfn *c, const struct value *v, const struct value *at)
{
    return cfn_unknown_charge(c, weight(v)) ? v : cfn_unknown(c, at, NULL, "too large to build");
}

/* The ARN of a resource of the template, `name` as it is referred to. That of an identity provider
 * tells at whose it is. */
static const struct value *arn_of(struct cfn *c, struct slice id, struct slice name,
                                  const struct value *at)
{
    const struct value *r = value_get_slice(c->resources, id);
    struct slice url = value_text(value_path(r, "Properties.Url"));

    if (!slice_is(value_text(value_get(r, "Type")), "AWS::IAM::OIDCProvider") ||
        !slice_starts(url, "https://") || url.len > SHAPE_BYTES ||
        memchr(url.data, '\'', url.len) != NULL)
        return cfn_unknown(c, at, &name, "reference to %.*s", DOC_TEXT(id));
    url = slice_from(url, sizeof("https://") - 1);
    return cfn_unknown(c, at, &name,
                       "text 'arn:${?}:iam::${?}:oidc-provider/%.*s' with reference to %.*s",
                       (int)url.len, (const char *)url.data, DOC_TEXT(id));
}

static const struct value *ref(struct cfn *c, struct slice name, const struct value *at)
{
    const struct value *v = value_get_slice(c->parameters, name);

    if (slice_is(name, "AWS::NoValue"))
        return NULL;
    if (v != NULL)
        return again(c, v, at);
    if (slice_starts(name, "AWS::"))
        return cfn_unknown(c, at, NULL, "pseudo parameter %.*s", DOC_TEXT(name));
    if (value_get_slice(c->resources, name) != NULL)
        return arn_of(c, name, name, at);
    return cfn_unknown_bad(c, at, "reference to '%.*s', which the template does not define",
                           DOC_TEXT(name));
}

/* "Key.Arn" */
static const struct value *attribute(struct cfn *c, struct slice name, const struct value *at)
{
    struct slice id = name;

    if (!slice_find(name, SLICE_LIT("."), &id.len))
        return cfn_unknown_bad(c, at, "Fn::GetAtt takes a resource and an attribute");
    if (value_get_slice(c->resources, id) == NULL)
        return cfn_unknown_bad(c, at, "reference to '%.*s', which the template does not define",
                               DOC_TEXT(id));
    if (slice_ends(name, ".Arn"))
        return arn_of(c, id, name, at);
    return cfn_unknown(c, at, &name, "reference to %.*s", DOC_TEXT(id));
}

static const struct value *fn_ref(struct cfn *c, const struct value *arg, const struct value *node)
{
    if (!value_is(arg, VALUE_STRING))
        return cfn_unknown_bad(c, node, "Ref takes a name");
    return ref(c, value_text(arg), node);
}

/* "Key.Arn", ["Key", "Arn"], or ["Key", <call>] */
static const struct value *fn_get_att(struct cfn *c, const struct value *arg,
                                      const struct value *node)
{
    struct text t;
    const struct value *v;

    if (value_is(arg, VALUE_STRING))
        return attribute(c, value_text(arg), node);
    if (!value_is(arg, VALUE_LIST) || value_len(arg) < 2)
        return cfn_unknown_bad(c, node, "Fn::GetAtt takes a resource and an attribute");
    text_begin(&t, c, node);
    for (size_t i = 0; i < value_len(arg); i++) {
        if (i > 0)
            text_bytes(&t, SLICE_LIT("."));
        text_value(&t, cfn_resolve(c, value_item(arg, i)));
    }
    v = text_end(&t);
    return value_is(v, VALUE_STRING) ? attribute(c, value_text(v), node) : v;
}

/* One ${...} of Fn::Sub. */
static void sub_name(struct text *t, struct slice name, const struct value *vars)
{
    const struct value *v = value_get_slice(vars, name);
    size_t dot;

    if (name.len > 0 && name.data[0] == '!') {
        text_bytes(t, SLICE_LIT("${"));
        text_bytes(t, slice_from(name, 1));
        text_bytes(t, SLICE_LIT("}"));
        return;
    }
    if (v == NULL && slice_find(name, SLICE_LIT("."), &dot))
        v = attribute(t->c, name, t->at);
    else if (v == NULL)
        v = ref(t->c, name, t->at);
    text_value(t, v);
}

static const struct value *sub(struct cfn *c, struct slice rest, const struct value *vars,
                               const struct value *node)
{
    struct text t;
    size_t open, close;

    text_begin(&t, c, node);
    while (slice_find(rest, SLICE_LIT("${"), &open)) {
        const struct slice inside = slice_from(rest, open + 2);

        if (!slice_find(inside, SLICE_LIT("}"), &close))
            break;
        text_bytes(&t, (struct slice){rest.data, open});
        sub_name(&t, slice_trim((struct slice){inside.data, close}, " "), vars);
        rest = slice_from(inside, close + 1);
    }
    text_bytes(&t, rest);
    return text_end(&t);
}

static const struct value *fn_sub(struct cfn *c, const struct value *arg, const struct value *node)
{
    const struct value *vars = NULL;

    if (value_is(arg, VALUE_STRING))
        return sub(c, value_text(arg), NULL, node);
    if (!value_is(arg, VALUE_LIST) || value_len(arg) != 2 ||
        !value_is(value_item(arg, 0), VALUE_STRING) || !value_is(value_item(arg, 1), VALUE_MAP))
        return cfn_unknown_bad(c, node, "Fn::Sub takes a text, or a text and a map");
    vars = cfn_resolve(c, value_item(arg, 1)); /* once, however often they are named */
    return sub(c, value_text(value_item(arg, 0)), vars, node);
}

/* Two arguments, the second resolved to a list: Join, Select. False: `*out` is the answer. */
static bool list_args(struct cfn *c, const struct value *arg, const struct value **list,
                      const struct value **out)
{
    if (!value_is(arg, VALUE_LIST) || value_len(arg) != 2) {
        *out = cfn_unknown_bad(c, arg, "the function takes two arguments");
        return false;
    }
    *list = cfn_resolve(c, value_item(arg, 1));
    if (value_is(*list, VALUE_LIST))
        return true;
    *out = value_is(*list, VALUE_UNKNOWN)
               ? *list
               : cfn_unknown_bad(c, arg, "the second argument must be a list");
    return false;
}

static const struct value *fn_join(struct cfn *c, const struct value *arg, const struct value *node)
{
    const struct value *list = NULL, *out = NULL;
    struct text t;

    if (!list_args(c, arg, &list, &out))
        return out;
    if (!value_is(value_item(arg, 0), VALUE_STRING))
        return cfn_unknown_bad(c, node, "Fn::Join takes a delimiter");
    text_begin(&t, c, node);
    for (size_t i = 0; i < value_len(list); i++) {
        if (i > 0)
            text_bytes(&t, value_text(value_item(arg, 0)));
        text_value(&t, value_item(list, i));
    }
    return text_end(&t);
}

static const struct value *fn_select(struct cfn *c, const struct value *arg,
                                     const struct value *node)
{
    const struct value *list = NULL, *out = NULL, *index;
    struct slice text;
    uint64_t i;

    if (!list_args(c, arg, &list, &out))
        return out;
    index = cfn_resolve(c, value_item(arg, 0));
    if (value_is(index, VALUE_UNKNOWN))
        return index;
    if (!value_scalar(index, c->d->arena, &text) || !checked_u64(text, UINT32_MAX, &i) ||
        i >= value_len(list))
        return cfn_unknown_bad(c, node, "Fn::Select takes an index into the list");
    return again(c, value_item(list, (size_t)i), node);
}

static const struct value *pieces(struct cfn *c, struct slice rest, struct slice by,
                                  const struct value *node)
{
    const struct value_at at = doc_at(node);
    struct value_builder b;
    size_t n;

    value_list_begin(&b, c->d->arena);
    while (slice_find(rest, by, &n)) {
        if (!cfn_unknown_charge(c, n + sizeof(struct value)))
            return cfn_unknown(c, node, NULL, "too large to build");
        value_list_add(&b, value_string(c->d->arena, (struct slice){rest.data, n}, &at));
        rest = slice_from(rest, n + by.len);
    }
    value_list_add(&b, value_string(c->d->arena, rest, &at));
    return value_list_end(&b, &at);
}

static const struct value *fn_split(struct cfn *c, const struct value *arg,
                                    const struct value *node)
{
    const struct slice by = value_text(value_item(arg, 0));
    const struct value *text;
    struct slice s;

    if (!value_is(arg, VALUE_LIST) || value_len(arg) != 2 || by.len == 0)
        return cfn_unknown_bad(c, node, "Fn::Split takes a delimiter and a text");
    text = cfn_resolve(c, value_item(arg, 1));
    if (value_is(text, VALUE_UNKNOWN))
        return text;
    if (!value_scalar(text, c->d->arena, &s))
        return cfn_unknown_bad(c, node, "Fn::Split takes a delimiter and a text");
    return pieces(c, s, by, node);
}

/* Three keys, each resolved; an unknown one makes the answer unknown. */
static const struct value *fn_find_in_map(struct cfn *c, const struct value *arg,
                                          const struct value *node)
{
    const struct value *fallback = value_get(value_item(arg, 3), "DefaultValue");
    const struct value *v = c->mappings;

    if (!value_is(arg, VALUE_LIST) || value_len(arg) < 3 || value_len(arg) > 4)
        return cfn_unknown_bad(c, node, "Fn::FindInMap takes a map and two keys");
    for (size_t i = 0; i < 3; i++) {
        const struct value *key = cfn_resolve(c, value_item(arg, i));
        struct slice s;

        if (value_is(key, VALUE_UNKNOWN))
            return key;
        if (!value_scalar(key, c->d->arena, &s))
            return cfn_unknown_bad(c, node, "a key of Fn::FindInMap is not text");
        v = value_get_slice(v, s);
    }
    if (v != NULL)
        return again(c, v, node);
    if (fallback != NULL)
        return cfn_resolve(c, fallback);
    return cfn_unknown_bad(c, node, "Fn::FindInMap finds nothing");
}

/* Both branches when nobody knows the condition; inside each the condition counts as known (but
 * not while other conditions are being evaluated, since their answers are kept). */
static const struct value *fn_if(struct cfn *c, const struct value *arg, const struct value *node)
{
    struct cfn_choice k = {.at = node};
    enum cfn_truth t, before;

    if (!value_is(arg, VALUE_LIST) || value_len(arg) != 3 ||
        !value_is(value_item(arg, 0), VALUE_STRING))
        return cfn_unknown_bad(c, node, "Fn::If takes a condition and two values");
    k.condition = value_text(value_item(arg, 0));
    t = cfn_conditions_get(c, k.condition, node);
    if (t != CFN_UNKNOWN)
        return cfn_resolve(c, value_item(arg, t == CFN_TRUE ? 1 : 2));
    before = cfn_conditions_assume(c, k.condition, c->depth == 0 ? CFN_TRUE : CFN_UNKNOWN);
    k.a = cfn_resolve(c, value_item(arg, 1));
    (void)cfn_conditions_assume(c, k.condition, c->depth == 0 ? CFN_FALSE : CFN_UNKNOWN);
    k.b = cfn_resolve(c, value_item(arg, 2));
    (void)cfn_conditions_assume(c, k.condition, before);
    return cfn_merge(c, &k);
}

/* The text itself, not its encoding: rules look into user data. */
static const struct value *fn_base64(struct cfn *c, const struct value *arg,
                                     const struct value *node)
{
    const struct value *v = cfn_resolve(c, arg);

    if (value_is(v, VALUE_STRING) || value_is(v, VALUE_UNKNOWN))
        return v;
    return cfn_unknown_bad(c, node, "Fn::Base64 takes a text");
}

static const struct value *fn_import(struct cfn *c, const struct value *arg,
                                     const struct value *node)
{
    const struct value *name = cfn_resolve(c, arg);

    if (!value_is(name, VALUE_STRING))
        return cfn_unknown(c, node, NULL, "import from another stack");
    return cfn_unknown(c, node, NULL, "import of %.*s from another stack",
                       DOC_TEXT(value_text(name)));
}

static const struct value *fn_transform(struct cfn *c, const struct value *arg,
                                        const struct value *node)
{
    (void)arg;
    doc_gap(c->d, node, "Fn::Transform is not expanded");
    return cfn_unknown(c, node, NULL, "Fn::Transform is not expanded");
}

typedef const struct value *call_fn(struct cfn *c, const struct value *arg,
                                    const struct value *node);

static const struct {
    const char *name;
    call_fn *call;
} functions[] = {
    {"Ref", fn_ref},
    {"Fn::GetAtt", fn_get_att},
    {"Fn::Sub", fn_sub},
    {"Fn::Join", fn_join},
    {"Fn::If", fn_if},
    {"Fn::Select", fn_select},
    {"Fn::Split", fn_split},
    {"Fn::FindInMap", fn_find_in_map},
    {"Fn::Base64", fn_base64},
    {"Fn::ImportValue", fn_import},
    {"Fn::Transform", fn_transform},
};

const struct value *cfn_call(struct cfn *c, const struct value *node)
{
    const struct value_member *m = &node->as.members[0];

    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (slice_is(m->key, functions[i].name))
            return functions[i].call(c, m->value, node);
    if (slice_starts(m->key, "Fn::ForEach::")) {
        doc_gap(c->d, node, "%.*s is not expanded", DOC_TEXT(m->key));
        return cfn_unknown(c, node, NULL, "%.*s is not expanded", DOC_TEXT(m->key));
    }
    return cfn_unknown(c, node, NULL, "%.*s is not evaluated", DOC_TEXT(m->key));
}
