#include "policies/iam/document/iam_doc.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "policies/iam/document/iam_gap.h"
#include "policies/iam/text/iam_glob.h"

/* One reading: where it is, for messages. It goes on behind a fault; the first one is the error. */
struct reading {
    struct arena *arena;
    bool strict;
    size_t statement;          /* from 1; 0: the document itself */
    struct iam_faults *faults; /* NULL: only the first is wanted */
    bool refused;              /* for a part that can be read all the same */
    struct err *e;
};

static bool fail(struct reading *r, enum iam_fault_kind kind, const struct value *at,
                 const char *what)
{
    const uint32_t line = at != NULL ? at->line : 0;

    if (r->faults != NULL)
        *(struct iam_fault *)ARENA_PUSH(r->arena, &r->faults->items, &r->faults->n) =
            (struct iam_fault){kind, r->statement, line, what};
    if (r->statement > 0)
        return err_line(r->e, ERR_FORMAT, line, "statement %zu: %s", r->statement, what);
    return err_line(r->e, ERR_FORMAT, line, "%s", what);
}

#define FAIL(r, at, ...) fail((r), IAM_FAULT_GRAMMAR, (at), arena_printf((r)->arena, __VA_ARGS__))
/* What can be read all the same. */
#define REFUSE(r, kind, at, ...)                                                                   \
    ((r)->refused = true, (void)fail((r), (kind), (at), arena_printf((r)->arena, __VA_ARGS__)))

/* As much of untrusted text as a message takes. */
static int shown(struct slice s)
{
    return s.len < 60 ? (int)s.len : 60;
}

#define TEXT(s) shown(s), (const char *)(s).data

static bool wrong_kind(struct reading *r, const struct value *v, const char *what, const char *want)
{
    return FAIL(r, v, "%s: expected %s, found %s", what, want,
                value_kind_name((enum value_kind)v->kind));
}

static bool must_be(struct reading *r, const struct value *v, const char *what)
{
    if (!value_is(v, VALUE_STRING))
        return FAIL(r, v, "%s, found %s", what, value_kind_name((enum value_kind)v->kind));
    return FAIL(r, v, "%s, found '%.*s'", what, TEXT(value_text(v)));
}

/* What may stand for a text. */
enum takes { STRINGS, SCALARS, ACCOUNTS };

static bool text_of(struct reading *r, const struct value *v, enum takes takes, struct slice *out)
{
    if (takes == SCALARS)
        return value_scalar(v, r->arena, out);
    if (takes == ACCOUNTS && value_is(v, VALUE_INT) && v->as.integer >= 0) {
        /* YAML's integers lose the zeros in front */
        *out = slice_str(arena_printf(r->arena, "%012" PRId64, v->as.integer));
        return true;
    }
    *out = value_text(v);
    return value_is(v, VALUE_STRING);
}

/* A text or a list of them. What is unknown sets `unknown` and adds nothing. */
static bool texts(struct reading *r, const struct value *v, const char *what, enum takes takes,
                  struct iam_texts *out)
{
    const bool list = value_is(v, VALUE_LIST);
    const size_t n = list ? value_len(v) : 1;
    struct slice *items = ARENA_ARRAY(r->arena, struct slice, n);
    bool ok = true;

    *out = (struct iam_texts){items, 0, false};
    if (n == 0 && r->strict)
        return FAIL(r, v, "%s is empty", what);
    for (size_t i = 0; i < n; i++) {
        const struct value *item = list ? value_item(v, i) : v;

        if (value_is(item, VALUE_UNKNOWN)) {
            out->unknown = true;
            continue;
        }
        if (!text_of(r, item, takes, &items[out->n]))
            ok = wrong_kind(r, item, what, "a string or a list of strings");
        else if (r->strict && takes != SCALARS && items[out->n].len == 0)
            ok = FAIL(r, item, "%s has an empty string", what);
        else
            out->n++;
    }
    return ok;
}

/* An element and its negation, of which one may stand. */
struct either {
    const char *key, *not_key;
    struct iam_texts texts;
    bool negated, has;
};

static bool either(struct reading *r, const struct value *v, struct either *x)
{
    const struct value *yes = value_get(v, x->key), *no = value_get(v, x->not_key);

    x->negated = yes == NULL && no != NULL;
    x->has = yes != NULL || no != NULL;
    if (yes != NULL && no != NULL)
        return FAIL(r, v, "both %s and %s", x->key, x->not_key);
    if (!x->has)
        return true;
    return x->negated ? texts(r, no, x->not_key, STRINGS, &x->texts)
                      : texts(r, yes, x->key, STRINGS, &x->texts);
}

