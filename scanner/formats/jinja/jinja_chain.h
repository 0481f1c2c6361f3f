#ifndef SCANNER_FORMATS_JINJA_JINJA_CHAIN_H
#define SCANNER_FORMATS_JINJA_JINJA_CHAIN_H
/* Names, and the attributes, subscripts and calls behind them; for jinja_expr.c and its like. */
#include "scanner/formats/jinja/jinja_walk.h"

/* One chain: x.a["b"](c). */
struct jinja_chain {
    const struct jinja_token *root; /* the name it begins with, or NULL */
    const struct jinja_token *last; /* the attribute that comes last, or NULL */
    struct jinja_value owner;       /* of the attribute */
    struct slice first;             /* the attribute behind the name, or empty */
    size_t links;
    struct jinja_value v;
};

/* What a name stands for. */
struct jinja_value jinja_chain_load(struct jinja_walk *w, const struct jinja_token *t);

/* Everything that follows c->v. */
MUST_CHECK bool jinja_chain_follow(struct jinja_walk *w, struct jinja_chain *c);

/* A call of c->v; the bracket comes now. */
MUST_CHECK bool jinja_chain_call(struct jinja_walk *w, struct jinja_chain *c);

/* Arguments up to the closing bracket; the opening one is taken. */
MUST_CHECK bool jinja_chain_args(struct jinja_walk *w, struct jinja_args *args);

/* The largest number among the arguments is a count of rounds or bytes. */
void jinja_chain_count(struct jinja_walk *w, const struct jinja_args *args,
                       const struct jinja_token *t);
#endif
