#ifndef SCANNER_FORMATS_PICKLE_PICKLE_ARRAY_H
#define SCANNER_FORMATS_PICKLE_PICKLE_ARRAY_H
/*
 * joblib writes the raw bytes of an array behind the BUILD of its wrapper object, between two
 * opcodes: one byte and that many of padding when the wrapper says so, then shape x dtype bytes;
 * or, for objects, a pickle of its own. SPEC: joblib 1.2, joblib/numpy_pickle.py,
 * NumpyArrayWrapper.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* A dict was made above `below` (NULL: nothing): is that a wrapper, its pairs are kept. */
void pickle_array_dict(struct pickle_vm *v, const struct pickle_slot *below,
                       struct pickle_slot dict);
/* n slots, keys and values, go into a dict. */
void pickle_array_fill(struct pickle_vm *v, struct pickle_slot dict,
                       const struct pickle_slot *pairs, size_t n);
/* Is it a wrapper that is about to stand in a second place? joblib never does that, and then nobody
 * can tell in which state it is. */
bool pickle_array_again(const struct pickle_vm *v, struct pickle_slot s);
/* After BUILD of `object`: passes over an array's bytes when it is a wrapper. */
MUST_CHECK bool pickle_array_skip(struct pickle_vm *v, struct pickle_slot object,
                                  struct pickle_slot state, struct err *e);
#endif
