#include "scanner/formats/torch/op_names.h"

#include <string.h>

#include "base/limits.h"

static uint32_t hash(struct slice s)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.data[i]) * 16777619u;
    return h;
}

static void grow(struct op_names *x)
{
    x->cap = x->cap == 0 ? 256 : x->cap * 2;
    x->index = ARENA_ARRAY(x->arena, uint32_t, x->cap);
    for (size_t i = 0; i < x->n; i++) {
        size_t at = hash(x->items[i].name) & (x->cap - 1);

        while (x->index[at] != 0)
            at = (at + 1) & (x->cap - 1);
        x->index[at] = (uint32_t)i + 1;
    }
}

bool op_names_note(struct op_names *x, const struct op_name *key, struct err *e)
{
    struct op_name *c;
    size_t at;

    if (x->n * 2 >= x->cap)
        grow(x);
    for (at = hash(key->name) & (x->cap - 1); x->index[at] != 0; at = (at + 1) & (x->cap - 1)) {
        c = &x->items[x->index[at] - 1];
        if (slice_eq(c->name, key->name) && strcmp(c->kind, key->kind) == 0) {
            c->count++;
            c->called = c->called || key->called;
            return true;
        }
    }
    if (x->n >= LIMIT_CALL_NAMES)
        return err_pos(e, ERR_LIMIT, key->offset,
                       "more than %d different names in one file (LIMIT_CALL_NAMES)",
                       LIMIT_CALL_NAMES);
    c = ARENA_PUSH(x->arena, &x->items, &x->n);
    *c = *key;
    c->name = arena_slice(x->arena, key->name);
    c->count = 1;
    x->index[at] = (uint32_t)x->n;
    return true;
}

/* "torch" for torch.add, "image" for ops.image.read_file. */
static struct slice name_space(const struct op_name *c)
{
    struct slice s = c->name;
    const uint8_t *dot;

    if (slice_starts(s, "torch.ops."))
        s = slice_from(s, 6);
    if (slice_starts(s, "ops."))
        s = slice_from(s, 4);
    dot = memchr(s.data, '.', s.len);
    return (struct slice){s.data, dot != NULL ? (size_t)(dot - s.data) : 0};
}

static void tell(const struct format_input *in, const struct op_name *c)
{
    struct arena *a = in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "name", format_string(a, c->name, LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, c->kind));
    value_map_add(&b, "namespace", format_string(a, name_space(c), LIMIT_NAME_BYTES));
    value_map_add(&b, "called", value_bool(a, c->called, NULL));
    value_map_add(&b, "count", value_int(a, (int64_t)c->count, NULL));
    value_map_add(&b, "line", value_int(a, c->line, NULL));
    format_tell(in, "model.torchscript",
                arena_printf(a, "%s#%s:%.*s", in->path, c->kind, (int)c->name.len,
                             (const char *)c->name.data),
                c->offset, value_map_end(&b, NULL));
}

void op_names_tell(const struct op_names *x, const struct format_input *in)
{
    for (size_t i = 0; i < x->n; i++)
        tell(in, &x->items[i]);
}
