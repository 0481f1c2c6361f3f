#ifndef POLICIES_EXPR_H
#define POLICIES_EXPR_H
/*
 * The expressions of a rule. `variables.x` stays lazy and keeps its type: the text of the
 * variable is written out, in parentheses,
 * where it is used. Only a variable that walks lists or joins resources, and whose value is
 * plain data, is *held*: evaluated
 * once a resource and bound, so that a loop does not repeat it.
 */
#include "policies/rule.h"
#include "policies/schema.h"

struct expr_source {
    const struct schema_doc *doc;
    const struct value *node; /* a string, or a bare true or false */
    const char *what;         /* "rule 'x': pass" */
    const struct rule *rule;  /* its views and the variables read so far */
    bool global;              /* required_when: no resource */
};

MUST_CHECK bool expr_compile(const struct expr_source *src, struct rule_expr *out, struct err *e);

/* May the value of this expression be held? It must be worth it, and nothing in it may have a
 * type that plain data lacks. */
bool expr_may_hold(const char *text);
#endif
