#ifndef SCANNER_IMAGE_CAPABILITY_H
#define SCANNER_IMAGE_CAPABILITY_H
/* File capabilities, as the extended attribute security.capability holds them. SPEC:
 * capabilities(7), "File capability extended attribute versioning". */
#include "base/value.h"

/* capability_decode(xattr, a, names, effective): a list of "cap_net_raw", ... in the order of the
 * kernel; false when the attribute is malformed. */
bool capability_decode(struct slice xattr, struct arena *a, const struct value **names,
                       bool *effective);
#endif
