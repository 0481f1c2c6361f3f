#ifndef SCANNER_FORMATS_SCRIPT_H
#define SCANNER_FORMATS_SCRIPT_H
/* Programs in source form beside a model. */
#include "scanner/formats/format.h"

/* "python", "shell", ... by the file name or by "#!"; NULL when it is none. */
const char *script_language(struct slice head, const char *name);

/* The `model.script` fact. */
void script_tell(const struct format_input *in, const char *language);
#endif
