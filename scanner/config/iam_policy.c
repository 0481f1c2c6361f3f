/* AWS policy documents to facts. */
#include "scanner/config/iam_policy.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"

#define SOURCE "iam"

/* One statement, normalised. */
struct statement {
    const struct value *node;
    const struct value *sid, *effect;
    const struct value *actions, *not_actions, *resources, *not_resources; /* lists */
    const struct value *principals, *not_principals, *conditions;          /* maps */
    bool has_principal, has_resource;
    bool repeated; /* an earlier one has its Sid */
};

struct reading {
    struct doc *d;
    const struct iam_policy *p;
    enum iam_kind kind;
    struct statement *statements;
    size_t n;
    struct value_builder sids;
    const struct value *written; /* of a policy that was refused */
};

const char *iam_policy_kind(enum iam_kind kind)
{
    switch (kind) {
    case IAM_ANY:
        return "any";
    case IAM_IDENTITY:
        return "identity";
    case IAM_RESOURCE:
        return "resource";
    case IAM_TRUST:
        return "trust";
    case IAM_SCP:
        return "scp";
    case IAM_RCP:
        return "rcp";
    }
    return "any";
}

/* Every key of `map` must be one of `names`. */
static bool only(const struct value *map, const char *const *names, size_t n, const char *what,
                 struct err *e)
{
    for (size_t i = 0; i < value_len(map); i++) {
        const struct value_member *m = &map->as.members[i];

        if (!slice_among(m->key, names, n))
            return doc_error(e, m->value, "%s has an unknown element '%.*s'", what,
                             DOC_TEXT(m->key));
    }
    return true;
}

static bool type_error(const struct value *v, const char *what, const char *want, struct err *e)
{
    return doc_error(e, v, "%s must be %s, found %s", what, want,
                     value_kind_name((enum value_kind)v->kind));
}

/* A condition's value as text: AWS compares text, and accepts bare numbers and booleans. */
static const struct value *scalar_text(struct arena *a, const struct value *v)
{
    const struct value_at at = doc_at(v);
    struct slice text;

    return value_is(v, VALUE_STRING) || !value_scalar(v, a, &text) ? v : value_string(a, text, &at);
}

static bool list_item(struct reading *r, const struct value *v, const char *what,
                      const struct value **out, struct err *e)
{
    const bool condition = strcmp(what, "a condition value") == 0;
    const bool account =
        strcmp(what, "Principal") == 0 && v->kind == VALUE_INT; /* as YAML has it */

    *out = condition || account ? scalar_text(r->d->arena, v) : v;
    if (!value_is(*out, VALUE_STRING) && !value_is(*out, VALUE_UNKNOWN))
        return type_error(v, what, "a string or a list of strings", e);
    if (!condition && value_is(*out, VALUE_STRING) && value_text(*out).len == 0)
        return doc_error(e, v, "%s is empty", what);
    return true;
}

/* A string or a list of strings as a list; an unknown stays unknown: nobody knows which of the
 * two it is. */
static bool as_list(struct reading *r, const struct value *v, const char *what,
                    const struct value **out, struct err *e)
{
    const struct value_at at = doc_at(v);
    const struct value *item;
    struct value_builder b;

    if (v->kind == VALUE_UNKNOWN) {
        *out = v;
        return true;
    }
    value_list_begin(&b, r->d->arena);
    if (v->kind != VALUE_LIST) {
        if (!list_item(r, v, what, &item, e))
            return false;
        value_list_add(&b, item);
    }
    for (size_t i = 0; v->kind == VALUE_LIST && i < value_len(v); i++) {
        if (!list_item(r, value_item(v, i), what, &item, e))
            return false;
        value_list_add(&b, item);
    }
    if (b.n == 0)
        return doc_error(e, v, "%s is empty", what);
    *out = value_list_end(&b, &at);
    return true;
}

