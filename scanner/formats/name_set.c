#include "scanner/formats/name_set.h"

static uint64_t hash(struct slice s)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];

        h = (h ^ (c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c)) * UINT64_C(1099511628211);
    }
    return h | 1;
}

static bool put(struct name_set *x, uint64_t h)
{
    size_t at;

    for (at = h & (x->cap - 1); x->items[at] != 0; at = (at + 1) & (x->cap - 1))
        if (x->items[at] == h)
            return true;
    x->items[at] = h;
    x->n++;
    return false;
}

bool name_set_add(struct name_set *x, struct arena *a, struct slice name)
{
    if (x->n * 2 >= x->cap) {
        struct name_set bigger = {.cap = x->cap == 0 ? 256 : x->cap * 2};

        bigger.items = ARENA_ARRAY(a, uint64_t, bigger.cap);
        for (size_t i = 0; i < x->cap; i++)
            if (x->items[i] != 0)
                (void)put(&bigger, x->items[i]);
        *x = bigger;
    }
    return put(x, hash(name));
}
