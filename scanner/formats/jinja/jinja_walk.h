#ifndef SCANNER_FORMATS_JINJA_JINJA_WALK_H
#define SCANNER_FORMATS_JINJA_JINJA_WALK_H
/* The walk over the tokens of a template, for jinja_parse.c and its parts only. */
#include "scanner/formats/jinja/jinja_parse.h"

#define JINJA_BINDINGS 512 /* names that a template binds; chat templates have about 60 */

struct jinja_macro {
    struct slice *params;
    size_t n;
};

struct jinja_binding {
    struct slice name, member; /* "ns" and "attr" of ns.attr */
    struct jinja_value value;
    const struct jinja_macro *macro;
    bool early;   /* used before it was bound: may come from outside too */
    bool changed; /* in this pass */
};

struct jinja_walk {
    struct jinja_tokens tokens;
    size_t at;
    struct jinja_fold fold;
    struct jinja_binding bound[JINJA_BINDINGS];
    size_t nbound;
    struct jinja_found *found;
    bool record;     /* the last pass */
    bool first;      /* pass */
    unsigned depth;  /* of expressions */
    int64_t counted; /* the last range(...), or -1 */
    struct err *e;
};

/* ---- tokens ---- */
const struct jinja_token *jinja_walk_now(const struct jinja_walk *w);
const struct jinja_token *jinja_walk_next(const struct jinja_walk *w);
bool jinja_walk_is(const struct jinja_walk *w, uint16_t op);
bool jinja_walk_word(const struct jinja_walk *w, const char *name);
bool jinja_walk_take(struct jinja_walk *w, uint16_t op);
bool jinja_walk_take_word(struct jinja_walk *w, const char *name);
/* The value false; the fault is at the token that comes now. */
bool jinja_walk_fault(struct jinja_walk *w, const char *wanted);

/* ---- names ---- */
/* Remembers that `name`, or name.member, may be `v`. */
MUST_CHECK bool jinja_walk_bind(struct jinja_walk *w, struct slice name, struct slice member,
                                struct jinja_value v);
struct jinja_binding *jinja_walk_find(struct jinja_walk *w, struct slice name, struct slice member);

/* ---- what was found ---- */
void jinja_walk_note(struct jinja_walk *w, struct jinja_set *set, struct slice name,
                     const struct jinja_item *how);
/* An attribute of that name is reached, at token t. */
void jinja_walk_reach(struct jinja_walk *w, struct slice name, const char *via,
                      const struct jinja_token *t);
/* The same for every name that v may be. What cannot be known is computed; but for a subscript by
 * data, which is how templates read messages. */
void jinja_walk_access(struct jinja_walk *w, struct jinja_value v, const char *via,
                       const struct jinja_token *t);
/* Words with low lines in the texts of v. */
void jinja_walk_texts(struct jinja_walk *w, struct jinja_value v, const struct jinja_token *t);
void jinja_walk_expand(struct jinja_walk *w, const char *what, int64_t n,
                       const struct jinja_token *t);
#endif
