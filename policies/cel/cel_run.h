#ifndef POLICIES_CEL_CEL_RUN_H
#define POLICIES_CEL_CEL_RUN_H
/*
 * The evaluator's machine: a compiled program is a tree of nodes, each with the function that
 * evaluates it. Budgets: every node is
 * a step, work that grows with its input is charged on top, memory comes from the evaluation's
 * arena. When a budget is used up,
 * `steps` is 0 and each further node gives `stopped`, so that neither && nor || can hide it.
 */
#include "policies/cel/cel_value.h"

struct cel_run;
struct cel_node;
struct regex;

typedef struct cel_value cel_node_fn(struct cel_run *r, const struct cel_node *n);
typedef struct cel_value cel_unary_fn(struct cel_run *r, struct cel_value v);
typedef struct cel_value cel_binary_fn(struct cel_run *r, struct cel_value a, struct cel_value b);
/* A library function: arguments are never gaps or faults; the receiver of a method call comes
 * first. */
typedef struct cel_value cel_lib_fn(struct cel_run *r, const struct cel_value *args, size_t n);

enum cel_node_kind {
    CEL_NODE_CONST, /* `value`; may be a fault that was found while compiling */
    CEL_NODE_VAR,   /* vars[slot] */
    CEL_NODE_LOCAL, /* locals[slot] */
    CEL_NODE_SELECT,
    CEL_NODE_AND,
    CEL_NODE_OR,
    CEL_NODE_OTHER
};

struct cel_node {
    cel_node_fn *run;
    const struct cel_node *const *args;
    uint32_t nargs;
    uint32_t at, end;     /* bytes of the source text: [at, end) */
    uint16_t slot, slot2; /* of a variable or of the variables of a loop */
    uint8_t kind;         /* enum cel_node_kind */
    bool optional;        /* select and index: the .?x and [?x] form */
    bool dynamic; /* constant: came through dyn(), so a wrong type is not refused while compiling */
    struct cel_value value; /* constant; name of a field */
    union {
        cel_unary_fn *unary;
        cel_binary_fn *binary;
        cel_lib_fn *lib;
        const struct cel_function *host;
        const struct regex *regex;
        const bool *optional_args; /* list and map literals: which elements are ?x */
    } as;
};

struct cel_program {
    struct slice text;
    const struct cel_node *root;
    const char *const *vars; /* names of vars[] */
    size_t nvars, nlocals;
};

enum cel_fault_class {
    CEL_FAULT_VALUE, /* depends on the values: division by zero, missing key, ... */
    CEL_FAULT_TYPE,  /* no such overload */
    CEL_FAULT_TEXT,  /* text that is no timestamp, duration, number, address, regular expression */
    CEL_FAULT_LIMIT  /* a budget is used up */
};

struct cel_fault {
    enum cel_fault_class class;
    uint32_t at; /* byte offset in the source text */
    const char *text;
};

/* One unknown leaf that was needed; the rest of the set hangs behind it. */
struct cel_gap {
    const struct value_gap *gap;
    uint32_t at, end; /* source text that named it */
    int64_t index;    /* the item of a list that was iterated, or -1 */
    const struct cel_gap *next;
};

#define CEL_RUN_INLINE 12 /* variables and locals held without the arena */

struct cel_run {
    const struct cel_program *program;
    struct arena *arena;
    size_t memory_end; /* arena->used may not pass it */
    uint64_t steps;    /* left */
    uint32_t at;       /* where the next fault is */
    void *host;        /* cel_activation.host */
    struct cel_value *vars;
    struct cel_value *locals;
    struct cel_value stopped; /* the fault to give once `steps` is 0 */
    struct cel_value inline_vars[CEL_RUN_INLINE], inline_locals[CEL_RUN_INLINE];
};

/* cel_run_init(r, p, act, a): `p` NULL for folding constants; `act` may be NULL then. */
void cel_run_init(struct cel_run *r, const struct cel_program *p, const struct cel_activation *act,
                  struct arena *a);

static inline struct cel_value cel_run_node(struct cel_run *r, const struct cel_node *n)
{
    if (r->steps == 0)
        return r->stopped;
    r->steps--;
    return n->run(r, n);
}

/* cel_run_charge(r, n) takes `n` steps; false when the budget is used up: return r->stopped
 * then. */
MUST_CHECK bool cel_run_charge(struct cel_run *r, uint64_t n);

/* cel_run_alloc(r, n, size) gives n zeroed items; NULL when the budget is used up: return
 * r->stopped then. */
void *cel_run_alloc(struct cel_run *r, uint64_t n, size_t size);
#define CEL_RUN_ARRAY(r, type, n) ((type *)cel_run_alloc((r), (n), sizeof(type)))

/* cel_run_memory(r): did somebody else (a host function) pass the memory budget? Stops the run
 * then. */
MUST_CHECK bool cel_run_memory(struct cel_run *r);

/* cel_run_too_large(r) stops the run as if the memory budget were used up, and gives the fault. */
struct cel_value cel_run_too_large(struct cel_run *r);

/* Faults, at r->at. */
struct cel_value cel_run_fault(struct cel_run *r, enum cel_fault_class class, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* cel_run_no_overload(r, name, args, n): "no such overload: name(int, string)" */
struct cel_value cel_run_no_overload(struct cel_run *r, const char *name,
                                     const struct cel_value *args, size_t n);

/* Gaps. cel_run_locate gives a plain gap its place in the source; cel_run_join unites two sets. */
struct cel_value cel_run_locate(struct cel_run *r, struct cel_value v, const struct cel_node *n,
                                int64_t index);
struct cel_value cel_run_join(struct cel_run *r, struct cel_value a, struct cel_value b);

/* cel_run_bad(v): is it a gap or a fault? cel_run_worse joins two operands of which one is bad:
 * gaps beat faults, the first
 * fault beats the second. */
static inline bool cel_run_bad(struct cel_value v)
{
    return v.kind >= CEL_GAP;
}
struct cel_value cel_run_worse(struct cel_run *r, struct cel_value a, struct cel_value b);
/* Of what went wrong so far (null: nothing) and `next`, which did too. */
static inline struct cel_value cel_run_worst(struct cel_run *r, struct cel_value so_far,
                                             struct cel_value next)
{
    return cel_run_bad(so_far) ? cel_run_worse(r, so_far, next) : next;
}

/* cel_run_text(r, n) lends `n` bytes of new text; NULL when the budget is used up. */
uint8_t *cel_run_text(struct cel_run *r, uint64_t n);

/* cel_run_why(r, v): for the set of a gap, "view.key: known after apply; ..." */
const char *cel_run_why(struct cel_run *r, struct cel_value v);
#endif
