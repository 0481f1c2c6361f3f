#ifndef SCANNER_IMAGE_DPKG_H
#define SCANNER_IMAGE_DPKG_H
/* The package database of dpkg: var/lib/dpkg/status, and status.d/ of images without dpkg. SPEC:
 * deb-control(5), dpkg(1) "INFORMATION ABOUT PACKAGES". */
#include "base/err.h"

struct dpkg_package {
    struct slice name, version, architecture, source, source_version, status, maintainer;
};

typedef void dpkg_fn(void *ctx, const struct dpkg_package *p);

/* dpkg_parse(text, fn, ctx, e): one call a package, in order; slices borrow `text`. An absent
 * Status is the empty slice. Errors name the line. */
MUST_CHECK bool dpkg_parse(struct slice text, dpkg_fn *fn, void *ctx, struct err *e);
#endif
