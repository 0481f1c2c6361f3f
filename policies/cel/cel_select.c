#include "policies/cel/cel_select.h"

#include <inttypes.h>
#include <math.h>

#include "policies/cel/cel_map.h"

static struct cel_value some(struct cel_run *r, struct cel_value v)
{
    struct cel_value *copy;

    if (cel_run_bad(v))
        return v;
    copy = CEL_RUN_ARRAY(r, struct cel_value, 1);
    if (copy == NULL)
        return r->stopped;
    *copy = v;
    return (struct cel_value){.kind = CEL_OPTIONAL, .as.inner = copy};
}

static struct cel_value none(void)
{
    return (struct cel_value){.kind = CEL_OPTIONAL};
}

/* Names are untrusted text on their way into a message. */
static struct cel_value no_key(struct cel_run *r, struct cel_value key)
{
    if (key.kind == CEL_INT)
        return cel_run_fault(r, CEL_FAULT_VALUE, "no such key: %" PRId64, key.as.integer);
    if (key.kind == CEL_UINT)
        return cel_run_fault(r, CEL_FAULT_VALUE, "no such key: %" PRIu64, key.as.natural);
    if (key.kind == CEL_BOOL)
        return cel_run_fault(r, CEL_FAULT_VALUE, "no such key: %s",
                             key.as.boolean ? "true" : "false");
    if (key.kind == CEL_STRING)
        return cel_run_fault(r, CEL_FAULT_VALUE, "no such key: %.*s",
                             (int)(key.len < 80 ? key.len : 80), (const char *)key.as.text);
    return cel_run_fault(r, CEL_FAULT_VALUE, "no such key");
}

static struct cel_value field_slow(struct cel_run *r, const struct cel_node *n, struct cel_value v)
{
    struct cel_value out;
    const bool optional = n->optional || v.kind == CEL_OPTIONAL;

    if (cel_run_bad(v))
        return v;
    r->at = n->at;
    if (v.kind == CEL_OPTIONAL) {
        if (v.as.inner == NULL)
            return v;
        v = *v.as.inner;
    }
    if (v.kind != CEL_MAP)
        return cel_run_fault(r, CEL_FAULT_TYPE, "no such key: a value of type %s has no fields",
                             cel_value_type_name(v.kind));
    if (!cel_value_field(v, cel_value_text(n->value), &out))
        return optional ? none() : no_key(r, n->value);
    out = cel_run_locate(r, out, n, -1);
    return optional ? some(r, out) : out;
}

struct cel_value cel_select_field(struct cel_run *r, const struct cel_node *n)
{
    const struct cel_value v = cel_run_node(r, n->args[0]);
    struct cel_value out;

    if (v.kind == CEL_MAP && !n->optional &&
        cel_value_field(v, (struct slice){n->value.as.text, n->value.len}, &out))
        return out.kind == CEL_GAP ? cel_run_locate(r, out, n, -1) : out;
    return field_slow(r, n, v);
}

/* SPEC: conformance "lists/index": whole numbers of any numeric type. */
static bool whole_index(struct cel_value v, int64_t *out)
{
    if (v.kind == CEL_INT) {
        *out = v.as.integer;
        return true;
    }
    if (v.kind == CEL_UINT) {
        *out = v.as.natural > INT64_MAX ? INT64_MAX : (int64_t)v.as.natural;
        return true;
    }
    if (v.kind != CEL_DOUBLE || floor(v.as.real) != v.as.real || fabs(v.as.real) >= 0x1p62)
        return false;
    *out = (int64_t)v.as.real;
    return true;
}

static struct cel_value index_list(struct cel_run *r, const struct cel_node *n,
                                   struct cel_value list, struct cel_value at)
{
    const struct cel_value args[] = {list, at};
    int64_t i;

    if (!whole_index(at, &i))
        return cel_run_no_overload(r, "_[_]", args, 2);
    if (i >= 0 && i < (int64_t)list.len)
        return cel_run_locate(r, cel_value_item(list, (size_t)i), n, -1);
    if (n->optional)
        return none();
    return cel_run_fault(r, CEL_FAULT_VALUE, "index %" PRId64 " is outside a list of %" PRIu32, i,
                         list.len);
}

static struct cel_value index_value(struct cel_run *r, const struct cel_node *n, struct cel_value v,
                                    struct cel_value key)
{
    const struct cel_value args[] = {v, key};
    struct cel_value out;

    if (v.kind == CEL_LIST)
        return index_list(r, n, v, key);
    if (v.kind != CEL_MAP)
        return cel_run_no_overload(r, "_[_]", args, 2);
    if (!cel_run_charge(r, cel_value_text(key).len / 64 + 1))
        return r->stopped;
    if (cel_map_find(v, key, &out))
        return cel_run_locate(r, out, n, -1);
    if (n->optional)
        return none();
    if (key.kind > CEL_STRING)
        return cel_run_no_overload(r, "_[_]", args, 2);
    return no_key(r, key);
}

struct cel_value cel_select_index(struct cel_run *r, const struct cel_node *n)
{
    struct cel_value v = cel_run_node(r, n->args[0]);
    const struct cel_value key = cel_run_node(r, n->args[1]);
    struct cel_node soft = *n;
    struct cel_value out;

    if (cel_run_bad(v) || cel_run_bad(key))
        return cel_run_worse(r, v, key);
    r->at = n->at;
    soft.optional = n->optional || v.kind == CEL_OPTIONAL;
    if (v.kind == CEL_OPTIONAL) {
        if (v.as.inner == NULL)
            return v;
        v = *v.as.inner;
    }
    out = index_value(r, &soft, v, key);
    if (!soft.optional || (out.kind == CEL_OPTIONAL && out.as.inner == NULL))
        return out;
    return some(r, out);
}

/* Is the last step there? A field that is there but unknown may end up absent, so nobody can
 * tell. */
struct cel_value cel_select_has(struct cel_run *r, const struct cel_node *n)
{
    struct cel_value v = cel_run_node(r, n->args[0]), out;

    if (cel_run_bad(v))
        return v;
    r->at = n->at;
    if (v.kind == CEL_OPTIONAL) {
        if (v.as.inner == NULL)
            return cel_value_bool(false);
        v = *v.as.inner;
    }
    if (v.kind != CEL_MAP)
        return cel_run_fault(r, CEL_FAULT_TYPE, "has() asks a value of type %s for a field",
                             cel_value_type_name(v.kind));
    if (!cel_value_field(v, cel_value_text(n->value), &out))
        return cel_value_bool(false);
    return out.kind == CEL_GAP ? cel_run_locate(r, out, n, -1) : cel_value_bool(true);
}
