#ifndef SCANNER_FORMATS_UBJSON_H
#define SCANNER_FORMATS_UBJSON_H
/*
 * Universal Binary JSON, read into a value tree. Every length and count is held against the bytes
 * that are left before anything is built of it; two equal keys, negative lengths and bytes behind
 * the value are errors. To keep trees small, the floats of a typed array become null (nobody asks
 * for weights), and equal small integers share one node, whose position is the first one's.
 * SPEC: UBJSON draft 12, as XGBoost writes it (its 'd', 'D' and integers are big-endian).
 */
#include "base/value.h"

MUST_CHECK bool ubjson_read(struct slice bytes, struct arena *a, const struct value **out,
                            struct err *e);
#endif
