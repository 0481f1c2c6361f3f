/* Patterns of tokenizers that take no time, and such that take for ever. */
#include "scanner/formats/backtrack.h"
#include "tests/lib/cases.h"

struct regex_case {
    const char *pattern, *why; /* "": none */
};

static const struct regex_case patterns[] = {
    {"", ""},
    {"\\s+", ""},
    {"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", ""},
    {"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s*[\\r\\n]+", ""},
    {"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}]*[\\p{Ll}\\p{Lm}]+(?i:'s|'t|'re)?|\\s+$", ""},
    {"[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\s++$", ""},
    {" ?[^(\\s|[.,!?\\x{3002}])]+", ""},
    {"(?=(\\d{3})+(?!\\d))", ""},
    {"((a+)?b)", ""},
    {"(a+)++", ""},
    {"(?>a+)x*", ""},
    {"[(a+)+]", ""},
    {"\\(a+\\)+", ""},
    {"(ab|cd)*", ""},
    {"a{2}{x", ""},
    {"(a{2}b){3}", ""},
    {"[]+)+]", ""},
    {"(a+)+$", "a repeat within a repeat"},
    {"(a*)*", "a repeat within a repeat"},
    {"(?:a+?)*?", "a repeat within a repeat"},
    {"((a+)b?)+", "a repeat within a repeat"},
    {"([a-zA-Z]+)*x", "a repeat within a repeat"},
    {"(\\w{1,}){1,}!", "a repeat within a repeat"},
    {"(.*a){25}", "a repeat within a repeat"},
    {"(?P<n>x+)*", "a repeat within a repeat"},
    {"(?<n>x+)*", "a repeat within a repeat"},
    {"(?<=b)(\\p{L}+)+", "a repeat within a repeat"},
    {"(a|a)*$", "a repeat of branches that begin alike"},
    {"(?:ab|cd|ac)+", "a repeat of branches that begin alike"},
    {"a{1000000000}", "a count that is larger than any text"},
    {"(ab){1,200000}", "a count that is larger than any text"},
    {"((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
     ""},
    {"))))*", ""},
    {"(?", ""},
    {"[", ""},
    {"\\", ""},
    {"\\p{", ""},
};

CASES(scanner_formats_backtrack, tells_what_takes_for_ever, patterns)
{
    const struct regex_case *c = &patterns[*case_index];
    const char *why = backtrack_risk(slice_str(c->pattern));

    cr_expect_str_eq(why != NULL ? why : "", c->why, "%s: %s", c->pattern, why != NULL ? why : "");
}
