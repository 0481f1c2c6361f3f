/* iam_variables.h */
#include "policies/iam/document/iam_variables.h"

#include <string.h>

#include "tests/lib/cases.h"
#include "tests/lib/iam_text.h"

/* The context of all cases; "aws:Later" is unknown, "aws:None" is not there. */
#define CONTEXT                                                                                    \
    "{\"aws:username\": \"ann\", \"aws:Wild\": \"a*b\", \"aws:Colon\": \"a:b\", "                  \
    "\"aws:Slash\": \"x\\\\y\", \"aws:Tags\": [\"one\"], \"aws:Empty\": [], "                      \
    "\"aws:PrincipalTag/team\": \"red\", \"aws:Later\": \"!\", \"aws:Sign\": \"${aws:username}\"}"

struct variable_case {
    const char *what;
    const char *text;
    enum iam_answer known;
    const char *want; /* of YES */
};

static const struct variable_case variable_cases[] = {
    {"none", "home/*", IAM_YES, "home/*"},
    {"nothing", "", IAM_YES, ""},
    {"one", "home/${aws:username}/*", IAM_YES, "home/ann/*"},
    {"at both ends", "${aws:username}-${aws:username}", IAM_YES, "ann-ann"},
    {"side by side", "${aws:username}${aws:username}", IAM_YES, "annann"},
    {"keys have no case", "${AWS:UserName}", IAM_YES, "ann"},
    {"spaces around the key", "${ aws:username }", IAM_YES, "ann"},
    {"keys with a slash", "${aws:PrincipalTag/team}", IAM_YES, "red"},
    {"wildcards of a value are letters", "${aws:Wild}*", IAM_YES, "a\\*b*"},
    {"colons of a value divide nothing", "${aws:Colon}:x", IAM_YES, "a\\:b:x"},
    {"backslashes of a value", "${aws:Slash}", IAM_YES, "x\\\\y"},
    {"backslashes of the policy", "a\\b${aws:username}", IAM_YES, "a\\\\bann"},
    {"values are not read again", "${aws:Sign}", IAM_YES, "${aws\\:username}"},

    {"absent", "a${aws:None}b", IAM_NO, NULL},
    {"no key", "${}", IAM_NO, NULL},
    {"no key, with spaces", "${ }", IAM_NO, NULL},
    {"absent, with a default", "a${aws:None, 'x'}b", IAM_YES, "axb"},
    {"absent, an empty default", "a${aws:None, ''}b", IAM_YES, "ab"},
    {"absent, no space", "${aws:None,'x'}", IAM_YES, "x"},
    {"wildcards of a default are letters", "${aws:None, '*'}", IAM_YES, "\\*"},
    {"a default without quotes", "${aws:None, x}", IAM_NO, NULL},
    {"a default with one quote", "${aws:None, '}", IAM_NO, NULL},
    {"there, with a default", "${aws:username, 'x'}", IAM_YES, "ann"},
    {"several values", "${aws:Tags}", IAM_NO, NULL},
    {"several values, with a default", "${aws:Tags, 'x'}", IAM_YES, "x"},
    {"no values", "${aws:Empty}", IAM_NO, NULL},
    {"unknown", "a${aws:Later}", IAM_MAYBE, NULL},
    {"unknown, with a default", "${aws:Later, 'x'}", IAM_MAYBE, NULL},
    {"unknown and absent", "${aws:Later}${aws:None}", IAM_NO, NULL},
    {"absent and unknown", "${aws:None}${aws:Later}", IAM_NO, NULL},

    {"a star", "a${*}b*", IAM_YES, "a\\*b*"},
    {"a question mark", "${?}?", IAM_YES, "\\??"},
    {"a dollar", "${$}{aws:username}", IAM_YES, "${aws:username}"},
    {"not closed", "a${aws:username", IAM_YES, "a${aws:username"},
    {"a dollar alone", "$aws", IAM_YES, "$aws"},
    {"braces alone", "{aws:username}", IAM_YES, "{aws:username}"},
};

