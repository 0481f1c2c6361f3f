#include "policies/cel/cel_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "policies/cel/cel_map.h"
#include "policies/cel/cel_net.h"
#include "policies/cel/cel_time.h"

struct cel_value cel_value_of(const struct value *v)
{
    if (v == NULL)
        return cel_value_null();
    switch ((enum value_kind)v->kind) {
    case VALUE_NULL:
        return cel_value_null();
    case VALUE_BOOL:
        return cel_value_bool(v->as.boolean);
    case VALUE_INT:
        return cel_value_int(v->as.integer);
    case VALUE_DOUBLE:
        return cel_value_double(v->as.real);
    case VALUE_STRING:
        return cel_value_string((struct slice){v->as.text, v->len});
    case VALUE_LIST:
        return (struct cel_value){.kind = CEL_LIST, .plain = true, .len = v->len, .as.plain = v};
    case VALUE_MAP:
        return (struct cel_value){.kind = CEL_MAP, .plain = true, .len = v->len, .as.plain = v};
    case VALUE_UNKNOWN:
        break;
    }
    return (struct cel_value){.kind = CEL_GAP, .plain = true, .as.plain = v};
}

struct cel_value cel_value_str(const char *s)
{
    return cel_value_string(slice_str(s));
}

struct cel_value cel_value_optional(struct arena *a, const struct cel_value *v)
{
    struct cel_value *copy = NULL;

    if (v != NULL) {
        copy = ARENA_NEW(a, struct cel_value);
        *copy = *v;
    }
    return (struct cel_value){.kind = CEL_OPTIONAL, .as.inner = copy};
}

struct cel_value cel_value_unknown(struct arena *a, const char *why)
{
    return cel_value_of(value_unknown(a, why, NULL, 0, NULL));
}

struct slice cel_value_text(struct cel_value v)
{
    if (v.kind == CEL_STRING || v.kind == CEL_BYTES || v.kind == CEL_TYPE)
        return (struct slice){v.as.text, v.len};
    return (struct slice){NULL, 0};
}

struct cel_value cel_value_item(struct cel_value list, size_t i)
{
    return list.plain ? cel_value_of(list.as.plain->as.items[i]) : list.as.items[i];
}

void cel_value_entry(struct cel_value map, size_t i, struct cel_value *key, struct cel_value *value)
{
    if (map.plain) {
        const struct value_member *m = &map.as.plain->as.members[i];

        *key = cel_value_string(m->key);
        *value = cel_value_of(m->value);
        return;
    }
    *key = map.as.map->entries[i].key;
    *value = map.as.map->entries[i].value;
}

/* Most maps of facts are small: a scan over the lengths beats hashing the key. */
#define SCAN_MAX 8

bool cel_value_field(struct cel_value map, struct slice name, struct cel_value *out)
{
    const struct value *plain = map.as.plain, *found = NULL;

    if (map.kind != CEL_MAP)
        return false;
    if (!map.plain)
        return cel_map_find(map, cel_value_string(name), out);
    if (map.len > SCAN_MAX) {
        found = value_get_slice(plain, name);
    } else {
        for (uint32_t i = 0; i < map.len && found == NULL; i++) {
            const struct value_member *m = &plain->as.members[i];

            if (m->key.len == name.len && memcmp(m->key.data, name.data, name.len) == 0)
                found = m->value;
        }
    }
    if (found == NULL)
        return false;
    *out = cel_value_of(found);
    return true;
}

const struct value_gap *cel_value_gap(struct cel_value v)
{
    if (v.kind != CEL_GAP)
        return NULL;
    return v.plain ? v.as.plain->as.gap : v.as.gap->gap;
}

const char *cel_value_type_name(enum cel_kind kind)
{
    static const char *const names[] = {
        [CEL_NULL] = "null_type",
        [CEL_BOOL] = "bool",
        [CEL_INT] = "int",
        [CEL_UINT] = "uint",
        [CEL_DOUBLE] = "double",
        [CEL_STRING] = "string",
        [CEL_BYTES] = "bytes",
        [CEL_LIST] = "list",
        [CEL_MAP] = "map",
        [CEL_TIMESTAMP] = "google.protobuf.Timestamp",
        [CEL_DURATION] = "google.protobuf.Duration",
        [CEL_TYPE] = "type",
        [CEL_OPTIONAL] = "optional_type",
        [CEL_IP] = "net.IP",
        [CEL_CIDR] = "net.CIDR",
        [CEL_GAP] = "unknown",
        [CEL_FAULT] = "error",
    };

    return names[kind];
}

static bool plain_at(struct cel_value v, struct arena *a, const struct value **out, struct err *e,
                     unsigned depth);

