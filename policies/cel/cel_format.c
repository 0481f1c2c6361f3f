#include "policies/cel/cel_format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/limits.h"
#include "policies/cel/cel_net.h"
#include "policies/cel/cel_number.h"
#include "policies/cel/cel_sort.h"
#include "policies/cel/cel_text.h"
#include "policies/cel/cel_time.h"

#define PRECISION_MAX 300 /* digits behind the point: a double has fewer that differ from 0 */

struct format {
    struct cel_run *run;
    struct buf out;
    struct cel_value bad; /* null, or the gap or fault that becomes the result */
};

static bool fail(struct format *f, struct cel_value bad)
{
    if (!cel_run_bad(f->bad))
        f->bad = bad;
    return false;
}

static bool wrong_type(struct format *f, const char *wanted, struct cel_value v)
{
    if (v.kind == CEL_GAP)
        return fail(f, v);
    return fail(f,
                cel_run_fault(f->run, CEL_FAULT_TYPE, "error during formatting: %s, was given %s",
                              wanted, cel_value_type_name(v.kind)));
}

/* Bytes as text: what is no UTF-8 becomes U+FFFD. */
static void put_bytes(struct buf *b, struct slice s)
{
    uint8_t utf8[4];
    uint32_t cp;

    for (size_t at = 0; at < s.len;) {
        escape_next(s, &at, &cp);
        buf_put(b, (struct slice){utf8, slice_utf8_put(utf8, cp == UINT32_MAX ? 0xfffd : cp)});
    }
}

static bool put_value(struct format *f, struct cel_value v, unsigned depth);

static bool put_list(struct format *f, struct cel_value v, unsigned depth)
{
    buf_str(&f->out, "[");
    for (size_t i = 0; i < v.len; i++) {
        if (i > 0)
            buf_str(&f->out, ", ");
        if (!put_value(f, cel_value_item(v, i), depth + 1))
            return false;
    }
    buf_str(&f->out, "]");
    return true;
}

static struct cel_value key_text(struct cel_run *r, struct cel_value key)
{
    char text[32];
    const char *copy;

    if (key.kind == CEL_STRING)
        return key;
    if (key.kind == CEL_BOOL)
        return cel_value_str(key.as.boolean ? "true" : "false");
    if (key.kind == CEL_INT)
        snprintf(text, sizeof(text), "%" PRId64, key.as.integer);
    else
        snprintf(text, sizeof(text), "%" PRIu64, key.as.natural);
    copy = arena_strdup(r->arena, text);
    return cel_value_str(copy);
}

/* Members in the order of their keys as text, so that the result does not depend on the order of
 * insertion. */
static bool put_map(struct format *f, struct cel_value v, unsigned depth)
{
    struct cel_value *keys = CEL_RUN_ARRAY(f->run, struct cel_value, v.len);
    struct cel_value *places = CEL_RUN_ARRAY(f->run, struct cel_value, v.len), order, value;

    if (keys == NULL || places == NULL)
        return fail(f, f->run->stopped);
    for (size_t i = 0; i < v.len; i++) {
        cel_value_entry(v, i, &keys[i], &value);
        keys[i] = key_text(f->run, keys[i]);
        places[i] = cel_value_int((int64_t)i);
    }
    order = cel_sort_by(f->run, cel_value_list(places, v.len), cel_value_list(keys, v.len));
    if (cel_run_bad(order))
        return fail(f, order);
    buf_str(&f->out, "{");
    for (size_t i = 0; i < v.len; i++) {
        const size_t at = (size_t)cel_value_item(order, i).as.integer;
        struct cel_value key;

        cel_value_entry(v, at, &key, &value);
        if (i > 0)
            buf_str(&f->out, ", ");
        buf_put(&f->out, cel_value_text(keys[at]));
        buf_str(&f->out, ": ");
        if (!put_value(f, value, depth + 1))
            return false;
    }
    buf_str(&f->out, "}");
    return true;
}

static bool put_number(struct format *f, struct cel_value v)
{
    char text[CEL_NUMBER_TEXT_MAX];

    if (v.kind == CEL_INT) {
        buf_printf(&f->out, "%" PRId64, v.as.integer);
    } else if (v.kind == CEL_UINT) {
        buf_printf(&f->out, "%" PRIu64, v.as.natural);
    } else {
        cel_number_text(v.as.real, text);
        buf_str(&f->out, text);
    }
    return true;
}

