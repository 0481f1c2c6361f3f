#include "policies/evaluate.h"

#include <inttypes.h>
#include <string.h>

#include "base/value_pool.h"
#include "policies/host.h"
#include "policies/view.h"

/* Bytes that may stay in the scratch arena between two resources: less than its first block, so
 * that the next is cheap. */
#define SCRATCH_MAX ((size_t)40 << 10)

/* A rule at a resource. */
struct judging {
    struct evaluation *ev;
    const struct rule *r;
    const struct fact *f;
    struct host host;
    struct cel_binding bindings[6];
    struct cel_activation act;
    uint64_t held;              /* variables that have been tried */
    const char *variable_fault; /* why the first of them has no value */
};

enum { BIND_VIEW, BIND_PARAMS, BIND_SUBJECT, BIND_VARIABLES, BIND_RESOURCE, BIND_NOW };

const struct value *const *evaluate_params(const struct policy *p, struct arena *a)
{
    const struct value **list = ARENA_ARRAY(a, const struct value *, p->rules.npacks);

    for (size_t i = 0; i < p->rules.npacks; i++)
        list[i] = p->rules.packs[i].values;
    return (const struct value *const *)list;
}

void evaluate_data(struct evaluation *ev)
{
    const struct rules *rules = &ev->policy->rules;

    host_index_set_now(ev->index, ev->now);
    for (size_t i = 0; i < rules->ndata; i++)
        if (strcmp(rules->data[i].kind, "EscalationPaths") == 0)
            host_index_iam_paths(ev->index, rules->data[i].doc);
}

void evaluate_reset(struct evaluation *ev)
{
    if (ev->scratch->used <= SCRATCH_MAX)
        return;
    arena_release(ev->scratch);
    arena_init(ev->scratch);
}

/* The view with one field unknown. */
static const struct value *blanked(const struct value *view, const char *field, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < value_len(view); i++)
        value_map_put(&b, view->as.members[i].key, view->as.members[i].value);
    value_map_add(&b, field, value_unknown(a, "not known yet", NULL, 0, NULL));
    return value_map_end(&b, NULL);
}

static void bind_all(struct judging *j)
{
    struct arena *s = j->ev->scratch;
    const struct value *view = view_make(j->r, j->f->source, j->f->attributes, s);
    struct value_builder none;

    if (j->ev->blank != NULL)
        view = blanked(view, j->ev->blank, s);

    value_map_begin(&none, s);
    j->bindings[BIND_VIEW] = (struct cel_binding){"view", view};
    j->bindings[BIND_PARAMS] = (struct cel_binding){"params", j->ev->params[j->r->npack]};
    j->bindings[BIND_SUBJECT] =
        (struct cel_binding){"subject", host_index_subject(j->ev->index, j->f)};
    j->bindings[BIND_VARIABLES] = (struct cel_binding){"variables", value_map_end(&none, NULL)};
    j->bindings[BIND_RESOURCE] = (struct cel_binding){"resource", NULL};
    j->act = (struct cel_activation){
        .bindings = j->bindings, .nbindings = BIND_RESOURCE, .now = j->ev->now, .host = &j->host};
}

static void need_resource(struct judging *j)
{
    if (j->act.nbindings > BIND_RESOURCE)
        return;
    j->bindings[BIND_RESOURCE].value = host_index_resource(j->ev->index, j->f);
    j->act.nbindings = BIND_RESOURCE + 1;
}

/* One held variable. One without a value stays out of the map: to select it is the error. */
static void hold_one(struct judging *j, const struct rule_variable *v)
{
    const struct value *had = j->bindings[BIND_VARIABLES].value;
    struct value_builder b;
    struct cel_result res;

    if (v->expr.sees_resource)
        need_resource(j);
    cel_eval(v->expr.program, &j->act, j->ev->scratch, &res);
    if (res.status == CEL_ERROR) {
        if (j->variable_fault == NULL)
            j->variable_fault = arena_printf(j->ev->scratch, "variables.%s: %s", v->name, res.why);
        return;
    }
    value_map_begin(&b, j->ev->scratch);
    for (size_t i = 0; had != NULL && i < had->len; i++)
        value_map_put(&b, had->as.members[i].key, had->as.members[i].value);
    value_map_add(&b, v->name,
                  res.status == CEL_VALUE ? res.value
                                          : value_unknown(j->ev->scratch, res.why, NULL, 0, NULL));
    j->bindings[BIND_VARIABLES].value = value_map_end(&b, NULL);
}

/* The held variables that an expression uses, in the order of the rule: later ones use earlier
 * ones. */
static void prepare(struct judging *j, const struct rule_expr *x)
{
    uint64_t wanted = x->uses & ~j->held;

    if (x->sees_resource)
        need_resource(j);
    for (size_t i = 0; wanted != 0 && i < j->r->nvariables; i++)
        if ((wanted >> i & 1) != 0)
            hold_one(j, &j->r->variables[i]);
    j->held |= wanted;
}

/* Many findings say the same. */
static const char *keep(const struct judging *j, struct slice text)
{
    if (j->ev->texts == NULL)
        return arena_strndup(j->ev->arena, text);
    return (const char *)value_pool_text(j->ev->texts, text).data;
}

static const char *keep_str(const struct judging *j, const char *text)
{
    return keep(j, slice_str(text));
}

static enum outcome fault(const struct judging *j, const char *part, const char *why,
                          struct finding *out)
{
    struct arena *s = j->ev->scratch;

    out->reason = keep_str(j, j->variable_fault == NULL
                                  ? arena_printf(s, "%s: %s", part, why)
                                  : arena_printf(s, "%s: %s (%s)", part, why, j->variable_fault));
    return OUTCOME_ERROR;
}

