#include "policies/cel/cel_optional.h"

static struct cel_value some(struct cel_run *r, struct cel_value v)
{
    struct cel_value *copy = CEL_RUN_ARRAY(r, struct cel_value, 1);

    if (copy == NULL)
        return r->stopped;
    *copy = v;
    return (struct cel_value){.kind = CEL_OPTIONAL, .as.inner = copy};
}

/* The optional that a node gives, or what it gives instead: a gap or a fault. */
static struct cel_value receiver(struct cel_run *r, const struct cel_node *n, const char *name)
{
    const struct cel_value v = cel_run_node(r, n->args[0]);

    if (cel_run_bad(v) || v.kind == CEL_OPTIONAL)
        return v;
    r->at = n->at;
    return cel_run_no_overload(r, name, &v, 1);
}

struct cel_value cel_optional_or(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = receiver(r, n, "or");
    struct cel_value other;

    if (cel_run_bad(v) || v.as.inner != NULL)
        return v;
    other = cel_run_node(r, n->args[1]);
    if (cel_run_bad(other) || other.kind == CEL_OPTIONAL)
        return other;
    r->at = n->at;
    return cel_run_no_overload(r, "or", &other, 1);
}

struct cel_value cel_optional_or_value(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = receiver(r, n, "orValue");

    if (cel_run_bad(v))
        return v;
    return v.as.inner != NULL ? *v.as.inner : cel_run_node(r, n->args[1]);
}

struct cel_value cel_optional_map(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = receiver(r, n, "optMap");
    struct cel_value out;

    if (cel_run_bad(v) || v.as.inner == NULL)
        return v;
    r->locals[n->slot] = *v.as.inner;
    out = cel_run_node(r, n->args[1]);
    return cel_run_bad(out) ? out : some(r, out);
}

struct cel_value cel_optional_flat_map(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = receiver(r, n, "optFlatMap");
    struct cel_value out;

    if (cel_run_bad(v) || v.as.inner == NULL)
        return v;
    r->locals[n->slot] = *v.as.inner;
    out = cel_run_node(r, n->args[1]);
    if (cel_run_bad(out) || out.kind == CEL_OPTIONAL)
        return out;
    r->at = n->at;
    return cel_run_no_overload(r, "optFlatMap", &out, 1);
}