/* What is said of principals that are not known. */
struct hints {
    struct iam_principal *items;
    size_t n;
    bool lost; /* of one, nothing */
};

struct principals {
    struct iam_principal *items;
    struct hints hints;
};

/* What was meant by a word that is none of the names. */
static bool unknown_word(struct reading *r, const struct value *at, const char *what,
                         const struct slice *word, const char *const *names)
{
    char hint[NEAREST_HINT_MAX];

    return FAIL(r, at, "%s '%.*s'%s", what, TEXT(*word), nearest_hint(*word, names, hint));
}

static bool principal_type(struct slice name, enum iam_principal_type *out)
{
    static const struct {
        const char *name;
        enum iam_principal_type type;
    } types[] = {{"AWS", IAM_PRINCIPAL_AWS},
                 {"Service", IAM_PRINCIPAL_SERVICE},
                 {"Federated", IAM_PRINCIPAL_FEDERATED},
                 {"CanonicalUser", IAM_PRINCIPAL_CANONICAL},
                 {"*", IAM_PRINCIPAL_ANY}};

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_is(name, types[i].name)) {
            *out = types[i].type;
            return true;
        }
    return false;
}

/* The names of one type of principal that are not known. */
static void hints(struct reading *r, const struct value *v, enum iam_principal_type type,
                  struct hints *h)
{
    const size_t n = value_is(v, VALUE_LIST) ? value_len(v) : 1;

    for (size_t i = 0; i < n; i++) {
        const struct value *item = value_is(v, VALUE_LIST) ? value_item(v, i) : v;
        struct slice name;

        if (!value_is(item, VALUE_UNKNOWN))
            continue;
        if (iam_gap_principal(item->as.gap, type, &name))
            *(struct iam_principal *)ARENA_PUSH(r->arena, &h->items, &h->n) =
                (struct iam_principal){type, name};
        else
            h->lost = true;
    }
}

static const char *const principal_types[] = {"AWS", "Service", "Federated", "CanonicalUser", NULL};

static bool principal_names(struct reading *r, const struct value_member *m,
                            struct iam_statement *s, struct principals *to)
{
    const struct value *v = m->value;
    enum iam_principal_type type = IAM_PRINCIPAL_ANY;
    struct iam_texts names;

    if (!principal_type(m->key, &type))
        return unknown_word(r, v, "Principal has an unknown type", &m->key, principal_types);
    if (!texts(r, v, "Principal", ACCOUNTS, &names))
        return false;
    s->principals_unknown = s->principals_unknown || names.unknown;
    hints(r, v, type, &to->hints);
    for (size_t i = 0; i < names.n; i++) {
        struct iam_principal *p = ARENA_PUSH(r->arena, &to->items, &s->nprincipals);

        p->name = names.items[i];
        p->type = type == IAM_PRINCIPAL_AWS && slice_is(p->name, "*") ? IAM_PRINCIPAL_ANY : type;
    }
    return true;
}

static bool principals(struct reading *r, const struct value *v, struct iam_statement *s)
{
    const struct value *yes = value_get(v, "Principal"), *no = value_get(v, "NotPrincipal");
    const struct value *p = yes != NULL ? yes : no;
    struct principals found = {NULL, {NULL, 0, false}};
    bool ok = true;

    s->not_principal = yes == NULL && no != NULL;
    s->has_principal = p != NULL;
    if (yes != NULL && no != NULL)
        return FAIL(r, v, "both Principal and NotPrincipal");
    if (p == NULL)
        return true;
    if (value_is(p, VALUE_UNKNOWN)) {
        s->principals_unknown = true;
        return true;
    }
    if (value_is(p, VALUE_STRING)) {
        const bool any = slice_is(value_text(p), "*");

        if (!any && r->strict)
            return FAIL(r, p, "Principal: expected \"*\" or a map, found '%.*s'",
                        TEXT(value_text(p)));
        *(struct iam_principal *)ARENA_PUSH(r->arena, &found.items, &s->nprincipals) =
            (struct iam_principal){any ? IAM_PRINCIPAL_ANY : IAM_PRINCIPAL_AWS, value_text(p)};
    } else if (!value_is(p, VALUE_MAP)) {
        return wrong_kind(r, p, "Principal", "\"*\" or a map");
    }
    if (value_is(p, VALUE_MAP) && value_len(p) == 0 && r->strict)
        return FAIL(r, p, "Principal is empty");
    for (size_t i = 0; value_is(p, VALUE_MAP) && i < value_len(p); i++)
        ok = principal_names(r, &p->as.members[i], s, &found) && ok;
    s->principals = found.items;
    s->hints = found.hints.lost ? NULL : found.hints.items;
    s->nhints = found.hints.lost ? 0 : found.hints.n;
    return ok;
}

