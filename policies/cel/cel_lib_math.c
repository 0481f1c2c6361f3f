#include <math.h>

#include "policies/cel/cel_compare.h"
#include "policies/cel/cel_lib.h"

/* The largest (want > 0) or smallest of numbers, given one by one or as a list. */
static struct cel_value extreme(struct cel_run *r, const struct cel_value *args, size_t n, int want)
{
    const char *name = want > 0 ? "math.greatest" : "math.least";
    const bool list = n == 1 && args[0].kind == CEL_LIST;
    const size_t count = list ? args[0].len : n;
    struct cel_value best = cel_value_null();

    if (count == 0)
        return cel_run_fault(r, CEL_FAULT_TYPE, "%s needs at least one number", name);
    if (!cel_run_charge(r, count))
        return r->stopped;
    for (size_t i = 0; i < count; i++) {
        const struct cel_value v = list ? cel_value_item(args[0], i) : args[i];
        int order;
        bool nan;

        if (!cel_compare_is_number(v))
            return cel_run_no_overload(r, name, &v, 1);
        if (i == 0 || (cel_compare_order(v, best, &order, &nan) && order * want > 0))
            best = v;
    }
    return best;
}

static struct cel_value greatest(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return extreme(r, args, n, 1);
}

static struct cel_value least(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return extreme(r, args, n, -1);
}

#define ROUND_FUNCTION(function, name, expression)                                                 \
    static struct cel_value function(struct cel_run *r, const struct cel_value *args, size_t n)    \
    {                                                                                              \
        const double d = args[0].as.real;                                                          \
                                                                                                   \
        if (args[0].kind != CEL_DOUBLE)                                                            \
            return cel_run_no_overload(r, name, args, n);                                          \
        return expression;                                                                         \
    }

ROUND_FUNCTION(ceiling, "math.ceil", cel_value_double(ceil(d)))
ROUND_FUNCTION(flooring, "math.floor", cel_value_double(floor(d)))
ROUND_FUNCTION(rounding, "math.round", cel_value_double(round(d)))
ROUND_FUNCTION(truncating, "math.trunc", cel_value_double(trunc(d)))
ROUND_FUNCTION(is_nan, "math.isNaN", cel_value_bool(isnan(d) != 0))
ROUND_FUNCTION(is_inf, "math.isInf", cel_value_bool(isinf(d) != 0))
ROUND_FUNCTION(is_finite, "math.isFinite", cel_value_bool(isfinite(d) != 0))

static struct cel_value absolute(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];

    if (v.kind == CEL_UINT)
        return v;
    if (v.kind == CEL_DOUBLE)
        return cel_value_double(fabs(v.as.real));
    if (v.kind != CEL_INT)
        return cel_run_no_overload(r, "math.abs", args, n);
    if (v.as.integer == INT64_MIN)
        return cel_run_fault(r, CEL_FAULT_VALUE, "int overflow");
    return cel_value_int(v.as.integer < 0 ? -v.as.integer : v.as.integer);
}

static struct cel_value sign(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];

    if (v.kind == CEL_UINT)
        return cel_value_uint(v.as.natural > 0);
    if (v.kind == CEL_INT)
        return cel_value_int((v.as.integer > 0) - (v.as.integer < 0));
    if (v.kind != CEL_DOUBLE)
        return cel_run_no_overload(r, "math.sign", args, n);
    if (isnan(v.as.real))
        return v;
    return cel_value_double((v.as.real > 0) - (v.as.real < 0));
}

static struct cel_value square_root(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];

    if (v.kind == CEL_INT)
        return cel_value_double(sqrt((double)v.as.integer));
    if (v.kind == CEL_UINT)
        return cel_value_double(sqrt((double)v.as.natural));
    if (v.kind != CEL_DOUBLE)
        return cel_run_no_overload(r, "math.sqrt", args, n);
    return cel_value_double(sqrt(v.as.real));
}

static bool is_whole(struct cel_value v)
{
    return v.kind == CEL_INT || v.kind == CEL_UINT;
}

#define BIT_FUNCTION(function, name, op)                                                           \
    static struct cel_value function(struct cel_run *r, const struct cel_value *args, size_t n)    \
    {                                                                                              \
        struct cel_value out = args[0];                                                            \
                                                                                                   \
        if (!is_whole(args[0]) || args[0].kind != args[1].kind)                                    \
            return cel_run_no_overload(r, name, args, n);                                          \
        out.as.natural = args[0].as.natural op args[1].as.natural;                                 \
        return out;                                                                                \
    }

BIT_FUNCTION(bit_and, "math.bitAnd", &)
BIT_FUNCTION(bit_or, "math.bitOr", |)
BIT_FUNCTION(bit_xor, "math.bitXor", ^)

static struct cel_value bit_not(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value out = args[0];

    if (!is_whole(args[0]))
        return cel_run_no_overload(r, "math.bitNot", args, n);
    out.as.natural = ~out.as.natural;
    return out;
}

/* SPEC: math extension: a negative distance is an error; from 64 on the result is 0. To the
 * right the sign is not kept. */
static struct cel_value shift(struct cel_run *r, const struct cel_value *args, size_t n, bool left)
{
    struct cel_value out = args[0];
    const int64_t distance = args[1].as.integer;

    if (!is_whole(args[0]) || args[1].kind != CEL_INT)
        return cel_run_no_overload(r, left ? "math.bitShiftLeft" : "math.bitShiftRight", args, n);
    if (distance < 0)
        return cel_run_fault(r, CEL_FAULT_VALUE, "the distance of a shift is negative: %lld",
                             (long long)distance);
    if (distance > 63)
        out.as.natural = 0;
    else
        out.as.natural = left ? out.as.natural << distance : out.as.natural >> distance;
    return out;
}

static struct cel_value shift_left(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return shift(r, args, n, true);
}

static struct cel_value shift_right(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return shift(r, args, n, false);
}

const struct cel_lib_entry cel_lib_math_table[] = {
    {"math.greatest", CEL_LIB_GLOBAL, 1, UINT8_MAX, greatest},
    {"math.least", CEL_LIB_GLOBAL, 1, UINT8_MAX, least},
    {"math.ceil", CEL_LIB_GLOBAL, 1, 1, ceiling},
    {"math.floor", CEL_LIB_GLOBAL, 1, 1, flooring},
    {"math.round", CEL_LIB_GLOBAL, 1, 1, rounding},
    {"math.trunc", CEL_LIB_GLOBAL, 1, 1, truncating},
    {"math.abs", CEL_LIB_GLOBAL, 1, 1, absolute},
    {"math.sign", CEL_LIB_GLOBAL, 1, 1, sign},
    {"math.sqrt", CEL_LIB_GLOBAL, 1, 1, square_root},
    {"math.isNaN", CEL_LIB_GLOBAL, 1, 1, is_nan},
    {"math.isInf", CEL_LIB_GLOBAL, 1, 1, is_inf},
    {"math.isFinite", CEL_LIB_GLOBAL, 1, 1, is_finite},
    {"math.bitAnd", CEL_LIB_GLOBAL, 2, 2, bit_and},
    {"math.bitOr", CEL_LIB_GLOBAL, 2, 2, bit_or},
    {"math.bitXor", CEL_LIB_GLOBAL, 2, 2, bit_xor},
    {"math.bitNot", CEL_LIB_GLOBAL, 1, 1, bit_not},
    {"math.bitShiftLeft", CEL_LIB_GLOBAL, 2, 2, shift_left},
    {"math.bitShiftRight", CEL_LIB_GLOBAL, 2, 2, shift_right},
    {NULL, 0, 0, 0, NULL},
};
