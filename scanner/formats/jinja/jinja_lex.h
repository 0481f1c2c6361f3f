#ifndef SCANNER_FORMATS_JINJA_JINJA_LEX_H
#define SCANNER_FORMATS_JINJA_JINJA_LEX_H
/*
 * The tokens of a Jinja template with the usual delimiters and without line statements. SPEC: Jinja
 * 3.1, "Template Designer Documentation"; jinja2/lexer.py where it says nothing. White space
 * control changes what is printed, never what is run: it is passed over. Lenient where Jinja
 * refuses, so that nothing it would run is missed.
 */
#include "base/arena.h"
#include "base/err.h"

enum jinja_kind {
    JINJA_DATA,  /* text between the tags, and what stands in raw blocks */
    JINJA_PRINT, /* {{ */
    JINJA_TAG,   /* {% */
    JINJA_END,   /* of either */
    JINJA_NAME,
    JINJA_STRING, /* `text` without its escapes */
    JINJA_INT,
    JINJA_FLOAT,
    JINJA_OPERATOR,
    JINJA_EOF
};

/* The first two bytes of an operator in one number. */
#define JINJA_OP(a, b) ((uint16_t)((a) | (b) << 8))

struct jinja_token {
    enum jinja_kind kind;
    uint16_t op;
    bool lossy; /* a string with a \N{name} that is not known here */
    uint32_t line;
    uint32_t offset;   /* in the template */
    struct slice text; /* borrowed from the template, or in the arena */
    int64_t number;    /* of an integer; the largest when it is larger */
};

struct jinja_tokens {
    struct jinja_token *at; /* ends with JINJA_EOF, on errors too */
    size_t n;
};

/* jinja_lex: on false `out` holds what stands before the fault. */
MUST_CHECK bool jinja_lex(struct slice text, struct arena *a, struct jinja_tokens *out,
                          struct err *e);
#endif
