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

static size_t digits(struct slice s, size_t at)
{
    size_t n = 0;

    while (at + n < s.len && s.data[at + n] >= '0' && s.data[at + n] <= '9')
        n++;
    return n;
}

bool checked_number(struct slice s)
{
    size_t at = s.len > 0 && s.data[0] == '-';
    size_t n = digits(s, at);

    if (n == 0 || (n > 1 && s.data[at] == '0'))
        return false;
    at += n;
    if (at < s.len && s.data[at] == '.') {
        n = digits(s, at + 1);
        if (n == 0)
            return false;
        at += 1 + n;
    }
    if (at < s.len && (s.data[at] == 'e' || s.data[at] == 'E')) {
        at++;
        if (at < s.len && (s.data[at] == '+' || s.data[at] == '-'))
            at++;
        n = digits(s, at);
        if (n == 0)
            return false;
        at += n;
    }
    return at == s.len;
}

bool checked_double(struct slice s, double *out)
{
    char local[64];
    char *large = NULL;
    char *text = local;
    double v;

    if (!checked_number(s))
        return false;
    if (s.len >= sizeof(local)) {
        large = malloc(s.len + 1);
        if (large == NULL)
            abort();
        text = large;
    }
    memcpy(text, s.data, s.len);
    text[s.len] = '\0';
    v = strtod_l(text, NULL,
                 newlocale(LC_ALL_MASK, "C", (locale_t)0)); /* glibc's own, not to be freed */
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
