#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_time.h"

static struct cel_value none(void)
{
    return (struct cel_value){.kind = CEL_OPTIONAL};
}

static struct cel_value some(struct cel_run *r, struct cel_value v)
{
    struct cel_value *copy = CEL_RUN_ARRAY(r, struct cel_value, 1);

    if (copy == NULL)
        return r->stopped;
    *copy = v;
    return (struct cel_value){.kind = CEL_OPTIONAL, .as.inner = copy};
}

static struct cel_value lib_none(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)r;
    (void)args;
    (void)n;
    return none();
}

static struct cel_value lib_of(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return some(r, args[0]);
}

static bool is_zero(struct cel_value v)
{
    switch ((enum cel_kind)v.kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return !v.as.boolean;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DURATION:
        return v.as.natural == 0;
    case CEL_DOUBLE:
        return v.as.real == 0;
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_LIST:
    case CEL_MAP:
        return v.len == 0;
    case CEL_TIMESTAMP:
        return v.as.integer == CEL_TIME_SECONDS_MIN && v.len == 0;
    case CEL_OPTIONAL:
        return v.as.inner == NULL;
    case CEL_TYPE:
    case CEL_IP:
    case CEL_CIDR:
    case CEL_GAP:
    case CEL_FAULT:
        break;
    }
    return false;
}

static struct cel_value lib_of_non_zero(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)n;
    return is_zero(args[0]) ? none() : some(r, args[0]);
}

static struct cel_value lib_has_value(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_OPTIONAL)
        return cel_run_no_overload(r, "hasValue", args, n);
    return cel_value_bool(args[0].as.inner != NULL);
}

static struct cel_value lib_value(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_OPTIONAL)
        return cel_run_no_overload(r, "value", args, n);
    if (args[0].as.inner == NULL)
        return cel_run_fault(r, CEL_FAULT_VALUE, "value() of optional.none()");
    return *args[0].as.inner;
}

/* A list of optionals to the list of what they hold. */
static struct cel_value lib_unwrap(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value *items;
    size_t count = 0;

    if (args[0].kind != CEL_LIST)
        return cel_run_no_overload(r, "optional.unwrap", args, n);
    items = CEL_RUN_ARRAY(r, struct cel_value, args[0].len);
    if (items == NULL || !cel_run_charge(r, args[0].len))
        return r->stopped;
    for (size_t i = 0; i < args[0].len; i++) {
        const struct cel_value item = cel_value_item(args[0], i);

        if (item.kind != CEL_OPTIONAL)
            return cel_run_no_overload(r, "optional.unwrap", &item, 1);
        if (item.as.inner != NULL)
            items[count++] = *item.as.inner;
    }
    return cel_value_list(items, count);
}

const struct cel_lib_entry cel_lib_optional_table[] = {
    {"optional.none", CEL_LIB_GLOBAL, 0, 0, lib_none},
    {"optional.of", CEL_LIB_GLOBAL, 1, 1, lib_of},
    {"optional.ofNonZeroValue", CEL_LIB_GLOBAL, 1, 1, lib_of_non_zero},
    {"optional.unwrap", CEL_LIB_GLOBAL, 1, 1, lib_unwrap},
    {"unwrapOpt", CEL_LIB_METHOD, 1, 1, lib_unwrap},
    {"hasValue", CEL_LIB_METHOD, 1, 1, lib_has_value},
    {"value", CEL_LIB_METHOD, 1, 1, lib_value},
    {NULL, 0, 0, 0, NULL},
};
