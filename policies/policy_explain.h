#ifndef POLICIES_POLICY_EXPLAIN_H
#define POLICIES_POLICY_EXPLAIN_H
/* Everything about a rule, as a value, for `sallyport explain`:
 * {id, title, severity, description, pack{id, version, title}, file, line, selected, tags[],
 * applies[{source, type}], view[{name, paths{source: [path]}, default}], params{name: value},
 * variables[{name, text}], when, pass, message, locate, required, required_when, fix,
 * controls[{framework, framework_title, id, title, confirmed, supporting}], references[],
 * tests[{name, expect}]}; what a rule does not have is null or empty. */
#include "policies/policy.h"

/* No rule of that id is an error with the nearest one. */
MUST_CHECK bool policy_explain(const struct policy *p, const char *rule, struct arena *a,
                               const struct value **out, struct err *e);
#endif
