#ifndef SCANNER_FORMATS_IMPORTS_H
#define SCANNER_FORMATS_IMPORTS_H
/*
 * What is known of the names that pickles import: rules/detectors/imports.yaml as the parent read
 * it. Deny wins over allow. A denied module denies what is below it; an allowed name is exact.
 * Within a dotted attribute path each part is tested as if it were a module of its own ("torch"
 * "serialization.os.system"), because the loader walks attributes.
 */
#include "base/value.h"

struct imports;

enum imports_risk { IMPORTS_UNKNOWN, IMPORTS_ALLOW, IMPORTS_DENY };

/* imports_load(v): the table, in `a`, borrowing from `v`. ERR_USAGE names what is wrong with it. */
MUST_CHECK bool imports_load(const struct value *v, struct arena *a, const struct imports **out,
                             struct err *e);

/* `t` may be NULL. `*why` (may be NULL) gets the reason or the group,
 * which lives as long as the table, or "". */
enum imports_risk imports_risk(const struct imports *t, struct slice module, struct slice name,
                               struct slice *why);

/* "allow", "deny", "unknown" */
const char *imports_risk_name(enum imports_risk r);
#endif
