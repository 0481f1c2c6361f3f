/* Every selected rule on every resource it applies to. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policies/evaluate.h"
#include "policies/finding.h"
#include "policies/waiver.h"

/* A pass over the facts. */
struct pass {
    struct evaluation ev;
    const struct facts *facts;
    struct finding *items;
    size_t n;
    uint32_t *seen; /* of each fact: 1 + number of the rule that saw it last, for rows of `applies` that overlap */
    uint32_t turn;
};

static bool judge(struct pass *p, const struct rule *r, const struct fact *f, struct err *e)
{
    uint32_t *seen = &p->seen[f - p->facts->facts];
    struct finding *out;

    if (*seen == p->turn)
        return true;
    *seen = p->turn;
    if (p->n == LIMIT_FINDINGS)
        return err_fail(e, ERR_LIMIT, "more than %d findings (LIMIT_FINDINGS)", LIMIT_FINDINGS);
    out = ARENA_PUSH(p->ev.arena, &p->items, &p->n);
    evaluate_rule(&p->ev, r, f, out);
    if (out->outcome != OUTCOME_SKIP)
        finding_fingerprint(out, host_index_subject_of(p->ev.index, f));
    return true;
}

static bool judge_group(struct pass *p, const struct rule *r, const struct host_group *g, struct err *e)
{
    for (size_t i = 0; i < g->n; i++)
        if (!judge(p, r, g->facts[i], e))
            return false;
    return true;
}

static bool run_rule(struct pass *p, const struct rule *r, struct err *e)
{
    size_t before = p->n;
    struct finding missing;

    p->turn++;
    for (size_t i = 0; i < r->napplies; i++) {
        const struct rule_applies *row = &r->applies[i];
        size_t n;
        const struct host_group *g = host_index_groups(p->ev.index, slice_str(row->type), &n);

        for (size_t k = 0; k < n; k++)
            if ((row->source == NULL || strcmp(row->source, g[k].source) == 0) && !judge_group(p, r, &g[k], e))
                return false;
    }
    if (p->n == before && evaluate_missing(&p->ev, r, &missing)) {
        finding_fingerprint(&missing, NULL);
        *(struct finding *)ARENA_PUSH(p->ev.arena, &p->items, &p->n) = missing;
    }
    return true;
}

static bool run_all(struct pass *p, struct err *e)
{
    const struct rules *rules = &p->ev.policy->rules;

    for (size_t i = 0; i < rules->n; i++)
        if (rules->items[i].selected && !run_rule(p, &rules->items[i], e))
            return false;
    return true;
}

bool policy_evaluate(const struct policy *p, const struct facts *f, int64_t now, struct arena *a, struct findings *out,
                     struct err *e)
{
    struct arena scratch;
    struct waiver_list waivers = {.n = p->nwaivers};
    struct pass pass = {.ev = {.policy = p, .now = now, .arena = a, .scratch = &scratch}, .facts = f};
    bool done;

    arena_init(&scratch);
    pass.ev.index = host_index_new(f, a);
    pass.ev.params = evaluate_params(p, a);
    pass.seen = ARENA_ARRAY(a, uint32_t, f->nfacts);
    done = run_all(&pass, e);
    arena_release(&scratch);
    if (!done)
        return false;
    finding_sort(pass.items, pass.n);
    waivers.items = ARENA_ARRAY(a, struct waiver, p->nwaivers);
    if (p->nwaivers > 0)
        memcpy(waivers.items, p->waivers, p->nwaivers * sizeof(waivers.items[0]));
    waiver_apply(&waivers, pass.items, pass.n, now, a);
    *out = (struct findings){pass.items, pass.n, waivers.items, waivers.n};
    return true;
}

const char *policy_outcome_name(enum outcome o)
{
    static const char *const names[] = {"pass", "fail", "unknown", "skip", "error", "waived"};

    return (unsigned)o < ARRAY_LEN(names) ? names[o] : "?";
}
