/* Which files are chunks of an array, by their names. */
#include "scanner/formats/zarr/grid.h"

#include <inttypes.h>

#include "base/limits.h"
#include "tests/lib/cases.h"

struct key_case {
    const char *path;
    char lead, separator;
    size_t ndims;
    uint64_t size;
    bool found;
};

/* Arrays of 2 x 11 chunks below "m/a/"; of 16 bytes each. */
static const struct key_case keys[] = {
    {"m/a/0.0", '\0', '.', 2, 16, true},    {"m/a/1.10", '\0', '.', 2, 16, true},
    {"m/a/1.11", '\0', '.', 2, 16, false},  {"m/a/2.0", '\0', '.', 2, 16, false},
    {"m/a/0.00", '\0', '.', 2, 16, false},  {"m/a/0", '\0', '.', 2, 16, false},
    {"m/a/0.0.0", '\0', '.', 2, 16, false}, {"m/a/0.", '\0', '.', 2, 16, false},
    {"m/a/.0", '\0', '.', 2, 16, false},    {"m/a/0/0", '\0', '.', 2, 16, false},
    {"m/a/0.0", '\0', '.', 2, 15, false},   {"m/a/0/10", '\0', '/', 2, 16, true},
    {"m/a/0/x", '\0', '/', 2, 16, false},   {"m/b/0.0", '\0', '.', 2, 16, false},
    {"m/a/b/0.0", '\0', '.', 2, 16, false}, {"a/0.0", '\0', '.', 2, 16, false},
    {"m/a/0", '\0', '.', 1, 16, true},      {"m/a/0", '\0', '.', 0, 16, true},
    {"m/a/1", '\0', '.', 0, 16, false},     {"m/a/c", 'c', '/', 0, 16, true},
    {"m/a/c/0", 'c', '/', 0, 16, false},    {"m/a/c/1/3", 'c', '/', 2, 16, true},
    {"m/a/c.1.3", 'c', '.', 2, 16, true},   {"m/a/c1/3", 'c', '/', 2, 16, false},
    {"m/a/1/3", 'c', '/', 2, 16, false},    {"m/a/18446744073709551616", '\0', '.', 1, 16, false},
    {"m/a/-1", '\0', '.', 1, 16, false},    {"", '\0', '.', 1, 16, false},
};

CASES(scanner_formats_grid, chunks_have_names, keys)
{
    static const uint64_t counts[] = {2, 11};
    const struct key_case *c = &keys[*case_index];
    const struct grid item = {.lead = c->lead,
                              .separator = c->separator,
                              .ndims = c->ndims,
                              .counts = counts,
                              .bytes = 16};
    struct grids g;
    struct arena a;

    arena_init(&a);
    grid_init(&g, &a);
    cr_assert(grid_add(&g, "m/a/", &item));
    cr_expect_eq(grid_find(&g, c->path, c->size) != NULL, c->found, "%s of %zu with %c", c->path,
                 c->ndims, c->separator);
    arena_release(&a);
}

Test(scanner_formats_grid, data_files_have_32_digits)
{
    const struct grid item = {.data = true};
    struct grids g;
    struct arena a;

    arena_init(&a);
    grid_init(&g, &a);
    cr_assert(grid_add(&g, "d/", &item));
    cr_expect(grid_find(&g, "d/0123456789abcdef0123456789abcdef", 9) != NULL);
    cr_expect(grid_find(&g, "d/0123456789ABCDEF0123456789abcdef", 9) == NULL);
    cr_expect(grid_find(&g, "d/0123456789abcdef0123456789abcde", 9) == NULL);
    cr_expect(grid_find(&g, "d/0123456789abcdef0123456789abcdeg", 9) == NULL);
    cr_expect(grid_find(&g, "d/d/0123456789abcdef0123456789abcdef", 9) == NULL);
    arena_release(&a);
}

Test(scanner_formats_grid, two_that_disagree_are_none)
{
    static const uint64_t counts[] = {4};
    struct grid item = {.separator = '.', .ndims = 1, .counts = counts};
    struct grids g;
    struct arena a;

    arena_init(&a);
    grid_init(&g, &a);
    cr_assert(grid_add(&g, "", &item));
    cr_assert(grid_add(&g, "", &item));
    cr_expect(grid_find(&g, "3", 9) != NULL, "they agree");
    item.reading.coded = true;
    cr_assert(grid_add(&g, "", &item));
    cr_expect(grid_find(&g, "3", 9) == NULL);
    arena_release(&a);
}

Test(scanner_formats_grid, there_is_a_cap)
{
    const struct grid item = {.separator = '.'};
    struct grids g;
    struct arena a;

    arena_init(&a);
    grid_init(&g, &a);
    for (size_t i = 0; i < LIMIT_TENSOR_FACTS; i++)
        cr_assert(grid_add(&g, "a/", &item));
    cr_expect_not(grid_add(&g, "a/", &item));
    arena_release(&a);
}
