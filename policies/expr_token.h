#ifndef POLICIES_EXPR_TOKEN_H
#define POLICIES_EXPR_TOKEN_H
/* The words of an expression, as far as writing out variables needs them: names, numbers,
 * strings and single marks. */
#include "base/slice.h"

enum expr_token_kind { EXPR_END, EXPR_NAME, EXPR_NUMBER, EXPR_STRING, EXPR_BYTES, EXPR_MARK };

struct expr_token {
    enum expr_token_kind kind;
    size_t at, len; /* in the text; blanks and comments stand before `at` */
};

/* expr_token_next(text, at): the first token at or after `at`. */
struct expr_token expr_token_next(struct slice text, size_t at);
bool expr_token_is(struct slice text, struct expr_token t, const char *word);
#endif
