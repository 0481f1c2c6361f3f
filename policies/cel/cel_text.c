#include "policies/cel/cel_text.h"

static size_t width(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xe0)
        return 2;
    return first < 0xf0 ? 3 : 4;
}

uint32_t cel_text_next(struct slice s, size_t *at)
{
    static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const size_t n = width(s.data[*at]);
    uint32_t cp = s.data[*at] & mask[n];

    for (size_t i = 1; i < n && *at + i < s.len; i++)
        cp = cp << 6 | (s.data[*at + i] & 0x3f);
    *at = n < s.len - *at ? *at + n : s.len;
    return cp;
}

size_t cel_text_count(struct slice s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += (s.data[i] & 0xc0) != 0x80;
    return n;
}

bool cel_text_skip(struct slice s, size_t at, size_t n, size_t *out)
{
    for (; n > 0; n--) {
        if (at >= s.len)
            return false;
        at += width(s.data[at]);
    }
    *out = at < s.len ? at : s.len;
    return true;
}

bool cel_text_blank(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}
