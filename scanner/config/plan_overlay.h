#ifndef SCANNER_CONFIG_PLAN_OVERLAY_H
#define SCANNER_CONFIG_PLAN_OVERLAY_H
/*
 * A plan says what a resource will be in three trees of one shape: `after` without what is not
 * known yet, `after_unknown` with true where something is missing, `after_sensitive` with true
 * where something must not be shown. Here they become one tree with unknowns in it. Where the
 * shapes do not fit each other, the smallest value that holds all of the doubt becomes unknown.
 * SPEC: Terraform, "JSON output format", Change representation
 */
#include "scanner/config/plan_refs.h"

struct plan_change {
    const struct value *after, *unknown, *sensitive; /* NULL: absent */
    const struct plan_self *self;
    struct arena *arena;
    struct value_at at; /* of the resource: where unknowns are said to be */
};

const struct value *plan_overlay(const struct plan_change *c);
#endif
