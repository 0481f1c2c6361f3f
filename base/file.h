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

/*
 * A file written piece by piece, into a temporary file beside `path` that is renamed over it at the
 * end; a pipe, a terminal or another device is written to as it comes. After file_begin there must
 * be a file_end; with `keep` false, and after a failure, nothing is left behind and `path` is as it
 * was. mode as for open(2).
 */
struct file_writer;
MUST_CHECK bool file_begin(const char *path, unsigned mode, struct file_writer **out,
                           struct err *e);
MUST_CHECK bool file_append(struct file_writer *w, struct slice bytes, struct err *e);
/* Frees `w`. True when it was to be kept and is there whole, on the disk. */
bool file_end(struct file_writer *w, bool keep, struct err *e);

/* Writes a temporary file beside `path`, fsyncs, renames over it and
 * fsyncs the folder. mode as for open(2). */
MUST_CHECK bool file_write(const char *path, struct slice bytes, unsigned mode, struct err *e);

/* Makes the folder and its parents. */
MUST_CHECK bool file_mkdirs(const char *path, struct err *e);
#endif
