/* The findings and their counts. */
#include <string.h>

#include "policies/finding.h"
#include "policies/verdict_parts.h"

/* What all findings of one rule share. */
struct rule_values {
    const struct value *id, *title, *severity, *fix, *controls, *tags;
};

/* Behind the findings of a verdict: each is made when it is asked for. */
struct source {
    struct verdict_parts p;
    struct rule_values *rules; /* of p.findings->runs[i], once asked for */
    uint32_t *told;            /* places of the findings that are told, in order */
    size_t n;
};

static const struct value *text_or_null(const char *s, struct arena *a)
{
    return s == NULL ? value_null(a, NULL) : value_lent(a, s);
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

    value_list_begin(&tags, p->arena);
    for (size_t i = 0; r->tags[i] != NULL; i++)
        value_list_add(&tags, text_or_null(r->tags[i], p->arena));
    out->id = text_or_null(r->id, p->arena);
    out->title = text_or_null(r->title, p->arena);
    out->severity = value_str(p->arena, severity_name(r->severity));
    out->fix = text_or_null(r->fix, p->arena);
    out->controls = controls(p, r);
    out->tags = value_list_end(&tags, NULL);
}

/* Made at the first finding of the rule, and kept. */
static const struct rule_values *rule_values(struct source *s, size_t run)
{
    struct rule_values *v = &s->rules[run];

    if (v->id == NULL)
        rule_values_make(&s->p, s->p.findings->runs[run].rule, v);
    return v;
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

static const struct value *fingerprint(const struct findings *fs, const struct finding *f,
                                       struct arena *a)
{
    char text[FINDING_FINGERPRINT];

    finding_fingerprint_in(fs, f, text);
    return value_str(a, text);
}

static const struct value *make(void *ctx, size_t i, struct arena *a)
{
    struct source *s = ctx;
    const struct finding f = finding_at(s->p.findings, s->told[i]);
    const struct rule_values *r = rule_values(s, finding_run_of(s->p.findings, s->told[i]));
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_lend(&b, "rule", r->id);
    value_map_lend(&b, "title", r->title);
    value_map_lend(&b, "severity", r->severity);
    value_map_lend(&b, "outcome", value_str(a, finding_outcome_name(f.outcome)));
    value_map_lend(&b, "subject", text_or_null(f.fact == NULL ? NULL : f.fact->subject, a));
    value_map_lend(&b, "resource", resource(f.fact, a));
    value_map_lend(&b, "location", verdict_parts_location(&f.at, a));
    if (f.message == f.rule->title)
        value_map_lend(&b, "message", r->title);
    else
        verdict_parts_text(&b, "message", f.message);
    verdict_parts_text(&b, "reason", f.reason);
    value_map_lend(&b, "fix", r->fix);
    value_map_lend(&b, "controls", r->controls);
    if (f.waiver != NULL)
        value_map_lend(&b, "waiver", waiver(f.waiver, a));
    value_map_lend(&b, "fingerprint", fingerprint(s->p.findings, &f, a));
    value_map_lend(&b, "tags", r->tags);
    return value_map_end(&b, NULL);
}

static const struct value *counts(const struct verdict_parts *p)
{
    uint64_t outcomes[OUTCOME_WAIVED + 1] = {0}, fails[SEVERITY_COUNT] = {0};
    struct value_builder b, by_severity;

    for (size_t k = 0; k < p->findings->nruns; k++)
        for (size_t i = p->findings->runs[k].first; i < finding_end(p->findings, k); i++) {
            const unsigned outcome = p->findings->rows[i].outcome;

            outcomes[outcome]++;
            fails[p->findings->runs[k].rule->severity] += outcome == OUTCOME_FAIL;
        }
    value_map_begin(&b, p->arena);
    for (unsigned i = 0; i <= OUTCOME_WAIVED; i++)
        verdict_parts_count(&b, finding_outcome_name((enum outcome)i), outcomes[i]);
    value_map_begin(&by_severity, p->arena);
    for (unsigned i = SEVERITY_COUNT; i-- > 0;)
        verdict_parts_count(&by_severity, severity_name((enum severity)i), fails[i]);
    value_map_lend(&b, "by_severity", value_map_end(&by_severity, NULL));
    return value_map_end(&b, NULL);
}

struct value_rows verdict_findings_add(const struct verdict_parts *p, struct value_builder *doc)
{
    const struct findings *fs = p->findings;
    struct source *s = ARENA_NEW(p->arena, struct source);
    struct value_builder list;

    *s = (struct source){.p = *p,
                         .rules = ARENA_ARRAY(p->arena, struct rule_values, fs->nruns),
                         .told = ARENA_ARRAY(p->arena, uint32_t, fs->n)};
    for (size_t i = 0; i < fs->n; i++)
        if (fs->rows[i].outcome != OUTCOME_SKIP)
            s->told[s->n++] = (uint32_t)i;
    value_map_add(doc, "counts", counts(p));
    value_list_begin(&list, p->arena);
    value_map_add(doc, "findings", value_list_end(&list, NULL));
    return (struct value_rows){"findings", s->n, make, s};
}
