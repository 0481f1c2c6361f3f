#ifndef POLICIES_CEL_CEL_LOGIC_H
#define POLICIES_CEL_CEL_LOGIC_H
/*
 * SPEC: langdef "Logical Operators". Three values and errors: for && false wins, then unknown,
 * then an error, then true; for || the same
 * with true first. The order of the operands does not matter for the result.
 */
#include "policies/cel/cel_run.h"

cel_node_fn cel_logic_and;
cel_node_fn cel_logic_or;
cel_node_fn cel_logic_cond;
cel_unary_fn cel_logic_not;

/* cel_logic_fold(r, so_far, next, decides): one step of && (decides = false) or || (true) over
 * many operands; `so_far` starts as the
 * bool that does not decide. When the result is the bool that decides, the rest does not matter. */
struct cel_value cel_logic_fold(struct cel_run *r, struct cel_value so_far, struct cel_value next,
                                bool decides);

static inline bool cel_logic_is(struct cel_value v, bool b)
{
    return v.kind == CEL_BOOL && v.as.boolean == b;
}
#endif
