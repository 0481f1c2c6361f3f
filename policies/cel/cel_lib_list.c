#include <string.h>

#include "policies/cel/cel_compare.h"
#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_ops.h"
#include "policies/cel/cel_sort.h"

/* Extensions lists and sets; Kubernetes' isSorted, sum, min, max, indexOf. Items that are
 * unknown make the result unknown. */

static struct cel_value *copy_items(struct cel_run *r, struct cel_value list, uint64_t room)
{
    struct cel_value *items = CEL_RUN_ARRAY(r, struct cel_value, room);

    if (items == NULL || !cel_run_charge(r, list.len / 4 + 1))
        return NULL;
    for (size_t i = 0; i < list.len; i++)
        items[i] = cel_value_item(list, i);
    return items;
}

/* Place of `v` from item `from` on in steps of `step`: an int (-1: nowhere), or a gap or fault. */
static struct cel_value place_of(struct cel_run *r, struct cel_value list, struct cel_value v,
                                 bool last)
{
    struct cel_value doubt = cel_value_null();

    for (size_t i = 0; i < list.len; i++) {
        const size_t at = last ? list.len - 1 - i : i;
        const struct cel_value same = cel_compare_equal(r, cel_value_item(list, at), v);

        if (!cel_run_charge(r, 1))
            return r->stopped;
        if (cel_run_bad(same))
            doubt = cel_run_worst(r, doubt, same);
        else if (same.as.boolean)
            return cel_run_bad(doubt) ? doubt : cel_value_int((int64_t)at);
    }
    return cel_run_bad(doubt) ? doubt : cel_value_int(-1);
}

struct cel_value cel_lib_list_index_of(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return n == 2 ? place_of(r, args[0], args[1], false)
                  : cel_run_no_overload(r, "indexOf", args, n);
}

struct cel_value cel_lib_list_last_index_of(struct cel_run *r, const struct cel_value *args,
                                            size_t n)
{
    return n == 2 ? place_of(r, args[0], args[1], true)
                  : cel_run_no_overload(r, "lastIndexOf", args, n);
}

struct cel_value cel_lib_list_reverse(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const size_t len = args[0].len;
    struct cel_value *items = copy_items(r, args[0], len);

    (void)n;
    if (items == NULL)
        return r->stopped;
    for (size_t i = 0; i < len / 2; i++) {
        const struct cel_value swap = items[i];

        items[i] = items[len - 1 - i];
        items[len - 1 - i] = swap;
    }
    return cel_value_list(items, len);
}

static struct cel_value distinct(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value *items, place;
    size_t count = 0;

    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, "distinct", args, n);
    items = CEL_RUN_ARRAY(r, struct cel_value, args[0].len);
    if (items == NULL)
        return r->stopped;
    for (size_t i = 0; i < args[0].len; i++) {
        const struct cel_value item = cel_value_item(args[0], i);

        if (cel_run_bad(item))
            return item;
        place = place_of(r, cel_value_list(items, count), item, false);
        if (cel_run_bad(place))
            return place;
        if (place.as.integer < 0)
            items[count++] = item;
    }
    return cel_value_list(items, count);
}

struct flat {
    struct cel_value *items;
    uint64_t n;
};

/* Counts the items, and puts them into out->items unless it is NULL. */
static bool flatten_into(struct cel_run *r, struct cel_value list, int64_t depth, struct flat *out)
{
    if (!cel_run_charge(r, list.len + 1))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        const struct cel_value item = cel_value_item(list, i);

        if (item.kind == CEL_LIST && depth > 0) {
            if (!flatten_into(r, item, depth - 1, out))
                return false;
            continue;
        }
        if (out->items != NULL)
            out->items[out->n] = item;
        out->n++;
    }
    return true;
}

#define FLATTEN_MAX 100 /* levels that one call may remove */

