#include "base/nearest.h"

#include "tests/lib/cases.h"

static const struct {
    const char *word, *want;
} words[] = {{"sevrity", "severity"},
             {"severity", "severity"},
             {"x", NULL},
             {"fixes", "fix"},
             {"", NULL},
             {"a-very-long-word-that-is-longer-than-any-word-should-ever-be-in-here", NULL}};

CASES(nearest, names, words)
{
    static const char *const names[] = {"severity", "fix", "title", NULL};
    const char *got = nearest_name(slice_str(words[*case_index].word), names);

    if (words[*case_index].want == NULL)
        cr_expect_null(got, "%s: got %s", words[*case_index].word, got);
    else
        cr_expect(got != NULL && strcmp(got, words[*case_index].want) == 0, "%s: got %s",
                  words[*case_index].word, got);
}

Test(nearest, hints)
{
    static const char *const names[] = {"gate", "scan", NULL};
    static const char *const long_names[] = {
        "a-name-of-more-letters-than-a-hint-has-room-for-behind-its-words", NULL};
    char hint[NEAREST_HINT_MAX];

    cr_expect_str_eq(nearest_hint(SLICE_LIT("gat"), names, hint), "; did you mean 'gate'?");
    cr_expect_str_eq(nearest_hint(SLICE_LIT("frobnicate"), names, hint), "");
    cr_expect_str_eq(nearest_hint(SLICE_LIT("sacn"), names, hint), "; did you mean 'scan'?");
    cr_expect_str_eq(nearest_hint(slice_str(long_names[0]), long_names, hint),
                     "; did you mean 'a-name-of-more-letters-than-a-hint-has-room-for-behind-its-"
                     "words'?");
}
