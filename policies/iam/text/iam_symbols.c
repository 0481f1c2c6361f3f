#include "policies/iam/text/iam_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

void iam_symbols_init(struct iam_symbols *s, struct arena *a)
{
    s->points = ARENA_ARRAY(a, uint32_t, IAM_SYMBOLS_MAX);
    s->n = 0;
    memset(s->ascii, 0xff, sizeof(s->ascii));
}

uint16_t iam_symbols_find(const struct iam_symbols *s, uint32_t point)
{
    if (point < ARRAY_LEN(s->ascii))
        return s->ascii[point];
    for (size_t i = 0; i < s->n; i++)
        if (s->points[i] == point)
            return (uint16_t)i;
    return IAM_SYMBOLS_NONE;
}

bool iam_symbols_add(struct iam_symbols *s, uint32_t point)
{
    if (iam_symbols_find(s, point) != IAM_SYMBOLS_NONE)
        return true;
    if (s->n + 1 >= IAM_SYMBOLS_MAX) /* one is for all others */
        return false;
    if (point < ARRAY_LEN(s->ascii))
        s->ascii[point] = (uint16_t)s->n;
    s->points[s->n++] = point;
    return true;
}

/* Small letters, digits, capitals, the rest. */
static int order(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return 0;
    if (c >= '0' && c <= '9')
        return 1;
    if (c >= 'A' && c <= 'Z')
        return 2;
    return c > ' ' && c < 0x7f && c != '*' && c != '?' && c != ':' && c != '\\' ? 3 : 4;
}

bool iam_symbols_plain(uint32_t point)
{
    return order(point) <= 2;
}

static int by_order(const void *x, const void *y)
{
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    if (order(a) != order(b))
        return order(a) - order(b);
    return a < b ? -1 : a > b;
}

void iam_symbols_close(struct iam_symbols *s)
{
    static const char others[] =
        "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_.";
    uint32_t other = 0xe000; /* of the private use area, when all others are taken */

    for (size_t i = sizeof(others) - 1; i > 0; i--)
        if (iam_symbols_find(s, (uint8_t)others[i - 1]) == IAM_SYMBOLS_NONE)
            other = (uint8_t)others[i - 1];
    while (iam_symbols_find(s, other) != IAM_SYMBOLS_NONE)
        other++;
    qsort(s->points, s->n, sizeof(*s->points), by_order);
    for (size_t i = 0; i < s->n; i++)
        if (s->points[i] < ARRAY_LEN(s->ascii))
            s->ascii[s->points[i]] = (uint16_t)i;
    s->points[s->n++] = other; /* no place names it: it is not to be found */
}
