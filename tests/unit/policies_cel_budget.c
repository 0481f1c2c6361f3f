/* Budgets: what runs away ends as an error that names the cap, and no operator hides it. */
#include "tests/unit/policies_cel_support.h"

#include "base/limits.h"

#define STEPS "error: the evaluation took too many steps (LIMIT_CEL_STEPS)"
#define MEMORY "error: the evaluation built too much data (LIMIT_CEL_MEMORY)"
#define RANGE(n) "lists.range(view.n * " #n ")"

struct row {
    const char *what, *want;
};

#define LOOPS "cel.bind(l, lists.range(view.n * 1000), l.all(a, l.all(b, l.all(c, true))))"

static const struct row rows[] = {
    {LOOPS, STEPS},
    {LOOPS " || true", STEPS},
    {"true && !(" LOOPS " && false)", STEPS},
    {LOOPS " ? 1 : 2", STEPS},
    {"[" LOOPS "].size() == 1 || true", STEPS},
    {RANGE(3000) ".exists(a, " RANGE(3000) ".exists(b, a < b && false))", STEPS},
    {RANGE(3000) ".exists(a, [1, 2].exists(b, 1 / (a - a) == 9))", "error: division by zero"},
    {RANGE(2000000) ".size() > 0 || true", "true"},
    {RANGE(9000000) ".size() > 0", MEMORY},
    {RANGE(9000000) ".size() > 0 || true", MEMORY},
    {RANGE(20000000) ".size() > 0 || true", STEPS},
    {RANGE(1000) ".map(a, " RANGE(8000) ").size() > 0 || true", MEMORY},
    {"cel.bind(s, " RANGE(1000000) ".map(i, 'xxxxxxxxxxxxxxxx').join(), s + s + s + s + s)",
     MEMORY},
    {"cel.bind(s, " RANGE(100000) ".map(i, 'x').join(), s.replace('', s))", MEMORY},
    {"cel.bind(l, " RANGE(30000) ", l == l && l.all(x, x in l))", STEPS},
    {"cel.bind(s, " RANGE(1000000) ".map(i, 'a').join(), s.matches('(a*){100}b'))", STEPS},
    {"cel.bind(s, " RANGE(4000) ".map(i, 'a').join(), s.matches('(a|aa)+$'))", "true"},
    {"cel.bind(l, " RANGE(20000) ", l.distinct().size())", STEPS},
    {"'%s'.format([" RANGE(3000000) "]).size() > 0", MEMORY},
    {"{'k': " RANGE(100000) ".transformMap(i, v, v)}.k.size()", "100000"},
};

CASES(policies_cel, budgets_hold, rows)
{
    const struct row *c = &rows[*case_index];
    struct cel_fixture f;
    const char *got;

    cel_fixture_init(&f, "{\"n\": 1}");
    got = cel_outcome(&f, c->what, false);
    cr_expect_str_eq(got, c->want, "%s: got '%s', want '%s'", c->what, got, c->want);
    cr_expect_leq(f.arena.used, 2u * LIMIT_CEL_MEMORY, "%s: %zu bytes", c->what, f.arena.used);
    arena_release(&f.arena);
}

/* Doubling a constant while compiling stops early; the evaluation decides then. */
Test(policies_cel, constants_do_not_grow_while_compiling)
{
    struct cel_fixture f;
    char text[4096] = "'0123456789abcdef'", *at = text + 18;

    cel_fixture_init(&f, "{}");
    for (int i = 0; i < 30; i++)
        at = stpcpy(at, ".replace('', '0123456789abcdef')");
    cr_expect_str_eq(cel_outcome(&f, text, false), MEMORY);
    cr_expect_leq(f.arena.used, 2u * LIMIT_CEL_MEMORY, "%zu bytes", f.arena.used);
    arena_release(&f.arena);
}

/* cel.block with n entries declares n variables at one place. */
static bool block_compiles(size_t n, struct err *e)
{
    const struct cel_env env = {.variables = cel_variables};
    const struct cel_program *p;
    struct arena a;
    char *text = malloc(n * 2 + 32), *at = stpcpy(text, "cel.block([1");
    bool ok;

    arena_init(&a);
    for (size_t i = 1; i < n; i++)
        at = stpcpy(at, ",1");
    stpcpy(at, "], 2)");
    ok = cel_compile(slice_str(text), &env, &a, &p, e);
    free(text);
    arena_release(&a);
    return ok;
}

Test(policies_cel, locals_are_capped)
{
    struct err e = {0};

    cr_expect(block_compiles(LIMIT_CEL_LOCALS, &e), "%s", e.text);
    cr_expect(!block_compiles(LIMIT_CEL_LOCALS + 1, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect(strstr(e.text, "LIMIT_CEL_LOCALS") != NULL, "%s", e.text);
}
