#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/checked.h"
#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_net.h"
#include "policies/cel/cel_number.h"
#include "policies/cel/cel_text.h"
#include "policies/cel/cel_time.h"

static struct cel_value size(struct cel_run *r, const struct cel_value *args, size_t n)
{
    switch ((enum cel_kind)args[0].kind) {
    case CEL_STRING:
        if (!cel_run_charge(r, args[0].len / 64 + 1))
            return r->stopped;
        return cel_value_int((int64_t)cel_text_count(cel_value_text(args[0])));
    case CEL_BYTES:
    case CEL_LIST:
    case CEL_MAP:
        return cel_value_int(args[0].len);
    default:
        return cel_run_no_overload(r, "size", args, n);
    }
}

static struct cel_value type(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value out = cel_value_str(cel_value_type_name(args[0].kind));

    (void)r;
    (void)n;
    out.kind = CEL_TYPE;
    return out;
}

static struct cel_value dyn(struct cel_run *r, const struct cel_value *args, size_t n)
{
    (void)r;
    (void)n;
    return args[0];
}

/* ---- conversions. SPEC: langdef "Type Conversions" ---- */
static struct cel_value range(struct cel_run *r, const char *type_name)
{
    return cel_run_fault(r, CEL_FAULT_VALUE, "the value does not fit %s", type_name);
}

static struct cel_value bad_text(struct cel_run *r, const char *what, struct cel_value text)
{
    return cel_run_fault(r, CEL_FAULT_TEXT, "'%.*s' is no %s", (int)(text.len < 60 ? text.len : 60),
                         (const char *)text.as.text, what);
}

static struct cel_value to_int(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];
    int64_t i;

    switch ((enum cel_kind)v.kind) {
    case CEL_INT:
        return v;
    case CEL_UINT:
        return v.as.natural > INT64_MAX ? range(r, "an int") : cel_value_int(v.as.integer);
    case CEL_DOUBLE: /* SPEC: langdef "Overflow": (minInt, maxInt), both excluded */
        return v.as.real > -0x1p63 && v.as.real < 0x1p63 ? cel_value_int((int64_t)v.as.real)
                                                         : range(r, "an int");
    case CEL_STRING:
        return checked_i64(cel_value_text(v), &i) ? cel_value_int(i) : bad_text(r, "int", v);
    case CEL_TIMESTAMP:
        return cel_value_int(v.as.integer);
    case CEL_DURATION: /* seconds, as for timestamps */
        return cel_value_int(v.as.integer / 1000000000);
    default:
        return cel_run_no_overload(r, "int", args, n);
    }
}

static struct cel_value to_uint(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];
    uint64_t u;

    switch ((enum cel_kind)v.kind) {
    case CEL_UINT:
        return v;
    case CEL_INT:
        return v.as.integer < 0 ? range(r, "a uint") : cel_value_uint(v.as.natural);
    case CEL_DOUBLE:
        return v.as.real >= 0 && v.as.real < 0x1p64 ? cel_value_uint((uint64_t)v.as.real)
                                                    : range(r, "a uint");
    case CEL_STRING:
        return checked_u64(cel_value_text(v), UINT64_MAX, &u) ? cel_value_uint(u)
                                                              : bad_text(r, "uint", v);
    default:
        return cel_run_no_overload(r, "uint", args, n);
    }
}

static struct cel_value to_double(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];
    double d;

    switch ((enum cel_kind)v.kind) {
    case CEL_DOUBLE:
        return v;
    case CEL_INT:
        return cel_value_double((double)v.as.integer);
    case CEL_UINT:
        return cel_value_double((double)v.as.natural);
    case CEL_STRING:
        return cel_number_read(cel_value_text(v), &d) ? cel_value_double(d)
                                                      : bad_text(r, "double", v);
    default:
        return cel_run_no_overload(r, "double", args, n);
    }
}

static struct cel_value copy_text(struct cel_run *r, const char *text)
{
    const size_t n = strlen(text);
    uint8_t *copy = cel_run_text(r, n);

    if (copy == NULL)
        return r->stopped;
    memcpy(copy, text, n + 1); /* cel_run_text leaves room for the NUL */
    return cel_value_string((struct slice){copy, n});
}

static struct cel_value bytes_to_string(struct cel_run *r, struct cel_value v)
{
    size_t bad;

    if (!cel_run_charge(r, v.len / 64 + 1))
        return r->stopped;
    if (!slice_utf8(cel_value_text(v), &bad))
        return cel_run_fault(r, CEL_FAULT_VALUE, "the bytes are no UTF-8 (byte %zu)", bad);
    v.kind = CEL_STRING;
    return v;
}

