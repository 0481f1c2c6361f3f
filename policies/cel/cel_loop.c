#include "policies/cel/cel_loop.h"

#include "policies/cel/cel_logic.h"
#include "policies/cel/cel_map.h"
#include "policies/cel/cel_sort.h"

/* A range that may be iterated, or what it is instead: a gap or a fault. */
static struct cel_value range_of(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = cel_run_node(r, n->args[0]);

    if (cel_run_bad(v) || v.kind == CEL_LIST || v.kind == CEL_MAP)
        return v;
    r->at = n->args[0]->at;
    return cel_run_fault(r, CEL_FAULT_TYPE, "a value of type %s cannot be iterated",
                         cel_value_type_name(v.kind));
}

static void set_vars(struct cel_run *r, const struct cel_node *n, struct cel_value range, size_t i)
{
    struct cel_value key = cel_value_int((int64_t)i), value;

    if (range.kind == CEL_LIST)
        value = cel_run_locate(r, cel_value_item(range, i), n->args[0], (int64_t)i);
    else
        cel_value_entry(range, i, &key, &value);
    if (n->slot2 == CEL_LOOP_ONE_VAR) {
        r->locals[n->slot] = range.kind == CEL_LIST ? value : key;
        return;
    }
    r->locals[n->slot] = key;
    r->locals[n->slot2] = cel_run_locate(r, value, n->args[0], -1);
}

/* all (decides = false) and exists (true): && and || over the items. */
static struct cel_value quantify(struct cel_run *r, const struct cel_node *n, bool decides)
{
    const struct cel_value range = range_of(r, n);
    struct cel_value result = cel_value_bool(!decides);

    if (cel_run_bad(range))
        return range;
    for (size_t i = 0; i < range.len; i++) {
        struct cel_value v;

        if (r->steps == 0)
            return r->stopped;
        set_vars(r, n, range, i);
        v = cel_run_node(r, n->args[1]);
        if (cel_logic_is(v, decides))
            return v;
        r->at = n->args[1]->at;
        result = cel_logic_fold(r, result, v, decides);
    }
    return result;
}

struct cel_value cel_loop_all(struct cel_run *r, const struct cel_node *n)
{
    return quantify(r, n, false);
}

struct cel_value cel_loop_exists(struct cel_run *r, const struct cel_node *n)
{
    return quantify(r, n, true);
}

/* The predicate `n->args[which]` as a bool, a gap or a fault. */
static struct cel_value test(struct cel_run *r, const struct cel_node *n, uint32_t which)
{
    const struct cel_value v = cel_run_node(r, n->args[which]);

    if (v.kind == CEL_BOOL || cel_run_bad(v))
        return v;
    r->at = n->args[which]->at;
    return cel_run_fault(r, CEL_FAULT_TYPE, "no such overload: the predicate gives %s",
                         cel_value_type_name(v.kind));
}

struct cel_value cel_loop_exists_one(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value range = range_of(r, n);
    struct cel_value worst = cel_value_null();
    size_t count = 0;

    if (cel_run_bad(range))
        return range;
    for (size_t i = 0; i < range.len; i++) {
        struct cel_value v;

        set_vars(r, n, range, i);
        v = test(r, n, 1);
        if (r->steps == 0)
            return r->stopped;
        if (cel_run_bad(v))
            worst = cel_run_worst(r, worst, v);
        else
            count += v.as.boolean;
    }
    return cel_run_bad(worst) ? worst : cel_value_bool(count == 1);
}

/* Items that a loop collects; at most as many as the range has. */
struct output {
    struct cel_value *items;
    size_t n;
    struct cel_value worst; /* null, or the gap or fault that becomes the result */
};

static void spoil(struct cel_run *r, struct output *out, struct cel_value v)
{
    out->worst = cel_run_worst(r, out->worst, v);
}

/* Does the predicate at args[which] (if there is one) let this item through? */
static bool passes(struct cel_run *r, const struct cel_node *n, uint32_t which, struct output *out)
{
    struct cel_value v;

    if (which >= n->nargs)
        return true;
    v = test(r, n, which);
    if (cel_run_bad(v))
        spoil(r, out, v);
    return cel_logic_is(v, true);
}