static struct cel_value flatten(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const int64_t depth = n > 1 ? args[1].as.integer : 1;
    struct flat out = {NULL, 0};

    if (args[0].kind != CEL_LIST || (n > 1 && args[1].kind != CEL_INT))
        return cel_run_no_overload(r, "flatten", args, n);
    if (depth < 0 || depth > FLATTEN_MAX)
        return cel_run_fault(r, CEL_FAULT_VALUE, "flatten takes a depth from 0 to %d", FLATTEN_MAX);
    if (!flatten_into(r, args[0], depth, &out))
        return r->stopped;
    out.items = CEL_RUN_ARRAY(r, struct cel_value, out.n);
    out.n = 0;
    if (out.items == NULL || !flatten_into(r, args[0], depth, &out))
        return r->stopped;
    return cel_value_list(out.items, (size_t)out.n);
}

static struct cel_value slice(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const int64_t from = args[1].as.integer, to = args[2].as.integer;
    struct cel_value *items;

    if (args[0].kind != CEL_LIST || args[1].kind != CEL_INT || args[2].kind != CEL_INT)
        return cel_run_no_overload(r, "slice", args, n);
    if (from < 0 || to < from || to > (int64_t)args[0].len)
        return cel_run_fault(r, CEL_FAULT_VALUE,
                             "slice(%lld, %lld) of a list of %u items is out of range",
                             (long long)from, (long long)to, args[0].len);
    items = copy_items(r, args[0], args[0].len);
    return items != NULL ? cel_value_list(items + from, (size_t)(to - from)) : r->stopped;
}

static struct cel_value sort(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, "sort", args, n);
    return cel_sort_by(r, args[0], args[0]);
}

static struct cel_value numbers(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const int64_t count = args[0].as.integer;
    struct cel_value *items;

    if (args[0].kind != CEL_INT)
        return cel_run_no_overload(r, "lists.range", args, n);
    if (count < 0)
        return cel_run_fault(r, CEL_FAULT_VALUE, "lists.range(%lld) is negative", (long long)count);
    if (!cel_run_charge(r, (uint64_t)count))
        return r->stopped;
    items = CEL_RUN_ARRAY(r, struct cel_value, (uint64_t)count);
    if (items == NULL)
        return r->stopped;
    for (int64_t i = 0; i < count; i++)
        items[i] = cel_value_int(i);
    return cel_value_list(items, (size_t)count);
}

/* SPEC: optionals extension: first() and last() are optional */
static struct cel_value end_of(struct cel_run *r, const struct cel_value *args, bool last)
{
    struct cel_value v;

    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, last ? "last" : "first", args, 1);
    if (args[0].len == 0)
        return cel_value_optional(r->arena, NULL);
    v = cel_value_item(args[0], last ? args[0].len - 1 : 0);
    return cel_run_bad(v) ? v : cel_value_optional(r->arena, &v);
}

static struct cel_value first(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return end_of(r, args, false);
}

static struct cel_value last(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return end_of(r, args, true);
}

static struct cel_value sum(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value total = cel_value_int(0);

    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, "sum", args, n);
    for (size_t i = 0; i < args[0].len && !cel_run_bad(total); i++) {
        const struct cel_value v = cel_value_item(args[0], i);

        if (!cel_compare_is_number(v) && v.kind != CEL_DURATION)
            return cel_run_no_overload(r, "sum", &v, 1);
        total = i == 0 ? v : cel_ops_add(r, total, v);
        if (!cel_run_charge(r, 1))
            return r->stopped;
    }
    return total;
}

/* The largest (want > 0) or smallest item of orderable items. */
static struct cel_value best(struct cel_run *r, const struct cel_value *args, int want)
{
    const char *name = want > 0 ? "max" : "min";
    struct cel_value pair[2];

    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, name, args, 1);
    if (args[0].len == 0)
        return cel_run_fault(r, CEL_FAULT_VALUE, "%s() of an empty list", name);
    pair[0] = cel_value_item(args[0], 0);
    for (size_t i = 0; i < args[0].len; i++) {
        int order;
        bool nan;

        pair[1] = cel_value_item(args[0], i);
        if (!cel_compare_order(pair[1], pair[0], &order, &nan))
            return cel_run_no_overload(r, name, pair, 2);
        if (order * want > 0)
            pair[0] = pair[1];
        if (!cel_run_charge(r, 1))
            return r->stopped;
    }
    return pair[0];
}

