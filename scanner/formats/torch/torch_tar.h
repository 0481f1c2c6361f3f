#ifndef SCANNER_FORMATS_TORCH_TORCH_TAR_H
#define SCANNER_FORMATS_TORCH_TORCH_TAR_H
/*
 * The first format of torch.save: a tar with the members sys_info, pickle, storages and tensors.
 * The loader unpickles from each of them by its name, between raw numbers and storages. SPEC:
 * PyTorch 1.13, torch/serialization.py, _legacy_load, legacy_load.
 */
#include "scanner/formats/format.h"
#include "scanner/input/tar.h"

/* Would torch.load take this entry's tar for its own? It begins with the member `storages`. */
bool torch_tar_marks(const struct tar_entry *t);

/* How the loader reads this entry of such a tar, or NULL: it does not. */
const struct format *torch_tar_part(const struct tar_entry *t);
#endif
