#ifndef GATE_POLICY_PAGES_H
#define GATE_POLICY_PAGES_H
/* A rule for people: on the terminal (`explain`), and a Markdown page for
 * each pack (`policy docs`). */
#include "base/buf.h"
#include "policies/policy.h"

MUST_CHECK bool policy_pages_pack(const struct policy *p, const struct rule_pack *pack,
                                  struct arena *a, struct buf *out, struct err *e);

/* `rule` is what policy_explain gives; `width` in columns, 0 for 100. */
void policy_pages_rule(const struct value *rule, unsigned width, struct buf *out);
#endif
