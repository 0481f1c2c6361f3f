#include "policies/iam/iam_symbols.h"

#include <stdlib.h>

void iam_symbols_init(struct iam_symbols *s, struct arena *a)
{
    *s = (struct iam_symbols){ARENA_ARRAY(a, uint32_t, IAM_SYMBOLS_MAX), 0};
}

static bool known(const struct iam_symbols *s, uint32_t point)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->points[i] == point)
            return true;
    return false;
}

bool iam_symbols_add(struct iam_symbols *s, uint32_t point)
{
    if (known(s, point))
        return true;
    if (s->n + 1 >= IAM_SYMBOLS_MAX) /* one is for all others */
        return false;
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
        if (!known(s, (uint8_t)others[i - 1]))
            other = (uint8_t)others[i - 1];
    while (known(s, other))
        other++;
    qsort(s->points, s->n, sizeof(*s->points), by_order);
    s->points[s->n++] = other;
}
