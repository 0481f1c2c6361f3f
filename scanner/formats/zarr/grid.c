#include "scanner/formats/zarr/grid.h"

#include <string.h>

#include "base/checked.h"
#include "base/limits.h"

#define FOLDER_BYTES ((size_t)1 << 20)
#define DATA_NAME 32 /* digits */

void grid_init(struct grids *g, struct arena *a)
{
    *g = (struct grids){0};
    names_init(&g->folders, a, LIMIT_TENSOR_FACTS, FOLDER_BYTES);
    g->last = ARENA_ARRAY(a, size_t, LIMIT_TENSOR_FACTS);
}

bool grid_add(struct grids *g, const char *folder, const struct grid *item)
{
    const uint32_t at =
        g->n < LIMIT_TENSOR_FACTS ? names_add(&g->folders, slice_str(folder)) : NAMES_NONE;
    uint64_t *counts;
    struct grid *kept;

    if (at == NAMES_NONE)
        return false;
    kept = ARENA_PUSH(g->folders.arena, &g->items, &g->n);
    *kept = *item;
    counts = ARENA_ARRAY(g->folders.arena, uint64_t, item->ndims);
    for (size_t i = 0; i < item->ndims; i++)
        counts[i] = item->counts[i];
    kept->counts = counts;
    kept->before = g->last[at];
    g->last[at] = g->n;
    return true;
}

/* The next index of a chunk: decimal, without zeros in front. */
static bool read_index(struct slice *key, uint64_t count)
{
    struct slice digits = *key;
    uint64_t index;
    size_t n = 0;

    while (n < key->len && key->data[n] >= '0' && key->data[n] <= '9')
        n++;
    digits.len = n;
    *key = slice_from(*key, n);
    return n > 0 && (n == 1 || digits.data[0] != '0') && checked_u64(digits, UINT64_MAX, &index) &&
           index < count;
}

static bool is_data(struct slice key)
{
    uint8_t id[DATA_NAME / 2];

    for (size_t i = 0; i < key.len; i++)
        if (key.data[i] >= 'A' && key.data[i] <= 'F')
            return false;
    return key.len == DATA_NAME && checked_hex(key, id, sizeof(id));
}

/* Is `key`, below the folder, the name of a chunk? Without dimensions there is one: "c", or "0". */
static bool has(const struct grid *g, struct slice key)
{
    if (g->data)
        return is_data(key);
    if (g->lead != '\0') {
        if (key.len == 0 || key.data[0] != (uint8_t)g->lead)
            return false;
        key = slice_from(key, 1);
        if (g->ndims == 0)
            return key.len == 0;
    } else if (g->ndims == 0) {
        return slice_is(key, "0");
    }
    for (size_t i = 0; i < g->ndims; i++) {
        if (i > 0 || g->lead != '\0') {
            if (key.len == 0 || key.data[0] != (uint8_t)g->separator)
                return false;
            key = slice_from(key, 1);
        }
        if (!read_index(&key, g->counts[i]))
            return false;
    }
    return key.len == 0;
}

static bool same(const struct grid_reading *a, const struct grid_reading *b)
{
    return a->first == b->first && a->within == b->within && a->coded == b->coded;
}

const struct grid_reading *grid_find(const struct grids *g, const char *path, uint64_t bytes)
{
    const struct slice whole = slice_str(path);
    const struct grid_reading *found = NULL;

    for (size_t n = whole.len + 1, levels = 0; n-- > 0 && levels < LIMIT_DIMS + 2;) {
        uint32_t folder;

        if (n > 0 && path[n - 1] != '/')
            continue;
        levels++;
        folder = names_find(&g->folders, (struct slice){whole.data, n});
        for (size_t i = folder != NAMES_NONE ? g->last[folder] : 0; i > 0;
             i = g->items[i - 1].before) {
            const struct grid *x = &g->items[i - 1];

            if (!has(x, slice_from(whole, n)) || (x->bytes != 0 && x->bytes != bytes))
                continue;
            if (found != NULL && !same(found, &x->reading))
                return NULL;
            found = &x->reading;
        }
    }
    return found;
}
