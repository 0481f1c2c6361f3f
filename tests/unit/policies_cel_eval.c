/* Values and evaluation errors, beyond what the conformance tests of cel-spec hold
 * (tests/lib/cel_conformance.c runs those). */
#include "tests/unit/policies_cel_support.h"

#define DOC                                                                                        \
    "{\"a\": \"x\", \"n\": 5, \"d\": 2.5, \"list\": [3, 1, 2], \"map\": {\"k-1\": {\"z\": true}}," \
    " \"nul\": null, \"text\": \"h\\u00e9llo\"}"

struct row {
    const char *what, *want;
};

static const struct row rows[] = {
    {"view.a == 'x' && view.n > 3", "true"},
    {"view.n + 1", "6"}, /* deviation: a JSON integer is an int */
    {"view.d + 1", "error: no such overload: _+_(double, int)"},
    {"view.n == 5.0 && view.n == 5u", "true"},
    {"type(view.n) == int && type(view.d) == double", "true"},
    {"view.list[1]", "1"},
    {"view.list[3]", "error: index 3 is outside a list of 3"},
    {"view.list[-1]", "error: index -1 is outside a list of 3"},
    {"view.map.`k-1`.z", "true"},
    {"view.map['k-1'].z", "true"},
    {"view.none", "error: no such key: none"},
    {"view.a.b", "error: no such key: a value of type string has no fields"},
    {"has(view.nul) && view.nul == null", "true"},
    {"has(view.a.b)", "error: has() asks a value of type string for a field"},
    {"view.?map.?nope.?z.hasValue()", "false"},
    {"view.?map[?'k-1'].z.orValue(false)", "true"},
    {"optional.of(1).or(optional.of(1 / (view.n - 5))).value()", "1"},
    {"optional.none().value()", "refused: value() of optional.none()"},
    {"[?view.?a, ?view.?none]", "[\"x\"]"},
    {"[?1]", "refused: found int behind ? where an optional should be"},
    {"size(view.text)", "5"},
    {"view.text.substring(1, 2)", "\"\xc3\xa9\""},
    {"view.text.indexOf('l', 3)", "3"},
    {"view.text.reverse()", "\"oll\xc3\xa9h\""},
    {"'a\\x41\\u00e9\\101' + r'\\n'", "\"aA\xc3\xa9"
                                      "A\\\\n\""},
    {"b'\\xff\\101'", "\"/0E=\""},
    {"string(b'\\xff')", "refused: the bytes are no UTF-8 (byte 0)"},
    {"9223372036854775807 + view.n", "error: int overflow"},
    {"-9223372036854775808 - view.n", "error: int overflow"},
    {"(-9223372036854775807 - 1) / (view.n - 6)", "error: int overflow"},
    {"(-9223372036854775807 - 1) % (view.n - 6)", "error: int overflow"},
    {"view.n % (view.n - 5)", "error: modulus by zero"},
    {"view.d / 0.0 > 1e308", "true"},
    {"0.0 / 0.0 == 0.0 / 0.0", "false"},
    {"[1, 2] == [1.0, 2u]", "true"},
    {"{1: 'a'}[1u] + {1u: 'b'}[1.0]", "\"ab\""},
    {"9007199254740993 == 9007199254740992.0", "false"},
    {"9007199254740993 > 9007199254740992.0", "true"},
    {"9223372036854775807 < 9223372036854775808.0", "true"},
    {"18446744073709551615u > -1 && 0u > -1.5", "true"},
    {"-1 in {18446744073709551615u: 1}", "false"},
    {"int(9223372036854775807.0)", "refused: the value does not fit an int"},
    {"uint(-0.5)", "refused: the value does not fit a uint"},
    {"int('12x')", "refused: '12x' is no int"},
    {"double('1e400')", "refused: '1e400' is no double"},
    {"[3, 1, 2].sort()", "[1,2,3]"},
    {"[1, 'a'].sort()", "refused: no such overload: sort(int, string)"},
    {"['b', 'a'].sortBy(x, x)", "[\"a\",\"b\"]"},
    {"[[1, 1], [0, 2], [1, 0]].sortBy(x, x[0])", "[[0,2],[1,1],[1,0]]"},
    {"lists.range(4).map(i, i * i)", "[0,1,4,9]"},
    {"[1, [2, [3]]].flatten()", "[1,2,[3]]"},
    {"[1, 1.0, 2u, 2, 'a'].distinct()", "[1,2,\"a\"]"},
    {"[1, 2, 3].slice(1, 4)", "refused: slice(1, 4) of a list of 3 items is out of range"},
    {"[].sum() + [1, 2].sum() + [1, 5, 2].max()", "8"},
    {"[].max()", "refused: max() of an empty list"},
    {"[2, 2, 1].indexOf(2) == 0 && [2, 2, 1].lastIndexOf(2) == 1", "true"},
    {"[1, 2].first().value() + [1, 2].last().value()", "3"},
    {"sets.equivalent([1, 2, 2], [2u, 1.0]) && sets.intersects([1], [2, 1])", "true"},
    {"'a,b,,c'.split(',')", "[\"a\",\"b\",\"\",\"c\"]"},
    {"'abc'.split('')", "[\"a\",\"b\",\"c\"]"},
    {"'abc'.replace('', '-')", "\"-a-b-c-\""},
    {"'aaa'.replace('a', 'b', 2)", "\"bba\""},
    {"'%d|%s|%.2f|%x|%X|%o|%b|%e|%%'.format([1, [1, 'a'], 1.5, 255, 'hi', 8, 5, 12345.0])",
     "\"1|[1, a]|1.50|ff|6869|10|101|1.234500e+04|%\""},
    {"'%s'.format([1, 2])", "\"1\""},
    {"'%d'.format([view.a])", "error: error during formatting: decimal clause can only be used on "
                              "numbers, was given string"},
    {"'%s %s'.format([1])",
     "refused: index 1 out of range: the format has more clauses than values"},
    {"'%.9999f'.format([1.0])", "refused: the precision must be a number up to 300"},
    {"'%'.format([])", "refused: the format has an unrecognized clause at byte 0"},
    {"'x'.format(view.a)", "error: no such overload: format(string, string)"},
    {"string(1.5e-7) + ' ' + string(1e21) + ' ' + string(123456789.125) + ' ' + string(-0.0)",
     "\"1.5e-07 1e+21 123456789.125 -0\""},
    {"now", "\"2001-09-09T01:46:40Z\""},
    {"now - duration('1h') < now && now.getFullYear('-12:00') == 2001", "true"},
    {"timestamp('2024-02-29T23:59:59.5+01:00')", "\"2024-02-29T22:59:59.5Z\""},
    {"timestamp('2023-02-29T00:00:00Z')",
     "refused: '2023-02-29T00:00:00Z' is no timestamp (RFC 3339, years 1-9999)"},
    {"timestamp('2024-12-30T00:00:00Z').getDayOfYear()", "364"},
    {"timestamp('0001-01-01T00:00:00Z').getDayOfWeek()", "1"},
    {"duration('-1.5h') == duration('-5400s')", "true"},
    {"duration('9223372037s')", "refused: '9223372037s' is no duration (like 1h30m or -1.5s)"},
    {"duration('1h1m1.001s')", "\"3661.001s\""},
    {"cidr('10.0.0.0/8').containsIP('::ffff:a01:203')", "true"},
    {"string(ip('2001:db8:0:0:1:0:0:1'))", "\"2001:db8::1:0:0:1\""},
    {"isIP('1.2.3.04') || isIP('1:2:3:4:5:6:7:8:9') || isIP('::1::') || isIP('1.2.3')", "false"},
    {"isCIDR('10.0.0.0/33') || isCIDR('10.0.0.0/08')", "false"},
    {"'10.0.0.1'.matches('10.0') && 'xay'.find('a.') == 'ay'", "true"},
    {"'a1b22'.findAll('[0-9]+')", "[\"1\",\"22\"]"},
    {"view.a.matches(view.a + '(')",
     "error: the regular expression has a group without ')' (byte 1 of the pattern)"},
    {"[1, 2].map(x, [10, 20].map(y, x * y))", "[[10,20],[20,40]]"},
    {"[1].map(view, view + 1)", "[2]"},
    {"[1].exists(view, .view.n == 5)", "true"},
    {"{'a': 1, 'b': 2}.transformMapEntry(k, v, {v: k})", "{\"1\":\"a\",\"2\":\"b\"}"},
    {"['a', 'a'].transformMapEntry(i, v, {v: i})", "error: the map has two keys that are equal"},
    {"{1: 'a', '1': 'b'}", "error: two keys of a map are the same as text"},
    {"18446744073709551615u", "\"18446744073709551615\""},
    {"[type(1), type(now), optional.of(2), optional.none()]",
     "[\"int\",\"google.protobuf.Timestamp\",2,null]"},
    {"true ? 1 : view.none", "1"},
    {"view.n > 4 ? 'y' : view.none", "\"y\""},
    {"[1, 2, 3].exists_one(x, x > 1 / (view.n - 5))", "error: division by zero"},
    {"1 // comment\n + 1", "2"},
    {"- 5 - -5 + --5", "5"},
    {"!!true && 1 < 2 == true", "true"},
    {"2 - 1 - 1 + 6 / 3 * 2", "4"},
};

