#include "policies/iam/text/iam_rows.h"

#include <string.h>

void iam_rows_init(struct iam_rows *r, size_t size, struct arena *a)
{
    *r = (struct iam_rows){.arena = a, .size = size};
}

const void *iam_rows_at(const struct iam_rows *r, size_t i)
{
    return r->data + i * r->size;
}

static uint64_t hash(const uint8_t *row, size_t size)
{
    uint64_t h = 0x9e3779b97f4a7c15u;

    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = 0;

        memcpy(&word, row + i, size - i < sizeof(word) ? size - i : sizeof(word));
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

/* The slot that holds this row, or that is free for it. */
static uint32_t *slot(const struct iam_rows *r, const void *row)
{
    const size_t mask = r->cap * 2 - 1;
    size_t at = hash(row, r->size) & mask;

    while (r->table[at] != 0 && memcmp(iam_rows_at(r, r->table[at] - 1), row, r->size) != 0)
        at = (at + 1) & mask;
    return &r->table[at];
}

static void grow(struct iam_rows *r)
{
    uint8_t *data;

    r->cap = r->cap == 0 ? 16 : r->cap * 2;
    data = arena_array(r->arena, r->cap, r->size);
    if (r->n > 0)
        memcpy(data, r->data, r->n * r->size);
    r->data = data;
    r->table = ARENA_ARRAY(r->arena, uint32_t, r->cap * 2);
    for (size_t i = 0; i < r->n; i++)
        *slot(r, iam_rows_at(r, i)) = (uint32_t)i + 1;
}

size_t iam_rows_add(struct iam_rows *r, const void *row)
{
    uint32_t *at;

    if (r->n == r->cap)
        grow(r);
    at = slot(r, row);
    if (*at == 0) {
        memcpy(r->data + r->n * r->size, row, r->size);
        *at = (uint32_t)++r->n;
    }
    return *at - 1;
}
