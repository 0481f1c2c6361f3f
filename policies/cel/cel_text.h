#ifndef POLICIES_CEL_CEL_TEXT_H
#define POLICIES_CEL_CEL_TEXT_H
/* Code points of strict UTF-8. */
#include "base/slice.h"

static inline bool cel_text_valid(uint32_t cp)
{
    return cp <= 0x10ffff && (cp < 0xd800 || cp > 0xdfff);
}

/* cel_text_next(s, at) decodes the code point at `*at` and moves on; `s` is valid and *at <
 * s.len. */
uint32_t cel_text_next(struct slice s, size_t *at);

/* cel_text_count(s): code points. */
size_t cel_text_count(struct slice s);

/* cel_text_skip(s, at, n, out): the byte offset `n` code points behind byte `at`; false when
 * there are fewer. */
bool cel_text_skip(struct slice s, size_t at, size_t n, size_t *out);

/* White_Space of Unicode. */
bool cel_text_blank(uint32_t cp);
#endif
