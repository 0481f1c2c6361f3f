#ifndef POLICIES_EVALUATE_H
#define POLICIES_EVALUATE_H
/* One rule on one resource. What policy_evaluate repeats, and what `policy test` runs alone. */
#include "policies/host_index.h"
#include "policies/policy.h"

struct evaluation {
    const struct policy *policy;
    struct host_index *index;
    int64_t now;
    struct arena *arena;               /* messages and reasons live here */
    struct value_pool *texts;          /* of them; NULL: each is kept for itself */
    struct arena *scratch;             /* emptied by evaluate_reset when it has grown */
    const struct value *const *params; /* one map for each pack of policy->rules.packs */
    const char *blank; /* a view field that is unknown whatever the resource says, or NULL */
};

/* In the message of a failure whose message expression gave no string. */
#define EVALUATE_NO_MESSAGE "the rule's own message could not be made"

/* `params` of every pack, as loaded. */
const struct value *const *evaluate_params(const struct policy *p, struct arena *a);

/* Fills everything of a finding but the waiver and the fingerprint. */
void evaluate_rule(struct evaluation *ev, const struct rule *r, const struct fact *f,
                   struct finding *out);

/* evaluate_missing(ev, r, out): a required rule without a resource; false when it does not
 * demand one. */
bool evaluate_missing(struct evaluation *ev, const struct rule *r, struct finding *out);

/* Tells the index what the rules bring besides rules; once. */
void evaluate_data(struct evaluation *ev);

void evaluate_reset(struct evaluation *ev);
#endif
