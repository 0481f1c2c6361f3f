#include "policies/iam/iam_automaton.h"

#include <stdlib.h>
#include <string.h>

#include "policies/iam/iam_machine.h"

/* One state of the product: the states of all machines stand at `index` * n. */
struct node {
    uint32_t from; /* the node before, and the symbol that led here */
    uint32_t symbol;
};

struct walk {
    struct iam_machine *machines;
    size_t n;
    uint64_t groups; /* that there are */
    struct iam_symbols symbols;
    struct arena *arena;
    struct iam_budget *budget;
    uint16_t *states; /* malloc: n for each node */
    struct node *nodes;
    size_t nnodes, cap;
    uint32_t *table; /* open addressing, node + 1 */
    size_t table_size;
    bool full;
};

static uint64_t hash(const uint16_t *states, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ states[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

static void *grown(void *old, size_t n, size_t size)
{
    void *p = realloc(old, n * size);

    if (p == NULL)
        abort();
    return p;
}

static bool room(struct walk *w)
{
    size_t cap;

    if (w->budget->left == 0 || w->full)
        return false;
    w->budget->left--;
    if (w->nnodes < w->cap)
        return true;
    cap = w->cap == 0 ? 64 : w->cap * 2;
    if (cap * (w->n * sizeof(*w->states) + sizeof(*w->nodes) + 8) > IAM_AUTOMATON_BYTES)
        return false;
    w->states = grown(w->states, cap * w->n, sizeof(*w->states));
    w->nodes = grown(w->nodes, cap, sizeof(*w->nodes));
    w->cap = cap;
    free(w->table);
    w->table_size = cap * 2;
    w->table = grown(NULL, w->table_size, sizeof(*w->table));
    memset(w->table, 0, w->table_size * sizeof(*w->table));
    for (size_t i = 0; i < w->nnodes; i++) {
        size_t at = hash(w->states + i * w->n, w->n) % w->table_size;

        while (w->table[at] != 0)
            at = (at + 1) % w->table_size;
        w->table[at] = (uint32_t)i + 1;
    }
    return true;
}

/* Adds the state that stands behind the last node, unless it is known. */
static bool visit(struct walk *w, const uint16_t *states, uint32_t from, size_t symbol)
{
    size_t at;

    if (w->table_size > 0) {
        at = hash(states, w->n) % w->table_size;
        for (; w->table[at] != 0; at = (at + 1) % w->table_size)
            if (memcmp(w->states + (w->table[at] - 1) * w->n, states, w->n * sizeof(*states)) == 0)
                return true;
    }
    if (!room(w)) {
        w->full = true;
        return false;
    }
    at = hash(states, w->n) % w->table_size;
    while (w->table[at] != 0)
        at = (at + 1) % w->table_size;
    memcpy(w->states + w->nnodes * w->n, states, w->n * sizeof(*states));
    w->nodes[w->nnodes] = (struct node){from, (uint32_t)symbol};
    w->table[at] = (uint32_t)++w->nnodes;
    return true;
}

/* Can a text from here on still satisfy this machine? */
static bool hopeful(const struct iam_machine *m, uint16_t state)
{
    return state != (m->matches ? IAM_MACHINE_DEAD : IAM_MACHINE_ALL);
}

/* Do all that must, and one of each group? */
static bool each(const struct walk *w, const uint16_t *states,
                 bool (*is)(const struct iam_machine *m, uint16_t state))
{
    uint64_t met = 0;

    for (size_t i = 0; i < w->n; i++) {
        const struct iam_machine *m = &w->machines[i];

        if (m->group == 0 && !is(m, states[i]))
            return false;
        if (m->group > 0 && (met >> m->group & 1) == 0 && is(m, states[i]))
            met |= (uint64_t)1 << m->group;
    }
    return met == w->groups;
}

static bool satisfied(const struct iam_machine *m, uint16_t state)
{
    return iam_machine_accepts(m, state) == m->matches;
}

/* A group of which one is so whatever comes asks nothing of the others any more: all such states are
 * one, with the first of the group in the lead. Machines of a group stand side by side. */
static void settle(const struct walk *w, uint16_t *states)
{
    for (size_t i = 0, end; i < w->n; i = end) {
        const unsigned group = w->machines[i].group;
        bool sure = false;

        for (end = i; end < w->n && w->machines[end].group == group && (group > 0 || end == i);
             end++)
            sure = sure ||
                   states[end] == (w->machines[end].matches ? IAM_MACHINE_ALL : IAM_MACHINE_DEAD);
        for (size_t k = i; k < end && sure && end > i + 1; k++)
            states[k] = w->machines[k].matches == (k == i) ? IAM_MACHINE_ALL : IAM_MACHINE_DEAD;
    }
}

/* One step of all machines; false: a dead end. */
static bool step(struct walk *w, const uint16_t *from, size_t symbol, uint16_t *to)
{
    for (size_t i = 0; i < w->n; i++) {
        to[i] = iam_machine_step(&w->machines[i], from[i], symbol, &w->symbols, w->arena);
        w->full = w->full || to[i] == IAM_MACHINE_FULL;
        if (w->full || (w->machines[i].group == 0 && !hopeful(&w->machines[i], to[i])))
            return false;
    }
    settle(w, to);
    return w->groups == 0 || each(w, to, hopeful); /* groups are 0 when classes are asked for */
}

/* The symbols that some machine waits for here. */
static void awaited(const struct walk *w, const uint16_t *states, uint64_t *out)
{
    const size_t words = w->symbols.n / 64 + 1;

    memset(out, 0, words * sizeof(*out));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < words && states[i] != IAM_MACHINE_ALL; k++)
            out[k] |= w->machines[i].awaited[states[i]][k];
}

static void text_of(const struct walk *w, size_t node, struct slice *out)
{
    size_t n = 0, len = 0;
    uint8_t *text;

    for (size_t i = node; i != 0; i = w->nodes[i].from)
        n++;
    text = arena_alloc(w->arena, n * 4);
    len = n * 4;
    for (size_t i = node; i != 0; i = w->nodes[i].from) {
        uint8_t utf8[4];
        const size_t k = slice_utf8_put(utf8, w->symbols.points[w->nodes[i].symbol]);

        len -= k;
        memcpy(text + len, utf8, k);
    }
    *out = (struct slice){text + len, n * 4 - len};
}

/* Good to read first: what stands for any character is chosen in this order. */
static int order(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return 0;
    if (c >= '0' && c <= '9')
        return 1;
    if (c >= 'A' && c <= 'Z')
        return 2;
    return c > ' ' && c < 0x7f && c != '*' && c != '?' && c != ':' && c != '\\' ? 3 : 4;
}

/* All states that follow node `i`; `now` and `to` are room for one each. */
static bool expand(struct walk *w, size_t i, uint16_t *now, uint16_t *to)
{
    uint64_t wanted[IAM_AUTOMATON_SYMBOLS / 64 + 1];
    bool plain = false;

    memcpy(now, w->states + i * w->n, w->n * sizeof(*now));
    awaited(w, now, wanted);
    for (size_t s = 0; s < w->symbols.n; s++) {
        const bool special = (wanted[s / 64] >> (s % 64)) & 1;

        if (!special && (plain || (s + 1 < w->symbols.n && order(w->symbols.points[s]) > 2)))
            continue; /* like another that is tried and reads better */
        plain = plain || !special;
        if (step(w, now, s, to) && !visit(w, to, (uint32_t)i, s))
            return false;
        if (w->full)
            return false;
    }
    return true;
}

/* Breadth first, so the first that is found is a shortest. */
static enum iam_answer search(struct walk *w, struct slice *witness)
{
    uint16_t *now = ARENA_ARRAY(w->arena, uint16_t, w->n + 1);
    uint16_t *to = ARENA_ARRAY(w->arena, uint16_t, w->n + 1);

    for (size_t i = 0; i < w->n; i++)
        to[i] = iam_machine_first(&w->machines[i]);
    settle(w, to);
    if (!each(w, to, hopeful))
        return IAM_NO;
    if (!visit(w, to, 0, 0))
        return IAM_MAYBE;
    for (size_t i = 0; i < w->nnodes; i++) {
        if (each(w, w->states + i * w->n, satisfied)) {
            text_of(w, i, witness);
            return IAM_YES;
        }
        if (!expand(w, i, now, to))
            return IAM_MAYBE;
    }
    return IAM_NO;
}

static bool known(const struct iam_symbols *s, uint32_t point)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->points[i] == point)
            return true;
    return false;
}

