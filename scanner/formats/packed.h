#ifndef SCANNER_FORMATS_PACKED_H
#define SCANNER_FORMATS_PACKED_H
/* Streams that are another stream, compressed: the inner one is scanned under its own name. */
#include "scanner/formats/format.h"

/* What the contents of the file at `path` are called: "model.tar.gz" holds "model.tar", "model.tgz"
 * too; a name without such an end is kept: "model.pkl" holds "model.pkl". */
const char *packed_name(struct arena *a, const char *path);

/* `codec` of the whole of in->bytes. */
MUST_CHECK bool packed_parse(const struct format_input *in, enum source_codec codec,
                             struct format_cover *cover, struct err *e);

/* Is it one of those that are read so? */
bool packed_is(const struct format *f);
#endif
