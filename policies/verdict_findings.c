/* The findings and their counts. */
#include <string.h>

#include "policies/verdict_parts.h"

/* What all findings of one rule share. */
struct rule_values {
    const struct rule *rule;
    const struct value *id, *title, *severity, *fix, *controls, *tags;
};

/* What all findings about one fact share. */
struct fact_values {
    const struct value *subject, *resource, *location;
};

/* What is made once and told often. */
struct shared {
    struct rule_values rule;
    struct fact_values *facts; /* of facts->facts[i] */
    struct fact_values none;   /* of a finding without a fact */
    const struct value *outcomes[OUTCOME_WAIVED + 1];
};

static const struct value *text_or_null(const char *s, struct arena *a)
{
    return s == NULL ? value_null(a, NULL) : value_bytes(a, slice_str(s), NULL);
}

static const struct value *controls(const struct verdict_parts *p, const struct rule *r)
{
    struct value_builder list, b;

    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < r->ncontrols; i++) {
        const struct rule_control *c = &r->controls[i];
        const struct framework *f = rule_framework(&p->policy->rules, c->framework);
        const struct value *known = f == NULL ? NULL : value_get(f->controls, c->id);

        value_map_begin(&b, p->arena);
        verdict_parts_text(&b, "framework", c->framework);
        verdict_parts_text(&b, "id", c->id);
        verdict_parts_text(&b, "title", value_cstr(value_get(known, "title"), NULL));
        value_map_add(&b, "supporting", value_bool(p->arena, c->supporting, NULL));
        value_list_add(&list, value_map_end(&b, NULL));
    }
    return value_list_end(&list, NULL);
}

static void rule_values_make(const struct verdict_parts *p, const struct rule *r,
                             struct rule_values *out)
{
    struct value_builder tags;

    if (out->rule == r)
        return;
    value_list_begin(&tags, p->arena);
    for (size_t i = 0; r->tags[i] != NULL; i++)
        value_list_add(&tags, text_or_null(r->tags[i], p->arena));
    out->rule = r;
    out->id = text_or_null(r->id, p->arena);
    out->title = text_or_null(r->title, p->arena);
    out->severity = value_str(p->arena, severity_name(r->severity));
    out->fix = text_or_null(r->fix, p->arena);
    out->controls = controls(p, r);
    out->tags = value_list_end(&tags, NULL);
}

static const struct value *resource(const struct fact *f, struct arena *a)
{
    struct value_builder b;

    if (f == NULL)
        return value_null(a, NULL);
    value_map_begin(&b, a);
    verdict_parts_text(&b, "source", f->source);
    verdict_parts_text(&b, "type", f->type);
    verdict_parts_text(&b, "address", f->address);
    verdict_parts_text(&b, "name", f->name);
    return value_map_end(&b, NULL);
}

static const struct value *waiver(const struct waiver *w, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    verdict_parts_accepted(&b, w);
    return value_map_end(&b, NULL);
}

static const struct fact_values *fact_values(const struct verdict_parts *p, struct shared *s,
                                             const struct fact *f)
{
    const struct fact_location nowhere = {.offset = ERR_NO_OFFSET};
    struct fact_values *v = f == NULL ? &s->none : &s->facts[f - p->facts->facts];

    if (v->resource == NULL) {
        v->subject = text_or_null(f == NULL ? NULL : f->subject, p->arena);
        v->resource = resource(f, p->arena);
        v->location = verdict_parts_location(f == NULL ? &nowhere : &f->at, p->arena);
    }
    return v;
}

/* Rules that say `locate` point into the resource; the others at it. */
static const struct value *location(const struct verdict_parts *p, const struct finding *f,
                                    const struct fact_values *v)
{
    if (f->fact == NULL || (f->at.line == f->fact->at.line && f->at.offset == f->fact->at.offset))
        return v->location;
    return verdict_parts_location(&f->at, p->arena);
}

static const struct value *outcome(const struct verdict_parts *p, struct shared *s, enum outcome o)
{
    if (s->outcomes[o] == NULL)
        s->outcomes[o] = value_str(p->arena, finding_outcome_name(o));
    return s->outcomes[o];
}

static const struct value *finding(const struct verdict_parts *p, const struct finding *f,
                                   struct shared *s)
{
    const struct fact_values *v = fact_values(p, s, f->fact);
    const struct rule_values *r = &s->rule;
    struct value_builder b;

    value_map_begin(&b, p->arena);
    value_map_add(&b, "rule", r->id);
    value_map_add(&b, "title", r->title);
    value_map_add(&b, "severity", r->severity);
    value_map_add(&b, "outcome", outcome(p, s, f->outcome));
    value_map_add(&b, "subject", v->subject);
    value_map_add(&b, "resource", v->resource);
    value_map_add(&b, "location", location(p, f, v));
    if (f->message == f->rule->title)
        value_map_add(&b, "message", r->title);
    else
        verdict_parts_text(&b, "message", f->message);
    verdict_parts_text(&b, "reason", f->reason);
    value_map_add(&b, "fix", r->fix);
    value_map_add(&b, "controls", r->controls);
    if (f->waiver != NULL)
        value_map_add(&b, "waiver", waiver(f->waiver, p->arena));
    verdict_parts_text(&b, "fingerprint", f->fingerprint);
    value_map_add(&b, "tags", r->tags);
    return value_map_end(&b, NULL);
}

static const struct value *counts(const struct verdict_parts *p)
{
    uint64_t outcomes[OUTCOME_WAIVED + 1] = {0}, fails[SEVERITY_COUNT] = {0};
    struct value_builder b, by_severity;

    for (size_t i = 0; i < p->findings->n; i++) {
        const struct finding *f = &p->findings->items[i];

        outcomes[f->outcome]++;
        fails[f->rule->severity] += f->outcome == OUTCOME_FAIL;
    }
    value_map_begin(&b, p->arena);
    for (unsigned i = 0; i <= OUTCOME_WAIVED; i++)
        verdict_parts_count(&b, finding_outcome_name((enum outcome)i), outcomes[i]);
    value_map_begin(&by_severity, p->arena);
    for (unsigned i = SEVERITY_COUNT; i-- > 0;)
        verdict_parts_count(&by_severity, severity_name((enum severity)i), fails[i]);
    value_map_add(&b, "by_severity", value_map_end(&by_severity, NULL));
    return value_map_end(&b, NULL);
}

void verdict_findings_add(const struct verdict_parts *p, struct value_builder *doc)
{
    struct shared shared = {.facts = ARENA_ARRAY(p->arena, struct fact_values, p->facts->nfacts)};
    struct value_builder list;

    value_map_add(doc, "counts", counts(p));
    value_list_begin(&list, p->arena);
    for (size_t i = 0; i < p->findings->n; i++) {
        const struct finding *f = &p->findings->items[i];

        if (f->outcome == OUTCOME_SKIP)
            continue;
        rule_values_make(p, f->rule, &shared.rule);
        value_list_add(&list, finding(p, f, &shared));
    }
    value_map_add(doc, "findings", value_list_end(&list, NULL));
}
