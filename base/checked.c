/* Text becomes numbers here and nowhere else. */
#include "base/checked.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool checked_u64(struct slice s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];

        if (c < '0' || c > '9')
            return false;
        if (!checked_mul(v, 10, &v) || !checked_add(v, (uint64_t)(c - '0'), &v))
            return false;
    }
    if (v > max)
        return false;
    *out = v;
    return true;
}

bool checked_i64(struct slice s, int64_t *out)
{
    const bool negative = s.len > 0 && s.data[0] == '-';
    uint64_t v;

    if (!checked_u64(slice_from(s, negative), (uint64_t)INT64_MAX + negative, &v))
        return false;
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* A JSON number, as mantissa * 10^exponent. */
struct decimal {
    uint64_t mantissa;
    int exponent;
    bool negative;
    bool exact; /* the mantissa holds all digits, the exponent is small */
};

/* Takes the digits at *at into the mantissa; how many there were. */
static size_t take_digits(struct slice s, size_t *at, struct decimal *d)
{
    const size_t from = *at;

    for (; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9'; ++*at)
        d->mantissa = d->mantissa * 10 + (uint64_t)s.data[*at] - '0';
    return *at - from;
}

/* e+12, or nothing. */
static bool take_exponent(struct slice s, size_t *at, struct decimal *d)
{
    bool negative = false;
    int v = 0;
    size_t from;

    if (*at == s.len || (s.data[*at] | 0x20) != 'e')
        return true;
    ++*at;
    if (*at < s.len && (s.data[*at] == '+' || s.data[*at] == '-'))
        negative = s.data[(*at)++] == '-';
    for (from = *at; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9'; ++*at)
        v = v < 10000 ? v * 10 + (s.data[*at] - '0') : v;
    d->exact = d->exact && v < 10000;
    d->exponent += negative ? -v : v;
    return *at > from;
}

/* SPEC: RFC 8259 section 6 */
static bool take_number(struct slice s, struct decimal *d)
{
    size_t at = s.len > 0 && s.data[0] == '-';
    const size_t first = at;
    size_t whole, fraction = 0;

    *d = (struct decimal){.negative = at == 1};
    whole = take_digits(s, &at, d);
    if (whole == 0 || (whole > 1 && s.data[first] == '0'))
        return false;
    if (at < s.len && s.data[at] == '.') {
        at++;
        fraction = take_digits(s, &at, d);
        if (fraction == 0)
            return false;
    }
    d->exact = whole <= 19 && fraction <= 19 - whole; /* 10^19 is less than 2^64 */
    d->exponent = d->exact ? -(int)fraction : 0;
    return take_exponent(s, &at, d) && at == s.len;
}

/*
 * A mantissa up to 2^53 and a power of ten up to 10^22 are doubles without loss, so that one
 * operation rounds once: right by definition. SPEC: Clinger, "How to Read Floating Point Numbers
 * Accurately", 1990
 */
static bool small_double(const struct decimal *d, double *out)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double v = (double)d->mantissa;

    if (!d->exact || d->mantissa > UINT64_C(1) << 53 || d->exponent < -22 || d->exponent > 22)
        return false;
    v = d->exponent < 0 ? v / tens[-d->exponent] : v * tens[d->exponent];
    *out = d->negative ? -v : v;
    return true;
}

bool checked_number(struct slice s)
{
    struct decimal d;

    return take_number(s, &d);
}

bool checked_double(struct slice s, double *out)
{
    char local[64];
    char *large = NULL;
    char *text = local;
    struct decimal d;
    double v;

    if (!take_number(s, &d))
        return false;
    if (small_double(&d, out))
        return true;
    if (s.len >= sizeof(local)) {
        large = malloc(s.len + 1);
        if (large == NULL)
            abort();
        text = large;
    }
    memcpy(text, s.data, s.len);
    text[s.len] = '\0';
    /* The locale "C" is glibc's own: nothing to free. */
    v = strtod_l(text, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0));
    free(large);
    if (!isfinite(v))
        return false;
    *out = v;
    return true;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool checked_hex(struct slice s, uint8_t *out, size_t n)
{
    if (s.len / 2 != n || s.len % 2 != 0)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (hex_digit(s.data[i]) < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((unsigned)hex_digit(s.data[2 * i]) << 4 |
                           (unsigned)hex_digit(s.data[2 * i + 1]));
    return true;
}