static bool put_scalar(struct format *f, struct cel_value v)
{
    char text[CEL_TIME_TEXT_MAX + CEL_NET_TEXT_MAX];

    if (v.kind == CEL_TIMESTAMP)
        cel_time_timestamp_text(v, text);
    else if (v.kind == CEL_DURATION)
        cel_time_duration_text(v, text);
    else if (v.kind == CEL_BOOL)
        snprintf(text, sizeof(text), "%s", v.as.boolean ? "true" : "false");
    else if (v.kind == CEL_NULL)
        snprintf(text, sizeof(text), "null");
    else
        cel_net_text(v, text);
    buf_str(&f->out, text);
    return true;
}

/* %s */
static bool put_value(struct format *f, struct cel_value v, unsigned depth)
{
    if (depth > LIMIT_JSON_DEPTH)
        return fail(f, cel_run_fault(f->run, CEL_FAULT_VALUE, "the value to format is too deep"));
    if (!cel_run_charge(f->run, 1 + cel_value_text(v).len / 64))
        return fail(f, f->run->stopped);
    switch ((enum cel_kind)v.kind) {
    case CEL_STRING:
    case CEL_TYPE:
        buf_put(&f->out, cel_value_text(v));
        return true;
    case CEL_BYTES:
        put_bytes(&f->out, cel_value_text(v));
        return true;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
        return put_number(f, v);
    case CEL_LIST:
        return put_list(f, v, depth);
    case CEL_MAP:
        return put_map(f, v, depth);
    case CEL_NULL:
    case CEL_BOOL:
    case CEL_TIMESTAMP:
    case CEL_DURATION:
    case CEL_IP:
    case CEL_CIDR:
        return put_scalar(f, v);
    case CEL_OPTIONAL:
    case CEL_GAP:
    case CEL_FAULT:
        break;
    }
    return wrong_type(f, "string clause cannot be used on this", v);
}

/* A whole number in base 2, 8 or 16, with its sign. */
static void put_base(struct format *f, struct cel_value v, unsigned base, const char *digits)
{
    const bool negative = v.kind == CEL_INT && v.as.integer < 0;
    uint64_t n = negative ? 0 - v.as.natural : v.as.natural;
    char text[68];
    size_t at = sizeof(text) - 1;

    text[at] = '\0';
    do {
        text[--at] = digits[n % base];
        n /= base;
    } while (n > 0);
    if (negative)
        text[--at] = '-';
    buf_str(&f->out, text + at);
}

static bool put_hex(struct format *f, struct cel_value v, const char *digits)
{
    const struct slice s = cel_value_text(v);

    if (v.kind == CEL_INT || v.kind == CEL_UINT) {
        put_base(f, v, 16, digits);
        return true;
    }
    if (v.kind != CEL_STRING && v.kind != CEL_BYTES)
        return wrong_type(f, "only integers, byte buffers, and strings can be formatted as hex", v);
    for (size_t i = 0; i < s.len; i++) {
        buf_u8(&f->out, (uint8_t)digits[s.data[i] >> 4]);
        buf_u8(&f->out, (uint8_t)digits[s.data[i] & 15]);
    }
    return true;
}

static bool put_real(struct format *f, struct cel_value v, int precision, bool scientific)
{
    double d;

    if (v.kind == CEL_INT)
        d = (double)v.as.integer;
    else if (v.kind == CEL_UINT)
        d = (double)v.as.natural;
    else if (v.kind == CEL_DOUBLE)
        d = v.as.real;
    else
        return wrong_type(f,
                          scientific ? "scientific clause can only be used on doubles"
                                     : "fixed-point clause can only be used on doubles",
                          v);
    if (!isfinite(d))
        return put_number(f, cel_value_double(d));
    if (scientific)
        buf_printf(&f->out, "%.*e", precision, d);
    else
        buf_printf(&f->out, "%.*f", precision, d);
    return true;
}

static bool put_clause(struct format *f, uint8_t clause, int precision, struct cel_value v)
{
    switch (clause) {
    case 's':
        return put_value(f, v, 0);
    case 'd':
        if (v.kind != CEL_INT && v.kind != CEL_UINT && v.kind != CEL_DOUBLE)
            return wrong_type(f, "decimal clause can only be used on numbers", v);
        return put_number(f, v);
    case 'f':
    case 'e':
        return put_real(f, v, precision < 0 ? 6 : precision, clause == 'e');
    case 'x':
        return put_hex(f, v, "0123456789abcdef");
    case 'X':
        return put_hex(f, v, "0123456789ABCDEF");
    case 'o':
        if (v.kind != CEL_INT && v.kind != CEL_UINT)
            return wrong_type(f, "octal clause can only be used on integers", v);
        put_base(f, v, 8, "01234567");
        return true;
    default:
        if (v.kind != CEL_INT && v.kind != CEL_UINT && v.kind != CEL_BOOL)
            return wrong_type(f, "only integers and bools can be formatted as binary", v);
        put_base(f, v, 2, "01");
        return true;
    }
}

