/* Unknown values: the truth tables, and where an unknown comes from. TEST-OF: cel-spec has no
 * tests of these (unknowns.textproto is empty). */
#include "tests/unit/policies_cel_support.h"

#define DOC "{\"a\": 1, \"list\": [1, 2], \"map\": {\"k\": 1}}"
#define U "unknown: u: known after apply"
#define V "unknown: v: no default"
#define UV "unknown: u: known after apply; v: no default"
#define DIV "error: division by zero"

/* E is an error whose operand is no constant, so that nothing is refused while compiling. */
#define E "1 / (view.a - 1) == 0"

struct row {
    const char *what, *want;
};

static const struct row rows[] = {
    /* && : false > unknown > error > true */
    {"true && true", "true"},
    {"true && false", "false"},
    {"u && true", U},
    {"true && u", U},
    {"u && false", "false"},
    {"false && u", "false"},
    {"u && v", UV},
    {"u && u", U},
    {"u && " E, U},
    {E " && u", U},
    {E " && true", DIV},
    {"true && " E, DIV},
    {E " && false", "false"},
    {"false && " E, "false"},
    {"u && " E " && false", "false"},
    {E " && u && false", "false"},
    {E " && u && true", U},
    /* || : true > unknown > error > false */
    {"u || true", "true"},
    {"true || u", "true"},
    {"u || false", U},
    {"false || u", U},
    {"u || v", UV},
    {"u || " E, U},
    {E " || u", U},
    {E " || false", DIV},
    {E " || true", "true"},
    {"true || " E, "true"},
    {E " || u || true", "true"},
    /* operands of another type are errors that may be absorbed */
    {"view.a && false", "false"},
    {"view.a || true", "true"},
    {"view.a && true", "error: no such overload: _&&_(int)"},
    {"view.a && u", U},
    /* ! and ?: */
    {"!u", U},
    {"u ? 1 : 2", U},
    {"true ? u : 1", U},
    {"false ? u : 1", "1"},
    {E " ? u : 1", DIV},
    /* strict operations: unknown beats error */
    {"u == 1", U},
    {"u + v", UV},
    {"u + 1 / (view.a - 1)", U},
    {"1 / (view.a - 1) + u", U},
    {"[1, u].size()", U},
    {"{'k': u}.k", U},
    {"-u", U},
    {"u in [1]", U},
    {"size(u)", U},
    {"u.startsWith('a')", U},
    {"'%s'.format([u])", U},
    {"string(u)", U},
    /* fields and items */
    {"view.gap", "unknown: view.gap: known after apply"},
    {"view.gap.deeper", "unknown: view.gap: known after apply"},
    {"view['gap'] == 1", "unknown: view['gap']: known after apply"},
    {"has(view.gap)", "unknown: view.gap: known after apply"},
    {"has(view.gap.deeper)", "unknown: view.gap: known after apply"},
    {"has(view.none)", "false"},
    {"'gap' in view", "true"},
    {"view.?gap.hasValue()", "unknown: view.?gap: known after apply"},
    {"view.?none.orValue(u)", U},
    {"view.?a.orValue(u)", "1"},
    {"u.?x.orValue(1)", U},
    {"size(view)", "4"},
    {"view == {'a': 2}", "false"},
    {"view == view", "unknown: view == view: known after apply"},
    {"view != {'a': 1, 'list': [1, 2], 'map': {'k': 2}, 'gap': 1}", "true"},
    {"view == {'a': 2, 'list': [1, 2], 'map': {'k': 1}, 'gap': 1}", "false"},
    /* macros: all and exists absorb, the others do not */
    {"[1, 2].all(x, x == u)", U},
    {"[1, 2].all(x, x > 1 && u)", "false"},
    {"[1, 2].all(x, x == 2 || u)", U},
    {"[2, 1].exists(x, x == 1 || u)", "true"},
    {"[1, 2].exists(x, x == 3 && u)", "false"},
    {"[1, 2].exists(x, u)", U},
    {"[1, 0].exists(x, 1 / x == 5 || u)", U},
    {"[1, 0].all(x, 1 / x == 5)", "false"},
    {"[1, 2].exists_one(x, u)", U},
    {"[1, 0].exists_one(x, 1 / x == 1 && u)", U},
    {"[1, 2].map(x, u)", U},
    {"[1, 2].filter(x, u)", U},
    {"u.all(x, true)", U},
    {"u.map(x, 1)", U},
    {"[].all(x, u)", "true"},
    {"cel.bind(x, u, true || x)", "true"},
    {"cel.bind(x, u, x)", U},
    {"view.map(k, view[k] == 1)", "unknown: view[k]: known after apply"},
    {"view.exists(k, k == 'gap')", "true"},
    {"view.all(k, v, v != 7)", "unknown: view: known after apply"},
    {"view.exists(k, v, v == 1)", "true"},
};

CASES(policies_cel, unknown_is_a_third_value, rows)
{
    const struct row *c = &rows[*case_index];
    struct cel_fixture f;
    const char *got;

    cel_fixture_init(&f, DOC);
    got = cel_outcome(&f, c->what, true);
    cr_expect_str_eq(got, c->want, "%s: got '%s', want '%s'", c->what, got, c->want);
    arena_release(&f.arena);
}

/* An unknown item of a list is named by its place. */
Test(policies_cel, unknown_items_are_named)
{
    struct cel_fixture f;
    struct value_builder b;
    const char *got;

    cel_fixture_init(&f, "{}");
    value_list_begin(&b, &f.arena);
    value_list_add(&b, value_int(&f.arena, 1, NULL));
    value_list_add(&b, value_unknown(&f.arena, "known after apply", NULL, 0, NULL));
    f.bindings[0].value = value_list_end(&b, NULL);
    got = cel_outcome(&f, "view.all(s, s != 'x')", false);
    cr_expect_str_eq(got, "unknown: view[1]: known after apply", "got '%s'", got);
    got = cel_outcome(&f, "1 in view", false);
    cr_expect_str_eq(got, "true", "got '%s'", got);
    got = cel_outcome(&f, "7 in view", false);
    cr_expect_str_eq(got, "unknown: 7 in view: known after apply", "got '%s'", got);
    got = cel_outcome(&f, "view.size() == 2 && view[0] == 1", false);
    cr_expect_str_eq(got, "true", "got '%s'", got);
    got = cel_outcome(&f, "view.sort()", false);
    cr_expect_str_eq(got, "unknown: view.sort(): known after apply", "got '%s'", got);
    got = cel_outcome(&f, "view.filter(s, true)", false);
    cr_expect_str_eq(got, "unknown: view[1]: known after apply", "got '%s'", got);
    got = cel_outcome(&f, "sets.contains(view, [1])", false);
    cr_expect_str_eq(got, "true", "got '%s'", got);
    arena_release(&f.arena);
}
