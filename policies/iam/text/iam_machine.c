#include "policies/iam/text/iam_machine.h"

#include <string.h>

/* Builds the places of a pattern. */
struct maker {
    struct arena *arena;
    struct iam_place_of *places;
    size_t n;
};

static void put(struct maker *k, enum iam_place_kind kind, uint32_t point, bool no_colon)
{
    if (kind == IAM_PLACE_STAR && k->n > 0 && k->places[k->n - 1].kind == IAM_PLACE_STAR &&
        k->places[k->n - 1].no_colon == no_colon)
        return; /* two stars are one */
    *(struct iam_place_of *)ARENA_PUSH(k->arena, &k->places, &k->n) =
        (struct iam_place_of){kind, point, no_colon, {IAM_SYMBOLS_NONE, IAM_SYMBOLS_NONE}};
}

/* The code point at *i, which moves on; the text is strict UTF-8. */
static uint32_t point_at(struct slice s, size_t *i)
{
    const uint8_t c = s.data[(*i)++];
    uint32_t point = c < 0x80 ? c : c < 0xe0 ? c & 0x1fu : c < 0xf0 ? c & 0x0fu : c & 0x07u;

    while (c >= 0x80 && *i < s.len && (s.data[*i] & 0xc0) == 0x80)
        point = point << 6 | (s.data[(*i)++] & 0x3fu);
    return point;
}

/* A colon that is no end of a field: no text has one in the first five. */
static void escaped(struct maker *k, uint32_t point, bool no_colon)
{
    put(k, IAM_PLACE_CHAR, no_colon && point == ':' ? IAM_PLACE_NEVER : point, false);
}

static void field(struct maker *k, struct slice s, bool no_colon)
{
    for (size_t i = 0; i < s.len;) {
        const uint32_t point = point_at(s, &i);

        if (point == '*')
            put(k, IAM_PLACE_STAR, 0, no_colon);
        else if (point == '?')
            put(k, IAM_PLACE_ONE, 0, no_colon);
        else if (point == '\\' && i < s.len)
            escaped(k, point_at(s, &i), no_colon);
        else
            put(k, IAM_PLACE_CHAR, point, false);
    }
}

static void arn(struct iam_machine *m, struct maker *k, const struct iam_pattern *p)
{
    const struct iam_arn parts = iam_arn_split(
        p->text, p->mode == IAM_MODE_ARN_IDENTITY ? IAM_ARN_IDENTITY : IAM_ARN_RESOURCE);

    if (parts.any) {
        put(k, IAM_PLACE_STAR, 0, false);
        return;
    }
    for (unsigned i = 0; i < parts.n; i++) {
        if (i > 0)
            put(k, IAM_PLACE_CHAR, ':', false);
        field(k, parts.field[i], i < 5);
    }
    if (!parts.open)
        return;
    if (k->n > 0 && k->places[k->n - 1].kind == IAM_PLACE_STAR) {
        k->places[k->n - 1].no_colon = false; /* it runs to the end */
        return;
    }
    m->ends = k->n; /* the text may end here, or go on behind a colon */
    put(k, IAM_PLACE_CHAR, ':', false);
    put(k, IAM_PLACE_STAR, 0, false);
}

bool iam_machine_init(struct iam_machine *m, const struct iam_pattern *p, struct arena *a)
{
    struct maker k = {.arena = a};
    size_t bad;

    *m = (struct iam_machine){.ends = SIZE_MAX,
                              .nocase = p->mode == IAM_MODE_NOCASE,
                              .matches = p->matches,
                              .group = p->group};
    if (!slice_utf8(p->text, &bad))
        return false;
    if (p->mode == IAM_MODE_TEXT || p->mode == IAM_MODE_NOCASE)
        field(&k, p->text, false);
    else
        arn(m, &k, p);
    m->places = k.places;
    m->nplaces = k.n;
    return true;
}

static bool has(const uint64_t *set, size_t i)
{
    return (set[i / 64] >> (i % 64)) & 1;
}

static void add(uint64_t *set, size_t i)
{
    set[i / 64] |= (uint64_t)1 << (i % 64);
}

/* A place is added with those that its stars reach for nothing. */
static void reach(const struct iam_machine *m, uint64_t *set, size_t i)
{
    add(set, i);
    while (i < m->nplaces && m->places[i].kind == IAM_PLACE_STAR)
        add(set, ++i);
}

/* What stands before the last star is of no more use. */
static void trim(const struct iam_machine *m, uint64_t *set)
{
    size_t last = m->nplaces;

    for (size_t w = m->words; w > 0 && last == m->nplaces; w--) {
        const uint64_t bits = set[w - 1] & m->stars[w - 1];

        if (bits != 0)
            last = (w - 1) * 64 + 63 - (size_t)__builtin_clzll(bits);
    }
    if (last == m->nplaces)
        return;
    memset(set, 0, last / 64 * sizeof(*set));
    set[last / 64] &= UINT64_MAX << (last % 64);
}

static bool letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool iam_machine_symbols(const struct iam_machine *m, struct iam_symbols *s)
{
    for (size_t i = 0; i < m->nplaces; i++) {
        const struct iam_place_of *p = &m->places[i];

        if (p->kind != IAM_PLACE_CHAR || p->point == IAM_PLACE_NEVER)
            continue;
        if (!iam_symbols_add(s, p->point) ||
            (m->nocase && letter(p->point) && !iam_symbols_add(s, p->point ^ 0x20)))
            return false;
    }
    return true;
}

