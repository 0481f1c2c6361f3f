#ifndef SCANNER_FORMATS_PICKLE_PICKLE_STACK_H
#define SCANNER_FORMATS_PICKLE_PICKLE_STACK_H
/*
 * The memory of the pickle machine: objects are 8-byte slots that say what kind of thing stands
 * there and, where it matters for an import or a call, which one. Marks have a stack of their own,
 * as in CPython's C unpickler. Everything is capped.
 */
#include "base/err.h"

enum pickle_kind {
    PICKLE_UNKNOWN, /* a value that we cannot tell */
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INT, /* ref: the value, signed 56 bits, when `exact` fits; else PICKLE_UNKNOWN is used */
    PICKLE_FLOAT,
    PICKLE_TEXT,    /* ref: place in the pool of texts */
    PICKLE_TEXT_AT, /* ref: offset of the opcode; the text was not kept */
    PICKLE_BYTES,   /* ref: offset of the opcode */
    PICKLE_TUPLE,   /* ref: serial of the tuple */
    PICKLE_LIST,    /* ref of a list, a dict and a set: its serial */
    PICKLE_DICT,
    PICKLE_SET,
    PICKLE_GLOBAL,   /* ref: index of the import */
    PICKLE_RESULT,   /* of a call; ref: index of the import that was called */
    PICKLE_INSTANCE, /* made by NEWOBJ, OBJ, INST; ref as for a result */
    PICKLE_PERSID,   /* ref: number of the persistent id */
    PICKLE_EXT,      /* ref: the code */
    PICKLE_DTYPE,    /* numpy.dtype(...) of literal arguments; ref: its number */
    PICKLE_BUFFER,
    PICKLE_VACANT /* only in the memo: nobody put anything there */
};

#define PICKLE_REF_NONE ((UINT64_C(1) << 56) - 1)

struct pickle_slot {
    uint64_t kind : 8, ref : 56;
};

#define PICKLE_CHILDREN 8

struct pickle_tuple {
    uint64_t serial;
    uint64_t len;   /* children in all; those past PICKLE_CHILDREN are not kept */
    uint64_t depth; /* of tuples, itself included, as far as it is known */
    bool odd;       /* one of those is a negative number, or one of more bits than are kept */
    struct pickle_slot child[PICKLE_CHILDREN];
};

struct pickle_far {
    uint64_t key;
    struct pickle_slot value;
};

struct pickle_stack {
    struct pickle_slot *slots;
    size_t n, cap;
    uint32_t *marks;
    size_t nmarks, marks_cap;
    size_t fence; /* slots below the last mark, which nothing but that mark's opcode may take */
    struct pickle_slot *memo;
    size_t memo_cap, memo_top; /* room; the largest key in `memo`, plus one */
    struct pickle_far *far;    /* keys far past the others, which only hostile pickles have */
    size_t nfar;
    uint64_t top_key;  /* the largest key of all, plus one */
    uint64_t memo_len; /* distinct keys; the index that MEMOIZE takes */
    uint8_t *pool;     /* texts: length u32, bytes */
    size_t pool_len, pool_cap;
    struct pickle_tuple *tuples; /* the last ones */
    uint64_t ntuples, nobjects;  /* serials; `nobjects` of lists, dicts and sets */
    size_t peak;
    uint64_t depth; /* of the deepest tuple */
};

void pickle_stack_init(struct pickle_stack *s);
void pickle_stack_release(struct pickle_stack *s);
/* For the next load: an empty stack, and an empty memo unless it is kept. */
void pickle_stack_reset(struct pickle_stack *s, bool keep_memo);

MUST_CHECK bool pickle_stack_push_slow(struct pickle_stack *s, struct pickle_slot v, struct err *e);

MUST_CHECK static inline bool pickle_stack_push(struct pickle_stack *s, struct pickle_slot v,
                                                struct err *e)
{
    if (s->n == s->cap)
        return pickle_stack_push_slow(s, v, e);
    s->slots[s->n++] = v;
    if (s->n > s->peak)
        s->peak = s->n;
    return true;
}

/* pickle_stack_take(s, n): are there n objects above the fence? ERR_FORMAT when not. */
MUST_CHECK bool pickle_stack_has(const struct pickle_stack *s, size_t n, struct err *e);

/* The i-th object from the top (0 is the top), which pickle_stack_has has granted. */
static inline struct pickle_slot *pickle_stack_top(struct pickle_stack *s, size_t i)
{
    return &s->slots[s->n - 1 - i];
}

MUST_CHECK bool pickle_stack_mark(struct pickle_stack *s, struct err *e);
/* Takes the last mark away and says how many objects lie above it. */
MUST_CHECK bool pickle_stack_unmark(struct pickle_stack *s, size_t *n, struct err *e);
/* POP: takes a mark when one is on top, else an object. */
MUST_CHECK bool pickle_stack_pop(struct pickle_stack *s, struct err *e);

/* The memo. A key that nobody wrote gives PICKLE_UNKNOWN and `*missing`.
 * `*again` says that the key had a value. */
struct pickle_slot pickle_stack_get(const struct pickle_stack *s, uint64_t key, bool *missing);
MUST_CHECK bool pickle_stack_put(struct pickle_stack *s, uint64_t key, struct pickle_slot v,
                                 bool *again, struct err *e);

/* Keeps a text; PICKLE_REF_NONE when there is no room left. */
uint64_t pickle_stack_keep(struct pickle_stack *s, struct slice text);
struct slice pickle_stack_text(const struct pickle_stack *s, uint64_t ref);

/* A tuple of the top n objects, which stay. */
struct pickle_slot pickle_stack_tuple(struct pickle_stack *s, size_t n);
/* The tuple behind a slot, or NULL when it is not one or is no longer known. */
const struct pickle_tuple *pickle_stack_tuple_of(const struct pickle_stack *s,
                                                 struct pickle_slot v);

int64_t pickle_stack_int(struct pickle_slot v); /* of a PICKLE_INT */
#endif
