/* What is refused while compiling: the text and the place. */
#include "tests/unit/policies_cel_support.h"

#include "base/limits.h"

struct row {
    const char *what, *want;
    uint64_t offset;
};

static const struct row rows[] = {
    {"", "the expression ends where a value should be", 0},
    {"1 +", "the expression ends where a value should be", 3},
    {"1 2", "found '2' where an operator or the end should be", 2},
    {"(1", "the expression ends where ')' should be", 2},
    {"[1, 2", "the expression ends where ',' or ']' should be", 5},
    {"{1: 2", "the expression ends where ',' or '}' should be", 5},
    {"{1 2}", "found '2' where ':' should be", 3},
    {"size(1,)", "found ')' where an argument should be", 7},
    {"'abc", "the string is not closed", 0},
    {"'''abc''", "the string is not closed", 0},
    {"'a\nb'", "the string is not closed", 0},
    {"'\\q'",
     "this is no escape of a string: allowed are \\xHH, \\OOO, \\uHHHH, \\UHHHHHHHH and \\ ? \" ' "
     "` a b f n r t v",
     1},
    {"b'\\u0041'",
     "this is no escape of a bytes literal: allowed are \\xHH, \\OOO and \\ ? \" ' ` a b f n r t v",
     2},
    {"'\\uD83D'", "the escape names no Unicode character", 1},
    {"'\\U00110000'", "the escape names no Unicode character", 1},
    {"`a`", "found 'a' where a value should be", 0},
    {"view.`a", "the quoted name is not closed", 5},
    {"0x", "0x without a hexadecimal digit", 0},
    {"1a", "a number runs into 'a'", 1},
    {"9223372036854775808", "the number is too large for an int", 0},
    {"18446744073709551616u", "the number is too large for a uint", 0},
    {"1e999", "the number is too large for a double", 0},
    {"view = 1", "'=' is no operator; '==' is", 5},
    {"view & 1", "'&' is no operator; '&&' is", 5},
    {"view # 1", "'#' is no part of the language", 5},
    {"view \xc3\xa9", "the byte 0xc3 is no part of the language here", 5},
    {"'\xff'", "the expression is no UTF-8", 1},
    {"while", "'while' is a reserved word", 0},
    {"view.in", "found 'in' where a field name should be", 5},
    {"Foo{a: 1}", "protocol buffer messages are not supported", 3},
    {"nope + 1", "unknown name 'nope'; known are view, u, v, now", 0},
    {"[1].map(x, y)", "unknown name 'y'; known are view, u, v, now", 11},
    {"nope(1)", "unknown function 'nope'", 0},
    {"view.a.nope()", "unknown function 'nope'", 7},
    {"matches('a')", "'matches' takes 2 arguments here, found 1", 0},
    {"'a'.contains()", "'contains' takes 1 arguments here, found 0", 4},
    {"'a'.substring(1, 2, 3)", "'substring' takes 1 to 2 arguments here, found 3", 4},
    {"contains('a', 'b')", "'contains' is a method: write it as x.f()", 0},
    {"1.timestamp()", "'timestamp' is a function: write it as f(x)", 2},
    {"has(view)", "has() needs a field: has(a.b)", 4},
    {"has(view.?a)", "has() needs a field: has(a.b)", 4},
    {"[1].all(1, true)", "the variable of a macro must be a plain name", 8},
    {"[1].all(x.y, true)", "the variable of a macro must be a plain name", 8},
    {"[1].all(x, x, true)", "both variables have the same name", 11},
    {"view.c", "the view has no field 'c'; it declares a, b", 5},
    {"has(view.c)", "the view has no field 'c'; it declares a, b", 9},
    {"view['c']", "the view has no field 'c'; it declares a, b", 4},
    {"view.?c.orValue(1)", "the view has no field 'c'; it declares a, b", 6},
    {"1 + 'a'", "no such overload: _+_(int, string)", 0},
    {"view.a == 1 && 1 + 'a' == 2", "no such overload: _+_(int, string)", 15},
    {"view.a && 'x'", "a condition must be a bool; this is a constant string", 10},
    {"1 ? 2 : 3", "a condition must be a bool; this is a constant int", 0},
    {"!1", "no such overload: !_(int)", 0},
    {"1 / 0", "division by zero", 0},
    {"[1][3]", "index 3 is outside a list of 1", 0},
    {"{'a': 1}.b", "no such key: b", 0},
    {"timestamp('soon') < now", "'soon' is no timestamp (RFC 3339, years 1-9999)", 0},
    {"view.a == duration('1 h')", "'1 h' is no duration (like 1h30m or -1.5s)", 10},
    {"view.a.matches('(')",
     "the regular expression has a group without ')' (byte 0 of the pattern)", 15},
    {"{1: 1, 1u: 2}", "the map has two keys that are equal", 0},
    {"{1.5: 1}", "a value of type double may not be a map key", 0},
};

