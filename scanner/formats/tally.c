#include "scanner/formats/tally.h"

#include "base/limits.h"
#include "scanner/formats/member.h"

#define SLOTS ((size_t)4 * LIMIT_TALLY_NAMES)

void tally_init(struct tally *t, struct arena *a)
{
    *t = (struct tally){.arena = a};
}

/* FNV-1a; a hostile file can make names collide, and then LIMIT_TALLY_NAMES bounds the search. */
static uint32_t mix(uint32_t h, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.data[i]) * UINT32_C(16777619);
    return (h ^ (uint32_t)s.len) * UINT32_C(16777619);
}

struct tally_item *tally_add(struct tally *t, struct slice kind, struct slice name, uint64_t offset)
{
    struct tally_item *item;
    size_t at;

    if (name.len > LIMIT_TALLY_BYTES)
        name.len = LIMIT_TALLY_BYTES;
    if (t->slots == NULL)
        t->slots = ARENA_ARRAY(t->arena, uint32_t, SLOTS);
    for (at = mix(mix(UINT32_C(2166136261), kind), name) % SLOTS; t->slots[at] != 0;
         at = (at + 1) % SLOTS) {
        item = &t->items[t->slots[at] - 1];
        if (slice_eq(item->name, name) && slice_eq(item->kind, kind)) {
            item->count++;
            return item;
        }
    }
    if (t->n == LIMIT_TALLY_NAMES) {
        t->lost++;
        return NULL;
    }
    item = ARENA_PUSH(t->arena, &t->items, &t->n);
    t->slots[at] = (uint32_t)t->n;
    item->kind = arena_slice(t->arena, kind);
    item->name = arena_slice(t->arena, name);
    item->count = 1;
    item->offset = offset;
    return item;
}

const struct value *tally_map(const struct tally *t)
{
    struct value_builder b;

    value_map_begin(&b, t->arena);
    for (size_t i = 0; i < t->n; i++) {
        const struct value *key = value_bytes(t->arena, t->items[i].name, NULL);

        value_map_put(&b, value_text(key), value_int(t->arena, (int64_t)t->items[i].count, NULL));
    }
    return value_map_end(&b, NULL);
}

void tally_tell(const struct tally *t, const struct format_input *in, const char *framework)
{
    struct arena *a = in->scratch;

    for (size_t i = 0; i < t->n; i++) {
        const struct tally_item *o = &t->items[i];
        struct value_builder b;

        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, framework));
        value_map_add(&b, "domain", format_string(a, o->kind, LIMIT_TALLY_BYTES));
        value_map_add(&b, "op", format_string(a, o->name, LIMIT_TALLY_BYTES));
        value_map_add(&b, "count", value_int(a, (int64_t)o->count, NULL));
        value_map_add(&b, "offset", value_int(a, (int64_t)o->offset, NULL));
        format_tell(
            in, "model.op",
            arena_printf(a, "%s#%s:%s", in->path, member_name(a, o->kind), member_name(a, o->name)),
            o->offset, value_map_end(&b, NULL));
    }
}
