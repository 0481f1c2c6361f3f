#include "policies/rule_read.h"

#include <string.h>

#include "base/nearest.h"
#include "policies/expr.h"
#include "policies/view.h"

#define HELD_MAX 64 /* bits of rule_expr.uses */

const char *const rule_read_sources[] = {"image",      "model",    "terraform", "cloudformation",
                                         "kubernetes", "pipeline", "iam",       "aws-api",
                                         "catalog",    "trust",    "signature", NULL};

/* The rule being read, and how messages name it. */
struct reading {
    const struct schema_doc *d;
    const struct value *node;
    struct rule *r;
    const char *what; /* "rule 'x'" */
};

static const char *label(const struct reading *g, const char *part)
{
    return arena_printf(g->d->arena, "%s: %s", g->what, part);
}

static bool known_source(const struct reading *g, const struct value *at, const char *source,
                         struct err *e)
{
    char hint[NEAREST_HINT_MAX];

    for (size_t i = 0; rule_read_sources[i] != NULL; i++)
        if (strcmp(rule_read_sources[i], source) == 0)
            return true;
    return schema_fail(g->d, at, e, "%s: unknown source '%s'%s", g->what, source,
                       nearest_hint(slice_str(source), rule_read_sources, hint));
}

static bool read_applies(const struct reading *g, struct err *e)
{
    static const char *const keys[] = {"source", "type", NULL};
    const struct schema_member m = {g->node, g->what, "applies"};
    const struct value *list;

    if (!schema_need(g->d, &m, &list, e) || !schema_opt_kind(g->d, &m, VALUE_LIST, &list, e))
        return false;
    if (list->len == 0)
        return schema_fail(g->d, list, e, "%s: 'applies' is empty", g->what);
    g->r->applies = ARENA_ARRAY(g->d->arena, struct rule_applies, list->len);
    for (size_t i = 0; i < list->len; i++) {
        const struct value *row = list->as.items[i];
        const char *what = label(g, "applies");
        const struct schema_member source = {row, what, "source"}, type = {row, what, "type"};
        struct rule_applies *out = &g->r->applies[i];
        const char *star;

        if (!schema_map(g->d, row, what, keys, e) ||
            !schema_opt_str(g->d, &source, &out->source, e) ||
            !schema_str(g->d, &type, &out->type, e))
            return false;
        if (out->source != NULL && !known_source(g, row, out->source, e))
            return false;
        star = strchr(out->type, '*');
        if (star != NULL && star[1] != '\0')
            return schema_fail(g->d, row, e, "%s: type '%s': '*' is allowed at the end only", what,
                               out->type);
        g->r->napplies = i + 1;
    }
    return true;
}

/* One path of a field for one source (NULL: any). */
static bool add_path(const struct reading *g, struct rule_view *v, const char *source,
                     const struct value *path, struct err *e)
{
    struct err why = {0};
    struct rule_view_path *p;

    if (!value_is(path, VALUE_STRING))
        return schema_fail(g->d, path, e, "%s: view '%s': expected a path, found %s", g->what,
                           v->name, value_kind_name((enum value_kind)path->kind));
    p = ARENA_PUSH(g->d->arena, &v->paths, &v->npaths);
    p->source = source;
    p->path = value_cstr(path, "");
    if (!view_compile(value_text(path), g->d->arena, &p->compiled, &why))
        return schema_fail(g->d, path, e, "%s: view '%s': path '%s': %s", g->what, v->name, p->path,
                           why.text);
    return true;
}

static bool add_paths(const struct reading *g, struct rule_view *v, const char *source,
                      const struct value *paths, struct err *e)
{
    if (!value_is(paths, VALUE_LIST))
        return add_path(g, v, source, paths, e);
    for (size_t i = 0; i < paths->len; i++)
        if (!add_path(g, v, source, paths->as.items[i], e))
            return false;
    return true;
}

/* `computed: absent`, the one word there is: without it such a value is unknown. */
static bool read_computed(const struct reading *g, const struct value *node, struct rule_view *v,
                          struct err *e)
{
    v->unset_absent = true;
    return slice_is(value_text(node), "absent") ||
           schema_fail(g->d, node, e, "%s: view '%s': computed: expected absent", g->what, v->name);
}

