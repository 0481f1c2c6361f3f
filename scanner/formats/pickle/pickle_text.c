#include "scanner/formats/pickle/pickle_text.h"

#include <string.h>

#include "base/checked.h"

static bool hex_value(uint8_t c, uint32_t *out)
{
    uint32_t v;

    if (c >= '0' && c <= '9')
        v = c - '0';
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        v = (uint32_t)(c | 0x20) - 'a' + 10;
    else
        return false;
    *out = *out << 4 | v;
    return true;
}

/* n hex digits at `at`. */
static bool hex_run(struct slice s, size_t at, size_t n, uint32_t *out)
{
    *out = 0;
    if (at > s.len || n > s.len - at)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!hex_value(s.data[at + i], out))
            return false;
    return true;
}

/* One escape behind a backslash at s[*at]; moves on. A byte of -1 means
 * that nothing is written (a joined line). */
static bool escape_one(struct slice s, size_t *at, int *byte)
{
    static const char from[] = "abfnrtv\\'\"", to[] = "\a\b\f\n\r\t\v\\'\"";
    const uint8_t c = s.data[*at];
    const char *known = c != 0 ? strchr(from, c) : NULL;
    uint32_t v = 0;

    *at += 1;
    if (known != NULL) {
        *byte = (uint8_t)to[known - from];
        return true;
    }
    if (c == 'x') {
        if (!hex_run(s, *at, 2, &v))
            return false;
        *at += 2;
        *byte = (int)v;
        return true;
    }
    if (c < '0' || c > '7')
        return false;
    v = (uint32_t)c - '0';
    for (int i = 0; i < 2 && *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '7'; i++)
        v = v << 3 | (uint32_t)(s.data[(*at)++] - '0');
    *byte = (int)(v & 0xff);
    return true;
}

bool pickle_text_string(struct slice line, uint8_t *out, size_t *len)
{
    struct slice s;
    size_t n = 0, at = 0;

    if (line.len < 2 || line.data[0] != line.data[line.len - 1] ||
        (line.data[0] != '\'' && line.data[0] != '"'))
        return false;
    s = (struct slice){line.data + 1, line.len - 2};
    while (at < s.len) {
        int byte = s.data[at++];

        if (byte != '\\') {
            out[n++] = (uint8_t)byte;
            continue;
        }
        if (at == s.len)
            return false;
        if (escape_one(s, &at, &byte)) {
            out[n++] = (uint8_t)byte;
            continue;
        }
        if (s.data[at - 1] == 'x')
            return false;
        out[n++] = '\\'; /* an unknown escape stays as it is */
        out[n++] = s.data[at - 1];
    }
    *len = n;
    return true;
}

bool pickle_text_unicode(struct slice line, uint8_t *out, size_t *len)
{
    size_t n = 0, at = 0;

    while (at < line.len) {
        const uint8_t c = line.data[at];
        const uint8_t next = at + 1 < line.len ? line.data[at + 1] : 0;
        uint32_t cp;

        if (c == '\\' && (next == 'u' || next == 'U')) {
            const size_t digits = next == 'u' ? 4 : 8;

            if (!hex_run(line, at + 2, digits, &cp) || cp > 0x10ffff)
                return false;
            at += 2 + digits;
            n += slice_utf8_put(out + n, cp);
            continue;
        }
        if (c == '\\' &&
            next == '\\') { /* a backslash pair is copied, so that what follows is not an escape */
            out[n++] = c;
            out[n++] = c;
            at += 2;
            continue;
        }
        n += slice_utf8_put(out + n, c);
        at++;
    }
    *len = n;
    return true;
}

static bool blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool pickle_text_int(struct slice line, int64_t *out)
{
    const uint8_t *nul = line.len > 0 ? memchr(line.data, 0, line.len) : NULL;
    uint8_t digits[24];
    size_t n = 0, at = 0, end = nul != NULL ? (size_t)(nul - line.data) : line.len;
    bool minus;
    uint64_t v;

    while (end > 0 && blank(line.data[end - 1]))
        end--;
    while (at < end && blank(line.data[at]))
        at++;
    minus = at < end && line.data[at] == '-';
    if (at < end && (line.data[at] == '-' || line.data[at] == '+'))
        at++;
    while (at < end && line.data[at] == '0' && at + 1 < end)
        at++;
    if (at < end && line.data[at] == '_' && at > 0)
        at++;
    for (; at < end && n < sizeof(digits); at++)
        if (line.data[at] != '_' || n == 0 || line.data[at - 1] == '_')
            digits[n++] = line.data[at];
    if (at < end || !checked_u64((struct slice){digits, n}, INT64_MAX, &v))
        return false;
    *out = minus ? -(int64_t)v : (int64_t)v;
    return true;
}
