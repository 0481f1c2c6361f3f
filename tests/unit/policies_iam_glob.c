/* iam_glob.h */
#include "policies/iam/text/iam_glob.h"

#include <string.h>

#include "base/arena.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

struct glob_case {
    const char *what;
    const char *pattern, *text;
    bool match, nocase; /* without case too */
};

static const struct glob_case glob_cases[] = {
    {"nothing", "", "", true, true},
    {"nothing, something", "", "a", false, false},
    {"star, nothing", "*", "", true, true},
    {"stars", "***", "", true, true},
    {"question mark, nothing", "?", "", false, false},
    {"literal", "abc", "abc", true, true},
    {"longer", "abc", "abcd", false, false},
    {"shorter", "abc", "ab", false, false},
    {"case", "aBc", "AbC", false, true},
    {"prefix", "ab*", "abcd", true, true},
    {"prefix, nothing more", "ab*", "ab", true, true},
    {"suffix", "*cd", "abcd", true, true},
    {"suffix twice", "*ab", "abab", true, true},
    {"infix", "*b*", "abc", true, true},
    {"both ends", "a*c", "abbc", true, true},
    {"ends that overlap", "ab*ba", "aba", false, false},
    {"question marks", "?b?", "abc", true, true},
    {"star and question mark", "*?", "a", true, true},
    {"question mark and star", "?*", "", false, false},
    {"back once", "a*bc", "abbc", true, true},
    {"back and forth", "*a*b*c", "xaybzbc", true, true},
    {"one letter of two bytes", "?", "\xc3\xa9", true, true},
    {"two letters of two bytes", "??", "\xc3\xa9\xc3\xa8", true, true},
    {"half a letter", "?", "\xc3\xa9x", false, false},
    {"a star takes whole letters", "*\xa9", "\xc3\xa9", false, false},
    {"a stray byte is a letter", "??", "\xa9\xa9", true, true},
    {"letters beyond ASCII keep their case", "\xc3\x89", "\xc3\xa9", false, false},
    {"colons are nothing special", "a*d", "a:b:c:d", true, true},
    {"escaped star", "a\\*", "a*", true, true},
    {"escaped star is no star", "a\\*", "ab", false, false},
    {"escaped question mark", "\\?", "?", true, true},
    {"escaped question mark takes no letter", "\\?", "a", false, false},
    {"escaped backslash", "\\\\*", "\\a", true, true},
    {"escaped letter", "\\a", "a", true, true},
    {"a backslash at the end", "a\\", "a\\", true, true},
    {"a bracket is a letter", "[ab]", "a", false, false},
};

CASES(policies_iam_glob, match, glob_cases)
{
    const struct glob_case *c = &glob_cases[*case_index];
    const struct slice pattern = exact_str(c->pattern), text = exact_str(c->text);

    cr_expect_eq(iam_glob_match(pattern, text, false), c->match, "%s", c->what);
    cr_expect_eq(iam_glob_match(pattern, text, true), c->nocase, "%s, without case", c->what);
    exact_free(pattern);
    exact_free(text);
}

/* By definition, and slow. */
static bool slowly(const char *p, const char *t)
{
    if (*p == '*')
        return slowly(p + 1, t) || (*t != '\0' && slowly(p, t + 1));
    if (*p == '\0' || *t == '\0')
        return *p == *t;
    return (*p == '?' || *p == *t) && slowly(p + 1, t + 1);
}

/* The nth text over `letters`, shorter ones first; false past those of `max` letters. */
static bool nth(size_t n, const char *letters, size_t max, char *out)
{
    const size_t base = strlen(letters);
    size_t len = 0, count = 1;

    for (; n >= count; count *= base, len++)
        n -= count;
    if (len > max)
        return false;
    for (size_t i = 0; i < len; i++, n /= base)
        out[i] = letters[n % base];
    out[len] = '\0';
    return true;
}

/* Every pattern of at most 5 signs on every text of at most 5 letters. */
Test(policies_iam_glob, all_short_ones)
{
    char p[8], t[8];

    for (size_t i = 0; nth(i, "ab*?", 5, p); i++)
        for (size_t k = 0; nth(k, "ab", 5, t); k++)
            if (iam_glob_match(slice_str(p), slice_str(t), false) != slowly(p, t))
                cr_expect_fail("'%s' on '%s'", p, t);
}

/* Patterns of 3 signs that meet do so on a text of at most 6 letters; a third letter stands for
 * all that neither names. */
static bool meet(const char *a, const char *b)
{
    char t[8];

    for (size_t k = 0; nth(k, "abc", 6, t); k++)
        if (slowly(a, t) && slowly(b, t))
            return true;
    return false;
}

Test(policies_iam_glob, overlap)
{
    char a[8], b[8];

    for (size_t i = 0; nth(i, "ab*?", 3, a); i++)
        for (size_t k = 0; nth(k, "ab*?", 3, b); k++)
            if (iam_glob_overlap(slice_str(a), slice_str(b)) != meet(a, b))
                cr_expect_fail("'%s' and '%s'", a, b);
}

static bool within(const char *a, const char *b)
{
    char t[8];

    for (size_t k = 0; nth(k, "abc", 6, t); k++)
        if (slowly(b, t) && !slowly(a, t))
            return false;
    return true;
}

