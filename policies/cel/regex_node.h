#ifndef POLICIES_CEL_REGEX_NODE_H
#define POLICIES_CEL_REGEX_NODE_H
/* What regex_parse.c makes of a pattern and regex_program.c makes a program of. */
#include "base/arena.h"
#include "base/err.h"

struct regex_range {
    uint32_t low, high; /* code points, both included */
};

/* A set of code points, sorted and without overlaps once regex_set_finish was called. */
struct regex_set {
    struct regex_range *ranges;
    size_t n;
    uint64_t ascii[2]; /* the code points below 128 as bits */
};

enum regex_node_kind {
    REGEX_EMPTY,
    REGEX_SET,    /* one code point out of `set` */
    REGEX_CAT,    /* parts in a row */
    REGEX_ALT,    /* one of the parts */
    REGEX_REPEAT, /* parts[0], `min` to `max` times; max REGEX_MANY: without end */
    REGEX_ASSERT
};

enum regex_assert {
    REGEX_TEXT_START,
    REGEX_TEXT_END,
    REGEX_LINE_START,
    REGEX_LINE_END,
    REGEX_WORD,
    REGEX_NO_WORD
};

#define REGEX_MANY UINT32_MAX

struct regex_node {
    enum regex_node_kind kind;
    enum regex_assert assert;
    bool lazy;
    uint32_t min, max;
    const struct regex_set *set;
    struct regex_node **parts;
    size_t nparts;
};

enum regex_op { REGEX_OP_SET, REGEX_OP_SPLIT, REGEX_OP_JUMP, REGEX_OP_ASSERT, REGEX_OP_MATCH };

struct regex_inst {
    enum regex_op op;
    enum regex_assert assert;
    uint32_t a, b;               /* where to go on; SPLIT prefers `a` */
    const struct regex_set *set; /* SET */
};

struct regex {
    const struct regex_inst *code;
    uint32_t n;
    bool anchored;       /* every match starts at the start of the text */
    struct slice prefix; /* every match starts with these bytes */
};

/* regex_set_*: built by adding, then finished. */
void regex_set_add(struct arena *a, struct regex_set *s, uint32_t low, uint32_t high);
void regex_set_finish(struct arena *a, struct regex_set *s, bool negate);
bool regex_set_has(const struct regex_set *s, uint32_t cp);

/* regex_set_named(a, name, s): \d \s \w as "d", "s", "w", and POSIX names ("alpha"); false for
 * others. */
bool regex_set_named(struct arena *a, struct slice name, struct regex_set *s);

MUST_CHECK bool regex_parse_pattern(struct slice pattern, struct arena *a, struct regex_node **out,
                                    struct err *e);
MUST_CHECK bool regex_program_make(const struct regex_node *node, struct arena *a,
                                   struct regex *out, struct err *e);
#endif
