#include "reports/columns.h"

#include "base/escape.h"

/* Blocks rather than characters; in order. */
static const struct range {
    uint32_t first, last;
    uint8_t columns;
} ranges[] = {
    {0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05bd, 0},   {0x064b, 0x065f, 0},
    {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},   {0x20d0, 0x20ff, 0},
    {0x2e80, 0x303e, 2},   {0x3041, 0x4dbf, 2},   {0x4e00, 0xa4cf, 2},   {0xa960, 0xa97f, 2},
    {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},
    {0xfe30, 0xfe6f, 2},   {0xff01, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x16fe0, 0x18cff, 2},
    {0x1aff0, 0x1b2ff, 2}, {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2},
    {0x1fa70, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
};

static size_t columns(uint32_t cp)
{
    size_t low = 0, high = ARRAY_LEN(ranges);

    if (cp < ranges[0].first)
        return 1;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (ranges[mid].last < cp)
            low = mid + 1;
        else
            high = mid;
    }
    return low < ARRAY_LEN(ranges) && ranges[low].first <= cp ? ranges[low].columns : 1;
}

size_t columns_of(struct slice text)
{
    size_t at = 0, n = 0;

    while (at < text.len) {
        uint32_t cp;

        escape_next(text, &at, &cp);
        n += columns(cp);
    }
    return n;
}
