/* JSON written as it comes. */
#include "base/json_out.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/escape.h"

void json_out_init(struct json_out *o, struct buf *b, enum json_style style)
{
    *o = (struct json_out){.buf = b, .style = style, .first = true};
}

static void new_line(struct json_out *o)
{
    if (o->style != JSON_PRETTY)
        return;
    buf_u8(o->buf, '\n');
    for (unsigned i = 0; i < o->depth; i++)
        buf_str(o->buf, "  ");
}

/* What stands between the last token and the next key or value. */
static void before(struct json_out *o)
{
    if (o->after_key) {
        o->after_key = false;
        return;
    }
    if (o->depth == 0)
        return;
    if (!o->first)
        buf_u8(o->buf, ',');
    new_line(o);
    o->first = false;
}

static void after(struct json_out *o)
{
    o->first = false;
    if (o->depth == 0 && o->style == JSON_PRETTY)
        buf_u8(o->buf, '\n');
}

static void put_text(struct json_out *o, struct slice text)
{
    buf_u8(o->buf, '"');
    escape_json(o->buf, text);
    buf_u8(o->buf, '"');
}

static void open(struct json_out *o, uint8_t bracket)
{
    before(o);
    buf_u8(o->buf, bracket);
    o->depth++;
    o->first = true;
}

static void close_with(struct json_out *o, uint8_t bracket)
{
    assert(o->depth > 0 && !o->after_key);
    o->depth--;
    if (!o->first)
        new_line(o);
    buf_u8(o->buf, bracket);
    after(o);
}

void json_out_object(struct json_out *o)
{
    open(o, '{');
}

void json_out_end_object(struct json_out *o)
{
    close_with(o, '}');
}

void json_out_array(struct json_out *o)
{
    open(o, '[');
}

void json_out_end_array(struct json_out *o)
{
    close_with(o, ']');
}

void json_out_key(struct json_out *o, const char *key)
{
    json_out_key_slice(o, slice_str(key));
}

void json_out_key_slice(struct json_out *o, struct slice key)
{
    assert(o->depth > 0 && !o->after_key);
    before(o);
    put_text(o, key);
    buf_str(o->buf, o->style == JSON_PRETTY ? ": " : ":");
    o->after_key = true;
}

void json_out_string(struct json_out *o, struct slice text)
{
    before(o);
    put_text(o, text);
    after(o);
}

static void word(struct json_out *o, const char *text)
{
    before(o);
    buf_str(o->buf, text);
    after(o);
}

void json_out_str(struct json_out *o, const char *text)
{
    if (text == NULL)
        word(o, "null");
    else
        json_out_string(o, slice_str(text));
}

void json_out_int(struct json_out *o, int64_t v)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, v);
    word(o, text);
}

void json_out_uint(struct json_out *o, uint64_t v)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64, v);
    word(o, text);
}

/* The fewest digits that read back as v: `digits` without a point, the first times 10^exponent. */
static int shortest(double v, char digits[24])
{
    for (int n = 0; n < 17; n++) {
        char text[40];
        const char *e;
        double back;
        int64_t exponent;

        snprintf(text, sizeof(text), "%.*e", n, v);
        if (n > 0)
            text[1] = '.'; /* whatever the locale put there */
        if (n < 16 && (!checked_double(slice_str(text), &back) || back != v))
            continue;
        e = strchr(text, 'e');
        digits[0] = text[0];
        for (int i = 1; i <= n; i++)
            digits[i] = text[i + 1];
        digits[n + 1] = '\0';
        e += e[1] == '+' ? 2 : 1;
        return checked_i64(slice_str(e), &exponent) ? (int)exponent : 0;
    }
    return 0;
}

/* 0.0001 to 1e17 are written out, always with a fraction, so that they read back as doubles. */
static void put_double(struct buf *b, double v)
{
    char digits[24] = "";
    int exponent, n;

    if (signbit(v))
        buf_u8(b, '-');
    exponent = shortest(fabs(v), digits);
    n = (int)strlen(digits);
    if (exponent < -5 || exponent > 16) {
        buf_printf(b, "%c", digits[0]);
        if (n > 1)
            buf_printf(b, ".%s", digits + 1);
        buf_printf(b, "e%d", exponent);
        return;
    }
    if (exponent < 0) {
        buf_printf(b, "0.%.*s%s", -exponent - 1, "0000", digits);
        return;
    }
    for (int i = 0; i <= exponent; i++)
        buf_u8(b, (uint8_t)(i < n ? digits[i] : '0'));
    buf_printf(b, ".%s", n > exponent + 1 ? digits + exponent + 1 : "0");
}

void json_out_double(struct json_out *o, double v)
{
    if (!isfinite(v)) {
        word(o, "null");
        return;
    }
    before(o);
    put_double(o->buf, v);
    after(o);
}

void json_out_bool(struct json_out *o, bool v)
{
    word(o, v ? "true" : "false");
}

void json_out_null(struct json_out *o)
{
    word(o, "null");
}

static void put_unknown(struct json_out *o, const struct value_gap *gap)
{
    json_out_object(o);
    json_out_key(o, "$unknown");
    json_out_string(o, gap->why);
    json_out_key(o, "refs");
    json_out_array(o);
    for (size_t i = 0; i < gap->nrefs; i++)
        json_out_string(o, gap->refs[i]);
    json_out_end_array(o);
    json_out_end_object(o);
}

/* As json_out_key_slice, with a second '$' before a first one. */
static void put_data_key(struct json_out *o, struct slice key)
{
    before(o);
    buf_u8(o->buf, '"');
    if (slice_starts(key, "$"))
        buf_u8(o->buf, '$');
    escape_json(o->buf, key);
    buf_str(o->buf, o->style == JSON_PRETTY ? "\": " : "\":");
    o->after_key = true;
}

static void put_list(struct json_out *o, const struct value *v)
{
    json_out_array(o);
    for (uint32_t i = 0; i < v->len; i++)
        json_out_value(o, v->as.items[i]);
    json_out_end_array(o);
}

static void put_map(struct json_out *o, const struct value *v)
{
    json_out_object(o);
    for (uint32_t i = 0; i < v->len; i++) {
        put_data_key(o, v->as.members[i].key);
        json_out_value(o, v->as.members[i].value);
    }
    json_out_end_object(o);
}

/* The depth of a tree was capped by who read it. */
void json_out_value(struct json_out *o, const struct value *v)
{
    switch (v == NULL ? VALUE_NULL : (enum value_kind)v->kind) {
    case VALUE_NULL:
        json_out_null(o);
        break;
    case VALUE_BOOL:
        json_out_bool(o, v->as.boolean);
        break;
    case VALUE_INT:
        json_out_int(o, v->as.integer);
        break;
    case VALUE_DOUBLE:
        json_out_double(o, v->as.real);
        break;
    case VALUE_STRING:
        json_out_string(o, value_text(v));
        break;
    case VALUE_LIST:
        put_list(o, v);
        break;
    case VALUE_MAP:
        put_map(o, v);
        break;
    case VALUE_UNKNOWN:
        put_unknown(o, v->as.gap);
        break;
    }
}

void json_out_kv_str(struct json_out *o, const char *key, const char *text)
{
    json_out_key(o, key);
    json_out_str(o, text);
}

void json_out_kv_int(struct json_out *o, const char *key, int64_t v)
{
    json_out_key(o, key);
    json_out_int(o, v);
}

void json_out_kv_bool(struct json_out *o, const char *key, bool v)
{
    json_out_key(o, key);
    json_out_bool(o, v);
}
