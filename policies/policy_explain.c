#include "policies/policy_explain.h"

#include <string.h>

#include "base/nearest.h"
#include "policies/expr_token.h"
#include "policies/verdict_parts.h"

static const struct value *strings(const char *const *list, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        value_list_add(&b, value_bytes(a, slice_str(list[i]), NULL));
    return value_list_end(&b, NULL);
}

static const struct value *applies(const struct rule *r, struct arena *a)
{
    struct value_builder list, b;

    value_list_begin(&list, a);
    for (size_t i = 0; i < r->napplies; i++) {
        value_map_begin(&b, a);
        verdict_parts_text(&b, "source", r->applies[i].source);
        verdict_parts_text(&b, "type", r->applies[i].type);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

/* {source: [path]}; "any" for a path of every source. */
static const struct value *paths(const struct rule_view *v, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < v->npaths; i++) {
        const char *source = v->paths[i].source;
        struct value_builder list;

        value_list_begin(&list, a);
        for (size_t k = 0; k < v->npaths; k++)
            if (source == v->paths[k].source || (source != NULL && v->paths[k].source != NULL &&
                                                 strcmp(source, v->paths[k].source) == 0))
                value_list_add(&list, value_bytes(a, slice_str(v->paths[k].path), NULL));
        value_map_add(&b, source == NULL ? "any" : source, value_list_end(&list, NULL));
    }
    return value_map_end(&b, NULL);
}

static const struct value *view(const struct rule *r, struct arena *a)
{
    struct value_builder list, b;

    value_list_begin(&list, a);
    for (size_t i = 0; i < r->nviews; i++) {
        value_map_begin(&b, a);
        verdict_parts_text(&b, "name", r->views[i].name);
        value_map_add(&b, "paths", paths(&r->views[i], a));
        if (r->views[i].fallback != NULL)
            value_map_add(&b, "default", r->views[i].fallback);
        if (r->views[i].unset_absent)
            verdict_parts_text(&b, "computed", "absent");
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

/* Adds the values in force of the `params.x` that an expression names. */
static void put_params(const struct rule_expr *x, const struct value *values,
                       struct value_builder *b)
{
    struct slice text = slice_str(x->program == NULL ? "" : x->written);
    struct expr_token t = expr_token_next(text, 0);

    for (; t.kind != EXPR_END; t = expr_token_next(text, t.at + t.len)) {
        struct expr_token dot = expr_token_next(text, t.at + t.len);
        struct expr_token name = expr_token_next(text, dot.at + dot.len);
        const struct value *v =
            value_get_slice(values, (struct slice){text.data + name.at, name.len});

        if (expr_token_is(text, t, "params") && expr_token_is(text, dot, ".") && v != NULL)
            value_map_put(b, (struct slice){text.data + name.at, name.len}, v);
    }
}

static const struct value *params(const struct policy *p, const struct rule *r, struct arena *a)
{
    const struct value *values = p->rules.packs[r->npack].values;
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < r->nvariables; i++)
        put_params(&r->variables[i].expr, values, &b);
    put_params(&r->when, values, &b);
    put_params(&r->pass, values, &b);
    put_params(&r->message, values, &b);
    put_params(&r->required_when, values, &b);
    return value_map_end(&b, NULL);
}

static const struct value *variables(const struct rule *r, struct arena *a)
{
    struct value_builder list, b;

    value_list_begin(&list, a);
    for (size_t i = 0; i < r->nvariables; i++) {
        value_map_begin(&b, a);
        verdict_parts_text(&b, "name", r->variables[i].name);
        verdict_parts_text(&b, "text", r->variables[i].expr.written);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *controls(const struct policy *p, const struct rule *r, struct arena *a)
{
    struct value_builder list, b;

    value_list_begin(&list, a);
    for (size_t i = 0; i < r->ncontrols; i++) {
        const struct rule_control *c = &r->controls[i];
        const struct framework *f = rule_framework(&p->rules, c->framework);
        const struct value *known = f == NULL ? NULL : value_get(f->controls, c->id);
        const struct value *confirmed = value_get(known, "confirmed");

        value_map_begin(&b, a);
        verdict_parts_text(&b, "framework", c->framework);
        verdict_parts_text(&b, "framework_title", f == NULL ? NULL : f->title);
        verdict_parts_text(&b, "id", c->id);
        verdict_parts_text(&b, "title", value_cstr(value_get(known, "title"), NULL));
        value_map_add(
            &b, "confirmed",
            value_bool(a, known != NULL && (confirmed == NULL || value_true(confirmed)), NULL));
        value_map_add(&b, "supporting", value_bool(a, c->supporting, NULL));
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *tests(const struct rule *r, struct arena *a)
{
    struct value_builder list, b;

    value_list_begin(&list, a);
    for (size_t i = 0; i < r->ntests; i++) {
        value_map_begin(&b, a);
        verdict_parts_text(&b, "name", r->tests[i].name);
        verdict_parts_text(&b, "expect", r->tests[i].expect);
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *pack(const struct rule_pack *k, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    verdict_parts_text(&b, "id", k->id);
    verdict_parts_text(&b, "version", k->version);
    verdict_parts_text(&b, "title", k->title);
    return value_map_end(&b, NULL);
}

static const struct value *explain(const struct policy *p, const struct rule *r, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    verdict_parts_text(&b, "id", r->id);
    verdict_parts_text(&b, "title", r->title);
    verdict_parts_text(&b, "severity", severity_name(r->severity));
    verdict_parts_text(&b, "description", r->description);
    value_map_add(&b, "pack", pack(&p->rules.packs[r->npack], a));
    verdict_parts_text(&b, "file", r->file);
    verdict_parts_count(&b, "line", r->line);
    value_map_add(&b, "selected", value_bool(a, r->selected, NULL));
    value_map_add(&b, "tags", strings(r->tags, a));
    value_map_add(&b, "applies", applies(r, a));
    value_map_add(&b, "view", view(r, a));
    value_map_add(&b, "params", params(p, r, a));
    value_map_add(&b, "variables", variables(r, a));
    verdict_parts_text(&b, "when", r->when.written);
    verdict_parts_text(&b, "pass", r->pass.written);
    verdict_parts_text(&b, "message", r->message.written);
    verdict_parts_text(&b, "locate", r->locate);
    value_map_add(&b, "required", value_bool(a, r->required, NULL));
    verdict_parts_text(&b, "required_when", r->required_when.written);
    verdict_parts_text(&b, "fix", r->fix);
    value_map_add(&b, "controls", controls(p, r, a));
    value_map_add(&b, "references", strings(r->references, a));
    value_map_add(&b, "tests", tests(r, a));
    return value_map_end(&b, NULL);
}

bool policy_explain(const struct policy *p, const char *rule, struct arena *a,
                    const struct value **out, struct err *e)
{
    const struct rule *r = rule_find(&p->rules, rule);
    char hint[NEAREST_HINT_MAX];
    const char **names;

    if (r != NULL) {
        *out = explain(p, r, a);
        return true;
    }
    names = ARENA_ARRAY(a, const char *, p->rules.n + 1);
    for (size_t i = 0; i < p->rules.n; i++)
        names[i] = p->rules.items[i].id;
    if (nearest_hint(slice_str(rule), names, hint)[0] == '\0')
        return err_fail(e, ERR_USAGE,
                        "no rule has the id '%.100s'; `sallyport policy list` lists them", rule);
    return err_fail(e, ERR_USAGE, "no rule has the id '%.100s'%s", rule, hint);
}