static bool learn(struct iam_symbols *s, uint32_t point)
{
    if (known(s, point))
        return true;
    if (s->n + 2 > IAM_AUTOMATON_SYMBOLS)
        return false;
    s->points[s->n++] = point;
    return true;
}

static int by_order(const void *x, const void *y)
{
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    if (order(a) != order(b))
        return order(a) - order(b);
    return a < b ? -1 : a > b;
}

/* All characters of the patterns, and one that is in none. */
static bool alphabet(struct walk *w)
{
    static const char others[] =
        "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_.";
    struct iam_symbols *s = &w->symbols;
    uint32_t other = 0xe000; /* of the private use area, when all others are taken */

    s->points = ARENA_ARRAY(w->arena, uint32_t, IAM_AUTOMATON_SYMBOLS);
    if (!learn(s, ':'))
        return false;
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->machines[i].nplaces; k++) {
            const struct iam_place_of *p = &w->machines[i].places[k];
            const bool letter = p->point < 0x80 && ((p->point | 0x20) >= 'a') &&
                                ((p->point | 0x20) <= 'z') && p->point >= 'A';

            if (p->kind != IAM_PLACE_CHAR)
                continue;
            if (!learn(s, p->point) ||
                (w->machines[i].nocase && letter && !learn(s, p->point ^ 0x20)))
                return false;
        }
    for (size_t i = sizeof(others) - 1; i > 0; i--)
        if (!known(s, (uint8_t)others[i - 1]))
            other = (uint8_t)others[i - 1];
    while (known(s, other))
        other++;
    qsort(s->points, s->n, sizeof(*s->points), by_order);
    s->points[s->n++] = other;
    return true;
}