CASES(policies_cel, refuses_what_is_wrong, rows)
{
    static const char *const fields[] = {"a", "b", NULL};
    const struct cel_env env = {.variables = cel_variables, .view_fields = fields};
    const struct row *c = &rows[*case_index];
    struct cel_fixture f;

    cel_fixture_init(&f, "{}");
    cr_expect(!cel_fixture_compile(&f, c->what, strlen(c->what), &env), "%s", c->what);
    cr_expect_str_eq(f.err.text, c->want, "%s: got '%s'", c->what, f.err.text);
    cr_expect_eq(f.err.offset, c->offset, "%s: at %llu", c->what, (unsigned long long)f.err.offset);
    arena_release(&f.arena);
}

/* An error that || or ?: may absorb is left to the evaluation. */
Test(policies_cel, keeps_errors_that_may_be_absorbed)
{
    struct cel_fixture f;

    cel_fixture_init(&f, "{\"a\": 1}");
    cr_expect_str_eq(cel_outcome(&f, "true || 1 / 0 == 1", false), "true");
    cr_expect_str_eq(cel_outcome(&f, "view.a == 1 ? 5 : 1 / 0", false), "5");
    cr_expect_str_eq(cel_outcome(&f, "view.a == 2 || 1 / 0 == 1", false),
                     "error: division by zero");
    cr_expect_str_eq(cel_outcome(&f, "dyn('a') && false", false), "false");
    arena_release(&f.arena);
}

/* `open` n times, a 1, `close` n times. */
static bool compiles_nested(const char *open, const char *close, size_t n, struct err *e)
{
    const struct cel_env env = {.variables = cel_variables};
    const size_t size = strlen(open) * n + 1 + strlen(close) * n;
    const struct cel_program *p;
    struct arena a;
    char *text = malloc(size + 1), *at = text;
    bool ok;

    arena_init(&a);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, open);
    at = stpcpy(at, "1");
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, close);
    ok = cel_compile((struct slice){(uint8_t *)text, size}, &env, &a, &p, e);
    free(text);
    arena_release(&a);
    return ok;
}

struct nest {
    const char *what, *close;
    size_t levels; /* that may be nested */
};

static const struct nest nests[] = {
    {"(", ")", LIMIT_CEL_DEPTH - 1},
    {"[", "]", LIMIT_CEL_DEPTH - 1},
    {"{1: ", "}", LIMIT_CEL_DEPTH - 1},
    {"dyn(", ")", LIMIT_CEL_DEPTH - 1},
    {"- ", "", LIMIT_CEL_DEPTH},
    {"", " + 1", LIMIT_CEL_DEPTH - 1},
    {"true ? 1 : ", "", LIMIT_CEL_DEPTH - 1},
};

CASES(policies_cel, stops_at_the_depth, nests)
{
    const struct nest *c = &nests[*case_index];
    struct err e = {0};

    cr_expect(compiles_nested(c->what, c->close, c->levels, &e), "%s %s: %s", c->what, c->close,
              e.text);
    err_clear(&e);
    cr_expect(!compiles_nested(c->what, c->close, c->levels + 1, &e), "%s %s", c->what, c->close);
    cr_expect_eq(e.code, ERR_LIMIT, "%s %s: %s", c->what, c->close, e.text);
    cr_expect_str_eq(e.text, "the expression has more than 250 levels (LIMIT_CEL_DEPTH)");
}

Test(policies_cel, stops_at_the_size)
{
    const struct cel_env env = {.variables = cel_variables};
    char *text = malloc(LIMIT_CEL_BYTES + 1);
    const struct cel_program *p;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    memset(text, ' ', LIMIT_CEL_BYTES + 1);
    text[0] = '1';
    cr_expect(cel_compile((struct slice){(uint8_t *)text, LIMIT_CEL_BYTES}, &env, &a, &p, &e), "%s",
              e.text);
    cr_expect(!cel_compile((struct slice){(uint8_t *)text, LIMIT_CEL_BYTES + 1}, &env, &a, &p, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect(strstr(e.text, "LIMIT_CEL_BYTES") != NULL, "%s", e.text);
    free(text);
    arena_release(&a);
}

/* Long chains of one operator are not deep. */
Test(policies_cel, long_chains_are_flat)
{
    const struct cel_env env = {.variables = cel_variables};
    const struct cel_program *p;
    struct err e = {0};
    struct arena a;
    char text[9000] = "true", *at = text + 4;

    arena_init(&a);
    for (int i = 0; i < 1000; i++)
        at = stpcpy(at, i % 2 == 0 ? " && u" : " && v");
    cr_expect(cel_compile(slice_str(text), &env, &a, &p, &e), "%s", e.text);
    arena_release(&a);
}
