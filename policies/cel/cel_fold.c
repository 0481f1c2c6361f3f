#include "policies/cel/cel_fold.h"

#include "policies/cel/cel_exec.h"

static bool is_const(const struct cel_node *n)
{
    return n->kind == CEL_NODE_CONST;
}

bool cel_fold_refuse(struct cel_build *b, struct cel_value fault)
{
    return err_pos(b->err, ERR_USAGE, fault.as.fault->at, "%s", fault.as.fault->text);
}

static const struct cel_node *become(struct cel_node *n, struct cel_value v)
{
    n->run = cel_exec_const;
    n->kind = CEL_NODE_CONST;
    n->value = v;
    n->args = NULL;
    n->nargs = 0;
    return n;
}

static struct cel_value compute(struct cel_build *b, const struct cel_node *n)
{
    struct cel_run r;
    struct cel_value v;

    cel_run_init(&r, NULL, NULL, b->arena);
    r.memory_end = b->fold_memory;
    if (r.steps > b->fold_steps)
        r.steps = b->fold_steps;
    b->fold_steps -= r.steps;
    v = cel_run_node(&r, n);
    b->fold_steps += r.steps;
    return v;
}

const struct cel_node *cel_fold_node(struct cel_build *b, struct cel_node *n)
{
    bool constant = true;
    struct cel_value v;

    for (uint32_t i = 0; i < n->nargs; i++) {
        const struct cel_node *arg = n->args[i];

        n->dynamic = n->dynamic || (is_const(arg) && arg->dynamic);
        if (is_const(arg) && arg->value.kind == CEL_FAULT)
            return become(n, arg->value); /* a strict operation on an error is that error */
        constant = constant && is_const(arg);
    }
    if (!constant)
        return n;
    v = compute(b, n);
    if (v.kind != CEL_FAULT)
        return v.kind == CEL_GAP ? n : become(n, v);
    if (v.as.fault->class == CEL_FAULT_LIMIT)
        return n;
    if (v.as.fault->class != CEL_FAULT_VALUE && !n->dynamic && !b->env->unchecked)
        return cel_fold_refuse(b, v) ? n : NULL;
    return become(n, v);
}