/* Machines of all patterns, at their start; those of a group side by side. */
static bool begin(struct walk *w, const struct iam_pattern *patterns)
{
    size_t n = 0;

    w->machines = ARENA_ARRAY(w->arena, struct iam_machine, w->n);
    for (unsigned g = 0; n < w->n; g++)
        for (size_t i = 0; i < w->n; i++)
            if (patterns[i].group == g &&
                !iam_machine_init(&w->machines[n++], &patterns[i], w->arena))
                return false;
    if (!alphabet(w))
        return false;
    for (size_t i = 0; i < w->n; i++)
        iam_machine_start(&w->machines[i], &w->symbols, w->arena);
    return true;
}

static void end(struct walk *w)
{
    free(w->states);
    free(w->nodes);
    free(w->table);
}

enum iam_answer iam_automaton_find(const struct iam_pattern *patterns, size_t n,
                                   struct iam_budget *b, struct arena *a, struct slice *witness)
{
    struct walk w = {.n = n, .arena = a, .budget = b};
    enum iam_answer out;

    for (size_t i = 0; i < n; i++) {
        if (patterns[i].group > 63)
            return IAM_MAYBE;
        w.groups |= patterns[i].group > 0 ? (uint64_t)1 << patterns[i].group : 0;
    }
    if (!begin(&w, patterns))
        return IAM_MAYBE;
    out = search(&w, witness);
    end(&w);
    return out;
}

/* Was this way of meeting the groups told already? `told` holds n for each. */
static bool fresh(const struct walk *w, const bool *met, bool **told, size_t *ntold)
{
    bool *row;

    for (size_t i = 0; i < *ntold; i++)
        if (memcmp(told[i], met, w->n) == 0)
            return false;
    row = ARENA_ARRAY(w->arena, bool, w->n + 1);
    memcpy(row, met, w->n);
    told[(*ntold)++] = row;
    return true;
}

/* met[g - 1]: some pattern of group g matches. */
static void meet(const struct walk *w, const uint16_t *states, bool *met)
{
    memset(met, 0, w->n);
    for (size_t i = 0; i < w->n; i++)
        if (!met[w->machines[i].group - 1])
            met[w->machines[i].group - 1] = iam_machine_accepts(&w->machines[i], states[i]);
}

static enum iam_answer classes(struct walk *w, iam_automaton_fn *found, void *ctx)
{
    uint16_t *now = ARENA_ARRAY(w->arena, uint16_t, w->n + 1);
    uint16_t *to = ARENA_ARRAY(w->arena, uint16_t, w->n + 1);
    bool *met = ARENA_ARRAY(w->arena, bool, w->n + 1), **told;
    size_t ntold = 0;

    for (size_t i = 0; i < w->n; i++)
        to[i] = iam_machine_first(&w->machines[i]);
    settle(w, to);
    if (!visit(w, to, 0, 0))
        return IAM_MAYBE;
    told = ARENA_ARRAY(w->arena, bool *, IAM_AUTOMATON_CLASSES);
    for (size_t i = 0; i < w->nnodes; i++) {
        struct slice text;

        meet(w, w->states + i * w->n, met);
        if (fresh(w, met, told, &ntold)) {
            text_of(w, i, &text);
            if (!found(ctx, met, text))
                return IAM_YES;
        }
        if (ntold == IAM_AUTOMATON_CLASSES || !expand(w, i, now, to))
            return IAM_MAYBE;
    }
    return IAM_YES;
}

enum iam_answer iam_automaton_classes(const struct iam_pattern *patterns, size_t n,
                                      struct iam_budget *b, struct arena *a,
                                      iam_automaton_fn *found, void *ctx)
{
    struct walk w = {.n = n, .arena = a, .budget = b};
    enum iam_answer out;

    if (!begin(&w, patterns))
        return IAM_MAYBE;
    out = classes(&w, found, ctx);
    end(&w);
    return out;
}
