#include "policies/cel/cel_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/checked.h"

/* "d.ddde+XX" to plain notation: the digits, with the point behind `point` of them. */
static void plain_notation(const char *digits, int point, char *out)
{
    const int n = (int)strlen(digits);
    char *o = out;

    if (point <= 0) {
        *o++ = '0';
        *o++ = '.';
        for (int i = point; i < 0; i++)
            *o++ = '0';
    }
    for (int i = 0; i < n || i < point; i++) {
        if (i == point && point > 0)
            *o++ = '.';
        *o++ = (char)(i < n ? digits[i] : '0');
    }
    *o = '\0';
}

/* XX of "e+XX", as snprintf wrote it. */
static int exponent_of(const char *e)
{
    uint64_t n = 0;

    if (!checked_u64(slice_str(e + 2), 999, &n))
        return 0;
    return e[1] == '-' ? -(int)n : (int)n;
}

void cel_number_text(double d, char out[CEL_NUMBER_TEXT_MAX])
{
    char text[40], digits[24] = "";
    int exponent, n = 0;
    char *e;

    if (isnan(d) || isinf(d)) {
        snprintf(out, CEL_NUMBER_TEXT_MAX, "%s",
                 isnan(d) ? "NaN"
                 : d > 0  ? "Infinity"
                          : "-Infinity");
        return;
    }
    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, d);
        if (strtod(text, NULL) == d)
            break;
    }
    e = strchr(text, 'e');
    exponent = exponent_of(e);
    if (exponent < -6 || exponent >= 21) {
        snprintf(out, CEL_NUMBER_TEXT_MAX, "%s", text);
        return;
    }
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    digits[n] = '\0';
    if (text[0] == '-')
        *out++ = '-';
    plain_notation(digits, exponent + 1, out);
}

static bool decimal(const char *s)
{
    size_t digits = strspn(s, "0123456789");

    s += digits;
    if (*s == '.') {
        const size_t fraction = strspn(++s, "0123456789");

        digits += fraction;
        s += fraction;
    }
    if (digits == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '+' || *s == '-';
        digits = strspn(s, "0123456789");
        s += digits;
        if (digits == 0)
            return false;
    }
    return *s == '\0';
}

#define READ_MAX 1024 /* bytes of a number: longer ones say nothing a double can hold */

bool cel_number_read(struct slice s, double *out)
{
    char text[READ_MAX + 1];
    const char *p = text;

    if (s.len == 0 || s.len > READ_MAX || memchr(s.data, '\0', s.len) != NULL)
        return false;
    memcpy(text, s.data, s.len);
    text[s.len] = '\0';
    p += *p == '+' || *p == '-';
    if (strcasecmp(p, "nan") == 0 || strcasecmp(p, "inf") == 0 || strcasecmp(p, "infinity") == 0) {
        *out = strtod(text, NULL);
        return true;
    }
    if (!decimal(p))
        return false;
    *out = strtod(text, NULL);
    return isfinite(*out);
}
