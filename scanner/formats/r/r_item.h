#ifndef SCANNER_FORMATS_R_R_ITEM_H
#define SCANNER_FORMATS_R_R_ITEM_H
/* Inside of r_walk: what is still to be read of a value, and what becomes of a name that was. */
#include "scanner/formats/r/r_walk.h"

#define R_ITEM_NAME 256 /* bytes of a name that are kept */

/* What is read next, and what stands around it. */
enum what { ITEM, ITEMS, BC_START, BC_COUNT, BC_CONSTANTS, BC_CALL };
enum role {
    NO_ROLE,
    HEAD,
    AFTER_COLON,
    AFTER_PACKAGE,
    AFTER_NATIVE,
    IN_PACKAGE,
    MEMBER,
    NATIVE,
    TAG,
    SCOPE,
    ALT_INFO,
    ALT_CLASS,
    TOP,
    BINDING,
    VALUE
};
enum {
    CODE = 1,     /* it is evaluated */
    FUNCTION = 2, /* it is part of a function or a promise */
    FRAME = 4,    /* a list of an environment's bindings, or a table of them */
    BOUND = 8     /* the value of such a binding */
};

struct expect {
    enum what what;
    enum role role;
    unsigned ctx;
    uint64_t left;
    struct slice scope;
};

struct r_ref {
    bool symbol, environment;
    struct slice name; /* of a symbol; of a namespace */
};

/* What comes next is read before all that was pushed before. */
MUST_CHECK bool r_item_push(struct r_walk *w, const struct expect *x, struct err *e);

/* One object, in the scope of what is around it. */
MUST_CHECK bool r_item_push_one(struct r_walk *w, const struct expect *around, enum role role,
                                unsigned ctx, struct err *e);

/* `n` objects that are data. */
MUST_CHECK bool r_item_push_data(struct r_walk *w, unsigned n, struct err *e);

MUST_CHECK bool r_item_ref(struct r_walk *w, const struct r_ref *ref, struct err *e);

/* A symbol, or what stands for one, in its role. */
void r_item_symbol(struct r_walk *w, const struct expect *x, struct slice name);

/* A function of R itself, by its name, in its role. */
void r_item_function(struct r_walk *w, const struct expect *x, struct slice name);

/* An environment: that of a namespace has a name. */
void r_item_environment(struct r_walk *w, const struct expect *x, struct slice space);

/* The name of a package that is loaded with the file. */
void r_item_package(struct r_walk *w, struct slice name);
#endif
