#ifndef SCANNER_FORMATS_JINJA_JINJA_VALUE_H
#define SCANNER_FORMATS_JINJA_JINJA_VALUE_H
/*
 * What an expression of a template may be: some constants, data that the caller of the template
 * gives (messages, tools), or text that was put together in a way that is not followed. A name that
 * is reached through the last hides what it is.
 */
#include "base/arena.h"
#include "scanner/formats/jinja/jinja_text.h"

#define JINJA_ALTS 16 /* constants of one value; more make it `built` */

struct jinja_value {
    bool data;  /* may come from outside */
    bool built; /* may be made of literals, nobody knows how */
    uint8_t n;
    const struct jinja_const *const *alts;
};

enum jinja_type { JINJA_TEXT, JINJA_NUMBER, JINJA_WORD, JINJA_LIST, JINJA_DICT };

struct jinja_const {
    enum jinja_type type;
    struct slice text; /* of a text; of a word (true, none, 1.5) as Python prints it */
    int64_t number;
    size_t n; /* items of a list, members of a dict */
    const struct jinja_value *items;
    const struct slice *keys; /* of a dict */
};

/* Where values are made; past LIMIT_TEMPLATE_WORK everything is `built`. */
struct jinja_fold {
    struct arena *arena;
    size_t work;     /* bytes made */
    size_t compared; /* constants, within lists too */
};

/* Positional arguments have no name. */
struct jinja_args {
    struct jinja_value *at;
    struct slice *names;
    size_t n;
    bool open; /* *args or **kwargs: there are others */
};

#define JINJA_OUTSIDE ((struct jinja_value){.data = true})
#define JINJA_BUILT ((struct jinja_value){.built = true})
#define JINJA_NOTHING ((struct jinja_value){0})

struct jinja_value jinja_value_text(struct jinja_fold *f, struct slice text);
struct jinja_value jinja_value_number(struct jinja_fold *f, int64_t number);
struct jinja_value jinja_value_word(struct jinja_fold *f, struct slice text);
struct jinja_value jinja_value_list(struct jinja_fold *f, const struct jinja_value *items,
                                    size_t n);
struct jinja_value jinja_value_dict(struct jinja_fold *f, const struct jinja_args *members);

/* Either of the two. */
struct jinja_value jinja_value_join(struct jinja_fold *f, struct jinja_value a,
                                    struct jinja_value b);
/* Does any text of the template stand in it? */
bool jinja_value_has_text(struct jinja_value v);
/* Its only constant, or NULL. */
const struct jinja_const *jinja_value_only(struct jinja_value v);
/* The argument `name`, or that at place i; NULL when there is none. */
const struct jinja_value *jinja_value_arg(const struct jinja_args *args, size_t i,
                                          const char *name);

/* a ~ b (`tilde`) or a + b */
struct jinja_value jinja_value_add(struct jinja_fold *f, struct jinja_value a, struct jinja_value b,
                                   bool tilde);
/* a % b, a * b, and other arithmetic (op) */
struct jinja_value jinja_value_math(struct jinja_fold *f, uint16_t op, struct jinja_value a,
                                    struct jinja_value b);
/* v[index] where v is a constant; else data, or built as v is. */
struct jinja_value jinja_value_at(struct jinja_fold *f, struct jinja_value v,
                                  struct jinja_value index);
/* v[from:to:step]; NULL where nothing stands */
struct jinja_value jinja_value_slice(struct jinja_fold *f, struct jinja_value v,
                                     const struct jinja_value *const part[3]);
/* What a loop over v sees. */
struct jinja_value jinja_value_each(struct jinja_fold *f, struct jinja_value v);
#endif
