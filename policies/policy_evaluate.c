/* Every selected rule on every resource it applies to. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/value_pool.h"
#include "policies/evaluate.h"
#include "policies/finding.h"
#include "policies/rule_read.h"
#include "policies/waiver.h"

/* A pass over the facts. */
struct pass {
    struct evaluation ev;
    const struct facts *facts;
    struct findings found;
    size_t most;    /* findings there may be */
    uint32_t *seen; /* of each fact: the turn of the rule that saw it last; rows may overlap */
    uint32_t turn;
};

static void judge(struct pass *p, const struct rule *r, const struct fact *f)
{
    uint32_t *seen = &p->seen[f - p->facts->facts];
    struct finding found;

    if (*seen == p->turn)
        return;
    *seen = p->turn;
    evaluate_rule(&p->ev, r, f, &found);
    finding_put(&p->found, &found, p->ev.arena);
}

typedef void group_fn(struct pass *p, const struct rule *r, const struct host_group *g);

static void judge_group(struct pass *p, const struct rule *r, const struct host_group *g)
{
    for (size_t i = 0; i < g->n; i++)
        judge(p, r, g->facts[i]);
}

static void count_group(struct pass *p, const struct rule *r, const struct host_group *g)
{
    (void)r;
    p->most += g->n;
}

/* Every group of facts that the rule applies to. */
static void each_group(struct pass *p, const struct rule *r, group_fn *call)
{
    for (size_t i = 0; i < r->napplies; i++) {
        const struct rule_applies *row = &r->applies[i];
        size_t n;
        const struct host_group *g = host_index_groups(p->ev.index, slice_str(row->type), &n);

        for (size_t k = 0; k < n; k++)
            if (row->source == NULL || strcmp(row->source, g[k].source) == 0)
                call(p, r, &g[k]);
    }
}

/* The rules come in the order of their ids, so only the findings of one need to be sorted. */
static void run_rule(struct pass *p, const struct rule *r)
{
    const size_t before = p->found.n;
    struct finding missing;

    p->turn++;
    each_group(p, r, judge_group);
    if (p->found.n > before)
        finding_sort(&p->found);
    else if (evaluate_missing(&p->ev, r, &missing))
        finding_put(&p->found, &missing, p->ev.arena);
}

/* Counts first: the findings are one block, of no more than LIMIT_FINDINGS. */
static bool run_all(struct pass *p, struct err *e)
{
    const struct rules *rules = &p->ev.policy->rules;

    for (size_t i = 0; i < rules->n && p->most <= LIMIT_FINDINGS; i++) {
        const size_t before = p->most;

        if (!rules->items[i].selected)
            continue;
        each_group(p, &rules->items[i], count_group);
        if (p->most > before && !rule_read_rest(&rules->items[i], e))
            return false;
        p->most++; /* a demand that is not met */
    }
    if (p->most > LIMIT_FINDINGS)
        return err_fail(e, ERR_LIMIT, "more than %d findings (LIMIT_FINDINGS)", LIMIT_FINDINGS);
    p->found.rows = ARENA_ARRAY(p->ev.arena, struct finding_row, p->most);
    for (size_t i = 0; i < rules->n; i++)
        if (rules->items[i].selected)
            run_rule(p, &rules->items[i]);
    return true;
}

/* What a finding needs of the index, which is gone by then. */
static const struct subject *const *subjects_of(const struct pass *p)
{
    const struct subject **list =
        ARENA_ARRAY(p->ev.arena, const struct subject *, p->facts->nfacts);

    for (size_t i = 0; i < p->facts->nfacts; i++)
        list[i] = host_index_subject_of(p->ev.index, &p->facts->facts[i]);
    return (const struct subject *const *)list;
}

/* `work` holds what the rules ask the facts for, and is of no use afterwards. */
static bool evaluate_all(struct pass *pass, struct arena *work, struct err *e)
{
    struct arena scratch;
    bool done;

    arena_init(&scratch);
    pass->ev.scratch = &scratch;
    pass->ev.texts = value_pool_new(pass->ev.arena);
    pass->ev.index = host_index_new(pass->facts, work);
    pass->ev.params = evaluate_params(pass->ev.policy, work);
    evaluate_data(&pass->ev);
    pass->seen = ARENA_ARRAY(work, uint32_t, pass->facts->nfacts);
    done = run_all(pass, e);
    pass->found.subjects = subjects_of(pass);
    arena_release(&scratch);
    return done;
}

bool policy_evaluate(const struct policy *p, const struct facts *f, int64_t now,
                     struct findings *out, struct err *e)
{
    struct arena *a = f->arena, work;
    struct waiver_list waivers = {.n = p->nwaivers};
    struct pass pass = {.ev = {.policy = p, .now = now, .arena = a},
                        .facts = f,
                        .found = {.policy = p, .facts = f}};
    bool done;

    arena_init(&work);
    done = evaluate_all(&pass, &work, e);
    arena_release(&work);
    if (!done)
        return false;
    waivers.items = ARENA_ARRAY(a, struct waiver, p->nwaivers);
    if (p->nwaivers > 0)
        memcpy(waivers.items, p->waivers, p->nwaivers * sizeof(waivers.items[0]));
    waiver_apply(&waivers, &pass.found, now, a);
    *out = pass.found;
    out->waivers = waivers.items;
    out->nwaivers = waivers.n;
    return true;
}
