#ifndef POLICIES_CEL_CEL_PARSER_H
#define POLICIES_CEL_CEL_PARSER_H
#include "policies/cel/cel_ast.h"

/* cel_parser_read(text, a, out, e): all of `text` as one expression. SPEC: langdef "Syntax".
 * Errors give the byte offset; deeper than
 * LIMIT_CEL_DEPTH levels is ERR_LIMIT. The tree borrows `text`. */
MUST_CHECK bool cel_parser_read(struct slice text, struct arena *a, const struct cel_ast **out,
                                struct err *e);
#endif
