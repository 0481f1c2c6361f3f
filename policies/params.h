#ifndef POLICIES_PARAMS_H
#define POLICIES_PARAMS_H
/* Parameters of packs: typed, with a default, overridden by profiles, the gate file and tests.
 * SPEC: docs/rules.md. */
#include "policies/rule.h"
#include "policies/schema.h"

/* Checks the declarations of a pack: types are known, each default has its type. `declared` may
 * be NULL. */
MUST_CHECK bool params_check(const struct schema_doc *d, const struct value *declared,
                             struct err *e);

/* The defaults, as a map name -> value. */
const struct value *params_defaults(const struct value *declared, struct arena *a);

/* params_override(pack, over, a, out, e): `*out`, a map name -> value, gets what `over` says about
 * this pack: {name: value} for every pack that
 * declares it, {pack id: {name: value}} for this one alone. What the pack does not declare under
 * its own id is an error, as is a wrong type. */
MUST_CHECK bool params_override(const struct rule_pack *pack, const struct value *over,
                                struct arena *a, const struct value **out, struct err *e);

/* Every name in `over` must be a parameter of some pack, or the id of a pack with a map. */
MUST_CHECK bool params_known(const struct rules *rules, const struct value *over, struct arena *a,
                             struct err *e);
#endif
