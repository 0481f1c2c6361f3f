#ifndef SCANNER_FORMATS_PICKLE_IMPORTS_H
#define SCANNER_FORMATS_PICKLE_IMPORTS_H
/*
 * What is known of the names that pickles import: rules/detectors/imports.yaml as the parent read
 * it. A denied name wins over all; an allowed one, or one of a framework, wins over a denied
 * module, which denies all else below it. Allowed names are exact. Within a dotted attribute path
 * each part is tested as if it were a module of its own ("torch" "serialization.os.system"),
 * because the loader walks attributes. Names of a framework's profile are unknown; the profile is
 * told, so that a policy can opt in.
 */
#include "base/value.h"

struct imports;

enum imports_risk { IMPORTS_UNKNOWN, IMPORTS_ALLOW, IMPORTS_DENY };

struct imports_answer {
    enum imports_risk risk;
    struct slice why;     /* the reason or the group, which lives as long as the table, or "" */
    struct slice profile; /* of an unknown name: the framework that it belongs to, or "" */
    /* the list of `uses` that it is on, or "": an allowed name may be called, made and built, one
     * of a framework only be made and built */
    struct slice use;
};

/* imports_load(v): the table, in `a`, borrowing from `v`. ERR_USAGE names what is wrong with it. */
MUST_CHECK bool imports_load(const struct value *v, struct arena *a, const struct imports **out,
                             struct err *e);

/* `t` may be NULL: everything is unknown. */
struct imports_answer imports_of(const struct imports *t, struct slice module, struct slice name);

/* "allow", "deny", "unknown" */
const char *imports_risk_name(enum imports_risk r);
#endif
