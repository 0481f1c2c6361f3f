#include "policies/cel/cel_ops.h"

#include <string.h>

#include "policies/cel/cel_time.h"

static struct cel_value overflow(struct cel_run *r, const char *type)
{
    return cel_run_fault(r, CEL_FAULT_VALUE, "%s overflow", type);
}

static struct cel_value no_overload(struct cel_run *r, const char *op, struct cel_value a,
                                    struct cel_value b)
{
    const struct cel_value args[] = {a, b};

    return cel_run_no_overload(r, op, args, 2);
}

static struct cel_value join_text(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    uint8_t *text = cel_run_text(r, (uint64_t)a.len + b.len);

    if (text == NULL)
        return r->stopped;
    if (a.len > 0)
        memcpy(text, a.as.text, a.len);
    if (b.len > 0)
        memcpy(text + a.len, b.as.text, b.len);
    a.as.text = text;
    a.len += b.len;
    return a;
}

static struct cel_value join_lists(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const uint64_t n = (uint64_t)a.len + b.len;
    struct cel_value *items;

    if (!cel_run_charge(r, n / 4 + 1))
        return r->stopped;
    items = CEL_RUN_ARRAY(r, struct cel_value, n);
    if (items == NULL)
        return r->stopped;
    for (size_t i = 0; i < a.len; i++)
        items[i] = cel_value_item(a, i);
    for (size_t i = 0; i < b.len; i++)
        items[a.len + i] = cel_value_item(b, i);
    return cel_value_list(items, (size_t)n);
}

struct cel_value cel_ops_add(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    if (a.kind != b.kind)
        return a.kind == CEL_TIMESTAMP || b.kind == CEL_TIMESTAMP ? cel_time_add(r, a, b)
                                                                  : no_overload(r, "_+_", a, b);
    switch ((enum cel_kind)a.kind) {
    case CEL_INT:
        if (__builtin_add_overflow(a.as.integer, b.as.integer, &a.as.integer))
            return overflow(r, "int");
        return a;
    case CEL_UINT:
        if (__builtin_add_overflow(a.as.natural, b.as.natural, &a.as.natural))
            return overflow(r, "uint");
        return a;
    case CEL_DOUBLE:
        return cel_value_double(a.as.real + b.as.real);
    case CEL_STRING:
    case CEL_BYTES:
        return join_text(r, a, b);
    case CEL_LIST:
        return join_lists(r, a, b);
    case CEL_DURATION:
        return cel_time_add(r, a, b);
    case CEL_NULL:
    case CEL_BOOL:
    case CEL_MAP:
    case CEL_TIMESTAMP:
    case CEL_TYPE:
    case CEL_OPTIONAL:
    case CEL_IP:
    case CEL_CIDR:
    case CEL_GAP:
    case CEL_FAULT:
        break;
    }
    return no_overload(r, "_+_", a, b);
}

struct cel_value cel_ops_subtract(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    if (a.kind == CEL_TIMESTAMP || a.kind == CEL_DURATION)
        return cel_time_sub(r, a, b);
    if (a.kind != b.kind)
        return no_overload(r, "_-_", a, b);
    if (a.kind == CEL_INT) {
        if (__builtin_sub_overflow(a.as.integer, b.as.integer, &a.as.integer))
            return overflow(r, "int");
        return a;
    }
    if (a.kind == CEL_UINT) {
        if (__builtin_sub_overflow(a.as.natural, b.as.natural, &a.as.natural))
            return overflow(r, "uint");
        return a;
    }
    if (a.kind == CEL_DOUBLE)
        return cel_value_double(a.as.real - b.as.real);
    return no_overload(r, "_-_", a, b);
}

struct cel_value cel_ops_multiply(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    if (a.kind != b.kind)
        return no_overload(r, "_*_", a, b);
    if (a.kind == CEL_INT) {
        if (__builtin_mul_overflow(a.as.integer, b.as.integer, &a.as.integer))
            return overflow(r, "int");
        return a;
    }
    if (a.kind == CEL_UINT) {
        if (__builtin_mul_overflow(a.as.natural, b.as.natural, &a.as.natural))
            return overflow(r, "uint");
        return a;
    }
    if (a.kind == CEL_DOUBLE)
        return cel_value_double(a.as.real * b.as.real);
    return no_overload(r, "_*_", a, b);
}

struct cel_value cel_ops_divide(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    if (a.kind != b.kind || (a.kind != CEL_INT && a.kind != CEL_UINT && a.kind != CEL_DOUBLE))
        return no_overload(r, "_/_", a, b);
    if (a.kind == CEL_DOUBLE) /* IEEE 754, Annex F: x / 0 is an infinity or NaN */
        return cel_value_double(a.as.real / b.as.real);
    if (b.as.natural == 0)
        return cel_run_fault(r, CEL_FAULT_VALUE, "division by zero");
    if (a.kind == CEL_UINT)
        return cel_value_uint(a.as.natural / b.as.natural);
    if (a.as.integer == INT64_MIN && b.as.integer == -1)
        return overflow(r, "int");
    return cel_value_int(a.as.integer / b.as.integer);
}

struct cel_value cel_ops_modulo(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    if (a.kind != b.kind || (a.kind != CEL_INT && a.kind != CEL_UINT))
        return no_overload(r, "_%_", a, b);
    if (b.as.natural == 0)
        return cel_run_fault(r, CEL_FAULT_VALUE, "modulus by zero");
    if (a.kind == CEL_UINT)
        return cel_value_uint(a.as.natural % b.as.natural);
    if (a.as.integer == INT64_MIN && b.as.integer == -1)
        return overflow(r, "int");
    return cel_value_int(a.as.integer % b.as.integer);
}

struct cel_value cel_ops_negate(struct cel_run *r, struct cel_value v)
{
    if (v.kind == CEL_DOUBLE)
        return cel_value_double(-v.as.real);
    if (v.kind != CEL_INT)
        return cel_run_no_overload(r, "-_", &v, 1);
    if (v.as.integer == INT64_MIN)
        return overflow(r, "int");
    return cel_value_int(-v.as.integer);
}
