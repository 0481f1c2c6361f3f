/* Findings and ledger to one answer. SPEC: docs/verdict.md. */
#include "base/when.h"
#include "policies/verdict_parts.h"

const char *verdict_decision_name(enum decision d)
{
    static const char *const names[] = {"allow", "deny", "unverifiable"};

    return (unsigned)d < ARRAY_LEN(names) ? names[d] : "?";
}

static const struct value *tool(const struct verdict_parts *p)
{
    struct value_builder b;

    value_map_begin(&b, p->arena);
    verdict_parts_text(&b, "name", "sallyport");
    verdict_parts_text(&b, "version", p->opt->tool_version);
    return value_map_end(&b, NULL);
}

static const struct value *weakenings(const struct verdict_parts *p)
{
    struct value_builder b;

    value_list_begin(&b, p->arena);
    for (size_t i = 0; p->opt->weakenings != NULL && p->opt->weakenings[i] != NULL; i++)
        value_list_add(&b, value_bytes(p->arena, slice_str(p->opt->weakenings[i]), NULL));
    return value_list_end(&b, NULL);
}

static const struct value *or_empty(const struct value *v, enum value_kind kind, struct arena *a)
{
    struct value_builder b;

    if (v != NULL)
        return v;
    if (kind == VALUE_LIST) {
        value_list_begin(&b, a);
        return value_list_end(&b, NULL);
    }
    value_map_begin(&b, a);
    return value_map_end(&b, NULL);
}

bool verdict_make(const struct findings *fs, const struct verdict_options *opt,
                  struct value_doc *doc, enum decision *decision, struct err *e)
{
    struct arena *a = fs->facts->arena;
    const struct verdict_parts parts = {fs->policy, fs->facts, fs, opt, a};
    struct value_rows *rows = ARENA_ARRAY(a, struct value_rows, 2);
    struct verdict_reasons reasons;
    char when[WHEN_TEXT_MAX];
    struct value_builder b;

    if (opt->inputs != NULL && !value_is(opt->inputs, VALUE_LIST))
        return err_fail(e, ERR_USAGE, "verdict: inputs: expected a list");
    if (opt->sandbox != NULL && !value_is(opt->sandbox, VALUE_MAP))
        return err_fail(e, ERR_USAGE, "verdict: sandbox: expected a map");
    verdict_reasons_find(&parts, &reasons);
    when_text(opt->now, when);
    value_map_begin(&b, a);
    verdict_parts_text(&b, "schema", "sallyport/verdict/v1");
    value_map_add(&b, "tool", tool(&parts));
    value_map_lend(&b, "effective_time", value_str(a, when));
    verdict_parts_text(&b, "stage", opt->stage);
    verdict_parts_text(&b, "decision", verdict_decision_name(reasons.decision));
    value_map_add(&b, "report_only", value_bool(a, opt->report_only, NULL));
    value_map_add(&b, "reasons", reasons.sentences);
    value_map_add(&b, "decided_by", reasons.decided_by);
    verdict_parts_text(&b, "fail_on", severity_name(fs->policy->fail_on));
    value_map_add(&b, "weakenings", weakenings(&parts));
    value_map_add(&b, "sandbox", or_empty(opt->sandbox, VALUE_MAP, a));
    verdict_parts_policy(&parts, &b);
    value_map_add(&b, "inputs", or_empty(opt->inputs, VALUE_LIST, a));
    rows[0] = verdict_parts_facts(&parts, &b);
    rows[1] = verdict_findings_add(&parts, &b);
    verdict_parts_waivers(&parts, &b);
    *doc = (struct value_doc){value_map_end(&b, NULL), rows, 2};
    *decision = reasons.decision;
    return true;
}
