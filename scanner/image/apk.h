#ifndef SCANNER_IMAGE_APK_H
#define SCANNER_IMAGE_APK_H
/* The package database of apk, version 2: lib/apk/db/installed. SPEC: apk-tools doc/apk-v2.5.scd.
 * The binary one of version 3 is told as unsupported. */
#include "base/err.h"

struct apk_package {
    struct slice name, version, architecture, origin, maintainer;
};

typedef void apk_fn(void *ctx, const struct apk_package *p);

/* apk_parse(text, fn, ctx, e): one call a package, in order; slices borrow
 * `text`. Errors name the line. */
MUST_CHECK bool apk_parse(struct slice text, apk_fn *fn, void *ctx, struct err *e);
#endif
