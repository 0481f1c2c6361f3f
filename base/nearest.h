#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H
/* What a misspelt word was meant to be, by the letters that were left out, added or changed. */
#include "base/slice.h"

#define NEAREST_WORD_MAX 64 /* bytes; a longer word is nobody's */
#define NEAREST_HINT_MAX 96 /* bytes of a hint, with its NUL */

/* Of the names (the last is NULL) the one nearest to `word`; NULL when none is near: a third of its
 * letters, and one, may differ. The first of several that are as near. */
const char *nearest_name(struct slice word, const char *const *names);

/* The same as the end of a message, in `out`, which is returned: "; did you mean 'NAME'?", or
 * nothing. */
const char *nearest_hint(struct slice word, const char *const *names, char out[NEAREST_HINT_MAX]);
#endif
