#include "scanner/formats/pickle/pickle_array.h"

#include <inttypes.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/pickle/pickle_call.h"

#define DTYPES 65536 /* different numpy.dtype objects of one pickle */

bool pickle_array_dtype(struct pickle_vm *v, struct pickle_slot args, uint64_t *ref)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    struct pickle_dtype *d;
    struct slice s;
    uint64_t n;

    if (t == NULL || t->len == 0 || t->child[0].kind != PICKLE_TEXT || v->ndtypes >= DTYPES)
        return false;
    s = pickle_stack_text(&v->stack, t->child[0].ref);
    if (s.len < 2 || !checked_u64(slice_from(s, 1), UINT32_MAX, &n))
        return false;
    *ref = v->ndtypes;
    d = ARENA_PUSH(v->arena, &v->dtypes, &v->ndtypes);
    d->size = s.data[0] == 'U' ? n * 4 : n;
    d->objects = s.data[0] == 'O';
    d->open = s.data[0] == 'V';
    return true;
}

void pickle_array_dtype_state(struct pickle_vm *v, struct pickle_slot dtype,
                              struct pickle_slot state)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, state);
    struct pickle_dtype *d = &v->dtypes[dtype.ref];

    /* (version, order, subtype, names, fields, size, alignment, flags) */
    if (t == NULL || t->len < 8) {
        d->open = true;
        return;
    }
    if (t->child[5].kind == PICKLE_INT && pickle_stack_int(t->child[5]) > 0)
        d->size = (uint64_t)pickle_stack_int(t->child[5]);
    if (t->child[3].kind == PICKLE_NONE && t->child[2].kind == PICKLE_NONE)
        return;
    d->open = t->child[7].kind != PICKLE_INT;
    d->objects = d->objects || (!d->open && (pickle_stack_int(t->child[7]) & 1) != 0);
}

/* The value of a key of the wrapper's state. */
static bool member(const struct pickle_vm *v, const char *key, struct pickle_slot *out)
{
    for (size_t i = 0; i + 1 < v->npairs; i += 2)
        if (v->pairs[i].kind == PICKLE_TEXT &&
            slice_is(pickle_stack_text(&v->stack, v->pairs[i].ref), key)) {
            *out = v->pairs[i + 1];
            return true;
        }
    return false;
}

/* The old wrappers name a file, which joblib looks for beside the pickle. */
static void beside(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state)
{
    struct pickle_beside *b;
    struct pickle_slot name;
    struct slice text;

    if (v->nbeside >= LIMIT_PICKLE_BESIDE || v->reading != NULL)
        return;
    b = ARENA_PUSH(v->arena, &v->beside, &v->nbeside);
    *b = (struct pickle_beside){.wrapper = (uint32_t)object.ref, .offset = v->op_at};
    if (state.kind == PICKLE_DICT && v->npairs > 0 && v->pairs_of == state.ref &&
        member(v, "filename", &name) && pickle_vm_text(v, name, &text) && text.len > 0)
        b->name = arena_slice(v->arena, text);
}

static bool array_bytes(const struct pickle_vm *v, uint64_t item, uint64_t *out)
{
    const struct pickle_tuple *t;
    struct pickle_slot shape;

    if (!member(v, "shape", &shape))
        return false;
    t = pickle_stack_tuple_of(&v->stack, shape);
    if (t == NULL || t->len > PICKLE_CHILDREN)
        return false;
    *out = item;
    for (size_t i = 0; i < t->len; i++)
        if (t->child[i].kind != PICKLE_INT || pickle_stack_int(t->child[i]) < 0 ||
            !checked_mul(*out, (uint64_t)pickle_stack_int(t->child[i]), out))
            return false;
    return true;
}

/* An array of objects is a pickle of its own at this place: its opcodes run on the same machine. */
static bool objects(struct pickle_vm *v, struct err *e)
{
    struct pickle_vm inner = *v;
    bool ok;

    if (v->objects_at == 0)
        v->objects_at = v->in.r.offset;
    inner.objects_at = v->objects_at;
    inner.arrays = false;
    inner.again = NULL;
    pickle_stack_init(&inner.stack);
    inner.stack.nobjects = v->stack.nobjects;
    ok = pickle_vm_run(&inner, false, e);
    v->stack.nobjects = inner.stack.nobjects;
    pickle_stack_release(&inner.stack);
    free(inner.again);
    inner.stack = v->stack;
    inner.again = v->again;
    inner.arrays = v->arrays;
    inner.proto = v->proto;
    *v = inner;
    v->stopped = false;
    v->npairs = 0;
    return ok;
}

bool pickle_array_skip(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state,
                       struct err *e)
{
    struct pickle_slot dtype, align;
    struct slice pad, head;
    uint64_t n;

    if (object.kind != PICKLE_GLOBAL && pickle_call_is(v, object, PICKLE_FILE_WRAPPER))
        beside(v, object, state);
    if (!v->arrays || object.kind == PICKLE_GLOBAL ||
        !pickle_call_is(v, object, PICKLE_ARRAY_WRAPPER))
        return true;
    if (state.kind != PICKLE_DICT || v->npairs == 0 || v->pairs_of != state.ref ||
        !member(v, "dtype", &dtype) || dtype.kind != PICKLE_DTYPE || v->dtypes[dtype.ref].open)
        return err_pos(e, ERR_UNSUPPORTED, v->op_at, "an array wrapper whose type cannot be told");
    v->skipped_arrays++;
    if (v->dtypes[dtype.ref].objects)
        return objects(v, e);
    if (!array_bytes(v, v->dtypes[dtype.ref].size, &n))
        return err_pos(e, ERR_UNSUPPORTED, v->op_at, "an array wrapper whose shape cannot be told");
    if (member(v, "numpy_array_alignment_bytes", &align) && align.kind == PICKLE_INT) {
        if (!pickle_read_bytes(&v->in, 1, &pad, e) ||
            !pickle_read_skip(&v->in, pad.data[0], false, &head, e))
            return false;
    }
    if (!pickle_read_skip(&v->in, n, false, &head, e))
        return false;
    v->opaque += n;
    return true;
}
