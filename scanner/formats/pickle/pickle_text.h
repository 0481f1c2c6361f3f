#ifndef SCANNER_FORMATS_PICKLE_PICKLE_TEXT_H
#define SCANNER_FORMATS_PICKLE_PICKLE_TEXT_H
/* The text arguments of protocol 0, decoded as CPython's C unpickler does. `out` has
 * room for as many bytes as `line` has. */
#include "base/attr.h"
#include "base/slice.h"

/* STRING: in quotes, with \ escapes. False when the quotes or an escape are wrong. */
MUST_CHECK bool pickle_text_string(struct slice line, uint8_t *out, size_t *len);
/* UNICODE: raw-unicode-escape; bytes over 0x7f are Latin-1, so `out` has
 * room for twice as many bytes. */
MUST_CHECK bool pickle_text_unicode(struct slice line, uint8_t *out, size_t *len);
/* GET, PUT, INT, LONG: decimal with blanks around, one sign and single
 * underscores; a NUL ends it. */
MUST_CHECK bool pickle_text_int(struct slice line, int64_t *out);
#endif
