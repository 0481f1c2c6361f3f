#include "policies/iam/iam_machine.h"

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
        (struct iam_place_of){kind, point, no_colon};
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

static void field(struct maker *k, struct slice s, bool no_colon)
{
    for (size_t i = 0; i < s.len;) {
        const uint32_t point = point_at(s, &i);

        if (point == '*')
            put(k, IAM_PLACE_STAR, 0, no_colon);
        else if (point == '?')
            put(k, IAM_PLACE_ONE, 0, no_colon);
        else if (point == '\\' && i < s.len)
            put(k, IAM_PLACE_CHAR, point_at(s, &i), false);
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
    m->words = k.n / 64 + 1;
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

    while (last > 0 && !(m->places[last - 1].kind == IAM_PLACE_STAR && has(set, last - 1)))
        last--;
    for (size_t i = 0; last > 0 && i + 1 < last; i++)
        set[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/* Number of the state with this set of places. */
static uint16_t intern(struct iam_machine *m, const uint64_t *set,
                       const struct iam_symbols *symbols, struct arena *a)
{
    const size_t bytes = m->words * sizeof(*set);

    for (size_t i = m->nstates; i > 0; i--) /* the newest are met the most */
        if (memcmp(m->sets + (i - 1) * m->words, set, bytes) == 0)
            return (uint16_t)(i - 1);
    if (m->nstates >= IAM_MACHINE_ALL)
        return IAM_MACHINE_FULL;
    if (m->nstates == m->cap) {
        const size_t cap = m->cap == 0 ? 16 : m->cap * 2;
        uint64_t *sets = ARENA_ARRAY(a, uint64_t, cap * m->words);
        uint16_t **next = ARENA_ARRAY(a, uint16_t *, cap);
        uint64_t **awaited = ARENA_ARRAY(a, uint64_t *, cap);

        if (m->nstates > 0) {
            memcpy(sets, m->sets, m->nstates * bytes);
            memcpy(next, m->next, m->nstates * sizeof(*next));
            memcpy(awaited, m->awaited, m->nstates * sizeof(*awaited));
        }
        m->sets = sets;
        m->next = next;
        m->awaited = awaited;
        m->cap = cap;
    }
    memcpy(m->sets + m->nstates * m->words, set, bytes);
    m->next[m->nstates] = ARENA_ARRAY(a, uint16_t, symbols->n);
    memset(m->next[m->nstates], 0xff, symbols->n * sizeof(uint16_t));
    m->awaited[m->nstates] = ARENA_ARRAY(a, uint64_t, m->symbol_words);
    return (uint16_t)m->nstates++;
}

static bool same(const struct iam_machine *m, uint32_t a, uint32_t b)
{
    if (a == b)
        return true;
    return m->nocase && a < 0x80 && b < 0x80 &&
           iam_glob_lower((uint8_t)a) == iam_glob_lower((uint8_t)b);
}

static bool takes(const struct iam_machine *m, const struct iam_place_of *p, size_t symbol,
                  const struct iam_symbols *symbols)
{
    const bool other = symbol + 1 == symbols->n;

    if (p->kind == IAM_PLACE_CHAR)
        return !other && same(m, p->point, symbols->points[symbol]);
    return !p->no_colon || other || symbols->points[symbol] != ':';
}

/* Notes which symbols make a difference in a state. */
static void await(struct iam_machine *m, uint16_t state, const struct iam_symbols *symbols)
{
    const uint64_t *set = m->sets + state * m->words;

    for (size_t i = 0; i < m->nplaces; i++) {
        if (!has(set, i))
            continue;
        for (size_t s = 0; s + 1 < symbols->n; s++)
            if (m->places[i].kind == IAM_PLACE_CHAR
                    ? same(m, m->places[i].point, symbols->points[s])
                    : m->places[i].no_colon && symbols->points[s] == ':')
                add(m->awaited[state], s);
    }
}

/* Is the last place a star that takes anything, and reached? */
static bool all(const struct iam_machine *m, const uint64_t *set)
{
    const struct iam_place_of *last = m->nplaces > 0 ? &m->places[m->nplaces - 1] : NULL;

    return last != NULL && last->kind == IAM_PLACE_STAR && !last->no_colon &&
           has(set, m->nplaces - 1);
}

static uint16_t state_of(struct iam_machine *m, uint64_t *set, const struct iam_symbols *symbols,
                         struct arena *a)
{
    const size_t before = m->nstates;
    uint16_t state;

    if (all(m, set))
        return IAM_MACHINE_ALL;
    trim(m, set);
    state = intern(m, set, symbols, a);
    if (m->nstates > before)
        await(m, state, symbols);
    return state;
}

void iam_machine_start(struct iam_machine *m, const struct iam_symbols *symbols, struct arena *a)
{
    uint64_t *set = ARENA_ARRAY(a, uint64_t, m->words);

    m->symbol_words = symbols->n / 64 + 1;
    (void)intern(m, set, symbols, a); /* IAM_MACHINE_DEAD */
    reach(m, set, 0);
    m->first = state_of(m, set, symbols, a);
}

uint16_t iam_machine_first(const struct iam_machine *m)
{
    return m->first;
}

uint16_t iam_machine_step(struct iam_machine *m, uint16_t state, size_t symbol,
                          const struct iam_symbols *symbols, struct arena *a)
{
    uint64_t room[64] = {0}, *set = room;
    uint16_t to;

    if (state == IAM_MACHINE_DEAD || state == IAM_MACHINE_ALL)
        return state;
    if (m->next[state][symbol] != IAM_MACHINE_NEW)
        return m->next[state][symbol];
    if (m->words > ARRAY_LEN(room))
        set = ARENA_ARRAY(a, uint64_t, m->words);
    for (size_t w = 0; w < m->words; w++) {
        uint64_t bits = m->sets[state * m->words + w];

        for (; bits != 0; bits &= bits - 1) {
            const size_t i = w * 64 + (size_t)__builtin_ctzll(bits);

            if (i < m->nplaces && takes(m, &m->places[i], symbol, symbols))
                reach(m, set, m->places[i].kind == IAM_PLACE_STAR ? i : i + 1);
        }
    }
    to = state_of(m, set, symbols, a);
    m->next[state][symbol] = to;
    return to;
}

bool iam_machine_accepts(const struct iam_machine *m, uint16_t state)
{
    const uint64_t *set = m->sets + state * m->words;

    if (state == IAM_MACHINE_ALL)
        return true;
    return has(set, m->nplaces) || (m->ends != SIZE_MAX && has(set, m->ends));
}
