#include "base/place.h"

struct slice place_below(struct slice input, struct slice path)
{
    size_t base = input.len;

    while (base > 0 && input.data[base - 1] != '/' && input.data[base - 1] != ':')
        base--;
    input = slice_from(input, base);
    if (input.len == 0 || path.len < input.len ||
        !slice_eq(input, (struct slice){path.data, input.len}) ||
        (path.len > input.len && path.data[input.len] != '!'))
        return path;
    return slice_from(path, input.len + 1);
}
