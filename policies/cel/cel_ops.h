#ifndef POLICIES_CEL_CEL_OPS_H
#define POLICIES_CEL_CEL_OPS_H
/* Arithmetic. SPEC: langdef "Overflow": what does not fit is an error; no mixing of numeric
 * types. */
#include "policies/cel/cel_run.h"

cel_binary_fn cel_ops_add; /* numbers, time, and joining of strings, bytes and lists */
cel_binary_fn cel_ops_subtract;
cel_binary_fn cel_ops_multiply;
cel_binary_fn cel_ops_divide;
cel_binary_fn cel_ops_modulo;
cel_unary_fn cel_ops_negate;
#endif
