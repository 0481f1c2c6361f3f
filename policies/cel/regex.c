#include "policies/cel/regex.h"

#include <stdlib.h>
#include <string.h>

#include "policies/cel/cel_text.h"
#include "policies/cel/regex_node.h"

/*
 * All ways through the program at once, one character at a time (Thompson, Pike): a list of
 * places in the program in order of preference,
 * each at most once, so a step costs at most the program. SPEC: RE2 semantics: leftmost, then
 * by preference.
 */
struct thread {
    uint32_t pc;
    size_t start; /* where its match began */
};

struct list {
    struct thread *threads;
    uint32_t *place; /* by pc: where it is in `threads`, if it is */
    uint32_t n;
};

struct machine {
    const struct regex *re;
    struct slice text;
    struct list now, next;
    struct thread *stack;
    bool any; /* any match will do */
    bool found;
    size_t at, end; /* of the match */
};

#define SMALL 256 /* instructions whose machine stands on the stack */

bool regex_compile(struct slice pattern, struct arena *a, const struct regex **out, struct err *e)
{
    struct regex *re = ARENA_NEW(a, struct regex);
    struct regex_node *node;

    if (!regex_parse_pattern(pattern, a, &node, e) || !regex_program_make(node, a, re, e))
        return false;
    *out = re;
    return true;
}

uint64_t regex_cost(const struct regex *re, size_t n)
{
    return (uint64_t)n * (1 + re->n / 8) + re->n / 4 + 1;
}

static bool is_word(struct slice s, size_t at)
{
    const uint8_t c = at < s.len ? s.data[at] : 0;

    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool holds(struct slice s, size_t at, enum regex_assert assert)
{
    switch (assert) {
    case REGEX_TEXT_START:
        return at == 0;
    case REGEX_TEXT_END:
        return at == s.len;
    case REGEX_LINE_START:
        return at == 0 || s.data[at - 1] == '\n';
    case REGEX_LINE_END:
        return at == s.len || s.data[at] == '\n';
    case REGEX_WORD:
    case REGEX_NO_WORD:
        break;
    }
    return ((at > 0 && is_word(s, at - 1)) != is_word(s, at)) == (assert == REGEX_WORD);
}

static bool in_list(const struct list *l, uint32_t pc)
{
    return l->place[pc] < l->n && l->threads[l->place[pc]].pc == pc;
}

/* Puts `pc` and all that it reaches without a character into the list. Every place is entered
 * once: the stack cannot be more than two
 * entries a place deep. */
static void follow(struct machine *m, struct list *l, struct thread first, size_t at)
{
    size_t depth = 0;

    m->stack[depth++] = first;
    while (depth > 0) {
        const struct thread t = m->stack[--depth];
        const struct regex_inst *i = &m->re->code[t.pc];

        if (in_list(l, t.pc))
            continue;
        l->place[t.pc] = l->n;
        l->threads[l->n++] = t;
        if (i->op == REGEX_OP_SPLIT)
            m->stack[depth++] = (struct thread){i->b, t.start};
        if (i->op == REGEX_OP_SPLIT || i->op == REGEX_OP_JUMP ||
            (i->op == REGEX_OP_ASSERT && holds(m->text, at, i->assert)))
            m->stack[depth++] = (struct thread){i->a, t.start};
    }
}

/* All threads over the character [at, next); a match ends those that are preferred less. */
static void step(struct machine *m, size_t at, size_t next, uint32_t cp)
{
    m->next.n = 0;
    for (uint32_t t = 0; t < m->now.n; t++) {
        const struct thread thread = m->now.threads[t];
        const struct regex_inst *i = &m->re->code[thread.pc];

        if (i->op == REGEX_OP_MATCH) {
            m->found = true;
            m->at = thread.start;
            m->end = at;
            return;
        }
        if (i->op == REGEX_OP_SET && next > at && regex_set_has(i->set, cp))
            follow(m, &m->next, (struct thread){i->a, thread.start}, next);
    }
}

/* The next place where a match may begin; SIZE_MAX when there is none. */
static size_t candidate(const struct machine *m, size_t at)
{
    const struct slice prefix = m->re->prefix;
    const uint8_t *found;

    if (m->re->anchored)
        return at == 0 ? 0 : SIZE_MAX;
    if (prefix.len == 0)
        return at;
    if (prefix.len > m->text.len - at)
        return SIZE_MAX;
    found = memmem(m->text.data + at, m->text.len - at, prefix.data, prefix.len);
    return found != NULL ? (size_t)(found - m->text.data) : SIZE_MAX;
}

static void run(struct machine *m, size_t from)
{
    size_t at = from;

    for (;;) {
        uint32_t cp = 0;
        size_t next;
        struct list swap;

        if (m->now.n == 0) {
            if (m->found)
                return;
            at = candidate(m, at);
            if (at == SIZE_MAX)
                return;
        }
        if (!m->found && !(m->re->anchored && at > 0))
            follow(m, &m->now, (struct thread){0, at}, at);
        next = at;
        if (at < m->text.len)
            cp = cel_text_next(m->text, &next);
        step(m, at, next, cp);
        if ((m->found && m->any) || next == at)
            return;
        swap = m->now;
        m->now = m->next;
        m->next = swap;
        at = next;
    }
}

/* What the machine works on; for `n` instructions 4 n threads and 2 n places. */
struct storage {
    struct thread *threads;
    uint32_t *places; /* zeroed */
};

static void run_in(struct machine *m, const struct storage *s, size_t from)
{
    const size_t n = m->re->n;

    m->now = (struct list){s->threads, s->places, 0};
    m->next = (struct list){s->threads + n, s->places + n, 0};
    m->stack = s->threads + 2 * n;
    run(m, from);
    m->now = m->next = (struct list){NULL, NULL, 0};
    m->stack = NULL;
}

static void execute(struct machine *m, size_t from)
{
    const size_t n = m->re->n;
    struct thread threads[SMALL * 4];
    uint32_t places[SMALL * 2];
    struct storage s = {threads, places};
    struct arena a;

    if (n <= SMALL) {
        memset(places, 0, n * 2 * sizeof(*places));
        run_in(m, &s, from);
        return;
    }
    arena_init(&a);
    s.threads = ARENA_ARRAY(&a, struct thread, n * 4);
    s.places = ARENA_ARRAY(&a, uint32_t, n * 2);
    run_in(m, &s, from);
    arena_release(&a);
}

bool regex_match(const struct regex *re, struct slice text)
{
    struct machine m = {.re = re, .text = text, .any = true};

    execute(&m, 0);
    return m.found;
}

bool regex_find(const struct regex *re, struct slice text, size_t from, size_t *at, size_t *end)
{
    struct machine m = {.re = re, .text = text};

    execute(&m, from);
    if (!m.found)
        return false;
    *at = m.at;
    *end = m.end;
    return true;
}
