#ifndef SCANNER_FORMATS_PICKLE_PICKLE_ARRAY_H
#define SCANNER_FORMATS_PICKLE_PICKLE_ARRAY_H
/*
 * joblib writes the raw bytes of an array behind the BUILD of its wrapper object, between two
 * opcodes: one byte and that many of padding when the wrapper says so, then shape x dtype bytes;
 * or, for objects, a pickle of its own. SPEC: joblib 1.2, joblib/numpy_pickle.py,
 * NumpyArrayWrapper.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* Is the argument of numpy.dtype a literal? `*ref` is what a PICKLE_DTYPE slot holds. */
bool pickle_array_dtype(struct pickle_vm *v, struct pickle_slot args, uint64_t *ref);
/* BUILD of a dtype: the item size and the flags of a structured one come from its state. */
void pickle_array_dtype_state(struct pickle_vm *v, struct pickle_slot dtype,
                              struct pickle_slot state);
/* After BUILD of `object`: passes over an array's bytes when it is a wrapper. */
MUST_CHECK bool pickle_array_skip(struct pickle_vm *v, struct pickle_slot object,
                                  struct pickle_slot state, struct err *e);
#endif