/* The keys under one operator. */
static bool tests_of(struct reading *r, const struct value_member *m, struct iam_statement *s,
                     struct iam_test **items)
{
    const struct value *v = m->value;
    struct iam_test op = {.op = IAM_OPERATOR_UNKNOWN};
    char hint[NEAREST_HINT_MAX];
    bool ok = true;

    if (!iam_doc_operator(m->key, &op) && r->strict)
        REFUSE(r, IAM_FAULT_OPERATOR, v, "unknown condition operator '%.*s'%s", TEXT(m->key),
               nearest_hint(m->key, iam_doc_operator_names(), hint));
    if (value_is(v, VALUE_UNKNOWN)) {
        s->tests_unknown = true;
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return wrong_kind(r, v, "a condition operator", "a map from keys to values");
    for (size_t i = 0; i < value_len(v); i++) {
        struct iam_test *t = ARENA_PUSH(r->arena, items, &s->ntests);

        *t = op;
        t->key = v->as.members[i].key;
        t->refers = iam_gap_refers(v->as.members[i].value);
        ok = texts(r, v->as.members[i].value, "a condition value", SCALARS, &t->values) && ok;
    }
    return ok;
}

static bool conditions(struct reading *r, const struct value *v, struct iam_statement *s)
{
    const struct value *c = value_get(v, "Condition");
    struct iam_test *items = NULL;
    bool ok = true;

    if (c == NULL)
        return true;
    if (value_is(c, VALUE_UNKNOWN)) {
        s->tests_unknown = true;
        return true;
    }
    if (!value_is(c, VALUE_MAP))
        return wrong_kind(r, c, "Condition", "a map");
    for (size_t i = 0; i < value_len(c); i++)
        ok = tests_of(r, &c->as.members[i], s, &items) && ok;
    s->tests = items;
    return ok;
}

static bool known_elements(struct reading *r, const struct value *v)
{
    static const char *const names[] = {"Sid",       "Effect",    "Principal", "NotPrincipal",
                                        "Action",    "NotAction", "Resource",  "NotResource",
                                        "Condition", NULL};
    bool ok = true;

    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];
        bool known = false;

        for (size_t k = 0; names[k] != NULL; k++)
            known = known || slice_is(m->key, names[k]);
        if (!known)
            ok = unknown_word(r, m->value, "unknown element", &m->key, names);
    }
    return ok;
}

static bool effect(struct reading *r, const struct value *v, struct iam_statement *s)
{
    const struct value *e = value_get(v, "Effect");

    if (e == NULL)
        return FAIL(r, v, "Effect is missing");
    s->effect = IAM_EFFECT_UNKNOWN;
    if (value_is(e, VALUE_UNKNOWN))
        return true;
    if (slice_is(value_text(e), "Allow"))
        s->effect = IAM_ALLOW;
    else if (slice_is(value_text(e), "Deny"))
        s->effect = IAM_DENY;
    else
        return must_be(r, e, "Effect must be Allow or Deny");
    return true;
}

/* "execute-api:/stage/GET/path" in the policy of an API is short for the API's ARN. SPEC: API
 * Gateway Developer Guide, "API Gateway resource policy examples" */
static void expand_api(struct reading *r, struct iam_texts *list)
{
    static const char head[] = "execute-api:";
    struct slice *items = ARENA_ARRAY(r->arena, struct slice, list->n);

    for (size_t i = 0; i < list->n; i++) {
        struct slice path = list->items[i];

        items[i] = path;
        if (!slice_starts(path, "execute-api:/"))
            continue;
        path = slice_from(path, sizeof(head) - 1);
        items[i] = slice_str(arena_printf(r->arena, "arn:*:execute-api:*:*:*%.*s", (int)path.len,
                                          (const char *)path.data));
    }
    list->items = items;
}

