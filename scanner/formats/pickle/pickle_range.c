#include "scanner/formats/pickle/pickle_range.h"

#include "base/limits.h"

enum { PATH, OFFSET, LENGTH, TRANSFORMS, KEYS };

/* Made by a class of the checkpoint itself: no number, and no text. */
static bool own(const struct pickle_vm *v, struct pickle_slot s)
{
    const struct pickle_import *x;

    if ((s.kind != PICKLE_RESULT && s.kind != PICKLE_INSTANCE) || s.ref >= v->table->n)
        return false;
    x = &v->table->items[s.ref];
    return slice_starts(x->module, "torch.distributed.checkpoint.") ||
           (slice_is(x->module, "torch") && slice_is(x->name, "Size"));
}

/* A value that no reader takes for a place: under names of tensors, for instance. */
static bool harmless(const struct pickle_vm *v, struct pickle_slot s)
{
    return s.kind == PICKLE_NONE || s.kind == PICKLE_TUPLE || own(v, s);
}

/* Which key it is; KEYS: another one. False when that cannot be told. */
static bool key_of(struct pickle_vm *v, struct pickle_slot s, size_t *out)
{
    static const char *const names[KEYS] = {"relative_path", "offset", "length",
                                            "transform_descriptors"};
    struct slice text;

    *out = KEYS;
    if (s.kind != PICKLE_TEXT && s.kind != PICKLE_TEXT_AT)
        return s.kind == PICKLE_INT || s.kind == PICKLE_BYTES || harmless(v, s);
    if (!pickle_vm_text(v, s, &text))
        return false;
    for (size_t i = 0; i < KEYS; i++)
        if (slice_is(text, names[i]))
            *out = i;
    return true;
}

/* All that one dictionary says of a range; false when it is odd. */
static bool add(struct pickle_vm *v, const struct pickle_slot found[KEYS])
{
    struct pickle_range *r;
    struct slice path;

    if (!pickle_vm_text(v, found[PATH], &path) || path.len > LIMIT_NAME_BYTES ||
        found[OFFSET].kind != PICKLE_INT || pickle_stack_int(found[OFFSET]) < 0 ||
        found[LENGTH].kind != PICKLE_INT || pickle_stack_int(found[LENGTH]) < 0 ||
        v->nranges >= LIMIT_TENSORS)
        return false;
    v->packed_range = v->packed_range || found[TRANSFORMS].kind != PICKLE_NONE;
    if (v->nranges == 0 || !slice_eq(path, v->ranges[v->nranges - 1].path))
        path = arena_slice(v->arena, path);
    else
        path = v->ranges[v->nranges - 1].path;
    r = ARENA_PUSH(v->arena, &v->ranges, &v->nranges);
    *r = (struct pickle_range){path, (uint64_t)pickle_stack_int(found[OFFSET]),
                               (uint64_t)pickle_stack_int(found[LENGTH])};
    return true;
}

static void odd(struct pickle_vm *v)
{
    if (!v->odd_range)
        v->odd_range_at = v->op_at;
    v->odd_range = true;
}

void pickle_range_fill(struct pickle_vm *v, const struct pickle_slot *s, size_t n)
{
    struct pickle_slot found[KEYS];
    bool any = false, twice = false, values = false;

    for (size_t i = 0; i < KEYS; i++)
        found[i] = (struct pickle_slot){.kind = PICKLE_NONE};
    for (size_t i = 0; i + 1 < n; i += 2) {
        size_t key;

        if (!key_of(v, s[i], &key)) {
            odd(v);
            continue;
        }
        if (key == KEYS)
            continue;
        twice = twice || found[key].kind != PICKLE_NONE;
        values = values || !harmless(v, s[i + 1]);
        found[key] = s[i + 1];
        any = true;
    }
    if (any && (twice || (values && !add(v, found))))
        odd(v);
}

void pickle_range_state(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state)
{
    const struct pickle_import *x = NULL;

    if (object.kind == PICKLE_DTYPE || state.kind == PICKLE_DICT)
        return;
    if ((object.kind == PICKLE_INSTANCE || object.kind == PICKLE_RESULT) &&
        object.ref < v->table->n)
        x = &v->table->items[object.ref];
    /* its own __setstate__ takes five values */
    if (state.kind != PICKLE_TUPLE || x == NULL || !slice_is(x->name, "TensorProperties"))
        odd(v);
}
