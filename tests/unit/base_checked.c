/* base/checked.h */
#include "base/checked.h"

#include <locale.h>

#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

Test(checked, arithmetic)
{
    uint64_t v = 7;

    cr_expect_not(checked_add(UINT64_MAX, 1, &v));
    cr_expect_not(checked_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &v));
    cr_expect_not(checked_sub(1, 2, &v));
    cr_expect_eq(v, 7, "untouched");
    cr_expect(checked_add(UINT64_MAX - 1, 1, &v) && v == UINT64_MAX);
    cr_expect(checked_mul(3, 4, &v) && v == 12);
    cr_expect(checked_sub(2, 2, &v) && v == 0);
}

struct u64_case {
    const char *text;
    uint64_t max;
    bool ok;
    uint64_t want;
};

static const struct u64_case u64_cases[] = {
    {"0", UINT64_MAX, true, 0},
    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", UINT64_MAX, false, 77},
    {"99999999999999999999999", UINT64_MAX, false, 77},
    {"000000000000000000000000012", 12, true, 12},
    {"12", 11, false, 77},
    {"", 9, false, 77},
    {" 1", 9, false, 77},
    {"1 ", 9, false, 77},
    {"+1", 9, false, 77},
    {"-1", 9, false, 77},
    {"1x", 9, false, 77},
};
CASES(checked, u64, u64_cases)
{
    const struct u64_case *c = &u64_cases[*case_index];
    const struct slice s = exact_str(c->text);
    uint64_t v = 77;

    cr_expect_eq(checked_u64(s, c->max, &v), c->ok, "%s", c->text);
    cr_expect_eq(v, c->want, "%s", c->text);
    exact_free(s);
}

struct i64_case {
    const char *text;
    bool ok;
    int64_t want;
};

static const struct i64_case i64_cases[] = {
    {"9223372036854775807", true, INT64_MAX},
    {"9223372036854775808", false, 77},
    {"-9223372036854775808", true, INT64_MIN},
    {"-9223372036854775809", false, 77},
    {"-0", true, 0},
    {"-", false, 77},
    {"--1", false, 77},
    {"", false, 77},
};
CASES(checked, i64, i64_cases)
{
    const struct i64_case *c = &i64_cases[*case_index];
    const struct slice s = exact_str(c->text);
    int64_t v = 77;

    cr_expect_eq(checked_i64(s, &v), c->ok, "%s", c->text);
    cr_expect_eq(v, c->want, "%s", c->text);
    exact_free(s);
}

struct hex_case {
    const char *text;
    size_t n;
    bool ok;
};

static const struct hex_case hex_cases[] = {
    {"00fFAb", 3, true}, {"", 0, true},    {"0", 0, false},   {"00", 2, false},
    {"0000", 1, false},  {"0g", 1, false}, {"0/", 1, false},  {"0:", 1, false},
    {"0@", 1, false},    {"`0", 1, false}, {"000", 1, false},
};
CASES(checked, hex, hex_cases)
{
    const struct hex_case *c = &hex_cases[*case_index];
    const struct slice s = exact_str(c->text);
    uint8_t out[4] = {77, 77, 77, 77};

    cr_expect_eq(checked_hex(s, out, c->n), c->ok, "%s", c->text);
    if (!c->ok || c->n == 0)
        cr_expect_eq(out[0], 77, "%s: untouched", c->text);
    else
        cr_expect(out[0] == 0 && out[1] == 0xff && out[2] == 0xab && out[3] == 77);
    exact_free(s);
}

struct double_case {
    const char *text;
    bool number, ok;
    double want;
};

static const struct double_case double_cases[] = {
    {"0", true, true, 0},
    {"-0.0", true, true, -0.0},
    {"1", true, true, 1},
    {"1.5", true, true, 1.5},
    {"0.1", true, true, 0.1},
    {"123456789.125e-3", true, true, 123456.789125},
    {"1e22", true, true, 1e22},
    {"1E+23", true, true, 1e23},
    {"9007199254740993", true, true, 9007199254740992.0},
    {"9007199254740993.0000000000000000000000000000000000000000000000000000001", true, true,
     9007199254740994.0},
    {"1.7976931348623157e308", true, true, 1.7976931348623157e308},
    {"1.7976931348623159e308", true, false, 77},
    {"1e400", true, false, 77},
    {"-1e400", true, false, 77},
    {"1e-400", true, true, 0},
    {"1e99999999999999999999", true, false, 77},
    {"0e99999999999999999999", true, true, 0},
    {"5e-324", true, true, 5e-324},
    {"2.2250738585072011e-308", true, true, 2.2250738585072011e-308},
    {"", false, false, 77},
    {"-", false, false, 77},
    {"01", false, false, 77},
    {"1.", false, false, 77},
    {".1", false, false, 77},
    {"1e", false, false, 77},
    {"1e+", false, false, 77},
    {"+1", false, false, 77},
    {"0x10", false, false, 77},
    {"1,5", false, false, 77},
    {"inf", false, false, 77},
    {"nan", false, false, 77},
    {"1 ", false, false, 77},
    {" 1", false, false, 77},
};
/* TEST-OF: RFC 8259 section 6 */
CASES(checked, doubles, double_cases)
{
    const struct double_case *c = &double_cases[*case_index];
    const struct slice s = exact_str(c->text);
    double v = 77;

    cr_expect_eq(checked_number(s), c->number, "%s", c->text);
    cr_expect_eq(checked_double(s, &v), c->ok, "%s", c->text);
    cr_expect_eq(memcmp(&v, &c->want, sizeof(v)), 0, "%s: got %.17g", c->text, v);
    exact_free(s);
}

/* The short way and the long way agree: 0-19 digits, a point anywhere, exponents around the border
 * of the short way. */
Test(checked, doubles_as_the_library_reads_them)
{
    uint64_t x = 88172645463325252u;

    for (int i = 0; i < 200000; i++) {
        char text[64], number[32];
        double v = 0, want;
        size_t n, point;
        int len;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        n = 1 + (size_t)(x >> 8) % 19;
        point = 1 + (size_t)(x >> 16) % n;
        snprintf(number, sizeof(number), "%020ju", (uintmax_t)x);
        number[0] = '1';
        len = snprintf(text, sizeof(text), "%s%.*s", x % 2 != 0 ? "-" : "", (int)point, number);
        if (point < n)
            len += snprintf(text + len, sizeof(text) - (size_t)len, ".%.*s", (int)(n - point),
                            number + point);
        if (x % 3 != 0)
            snprintf(text + len, sizeof(text) - (size_t)len, "e%d", (int)((x >> 24) % 60) - 30);
        want = strtod(text, NULL);
        cr_assert(checked_double(slice_str(text), &v), "%s", text);
        cr_assert_eq(memcmp(&v, &want, sizeof(v)), 0, "%s: %.17g, not %.17g", text, v, want);
    }
}

Test(checked, doubles_do_not_ask_the_locale)
{
    double v = 0;

    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL)
        cr_log_info("no such locale here");
    cr_expect(checked_double(SLICE_LIT("1.5"), &v));
    cr_expect_eq(v, 1.5);
}

Test(checked, doubles_of_any_length)
{
    const size_t n = 100000;
    char *text = malloc(n);
    double v = 0;

    memset(text, '0', n);
    text[0] = '1';
    text[1] = '.';
    text[n - 1] = '7';
    cr_expect(checked_double((struct slice){(const uint8_t *)text, n}, &v));
    cr_expect_eq(v, 1.0);
    free(text);
}
