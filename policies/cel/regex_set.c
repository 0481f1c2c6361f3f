#include <stdlib.h>
#include <string.h>

#include "policies/cel/regex_node.h"

void regex_set_add(struct arena *a, struct regex_set *s, uint32_t low, uint32_t high)
{
    *(struct regex_range *)ARENA_PUSH(a, &s->ranges, &s->n) = (struct regex_range){low, high};
}

static int by_low(const void *x, const void *y)
{
    const struct regex_range *a = x, *b = y;

    return (a->low > b->low) - (a->low < b->low);
}

/* Joins ranges that touch. */
static void merge(struct regex_set *s)
{
    size_t n = 0;

    if (s->n > 1)
        qsort(s->ranges, s->n, sizeof(*s->ranges), by_low);
    for (size_t i = 0; i < s->n; i++) {
        if (n > 0 && s->ranges[i].low <= s->ranges[n - 1].high + 1) {
            if (s->ranges[i].high > s->ranges[n - 1].high)
                s->ranges[n - 1].high = s->ranges[i].high;
        } else {
            s->ranges[n++] = s->ranges[i];
        }
    }
    s->n = n;
}

static void complement(struct arena *a, struct regex_set *s)
{
    struct regex_set out = {0};
    uint32_t next = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->ranges[i].low > next)
            regex_set_add(a, &out, next, s->ranges[i].low - 1);
        next = s->ranges[i].high + 1;
    }
    if (next <= 0x10ffff)
        regex_set_add(a, &out, next, 0x10ffff);
    *s = out;
}

void regex_set_finish(struct arena *a, struct regex_set *s, bool negate)
{
    merge(s);
    if (negate)
        complement(a, s);
    s->ascii[0] = s->ascii[1] = 0;
    for (size_t i = 0; i < s->n; i++)
        for (uint32_t c = s->ranges[i].low; c <= s->ranges[i].high && c < 128; c++)
            s->ascii[c / 64] |= UINT64_C(1) << c % 64;
}

bool regex_set_has(const struct regex_set *s, uint32_t cp)
{
    size_t low = 0, high = s->n;

    if (cp < 128)
        return (s->ascii[cp / 64] >> cp % 64 & 1) != 0;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (cp < s->ranges[mid].low)
            high = mid;
        else if (cp > s->ranges[mid].high)
            low = mid + 1;
        else
            return true;
    }
    return false;
}

bool regex_set_named(struct arena *a, struct slice name, struct regex_set *s)
{
    /* pairs of first and last character */
    static const struct {
        const char *name, *pairs;
        uint8_t npairs;
    } table[] = {
        {"d", "09", 1},           {"s", "\t\n\f\r  ", 3},
        {"w", "09AZ__az", 4},     {"alnum", "09AZaz", 3},
        {"alpha", "AZaz", 2},     {"ascii", "\0\x7f", 1},
        {"blank", "\t\t  ", 2},   {"cntrl", "\0\x1f\x7f\x7f", 2},
        {"digit", "09", 1},       {"graph", "!~", 1},
        {"lower", "az", 1},       {"print", " ~", 1},
        {"punct", "!/:@[`{~", 4}, {"space", "\t\r  ", 2},
        {"upper", "AZ", 1},       {"word", "09AZ__az", 4},
        {"xdigit", "09AFaf", 3},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (!slice_is(name, table[i].name))
            continue;
        for (size_t p = 0; p < table[i].npairs; p++)
            regex_set_add(a, s, (uint8_t)table[i].pairs[2 * p], (uint8_t)table[i].pairs[2 * p + 1]);
        return true;
    }
    return false;
}