static bool plain_list(struct cel_value v, struct arena *a, const struct value **out, struct err *e,
                       unsigned depth)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < v.len; i++) {
        const struct value *item = NULL;

        if (!plain_at(v.as.items[i], a, &item, e, depth + 1))
            return false;
        value_list_add(&b, item);
    }
    *out = value_list_end(&b, NULL);
    return true;
}

static struct slice key_text(struct cel_value key, char buf[32])
{
    int n = 0;

    if (key.kind == CEL_STRING)
        return cel_value_text(key);
    if (key.kind == CEL_BOOL)
        return slice_str(key.as.boolean ? "true" : "false");
    if (key.kind == CEL_INT)
        n = snprintf(buf, 32, "%" PRId64, key.as.integer);
    else if (key.kind == CEL_UINT)
        n = snprintf(buf, 32, "%" PRIu64, key.as.natural);
    return (struct slice){(const uint8_t *)buf, (size_t)n};
}

static bool plain_map(struct cel_value v, struct arena *a, const struct value **out, struct err *e,
                      unsigned depth)
{
    struct value_builder b;
    const struct value *map;

    value_map_begin(&b, a);
    for (size_t i = 0; i < v.len; i++) {
        const struct value *item = NULL;
        struct cel_value key, member;
        char buf[32];

        cel_value_entry(v, i, &key, &member);
        if (!plain_at(member, a, &item, e, depth + 1))
            return false;
        value_map_put(&b, key_text(key, buf), item);
    }
    map = value_map_end(&b, NULL);
    if (map->len != v.len)
        return err_fail(e, ERR_FORMAT, "two keys of a map are the same as text");
    *out = map;
    return true;
}

static const struct value *plain_bytes(struct cel_value v, struct arena *a)
{
    struct buf b;
    const struct value *out;

    buf_init(&b, (size_t)v.len / 3 * 4 + 8);
    base64_put(&b, cel_value_text(v));
    out = value_string(a, buf_slice(&b), NULL);
    buf_release(&b);
    return out;
}

static const struct value *plain_uint(uint64_t n, struct arena *a)
{
    char text[32];

    if (n <= INT64_MAX)
        return value_int(a, (int64_t)n, NULL);
    snprintf(text, sizeof(text), "%" PRIu64, n);
    return value_str(a, text);
}

static const struct value *plain_text(struct cel_value v, struct arena *a)
{
    char text[CEL_TIME_TEXT_MAX + CEL_NET_TEXT_MAX];

    if (v.kind == CEL_TIMESTAMP)
        cel_time_timestamp_text(v, text);
    else if (v.kind == CEL_DURATION)
        cel_time_duration_text(v, text);
    else
        cel_net_text(v, text);
    return value_str(a, text);
}

static const struct value *plain_scalar(struct cel_value v, struct arena *a)
{
    switch ((enum cel_kind)v.kind) {
    case CEL_BOOL:
        return value_bool(a, v.as.boolean, NULL);
    case CEL_INT:
        return value_int(a, v.as.integer, NULL);
    case CEL_UINT:
        return plain_uint(v.as.natural, a);
    case CEL_DOUBLE:
        return value_double(a, v.as.real, NULL);
    case CEL_STRING:
    case CEL_TYPE:
        return value_string(a, cel_value_text(v), NULL);
    case CEL_BYTES:
        return plain_bytes(v, a);
    case CEL_TIMESTAMP:
    case CEL_DURATION:
    case CEL_IP:
    case CEL_CIDR:
        return plain_text(v, a);
    case CEL_NULL:
    case CEL_LIST:
    case CEL_MAP:
    case CEL_OPTIONAL:
    case CEL_GAP:
    case CEL_FAULT:
        break;
    }
    return value_null(a, NULL);
}

static bool plain_at(struct cel_value v, struct arena *a, const struct value **out, struct err *e,
                     unsigned depth)
{
    if (cel_run_bad(v))
        return err_fail(e, ERR_FORMAT, "an %s is no plain value", cel_value_type_name(v.kind));
    if (depth > LIMIT_CEL_DEPTH)
        return err_fail(e, ERR_LIMIT, "the value has more than %d levels (LIMIT_CEL_DEPTH)",
                        LIMIT_CEL_DEPTH);
    if (v.plain) {
        *out = v.as.plain;
        return true;
    }
    if (v.kind == CEL_LIST)
        return plain_list(v, a, out, e, depth);
    if (v.kind == CEL_MAP)
        return plain_map(v, a, out, e, depth);
    if (v.kind == CEL_OPTIONAL && v.as.inner != NULL)
        return plain_at(*v.as.inner, a, out, e, depth + 1);
    *out = plain_scalar(v, a);
    return true;
}

bool cel_value_plain(struct cel_value v, struct arena *a, const struct value **out, struct err *e)
{
    return plain_at(v, a, out, e, 0);
}
