#include "policies/policy_lint.h"

#include <stdarg.h>
#include <string.h>

#include "policies/expr_token.h"
#include "policies/policy_test.h"
#include "policies/rule_folder.h"
#include "policies/select.h"

/* The rule being looked at. */
struct looking {
    struct problem_list *out;
    const struct policy *p;
    const struct rule *r;
};

static void PRINTF_LIKE(3, 4)
    tell(const struct looking *l, enum problem_level level, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    struct problem problem = {level, l->r->file, l->r->line, NULL};
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    problem.text = arena_printf(l->out->arena, "rule '%s': %s", l->r->id, text);
    problem_add(l->out, &problem);
}

static bool expects(const struct rule *r, const char *outcome)
{
    for (size_t i = 0; i < r->ntests; i++)
        if (strcmp(r->tests[i].expect, outcome) == 0)
            return true;
    return false;
}

/* A passing test that becomes unknown when this field is unknown: somebody will meet that. */
static const char *unknown_field(const struct looking *l)
{
    for (size_t i = 0; i < l->r->ntests; i++) {
        struct policy_test_setup t = {l->r, &l->r->tests[i], NULL};

        if (strcmp(t.test->expect, "pass") != 0 || t.test->resource == NULL)
            continue;
        for (size_t k = 0; k < l->r->nviews; k++) {
            struct finding f = {0};
            struct err ignored = {0};

            t.blank = l->r->views[k].name;
            if (policy_test_one(l->p, &t, l->out->arena, &f, &ignored) &&
                f.outcome == OUTCOME_UNKNOWN)
                return t.blank;
        }
    }
    return NULL;
}

static void look_at_tests(const struct looking *l)
{
    struct policy_test_result res;
    struct err ignored = {0};
    const char *field;

    if (policy_test_run(l->p, l->r->id, l->out->arena, &res, &ignored))
        for (size_t i = 0; i < res.n; i++)
            if (!res.cases[i].passed)
                tell(l, PROBLEM_ERROR, "test '%s': %s", res.cases[i].test->name, res.cases[i].text);
    if (!expects(l->r, "pass"))
        tell(l, PROBLEM_ERROR, "no test expects pass");
    if (!expects(l->r, "fail"))
        tell(l, PROBLEM_ERROR, "no test expects fail");
    field = expects(l->r, "unknown") ? NULL : unknown_field(l);
    if (field != NULL)
        tell(l, PROBLEM_WARNING, "no test expects unknown, though an unknown view.%s gives it",
             field);
}

static void look_at_texts(const struct looking *l)
{
    if (l->r->fix == NULL)
        tell(l, PROBLEM_ERROR, "'fix' is missing: what should be done?");
    if (l->r->description == NULL)
        tell(l, PROBLEM_WARNING, "'description' is missing: why does it matter?");
    for (size_t i = 0; l->r->references[i] != NULL; i++)
        if (strncmp(l->r->references[i], "https://", 8) != 0)
            tell(l, PROBLEM_ERROR, "reference '%.200s' is not an https address",
                 l->r->references[i]);
}

static void look_at_controls(const struct looking *l)
{
    for (size_t i = 0; i < l->r->ncontrols; i++) {
        const struct rule_control *c = &l->r->controls[i];
        const struct framework *f = rule_framework(&l->p->rules, c->framework);

        if (f == NULL && i > 0 && strcmp(l->r->controls[i - 1].framework, c->framework) == 0)
            continue; /* said already */
        if (f == NULL)
            tell(l, PROBLEM_ERROR, "controls: unknown framework '%s'", c->framework);
        else if (value_get(f->controls, c->id) == NULL)
            tell(l, PROBLEM_ERROR, "controls: framework '%s' has no control '%s'", c->framework,
                 c->id);
    }
}

/* Is `x.NAME` or `x.?NAME` in the expression? */
static bool mentions(const struct rule_expr *x, const char *base, const char *name)
{
    struct slice text = slice_str(x->program == NULL ? "" : x->written);
    struct expr_token a = expr_token_next(text, 0), b, c;

    for (; a.kind != EXPR_END; a = expr_token_next(text, a.at + a.len)) {
        b = expr_token_next(text, a.at + a.len);
        c = expr_token_next(text, b.at + b.len);
        if (expr_token_is(text, c, "?"))
            c = expr_token_next(text, c.at + c.len);
        if (expr_token_is(text, a, base) && expr_token_is(text, b, ".") &&
            expr_token_is(text, c, name))
            return true;
    }
    return false;
}

