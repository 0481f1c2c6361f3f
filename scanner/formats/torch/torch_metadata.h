#ifndef SCANNER_FORMATS_TORCH_TORCH_METADATA_H
#define SCANNER_FORMATS_TORCH_TORCH_METADATA_H
/* The .metadata of torch.distributed.checkpoint: a pickle that says where in which file each item
 * lies. SPEC: PyTorch 2.8, torch/distributed/checkpoint/filesystem.py and metadata.py. */
#include "scanner/formats/pickle/pickle.h"

/* Is it called ".metadata" (or "__0.metadata")? Its reader goes by the name. */
bool torch_metadata_named(const char *path);

/* One `model.checkpoint_file` fact for each file that it names, and one when there may be others;
 * each range is kept for the file that it is of (companions.h). */
void torch_metadata_tell(const struct format_input *in, const struct pickle *p);
#endif