/* Reads `key` of a statement into a list; absent gives the empty list. */
static bool list_of(struct reading *r, const struct statement *s, const char *key,
                    const struct value **out, struct err *e)
{
    const struct value *v = value_get(s->node, key);
    struct value_builder b;

    if (v != NULL)
        return as_list(r, v, key, out, e);
    value_list_begin(&b, r->d->arena);
    *out = value_list_end(&b, NULL);
    return true;
}

/* "*" is {"*": ["*"]}; else a map from a type of principal to names. */
static bool principal(struct reading *r, const struct value *v, const struct value **out,
                      struct err *e)
{
    static const char *const types[] = {"AWS", "Service", "Federated", "CanonicalUser", "*"};
    const struct value_at at = doc_at(v);
    const struct value *list;
    struct value_builder b;

    if (v->kind == VALUE_UNKNOWN) {
        *out = v;
        return true;
    }
    value_map_begin(&b, r->d->arena);
    if (slice_is(value_text(v), "*")) {
        if (!as_list(r, v, "Principal", &list, e))
            return false;
        value_map_add(&b, "*", list);
    } else if (v->kind != VALUE_MAP) {
        return type_error(v, "Principal", "\"*\" or a map", e);
    } else if (!only(v, types, ARRAY_LEN(types), "Principal", e)) {
        return false;
    }
    for (size_t i = 0; v->kind == VALUE_MAP && i < value_len(v); i++) {
        if (!as_list(r, v->as.members[i].value, "Principal", &list, e))
            return false;
        value_map_put(&b, v->as.members[i].key, list);
    }
    if (b.n == 0)
        return doc_error(e, v, "Principal is empty");
    *out = value_map_end(&b, &at);
    return true;
}

static bool principal_of(struct reading *r, struct statement *s, const char *key,
                         const struct value **out, struct err *e)
{
    const struct value *v = value_get(s->node, key);
    struct value_builder b;

    if (v != NULL) {
        s->has_principal = true;
        return principal(r, v, out, e);
    }
    value_map_begin(&b, r->d->arena);
    *out = value_map_end(&b, NULL);
    return true;
}

/* The keys under one operator. */
static bool condition_keys(struct reading *r, const struct value *v, const struct value **out,
                           struct err *e)
{
    const struct value_at at = doc_at(v);
    const struct value *list;
    struct value_builder b;

    if (v->kind == VALUE_UNKNOWN) {
        *out = v;
        return true;
    }
    if (v->kind != VALUE_MAP)
        return type_error(v, "a condition operator", "a map from keys to values", e);
    value_map_begin(&b, r->d->arena);
    for (size_t i = 0; i < value_len(v); i++) {
        if (!as_list(r, v->as.members[i].value, "a condition value", &list, e))
            return false;
        value_map_put(&b, v->as.members[i].key, list);
    }
    *out = value_map_end(&b, &at);
    return true;
}

/* {operator: {key: value or list}} with lists everywhere. */
static bool conditions(struct reading *r, struct statement *s, struct err *e)
{
    const struct value *v = value_get(s->node, "Condition");
    const struct value_at at = doc_at(v);
    const struct value *keys;
    struct value_builder b;

    if (value_is(v, VALUE_UNKNOWN)) {
        s->conditions = v;
        return true;
    }
    if (v != NULL && v->kind != VALUE_MAP)
        return type_error(v, "Condition", "a map", e);
    value_map_begin(&b, r->d->arena);
    for (size_t i = 0; v != NULL && i < value_len(v); i++) {
        if (!condition_keys(r, v->as.members[i].value, &keys, e))
            return false;
        value_map_put(&b, v->as.members[i].key, keys);
    }
    s->conditions = value_map_end(&b, v != NULL ? &at : NULL);
    return true;
}

static bool sid(struct reading *r, struct statement *s, struct err *e)
{
    const struct value *v = value_get(s->node, "Sid");
    const size_t before = r->sids.n;

    s->sid = v != NULL ? v : value_str(r->d->arena, "");
    if (v == NULL || v->kind == VALUE_UNKNOWN)
        return true;
    if (v->kind != VALUE_STRING)
        return type_error(v, "Sid", "a string", e);
    if (value_text(v).len == 0)
        return true;
    value_map_put(&r->sids, value_text(v), v);
    s->repeated = r->sids.n == before;
    return true;
}

