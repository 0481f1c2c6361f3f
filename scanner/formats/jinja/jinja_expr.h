#ifndef SCANNER_FORMATS_JINJA_JINJA_EXPR_H
#define SCANNER_FORMATS_JINJA_JINJA_EXPR_H
/* Expressions of a template: what each may be, while what it reaches is noted. */
#include "scanner/formats/jinja/jinja_chain.h"

MUST_CHECK bool jinja_expr(struct jinja_walk *w, struct jinja_value *v);

/* With commas: more than one are a list. `bare`: without "x if y". */
MUST_CHECK bool jinja_expr_tuple(struct jinja_walk *w, bool bare, struct jinja_value *v);

/* A name, a literal, or something in brackets; c is empty before. */
MUST_CHECK bool jinja_expr_primary(struct jinja_walk *w, struct jinja_chain *c);
#endif
