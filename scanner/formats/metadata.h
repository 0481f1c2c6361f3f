#ifndef SCANNER_FORMATS_METADATA_H
#define SCANNER_FORMATS_METADATA_H
/* What the texts in a file's metadata say to programs that take configurations out of them. */
#include "scanner/formats/format.h"

/* The value of `key`, at `offset`: one `model.metadata_text` fact when it names calls or targets;
 * a template, or a JSON document, is judged as such. */
void metadata_text(const struct format_input *in, struct slice key, struct slice text,
                   uint64_t offset);
#endif