CASES(policies_cel, evaluates, rows)
{
    const struct row *c = &rows[*case_index];
    struct cel_fixture f;
    const char *got;

    cel_fixture_init(&f, DOC);
    got = cel_outcome(&f, c->what, false);
    cr_expect_str_eq(got, c->want, "%s: got '%s', want '%s'", c->what, got, c->want);
    arena_release(&f.arena);
}

Test(policies_cel, an_error_names_its_place)
{
    const struct cel_env env = {.variables = cel_variables};
    const char *text = "true && view.list[7] == 1";
    struct cel_fixture f;
    struct cel_result r;

    cel_fixture_init(&f, DOC);
    cr_assert(cel_fixture_compile(&f, text, strlen(text), &env));
    cel_eval(f.program, &f.act, &f.arena, &r);
    cr_expect_eq(r.status, CEL_ERROR);
    cr_expect_eq(r.error_at, 8, "at %u", r.error_at);
    arena_release(&f.arena);
}

Test(policies_cel, a_variable_without_a_binding_is_an_error)
{
    struct cel_fixture f;

    cel_fixture_init(&f, DOC);
    f.act.nbindings = 1;
    cr_expect_str_eq(cel_outcome(&f, "u", false), "error: nothing is bound to the variable 'u'");
    cr_expect_str_eq(cel_outcome(&f, "u || true", false), "true");
    arena_release(&f.arena);
}

/* More variables and locals than the machine holds without memory. */
Test(policies_cel, many_variables)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                        "j", "k", "l", "m", "n", "o", "p", NULL};
    const struct cel_env env = {.variables = names};
    const char *text = "a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p + cel.block([1,2,3,4,5,6,7,8,9,10,11,12,13,"
                       "14], cel.index(13) + cel.index(0))";
    struct cel_binding bindings[16];
    struct cel_fixture f;
    struct cel_result r;

    cel_fixture_init(&f, DOC);
    for (size_t i = 0; i < 16; i++)
        bindings[i] = (struct cel_binding){names[i], value_int(&f.arena, (int64_t)i, NULL)};
    f.act = (struct cel_activation){.bindings = bindings, .nbindings = 16};
    cr_assert(cel_fixture_compile(&f, text, strlen(text), &env));
    cel_eval(f.program, &f.act, &f.arena, &r);
    cr_expect_eq(r.status, CEL_VALUE, "%s", r.why);
    cr_expect_eq(value_int_or(r.value, 0), 120 + 15);
    arena_release(&f.arena);
}
