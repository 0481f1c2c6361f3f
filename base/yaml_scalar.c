/* The core schema of YAML 1.2. */
#include "base/yaml_scalar.h"

#include <math.h>
#include <string.h>

#include "base/checked.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(struct slice s)
{
    size_t n = 0;

    while (n < s.len && is_digit(s.data[n]))
        n++;
    return n;
}

static bool is_one_of(struct slice s, const char *const words[3])
{
    return slice_is(s, words[0]) || slice_is(s, words[1]) || slice_is(s, words[2]);
}

static bool word(struct slice s, struct arena *a, const struct value_at *at,
                 const struct value **out)
{
    static const char *const nulls[] = {"null", "Null", "NULL"};
    static const char *const trues[] = {"true", "True", "TRUE"};
    static const char *const falses[] = {"false", "False", "FALSE"};
    static const char *const nans[] = {".nan", ".NaN", ".NAN"};
    static const char *const infs[] = {".inf", ".Inf", ".INF"};
    const bool sign = s.len > 0 && (s.data[0] == '-' || s.data[0] == '+');

    if (s.len == 0 || slice_is(s, "~") || is_one_of(s, nulls))
        *out = value_null(a, at);
    else if (is_one_of(s, trues) || is_one_of(s, falses))
        *out = value_bool(a, s.len == 4, at);
    else if (is_one_of(s, nans))
        *out = value_double(a, (double)NAN, at);
    else if (is_one_of(slice_from(s, sign), infs))
        *out = value_double(a, s.data[0] == '-' ? -HUGE_VAL : HUGE_VAL, at);
    else
        return false;
    return true;
}

/* 0x1f or 0o17: the digits' value; `*fits` is false past int64. */
static bool based(struct slice s, uint64_t *out, bool *fits)
{
    const unsigned shift = slice_starts(s, "0x") ? 4 : 3;

    if (!slice_starts(s, "0x") && !slice_starts(s, "0o"))
        return false;
    s = slice_from(s, 2);
    *out = 0;
    *fits = true;
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];
        const uint8_t low = c | 0x20;
        uint64_t v;

        if (c >= '0' && c <= (shift == 4 ? '9' : '7'))
            v = (uint64_t)c - '0';
        else if (shift == 4 && low >= 'a' && low <= 'f')
            v = (uint64_t)low - 'a' + 10;
        else
            return false;
        if (*out > (uint64_t)INT64_MAX >> shift)
            *fits = false;
        *out = *out << shift | v;
    }
    return s.len > 0;
}

/* A number of the core schema, without sign: digits and an optional fraction and exponent. */
struct number {
    struct slice whole, fraction, exponent; /* digits; the exponent with its sign */
    bool real;
};

static bool split(struct slice s, struct number *n)
{
    *n = (struct number){.whole = {s.data, digits(s)}};
    s = slice_from(s, n->whole.len);
    if (s.len > 0 && s.data[0] == '.') {
        s = slice_from(s, 1);
        n->fraction = (struct slice){s.data, digits(s)};
        s = slice_from(s, n->fraction.len);
        n->real = true;
    }
    if (n->whole.len == 0 && n->fraction.len == 0)
        return false;
    if (s.len > 0 && (s.data[0] == 'e' || s.data[0] == 'E')) {
        const size_t sign = s.len > 1 && (s.data[1] == '-' || s.data[1] == '+');

        n->exponent = slice_from(s, 1);
        n->real = true;
        if (s.len == 1 + sign || digits(slice_from(s, 1 + sign)) != s.len - 1 - sign)
            return false;
        s.len = 0;
    }
    return s.len == 0;
}

/* The spelling of JSON for it, which has one way to write a number less. */
static struct slice respell(const struct number *n, bool negative, struct arena *a)
{
    struct slice whole = n->whole;

    while (whole.len > 1 && whole.data[0] == '0')
        whole = slice_from(whole, 1);
    if (whole.len == 0)
        whole = SLICE_LIT("0");
    return slice_str(arena_printf(
        a, "%s%s%s%s%s%s", negative ? "-" : "", arena_strndup(a, whole),
        n->fraction.len > 0 ? "." : "", n->fraction.len > 0 ? arena_strndup(a, n->fraction) : "",
        n->exponent.len > 0 ? "e" : "", n->exponent.len > 0 ? arena_strndup(a, n->exponent) : ""));
}

static bool number(struct slice s, struct arena *a, const struct value_at *at,
                   const struct value **out)
{
    const bool sign = s.len > 0 && (s.data[0] == '-' || s.data[0] == '+');
    const bool negative = sign && s.data[0] == '-';
    struct number n;
    struct slice json;
    int64_t integer;
    double real;

    if (!split(slice_from(s, sign), &n))
        return false;
    if (!n.real && n.whole.len > 1 && n.whole.data[0] == '0')
        return false;
    json = respell(&n, negative, a);
    if (!n.real && checked_i64(json, &integer))
        *out = value_int(a, integer, at);
    else if (checked_double(json, &real))
        *out = value_double(a, real, at);
    else
        *out = NULL; /* a number, but too large */
    return true;
}

/* No number is spelled with another first byte: most scalars end here. */
static bool may_be_number(struct slice s)
{
    return s.len > 0 &&
           (is_digit(s.data[0]) || s.data[0] == '+' || s.data[0] == '-' || s.data[0] == '.');
}

bool yaml_scalar_plain(struct slice text, struct arena *a, const struct value_at *at,
                       const struct value **out)
{
    uint64_t v;
    bool fits;

    if (word(text, a, at, out))
        return true;
    if (may_be_number(text) && based(text, &v, &fits)) {
        if (!fits)
            return false;
        *out = value_int(a, (int64_t)v, at);
        return true;
    }
    if (may_be_number(text) && number(text, a, at, out))
        return *out != NULL;
    *out = value_string(a, text, at);
    return true;
}

static bool kind_of(const char *tag, enum value_kind *kind)
{
    static const struct {
        const char *tag;
        enum value_kind kind;
    } kinds[] = {
        {"null", VALUE_NULL}, {"bool", VALUE_BOOL}, {"int", VALUE_INT}, {"float", VALUE_DOUBLE}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(tag, kinds[i].tag) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

bool yaml_scalar_has_tag(const char *tag)
{
    enum value_kind kind;

    return kind_of(tag, &kind);
}

bool yaml_scalar_tagged(const char *tag, struct slice text, struct arena *a,
                        const struct value_at *at, const struct value **out)
{
    enum value_kind kind;
    const struct value *v;

    if (!kind_of(tag, &kind) || !yaml_scalar_plain(text, a, at, &v))
        return false;
    if (kind == VALUE_DOUBLE && value_is(v, VALUE_INT))
        v = value_double(a, (double)v->as.integer, at);
    if (!value_is(v, kind))
        return false;
    *out = v;
    return true;
}
