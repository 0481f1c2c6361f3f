/* Bytes that somebody else owns. */
#include "base/slice.h"

#include <string.h>

struct slice slice_str(const char *s)
{
    struct slice out = {(const uint8_t *)s, 0};

    if (s != NULL)
        out.len = strlen(s);
    return out;
}

bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_is(struct slice a, const char *s)
{
    return slice_eq(a, slice_str(s));
}

bool slice_among(struct slice a, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is(a, list[i]))
            return true;
    return false;
}

int slice_cmp(struct slice a, struct slice b)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    const int order = n == 0 ? 0 : memcmp(a.data, b.data, n);

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool slice_starts(struct slice a, const char *s)
{
    const struct slice b = slice_str(s);

    return b.len <= a.len && (b.len == 0 || memcmp(a.data, b.data, b.len) == 0);
}

bool slice_ends(struct slice a, const char *s)
{
    const struct slice b = slice_str(s);

    return b.len <= a.len && (b.len == 0 || memcmp(a.data + (a.len - b.len), b.data, b.len) == 0);
}

bool slice_find(struct slice a, struct slice needle, size_t *at)
{
    const uint8_t *hit;

    if (needle.len == 0) {
        *at = 0;
        return true;
    }
    if (needle.len > a.len)
        return false;
    hit = memmem(a.data, a.len, needle.data, needle.len);
    if (hit == NULL)
        return false;
    *at = (size_t)(hit - a.data);
    return true;
}

struct slice slice_from(struct slice a, size_t n)
{
    if (n >= a.len)
        return (struct slice){a.data, 0};
    return (struct slice){a.data + n, a.len - n};
}

static bool one_of(uint8_t c, const char *chars)
{
    return c != '\0' && strchr(chars, c) != NULL;
}

struct slice slice_trim_start(struct slice a, const char *chars)
{
    while (a.len > 0 && one_of(a.data[0], chars))
        a = slice_from(a, 1);
    return a;
}

struct slice slice_trim_end(struct slice a, const char *chars)
{
    while (a.len > 0 && one_of(a.data[a.len - 1], chars))
        a.len--;
    return a;
}

struct slice slice_trim(struct slice a, const char *chars)
{
    return slice_trim_end(slice_trim_start(a, chars), chars);
}

struct slice slice_base_name(struct slice path)
{
    size_t at = path.len;

    while (at > 0 && path.data[at - 1] != '/')
        at--;
    return slice_from(path, at);
}

bool slice_digits(struct slice a)
{
    for (size_t i = 0; i < a.len; i++)
        if (a.data[i] < '0' || a.data[i] > '9')
            return false;
    return a.len > 0;
}

/* Bytes of ASCII at the front, eight at a time. */
static size_t ascii_run(const uint8_t *p, size_t left)
{
    size_t n = 0;

    while (left - n >= 8) {
        uint64_t w;

        memcpy(&w, p + n, sizeof(w));
        if ((w & UINT64_C(0x8080808080808080)) != 0)
            break;
        n += 8;
    }
    while (n < left && p[n] < 0x80)
        n++;
    return n;
}

/* Length of the well-formed sequence of more than one byte at p, or 0. SPEC: RFC 3629 section 4 */
static size_t sequence_len(const uint8_t *p, size_t left)
{
    const uint8_t lead = p[0];
    const size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    uint8_t low = 0x80, high = 0xbf;

    if (lead < 0xc2 || lead > 0xf4 || n > left)
        return 0;
    if (lead == 0xe0)
        low = 0xa0; /* overlong */
    else if (lead == 0xed)
        high = 0x9f; /* surrogates */
    else if (lead == 0xf0)
        low = 0x90; /* overlong */
    else if (lead == 0xf4)
        high = 0x8f; /* past U+10FFFF */
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

bool slice_utf8(struct slice a, size_t *bad)
{
    size_t at = 0;

    while (at < a.len) {
        size_t n;

        at += ascii_run(a.data + at, a.len - at);
        while (at < a.len && a.data[at] >= 0x80) {
            n = sequence_len(a.data + at, a.len - at);
            if (n == 0) {
                *bad = at;
                return false;
            }
            at += n;
        }
    }
    return true;
}

size_t slice_utf8_put(uint8_t *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (uint8_t)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (uint8_t)(0xc0 | cp >> 6);
        out[1] = (uint8_t)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (uint8_t)(0xe0 | cp >> 12);
        out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | cp >> 18);
    out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (cp & 0x3f));
    return 4;
}
