#ifndef SCANNER_IMAGE_OSRELEASE_H
#define SCANNER_IMAGE_OSRELEASE_H
/* etc/os-release: which distribution an image is. SPEC: os-release(5). */
#include "base/arena.h"
#include "base/err.h"

struct osrelease {
    struct slice id, version_id, version_codename, pretty_name, name; /* empty when not given */
    uint32_t odd_line; /* the first line that is no assignment; 0 for none */
};

/* osrelease_parse(text, a, out): values without their quotes; the last
 * assignment of a name counts, as in a shell. */
void osrelease_parse(struct slice text, struct arena *a, struct osrelease *out);
#endif
