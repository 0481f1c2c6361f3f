#ifndef SCANNER_FORMATS_PICKLE_PICKLE_TELL_H
#define SCANNER_FORMATS_PICKLE_PICKLE_TELL_H
/* What a file of pickles is, as facts: docs/facts-model.md. */
#include "scanner/formats/pickle/pickle.h"

/* Tells of p, and of the files that it holds, which are scanned here. `format`: what the pickle is
 * the content of: "pickle", "npy", "pytorch_legacy". */
void pickle_tell(const struct format_input *in, struct pickle *p, const char *format);
#endif