static bool read_field(const struct reading *g, const struct value_member *m, struct rule_view *v,
                       struct err *e)
{
    if (!schema_is_name(m->key))
        return schema_fail_line(g->d, schema_key_line(g->d, m), e,
                                "%s: view: '%s' is not a name that expressions can use", g->what,
                                (const char *)m->key.data);
    v->name = (const char *)m->key.data;
    if (value_is(m->value, VALUE_STRING))
        return add_path(g, v, NULL, m->value, e);
    if (!value_is(m->value, VALUE_MAP))
        return schema_fail(g->d, m->value, e,
                           "%s: view '%s': expected a path or a map of source to path, found %s",
                           g->what, v->name, value_kind_name((enum value_kind)m->value->kind));
    for (size_t i = 0; i < m->value->len; i++) {
        const struct value_member *row = &m->value->as.members[i];

        if (slice_is(row->key, "default")) {
            v->fallback = row->value;
            continue;
        }
        if (slice_is(row->key, "computed")) {
            if (!read_computed(g, row->value, v, e))
                return false;
            continue;
        }
        if (!known_source(g, m->value, (const char *)row->key.data, e) ||
            !add_paths(g, v, (const char *)row->key.data, row->value, e))
            return false;
    }
    return true;
}

static bool read_view(const struct reading *g, struct err *e)
{
    const struct schema_member m = {g->node, g->what, "view"};
    const struct value *map;
    const char **names;

    if (!schema_opt_kind(g->d, &m, VALUE_MAP, &map, e))
        return false;
    g->r->views = ARENA_ARRAY(g->d->arena, struct rule_view, value_len(map));
    names = ARENA_ARRAY(g->d->arena, const char *, value_len(map) + 1);
    for (size_t i = 0; i < value_len(map); i++) {
        if (!read_field(g, &map->as.members[i], &g->r->views[i], e))
            return false;
        names[i] = g->r->views[i].name;
        g->r->nviews = i + 1;
    }
    g->r->view_names = (const char *const *)names;
    return true;
}

static bool read_expr(const struct reading *g, const char *key, struct rule_expr *out,
                      struct err *e)
{
    struct expr_source src = {.doc = g->d,
                              .node = value_get(g->node, key),
                              .what = label(g, key),
                              .rule = g->r,
                              .global = strcmp(key, "required_when") == 0};

    return src.node == NULL || expr_compile(&src, out, e);
}

static bool read_variables(const struct reading *g, struct err *e)
{
    const struct schema_member m = {g->node, g->what, "variables"};
    const struct value *map;

    if (!schema_opt_kind(g->d, &m, VALUE_MAP, &map, e))
        return false;
    g->r->variables = ARENA_ARRAY(g->d->arena, struct rule_variable, value_len(map));
    for (size_t i = 0; i < value_len(map); i++) {
        const struct value_member *row = &map->as.members[i];
        struct rule_variable *v = &g->r->variables[i];
        struct expr_source src = {.doc = g->d, .node = row->value, .rule = g->r};

        v->name = (const char *)row->key.data;
        src.what = arena_printf(g->d->arena, "%s: variable '%s'", g->what, v->name);
        if (!schema_is_name(row->key))
            return schema_fail_line(g->d, schema_key_line(g->d, row), e,
                                    "%s: not a name that expressions can use", src.what);
        if (!expr_compile(&src, &v->expr, e))
            return false;
        v->held = i < HELD_MAX && expr_may_hold(v->expr.text);
        g->r->nvariables = i + 1;
    }
    return true;
}

static bool read_control_ids(const struct reading *g, const struct value_member *m, struct err *e)
{
    const char *framework = (const char *)m->key.data;
    const struct schema_member ids = {value_get(g->node, "controls"), label(g, "controls"),
                                      framework};
    const char *const *list;

    /* through the map itself: a framework id may hold dots */
    if (!schema_opt_strs(g->d, &ids, &list, e))
        return false;
    for (size_t i = 0; list[i] != NULL; i++) {
        struct rule_control *c = ARENA_PUSH(g->d->arena, &g->r->controls, &g->r->ncontrols);
        size_t n = strlen(list[i]);

        if (strcmp(list[i], "~") == 0)
            return schema_fail(g->d, ids.map, e, "%s: '%s': '~' marks a control and is none",
                               ids.what, framework);
        c->framework = framework;
        c->supporting = list[i][n - 1] == '~';
        c->id = c->supporting
                    ? arena_strndup(g->d->arena, (struct slice){(const uint8_t *)list[i], n - 1})
                    : list[i];
    }
    return true;
}

static bool read_controls(const struct reading *g, struct err *e)
{
    const struct schema_member m = {g->node, g->what, "controls"};
    const struct value *map;

    if (!schema_opt_kind(g->d, &m, VALUE_MAP, &map, e))
        return false;
    for (size_t i = 0; i < value_len(map); i++)
        if (!read_control_ids(g, &map->as.members[i], e))
            return false;
    return true;
}

