#ifndef SCANNER_FORMATS_TEXT_H
#define SCANNER_FORMATS_TEXT_H
/* Text: strict UTF-8 without controls but blanks, form feed, escape and backspace. */
#include "scanner/formats/format.h"

/* Could this be the beginning of a text? */
bool text_plausible(struct slice head);

/* The whole stream, forward. ERR_FORMAT names the first byte that does not
 * belong; `*len` is how much was good. */
MUST_CHECK bool text_check(struct feed *f, uint64_t *len, struct err *e);
#endif
