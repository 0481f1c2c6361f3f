#ifndef SIGNING_KEY_SOURCE_H
#define SIGNING_KEY_SOURCE_H
/* Where the text of a key comes from. `rest` is what follows the scheme of a reference. */
#include "base/err.h"
#include "signing/secret.h"

/*
 * key_source_split("env://NAME"): scheme "env", rest "NAME". "file:PATH" and "file://PATH":
 * scheme "file". A reference without a scheme is a path. `scheme` must hold
 * KEY_SOURCE_SCHEME_MAX bytes.
 */
#define KEY_SOURCE_SCHEME_MAX 16
void key_source_split(const char *ref, char scheme[KEY_SOURCE_SCHEME_MAX], const char **rest);

/*
 * Reads a regular file of at most LIMIT_KEY_BYTES. With `secret` the file must be closed to
 * group and others.
 */
MUST_CHECK bool key_source_file(const char *path, bool secret, struct secret *out, struct err *e);

/* Copies the variable; unset or empty is ERR_USAGE. */
MUST_CHECK bool key_source_env(const char *name, struct secret *out, struct err *e);
#endif
