#ifndef POLICIES_CEL_CEL_BUILD_H
#define POLICIES_CEL_CEL_BUILD_H
/* From the parsed expression to nodes: names become slots, macros become loops, constants are
 * computed. */
#include "policies/cel/cel_ast.h"
#include "policies/cel/cel_run.h"

struct cel_scope {
    const struct cel_scope *up;
    struct slice name;
    uint16_t slot;
};

struct cel_build {
    const struct cel_env *env;
    struct arena *arena;
    struct err *err;
    const struct cel_scope *scope; /* innermost first */
    const char **vars;
    size_t nvars;
    uint16_t depth, nlocals; /* slots in use, and the most that were */
    uint64_t fold_steps;     /* left for constants of this program */
    size_t fold_memory;      /* arena->used may not pass it while folding */
};

/* cel_build_node(b, ast): NULL when it is refused; b->err says why. */
const struct cel_node *cel_build_node(struct cel_build *b, const struct cel_ast *ast);

/* cel_build_args(b, ast, from, n): the arguments from number `from` on, with room for one more;
 * NULL when one is refused. */
const struct cel_node **cel_build_args(struct cel_build *b, const struct cel_ast *ast, size_t from);

/* cel_build_new(b, ast, run): a node for the text of `ast`. */
struct cel_node *cel_build_new(struct cel_build *b, const struct cel_ast *ast, cel_node_fn *run);
void cel_build_take(struct cel_node *n, const struct cel_node **args, size_t nargs);

/* cel_build_local(b, name, scope) opens a scope with a variable in a new slot; close with
 * cel_build_close. False past the limit. */
MUST_CHECK bool cel_build_local(struct cel_build *b, struct slice name, struct cel_scope *scope);
void cel_build_close(struct cel_build *b, const struct cel_scope *scope);

/* cel_build_dotted(ast, a, out): "a.b.c" when `ast` is names joined by dots; `*head` is the
 * first. */
bool cel_build_dotted(const struct cel_ast *ast, struct arena *a, struct slice *out,
                      struct slice *head);

/* cel_build_is_local(b, name): is it a variable of a loop here? */
bool cel_build_is_local(const struct cel_build *b, struct slice name);
#endif