/* Nobody knows anything about it. */
static void unknown_statement(struct iam_statement *s)
{
    s->effect = IAM_EFFECT_UNKNOWN;
    s->actions.unknown = s->resources.unknown = true;
    s->principals_unknown = s->tests_unknown = true;
    s->has_principal = s->has_resource = true;
}

static bool statement(struct reading *r, const struct value *v, struct iam_statement *s)
{
    const struct value *sid = value_get(v, "Sid");
    struct either action = {.key = "Action", .not_key = "NotAction"};
    struct either resource = {.key = "Resource", .not_key = "NotResource"};
    bool ok = true;

    s->index = r->statement - 1;
    s->line = v->line;
    s->node = v;
    if (value_is(v, VALUE_UNKNOWN)) {
        unknown_statement(s);
        return true;
    }
    if (!value_is(v, VALUE_MAP))
        return wrong_kind(r, v, "a statement", "a map");
    if (sid != NULL && !value_is(sid, VALUE_STRING) && !value_is(sid, VALUE_UNKNOWN))
        ok = wrong_kind(r, sid, "Sid", "a string");
    s->sid = value_text(sid);
    ok = known_elements(r, v) && ok;
    ok = effect(r, v, s) && ok;
    ok = either(r, v, &action) && ok;
    ok = either(r, v, &resource) && ok;
    ok = principals(r, v, s) && ok;
    ok = conditions(r, v, s) && ok;
    s->actions = action.texts;
    s->not_action = action.negated;
    s->resources = resource.texts;
    s->not_resource = resource.negated;
    s->has_resource = resource.has;
    if (s->has_principal)
        expand_api(r, &s->resources);
    if (!action.has)
        ok = FAIL(r, v, "neither Action nor NotAction");
    if (r->strict && !s->has_resource && !s->has_principal) /* roles' trust has none */
        ok = FAIL(r, v, "neither Resource nor NotResource");
    return ok;
}

static bool of_sts(const struct iam_statement *s)
{
    for (size_t i = 0; i < s->actions.n; i++) {
        const struct slice name = s->actions.items[i];

        if (name.len < 4 || !iam_glob_same((struct slice){name.data, 4}, SLICE_LIT("sts:")))
            return false;
    }
    return true;
}

/* The policy of a resource other than a role. */
static bool of_resource(const struct iam_doc *d)
{
    bool principal = false, others = false;

    for (size_t i = 0; i < d->n; i++) {
        principal = principal || d->statements[i].has_principal;
        others = others || !of_sts(&d->statements[i]);
    }
    return principal && others;
}

/* IAM refuses two statements of one Sid; buckets and queues take them. SPEC: IAM User Guide, "IAM
 * JSON policy elements: Sid" ("In IAM, the Sid value must be unique within a JSON policy") */
static void unique_sids(struct reading *r, const struct iam_doc *d)
{
    struct value_builder seen;

    if (of_resource(d))
        return;
    value_map_begin(&seen, r->arena);
    for (size_t i = 0; i < d->n; i++) {
        const size_t before = seen.n;

        if (d->statements[i].sid.len == 0)
            continue;
        value_map_put(&seen, d->statements[i].sid, d->statements[i].node);
        r->statement = d->statements[i].index + 1;
        if (seen.n == before)
            REFUSE(r, IAM_FAULT_SID, d->statements[i].node, "another statement has the Sid '%.*s'",
                   TEXT(d->statements[i].sid));
    }
}

static bool statements(struct reading *r, const struct value *v, struct iam_doc *d)
{
    const bool list = value_is(v, VALUE_LIST);
    const size_t n = list ? value_len(v) : 1;
    struct iam_statement *items;
    bool ok = true;

    if (value_is(v, VALUE_UNKNOWN)) {
        d->unknown = true;
        return true;
    }
    if (!list && !value_is(v, VALUE_MAP))
        return wrong_kind(r, v, "Statement", "a map or a list of maps");
    if (n == 0 && r->strict)
        return FAIL(r, v, "Statement is empty");
    items = ARENA_ARRAY(r->arena, struct iam_statement, n);
    for (size_t i = 0; i < n; i++) {
        struct iam_statement s = {0};

        r->statement = i + 1;
        if (statement(r, list ? value_item(v, i) : v, &s))
            items[d->n++] = s;
        else
            ok = false;
    }
    d->statements = items;
    if (r->strict)
        unique_sids(r, d);
    r->statement = 0;
    return ok;
}

