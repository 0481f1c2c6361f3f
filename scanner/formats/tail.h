#ifndef SCANNER_FORMATS_TAIL_H
#define SCANNER_FORMATS_TAIL_H
/* Bytes behind the end of what a format declares. */
#include "scanner/formats/format.h"

/* One `model.tail` fact about the bytes [from, len) of the stream, and what they look like. After
 * feed_drain. */
void tail_tell(const struct format_input *in, const char *format, uint64_t from, uint64_t len);
#endif
