#include "policies/cel/cel_logic.h"

struct cel_value cel_logic_fold(struct cel_run *r, struct cel_value so_far, struct cel_value next,
                                bool decides)
{
    if (next.kind == CEL_BOOL)
        return next.as.boolean == decides ? next : so_far;
    if (!cel_run_bad(next))
        next = cel_run_no_overload(r, decides ? "_||_" : "_&&_", &next, 1);
    return cel_run_worst(r, so_far, next);
}

static struct cel_value chain(struct cel_run *r, const struct cel_node *n, bool decides)
{
    struct cel_value result = cel_value_bool(!decides);

    for (uint32_t i = 0; i < n->nargs; i++) {
        const struct cel_value v = cel_run_node(r, n->args[i]);

        if (v.kind == CEL_BOOL) {
            if (v.as.boolean == decides)
                return v;
            continue;
        }
        r->at = n->args[i]->at;
        result = cel_logic_fold(r, result, v, decides);
    }
    return result;
}

struct cel_value cel_logic_and(struct cel_run *r, const struct cel_node *n)
{
    return chain(r, n, false);
}

struct cel_value cel_logic_or(struct cel_run *r, const struct cel_node *n)
{
    return chain(r, n, true);
}

struct cel_value cel_logic_cond(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value c = cel_run_node(r, n->args[0]);

    if (c.kind == CEL_BOOL)
        return cel_run_node(r, n->args[c.as.boolean ? 1 : 2]);
    if (cel_run_bad(c))
        return c;
    r->at = n->args[0]->at;
    return cel_run_no_overload(r, "_?_:_", &c, 1);
}

struct cel_value cel_logic_not(struct cel_run *r, struct cel_value v)
{
    if (v.kind != CEL_BOOL)
        return cel_run_no_overload(r, "!_", &v, 1);
    return cel_value_bool(!v.as.boolean);
}
