#ifndef SCANNER_FORMATS_TEXT_H
#define SCANNER_FORMATS_TEXT_H
/* Text: strict UTF-8 without controls but blanks, form feed, escape and backspace. */
#include "scanner/formats/format.h"

/* Could this be the beginning of a text? */
bool text_plausible(struct slice head);

/* Prose that people read (README, LICENSE, *.md, *.txt, ...), and no loader: older ones are in the
 * encoding of their country. `name` is in lower case. */
bool text_prose(const char *name);
bool text_plausible_8bit(struct slice head);

/* The whole stream, forward, of any encoding that leaves controls what they are. */
MUST_CHECK bool text_check_8bit(struct feed *f, uint64_t *len, struct err *e);

/* The whole stream, forward. ERR_FORMAT names the first byte that does not
 * belong; `*len` is how much was good. */
MUST_CHECK bool text_check(struct feed *f, uint64_t *len, struct err *e);
#endif
