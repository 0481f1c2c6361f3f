/*
 * The automata against all short texts: whatever is found matches as iam_glob.h and iam_arn.h say,
 * none is shorter, and nothing is missed.
 */
#include <string.h>

#include "base/attr.h"
#include "policies/iam/text/iam_automaton.h"
#include "tests/lib/cases.h"

/* A small generator: the same numbers everywhere. */
struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *d, unsigned n)
{
    d->state = d->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(d->state >> 33) % n;
}

static bool matches(const struct iam_pattern *p, struct slice text)
{
    struct iam_arn arn;

    if (p->mode == IAM_MODE_TEXT || p->mode == IAM_MODE_NOCASE)
        return iam_glob_match(p->text, text, p->mode == IAM_MODE_NOCASE);
    arn = iam_arn_split(p->text,
                        p->mode == IAM_MODE_ARN_IDENTITY ? IAM_ARN_IDENTITY : IAM_ARN_RESOURCE);
    return iam_arn_match(&arn, text);
}

static bool satisfies(const struct iam_pattern *p, size_t n, struct slice text)
{
    unsigned wanted = 0, met = 0;

    for (size_t i = 0; i < n; i++) {
        const bool is = matches(&p[i], text) == p[i].matches;

        if (p[i].group == 0 && !is)
            return false;
        wanted |= 1u << p[i].group;
        met |= (is ? 1u : 0u) << p[i].group;
    }
    return ((wanted & ~met) | 1u) == 1u;
}

#define LONGEST 7 /* characters */

/* Characters of UTF-8, one by one. */
static size_t characters(const char *text, struct slice out[8])
{
    size_t n = 0;

    for (const char *p = text; *p != '\0' && n < 8; p += out[n++].len) {
        size_t len = 1;

        while (((unsigned char)p[len] & 0xc0) == 0x80)
            len++;
        out[n] = (struct slice){(const uint8_t *)p, len};
    }
    return n;
}

static size_t count(struct slice text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += (text.data[i] & 0xc0) != 0x80;
    return n;
}

static struct slice join(const struct slice *letters, size_t base, size_t k, size_t len,
                         uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++, k /= base) {
        memcpy(out + n, letters[k % base].data, letters[k % base].len);
        n += letters[k % base].len;
    }
    return (struct slice){out, n};
}

/* Characters of the shortest text over `letters` that satisfies all; SIZE_MAX: none so short. */
static size_t shortest(const struct iam_pattern *p, size_t n, const char *letters)
{
    struct slice each[8];
    const size_t base = characters(letters, each);
    uint8_t text[LONGEST * 4];
    size_t number = 1;

    for (size_t len = 0; len <= LONGEST; len++, number *= base)
        for (size_t k = 0; k < number; k++)
            if (satisfies(p, n, join(each, base, k, len, text)))
                return len;
    return SIZE_MAX;
}

static struct slice pattern(struct dice *d, const char *parts, size_t max, struct arena *a)
{
    const size_t n = roll(d, (unsigned)max + 1);
    uint8_t *text = arena_alloc(a, n * 4 + 1);
    struct slice each[8];
    const size_t base = characters(parts, each);
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        const struct slice c = each[roll(d, (unsigned)base)];

        memcpy(text + len, c.data, c.len);
        len += c.len;
    }
    return (struct slice){text, len};
}

static const struct mix {
    const char *what;
    enum iam_mode modes[2];
    const char *parts, *letters; /* of patterns; of texts: with one that no pattern has */
    size_t max;
    unsigned rounds;
} mixes[] = {
    {"texts", {IAM_MODE_TEXT, IAM_MODE_TEXT}, "aab**?", "abc", 6, 1500},
    {"case", {IAM_MODE_NOCASE, IAM_MODE_TEXT}, "aAb*?", "aAbBc", 4, 500},
    {"escapes", {IAM_MODE_TEXT, IAM_MODE_TEXT}, "a\\*?*", "a\\*?c", 5, 500},
    {"beyond ASCII",
     {IAM_MODE_TEXT, IAM_MODE_NOCASE},
     "a\xc3\xa9**?",
     "aA\xc3\xa9\xc3\xa8",
     6,
     700},
    {"identity", {IAM_MODE_ARN_IDENTITY, IAM_MODE_ARN_IDENTITY}, "a:::*?", "a:c", 8, 1500},
    {"resource", {IAM_MODE_ARN_RESOURCE, IAM_MODE_ARN_IDENTITY}, "a:::*?", "a:c", 8, 1500},
    {"ARNs with escapes",
     {IAM_MODE_ARN_RESOURCE, IAM_MODE_ARN_IDENTITY},
     "a::\\*\\?",
     "a:*\\?",
     8,
     300},
};

