#ifndef POLICIES_CEL_CEL_H
#define POLICIES_CEL_CEL_H
/*
 * The Common Expression Language over struct value. SPEC: cel-spec doc/langdef.md; what is
 * supported and where we deviate stands in docs/cel.md. Three-valued: an unknown leaf makes the
 * result unknown unless the other operand of && or || decides. A JSON integer is an int, as in
 * Kubernetes. A program is compiled once and evaluated often; it is immutable and may be used by
 * several threads. Every evaluation has a step and a memory budget.
 */
#include "base/value.h"

struct cel_program;
struct cel_value; /* policies/cel/cel_value.h: the wider value: uint, bytes, timestamp, ... */

/* What a function of the rules is called with: evaluated arguments, never an error; unknown only
 * when it takes those. */
struct cel_call {
    struct arena *arena;          /* of this evaluation */
    void *host;                   /* cel_activation.host */
    const struct cel_value *args; /* the receiver of a method call comes first */
    size_t nargs;
};
typedef bool cel_host_fn(const struct cel_call *call, struct cel_value *out, struct err *e);

struct cel_function {
    const char *name; /* "resources", or "kms.is_cmk" (namespaced) */
    size_t min_args, max_args;
    bool takes_unknown; /* wants to see unknown arguments itself */
    cel_host_fn *call;
};

struct cel_env {
    /* Names that may be used, NULL-terminated: "resource", "view", "params", "now", ... */
    const char *const *variables;
    /* Fields of `view` that the rule declares, NULL-terminated: view.x with another x does not
     * compile. NULL: not checked. */
    const char *const *view_fields;
    const struct cel_function *functions; /* ends with a NULL name; may be NULL */
    /* Namespace in which names are tried first ("a.b": a.b.x, a.x, x); may be NULL. */
    const char *container;
    /* What would be refused for a name, an arity or the type of a constant becomes an error of the
     * evaluation instead. */
    bool unchecked;
};

/*
 * cel_compile(text, env, a, out, e): the program lives in `a`, and borrows the names and functions
 * of `env`. Errors give the byte offset in `text`, what was found, what was allowed. Unknown
 * variables, functions, view fields, wrong argument counts and constant expressions that can only
 * be an error (1 + 'a') are refused here.
 */
MUST_CHECK bool cel_compile(struct slice text, const struct cel_env *env, struct arena *a,
                            const struct cel_program **out, struct err *e);

struct cel_binding {
    const char *name;
    const struct value *value;
};

struct cel_activation {
    const struct cel_binding *bindings;
    size_t nbindings;
    int64_t now; /* seconds since 1970; the variable `now` when the env declares it */
    void *host;
};

enum cel_status { CEL_VALUE, CEL_UNKNOWN, CEL_ERROR };

struct cel_result {
    enum cel_status status;
    /* CEL_VALUE: as plain data (timestamps and durations as strings, bytes as base64), in the arena
     * or shared with the bindings. */
    const struct value *value;
    /* CEL_UNKNOWN: "view.key: known after apply" for each leaf that was
     * needed. CEL_ERROR: what went wrong. */
    const char *why;
    uint32_t error_at; /* CEL_ERROR: byte offset in the text */
};

/* cel_eval never fails otherwise: budgets and missing fields are CEL_ERROR. */
void cel_eval(const struct cel_program *p, const struct cel_activation *act, struct arena *a,
              struct cel_result *out);

/*
 * cel_blame(p, act, a): for a program that gave false, unknown or an error, the source text of the
 * first conjunct (of the top-level &&, entered through parentheses) that did so, together with the
 * values of the names in it, each cut at 80 bytes: "view.rotation == true (view.rotation is
 * false)". A false conjunct goes before an unknown one. NULL when it gave true or something else.
 */
const char *cel_blame(const struct cel_program *p, const struct cel_activation *act,
                      struct arena *a);
#endif