static struct cel_value to_string(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct cel_value v = args[0];
    char text[96] = "";

    switch ((enum cel_kind)v.kind) {
    case CEL_STRING:
        return v;
    case CEL_BYTES:
        return bytes_to_string(r, v);
    case CEL_BOOL:
        return cel_value_str(v.as.boolean ? "true" : "false");
    case CEL_INT:
        snprintf(text, sizeof(text), "%" PRId64, v.as.integer);
        break;
    case CEL_UINT:
        snprintf(text, sizeof(text), "%" PRIu64, v.as.natural);
        break;
    case CEL_DOUBLE:
        cel_number_text(v.as.real, text);
        break;
    case CEL_TIMESTAMP:
        cel_time_timestamp_text(v, text);
        break;
    case CEL_DURATION:
        cel_time_duration_text(v, text);
        break;
    case CEL_IP:
    case CEL_CIDR:
        cel_net_text(v, text);
        break;
    default:
        return cel_run_no_overload(r, "string", args, n);
    }
    return copy_text(r, text);
}

static struct cel_value to_bytes(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value v = args[0];

    if (v.kind != CEL_STRING && v.kind != CEL_BYTES)
        return cel_run_no_overload(r, "bytes", args, n);
    v.kind = CEL_BYTES;
    return v;
}

static bool one_of(struct slice s, const char *const *words)
{
    while (*words != NULL && !slice_is(s, *words))
        words++;
    return *words != NULL;
}

static struct cel_value to_bool(struct cel_run *r, const struct cel_value *args, size_t n)
{
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True", NULL};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False", NULL};
    const struct slice s = cel_value_text(args[0]);

    if (args[0].kind == CEL_BOOL)
        return args[0];
    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "bool", args, n);
    if (!one_of(s, yes) && !one_of(s, no))
        return bad_text(r, "bool", args[0]);
    return cel_value_bool(one_of(s, yes));
}

static struct cel_value to_timestamp(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value out;

    if (args[0].kind == CEL_TIMESTAMP)
        return args[0];
    if (args[0].kind == CEL_INT) {
        if (args[0].as.integer < CEL_TIME_SECONDS_MIN || args[0].as.integer > CEL_TIME_SECONDS_MAX)
            return range(r, "a timestamp");
        return cel_value_timestamp(args[0].as.integer, 0);
    }
    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "timestamp", args, n);
    if (!cel_time_parse_timestamp(cel_value_text(args[0]), &out))
        return bad_text(r, "timestamp (RFC 3339, years 1-9999)", args[0]);
    return out;
}

static struct cel_value to_duration(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value out;

    if (args[0].kind == CEL_DURATION)
        return args[0];
    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "duration", args, n);
    if (!cel_time_parse_duration(cel_value_text(args[0]), &out))
        return bad_text(r, "duration (like 1h30m or -1.5s)", args[0]);
    return out;
}

/* ---- base64 ---- */
static struct cel_value encode(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_value out = r->stopped;
    const size_t max = (size_t)args[0].len / 3 * 4 + 8;
    uint8_t *text;
    struct buf b;

    if (args[0].kind != CEL_BYTES)
        return cel_run_no_overload(r, "base64.encode", args, n);
    text = cel_run_text(r, max);
    if (text == NULL)
        return out;
    buf_init(&b, max);
    base64_put(&b, cel_value_text(args[0]));
    if (b.len > 0)
        memcpy(text, b.data, b.len);
    out = cel_value_string((struct slice){text, b.len});
    buf_release(&b);
    return out;
}

static struct cel_value decode(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct slice out;
    struct err e = {0};

    if (args[0].kind != CEL_STRING)
        return cel_run_no_overload(r, "base64.decode", args, n);
    if (!cel_run_charge(r, args[0].len / 64 + 1))
        return r->stopped;
    if (!base64_get(cel_value_text(args[0]), r->arena, &out, &e))
        return cel_run_fault(r, CEL_FAULT_TEXT, "base64.decode: %s", e.text);
    if (!cel_run_memory(r))
        return r->stopped;
    return cel_value_bytes(out);
}

const struct cel_lib_entry cel_lib_core_table[] = {
    {"size", CEL_LIB_GLOBAL | CEL_LIB_METHOD, 1, 1, size},
    {"type", CEL_LIB_GLOBAL, 1, 1, type},
    {"dyn", CEL_LIB_GLOBAL, 1, 1, dyn},
    {"int", CEL_LIB_GLOBAL, 1, 1, to_int},
    {"uint", CEL_LIB_GLOBAL, 1, 1, to_uint},
    {"double", CEL_LIB_GLOBAL, 1, 1, to_double},
    {"string", CEL_LIB_GLOBAL, 1, 1, to_string},
    {"bytes", CEL_LIB_GLOBAL, 1, 1, to_bytes},
    {"bool", CEL_LIB_GLOBAL, 1, 1, to_bool},
    {"timestamp", CEL_LIB_GLOBAL, 1, 1, to_timestamp},
    {"duration", CEL_LIB_GLOBAL, 1, 1, to_duration},
    {"base64.encode", CEL_LIB_GLOBAL, 1, 1, encode},
    {"base64.decode", CEL_LIB_GLOBAL, 1, 1, decode},
    {NULL, 0, 0, 0, NULL},
};
