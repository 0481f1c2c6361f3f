#ifndef POLICIES_RULE_READ_H
#define POLICIES_RULE_READ_H
/* One rule of a pack, from YAML. SPEC: docs/rules.md. */
#include "policies/rule.h"
#include "policies/schema.h"

/* The sources that facts may have; NULL-terminated. A rule for any other would never apply. */
extern const char *const rule_read_sources[];

/* With `d->lean` the expressions of a rule that demands nothing are left for rule_read_rest. */
MUST_CHECK bool rule_read(const struct schema_doc *d, const struct value *node, struct rule *out,
                          struct err *e);

/* What rule_read left; nothing when it left nothing. */
MUST_CHECK bool rule_read_rest(struct rule *r, struct err *e);

/* rule_read_tests(d, node, r, e): the `tests` of a rule whose other members are read. */
MUST_CHECK bool rule_read_tests(const struct schema_doc *d, const struct value *node,
                                struct rule *r, struct err *e);

/* The attributes of a test's resource: CloudFormation's {Properties: {...}} is unwrapped. */
const struct value *rule_read_tests_attributes(const struct value *resource, const char *source);
#endif
