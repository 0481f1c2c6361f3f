#ifndef BASE_JSON_H
#define BASE_JSON_H
/*
 * Hostile or large JSON, read straight into a value tree. SPEC: RFC 8259, with these refusals:
 * bytes that are not strict UTF-8, a byte order mark, duplicate keys (compared after unescaping),
 * unpaired surrogate escapes, anything but white space after the value, more than LIMIT_JSON_DEPTH
 * levels, more than LIMIT_JSON_NODES nodes. Integers that fit int64 become VALUE_INT, others and
 * every number with a fraction or an exponent VALUE_DOUBLE; a number too large for a double is an
 * error.
 */
#include "base/value.h"

/* json_read(text, a, out, e): the tree lives in `a` and borrows nothing from
 * `text`. An error names byte offset and line. */
MUST_CHECK bool json_read(struct slice text, struct arena *a, const struct value **out,
                          struct err *e);
#endif
