#include "policies/cel/cel_exec.h"

#include <string.h>

#include "policies/cel/cel_compare.h"
#include "policies/cel/cel_map.h"
#include "policies/cel/regex.h"

struct cel_value cel_exec_const(struct cel_run *r, const struct cel_node *n)
{
    (void)r;
    return n->value;
}

struct cel_value cel_exec_var(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = r->vars[n->slot];

    if (!cel_run_bad(v))
        return v;
    if (v.kind == CEL_FAULT) {
        r->at = n->at;
        return cel_run_fault(r, CEL_FAULT_VALUE, "%s", v.as.fault->text);
    }
    return cel_run_locate(r, v, n, -1);
}

struct cel_value cel_exec_local(struct cel_run *r, const struct cel_node *n)
{
    return r->locals[n->slot];
}

/* An unknown that a function met within plain data is named after the call. */
static struct cel_value named(struct cel_run *r, const struct cel_node *n, struct cel_value v)
{
    return v.kind == CEL_GAP ? cel_run_locate(r, v, n, -1) : v;
}

struct cel_value cel_exec_unary(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = cel_run_node(r, n->args[0]);

    if (cel_run_bad(v))
        return v;
    r->at = n->at;
    return n->as.unary(r, v);
}

struct cel_value cel_exec_binary(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value a = cel_run_node(r, n->args[0]);
    const struct cel_value b = cel_run_node(r, n->args[1]);

    if (cel_run_bad(a) || cel_run_bad(b))
        return cel_run_worse(r, a, b);
    r->at = n->at;
    return named(r, n, n->as.binary(r, a, b));
}

#define SHORT 64 /* bytes of a string whose comparison is no work to charge */

struct cel_value cel_exec_equal(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value a = cel_run_node(r, n->args[0]);
    const struct cel_value b = cel_run_node(r, n->args[1]);

    if (a.kind == CEL_STRING && b.kind == CEL_STRING && (a.len != b.len || a.len <= SHORT))
        return cel_value_bool(a.len == b.len && memcmp(a.as.text, b.as.text, a.len) == 0);
    if (cel_run_bad(a) || cel_run_bad(b))
        return cel_run_worse(r, a, b);
    r->at = n->at;
    return named(r, n, n->as.binary(r, a, b));
}

/* Evaluates the arguments; gives the worst of them, or null when all are values. `gaps` says
 * that gaps are values too. */
static struct cel_value eval_args(struct cel_run *r, const struct cel_node *n,
                                  struct cel_value *args, bool gaps)
{
    struct cel_value worst = cel_value_null();

    for (uint32_t i = 0; i < n->nargs; i++) {
        args[i] = cel_run_node(r, n->args[i]);
        if (!cel_run_bad(args[i]) || (gaps && args[i].kind == CEL_GAP))
            continue;
        worst = cel_run_worst(r, worst, args[i]);
    }
    return worst;
}

#define INLINE_ARGS 6

/* The arguments of a call. */
struct args {
    struct cel_value few[INLINE_ARGS], *all;
};

static struct cel_value eval_call(struct cel_run *r, const struct cel_node *n, struct args *args,
                                  bool gaps)
{
    args->all = n->nargs > INLINE_ARGS ? CEL_RUN_ARRAY(r, struct cel_value, n->nargs) : args->few;
    return args->all != NULL ? eval_args(r, n, args->all, gaps) : r->stopped;
}

struct cel_value cel_exec_lib(struct cel_run *r, const struct cel_node *n)
{
    struct args args;
    const struct cel_value worst = eval_call(r, n, &args, false);

    if (cel_run_bad(worst))
        return worst;
    r->at = n->at;
    return named(r, n, n->as.lib(r, args.all, n->nargs));
}

static struct cel_value call_host(struct cel_run *r, const struct cel_node *n,
                                  const struct cel_value *args)
{
    const struct cel_call call = {r->arena, r->host, args, n->nargs};
    struct cel_value out = cel_value_null();
    struct err e = {0};
    const bool ok = n->as.host->call(&call, &out, &e);

    r->at = n->at;
    if (!cel_run_memory(r))
        return r->stopped;
    if (!ok)
        return cel_run_fault(r, CEL_FAULT_VALUE, "%s: %s", n->as.host->name, e.text);
    return cel_run_locate(r, out, n, -1);
}

struct cel_value cel_exec_host(struct cel_run *r, const struct cel_node *n)
{
    struct args args;
    const struct cel_value worst = eval_call(r, n, &args, n->as.host->takes_unknown);

    return cel_run_bad(worst) ? worst : call_host(r, n, args.all);
}

struct cel_value cel_exec_regex(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = cel_run_node(r, n->args[0]);

    if (cel_run_bad(v))
        return v;
    r->at = n->at;
    if (v.kind != CEL_STRING)
        return cel_run_no_overload(r, "matches", &v, 1);
    if (!cel_run_charge(r, regex_cost(n->as.regex, v.len)))
        return r->stopped;
    return cel_value_bool(regex_match(n->as.regex, cel_value_text(v)));
}

/* What an element or a pair marked with ? adds: nothing, its content, or a fault. */
static bool unwrap(struct cel_run *r, struct cel_value *v, struct cel_value *fault)
{
    if (v->kind != CEL_OPTIONAL) {
        *fault = cel_run_fault(r, CEL_FAULT_TYPE, "found %s behind ? where an optional should be",
                               cel_value_type_name(v->kind));
        return false;
    }
    if (v->as.inner == NULL)
        return false;
    *v = *v->as.inner;
    return true;
}

struct cel_value cel_exec_list(struct cel_run *r, const struct cel_node *n)
{
    struct cel_value *items = CEL_RUN_ARRAY(r, struct cel_value, n->nargs), worst, fault;
    size_t count = 0;

    if (items == NULL)
        return r->stopped;
    worst = eval_args(r, n, items, false);
    if (cel_run_bad(worst) || n->as.optional_args == NULL)
        return cel_run_bad(worst) ? worst : cel_value_list(items, n->nargs);
    r->at = n->at;
    fault = cel_value_null();
    for (uint32_t i = 0; i < n->nargs; i++) {
        struct cel_value item = items[i];

        if (!n->as.optional_args[i] || unwrap(r, &item, &fault))
            items[count++] = item;
    }
    return cel_run_bad(fault) ? fault : cel_value_list(items, count);
}

struct cel_value cel_exec_map(struct cel_run *r, const struct cel_node *n)
{
    struct cel_value *args = CEL_RUN_ARRAY(r, struct cel_value, n->nargs), worst, added;
    struct cel_map_builder b;

    if (args == NULL)
        return r->stopped;
    worst = eval_args(r, n, args, false);
    if (cel_run_bad(worst))
        return worst;
    r->at = n->at;
    cel_map_begin(&b, r);
    for (uint32_t i = 0; i < n->nargs; i += 2) {
        added = cel_value_null();
        if (n->as.optional_args == NULL || !n->as.optional_args[i / 2] ||
            unwrap(r, &args[i + 1], &added))
            added = cel_map_add(&b, args[i], args[i + 1]);
        if (cel_run_bad(added))
            return added;
    }
    return cel_map_end(&b);
}
