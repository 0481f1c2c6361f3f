/* Every selected rule on every resource it applies to. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policies/evaluate.h"
#include "policies/finding.h"
#include "policies/rule_read.h"
#include "policies/waiver.h"

/* A pass over the facts. */
struct pass {
    struct evaluation ev;
    const struct facts *facts;
    struct finding *items;
    size_t n, most; /* findings, and how many there may be */
    struct digest_ctx hash;
    uint32_t *seen; /* of each fact: the turn of the rule that saw it last; rows may overlap */
    uint32_t turn;
};

static void judge(struct pass *p, const struct rule *r, const struct fact *f)
{
    uint32_t *seen = &p->seen[f - p->facts->facts];
    struct finding *out;

    if (*seen == p->turn)
        return;
    *seen = p->turn;
    out = &p->items[p->n++];
    evaluate_rule(&p->ev, r, f, out);
    if (out->outcome != OUTCOME_SKIP)
        finding_fingerprint(&p->hash, out, host_index_subject_of(p->ev.index, f));
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
    size_t before = p->n;
    struct finding missing;

    p->turn++;
    each_group(p, r, judge_group);
    finding_sort(p->items + before, p->n - before);
    if (p->n == before && evaluate_missing(&p->ev, r, &missing)) {
        finding_fingerprint(&p->hash, &missing, NULL);
        p->items[p->n++] = missing;
    }
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
    p->items = ARENA_ARRAY(p->ev.arena, struct finding, p->most);
    for (size_t i = 0; i < rules->n; i++)
        if (rules->items[i].selected)
            run_rule(p, &rules->items[i]);
    return true;
}

bool policy_evaluate(const struct policy *p, const struct facts *f, int64_t now,
                     struct findings *out, struct err *e)
{
    struct arena *a = f->arena;
    struct arena scratch;
    struct waiver_list waivers = {.n = p->nwaivers};
    struct pass pass = {.ev = {.policy = p, .now = now, .arena = a, .scratch = &scratch},
                        .facts = f};
    bool done;

    arena_init(&scratch);
    digest_init(&pass.hash, DIGEST_SHA256);
    pass.ev.index = host_index_new(f, a);
    pass.ev.params = evaluate_params(p, a);
    evaluate_data(&pass.ev);
    pass.seen = ARENA_ARRAY(a, uint32_t, f->nfacts);
    done = run_all(&pass, e);
    digest_release(&pass.hash);
    arena_release(&scratch);
    if (!done)
        return false;
    waivers.items = ARENA_ARRAY(a, struct waiver, p->nwaivers);
    if (p->nwaivers > 0)
        memcpy(waivers.items, p->waivers, p->nwaivers * sizeof(waivers.items[0]));
    waiver_apply(&waivers, pass.items, pass.n, now, a);
    *out = (struct findings){.policy = p,
                             .facts = f,
                             .items = pass.items,
                             .n = pass.n,
                             .waivers = waivers.items,
                             .nwaivers = waivers.n};
    return true;
}