static struct cel_value max(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return best(r, args, 1);
}

static struct cel_value min(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return best(r, args, -1);
}

static struct cel_value is_sorted(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, "isSorted", args, n);
    for (size_t i = 0; i + 1 < args[0].len; i++) {
        const struct cel_value pair[] = {cel_value_item(args[0], i),
                                         cel_value_item(args[0], i + 1)};
        int order;
        bool nan;

        if (!cel_compare_order(pair[0], pair[1], &order, &nan))
            return cel_run_no_overload(r, "isSorted", pair, 2);
        if (order > 0)
            return cel_value_bool(false);
        if (!cel_run_charge(r, 1))
            return r->stopped;
    }
    return cel_value_bool(true);
}

/* ---- sets ---- */

/* Are all items (any: is one item) of `inner` in `outer`? A bool, or a gap or fault. */
static struct cel_value members(struct cel_run *r, struct cel_value outer, struct cel_value inner,
                                bool any)
{
    struct cel_value doubt = cel_value_bool(!any);

    for (size_t i = 0; i < inner.len; i++) {
        const struct cel_value in = cel_compare_in(r, cel_value_item(inner, i), outer);

        if (cel_run_bad(in))
            doubt = cel_run_worst(r, doubt, in);
        else if (in.as.boolean == any)
            return in;
        if (!cel_run_charge(r, 1))
            return r->stopped;
    }
    return doubt;
}

static bool two_lists(const struct cel_value *args)
{
    return args[0].kind == CEL_LIST && args[1].kind == CEL_LIST;
}

static struct cel_value sets_contains(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return two_lists(args) ? members(r, args[0], args[1], false)
                           : cel_run_no_overload(r, "sets.contains", args, n);
}

static struct cel_value sets_intersects(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return two_lists(args) ? members(r, args[0], args[1], true)
                           : cel_run_no_overload(r, "sets.intersects", args, n);
}

static struct cel_value sets_equivalent(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value left, right;

    if (!two_lists(args))
        return cel_run_no_overload(r, "sets.equivalent", args, n);
    left = members(r, args[0], args[1], false);
    right = members(r, args[1], args[0], false);
    if (left.kind == CEL_BOOL && !left.as.boolean)
        return left;
    if (right.kind == CEL_BOOL)
        return right.as.boolean ? left : right;
    return cel_run_worst(r, left, right);
}

const struct cel_lib_entry cel_lib_list_table[] = {
    {"distinct", CEL_LIB_METHOD, 1, 1, distinct},
    {"flatten", CEL_LIB_METHOD, 1, 2, flatten},
    {"slice", CEL_LIB_METHOD, 3, 3, slice},
    {"sort", CEL_LIB_METHOD, 1, 1, sort},
    {"lists.range", CEL_LIB_GLOBAL, 1, 1, numbers},
    {"first", CEL_LIB_METHOD, 1, 1, first},
    {"last", CEL_LIB_METHOD, 1, 1, last},
    {"sum", CEL_LIB_METHOD, 1, 1, sum},
    {"min", CEL_LIB_METHOD, 1, 1, min},
    {"max", CEL_LIB_METHOD, 1, 1, max},
    {"isSorted", CEL_LIB_METHOD, 1, 1, is_sorted},
    {"sets.contains", CEL_LIB_GLOBAL, 2, 2, sets_contains},
    {"sets.intersects", CEL_LIB_GLOBAL, 2, 2, sets_intersects},
    {"sets.equivalent", CEL_LIB_GLOBAL, 2, 2, sets_equivalent},
    {NULL, 0, 0, 0, NULL},
};