/* ".3" behind a '%'; -1 when there is none. */
static bool read_precision(struct format *f, struct slice s, size_t *at, int *precision)
{
    const size_t start = *at + 1;

    *precision = -1;
    if (*at >= s.len || s.data[*at] != '.')
        return true;
    *precision = 0;
    for (++*at; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9'; ++*at)
        if (*precision <= PRECISION_MAX)
            *precision = *precision * 10 + (s.data[*at] - '0');
    if (*at > start && *precision <= PRECISION_MAX)
        return true;
    return fail(f, cel_run_fault(f->run, CEL_FAULT_TYPE, "the precision must be a number up to %d",
                                 PRECISION_MAX));
}

/* One clause; `*at` stands behind the '%'. */
static bool format_clause(struct format *f, struct slice s, size_t *at, struct cel_value list,
                          size_t *used)
{
    int precision;
    uint8_t clause;

    if (*at < s.len && s.data[*at] == '%') {
        (*at)++;
        buf_str(&f->out, "%");
        return true;
    }
    if (!read_precision(f, s, at, &precision))
        return false;
    clause = *at < s.len ? s.data[(*at)++] : 0;
    if (clause == 0 || strchr("sdfexXob", clause) == NULL ||
        (precision >= 0 && !strchr("fe", clause)))
        return fail(f, cel_run_fault(f->run, CEL_FAULT_TYPE,
                                     "the format has an unrecognized clause at byte %zu", *at - 1));
    if (*used >= list.len)
        return fail(f, cel_run_fault(f->run, CEL_FAULT_VALUE,
                                     "index %zu out of range: the format "
                                     "has more clauses than values",
                                     *used));
    return put_clause(f, clause, precision, cel_value_item(list, (*used)++));
}

static bool format_all(struct format *f, struct slice s, struct cel_value list)
{
    size_t at = 0, used = 0;

    while (at < s.len) {
        const uint8_t *percent = memchr(s.data + at, '%', s.len - at);
        const size_t end = percent != NULL ? (size_t)(percent - s.data) : s.len;

        buf_put(&f->out, (struct slice){s.data + at, end - at});
        at = end + 1;
        if (percent != NULL && !format_clause(f, s, &at, list, &used))
            return false;
    }
    return true;
}

/* The text that was made, in the arena of the evaluation. */
static struct cel_value finish(struct format *f)
{
    const struct slice made = buf_slice(&f->out);
    struct cel_value result = f->bad;
    uint8_t *copy;

    if (!cel_run_bad(result)) {
        copy = f->out.full ? NULL : cel_run_text(f->run, made.len);
        if (copy == NULL) {
            result = cel_run_too_large(f->run);
        } else {
            if (made.len > 0)
                memcpy(copy, made.data, made.len);
            result = cel_value_string((struct slice){copy, made.len});
        }
    }
    buf_release(&f->out);
    return result;
}

struct cel_value cel_format_text(struct cel_run *r, struct cel_value format, struct cel_value list)
{
    struct format f = {.run = r, .bad = cel_value_null()};

    buf_init(&f.out, LIMIT_CEL_MEMORY / 4);
    (void)format_all(&f, cel_value_text(format), list);
    return finish(&f);
}

struct cel_value cel_format_quote(struct cel_run *r, struct cel_value text)
{
    static const char from[] = "\a\b\f\n\r\t\v\\\"";
    static const char to[] = "abfnrtv\\\"";
    struct format f = {.run = r, .bad = cel_value_null()};
    const struct slice s = cel_value_text(text);

    buf_init(&f.out, LIMIT_CEL_MEMORY / 4);
    buf_str(&f.out, "\"");
    for (size_t i = 0; i < s.len; i++) {
        const char *at = s.data[i] != 0 ? strchr(from, s.data[i]) : NULL;

        if (at != NULL)
            buf_u8(&f.out, '\\');
        buf_u8(&f.out, at != NULL ? (uint8_t)to[at - from] : s.data[i]);
    }
    buf_str(&f.out, "\"");
    return finish(&f);
}
