#include "policies/iam/document/iam_literal.h"

#include <arpa/inet.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policies/iam/text/iam_glob.h"

static bool digit(struct slice s, size_t i)
{
    return i < s.len && s.data[i] >= '0' && s.data[i] <= '9';
}

static size_t digits(struct slice s, size_t i)
{
    size_t n = 0;

    while (digit(s, i + n))
        n++;
    return n;
}

static bool sign_at(struct slice s, size_t i)
{
    return i < s.len && (s.data[i] == '-' || s.data[i] == '+');
}

/* [sign] digits [. digits] [e [sign] digits]; a side of the point may be empty. */
static bool is_number(struct slice text)
{
    size_t i = sign_at(text, 0), whole, part = 0;

    whole = digits(text, i);
    i += whole;
    if (i < text.len && text.data[i] == '.') {
        part = digits(text, i + 1);
        i += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (i < text.len && (text.data[i] == 'e' || text.data[i] == 'E')) {
        const size_t n = digits(text, i + 1 + sign_at(text, i + 1));

        if (n == 0)
            return false;
        i += 1 + sign_at(text, i + 1) + n;
    }
    return i == text.len;
}

bool iam_literal_number(struct slice text, double *out)
{
    char *copy;
    double v;

    if (!is_number(text))
        return false;
    copy = malloc(text.len + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    v = strtod_l(copy, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0)); /* nothing to free */
    free(copy);
    if (!isfinite(v))
        return false;
    *out = v;
    return true;
}

/* n digits at *i, as a number. */
static bool fixed(struct slice s, size_t *i, size_t n, int64_t *out)
{
    int64_t v = 0;

    if (digits(s, *i) < n)
        return false;
    for (size_t k = 0; k < n; k++)
        v = v * 10 + (s.data[*i + k] - '0');
    *i += n;
    *out = v;
    return true;
}

static bool take(struct slice s, size_t *i, uint8_t c)
{
    if (*i >= s.len || s.data[*i] != c)
        return false;
    (*i)++;
    return true;
}

/* Days from 1970-01-01 in the Gregorian calendar, run backwards too. */
static int64_t days(int64_t y, int64_t m, int64_t d)
{
    int64_t era, of_era, of_year;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    of_era = y - era * 400;
    of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Z", "+hh:mm", or nothing. */
static bool zone(struct slice s, size_t *i, int64_t *minutes)
{
    int64_t h, m;
    bool minus;

    *minutes = 0;
    if (*i == s.len || take(s, i, 'Z') || take(s, i, 'z'))
        return true;
    if (!sign_at(s, *i))
        return false;
    minus = s.data[(*i)++] == '-';
    if (!fixed(s, i, 2, &h) || !take(s, i, ':') || !fixed(s, i, 2, &m) || h > 23 || m > 59)
        return false;
    *minutes = (minus ? -1 : 1) * (h * 60 + m);
    return true;
}

/* ".123", or nothing: milliseconds, what is finer cut off. */
static bool fraction(struct slice s, size_t *i, int64_t *ms)
{
    size_t n;

    if (!take(s, i, '.'))
        return true;
    n = digits(s, *i);
    for (size_t k = 0; k < 3; k++)
        *ms = *ms * 10 + (k < n ? s.data[*i + k] - '0' : 0);
    *i += n;
    return n > 0;
}

/* "Thh:mm[:ss[.f]]ZONE" */
static bool clock(struct slice s, size_t *i, int64_t *ms)
{
    int64_t h, m, sec = 0, frac = 0, off;

    if ((!take(s, i, 'T') && !take(s, i, 't')) || !fixed(s, i, 2, &h) || !take(s, i, ':') ||
        !fixed(s, i, 2, &m))
        return false;
    if (take(s, i, ':') && (!fixed(s, i, 2, &sec) || !fraction(s, i, &frac)))
        return false;
    if (!zone(s, i, &off) || h > 23 || m > 59 || sec > 59)
        return false;
    *ms = ((h * 60 + m - off) * 60 + sec) * 1000 + frac;
    return true;
}

static bool epoch(struct slice s, int64_t *out)
{
    const bool minus = s.len > 0 && s.data[0] == '-';
    const size_t n = digits(s, minus);
    size_t i = minus;
    int64_t v;

    if (n < 1 || n > 17 || minus + n != s.len || !fixed(s, &i, n, &v))
        return false;
    *out = (minus ? -v : v) * (n >= 12 ? 1 : 1000);
    return true;
}

bool iam_literal_date(struct slice text, int64_t *out_ms)
{
    int64_t y, m = 1, d = 1, ms = 0;
    size_t i = 0;

    if (text.len != 4 && epoch(text, out_ms))
        return true;
    if (!fixed(text, &i, 4, &y))
        return false;
    if (i < text.len && (!take(text, &i, '-') || !fixed(text, &i, 2, &m)))
        return false;
    if (i < text.len && (!take(text, &i, '-') || !fixed(text, &i, 2, &d)))
        return false;
    if (m < 1 || m > 12 || d < 1 || d > days(y + m / 12, m % 12 + 1, 1) - days(y, m, 1))
        return false;
    if (i < text.len && !clock(text, &i, &ms))
        return false;
    if (i != text.len)
        return false;
    *out_ms = days(y, m, d) * 86400000 + ms;
    return true;
}

bool iam_literal_bool(struct slice text, bool *out)
{
    *out = iam_glob_same(text, SLICE_LIT("true"));
    return *out || iam_glob_same(text, SLICE_LIT("false"));
}

bool iam_literal_network(struct slice text, struct iam_network *out)
{
    const uint8_t *slash = text.len > 0 ? memchr(text.data, '/', text.len) : NULL;
    const size_t n = slash != NULL ? (size_t)(slash - text.data) : text.len;
    struct iam_network net = {.bits = 0};
    char copy[INET6_ADDRSTRLEN + 1];
    size_t i = n + 1;
    int64_t bits;
    unsigned whole;

    if (n == 0 || n >= sizeof(copy) || memchr(text.data, '\0', n) != NULL)
        return false;
    memcpy(copy, text.data, n);
    copy[n] = '\0';
    net.v6 = memchr(copy, ':', n) != NULL;
    if (inet_pton(net.v6 ? AF_INET6 : AF_INET, copy, net.bytes) != 1)
        return false;
    whole = net.v6 ? 128 : 32;
    net.bits = whole;
    if (slash != NULL) {
        const size_t len = digits(text, i);

        if (len < 1 || len > 3 || i + len != text.len || !fixed(text, &i, len, &bits) ||
            bits > whole)
            return false;
        net.bits = (unsigned)bits;
    }
    *out = net;
    return true;
}

bool iam_literal_contains(const struct iam_network *net, const struct iam_network *part)
{
    if (net->v6 != part->v6 || part->bits < net->bits)
        return false;
    for (unsigned i = 0; i < net->bits; i++) {
        const unsigned shift = 7 - i % 8;

        if (((net->bytes[i / 8] ^ part->bytes[i / 8]) >> shift) & 1)
            return false;
    }
    return true;
}
