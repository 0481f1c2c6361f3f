#ifndef SCANNER_FORMATS_EXTENSION_H
#define SCANNER_FORMATS_EXTENSION_H
/* What a file name promises. */
#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

/* Of a path: what follows its last '/', '!' included as a separator. */
const char *extension_base(const char *path);
/* The path of a file beside that of `path`, in `a`. */
const char *extension_beside(const char *path, struct slice name, struct arena *a);
/* The extension with its dot, or "". */
const char *extension_of(const char *name);
/* Does the name (lower-case) promise something else than this format? An
 * extension that is not known promises nothing. */
bool extension_mismatch(const char *name, const char *format);
/* Does the name promise this format, among others? */
bool extension_promises(const char *name, const char *format);
#endif