CASES(policies_iam_automaton, agrees_with_brute_force, mixes)
{
    const struct mix *m = &mixes[*case_index];
    struct dice d = {*case_index + 1};

    for (unsigned round = 0; round < m->rounds; round++) {
        struct iam_pattern p[4];
        const size_t n = 1 + roll(&d, 4);
        struct iam_budget budget = {200000};
        struct slice witness = {NULL, 0};
        enum iam_answer got;
        struct arena a;
        size_t want;

        arena_init(&a);
        for (size_t i = 0; i < n; i++)
            p[i] = (struct iam_pattern){pattern(&d, m->parts, m->max, &a), m->modes[roll(&d, 2)],
                                        roll(&d, 2) == 0, roll(&d, 3)};
        got = iam_automaton_find(p, n, &budget, &a, &witness);
        want = shortest(p, n, m->letters);
        cr_assert_neq(got, IAM_MAYBE, "%s %u: gave up", m->what, round);
        if (want != SIZE_MAX)
            cr_assert(got == IAM_YES && count(witness) == want,
                      "%s %u: %d, %zu characters, not %zu", m->what, round, got, count(witness),
                      want);
        if (got == IAM_YES)
            cr_assert(satisfies(p, n, witness), "%s %u: '%.*s' does not satisfy", m->what, round,
                      (int)witness.len, (const char *)witness.data);
        arena_release(&a);
    }
}

static enum iam_answer find(const struct iam_pattern *p, size_t n, uint64_t states, struct arena *a,
                            struct slice *witness)
{
    struct iam_budget b = {states};

    return iam_automaton_find(p, n, &b, a, witness);
}

#define PATTERN(text, matches) ((struct iam_pattern){SLICE_LIT(text), IAM_MODE_TEXT, (matches), 0})

Test(policies_iam_automaton, letters_stand_for_any_character)
{
    struct iam_pattern p[] = {PATTERN("?*", true), PATTERN("x*", false), PATTERN("a*", false)};
    struct slice w = {NULL, 0};
    struct arena a;

    arena_init(&a);
    cr_assert_eq(find(p, 3, 1000, &a, &w), IAM_YES);
    cr_expect_eq(w.len, 1);
    cr_expect_eq(w.data[0], 'y', "'%c'", w.data[0]);
    arena_release(&a);
}

Test(policies_iam_automaton, characters_beyond_ascii_are_one)
{
    struct iam_pattern p[] = {PATTERN("?", true), PATTERN("\xc3\xa9", true)};
    struct slice w = {NULL, 0};
    struct arena a;

    arena_init(&a);
    cr_assert_eq(find(p, 2, 1000, &a, &w), IAM_YES);
    cr_expect(slice_is(w, "\xc3\xa9"));
    arena_release(&a);
}

Test(policies_iam_automaton, past_the_budget_it_cannot_tell)
{
    struct iam_pattern p[] = {PATTERN("*aaaaaaaa*", true), PATTERN("*aaaaaaaaa", false)};
    struct slice w = {NULL, 0};
    struct arena a;

    arena_init(&a);
    cr_expect_eq(find(p, 2, 3, &a, &w), IAM_MAYBE);
    cr_expect_eq(find(p, 2, 1000, &a, &w), IAM_YES);
    p[0].text = SLICE_LIT("\xff");
    cr_expect_eq(find(p, 2, 1000, &a, &w), IAM_MAYBE, "no UTF-8");
    arena_release(&a);
}
