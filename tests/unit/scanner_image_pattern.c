#include "tests/lib/cases.h"

#include <string.h>

#include "scanner/image/pattern.h"

struct pattern_case {
    const char *what, *pattern, *text;
    size_t to; /* the end that the search reported */
    bool found;
    size_t start, end, secret_start, secret_end;
};

static const struct pattern_case pattern_cases[] = {
    {"literal", "abc", "xxabcxx", 5, true, 2, 5, 2, 5},
    {"longest form", "k_[a-z]{2,5}", "k_abcdefgh", 4, true, 0, 7, 0, 7},
    {"alternatives", "(?:ab|cd)[0-9]{2}", "zcd12", 5, true, 1, 5, 1, 5},
    {"captured group", "key=\"([a-z]{3,9})\"", "key=\"secret\"", 12, true, 0, 12, 5, 11},
    {"any case", "(?i)PassWord=[x-z]{2}", "pAsSwOrD=Zy", 11, true, 0, 11, 0, 11},
    {"optional group", "a(?:bc)?d", "ad", 2, true, 0, 2, 0, 2},
    {"backs out of a greedy class", "[a-z]{1,9}q", "abcq", 4, true, 0, 4, 0, 4},
    {"negated class", "'([^'\\s]{3})'", "'a b' 'abc'", 11, true, 6, 11, 7, 10},
    {"escaped byte", "\\x2d\\.\\d", "a-.7", 4, true, 1, 4, 1, 4},
    {"too short", "k_[a-z]{3}", "k_ab", 4, false, 0, 0, 0, 0},
    {"does not reach the end that was told", "ab", "abxx", 4, false, 0, 0, 0, 0},
};

CASES(scanner_image_pattern, finds, pattern_cases)
{
    const struct pattern_case *c = &pattern_cases[*case_index];
    const size_t len = strlen(c->text);
    uint8_t *copy = malloc(len + 1);
    const struct pattern *p;
    struct pattern_hit hit;
    struct arena a;
    struct err e = {0};

    memcpy(copy, c->text, len);
    arena_init(&a);
    cr_assert(pattern_compile(c->pattern, &a, &p, &e), "%s: %s", c->what, e.text);
    cr_assert_eq(pattern_find(p, (struct slice){copy, len}, c->to, &hit), c->found, "%s", c->what);
    if (c->found) {
        cr_expect_eq(hit.start, c->start, "%s: start %zu", c->what, hit.start);
        cr_expect_eq(hit.end, c->end, "%s: end %zu", c->what, hit.end);
        cr_expect_eq(hit.secret_start, c->secret_start, "%s", c->what);
        cr_expect_eq(hit.secret_end, c->secret_end, "%s", c->what);
    }
    arena_release(&a);
    free(copy);
}

struct refusal_case {
    const char *what, *pattern, *want;
};

static const struct refusal_case refusal_cases[] = {
    {"star", "a*", "pattern a*: unbounded repeat *"},
    {"plus", "a+", "pattern a+: unbounded repeat +"},
    {"open class", "[ab", "pattern [ab: [ without ]"},
    {"open group", "(ab", "pattern (ab: ( without )"},
    {"repeated group", "(?:ab){2}", "pattern (?:ab){2}: a group may only be optional"},
    {"word boundary", "\\bx", "pattern \\bx: \\b is not in the pattern language"},
    {"backwards range", "[z-a]", "pattern [z-a]: a range that runs backwards"},
    {"backwards repeat", "a{3,2}", "pattern a{3,2}: bad repeat"},
    {"open repeat", "a{3,}", "pattern a{3,}: a repeat needs numbers up to 2048"},
    {"too long", "[a-z]{2048}b", "pattern [a-z]{2048}b: a match may have 2049 bytes, at most 2048"},
    {"alternatives at the top", "a|b", "pattern a|b: | at the top level"},
};

CASES(scanner_image_pattern, refuses, refusal_cases)
{
    const struct refusal_case *c = &refusal_cases[*case_index];
    const struct pattern *p;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect_not(pattern_compile(c->pattern, &a, &p, &e), "%s", c->what);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    arena_release(&a);
}
