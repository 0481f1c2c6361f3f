#ifndef SCANNER_FORMATS_PICKLE_PICKLE_SPECIAL_H
#define SCANNER_FORMATS_PICKLE_PICKLE_SPECIAL_H
/* Calls of functions that the machine knows better than by their names: those that call, make or
 * give on what they are given. */
#include "scanner/formats/pickle/pickle_vm.h"

/* What a call makes, when we know better than "a result": true when `*made` says so. */
bool pickle_special_call(struct pickle_vm *v, struct pickle_slot callee, struct pickle_slot args,
                         struct pickle_slot *made);
/* What functools.partial is given, by a call or as its state. */
void pickle_special_partial(struct pickle_vm *v, struct pickle_slot args);
/* BUILD of a tensor of PyTorch with (storage, offset, size, stride), as its first version wrote. */
void pickle_special_tensor(struct pickle_vm *v, struct pickle_slot object,
                           struct pickle_slot state);
#endif
