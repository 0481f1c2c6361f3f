#ifndef POLICIES_CEL_CEL_NAMES_H
#define POLICIES_CEL_CEL_NAMES_H
/* SPEC: langdef "Name Resolution": variables of loops first, then the longest dotted name, in
 * the container before the root. */
#include "policies/cel/cel_build.h"
#include "policies/cel/cel_lib.h"

/* cel_names_resolve(b, ast): the node of a variable or a type that `ast` (names joined by dots)
 * denotes as a whole, or NULL. */
const struct cel_node *cel_names_resolve(struct cel_build *b, const struct cel_ast *ast);

/* cel_names_local(b, ast, name): the variable of a loop; NULL when there is none. */
const struct cel_node *cel_names_local(struct cel_build *b, const struct cel_ast *ast,
                                       struct slice name);

/* cel_names_unknown(b, ast): refuses; or in an unchecked environment a node that is an error. */
const struct cel_node *cel_names_unknown(struct cel_build *b, const struct cel_ast *ast);

/* cel_names_view(b, target, field, at): false, with an error, for a field that the view does not
 * declare. */
bool cel_names_view(struct cel_build *b, const struct cel_node *target, struct slice field,
                    uint32_t at);

struct cel_names_function {
    const struct cel_function *host;
    const struct cel_lib_entry *lib;
    bool known; /* the name exists, if not in this style */
};

/* cel_names_function(b, name, style, root): `style` is CEL_LIB_GLOBAL or CEL_LIB_METHOD. */
struct cel_names_function cel_names_function(const struct cel_build *b, struct slice name,
                                             unsigned style, bool root);
#endif
