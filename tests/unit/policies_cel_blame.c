#include "tests/unit/policies_cel_support.h"

#define DOC                                                                                        \
    "{\"t\": true, \"f\": false, \"n\": 5, \"s\": \"x\\u001b[31m\", \"list\": [1, 2],"             \
    " \"long\": \"0123456789012345678901234567890123456789012345678901234567890123456789"          \
    "01234567890123456789\"}"

struct row {
    const char *what, *want; /* "": no blame */
};

static const struct row rows[] = {
    {"view.t", ""},
    {"view.t && view.n == 5", ""},
    {"view.n", ""},
    {"view.f", "view.f (view.f is false)"},
    {"view.n > 7", "view.n > 7 (view.n is 5)"},
    {"view.t && (view.n == 5 && view.f) && view.n == 6", "view.f (view.f is false)"},
    {"view.t && (view.f && view.t) && view.f", "view.f (view.f is false)"},
    {"view.t && (view.n == 5 || view.f) && view.n == 6", "view.n == 6 (view.n is 5)"},
    {"view.f || view.n == 1", "view.f || view.n == 1 (view.f is false, view.n is 5)"},
    {"u && view.t", "u (u is unknown: known after apply)"},
    {"u && view.f", "view.f (view.f is false)"},
    {"view.gap == 1 && view.t", "view.gap == 1 (view.gap is unknown: known after apply)"},
    {"view.t && view.none == 1", "view.none == 1 (view.none is an error: no such key: none)"},
    {"view.list.all(x, x > view.n)",
     "view.list.all(x, x > view.n) (view.list is [1,2], view.n is 5)"},
    {"view.n == 1 || view.n == 2", "view.n == 1 || view.n == 2 (view.n is 5)"},
    {"view.s == ''", "view.s == '' (view.s is \"x\\u001b[31m\")"},
    {"view.long == ''",
     "view.long == '' (view.long is "
     "\"0123456789012345678901234567890123456789012345678901234567890123456789012345...)"},
    {"view.?n.orValue(0) == 1", "view.?n.orValue(0) == 1 (view.?n is 5)"},
};

CASES(policies_cel, blames_the_conjunct, rows)
{
    const struct cel_env env = {.variables = cel_variables};
    const struct row *c = &rows[*case_index];
    struct cel_fixture f;
    const char *got;

    cel_fixture_init(&f, DOC);
    cr_assert(cel_fixture_compile(&f, c->what, strlen(c->what), &env));
    got = cel_blame(f.program, &f.act, &f.arena);
    cr_expect_str_eq(got == NULL ? "" : got, c->want, "%s: got '%s'", c->what, got);
    arena_release(&f.arena);
}
