#ifndef SCANNER_FORMATS_PICKLE_PICKLE_NDARRAY_H
#define SCANNER_FORMATS_PICKLE_PICKLE_NDARRAY_H
/*
 * numpy.ndarray: its state. NumPy takes as many objects from the list of a state as the shape says,
 * whether they are there or not: behind the end of a shorter list lies memory, which it takes for
 * pointers. SPEC: NumPy 2.4, numpy/_core/src/multiarray/methods.c, array_setstate, _setlist_pkl;
 * multiarraymodule.c, array_scalar.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* A list is made above `n` objects on the stack, of which the last mark is below `fence`, with
 * `have` items: it may be the objects of an array. */
void pickle_ndarray_list(struct pickle_vm *v, size_t n, struct pickle_slot list, uint64_t have);
/* n more items go into a list. */
void pickle_ndarray_filled(struct pickle_vm *v, struct pickle_slot list, size_t n);
/* BUILD of something: notes PICKLE_ODD_ARRAY when it is an array and has not what its shape says.
 */
void pickle_ndarray_state(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state);
/* numpy.core.multiarray.scalar(type, value). */
void pickle_ndarray_scalar(struct pickle_vm *v, struct pickle_slot args);

/* May a list that is made above `n` objects be what is counted? */
static inline bool pickle_ndarray_place(const struct pickle_stack *s, size_t n)
{
    return s->fence > 0 && (n == s->fence + 4 || n == s->fence + 3) &&
           (s->slots[s->fence - 1].kind == PICKLE_RESULT ||
            s->slots[s->fence - 1].kind == PICKLE_INSTANCE);
}

static inline bool pickle_ndarray_counts(const struct pickle_vm *v, struct pickle_slot list)
{
    for (size_t i = v->nitems; i > 0; i--)
        if (v->items[i - 1].list == list.ref)
            return true;
    return false;
}
#endif
