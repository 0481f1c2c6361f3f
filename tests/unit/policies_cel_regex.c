#include "tests/unit/policies_cel_support.h"

#include "policies/cel/regex.h"

struct row {
    const char *what, *text, *want; /* the match in brackets: "a[b]c"; "-": none; else the error */
};

static const struct row rows[] = {
    {"", "abc", "[]abc"},
    {"b", "abc", "a[b]c"},
    {"a|ab", "abc", "[a]bc"},
    {"(?:ab|a)c?", "abc", "[abc]"},
    {"a+?", "aaa", "[a]aa"},
    {"a+", "baaa", "b[aaa]"},
    {"(?U)a+", "baaa", "b[a]aa"},
    {"a{2}", "aaaa", "[aa]aa"},
    {"a{2,}", "aaaa", "[aaaa]"},
    {"a{0,2}b", "aaab", "a[aab]"},
    {"a{,2}", "a{,2}", "[a{,2}]"},
    {"a{x", "a{x", "[a{x]"},
    {"(a*)*", "b", "[]b"},
    {"(a*)+b", "aab", "[aab]"},
    {"^a", "ba", "-"},
    {"(?m)^a$", "b\na\nc", "b\n[a]\nc"},
    {"^$", "", "[]"},
    {"a$", "a\n", "-"},
    {"\\Aa\\z", "a", "[a]"},
    {".", "\n", "-"},
    {"(?s).", "\n", "[\n]"},
    {"a.c",
     "a\xc3\xa9"
     "c",
     "[a\xc3\xa9"
     "c]"},
    {"[^a]", "a\xf0\x9f\x98\x80", "a[\xf0\x9f\x98\x80]"},
    {"[a-c\\d-]+", "x-a1-z", "x[-a1-]z"},
    {"[]a]+", "b]a", "b[]a]"},
    {"[^]]", "]x", "][x]"},
    {"[[:alpha:][:digit:]]+", "-a1-", "-[a1]-"},
    {"[[:^alpha:]]+", "a12", "a[12]"},
    {"\\w+\\b", "--ab_1 c", "--[ab_1] c"},
    {"\\Ba", "a ba", "a b[a]"},
    {"\\D\\S\\W", "1a2!", "1[a2!]"},
    {"\\x41\\x{e9}\\101\\n",
     "A\xc3\xa9"
     "A\n",
     "[A\xc3\xa9"
     "A\n]"},
    {"\\Qa.b\\E+", "a.bb", "[a.b]b"},
    {"\\.\\*\\/\\-\\_", ".*/-_", "[.*/-_]"},
    {"(?i)kELVIN", "Kelvin", "[Kelvin]"},
    {"(?i)[a-c]+", "xBcA", "x[BcA]"},
    {"(?i:A)b", "ab aB", "[ab] aB"},
    {"(?P<name>a)(?<other>b)", "ab", "[ab]"},
    {"a(?i)b|c", "C", "[C]"},
    {"(a|b)*abb", "abababb", "[abababb]"},
    {"x*", "aaa", "[]aaa"},
    {"foo(bar)?$", "foobarfoo", "foobar[foo]"},
    {"needle[0-9]", "needle needle7", "needle [needle7]"},
    {"(", "", "the regular expression has a group without ')'"},
    {")", "", "the regular expression has a ')' too many"},
    {"[a", "", "the regular expression has a class without ']'"},
    {"[z-a]", "", "the regular expression has a range that runs backwards"},
    {"[[:nope:]]", "", "the regular expression names no known class"},
    {"[[:d:]]", "", "the regular expression names no known class"},
    {"*a", "", "the regular expression repeats nothing with '*'"},
    {"a**", "", "the regular expression repeats a repetition; put it in a group"},
    {"a++", "", "the regular expression repeats a repetition; put it in a group"},
    {"a{1001}", "", "the regular expression has a repetition out of range (0 to 1000)"},
    {"a{3,2}", "", "the regular expression has a repetition out of range (0 to 1000)"},
    {"(a)\\1", "",
     "the regular expression has a back reference, which takes more than linear time"},
    {"(?=a)", "", "the regular expression has a group of a kind that is not supported"},
    {"(?<=a)b", "", "the regular expression has a group of a kind that is not supported"},
    {"(?", "", "the regular expression has a group of a kind that is not supported"},
    {"a\\", "", "the regular expression ends in a backslash"},
    {"\\q", "", "the regular expression has an escape that means nothing"},
    {"\\x{110000}", "", "the regular expression has an escape that means nothing"},
    {"\\p{Greek}", "", "\\p, \\P and \\C are not supported in regular expressions here"},
    {"(?i)\xc3\xa9", "", "letters outside ASCII are not supported under (?i)"},
    {"((((a{1000}){1000}){1000}){1000}){1000}", "",
     "the regular expression needs more than 10000 instructions (LIMIT_REGEX_PROGRAM)"},
};

/* The text with the match in brackets, or the error. */
static const char *outcome(struct arena *a, const struct row *c)
{
    const struct slice text = slice_str(c->text);
    const struct regex *re;
    struct err e = {0};
    size_t at, end;
    bool found;

    if (!regex_compile(slice_str(c->what), a, &re, &e))
        return arena_strdup(a, e.text);
    found = regex_find(re, text, 0, &at, &end);
    cr_expect_eq(found, regex_match(re, text), "%s", c->what);
    if (!found)
        return "-";
    return arena_printf(a, "%.*s[%.*s]%s", (int)at, c->text, (int)(end - at), c->text + at,
                        c->text + end);
}

CASES(policies_cel, regular_expressions, rows)
{
    const struct row *c = &rows[*case_index];
    const char *got;
    struct arena a;

    arena_init(&a);
    got = outcome(&a, c);
    cr_expect_str_eq(got, c->want, "%s on '%s': got '%s', want '%s'", c->what, c->text, got,
                     c->want);
    arena_release(&a);
}

/* a{n} needs n instructions and one that says it matched. */
Test(policies_cel, regex_program_is_capped)
{
    const struct regex *re;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect(regex_compile(SLICE_LIT("(a{1000}){9}a{999}"), &a, &re, &e), "%s", e.text);
    cr_expect(regex_compile(SLICE_LIT("(?:a{999}b){10}"), &a, &re, &e) == false);
    cr_expect_eq(e.code, ERR_LIMIT);
    arena_release(&a);
}

/* Groups nest to a cap; the text says so. */
Test(policies_cel, regex_nesting_is_capped)
{
    char text[1000];
    const struct regex *re;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    for (size_t n = 200; n <= 201; n++) {
        memset(text, '(', n);
        memset(text + n, ')', n);
        cr_expect_eq(regex_compile((struct slice){(uint8_t *)text, 2 * n}, &a, &re, &e), n == 200);
    }
    cr_expect_eq(e.code, ERR_LIMIT);
    arena_release(&a);
}

/* Patterns that take exponential time elsewhere. */
Test(policies_cel, regex_is_linear)
{
    char *text = malloc(100001);
    const struct regex *re;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    memset(text, 'a', 100000);
    text[100000] = '\0';
    cr_assert(regex_compile(SLICE_LIT("^(a+)+$|(a|aa)*b"), &a, &re, &e), "%s", e.text);
    text[99999] = '!';
    cr_expect(!regex_match(re, slice_str(text)));
    free(text);
    arena_release(&a);
}
