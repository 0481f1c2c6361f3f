#ifndef SCANNER_FORMATS_TORCH_TORCHSCRIPT_H
#define SCANNER_FORMATS_TORCH_TORCHSCRIPT_H
/*
 * The code of a TorchScript archive: what it calls, as `model.torchscript` facts, one for each
 * different name. Only the language's own tokens are understood (comments, strings, names joined by
 * dots); that is enough to see every operator, since one is always reached through `torch.` or
 * `ops.`. SPEC: PyTorch 2.5, torch/csrc/jit/frontend/lexer.h, serialization/import_source.cpp.
 */
#include "scanner/formats/format.h"

/* Does a member of such a container hold TorchScript? `path` as in format_input. */
bool torchscript_is(const struct format_input *in);

/* torchscript_tell(in): reads all of in->bytes, at most LIMIT_CAPTURE_BYTES. */
MUST_CHECK bool torchscript_tell(const struct format_input *in, struct err *e);
#endif
