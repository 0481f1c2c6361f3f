#include "policies/cel/cel_compare.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "policies/cel/cel_map.h"
#include "policies/cel/cel_net.h"

static int sign(bool less, bool greater)
{
    return less ? -1 : greater;
}

/* int against double: by the whole part first, so that nothing is rounded. */
static int int_double(int64_t i, double d)
{
    double whole;

    if (d >= 0x1p63)
        return -1;
    if (d < -0x1p63)
        return 1;
    whole = trunc(d);
    if (i != (int64_t)whole)
        return i < (int64_t)whole ? -1 : 1;
    return sign(whole<d, whole> d);
}

static int uint_double(uint64_t u, double d)
{
    double whole;

    if (d >= 0x1p64)
        return -1;
    if (d < 0)
        return 1;
    whole = trunc(d);
    if (u != (uint64_t)whole)
        return u < (uint64_t)whole ? -1 : 1;
    return sign(whole<d, whole> d);
}

static int order_double(struct cel_value a, double d)
{
    if (a.kind == CEL_INT)
        return int_double(a.as.integer, d);
    if (a.kind == CEL_UINT)
        return uint_double(a.as.natural, d);
    return sign(a.as.real<d, a.as.real> d);
}

static int order_numbers(struct cel_value a, struct cel_value b)
{
    if (b.kind == CEL_DOUBLE)
        return order_double(a, b.as.real);
    if (a.kind == CEL_DOUBLE)
        return -order_double(b, a.as.real);
    if (a.kind == b.kind && a.kind == CEL_INT)
        return sign(a.as.integer<b.as.integer, a.as.integer> b.as.integer);
    if (a.kind == CEL_INT && a.as.integer < 0)
        return -1;
    if (b.kind == CEL_INT && b.as.integer < 0)
        return 1;
    return sign(a.as.natural<b.as.natural, a.as.natural> b.as.natural);
}

static bool is_nan(struct cel_value v)
{
    return v.kind == CEL_DOUBLE && isnan(v.as.real);
}

bool cel_compare_order(struct cel_value a, struct cel_value b, int *out, bool *nan)
{
    *nan = false;
    if (cel_compare_is_number(a) && cel_compare_is_number(b)) {
        *nan = is_nan(a) || is_nan(b);
        *out = *nan ? 0 : order_numbers(a, b);
        return !*nan;
    }
    if (a.kind != b.kind)
        return false;
    switch ((enum cel_kind)a.kind) {
    case CEL_BOOL:
        *out = a.as.boolean - b.as.boolean;
        return true;
    case CEL_STRING:
    case CEL_BYTES:
        *out = slice_cmp(cel_value_text(a), cel_value_text(b));
        return true;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        *out = sign(a.as.integer<b.as.integer, a.as.integer> b.as.integer);
        if (*out == 0)
            *out = sign(a.len<b.len, a.len> b.len);
        return true;
    case CEL_NULL:
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
    case CEL_LIST:
    case CEL_MAP:
    case CEL_TYPE:
    case CEL_OPTIONAL:
    case CEL_IP:
    case CEL_CIDR:
    case CEL_GAP:
    case CEL_FAULT:
        break;
    }
    return false;
}

static struct cel_value equal_at(struct cel_run *r, struct cel_value a, struct cel_value b,
                                 unsigned depth);

/* One pair of members: false decides; a gap is kept until something decides. */
static bool join_equal(struct cel_run *r, struct cel_value *so_far, struct cel_value next)
{
    if (next.kind == CEL_BOOL) {
        if (!next.as.boolean)
            *so_far = next;
        return next.as.boolean;
    }
    *so_far = cel_run_worst(r, *so_far, next);
    return true;
}

static struct cel_value equal_lists(struct cel_run *r, struct cel_value a, struct cel_value b,
                                    unsigned depth)
{
    struct cel_value out = cel_value_bool(true);

    if (a.len != b.len)
        return cel_value_bool(false);
    for (size_t i = 0; i < a.len && r->steps > 0; i++)
        if (!join_equal(r, &out, equal_at(r, cel_value_item(a, i), cel_value_item(b, i), depth)))
            break;
    return out;
}

static struct cel_value equal_maps(struct cel_run *r, struct cel_value a, struct cel_value b,
                                   unsigned depth)
{
    struct cel_value out = cel_value_bool(true), key, left, right;

    if (a.len != b.len)
        return cel_value_bool(false);
    for (size_t i = 0; i < a.len && r->steps > 0; i++) {
        cel_value_entry(a, i, &key, &left);
        if (!cel_run_charge(r, cel_value_text(key).len / 64 + 1))
            return r->stopped;
        if (!cel_map_find(b, key, &right))
            return cel_value_bool(false);
        if (!join_equal(r, &out, equal_at(r, left, right, depth)))
            break;
    }
    return out;
}

