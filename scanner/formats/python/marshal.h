#ifndef SCANNER_FORMATS_PYTHON_MARSHAL_H
#define SCANNER_FORMATS_PYTHON_MARSHAL_H
/*
 * Reading what CPython's marshal wrote, without making anything of it: code objects, and the texts
 * and tuples that they refer to. Every object counts against LIMIT_MARSHAL_OBJECTS, levels against
 * LIMIT_MARSHAL_DEPTH; an object that stands in several places is kept once.
 * SPEC: CPython 2.7 to 3.14, Python/marshal.c.
 */
#include "base/arena.h"
#include "base/err.h"

enum marshal_kind {
    MARSHAL_OTHER, /* numbers, lists, sets, dictionaries, slices, None, ... */
    MARSHAL_NULL,  /* the end of a dictionary */
    MARSHAL_TEXT,
    MARSHAL_BYTES,
    MARSHAL_TUPLE,
    MARSHAL_CODE
};

struct marshal_node {
    enum marshal_kind kind;
    bool done;          /* all of it was read: before that only lists and such may be referred to */
    uint32_t n;         /* items of a tuple */
    struct slice bytes; /* of texts and bytes; borrowed from the input */
    const struct marshal_node **items; /* of a tuple */
};

struct marshal_ref {
    struct marshal_node *node;
};

struct marshal_code {
    const struct marshal_node *code, *names, *filename, *name;
    uint32_t line;
    uint64_t at; /* offset of its type byte */
};

/* What the forms of code objects have in common: by the version that wrote them. */
struct marshal_form {
    unsigned numbers; /* in front: argcount ... flags */
    bool split;       /* varnames, freevars, cellvars; else localsplusnames and their kinds */
    bool references;  /* FLAG_REF and TYPE_REF; else TYPE_STRINGREF */
    bool slices;
};

struct marshal {
    struct arena *arena;
    struct reader r;
    struct marshal_form form;
    size_t objects, depth;
    struct marshal_ref *refs; /* of TYPE_REF, or of TYPE_STRINGREF */
    size_t nrefs;
    struct marshal_code *codes; /* in the order in which they begin */
    size_t ncodes;
};

void marshal_init(struct marshal *m, struct arena *a, struct reader r,
                  const struct marshal_form *form);

/* marshal_read(m, out): the next object; m->r stands behind it. */
MUST_CHECK bool marshal_read(struct marshal *m, const struct marshal_node **out, struct err *e);
#endif
