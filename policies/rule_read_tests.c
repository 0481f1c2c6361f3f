/* The tests beside a rule. */
#include <string.h>

#include "base/when.h"
#include "policies/rule_read.h"

/* 2026-01-01T00:00:00Z: the effective time of a test that names none */
#define TEST_NOW INT64_C(1767225600)

static const char *const outcomes[] = {"pass", "fail", "unknown", "skip", "error", NULL};

const struct value *rule_read_tests_attributes(const struct value *resource, const char *source)
{
    const struct value *properties = value_get(resource, "Properties");

    return strcmp(source, "cloudformation") == 0 && value_is(properties, VALUE_MAP) ? properties
                                                                                    : resource;
}

static bool is_word(const char *word, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* Test being read. */
struct reading {
    const struct schema_doc *d;
    const struct value *node;
    const struct rule *r;
    struct rule_test *t;
    const char *what;
};

/* The one source of `applies`, or NULL. */
static const char *only_source(const struct rule *r)
{
    for (size_t i = 1; i < r->napplies; i++)
        if (r->applies[i].source == NULL || r->applies[0].source == NULL ||
            strcmp(r->applies[i].source, r->applies[0].source) != 0)
            return NULL;
    return r->applies[0].source;
}

static bool is_type(const char *want, const char *type)
{
    struct slice w = slice_str(want), t = slice_str(type);

    if (slice_ends(w, "*")) {
        w.len--;
        t.len = t.len < w.len ? t.len : w.len;
    }
    return slice_eq(w, t);
}

/* Does the rule apply to what the test is about? */
static bool applies(const struct rule *r, const struct rule_test *t)
{
    for (size_t i = 0; i < r->napplies; i++) {
        const char *source = r->applies[i].source;

        if ((source == NULL || strcmp(source, t->source) == 0) &&
            is_type(r->applies[i].type, t->type))
            return true;
    }
    return false;
}

static bool read_source(const struct reading *g, struct err *e)
{
    struct schema_member m = {g->node, g->what, "source"};

    if (!schema_opt_str(g->d, &m, &g->t->source, e))
        return false;
    if (g->t->source == NULL)
        g->t->source = only_source(g->r);
    if (g->t->source == NULL)
        return schema_fail(g->d, g->node, e,
                           "%s: 'source' is missing, and 'applies' has several or any", g->what);
    if (!is_word(g->t->source, rule_read_sources))
        return schema_fail(g->d, g->node, e, "%s: unknown source '%s'", g->what, g->t->source);
    m.key = "type";
    if (!schema_opt_str(g->d, &m, &g->t->type, e))
        return false;
    for (size_t i = 0; i < g->r->napplies && g->t->type == NULL; i++)
        if (g->r->applies[i].source == NULL || strcmp(g->r->applies[i].source, g->t->source) == 0)
            g->t->type = g->r->applies[i].type;
    if (g->t->type == NULL)
        return schema_fail(g->d, g->node, e, "%s: 'applies' has no row for source '%s'", g->what,
                           g->t->source);
    if (strchr(g->t->type, '*') != NULL)
        return schema_fail(g->d, g->node, e, "%s: 'type' is missing, and 'applies' says '%s'",
                           g->what, g->t->type);
    if (!applies(g->r, g->t))
        return schema_fail(g->d, g->node, e, "%s: the rule does not apply to %s %s", g->what,
                           g->t->source, g->t->type);
    return true;
}

static bool read_subject(const struct reading *g, struct err *e)
{
    static const char *const keys[] = {"name", "kind", NULL};
    const struct value *v = value_get(g->node, "subject");
    const char *what = arena_printf(g->d->arena, "%s: subject", g->what);
    struct schema_member name = {v, what, "name"}, kind = {v, what, "kind"};

    if (v == NULL)
        return true;
    return schema_map(g->d, v, what, keys, e) &&
           schema_opt_str(g->d, &name, &g->t->subject_name, e) &&
           schema_opt_str(g->d, &kind, &g->t->subject_kind, e);
}

static bool read_now(const struct reading *g, struct err *e)
{
    const struct schema_member m = {g->node, g->what, "now"};
    struct err why = {0};
    const char *text;

    g->t->now = TEST_NOW;
    if (!schema_opt_str(g->d, &m, &text, e) || text == NULL)
        return text == NULL;
    if (!when_parse_day(slice_str(text), &g->t->now, &why))
        return schema_fail(g->d, value_get(g->node, "now"), e, "%s: now: %s", g->what, why.text);
    return true;
}

/* Other resources of the run: kept as they are, checked here. */
static bool check_with(const struct reading *g, struct err *e)
{
    static const char *const keys[] = {"source", "type", "address", "name", "attributes", NULL};
    const char *what = arena_printf(g->d->arena, "%s: with", g->what), *text;

    for (size_t i = 0; i < value_len(g->t->with); i++) {
        const struct value *row = g->t->with->as.items[i], *attributes;
        const struct schema_member source = {row, what, "source"}, type = {row, what, "type"};
        const struct schema_member address = {row, what, "address"}, name = {row, what, "name"};
        const struct schema_member attr = {row, what, "attributes"};

        if (!schema_map(g->d, row, what, keys, e) || !schema_opt_str(g->d, &source, &text, e))
            return false;
        if (text != NULL && !is_word(text, rule_read_sources))
            return schema_fail(g->d, row, e, "%s: unknown source '%s'", what, text);
        if (!schema_str(g->d, &type, &text, e) || !schema_opt_str(g->d, &address, &text, e) ||
            !schema_opt_str(g->d, &name, &text, e))
            return false;
        if (!schema_opt_kind(g->d, &attr, VALUE_MAP, &attributes, e))
            return false;
    }
    return true;
}

static bool read_expect(const struct reading *g, struct err *e)
{
    struct schema_member m = {g->node, g->what, "expect"};

    if (!schema_str(g->d, &m, &g->t->expect, e))
        return false;
    if (!is_word(g->t->expect, outcomes))
        return schema_fail(g->d, value_get(g->node, "expect"), e,
                           "%s: expect: '%s' is none of pass, fail, unknown, skip, error", g->what,
                           g->t->expect);
    m.key = "message";
    if (!schema_opt_str(g->d, &m, &g->t->message, e))
        return false;
    if (g->t->message != NULL && strcmp(g->t->expect, "fail") != 0)
        return schema_fail(g->d, g->node, e, "%s: only a test that expects fail has a message",
                           g->what);
    return true;
}

static bool read_one(const struct reading *g, struct err *e)
{
    static const char *const keys[] = {"name",   "source",  "type", "address", "resource", "with",
                                       "params", "subject", "now",  "expect",  "message",  NULL};
    struct schema_member m = {g->node, g->what, "address"};

    if (!schema_map(g->d, g->node, g->what, keys, e) || !read_source(g, e) || !read_subject(g, e) ||
        !read_now(g, e))
        return false;
    if (!schema_opt_str(g->d, &m, &g->t->address, e))
        return false;
    m.key = "resource";
    if (!schema_opt_kind(g->d, &m, VALUE_MAP, &g->t->resource, e))
        return false;
    if (g->t->resource == NULL && !g->r->required)
        return schema_fail(g->d, g->node, e,
                           "%s: 'resource' is missing, and the rule is not 'required'", g->what);
    if (g->t->resource != NULL)
        g->t->resource = rule_read_tests_attributes(g->t->resource, g->t->source);
    m.key = "with";
    if (!schema_opt_kind(g->d, &m, VALUE_LIST, &g->t->with, e) || !check_with(g, e))
        return false;
    m.key = "params";
    return schema_opt_kind(g->d, &m, VALUE_MAP, &g->t->params, e) && read_expect(g, e);
}

bool rule_read_tests(const struct schema_doc *d, const struct value *node, struct rule *r,
                     struct err *e)
{
    const char *what = arena_printf(d->arena, "rule '%s'", r->id);

    if (node == NULL)
        return true;
    if (!value_is(node, VALUE_LIST))
        return schema_fail(d, node, e, "%s: tests: expected a list, found %s", what,
                           value_kind_name((enum value_kind)node->kind));
    r->tests = ARENA_ARRAY(d->arena, struct rule_test, node->len);
    for (size_t i = 0; i < node->len; i++) {
        struct reading g = {d, node->as.items[i], r, &r->tests[i],
                            arena_printf(d->arena, "%s: test", what)};
        const struct schema_member name = {g.node, g.what, "name"};

        if (!value_is(g.node, VALUE_MAP))
            return schema_fail(d, g.node, e, "%s: expected a map", g.what);
        if (!schema_str(d, &name, &g.t->name, e))
            return false;
        g.what = arena_printf(d->arena, "%s: test '%s'", what, g.t->name);
        g.t->line = g.node->line;
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->tests[k].name, g.t->name) == 0)
                return schema_fail(d, g.node, e, "%s: the name is used twice", g.what);
        if (!read_one(&g, e))
            return false;
        r->ntests = i + 1;
    }
    return true;
}
