#ifndef SCANNER_CONFIG_PLAN_REFS_H
#define SCANNER_CONFIG_PLAN_REFS_H
/*
 * What an unknown attribute of a Terraform plan refers to. The plan's `configuration` lists, for
 * each expression, the names it mentions, as they are called in their own module; here they are
 * followed through variables and outputs to addresses of resources of the whole plan. SPEC:
 * Terraform, "JSON output format", Configuration representation
 */
#include "base/value.h"
#include "scanner/config/plan_address.h"

struct plan_refs; /* the configuration and the addresses of the plan, indexed */

/* plan_refs_new(configuration, a): `configuration` may be NULL. Lives in `a`. */
struct plan_refs *plan_refs_new(const struct value *configuration, struct arena *a);

/* Tells of a resource of the plan; false when its address was told before. plan_refs_seal comes
 * after the last and before the first question. */
MUST_CHECK bool plan_refs_add(struct plan_refs *p, struct slice address,
                              const struct plan_address *parts);
void plan_refs_seal(struct plan_refs *p);

/* One resource instance, ready to be asked about. */
struct plan_self {
    const struct plan_refs *refs;
    struct arena *arena;        /* where what is asked about it lives */
    const struct value *config; /* its entry in the configuration, or NULL */
    size_t module;
    struct slice prefix; /* its module instance: "module.a[0]"; empty for the root */
    struct slice index;  /* its own index with brackets, or empty */
};
void plan_refs_self(const struct plan_refs *p, const struct plan_address *parts, struct arena *a,
                    struct plan_self *out);

/* Where in the expressions of a resource one stands: the nodes that may describe the value at
 * hand. */
#define PLAN_CURSORS 16
struct plan_cursor {
    const struct value *node[PLAN_CURSORS];
    size_t n;
};

/* Has the resource an expression for this attribute? True also when its configuration is not
 * known. */
bool plan_refs_sets(const struct plan_self *self, const char *attribute);

struct plan_cursor plan_refs_start(const struct plan_self *self);
struct plan_cursor plan_refs_key(const struct plan_cursor *c, struct slice key);
/* Into the item of a list whose known part is `item`. Sets of blocks come in another order than
 * they were written, so blocks that contradict the known constants are left out; all that may
 * be meant stay. */
struct plan_cursor plan_refs_item(const struct plan_cursor *c, const struct value *item);

/* plan_refs_unknown(self, c, why, at): an unknown with the references of the expression; none
 * when it cannot be said which expression it is. */
const struct value *plan_refs_unknown(const struct plan_self *self, const struct plan_cursor *c,
                                      const char *why, const struct value_at *at);
#endif
