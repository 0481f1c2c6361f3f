#ifndef POLICIES_CEL_CEL_FOLD_H
#define POLICIES_CEL_CEL_FOLD_H
/* Constants are computed while compiling. What can only be an error is refused then: a wrong type
 * or bad text anywhere, a wrong value
 * (1/0) when the whole expression is it, because || may still absorb it elsewhere. */
#include "policies/cel/cel_build.h"

/* cel_fold_node(b, n): `n`, or the constant that it always is; NULL when it is refused. */
const struct cel_node *cel_fold_node(struct cel_build *b, struct cel_node *n);

/* cel_fold_refuse(b, v): states the fault; always false. */
bool cel_fold_refuse(struct cel_build *b, struct cel_value fault);
#endif
