#ifndef POLICIES_SELECT_H
#define POLICIES_SELECT_H
/* Profiles: which rules are in force. SPEC: docs/rules.md, "A profile". */
#include "policies/rule.h"

const struct profile *select_profile(const struct rules *rules, const char *id);

/* Marks what the chosen profiles select, and every rule of the operator's own files. An entry
 * that matches nothing is an error. */
MUST_CHECK bool select_rules(struct rules *rules, const char *const *profiles, struct arena *a,
                             struct err *e);

/* The same check for one profile, without marking: for `policy lint`. */
MUST_CHECK bool select_check(const struct rules *rules, const struct profile *p, struct arena *a,
                             struct err *e);
#endif