/* Evaluates a condition: PASS for true, FAIL for false. */
static enum outcome condition(struct judging *j, const struct rule_expr *x, const char *part,
                              struct finding *out)
{
    struct cel_result res;

    prepare(j, x);
    cel_eval(x->program, &j->act, j->ev->scratch, &res);
    switch (res.status) {
    case CEL_ERROR:
        return fault(j, part, res.why, out);
    case CEL_UNKNOWN:
        out->reason = keep_str(j, arena_printf(j->ev->scratch, "%s: %s", part, res.why));
        return OUTCOME_UNKNOWN;
    default:
        break;
    }
    if (!value_is(res.value, VALUE_BOOL))
        return fault(j, part,
                     arena_printf(j->ev->scratch, "expected true or false, found %s",
                                  value_kind_name((enum value_kind)res.value->kind)),
                     out);
    return res.value->as.boolean ? OUTCOME_PASS : OUTCOME_FAIL;
}

static const char *fail_message(struct judging *j)
{
    struct cel_result res;

    if (j->r->message.program == NULL)
        return j->r->title;
    prepare(j, &j->r->message);
    cel_eval(j->r->message.program, &j->act, j->ev->scratch, &res);
    if (res.status == CEL_VALUE && value_is(res.value, VALUE_STRING))
        return keep(j, value_text(res.value));
    if (res.status == CEL_UNKNOWN)
        return keep_str(j, arena_printf(j->ev->scratch, "%s (%s)", j->r->title, res.why));
    return keep_str(j, arena_printf(j->ev->scratch, "%s (" EVALUATE_NO_MESSAGE ": %s)", j->r->title,
                                    res.status == CEL_VALUE ? "it is not a string" : res.why));
}

/* The finding points at the attribute, when the rule names one and it is there. */
static void locate(struct judging *j, struct finding *out)
{
    const struct value *v = NULL;

    for (size_t i = 0; j->r->locate != NULL && i < j->r->nviews; i++)
        if (strcmp(j->r->views[i].name, j->r->locate) == 0)
            v = view_field(&j->r->views[i], j->f->source, j->f->attributes, j->ev->scratch);
    if (v == NULL || v->line == 0)
        return;
    out->at.line = v->line;
    out->at.offset = v->offset;
}

static void explain(struct judging *j, struct finding *out)
{
    const char *blame = NULL;

    switch (out->outcome) {
    case OUTCOME_FAIL:
        locate(j, out);
        out->message = fail_message(j);
        blame = cel_blame(j->r->pass.program, &j->act, j->ev->scratch);
        out->reason = blame == NULL ? j->r->pass_text : keep_str(j, blame);
        break;
    case OUTCOME_UNKNOWN:
        locate(j, out);
        out->message = keep_str(j, arena_printf(j->ev->scratch, "could not tell: %s", j->r->title));
        break;
    case OUTCOME_ERROR:
        out->message =
            keep_str(j, arena_printf(j->ev->scratch, "could not be evaluated: %s", j->r->title));
        break;
    default:
        out->message = j->r->title;
    }
}

void evaluate_rule(struct evaluation *ev, const struct rule *r, const struct fact *f,
                   struct finding *out)
{
    struct judging j = {.ev = ev, .r = r, .f = f, .host = {ev->index, f}};

    *out = (struct finding){.rule = r, .fact = f, .at = f->at, .outcome = OUTCOME_PASS};
    bind_all(&j);
    if (r->when.program != NULL) {
        out->outcome = condition(&j, &r->when, "when", out);
        if (out->outcome == OUTCOME_FAIL)
            out->outcome = OUTCOME_SKIP;
    }
    if (out->outcome == OUTCOME_PASS)
        out->outcome = condition(&j, &r->pass, "pass", out);
    explain(&j, out);
    evaluate_reset(ev);
}

/* Demanded: PASS; not: SKIP. */
static enum outcome demanded(struct evaluation *ev, const struct rule *r, struct finding *out)
{
    struct judging j = {.ev = ev, .r = r, .host = {ev->index, NULL}};
    enum outcome answer;

    if (r->required_when.program == NULL)
        return OUTCOME_PASS;
    j.bindings[0] = (struct cel_binding){"subjects", host_index_subjects(ev->index)};
    j.bindings[1] = (struct cel_binding){"params", ev->params[r->npack]};
    j.act = (struct cel_activation){
        .bindings = j.bindings, .nbindings = 2, .now = ev->now, .host = &j.host};
    answer = condition(&j, &r->required_when, "required_when", out);
    return answer == OUTCOME_FAIL ? OUTCOME_SKIP : answer;
}

static const char *wanted_types(const struct rule *r, struct arena *a)
{
    const char *text = "";

    for (size_t i = 0; i < r->napplies; i++) {
        bool again = false;

        for (size_t k = 0; k < i; k++)
            again = again || strcmp(r->applies[k].type, r->applies[i].type) == 0;
        if (!again)
            text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ", ", r->applies[i].type);
    }
    return text;
}

bool evaluate_missing(struct evaluation *ev, const struct rule *r, struct finding *out)
{
    *out = (struct finding){.rule = r, .at = {.offset = ERR_NO_OFFSET}, .message = r->title};
    if (!r->required)
        return false;
    out->outcome = demanded(ev, r, out);
    evaluate_reset(ev);
    if (out->outcome == OUTCOME_SKIP)
        return false;
    if (out->outcome == OUTCOME_PASS) {
        out->outcome = OUTCOME_FAIL;
        out->reason = arena_printf(ev->arena, "no resource of type %s", wanted_types(r, ev->arena));
    } else {
        out->message = arena_printf(ev->arena, "could not tell: %s", r->title);
    }
    return true;
}
