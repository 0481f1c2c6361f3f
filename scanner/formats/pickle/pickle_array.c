#include "scanner/formats/pickle/pickle_array.h"

#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/pickle/pickle_call.h"

static bool is_wrapper(const struct pickle_vm *v, struct pickle_slot s)
{
    return s.kind != PICKLE_GLOBAL && (pickle_call_is(v, s, PICKLE_ARRAY_WRAPPER) ||
                                       pickle_call_is(v, s, PICKLE_FILE_WRAPPER));
}

void pickle_array_dict(struct pickle_vm *v, const struct pickle_slot *below,
                       struct pickle_slot dict)
{
    if (below == NULL || !is_wrapper(v, *below))
        return;
    v->pairs_of = dict.ref;
    v->npairs = 0;
    v->pairs_lost = false;
}

/* Of the states that joblib writes. Any other may stand for a method of the wrapper, which then is
 * the file's own. */
static bool is_key(const struct pickle_vm *v, struct pickle_slot key)
{
    static const char *const keys[] = {"subclass", "shape",      "order",
                                       "dtype",    "allow_mmap", "numpy_array_alignment_bytes",
                                       "filename", "init_args",  "state"};

    return key.kind == PICKLE_TEXT &&
           slice_among(pickle_stack_text(&v->stack, key.ref), keys, ARRAY_LEN(keys));
}

void pickle_array_fill(struct pickle_vm *v, struct pickle_slot dict,
                       const struct pickle_slot *pairs, size_t n)
{
    if (dict.ref != v->pairs_of)
        return;
    if (n > PICKLE_STATE_KEPT - v->npairs) {
        v->pairs_lost = true;
        return;
    }
    for (size_t i = 0; i < n; i += 2)
        v->pairs_lost = v->pairs_lost || !is_key(v, pairs[i]);
    memcpy(v->pairs + v->npairs, pairs, n * sizeof(*pairs));
    v->npairs += n;
}

bool pickle_array_again(const struct pickle_vm *v, struct pickle_slot s)
{
    return v->arrays && s.kind != PICKLE_GLOBAL && pickle_call_is(v, s, PICKLE_ARRAY_WRAPPER);
}

/* The value that a key of the wrapper's state has in the end. */
static bool member(const struct pickle_vm *v, const char *key, struct pickle_slot *out)
{
    for (size_t i = v->npairs; i > 0; i -= 2)
        if (slice_is(pickle_stack_text(&v->stack, v->pairs[i - 2].ref), key)) {
            *out = v->pairs[i - 1];
            return true;
        }
    return false;
}

static bool is_state(const struct pickle_vm *v, struct pickle_slot state)
{
    return state.kind == PICKLE_DICT && state.ref == v->pairs_of && !v->pairs_lost;
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
    if (is_state(v, state) && member(v, "filename", &name) && pickle_vm_text(v, name, &text) &&
        text.len > 0)
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
    memcpy(inner.items, v->items, sizeof(inner.items));
    inner.nitems = v->nitems;
    *v = inner;
    v->stopped = false;
    v->pairs_of = PICKLE_REF_NONE;
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
    if (!is_state(v, state) || !member(v, "dtype", &dtype) || dtype.kind != PICKLE_DTYPE ||
        v->dtypes[dtype.ref].open)
        return err_pos(e, ERR_UNSUPPORTED, v->op_at, "an array wrapper whose type cannot be told");
    v->skipped_arrays++;
    if (v->dtypes[dtype.ref].objects)
        return objects(v, e);
    if (!array_bytes(v, v->dtypes[dtype.ref].size, &n))
        return err_pos(e, ERR_UNSUPPORTED, v->op_at, "an array wrapper whose shape cannot be told");
    if (member(v, "numpy_array_alignment_bytes", &align) && align.kind != PICKLE_NONE) {
        if (!pickle_read_bytes(&v->in, 1, &pad, e) ||
            !pickle_read_skip(&v->in, pad.data[0], false, &head, e))
            return false;
    }
    if (!pickle_read_skip(&v->in, n, false, &head, e))
        return false;
    v->opaque += n;
    return true;
}