static bool used(const struct rule *r, const char *base, const char *name)
{
    for (size_t i = 0; i < r->nvariables; i++)
        if (mentions(&r->variables[i].expr, base, name))
            return true;
    return mentions(&r->when, base, name) || mentions(&r->pass, base, name) ||
           mentions(&r->message, base, name) || mentions(&r->required_when, base, name);
}

static bool applies_to(const struct rule *r, const char *source)
{
    for (size_t i = 0; i < r->napplies; i++)
        if (r->applies[i].source == NULL || source == NULL ||
            strcmp(r->applies[i].source, source) == 0)
            return true;
    return false;
}

static bool has_path(const struct rule_view *v, const char *source)
{
    for (size_t i = 0; i < v->npaths; i++)
        if (v->paths[i].source == NULL ||
            (source != NULL && strcmp(v->paths[i].source, source) == 0))
            return true;
    return false;
}

static void look_at_view(const struct looking *l, const struct rule_view *v)
{
    for (size_t i = 0; i < v->npaths; i++)
        if (!applies_to(l->r, v->paths[i].source))
            tell(l, PROBLEM_ERROR, "view '%s': the rule does not apply to source '%s'", v->name,
                 v->paths[i].source);
    for (size_t i = 0; i < l->r->napplies && v->fallback == NULL; i++)
        if (l->r->applies[i].source != NULL && !has_path(v, l->r->applies[i].source))
            tell(l, PROBLEM_WARNING, "view '%s': no path for source '%s', and no default", v->name,
                 l->r->applies[i].source);
    if (!used(l->r, "view", v->name) &&
        (l->r->locate == NULL || strcmp(l->r->locate, v->name) != 0))
        tell(l, PROBLEM_WARNING, "view '%s' is not used", v->name);
}

static void look_at_rule(const struct looking *l)
{
    look_at_texts(l);
    look_at_controls(l);
    for (size_t i = 0; i < l->r->nviews; i++)
        look_at_view(l, &l->r->views[i]);
    for (size_t i = 0; i < l->r->nvariables; i++)
        if (!used(l->r, "variables", l->r->variables[i].name))
            tell(l, PROBLEM_WARNING, "variable '%s' is not used", l->r->variables[i].name);
    look_at_tests(l);
}

static void look_at_params(const struct policy *p, const struct rule_pack *pack,
                           struct problem_list *out)
{
    for (size_t i = 0; i < value_len(pack->params); i++) {
        const struct value_member *m = &pack->params->as.members[i];
        struct problem problem = {PROBLEM_WARNING, pack->file, m->value->line, NULL};
        bool found = false;

        for (size_t k = 0; k < p->rules.n && !found; k++)
            found = strcmp(p->rules.items[k].pack, pack->id) == 0 &&
                    used(&p->rules.items[k], "params", (const char *)m->key.data);
        if (found)
            continue;
        problem.text =
            arena_printf(out->arena, "parameter '%s' is not used", (const char *)m->key.data);
        problem_add(out, &problem);
    }
}

static bool load(const struct policy_options *opt, struct policy *p, struct problem_list *out,
                 struct err *e)
{
    struct rule_loader l = {.arena = p->arena, .rules = &p->rules, .problems = out};

    if (opt->rules_dir == NULL ? !rule_folder_builtin(&l, e)
                               : !rule_folder_add(&l, opt->rules_dir, e))
        return false;
    for (size_t i = 0; opt->extra != NULL && opt->extra[i] != NULL; i++)
        if (!rule_folder_add(&l, opt->extra[i], e))
            return false;
    return rule_file_finish(&l, e);
}

bool policy_lint_run(const struct policy_options *opt, struct arena *a, struct problem_list *out,
                     struct err *e)
{
    struct policy p = {.arena = a};
    struct problem_list list = {.arena = a};

    if (!load(opt, &p, &list, e))
        return false;
    for (size_t i = 0; i < p.rules.n; i++)
        look_at_rule(&(struct looking){&list, &p, &p.rules.items[i]});
    for (size_t i = 0; i < p.rules.npacks; i++)
        look_at_params(&p, &p.rules.packs[i], &list);
    for (size_t i = 0; i < p.rules.nprofiles; i++) {
        struct err why = {0};

        if (!select_check(&p.rules, &p.rules.profiles[i], a, &why))
            problem_take(&list, p.rules.profiles[i].file, &why);
    }
    problem_sort(&list);
    *out = list;
    return true;
}