static struct cel_value equal_optional(struct cel_run *r, struct cel_value a, struct cel_value b,
                                       unsigned depth)
{
    if (a.as.inner == NULL || b.as.inner == NULL)
        return cel_value_bool(a.as.inner == b.as.inner);
    return equal_at(r, *a.as.inner, *b.as.inner, depth);
}

static struct cel_value equal_same_kind(struct cel_run *r, struct cel_value a, struct cel_value b,
                                        unsigned depth)
{
    switch ((enum cel_kind)a.kind) {
    case CEL_NULL:
        return cel_value_bool(true);
    case CEL_BOOL:
        return cel_value_bool(a.as.boolean == b.as.boolean);
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_TYPE:
        if (!cel_run_charge(r, a.len / 64 + 1))
            return r->stopped;
        return cel_value_bool(a.len == b.len && memcmp(a.as.text, b.as.text, a.len) == 0);
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return cel_value_bool(a.as.integer == b.as.integer && a.len == b.len);
    case CEL_LIST:
        return equal_lists(r, a, b, depth + 1);
    case CEL_MAP:
        return equal_maps(r, a, b, depth + 1);
    case CEL_OPTIONAL:
        return equal_optional(r, a, b, depth + 1);
    case CEL_IP:
    case CEL_CIDR:
        return cel_value_bool(cel_net_eq(a.as.net, b.as.net));
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
    case CEL_GAP:
    case CEL_FAULT:
        break;
    }
    return cel_value_bool(false);
}

static struct cel_value equal_at(struct cel_run *r, struct cel_value a, struct cel_value b,
                                 unsigned depth)
{
    if (cel_run_bad(a) || cel_run_bad(b))
        return cel_run_worse(r, a, b);
    if (cel_compare_is_number(a) && cel_compare_is_number(b))
        return cel_value_bool(!is_nan(a) && !is_nan(b) && order_numbers(a, b) == 0);
    if (a.kind != b.kind)
        return cel_value_bool(false);
    if (depth > LIMIT_JSON_DEPTH + LIMIT_CEL_DEPTH)
        return cel_run_fault(r, CEL_FAULT_LIMIT, "the values compared are too deep");
    if (!cel_run_charge(r, 1))
        return r->stopped;
    return equal_same_kind(r, a, b, depth);
}

struct cel_value cel_compare_equal(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const struct cel_value out = equal_at(r, a, b, 0);

    return r->steps == 0 ? r->stopped : out;
}

struct cel_value cel_compare_differ(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const struct cel_value out = cel_compare_equal(r, a, b);

    return out.kind == CEL_BOOL ? cel_value_bool(!out.as.boolean) : out;
}

/* Orders two values for the operator `name`: null, with the order in `*order`; or the result:
 * false beside NaN, a fault. */
static struct cel_value order_for(struct cel_run *r, const char *name, const struct cel_value *pair,
                                  int *order)
{
    bool nan;

    if (!cel_run_charge(r, cel_value_text(pair[0]).len / 64 + 1))
        return r->stopped;
    if (cel_compare_order(pair[0], pair[1], order, &nan))
        return cel_value_null();
    return nan ? cel_value_bool(false) : cel_run_no_overload(r, name, pair, 2);
}

#define ORDER_FUNCTION(function, name, op)                                                         \
    struct cel_value function(struct cel_run *r, struct cel_value a, struct cel_value b)           \
    {                                                                                              \
        const struct cel_value pair[] = {a, b};                                                    \
        struct cel_value out;                                                                      \
        int order = 0;                                                                             \
                                                                                                   \
        if (a.kind == CEL_INT && b.kind == CEL_INT)                                                \
            return cel_value_bool(a.as.integer op b.as.integer);                                   \
        out = order_for(r, name, pair, &order);                                                    \
        return out.kind == CEL_NULL ? cel_value_bool(order op 0) : out;                            \
    }

ORDER_FUNCTION(cel_compare_less, "_<_", <)
ORDER_FUNCTION(cel_compare_less_equal, "_<=_", <=)
ORDER_FUNCTION(cel_compare_greater, "_>_", >)
ORDER_FUNCTION(cel_compare_greater_equal, "_>=_", >=)

struct cel_value cel_compare_in(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const struct cel_value args[] = {a, b};
    struct cel_value out = cel_value_bool(false), found;

    if (!cel_run_charge(r, cel_value_text(a).len / 64 + 1))
        return r->stopped;
    if (b.kind == CEL_MAP)
        return cel_value_bool(cel_map_find(b, a, &found));
    if (b.kind != CEL_LIST)
        return cel_run_no_overload(r, "_in_", args, 2);
    for (size_t i = 0; i < b.len; i++) {
        const struct cel_value same = cel_compare_equal(r, a, cel_value_item(b, i));

        if (r->steps == 0)
            return r->stopped;
        if (same.kind == CEL_BOOL && same.as.boolean)
            return same;
        if (cel_run_bad(same))
            out = cel_run_worst(r, out, same);
        else if (!cel_run_charge(r, 1))
            return r->stopped;
    }
    return out;
}
