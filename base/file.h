#ifndef BASE_FILE_H
#define BASE_FILE_H
/* Files of the operator: read whole under a cap, written whole or not at all. Errors begin with the
 * path: a caller puts none in front. */
#include "base/arena.h"
#include "base/err.h"

/* Reads a regular file (or "-", standard input) of at most max bytes. The
 * bytes live in `a`; a NUL follows them. */
MUST_CHECK bool file_read(const char *path, size_t max, struct arena *a, struct slice *out,
                          struct err *e);

/* Writes a temporary file beside `path`, fsyncs, renames over it and
 * fsyncs the folder. mode as for open(2). */
MUST_CHECK bool file_write(const char *path, struct slice bytes, unsigned mode, struct err *e);

/* Makes the folder and its parents. */
MUST_CHECK bool file_mkdirs(const char *path, struct err *e);
#endif