/* Never a false yes; a false no only where stars meet question marks. */
Test(policies_iam_glob, covers)
{
    char a[8], b[8];

    for (size_t i = 0; nth(i, "ab*?", 3, a); i++)
        for (size_t k = 0; nth(k, "ab*?", 3, b); k++) {
            const bool got = iam_glob_covers(slice_str(a), slice_str(b)), want = within(a, b);

            if (got && !want)
                cr_expect_fail("'%s' does not cover '%s'", a, b);
            if (!got && want && (strchr(a, '?') == NULL || strchr(b, '*') == NULL))
                cr_expect_fail("'%s' covers '%s'", a, b);
        }
}

/* Escapes are letters to both. */
Test(policies_iam_glob, escapes_meet)
{
    cr_expect(!iam_glob_overlap(SLICE_LIT("a\\*"), SLICE_LIT("ab")));
    cr_expect(iam_glob_overlap(SLICE_LIT("a\\*"), SLICE_LIT("a?")));
    cr_expect(iam_glob_overlap(SLICE_LIT("\\a*"), SLICE_LIT("ab")));
    cr_expect(iam_glob_covers(SLICE_LIT("*"), SLICE_LIT("\\*")));
    cr_expect(!iam_glob_covers(SLICE_LIT("\\*"), SLICE_LIT("*")));
    cr_expect(iam_glob_covers(SLICE_LIT("\\a"), SLICE_LIT("a")));
}

/* Past IAM_GLOB_BYTES nobody looks behind the first wildcard: they may overlap. */
Test(policies_iam_glob, overlap_cap)
{
    static char a[IAM_GLOB_BYTES + 2], b[IAM_GLOB_BYTES + 2];

    memset(a, 'a', IAM_GLOB_BYTES);
    memset(b, 'b', IAM_GLOB_BYTES);
    a[0] = b[0] = '*';
    cr_expect(!iam_glob_overlap(slice_str(a), slice_str(b)), "at the cap");
    a[IAM_GLOB_BYTES] = 'a';
    cr_expect(iam_glob_overlap(slice_str(a), slice_str(b)), "past it");
    cr_expect(iam_glob_overlap(slice_str(b), slice_str(a)), "past it, the other way");
}

/* Stars that fail late cost the product of the lengths, no more. */
Test(policies_iam_glob, hostile, .timeout = 5)
{
    static char text[20001], pattern[2001];

    memset(text, 'a', sizeof(text) - 1);
    for (size_t i = 0; i + 1 < sizeof(pattern); i++)
        pattern[i] = i % 2 == 0 ? 'a' : '*';
    pattern[sizeof(pattern) - 2] = 'b';
    cr_expect(!iam_glob_match(slice_str(pattern), slice_str(text), false));
    cr_expect(!iam_glob_match(slice_str(pattern), slice_str(text), true));
}

struct text_case {
    const char *text;
    bool wild, any;
    const char *literal, *pattern, *plain; /* escaped, as a pattern, escapes taken away */
};

static const struct text_case text_cases[] = {
    {"", false, false, "", "", ""},
    {"abc", false, false, "abc", "abc", "abc"},
    {"*", true, true, "\\*", "*", "*"},
    {"**", true, true, "\\*\\*", "**", "**"},
    {"a?", true, false, "a\\?", "a?", "a?"},
    {"a:b", false, false, "a\\:b", "a:b", "a:b"},
    {"a\\*", false, false, "a\\\\\\*", "a\\\\*", "a*"},
    {"\\\\*", true, false, "\\\\\\\\\\*", "\\\\\\\\*", "\\*"},
    {"a\\", false, false, "a\\\\", "a\\\\", "a\\"},
    {"\\\xc3\xa9", false, false, "\\\\\xc3\xa9", "\\\\\xc3\xa9", "\xc3\xa9"},
};

CASES(policies_iam_glob, texts, text_cases)
{
    const struct text_case *c = &text_cases[*case_index];
    const struct slice text = exact_str(c->text);
    struct slice got;
    struct arena a;

    arena_init(&a);
    cr_expect_eq(iam_glob_wild(text), c->wild, "%s", c->text);
    cr_expect_eq(iam_glob_any(text), c->any, "%s", c->text);
    got = iam_glob_literal(text, &a);
    cr_expect(slice_is(got, c->literal), "%s: %.*s", c->text, (int)got.len, (const char *)got.data);
    cr_expect(iam_glob_match(got, text, false), "%s: its literal matches it", c->text);
    got = iam_glob_pattern(text, &a);
    cr_expect(slice_is(got, c->pattern), "%s: %.*s", c->text, (int)got.len, (const char *)got.data);
    got = iam_glob_text(text, &a);
    cr_expect(slice_is(got, c->plain), "%s: %.*s", c->text, (int)got.len, (const char *)got.data);
    exact_free(text);
    arena_release(&a);
}

Test(policies_iam_glob, same)
{
    cr_expect(iam_glob_same(SLICE_LIT("aws:SourceIp"), SLICE_LIT("AWS:sourceip")));
    cr_expect(!iam_glob_same(SLICE_LIT("a"), SLICE_LIT("ab")));
    cr_expect(!iam_glob_same(SLICE_LIT("@"), SLICE_LIT("`")), "signs beside the letters");
    cr_expect(!iam_glob_same(SLICE_LIT("["), SLICE_LIT("{")));
    cr_expect(iam_glob_same(SLICE_LIT(""), SLICE_LIT("")));
}