CASES(policies_iam_variables, replace, variable_cases)
{
    const struct variable_case *c = &variable_cases[*case_index];
    const struct iam_doc modern = {.variables = true}, old = {.variables = false};
    struct slice got = {NULL, 0};
    struct iam_context context;
    enum iam_answer known;
    struct arena a;

    arena_init(&a);
    context = iam_text_context(CONTEXT, &a);
    known = iam_variables_replace(&modern, slice_str(c->text), &context, &a, &got);
    cr_expect_eq(known, c->known, "%s: %d", c->what, (int)known);
    if (c->want != NULL)
        cr_expect(slice_is(got, c->want), "%s: %.*s", c->what, (int)got.len,
                  (const char *)got.data);

    cr_expect_eq(iam_variables_replace(&old, slice_str(c->text), &context, &a, &got), IAM_YES, "%s",
                 c->what);
    cr_expect(slice_eq(got, iam_glob_pattern(slice_str(c->text), &a)), "%s: 2008-10-17 has none",
              c->what);
    arena_release(&a);
}

Test(policies_iam_variables, open_context)
{
    const struct iam_doc d = {.variables = true};
    struct iam_context c;
    struct slice got;
    struct arena a;

    arena_init(&a);
    c = iam_text_context("{\"!\": \"x\", \"k\": \"v\"}", &a);
    cr_expect_eq(iam_variables_replace(&d, SLICE_LIT("${j}"), &c, &a, &got), IAM_MAYBE);
    cr_expect_eq(iam_variables_replace(&d, SLICE_LIT("${j, 'x'}"), &c, &a, &got), IAM_MAYBE);
    cr_assert_eq(iam_variables_replace(&d, SLICE_LIT("${k}"), &c, &a, &got), IAM_YES);
    cr_expect(slice_is(got, "v"));
    arena_release(&a);
}

/* At the cap; one past it cannot be told. */
Test(policies_iam_variables, cap)
{
    const struct iam_doc d = {.variables = true};
    struct slice value, got;
    struct iam_key key = {.name = SLICE_LIT("k"), .values = &value, .n = 1};
    const struct iam_context c = {.keys = &key, .n = 1};
    struct arena a;
    uint8_t *text;

    arena_init(&a);
    text = arena_alloc(&a, IAM_VARIABLES_BYTES);
    memset(text, 'x', IAM_VARIABLES_BYTES);
    value = (struct slice){text, IAM_VARIABLES_BYTES - 1};
    cr_expect_eq(iam_variables_replace(&d, SLICE_LIT("${k}a"), &c, &a, &got), IAM_YES);
    cr_expect_eq(got.len, IAM_VARIABLES_BYTES);
    value.len++;
    cr_expect_eq(iam_variables_replace(&d, SLICE_LIT("${k}a"), &c, &a, &got), IAM_MAYBE);
    arena_release(&a);
}

struct widen_case {
    const char *text;
    bool literal;
    const char *want;
    bool in; /* is there a variable? */
};

static const struct widen_case widen_cases[] = {
    {"home/*", false, "home/*", false},     {"home/*", true, "home/\\*", false},
    {"a${k}b?", false, "a*b?", true},       {"a${k}b?", true, "a*b\\?", true},
    {"${*}${k, '?'}", false, "\\**", true}, {"${*}${?}${$}", false, "\\*\\?$", false},
    {"${k", false, "${k", false},
};

CASES(policies_iam_variables, widen, widen_cases)
{
    const struct widen_case *c = &widen_cases[*case_index];
    const struct iam_doc modern = {.variables = true}, old = {.variables = false};
    struct slice got;
    struct arena a;

    arena_init(&a);
    got = iam_variables_widen(slice_str(c->text), c->literal, &a);
    cr_expect(slice_is(got, c->want), "%s: %.*s", c->text, (int)got.len, (const char *)got.data);
    cr_expect_eq(iam_variables_in(&modern, slice_str(c->text)), c->in, "%s", c->text);
    cr_expect(!iam_variables_in(&old, slice_str(c->text)), "%s", c->text);
    arena_release(&a);
}

Test(policies_iam_variables, next)
{
    const struct slice text = SLICE_LIT("${*}x${a:b}${c/d, 'e'}${f");
    struct slice key;
    size_t at = 0;

    cr_assert(iam_variables_next(text, &at, &key) && slice_is(key, "a:b"));
    cr_expect_eq(at, 11);
    cr_assert(iam_variables_next(text, &at, &key) && slice_is(key, "c/d"));
    cr_expect(!iam_variables_next(text, &at, &key));
}
