#ifndef SCANNER_FORMATS_PICKLE_PICKLE_DTYPE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_DTYPE_H
/*
 * numpy.dtype: what it is made from, and its state. NumPy believes the state: flags that deny the
 * objects among the fields have it take bytes for pointers, and a field outside of the item reads
 * and writes outside of the array. So each state is compared with what it describes.
 * SPEC: NumPy 2.4, numpy/_core/src/multiarray/descriptor.c, arraydescr_setstate.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* Are the arguments of numpy.dtype such that their meaning is known? `*ref` is what a PICKLE_DTYPE
 * slot holds. */
bool pickle_dtype_make(struct pickle_vm *v, struct pickle_slot args, uint64_t *ref);
/* BUILD of one: notes PICKLE_ODD_DTYPE when the state contradicts itself. */
void pickle_dtype_state(struct pickle_vm *v, struct pickle_slot dtype, struct pickle_slot state);
/* A second slot of one came to be: it may be in use before it has its state. */
void pickle_dtype_shared(struct pickle_vm *v, struct pickle_slot dtype);
/* A dict is made above n objects on the stack: it may be the fields of one. */
void pickle_dtype_dict(struct pickle_vm *v, size_t n, struct pickle_slot dict);
/* n slots, keys and values, go into a dict: it may be the fields of one. */
void pickle_dtype_fields(struct pickle_vm *v, struct pickle_slot dict,
                         const struct pickle_slot *pairs, size_t n);
#endif
