#ifndef POLICIES_WAIVER_H
#define POLICIES_WAIVER_H
/* Waivers: an accepted risk, with a name, a reason and an end. SPEC: docs/waivers.md. */
#include "policies/policy.h"
#include "policies/schema.h"

struct waiver_list {
    struct waiver *items;
    size_t n;
};

/* waiver_read(d, rules, out, e): a rule id that `rules` does not have is an error. */
MUST_CHECK bool waiver_read(const struct schema_doc *d, const struct rules *rules,
                            struct waiver_list *out, struct err *e);

/* Marks what is expired at `now`; turns what the others cover (FAIL and UNKNOWN, never ERROR)
 * into WAIVED; counts. */
void waiver_apply(struct waiver_list *waivers, struct findings *fs, int64_t now, struct arena *a);
#endif
