#include <string.h>

#include "base/limits.h"
#include "policies/cel/cel_text.h"
#include "policies/cel/regex_node.h"

struct maker {
    struct arena *arena;
    struct regex_inst *code;
    size_t n;
    bool full;
};

/* Instructions go on with the next one unless told otherwise. Once the cap is reached nothing is
 * added. */
static uint32_t emit(struct maker *m, enum regex_op op)
{
    struct regex_inst *i;

    if (m->n >= LIMIT_REGEX_PROGRAM) {
        m->full = true;
        return 0;
    }
    i = ARENA_PUSH(m->arena, &m->code, &m->n);
    i->op = op;
    i->a = i->b = (uint32_t)m->n;
    return (uint32_t)m->n - 1;
}

static void make(struct maker *m, const struct regex_node *n);

/* A split whose one way is the next instruction and whose other way is set later. */
static uint32_t split(struct maker *m)
{
    return emit(m, REGEX_OP_SPLIT);
}

/* Sets the way that leaves a repetition: the second choice, the first when lazy. */
static void leave(struct maker *m, uint32_t at, bool lazy, uint32_t to)
{
    if (m->full)
        return;
    if (lazy)
        m->code[at].a = to;
    else
        m->code[at].b = to;
}

/* x*: L1: split L2, L3; L2: x; jump L1; L3: */
static void make_star(struct maker *m, const struct regex_node *n)
{
    const uint32_t start = split(m);
    uint32_t jump;

    make(m, n->parts[0]);
    jump = emit(m, REGEX_OP_JUMP);
    if (m->full)
        return;
    m->code[jump].a = start;
    leave(m, start, n->lazy, (uint32_t)m->n);
}

static void make_repeat(struct maker *m, const struct regex_node *n)
{
    uint32_t *exits;
    uint32_t optional;

    for (uint32_t i = 0; i < n->min && !m->full; i++)
        make(m, n->parts[0]);
    if (n->max == REGEX_MANY) {
        make_star(m, n);
        return;
    }
    optional = n->max - n->min;
    exits = ARENA_ARRAY(m->arena, uint32_t, optional);
    for (uint32_t i = 0; i < optional && !m->full; i++) {
        exits[i] = split(m);
        make(m, n->parts[0]);
    }
    for (uint32_t i = 0; i < optional && !m->full; i++)
        leave(m, exits[i], n->lazy, (uint32_t)m->n);
}

static void make_alt(struct maker *m, const struct regex_node *n)
{
    uint32_t *exits = ARENA_ARRAY(m->arena, uint32_t, n->nparts);

    for (size_t i = 0; i < n->nparts && !m->full; i++) {
        const bool last = i + 1 == n->nparts;
        const uint32_t fork = last ? 0 : split(m);

        make(m, n->parts[i]);
        if (last)
            break;
        exits[i] = emit(m, REGEX_OP_JUMP);
        if (!m->full)
            m->code[fork].b = (uint32_t)m->n;
    }
    for (size_t i = 0; i + 1 < n->nparts && !m->full; i++)
        m->code[exits[i]].a = (uint32_t)m->n;
}

static void make(struct maker *m, const struct regex_node *n)
{
    uint32_t at;

    if (m->full)
        return;
    switch (n->kind) {
    case REGEX_EMPTY:
        return;
    case REGEX_SET:
    case REGEX_ASSERT:
        at = emit(m, n->kind == REGEX_SET ? REGEX_OP_SET : REGEX_OP_ASSERT);
        if (!m->full) {
            m->code[at].set = n->set;
            m->code[at].assert = n->assert;
        }
        return;
    case REGEX_CAT:
        for (size_t i = 0; i < n->nparts && !m->full; i++)
            make(m, n->parts[i]);
        return;
    case REGEX_ALT:
        make_alt(m, n);
        return;
    case REGEX_REPEAT:
        make_repeat(m, n);
        return;
    }
}

#define PREFIX_MAX 32 /* bytes that are searched for before the machine starts */

/* The bytes that every match starts with: single characters in a row at the start. */
static struct slice prefix_of(const struct maker *m, size_t from)
{
    uint8_t *text = arena_alloc(m->arena, PREFIX_MAX + 4);
    size_t len = 0;

    for (size_t i = from; i < m->n && len < PREFIX_MAX; i++) {
        const struct regex_set *s = m->code[i].set;

        if (m->code[i].op != REGEX_OP_SET || s->n != 1 || s->ranges[0].low != s->ranges[0].high)
            break;
        len += slice_utf8_put(text + len, s->ranges[0].low);
    }
    return (struct slice){text, len};
}

bool regex_program_make(const struct regex_node *node, struct arena *a, struct regex *out,
                        struct err *e)
{
    struct maker m = {.arena = a};

    make(&m, node);
    emit(&m, REGEX_OP_MATCH);
    if (m.full)
        return err_pos(
            e, ERR_LIMIT, 0,
            "the regular expression needs more than %d instructions (LIMIT_REGEX_PROGRAM)",
            LIMIT_REGEX_PROGRAM);
    out->code = m.code;
    out->n = (uint32_t)m.n;
    out->anchored = m.code[0].op == REGEX_OP_ASSERT && m.code[0].assert == REGEX_TEXT_START;
    out->prefix = prefix_of(&m, 0);
    return true;
}