/* Looks up the symbols of a place. */
static void name(const struct iam_machine *m, struct iam_place_of *p,
                 const struct iam_symbols *symbols)
{
    if (p->kind != IAM_PLACE_CHAR && p->no_colon)
        p->symbols[0] = iam_symbols_find(symbols, ':');
    if (p->kind != IAM_PLACE_CHAR || p->point == IAM_PLACE_NEVER)
        return;
    p->symbols[0] = iam_symbols_find(symbols, p->point);
    if (m->nocase && letter(p->point))
        p->symbols[1] = iam_symbols_find(symbols, p->point ^ 0x20);
}

static bool takes(const struct iam_place_of *p, size_t symbol)
{
    const bool named = p->symbols[0] == symbol || p->symbols[1] == symbol;

    return named == (p->kind == IAM_PLACE_CHAR);
}

/* The first place of the set from `i` on, or nplaces. */
static size_t next_place(const struct iam_machine *m, const uint64_t *set, size_t i)
{
    for (size_t w = i / 64; w < m->words; w++) {
        const uint64_t bits = set[w] & (w == i / 64 ? UINT64_MAX << (i % 64) : UINT64_MAX);

        if (bits != 0)
            return w * 64 + (size_t)__builtin_ctzll(bits);
    }
    return m->nplaces;
}

/* Notes which symbols make a difference in a state. */
static void await(const struct iam_machine *m, const uint64_t *set, uint64_t *out)
{
    for (size_t i = next_place(m, set, 0); i < m->nplaces; i = next_place(m, set, i + 1))
        for (size_t k = 0; k < 2; k++)
            if (m->places[i].symbols[k] != IAM_SYMBOLS_NONE)
                add(out, m->places[i].symbols[k]);
}

/* Is the last place a star that takes anything, and reached? */
static bool all(const struct iam_machine *m, const uint64_t *set)
{
    const struct iam_place_of *last = m->nplaces > 0 ? &m->places[m->nplaces - 1] : NULL;

    return last != NULL && last->kind == IAM_PLACE_STAR && !last->no_colon &&
           has(set, m->nplaces - 1);
}

/* Number of the state with this set of places. */
static uint16_t state_of(struct iam_machine *m, uint64_t *set, const struct iam_symbols *symbols,
                         struct arena *a)
{
    struct iam_machine_state *state;
    size_t i;

    if (all(m, set))
        return IAM_MACHINE_ALL;
    trim(m, set);
    i = iam_rows_add(&m->sets, set);
    if (i >= IAM_MACHINE_ALL)
        return IAM_MACHINE_FULL;
    if (i < m->nstates)
        return (uint16_t)i;
    state = ARENA_PUSH(a, &m->states, &m->nstates);
    state->next = ARENA_ARRAY(a, uint16_t, symbols->n);
    memset(state->next, 0xff, symbols->n * sizeof(*state->next));
    state->awaited = ARENA_ARRAY(a, uint64_t, m->symbol_words);
    await(m, set, state->awaited);
    return (uint16_t)i;
}

uint16_t iam_machine_start(struct iam_machine *m, const struct iam_symbols *symbols,
                           struct arena *a)
{
    m->words = m->nplaces / 64 + 1;
    m->symbol_words = symbols->n / 64 + 1;
    m->scratch = ARENA_ARRAY(a, uint64_t, m->words);
    m->stars = ARENA_ARRAY(a, uint64_t, m->words);
    for (size_t i = 0; i < m->nplaces; i++) {
        name(m, &m->places[i], symbols);
        if (m->places[i].kind == IAM_PLACE_STAR)
            add(m->stars, i);
    }
    iam_rows_init(&m->sets, m->words * sizeof(*m->scratch), a);
    (void)state_of(m, m->scratch, symbols, a); /* no place at all: IAM_MACHINE_DEAD */
    reach(m, m->scratch, 0);
    return state_of(m, m->scratch, symbols, a);
}

uint16_t iam_machine_step(struct iam_machine *m, uint16_t state, size_t symbol,
                          const struct iam_symbols *symbols, struct arena *a)
{
    const uint64_t *from;
    uint16_t to;

    if (state == IAM_MACHINE_DEAD || state == IAM_MACHINE_ALL)
        return state;
    if (m->states[state].next[symbol] != IAM_MACHINE_NEW)
        return m->states[state].next[symbol];
    from = iam_rows_at(&m->sets, state);
    memset(m->scratch, 0, m->words * sizeof(*m->scratch));
    for (size_t i = next_place(m, from, 0); i < m->nplaces; i = next_place(m, from, i + 1))
        if (takes(&m->places[i], symbol))
            reach(m, m->scratch, m->places[i].kind == IAM_PLACE_STAR ? i : i + 1);
    to = state_of(m, m->scratch, symbols, a);
    m->states[state].next[symbol] = to;
    return to;
}

bool iam_machine_accepts(const struct iam_machine *m, uint16_t state)
{
    const uint64_t *set;

    if (state == IAM_MACHINE_ALL)
        return true;
    set = iam_rows_at(&m->sets, state);
    return has(set, m->nplaces) || (m->ends != SIZE_MAX && has(set, m->ends));
}

void iam_machine_awaited(const struct iam_machine *m, uint16_t state, uint64_t *out)
{
    for (size_t i = 0; i < m->symbol_words && state != IAM_MACHINE_ALL; i++)
        out[i] |= m->states[state].awaited[i];
}