static bool read_texts(const struct reading *g, struct err *e)
{
    struct schema_member m = {g->node, g->what, "severity"};
    const char *severity;

    if (!schema_str(g->d, &m, &severity, e))
        return false;
    if (!severity_parse(slice_str(severity), &g->r->severity))
        return schema_fail(
            g->d, value_get(g->node, "severity"), e,
            "%s: unknown severity '%s'; allowed are info, low, medium, high, critical", g->what,
            severity);
    m.key = "title";
    if (!schema_str(g->d, &m, &g->r->title, e))
        return false;
    m.key = "description";
    if (!schema_opt_str(g->d, &m, &g->r->description, e))
        return false;
    m.key = "fix";
    if (!schema_opt_str(g->d, &m, &g->r->fix, e))
        return false;
    m.key = "tags";
    if (!schema_opt_strs(g->d, &m, &g->r->tags, e))
        return false;
    m.key = "references";
    return schema_opt_strs(g->d, &m, &g->r->references, e);
}

static bool read_locate(const struct reading *g, struct err *e)
{
    const struct schema_member m = {g->node, g->what, "locate"};
    const char *name;

    if (!schema_opt_str(g->d, &m, &name, e) || name == NULL)
        return name == NULL;
    if (strncmp(name, "view.", 5) == 0)
        name += 5;
    for (size_t i = 0; i < g->r->nviews; i++)
        if (strcmp(g->r->views[i].name, name) == 0) {
            g->r->locate = name;
            return true;
        }
    return schema_fail(g->d, value_get(g->node, "locate"), e,
                       "%s: locate: the view has no field '%s'", g->what, name);
}

static bool read_required(const struct reading *g, struct err *e)
{
    const struct schema_member m = {g->node, g->what, "required"};

    if (!schema_opt_bool(g->d, &m, &g->r->required, e))
        return false;
    if (!g->r->required && value_get(g->node, "required_when") != NULL)
        return schema_fail(g->d, value_get(g->node, "required_when"), e,
                           "%s: 'required_when' without 'required: true'", g->what);
    return read_expr(g, "required_when", &g->r->required_when, e);
}

/* What is needed to judge a resource, and only then. */
static bool read_logic(const struct reading *g, struct err *e)
{
    const struct schema_member pass = {g->node, g->what, "pass"};
    const struct value *node;

    if (!read_view(g, e) || !read_variables(g, e))
        return false;
    if (!schema_need(g->d, &pass, &node, e) || !read_expr(g, "pass", &g->r->pass, e))
        return false;
    g->r->pass_text = g->r->pass.written;
    if (!read_expr(g, "when", &g->r->when, e) || !read_expr(g, "message", &g->r->message, e))
        return false;
    return read_locate(g, e) && read_required(g, e);
}

static bool read_body(const struct reading *g, struct err *e)
{
    const bool wait = g->d->lean && value_get(g->node, "required") == NULL;

    if (!read_texts(g, e) || !read_applies(g, e) || (!wait && !read_logic(g, e)) ||
        !read_controls(g, e))
        return false;
    if (wait) {
        g->r->unread = g->node;
        g->r->unread_doc = g->d;
    }
    return rule_read_tests(g->d, value_get(g->node, "tests"), g->r, e);
}

bool rule_read(const struct schema_doc *d, const struct value *node, struct rule *out,
               struct err *e)
{
    static const char *const keys[] = {
        "id",         "title",     "description",   "severity", "tags",   "applies", "view",
        "when",       "variables", "pass",          "message",  "locate", "fix",     "controls",
        "references", "required",  "required_when", "tests",    NULL};
    struct schema_member id = {node, "rule", "id"};
    struct rule rule = {.file = d->file};
    struct reading g = {d, node, &rule, NULL};

    if (!value_is(node, VALUE_MAP))
        return schema_map(d, node, "rule", keys, e);
    if (!schema_str(d, &id, &rule.id, e))
        return false;
    rule.line = value_get(node, "id")->line;
    g.what = arena_printf(d->arena, "rule '%s'", rule.id);
    if (!schema_is_id(rule.id, false) && !schema_is_code(rule.id))
        return schema_fail(d, value_get(node, "id"), e,
                           "%s: an id is lower-case letters, digits and single '-', or a code in "
                           "capitals such as ML-PKL-001",
                           g.what);
    if (!schema_map(d, node, g.what, keys, e) || !read_body(&g, e))
        return false;
    *out = rule;
    return true;
}

bool rule_read_rest(struct rule *r, struct err *e)
{
    struct reading g = {r->unread_doc, r->unread, r, NULL};

    if (r->unread == NULL)
        return true;
    g.what = arena_printf(g.d->arena, "rule '%s'", r->id);
    r->unread = NULL;
    return read_logic(&g, e);
}
