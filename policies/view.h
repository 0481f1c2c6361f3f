#ifndef POLICIES_VIEW_H
#define POLICIES_VIEW_H
/* View fields: paths into the attributes of a resource. SPEC: docs/rules.md, "View paths". */
#include "policies/rule.h"

struct view_path;

/* view_compile(text, a, out, e): names, indexes, '*' and "quoted names" separated by dots. */
MUST_CHECK bool view_compile(struct slice text, struct arena *a, const struct view_path **out,
                             struct err *e);

/* What the path leads to: NULL when it leads nowhere or to null; an unknown on the way is the
 * answer. */
const struct value *view_walk(const struct view_path *p, const struct value *attributes,
                              struct arena *a);

/* Is `name` an attribute whose value nobody set, which the provider chooses when it is applied?
 * SPEC: docs/facts-config.md, `_computed`. */
bool view_computed(const struct value *attributes, struct slice name);

/* view_field(v, source, attributes, a): the first path of `source` that leads somewhere, without
 * the default; or NULL. */
const struct value *view_field(const struct rule_view *v, const char *source,
                               const struct value *attributes, struct arena *a);

/* The map that is `view` in expressions. */
const struct value *view_make(const struct rule *r, const char *source,
                              const struct value *attributes, struct arena *a);
#endif