static bool effect(struct statement *s, struct err *e)
{
    const struct value *v = value_get(s->node, "Effect");

    s->effect = v;
    if (v == NULL)
        return doc_error(e, s->node, "a statement has no Effect");
    if (v->kind == VALUE_UNKNOWN)
        return true;
    if (!slice_is(value_text(v), "Allow") && !slice_is(value_text(v), "Deny"))
        return doc_error(e, v, "Effect must be Allow or Deny, found '%.*s'",
                         DOC_TEXT(value_text(v)));
    return true;
}

/* Exactly one of the two when `need`, else at most one. */
static bool one_of(const struct statement *s, const char *a, const char *b, bool need,
                   struct err *e)
{
    const bool has_a = value_get(s->node, a) != NULL, has_b = value_get(s->node, b) != NULL;

    if (has_a && has_b)
        return doc_error(e, s->node, "a statement has both %s and %s", a, b);
    if (need && !has_a && !has_b)
        return doc_error(e, s->node, "a statement has neither %s nor %s", a, b);
    return true;
}

/* A statement that nobody knows: every part of it is that unknown. */
static void unknown_statement(struct statement *s, const struct value *v)
{
    *s = (struct statement){v, v, v, v, v, v, v, v, v, v, false, false, false};
}

static bool statement(struct reading *r, const struct value *v, struct statement *s, struct err *e)
{
    static const char *const names[] = {"Sid",          "Effect",      "Principal",
                                        "NotPrincipal", "Action",      "NotAction",
                                        "Resource",     "NotResource", "Condition"};

    if (value_is(v, VALUE_UNKNOWN)) {
        unknown_statement(s, v);
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return type_error(v, "a statement", "a map", e);
    *s = (struct statement){.node = v};
    if (!only(v, names, ARRAY_LEN(names), "a statement", e) || !sid(r, s, e) || !effect(s, e))
        return false;
    s->has_resource = value_get(v, "Resource") != NULL || value_get(v, "NotResource") != NULL;
    return one_of(s, "Action", "NotAction", true, e) &&
           one_of(s, "Resource", "NotResource", false, e) &&
           one_of(s, "Principal", "NotPrincipal", false, e) &&
           list_of(r, s, "Action", &s->actions, e) &&
           list_of(r, s, "NotAction", &s->not_actions, e) &&
           list_of(r, s, "Resource", &s->resources, e) &&
           list_of(r, s, "NotResource", &s->not_resources, e) &&
           principal_of(r, s, "Principal", &s->principals, e) &&
           principal_of(r, s, "NotPrincipal", &s->not_principals, e) && conditions(r, s, e);
}

/* Are all the actions those of a trust policy? */
static bool trusts(const struct statement *s)
{
    for (size_t i = 0; i < value_len(s->actions); i++)
        if (!slice_starts(value_text(value_item(s->actions, i)), "sts:"))
            return false;
    return value_len(s->actions) > 0;
}

/* A document alone does not say what it is attached to; its elements do. */
static enum iam_kind kind_of(const struct reading *r)
{
    bool principals = false, resources = false, trust = true;

    for (size_t i = 0; i < r->n; i++) {
        principals = principals || r->statements[i].has_principal;
        resources = resources || r->statements[i].has_resource;
        trust = trust && trusts(&r->statements[i]);
    }
    if (!principals)
        return IAM_IDENTITY;
    return trust && !resources ? IAM_TRUST : IAM_RESOURCE;
}

/* SPEC: IAM User Guide: identity policies name no principal and need a resource; the others
 * need a principal. */
static bool fits_kind(const struct reading *r, const struct statement *s, struct err *e)
{
    if (value_is(s->node, VALUE_UNKNOWN))
        return true;
    if (s->repeated && r->kind != IAM_RESOURCE) /* buckets and queues take them, IAM does not */
        return doc_error(e, s->sid, "two statements have the Sid '%.*s'",
                         DOC_TEXT(value_text(s->sid)));
    switch (r->kind) {
    case IAM_IDENTITY:
    case IAM_SCP:
        if (s->has_principal)
            return doc_error(e, s->node, "a%s policy must not have a Principal",
                             r->kind == IAM_SCP ? " service control" : "n identity");
        if (!s->has_resource)
            return doc_error(e, s->node, "a statement has neither Resource nor NotResource");
        return true;
    case IAM_TRUST:
        if (s->has_resource)
            return doc_error(e, s->node, "a trust policy must not have a Resource");
        return s->has_principal || doc_error(e, s->node, "a statement has no Principal");
    case IAM_RCP:
        if (!s->has_resource)
            return doc_error(e, s->node, "a statement has neither Resource nor NotResource");
        return s->has_principal || doc_error(e, s->node, "a statement has no Principal");
    case IAM_RESOURCE:
        return s->has_principal || doc_error(e, s->node, "a statement has no Principal");
    case IAM_ANY:
        break;
    }
    return true;
}

static bool statements(struct reading *r, const struct value *v, struct err *e)
{
    const size_t n = value_is(v, VALUE_LIST) ? value_len(v) : 1;

    if (v == NULL)
        return doc_error(e, r->p->document, "the policy has no Statement");
    if (n == 0)
        return doc_error(e, v, "the policy has no statements");
    r->statements = ARENA_ARRAY(r->d->arena, struct statement, n);
    for (r->n = 0; r->n < n; r->n++) {
        const struct value *s = value_is(v, VALUE_LIST) ? value_item(v, r->n) : v;

        if (!statement(r, s, &r->statements[r->n], e))
            return err_in(e, "statement %zu", r->n + 1);
    }
    r->kind = r->p->kind != IAM_ANY ? r->p->kind : kind_of(r);
    for (size_t i = 0; i < n; i++)
        if (!fits_kind(r, &r->statements[i], e))
            return err_in(e, "statement %zu", i + 1);
    return true;
}

static bool version(struct reading *r, const struct value **out, struct err *e)
{
    const struct value *v = value_get(r->p->document, "Version");

    *out = v != NULL ? v : value_str(r->d->arena, "2008-10-17");
    if (value_is(*out, VALUE_UNKNOWN) || slice_is(value_text(*out), "2012-10-17") ||
        slice_is(value_text(*out), "2008-10-17"))
        return true;
    return doc_error(e, v, "Version must be \"2012-10-17\" or \"2008-10-17\"");
}

static void put_owner(struct value_builder *b, const struct reading *r)
{
    value_map_add(b, "kind", value_str(b->arena, iam_policy_kind(r->kind)));
    if (r->p->resource != NULL)
        value_map_add(b, "resource", value_str(b->arena, r->p->resource));
    if (r->p->resource_type != NULL)
        value_map_add(b, "resource_type", value_str(b->arena, r->p->resource_type));
}

static void tell_policy(const struct reading *r, const struct value *policy_version,
                        const struct value *n)
{
    const struct value *at = r->p->at != NULL ? r->p->at : r->p->document;
    const struct value_at place = doc_at(at);
    struct doc_fact f = {.source = SOURCE, .type = "iam.policy", .address = r->p->address};
    struct value_builder b;

    value_map_begin(&b, r->d->arena);
    value_map_add(&b, "version", policy_version);
    value_map_add(&b, "statements", n);
    put_owner(&b, r);
    value_map_add(&b, "document", r->p->document);
    if (r->written != NULL)
        value_map_add(&b, "written", r->written);
    f.at = at;
    f.attributes = value_map_end(&b, &place);
    doc_fact(r->d, &f);
}

static void tell_statement(const struct reading *r, size_t i)
{
    const struct statement *s = &r->statements[i];
    const struct value *at = r->p->at != NULL ? r->p->at : s->node;
    const struct value_at place = doc_at(at);
    struct arena *a = r->d->arena;
    struct doc_fact f = {.source = SOURCE, .type = "iam.statement", .at = at};
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "index", value_int(a, (int64_t)i, &place));
    value_map_add(&b, "policy_address", value_str(a, r->p->address));
    put_owner(&b, r);
    value_map_add(&b, "sid", s->sid);
    value_map_add(&b, "effect", s->effect);
    value_map_add(&b, "actions", s->actions);
    value_map_add(&b, "not_actions", s->not_actions);
    value_map_add(&b, "resources", s->resources);
    value_map_add(&b, "not_resources", s->not_resources);
    value_map_add(&b, "principals", s->principals);
    value_map_add(&b, "not_principals", s->not_principals);
    value_map_add(&b, "conditions", s->conditions);
    f.address = arena_printf(a, "%s/statement/%zu", r->p->address, i);
    f.name = value_is(s->sid, VALUE_STRING) && value_text(s->sid).len > 0
                 ? value_cstr(s->sid, f.address)
                 : f.address;
    f.attributes = value_map_end(&b, &place);
    doc_fact(r->d, &f);
}

