/* Strings with escapes or with more than ASCII. */
#include "base/json_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/json_scan.h"

static bool fail(struct json_text *t, const uint8_t *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static bool fail(struct json_text *t, const uint8_t *at, const char *fmt, ...)
{
    va_list ap;

    t->p = at;
    va_start(ap, fmt);
    vsnprintf(t->why, sizeof(t->why), fmt, ap);
    va_end(ap);
    return false;
}

/* Checks the run of non-ASCII bytes at t->p and moves behind it. */
static bool skip_utf8(struct json_text *t)
{
    const uint8_t *from = t->p;
    size_t bad;

    while (t->p < t->end && *t->p >= 0x80)
        t->p++;
    if (!slice_utf8((struct slice){from, (size_t)(t->p - from)}, &bad))
        return fail(t, from + bad, "byte 0x%02x is not utf-8", from[bad]);
    return true;
}

bool json_text_find(struct json_text *t)
{
    for (;;) {
        t->p = json_scan_plain(t->p, t->end);
        if (t->p == t->end)
            return fail(t, t->end, "the text ends within a string");
        if (*t->p == '"')
            return true;
        if (*t->p >= 0x80) {
            if (!skip_utf8(t))
                return false;
        } else if (*t->p == '\\') {
            if (t->end - t->p < 2)
                return fail(t, t->end, "the text ends within a string");
            t->p += 2; /* the digits of \u are plain */
            t->escapes = true;
        } else {
            return fail(t, t->p, "control byte 0x%02x in a string", *t->p);
        }
    }
}

/* The four digits of \uXXXX, which begins at p. */
static bool unit(const uint8_t *p, const uint8_t *end, uint32_t *out)
{
    uint8_t bytes[2];

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return false;
    if (!checked_hex((struct slice){p + 2, 4}, bytes, 2))
        return false;
    *out = (uint32_t)bytes[0] << 8 | bytes[1];
    return true;
}

/* \uXXXX at t->p, with its second half when it is a surrogate. */
static bool unescape_unicode(struct json_text *t, uint8_t **to)
{
    const uint8_t *at = t->p;
    uint32_t cp, low;

    if (!unit(at, t->end, &cp))
        return fail(t, at, "\\u without four hexadecimal digits");
    t->p += 6;
    if (cp >= 0xd800 && cp < 0xe000) {
        if (cp >= 0xdc00 || !unit(t->p, t->end, &low) || low < 0xdc00 || low >= 0xe000)
            return fail(t, at, "\\u%04x is half of a surrogate pair", cp);
        t->p += 6;
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    }
    *to += slice_utf8_put(*to, cp);
    return true;
}

/* The escape at t->p. */
static bool unescape_one(struct json_text *t, uint8_t **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    const char *hit;

    if (t->p[1] == 'u')
        return unescape_unicode(t, to);
    hit = memchr(from, t->p[1], sizeof(from) - 1);
    if (hit == NULL)
        return fail(t, t->p, "an escape that json does not have");
    *(*to)++ = (uint8_t)into[hit - from];
    t->p += 2;
    return true;
}

bool json_text_unescape(struct json_text *t, uint8_t *to, size_t *n)
{
    uint8_t *at = to;

    while (t->p < t->end) {
        const uint8_t *stop = memchr(t->p, '\\', (size_t)(t->end - t->p));
        const size_t plain = (size_t)((stop != NULL ? stop : t->end) - t->p);

        memcpy(at, t->p, plain);
        at += plain;
        t->p += plain;
        if (stop != NULL && !unescape_one(t, &at))
            return false;
    }
    *n = (size_t)(at - to);
    return true;
}
