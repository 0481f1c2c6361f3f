/* An index of weights tells each file that it names once, with how many tensors it holds. */
#include "tests/unit/scanner_model_support.h"

struct index_case {
    const char *path, *map;
    const char *targets[3]; /* "" for a name that leaves the folder */
    int64_t tensors[3];
    size_t n;
};

static const struct index_case indexes[] = {
    {"m.index.json",
     "{\"a\": \"1.safetensors\", \"b\": \"2.safetensors\", \"c\": \"1.safetensors\"}",
     {"1.safetensors", "2.safetensors"},
     {2, 1},
     2},
    {"m.tar!x/m.index.json", "{\"a\": \"s/1.bin\"}", {"m.tar!x/s/1.bin"}, {1}, 1},
    {"x/m.index.json",
     "{\"a\": \"../1.bin\", \"b\": \"/1.bin\", \"c\": \"s\\\\1.bin\"}",
     {"", "", ""},
     {1, 1, 1},
     3},
    {"m.index.json", "{\"a\": 3, \"b\": null}", {NULL}, {0}, 0},
};

CASES(scanner_formats_index, tells_the_files_that_it_names, indexes)
{
    const struct index_case *c = &indexes[*case_index];
    struct scanned s;
    struct arena a;

    arena_init(&a);
    scanned_scan(&s, c->path, slice_str(arena_printf(&a, "{\"weight_map\": %s}", c->map)));
    for (size_t i = 0; i < c->n; i++) {
        const struct value *f = scanned_fact(&s, "model.shard", i);

        cr_assert(f != NULL, "%s: %zu", c->map, i);
        cr_expect_str_eq(scanned_text(f, "target"), c->targets[i], "%s: %zu", c->map, i);
        cr_expect_eq(value_int_or(value_get(f, "tensors"), 0), c->tensors[i], "%s: %zu", c->map, i);
    }
    cr_expect(scanned_fact(&s, "model.shard", c->n) == NULL, "%s", c->map);
    scanned_release(&s);
    arena_release(&a);
}