/* The items that the predicate at args[which] lets through, or what args[1] makes of each. */
static struct cel_value collect(struct cel_run *r, const struct cel_node *n, uint32_t which,
                                bool map)
{
    const struct cel_value range = range_of(r, n);
    struct output out = {.worst = cel_value_null()};

    if (cel_run_bad(range))
        return range;
    out.items = CEL_RUN_ARRAY(r, struct cel_value, range.len);
    for (size_t i = 0; i < range.len && r->steps > 0; i++) {
        struct cel_value v;

        set_vars(r, n, range, i);
        if (!passes(r, n, which, &out))
            continue;
        v = map ? cel_run_node(r, n->args[1]) : r->locals[n->slot];
        if (cel_run_bad(v)) /* an unknown item that the predicate did not look at */
            spoil(r, &out, v);
        out.items[out.n++] = v;
    }
    if (r->steps == 0)
        return r->stopped;
    return cel_run_bad(out.worst) ? out.worst : cel_value_list(out.items, out.n);
}

struct cel_value cel_loop_filter(struct cel_run *r, const struct cel_node *n)
{
    return collect(r, n, 1, false);
}

struct cel_value cel_loop_map(struct cel_run *r, const struct cel_node *n)
{
    return collect(r, n, 2, true);
}

/* Puts the members of a transform's map into the result. */
static struct cel_value add_entries(struct cel_run *r, struct cel_map_builder *b,
                                    const struct cel_node *n, struct cel_value v)
{
    struct cel_value added = cel_value_null(), key, value;

    r->at = n->args[1]->at;
    if (v.kind != CEL_MAP)
        return cel_run_fault(r, CEL_FAULT_TYPE, "transformMapEntry needs a map, found %s",
                             cel_value_type_name(v.kind));
    for (size_t i = 0; i < v.len && !cel_run_bad(added); i++) {
        cel_value_entry(v, i, &key, &value);
        added = cel_run_bad(value) ? cel_run_locate(r, value, n, -1) : cel_map_add(b, key, value);
        if (!cel_run_charge(r, 1))
            return r->stopped;
    }
    return added;
}

static struct cel_value to_map(struct cel_run *r, const struct cel_node *n, bool entries)
{
    const struct cel_value range = range_of(r, n);
    struct output out = {.worst = cel_value_null()};
    struct cel_map_builder b;

    if (cel_run_bad(range))
        return range;
    cel_map_begin(&b, r);
    for (size_t i = 0; i < range.len && r->steps > 0; i++) {
        struct cel_value v;

        set_vars(r, n, range, i);
        if (!passes(r, n, 2, &out))
            continue;
        v = cel_run_node(r, n->args[1]);
        if (!cel_run_bad(v))
            v = entries ? add_entries(r, &b, n, v) : cel_map_add(&b, r->locals[n->slot], v);
        if (cel_run_bad(v))
            spoil(r, &out, v);
    }
    if (r->steps == 0)
        return r->stopped;
    return cel_run_bad(out.worst) ? out.worst : cel_map_end(&b);
}

struct cel_value cel_loop_transform_map(struct cel_run *r, const struct cel_node *n)
{
    return to_map(r, n, false);
}

struct cel_value cel_loop_map_entry(struct cel_run *r, const struct cel_node *n)
{
    return to_map(r, n, true);
}

struct cel_value cel_loop_sort_by(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value range = range_of(r, n), keys = cel_loop_map(r, n);

    if (cel_run_bad(range) || cel_run_bad(keys))
        return cel_run_worse(r, range, keys);
    r->at = n->at;
    return cel_sort_by(r, range, keys);
}

/* Values are computed once, in order; a gap or a fault waits in its slot until the body needs
 * it. */
struct cel_value cel_loop_bind(struct cel_run *r, const struct cel_node *n)
{
    for (uint32_t i = 0; i + 1 < n->nargs; i++)
        r->locals[n->slot + i] = cel_run_node(r, n->args[i]);
    return cel_run_node(r, n->args[n->nargs - 1]);
}
