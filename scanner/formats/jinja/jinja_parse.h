#ifndef SCANNER_FORMATS_JINJA_JINJA_PARSE_H
#define SCANNER_FORMATS_JINJA_JINJA_PARSE_H
/*
 * What a template reaches: every name of an attribute is found, also where it is put together from
 * literals, kept in variables, passed to macros or given to a filter. The template is walked
 * several times, because what a loop or a macro sees stands further down; variables hold all that
 * was ever assigned to them. Nothing is run.
 */
#include "base/limits.h"
#include "scanner/formats/jinja/jinja_lex.h"
#include "scanner/formats/jinja/jinja_value.h"

/* One thing that was found, where first, and how often. */
struct jinja_item {
    struct slice name;
    const char *via; /* "name", "attribute", "subscript", "attr", "filter", "format", "text" */
    uint32_t line, offset;
    uint32_t count;
};

struct jinja_set {
    struct jinja_item at[LIMIT_TEMPLATE_ITEMS];
    size_t n;
    bool more; /* there were others */
};

struct jinja_found {
    struct jinja_set names;      /* that nothing in the template binds */
    struct jinja_set attributes; /* and constant keys */
    struct jinja_set dunders;    /* names that begin with two low lines, by how they are reached */
    struct jinja_set hidden;     /* attributes that begin with one */
    struct jinja_set texts;      /* words between two low lines in strings */
    struct jinja_set calls;      /* "range", ".append" */
    struct jinja_set filters, tests;
    struct jinja_set statements; /* "include", "import", "extends", "from" and what they name */
    struct jinja_set tags;       /* all others */
    struct jinja_set computed;   /* via: how a name that cannot be known is reached */
    struct jinja_set expansions; /* "range", "*", "loops": large counts */
    uint64_t data_keys;          /* subscripts by something that comes from outside */
    uint64_t loops, loop_depth, tokens;
};

/* False: the template breaks the grammar, or a cap was reached; `found` holds what was seen. */
MUST_CHECK bool jinja_parse(struct slice text, struct arena *a, struct jinja_found *found,
                            struct err *e);
#endif