/* Policies of an organisation allow nothing, and are nobody's. */
static bool of_organisation(const struct reading *r)
{
    return r->kind == IAM_SCP || r->kind == IAM_RCP;
}

/* Nobody knows the document, or its list of statements: one statement stands for all of them. */
static void tell_unknown(struct reading *r, const struct value *unknown)
{
    struct statement s;

    unknown_statement(&s, unknown);
    r->statements = &s;
    r->n = 1;
    r->kind = r->p->kind;
    tell_policy(r, unknown, unknown);
    if (!of_organisation(r))
        tell_statement(r, 0);
    r->statements = NULL;
}

/* A policy that was refused: nobody knows what it does, but what was written can be shown. */
static void tell_refused(struct doc *d, const struct iam_policy *p, const struct value *written)
{
    const struct value_at at = doc_at(p->at);
    struct iam_policy q = *p;
    struct reading r = {.d = d, .p = &q, .written = written};

    q.document = value_unknown(d->arena, "the policy cannot be read", NULL, 0, &at);
    tell_unknown(&r, q.document);
}

bool iam_policy_read(struct doc *d, const struct iam_policy *p, struct err *e)
{
    static const char *const names[] = {"Version", "Id", "Statement"};
    struct reading r = {.d = d, .p = p};
    const struct value *list = value_get(p->document, "Statement");
    const struct value *policy_version;

    value_map_begin(&r.sids, d->arena);
    if (value_is(p->document, VALUE_UNKNOWN) || value_is(list, VALUE_UNKNOWN)) {
        tell_unknown(&r, list != NULL ? list : p->document);
        return true;
    }
    if (!value_is(p->document, VALUE_MAP))
        return doc_error(e, p->document, "a policy document must be a map");
    if (!only(p->document, names, ARRAY_LEN(names), "the policy", e) ||
        !version(&r, &policy_version, e) || !statements(&r, list, e))
        return false;
    tell_policy(&r, policy_version, value_int(d->arena, (int64_t)r.n, NULL));
    for (size_t i = 0; i < r.n && !of_organisation(&r); i++)
        tell_statement(&r, i);
    return true;
}

void iam_policy_embedded(struct doc *d, const struct iam_policy *p)
{
    struct iam_policy q = *p;
    struct err e = {0};

    if (value_is(p->document, VALUE_STRING)) {
        const struct value_at text = doc_at(p->document);

        q.at = p->at != NULL ? p->at : p->document;
        if (json_read(value_text(p->document), d->arena, &q.document, &e)) {
            /* places inside the text are not places of the file */
            q.document = value_moved(q.document, d->arena, &text);
            if (iam_policy_read(d, &q, &e))
                return;
        }
    } else if (iam_policy_read(d, &q, &e)) {
        return;
    }
    q.at = p->at != NULL ? p->at : p->document;
    doc_gap(d, q.at, "%s: the policy cannot be read: %s", p->address, e.text);
    tell_refused(d, &q, q.document);
}
