#ifndef POLICIES_CEL_CEL_LEXER_H
#define POLICIES_CEL_CEL_LEXER_H
/* Source text to tokens. SPEC: langdef "Syntax", the lexis. */
#include "base/arena.h"
#include "base/err.h"

enum cel_token_kind {
    CEL_TOKEN_END,
    CEL_TOKEN_IDENT,  /* also keywords and reserved words */
    CEL_TOKEN_QUOTED, /* `name`; `text` is without the quotes */
    CEL_TOKEN_INT,
    CEL_TOKEN_UINT, /* `text` is without the u */
    CEL_TOKEN_DOUBLE,
    CEL_TOKEN_STRING, /* `text` is the whole literal with prefix and quotes */
    CEL_TOKEN_BYTES,
    CEL_TOKEN_PUNCT /* `text` is the operator: "(", "&&", "<=", ... */
};

struct cel_token {
    enum cel_token_kind kind;
    uint32_t at, end;
    struct slice text;
};

struct cel_lexer {
    struct slice text;
    size_t pos;
};

/* cel_lexer_next(l, t, e): the next token; CEL_TOKEN_END at the end. */
MUST_CHECK bool cel_lexer_next(struct cel_lexer *l, struct cel_token *t, struct err *e);

/* cel_lexer_string(t, a, out, e) decodes the escapes of a string or bytes token. */
MUST_CHECK bool cel_lexer_string(const struct cel_token *t, struct arena *a, struct slice *out,
                                 struct err *e);
#endif
