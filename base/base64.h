#ifndef BASE_BASE64_H
#define BASE_BASE64_H
/* RFC 4648 base64. Writing: the standard alphabet with padding. Reading: standard or
 * URL-safe alphabet (not mixed), padding exact or absent, no blanks, no trailing
 * bits set, nothing behind the padding. */
#include "base/arena.h"
#include "base/buf.h"

void base64_put(struct buf *b, struct slice s);
/* What one character of either alphabet stands for, 0 to 63; -1: it is of none. */
int base64_digit(uint8_t c);

MUST_CHECK bool base64_get(struct slice text, struct arena *a, struct slice *out, struct err *e);
#endif