static bool version(struct reading *r, const struct value *v, struct iam_doc *d)
{
    const struct value *ver = value_get(v, "Version");

    d->version = ver == NULL ? "2008-10-17" : value_cstr(ver, "");
    if (value_is(ver, VALUE_UNKNOWN)) {
        d->unknown = true; /* whether ${...} is a variable changes every answer */
        d->variables = true;
        return true;
    }
    d->variables = strcmp(d->version, "2012-10-17") == 0;
    if (d->variables || strcmp(d->version, "2008-10-17") == 0 || !r->strict)
        return true;
    return must_be(r, ver, "Version must be \"2012-10-17\" or \"2008-10-17\"");
}

/* What the command line of AWS prints around a policy; NULL: nothing. */
static const char *wrapping(const struct value *v)
{
    static const char *const names[] = {"Policy", "PolicyDocument", "PolicyVersion", "Document",
                                        "AssumeRolePolicyDocument"};

    for (size_t i = 0; i < ARRAY_LEN(names) && value_get(v, "Statement") == NULL; i++)
        if (value_get(v, names[i]) != NULL)
            return names[i];
    return NULL;
}

static bool document(struct reading *r, const struct value *v, struct iam_doc *d)
{
    static const char *const elements[] = {"Version", "Id", "Statement", NULL};
    const struct value *id = value_get(v, "Id");
    bool ok = true;

    if (!value_is(v, VALUE_MAP))
        return wrong_kind(r, v, "a policy", "a map");
    if (wrapping(v) != NULL)
        return FAIL(r, v, "no policy: it stands in '%s' of this, take that alone", wrapping(v));
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];

        if (!slice_is(m->key, "Version") && !slice_is(m->key, "Id") &&
            !slice_is(m->key, "Statement"))
            ok = unknown_word(r, m->value, "unknown element", &m->key, elements);
    }
    if (id != NULL && !value_is(id, VALUE_STRING) && !value_is(id, VALUE_UNKNOWN))
        ok = wrong_kind(r, id, "Id", "a string");
    ok = version(r, v, d) && ok;
    if (value_get(v, "Statement") == NULL)
        return FAIL(r, v, "Statement is missing");
    return statements(r, value_get(v, "Statement"), d) && ok;
}

static bool read_policy(const struct value *v, const char *name, struct reading *r,
                        struct iam_doc *out)
{
    *out = (struct iam_doc){.name = name != NULL ? name : "", .version = "2012-10-17"};
    if (value_is(v, VALUE_UNKNOWN)) {
        *out = iam_doc_unknown(name);
        return true;
    }
    if (value_is(v, VALUE_STRING) && !json_read(value_text(v), r->arena, &v, r->e))
        return FAIL(r, NULL, "%s", r->e->text);
    if (v == NULL)
        return FAIL(r, NULL, "a policy: expected a map, found nothing");
    return document(r, v, out) && !r->refused;
}

static bool read_whole(struct reading r, const struct value *v, const char *name,
                       struct iam_doc *out)
{
    struct iam_doc d;

    if (!read_policy(v, name, &r, &d))
        return false;
    *out = d;
    return true;
}

bool iam_doc_read(const struct value *v, const char *name, struct arena *a, struct iam_doc *out,
                  struct err *e)
{
    return read_whole((struct reading){.arena = a, .strict = true, .e = e}, v, name, out);
}

bool iam_doc_read_lenient(const struct value *v, const char *name, struct arena *a,
                          struct iam_doc *out, struct err *e)
{
    return read_whole((struct reading){.arena = a, .strict = false, .e = e}, v, name, out);
}

bool iam_doc_read_faults(const struct value *v, const char *name, struct arena *a,
                         struct iam_doc *out, struct iam_faults *faults)
{
    struct err e = {0};
    struct reading r = {.arena = a, .strict = true, .faults = faults, .e = &e};

    *faults = (struct iam_faults){NULL, 0};
    return read_policy(v, name, &r, out);
}

struct iam_doc iam_doc_unknown(const char *name)
{
    return (struct iam_doc){.name = name != NULL ? name : "",
                            .version = "2012-10-17",
                            .variables = true,
                            .unknown = true};
}
