#ifndef SCANNER_FORMATS_PICKLE_PICKLE_RANGE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_RANGE_H
/*
 * Ranges of files that the .metadata of torch.distributed.checkpoint names. Its reader asks any
 * object for `relative_path`, `offset` and `length`, so every dictionary with such a key is looked
 * at, whatever becomes of it: each must have all three as literals, and the state of every object
 * must be such a dictionary. What may be otherwise is odd. SPEC: PyTorch 2.8,
 * torch/distributed/checkpoint/filesystem.py, _StorageInfo, read_data.
 */
#include "scanner/formats/pickle/pickle_vm.h"

/* n slots, keys with their values, go into something. */
void pickle_range_fill(struct pickle_vm *v, const struct pickle_slot *s, size_t n);
/* BUILD gives `object` the state. */
void pickle_range_state(struct pickle_vm *v, struct pickle_slot object, struct pickle_slot state);
#endif
