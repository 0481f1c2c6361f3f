#ifndef SCANNER_CONFIG_PERCENT_H
#define SCANNER_CONFIG_PERCENT_H
/* Percent-encoded text. SPEC: RFC 3986 section 2.1 */
#include "base/arena.h"
#include "base/err.h"

/* percent_decode(s, a, out, e): each %XX as its byte, in `a`; '+' stays. ERR_FORMAT with the place
 * in `s` when two hex digits are missing. What comes out is bytes, not necessarily UTF-8. */
MUST_CHECK bool percent_decode(struct slice s, struct arena *a, struct slice *out, struct err *e);
#endif
