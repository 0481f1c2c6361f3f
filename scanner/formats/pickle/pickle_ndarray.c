#include "scanner/formats/pickle/pickle_ndarray.h"

#include <string.h>

#include "base/checked.h"
#include "scanner/formats/pickle/pickle_call.h"

/* Opcodes from the BUILD of an array to the call that it is an argument of: a tuple, a place in the
 * memo, the call. */
#define AT_ONCE 3

static bool is_module(struct slice module, const char *of)
{
    const size_t n = strlen(of);

    return slice_starts(module, of) && (module.len == n || module.data[n] == '.');
}

/* A result of what is NumPy's, but for its random generators. */
static bool is_array(const struct pickle_vm *v, struct pickle_slot s)
{
    const struct pickle_import *x = pickle_call_import_of(v, s);

    return s.kind != PICKLE_GLOBAL && x != NULL && is_module(x->module, "numpy") &&
           !is_module(x->module, "numpy.random");
}

/* ---- the objects of an array ---- */
/* Items of a shape; UINT64_MAX when it cannot be told. */
static uint64_t items_of(const struct pickle_vm *v, struct pickle_slot shape)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, shape);
    uint64_t n = 1;

    if (t == NULL || t->len > PICKLE_CHILDREN)
        return UINT64_MAX;
    for (size_t i = 0; i < t->len; i++)
        if (t->child[i].kind != PICKLE_INT || pickle_stack_int(t->child[i]) < 0 ||
            !checked_mul(n, (uint64_t)pickle_stack_int(t->child[i]), &n))
            return UINT64_MAX;
    return n;
}

void pickle_ndarray_list(struct pickle_vm *v, size_t n, struct pickle_slot list, uint64_t have)
{
    const struct pickle_stack *s = &v->stack;

    if (!pickle_ndarray_place(s, n) || v->nitems == PICKLE_ITEMS_DEPTH ||
        s->slots[n - 3].kind != PICKLE_TUPLE || !is_array(v, s->slots[s->fence - 1]))
        return;
    v->items[v->nitems++] =
        (struct pickle_items){.list = list.ref, .want = items_of(v, s->slots[n - 3]), .have = have};
}

void pickle_ndarray_filled(struct pickle_vm *v, struct pickle_slot list, size_t n)
{
    for (size_t i = v->nitems; i > 0; i--)
        if (v->items[i - 1].list == list.ref)
            v->items[i - 1].have += n;
}

/* Has the list as many items as it needs? Those made later are never filled again. */
static bool counted(struct pickle_vm *v, struct pickle_slot list, uint64_t *want)
{
    for (size_t i = v->nitems; i > 0; i--)
        if (v->items[i - 1].list == list.ref) {
            *want = v->items[i - 1].want;
            v->nitems = i - 1;
            return *want != UINT64_MAX && *want == v->items[i - 1].have;
        }
    return false;
}

/* ---- the state ---- */
/* What NumPy compares the length of itself. */
static bool is_raw(const struct pickle_vm *v, struct pickle_slot s)
{
    static const char *const makers[] = {"bytes", "encode", "bytearray", "str"};
    const struct pickle_import *x = pickle_call_import_of(v, s);

    return s.kind == PICKLE_BYTES || s.kind == PICKLE_TEXT || s.kind == PICKLE_TEXT_AT ||
           s.kind == PICKLE_BUFFER || s.kind == PICKLE_NONE ||
           (s.kind == PICKLE_RESULT && x != NULL &&
            slice_among(x->name, makers, ARRAY_LEN(makers)));
}

/* (version, shape, type, order, items), or without a version, or of a masked array with more. */
void pickle_ndarray_state(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, state);
    struct pickle_slot raw;
    uint64_t want = 1;
    bool good;

    if (!is_array(v, object) || state.kind == PICKLE_DICT || state.kind == PICKLE_NONE)
        return;
    if (t != NULL && t->len == 2)
        return; /* a dictionary and slots */
    if (t != NULL && t->len >= 4 && t->len <= PICKLE_CHILDREN) {
        raw = t->child[t->len == 4 ? 3 : 4];
        good = raw.kind == PICKLE_LIST ? counted(v, raw, &want) : is_raw(v, raw);
        if (good && raw.kind != PICKLE_LIST)
            want = items_of(v, t->child[t->len == 4 ? 0 : 1]);
    } else {
        good = false;
    }
    if (!good)
        pickle_vm_note(v, PICKLE_ODD_ARRAY);
    v->array_op = good && want > 0 ? v->opcodes : 0;
    v->array_height = v->stack.n;
}

/* A value that holds objects comes as an array, made on the spot, of which NumPy takes the first
 * item, whether there is one or not. */
void pickle_ndarray_scalar(struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);

    if (t == NULL || t->len == 0 || t->len > 2) {
        pickle_vm_note(v, PICKLE_ODD_ARRAY);
        return;
    }
    if (t->len == 2 && t->child[1].kind == PICKLE_TEXT)
        pickle_call_wide(v, pickle_stack_text(&v->stack, t->child[1].ref));
    if (t->len == 1 || is_raw(v, t->child[1]))
        return;
    if (!is_array(v, t->child[1]) || v->array_op == 0 || v->opcodes - v->array_op > AT_ONCE ||
        v->array_height != v->stack.n + 3)
        pickle_vm_note(v, PICKLE_ODD_ARRAY);
}
