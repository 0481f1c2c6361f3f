#ifndef POLICIES_CEL_CEL_MACRO_H
#define POLICIES_CEL_CEL_MACRO_H
#include "policies/cel/cel_build.h"

/* cel_macro_build(b, call, out): is this call a macro? Then `*out` is its node, or NULL when it is
 * refused. SPEC: langdef "Macros";
 * extensions comprehensions v2, bindings, optionals, block. */
bool cel_macro_build(struct cel_build *b, const struct cel_ast *call, const struct cel_node **out);
#endif
