#ifndef POLICIES_CEL_CEL_VALUE_H
#define POLICIES_CEL_CEL_VALUE_H
/*
 * The values that expressions compute with: wider than struct value. A cel_value is passed by
 * value (two registers); what it
 * points to lives in the arena of the evaluation or in the bindings. Plain lists and maps are
 * not copied: they are wrapped and
 * read in place, so an item may turn out to be unknown (CEL_GAP) when it is read.
 */
#include "policies/cel/cel.h"

enum cel_kind {
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,
    CEL_UINT,
    CEL_DOUBLE,
    CEL_STRING,
    CEL_BYTES,
    CEL_LIST,
    CEL_MAP,
    CEL_TIMESTAMP,
    CEL_DURATION,
    CEL_TYPE,
    CEL_OPTIONAL,
    CEL_IP,
    CEL_CIDR,
    CEL_GAP,  /* unknown */
    CEL_FAULT /* error */
};

struct cel_map;   /* policies/cel/cel_map.h */
struct cel_gap;   /* policies/cel/cel_run.h */
struct cel_fault; /* policies/cel/cel_run.h */

/* An address, and for CEL_CIDR the length of the prefix. IPv4 uses the first four bytes. */
struct cel_net {
    uint8_t bytes[16];
    uint8_t nbytes; /* 4 or 16 */
    uint8_t prefix; /* bits */
};

struct cel_value {
    uint8_t kind; /* enum cel_kind */
    bool plain;   /* list, map, gap: read `as.plain`, not `as.items`, `as.map`, `as.gap` */
    /* bytes of string, bytes, type name; items; members; nanoseconds of a timestamp */
    uint32_t len;
    union {
        bool boolean;
        int64_t integer;  /* int; seconds since 1970 of a timestamp; nanoseconds of a duration */
        uint64_t natural; /* uint */
        double real;
        const uint8_t *text; /* string, bytes, type; need not end in NUL */
        const struct value *plain;
        const struct cel_value *items;
        const struct cel_map *map;
        const struct cel_value *inner; /* optional; NULL is none */
        const struct cel_net *net;
        const struct cel_gap *gap;
        const struct cel_fault *fault;
    } as;
};

static inline struct cel_value cel_value_null(void)
{
    return (struct cel_value){.kind = CEL_NULL};
}

static inline struct cel_value cel_value_bool(bool v)
{
    return (struct cel_value){.kind = CEL_BOOL, .as.natural = v};
}

static inline struct cel_value cel_value_int(int64_t v)
{
    return (struct cel_value){.kind = CEL_INT, .as.integer = v};
}

static inline struct cel_value cel_value_uint(uint64_t v)
{
    return (struct cel_value){.kind = CEL_UINT, .as.natural = v};
}

static inline struct cel_value cel_value_double(double v)
{
    return (struct cel_value){.kind = CEL_DOUBLE, .as.real = v};
}

/* The text is borrowed, at most UINT32_MAX bytes of strict UTF-8. */
static inline struct cel_value cel_value_string(struct slice s)
{
    return (struct cel_value){.kind = CEL_STRING, .len = (uint32_t)s.len, .as.text = s.data};
}

static inline struct cel_value cel_value_bytes(struct slice s)
{
    return (struct cel_value){.kind = CEL_BYTES, .len = (uint32_t)s.len, .as.text = s.data};
}

/* Seconds since 1970 within the years 1-9999, and 0-999,999,999 nanoseconds that count forward. */
static inline struct cel_value cel_value_timestamp(int64_t seconds, uint32_t nanos)
{
    return (struct cel_value){.kind = CEL_TIMESTAMP, .len = nanos, .as.integer = seconds};
}

static inline struct cel_value cel_value_duration(int64_t nanos)
{
    return (struct cel_value){.kind = CEL_DURATION, .as.integer = nanos};
}

/* A list over `n` values that outlive it. */
static inline struct cel_value cel_value_list(const struct cel_value *items, size_t n)
{
    return (struct cel_value){.kind = CEL_LIST, .len = (uint32_t)n, .as.items = items};
}

/* cel_value_of(v) wraps plain data without copying; NULL gives null, an unknown gives a gap. */
struct cel_value cel_value_of(const struct value *v);

/* cel_value_str(s) borrows a NUL-terminated string. */
struct cel_value cel_value_str(const char *s);

/* cel_value_optional(a, v) holds a copy of `v`; NULL gives none. */
struct cel_value cel_value_optional(struct arena *a, const struct cel_value *v);

/* cel_value_unknown(a, why) for host functions that cannot tell. */
struct cel_value cel_value_unknown(struct arena *a, const char *why);

static inline bool cel_value_is(struct cel_value v, enum cel_kind kind)
{
    return v.kind == kind;
}

/* The bytes of a string, bytes or type; else the empty slice. */
struct slice cel_value_text(struct cel_value v);

/* cel_value_item(list, i): `i` must be less than `list.len`. May be a gap. */
struct cel_value cel_value_item(struct cel_value list, size_t i);

/* cel_value_entry(map, i, key, value): the i-th member in order; `i` must be less than
 * `map.len`. */
void cel_value_entry(struct cel_value map, size_t i, struct cel_value *key,
                     struct cel_value *value);

/* cel_value_field(map, name, out) is false when the map has no such key (or is no map); `*out`
 * may be a gap. */
bool cel_value_field(struct cel_value map, struct slice name, struct cel_value *out);

/* cel_value_gap(v): why a gap is a gap (the first reason); NULL when `v` is no gap. */
const struct value_gap *cel_value_gap(struct cel_value v);

/* cel_value_plain(v, a, out, e): as plain data. Timestamps, durations, addresses and types become
 * strings, bytes become base64,
 * an optional its content or null, an uint past int64 a decimal string, map keys text. False
 * for a gap or a fault, for two keys
 * that are the same as text, and past LIMIT_CEL_DEPTH levels. */
MUST_CHECK bool cel_value_plain(struct cel_value v, struct arena *a, const struct value **out,
                                struct err *e);

/* "int", "list", "google.protobuf.Timestamp", ...: what type() says */
const char *cel_value_type_name(enum cel_kind kind);
#endif
