#include "policies/iam/text/iam_walk.h"

#include <string.h>

/* Automata that one unit of the budget moves by a character. */
#define MACHINES_A_UNIT 32u

typedef bool machine_fn(const struct iam_machine *m, uint16_t state);

/* Can a text from here on still satisfy this machine? */
static bool hopeful(const struct iam_machine *m, uint16_t state)
{
    return state != (m->matches ? IAM_MACHINE_DEAD : IAM_MACHINE_ALL);
}

/* Does every text from here on? */
static bool sure(const struct iam_machine *m, uint16_t state)
{
    return state == (m->matches ? IAM_MACHINE_ALL : IAM_MACHINE_DEAD);
}

static bool satisfied(const struct iam_machine *m, uint16_t state)
{
    return iam_machine_accepts(m, state) == m->matches;
}

/* Behind the last machine that stands together with machine `i`. */
static size_t group_end(const struct iam_walk *w, size_t i)
{
    const unsigned group = w->machines[i].group;
    size_t end = i + 1;

    while (group > 0 && end < w->n && w->machines[end].group == group)
        end++;
    return end;
}

static bool some(const struct iam_walk *w, const uint16_t *states, size_t from, size_t end,
                 machine_fn *is)
{
    for (size_t i = from; i < end; i++)
        if (is(&w->machines[i], states[i]))
            return true;
    return false;
}

/* All that must, and one of each group? */
static bool each(const struct iam_walk *w, const uint16_t *states, machine_fn *is)
{
    for (size_t i = 0, end; i < w->n; i = end) {
        end = group_end(w, i);
        if (!some(w, states, i, end, is))
            return false;
    }
    return true;
}

/* A group of which one is so whatever comes asks nothing of the others any more: all such states
 * are one, with the first of the group in the lead. */
static void settle(const struct iam_walk *w, uint16_t *states)
{
    for (size_t i = 0, end; i < w->n; i = end) {
        end = group_end(w, i);
        if (end == i + 1 || !some(w, states, i, end, sure))
            continue;
        for (size_t k = i; k < end; k++)
            states[k] = w->machines[k].matches == (k == i) ? IAM_MACHINE_ALL : IAM_MACHINE_DEAD;
    }
}

/* Adds the state in `to`, unless it is known. */
static void visit(struct iam_walk *w, size_t from, size_t symbol)
{
    const size_t before = w->rows.n;

    (void)iam_rows_add(&w->rows, w->to);
    if (w->rows.n > before)
        *(struct iam_walk_step *)ARENA_PUSH(&w->arena, &w->steps, &w->nsteps) =
            (struct iam_walk_step){(uint32_t)from, (uint32_t)symbol};
}

static bool afford(struct iam_walk *w)
{
    const uint64_t cost = 1 + w->n / MACHINES_A_UNIT;

    if (w->budget->left < cost || w->arena.used > IAM_AUTOMATON_BYTES) {
        w->budget->left = w->budget->left < cost ? 0 : w->budget->left;
        return false;
    }
    w->budget->left -= cost;
    return true;
}

/* All machines go on by one symbol, from `now` to `to`. */
enum outcome { GOES_ON, DEAD_END, GIVE_UP };

static enum outcome step(struct iam_walk *w, size_t symbol)
{
    if (!afford(w))
        return GIVE_UP;
    for (size_t i = 0; i < w->n; i++) {
        struct iam_machine *m = &w->machines[i];

        w->to[i] = iam_machine_step(m, w->now[i], symbol, &w->symbols, &w->arena);
        if (w->to[i] == IAM_MACHINE_FULL)
            return GIVE_UP;
        if (m->group == 0 && !hopeful(m, w->to[i]))
            return DEAD_END;
    }
    settle(w, w->to);
    return !each(w, w->to, hopeful) ? DEAD_END : GOES_ON;
}

/* The symbols that some machine waits for in the state `now`. */
static void awaited(const struct iam_walk *w, uint64_t *out)
{
    memset(out, 0, IAM_SYMBOLS_MAX / 8);
    for (size_t i = 0; i < w->n; i++)
        iam_machine_awaited(&w->machines[i], w->now[i], out);
}

bool iam_walk_expand(struct iam_walk *w, size_t i)
{
    uint64_t wanted[IAM_SYMBOLS_MAX / 64];
    bool any = false; /* one that nobody waits for is tried: all others are like it */

    memcpy(w->now, iam_rows_at(&w->rows, i), w->rows.size);
    awaited(w, wanted);
    for (size_t s = 0; s < w->symbols.n; s++) {
        const bool special = (wanted[s / 64] >> (s % 64)) & 1;
        const bool last = s + 1 == w->symbols.n;
        enum outcome out;

        if (!special && (any || (!last && !iam_symbols_plain(w->symbols.points[s]))))
            continue;
        any = any || !special;
        out = step(w, s);
        if (out == GIVE_UP)
            return false;
        if (out == GOES_ON)
            visit(w, i, s);
    }
    return true;
}

static bool make_machines(struct iam_walk *w, const struct iam_pattern *patterns)
{
    for (size_t i = 0; i < w->n; i++)
        if (!iam_machine_init(&w->machines[i], &patterns[i], &w->arena))
            return false;
    return true;
}

bool iam_walk_begin(struct iam_walk *w, const struct iam_pattern *patterns, size_t n)
{
    w->n = n;
    arena_init(&w->arena);
    w->machines = ARENA_ARRAY(&w->arena, struct iam_machine, n);
    w->now = ARENA_ARRAY(&w->arena, uint16_t, n + 1);
    w->to = ARENA_ARRAY(&w->arena, uint16_t, n + 1);
    iam_rows_init(&w->rows, (n + (n == 0)) * sizeof(*w->to), &w->arena);
    iam_symbols_init(&w->symbols, &w->arena);
    if (!make_machines(w, patterns) || !iam_symbols_add(&w->symbols, ':'))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!iam_machine_symbols(&w->machines[i], &w->symbols))
            return false;
    iam_symbols_close(&w->symbols);
    for (size_t i = 0; i < n; i++)
        w->to[i] = iam_machine_start(&w->machines[i], &w->symbols, &w->arena);
    settle(w, w->to);
    if (each(w, w->to, hopeful))
        visit(w, 0, 0);
    return true;
}

void iam_walk_end(struct iam_walk *w)
{
    arena_release(&w->arena);
}

bool iam_walk_accepts(const struct iam_walk *w, size_t i)
{
    return each(w, iam_rows_at(&w->rows, i), satisfied);
}

struct slice iam_walk_text(const struct iam_walk *w, size_t i, struct arena *a)
{
    size_t n = 0, len;
    uint8_t *text;

    for (size_t k = i; k != 0; k = w->steps[k].from)
        n++;
    len = n * 4;
    text = arena_alloc(a, len);
    for (size_t k = i; k != 0; k = w->steps[k].from) {
        uint8_t utf8[4];
        const size_t bytes = slice_utf8_put(utf8, w->symbols.points[w->steps[k].symbol]);

        len -= bytes;
        memcpy(text + len, utf8, bytes);
    }
    return (struct slice){text + len, n * 4 - len};
}
