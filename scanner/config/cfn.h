#ifndef SCANNER_CONFIG_CFN_H
#define SCANNER_CONFIG_CFN_H
/*
 * A CloudFormation template while its functions are resolved. What the template alone does not
 * tell (a reference to a resource, a parameter without a value, a pseudo parameter) becomes an
 * unknown that says why. SPEC: CloudFormation User Guide, "Template anatomy"
 */
#include "scanner/config/doc.h"

enum cfn_truth { CFN_FALSE, CFN_TRUE, CFN_UNKNOWN };

struct cfn_condition {
    const struct value *node;
    enum cfn_truth truth;
    bool done, busy;
};

struct cfn {
    struct doc *d;
    const struct value *resources, *mappings; /* maps, or NULL */
    const struct value *parameters; /* name -> value, pseudo parameters that were given too */
    const struct value *names;      /* condition -> its number in `conditions` */
    struct cfn_condition *conditions;
    unsigned depth; /* of conditions within conditions */
    bool full;      /* LIMIT_CONFIG_BUILT_BYTES was reached */
};

/* cfn_params.c: the values that Ref gives for parameters: what the operator gave
 * (params.parameters), else the Default. */
void cfn_params_read(struct cfn *c);

/* cfn_conditions.c */
void cfn_conditions_read(struct cfn *c);
/* What the condition `name` gives, in three-valued logic; a name that is not defined is
 * unknown, and a notice. */
enum cfn_truth cfn_conditions_get(struct cfn *c, struct slice name, const struct value *at);
/* Within a branch of Fn::If the condition is known; the former answer comes back, to be
 * assumed again afterwards. */
enum cfn_truth cfn_conditions_assume(struct cfn *c, struct slice name, enum cfn_truth truth);

/* cfn_resolve.c: a value without functions. NULL: it is AWS::NoValue, and the key or item is
 * not there. */
const struct value *cfn_resolve(struct cfn *c, const struct value *v);
/* Is it a call: a map of one key that is Ref or begins with "Fn::"? */
bool cfn_resolve_is_call(const struct value *v);

/* cfn_call.c: one call, resolved. */
const struct value *cfn_call(struct cfn *c, const struct value *node);

/* cfn_merge.c: what is the same whatever the condition says stays; what differs is unknown.
 * Either may be NULL (no value). */
struct cfn_choice {
    const struct value *a, *b;
    struct slice condition;
    const struct value *at;
};
const struct value *cfn_merge(struct cfn *c, const struct cfn_choice *choice);

/* cfn_unknown.c: an unknown at `at`; `refs` may be NULL. */
const struct value *cfn_unknown(struct cfn *c, const struct value *at, const struct slice *ref,
                                const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same, and a notice: the template is wrong here. */
const struct value *cfn_unknown_bad(struct cfn *c, const struct value *at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Counts bytes that are built; false, and a gap, when they are too many. */
MUST_CHECK bool cfn_unknown_charge(struct cfn *c, size_t bytes);
#endif
