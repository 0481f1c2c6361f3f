/* Functions that rules add. */
#include "tests/unit/policies_cel_support.h"

#include "policies/cel/cel_value.h"

static bool twice(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    if (c->args[0].kind != CEL_INT)
        return err_fail(e, ERR_USAGE, "wants an int");
    *out = cel_value_int(c->args[0].as.integer * *(const int *)c->host);
    return true;
}

static bool is_gap(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    const struct value_gap *gap = cel_value_gap(c->args[0]);

    (void)e;
    *out = cel_value_string(gap != NULL ? gap->why : SLICE_LIT("known"));
    return true;
}

static bool cannot_tell(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    (void)e;
    *out = cel_value_unknown(c->arena, "not in this plan");
    return true;
}

static bool data(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct value_builder b;

    (void)e;
    value_map_begin(&b, c->arena);
    value_map_add(&b, "n", value_int(c->arena, (int64_t)c->nargs, NULL));
    value_map_add(&b, "gap", value_unknown(c->arena, "later", NULL, 0, NULL));
    *out = cel_value_of(value_map_end(&b, NULL));
    return true;
}

static bool greedy(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    (void)e;
    (void)arena_alloc(c->arena, 100u << 20);
    *out = cel_value_bool(true);
    return true;
}

static const struct cel_function functions[] = {
    {"math.twice", 1, 1, false, twice}, {"twice", 1, 1, false, twice},
    {"is_gap", 1, 1, true, is_gap},     {"cannot_tell", 0, 1, false, cannot_tell},
    {"data", 0, 3, false, data},        {"greedy", 0, 0, false, greedy},
    {NULL, 0, 0, false, NULL},
};

struct row {
    const char *what, *want;
};

static const struct row rows[] = {
    {"twice(21)", "42"},
    {"math.twice(21) + math.abs(-1)", "43"},
    {"view.n.twice()", "2"},
    {"twice('a')", "error: twice: wants an int"},
    {"twice('a') == 1 || true", "true"},
    {"twice(u)", "unknown: u: known after apply"},
    {"twice(1, 2)", "refused: 'twice' takes 1 arguments here, found 2"},
    {"is_gap(u)", "\"known after apply\""},
    {"is_gap(view.gap)", "\"known after apply\""},
    {"is_gap(1)", "\"known\""},
    {"is_gap(view.none)", "error: no such key: none"},
    {"cannot_tell() || true", "true"},
    {"cannot_tell() == 1", "unknown: cannot_tell(): not in this plan"},
    {"data(1, 2).n", "2"},
    {"data().gap == 1", "unknown: data().gap: later"},
    {"greedy() || true", "error: the evaluation built too much data (LIMIT_CEL_MEMORY)"},
    {"[1, 2].map(x, twice(x))", "[2,4]"},
};

CASES(policies_cel, host_functions, rows)
{
    const struct cel_env env = {.variables = cel_variables, .functions = functions};
    const struct row *c = &rows[*case_index];
    struct cel_fixture f;
    struct cel_result r;
    const char *got;
    int factor = 2;

    cel_fixture_init(&f, "{\"n\": 1}");
    f.act.host = &factor;
    if (!cel_fixture_compile(&f, c->what, strlen(c->what), &env)) {
        got = arena_printf(&f.arena, "refused: %s", f.err.text);
    } else {
        cel_eval(f.program, &f.act, &f.arena, &r);
        got = r.status == CEL_VALUE
                  ? cel_json(&f.arena, r.value)
                  : arena_printf(&f.arena, "%s: %s", r.status == CEL_ERROR ? "error" : "unknown",
                                 r.why);
    }
    cr_expect_str_eq(got, c->want, "%s: got '%s', want '%s'", c->what, got, c->want);
    arena_release(&f.arena);
}
