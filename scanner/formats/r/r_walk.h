#ifndef SCANNER_FORMATS_R_R_WALK_H
#define SCANNER_FORMATS_R_R_WALK_H
/*
 * The objects of one serialized value of R, each seen once, in the order of the file, without
 * recursion. Data are passed over; of code the names are kept: what closures, bytecode, promises,
 * calls and formulas call and mention. SPEC: R 4.5, src/main/serialize.c, ReadItem.
 */
#include "scanner/formats/names.h"
#include "scanner/formats/r/r_stream.h"

/* What becomes of a name. */
enum r_use {
    R_CALL,     /* the head of a call */
    R_SYMBOL,   /* a symbol in a closure, a promise or bytecode that heads no call there */
    R_FUNCTION, /* a function of R itself, as a value */
    R_NATIVE,   /* the first argument of .Call and its like */
    R_PACKAGE,  /* its namespace is loaded when the file is read */
    R_ALTREP,   /* the class that makes the vector again */
    R_USES
};

struct r_name {
    enum r_use use;
    struct slice name, package; /* of `package::name` */
    struct slice scope;         /* the namespace in which the closure around it looks names up */
    uint64_t count, offset;
};

struct r_walk {
    struct r_stream s;
    struct arena *a;
    bool workspace; /* a list of bindings, as save() writes it */
    struct names keys;
    struct r_name *names; /* [keys.n] */
    size_t nnames;
    uint64_t untold; /* names without room */
    uint64_t objects, closures, bytecodes, environments, pointers, hooks;
    uint64_t promises, loose; /* all; those that are no binding of an environment */
    uint64_t active;          /* bindings that call a function when they are read */
    uint64_t odd; /* environments as constants of a call, calls whose head is no function's name */
    struct names bindings, functions; /* of a workspace: all, and those that are closures */
    /* while it is read: */
    struct slice binding, package; /* the last name of each */
    struct expect *todo;
    size_t ntodo, room;
    struct r_ref *refs;
    size_t nrefs;
};

/* r_walk_read(w, e): one value, from w->s on; `w` is zeroed but for s, a and workspace. */
MUST_CHECK bool r_walk_read(struct r_walk *w, struct err *e);

/* "call", "symbol", ...: stable, used in facts. */
const char *r_walk_use(enum r_use use);
#endif
