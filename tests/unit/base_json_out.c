/* base/json_out.h */
#include "base/json_out.h"

#include <locale.h>
#include <math.h>

#include "base/json.h"
#include "tests/lib/cases.h"

static const char *text(struct buf *b)
{
    buf_u8(b, 0);
    return (const char *)b->data;
}

static void fill(struct json_out *o)
{
    json_out_object(o);
    json_out_kv_str(o, "s", "a\"b");
    json_out_kv_str(o, "none", NULL);
    json_out_kv_int(o, "i", INT64_MIN);
    json_out_kv_bool(o, "t", true);
    json_out_key(o, "list");
    json_out_array(o);
    json_out_uint(o, UINT64_MAX);
    json_out_null(o);
    json_out_array(o);
    json_out_end_array(o);
    json_out_object(o);
    json_out_end_object(o);
    json_out_end_array(o);
    json_out_end_object(o);
}

Test(json_out, compact)
{
    struct buf b;
    struct json_out o;

    buf_init(&b, 10000);
    json_out_init(&o, &b, JSON_COMPACT);
    fill(&o);
    cr_expect_str_eq(text(&b),
                     "{\"s\":\"a\\\"b\",\"none\":null,\"i\":-9223372036854775808,\"t\":true,"
                     "\"list\":[18446744073709551615,null,[],{}]}");
    buf_release(&b);
}

Test(json_out, pretty)
{
    struct buf b;
    struct json_out o;

    buf_init(&b, 10000);
    json_out_init(&o, &b, JSON_PRETTY);
    fill(&o);
    cr_expect_str_eq(text(&b), "{\n  \"s\": \"a\\\"b\",\n  \"none\": null,\n"
                               "  \"i\": -9223372036854775808,\n  \"t\": true,\n  \"list\": [\n"
                               "    18446744073709551615,\n    null,\n    [],\n    {}\n  ]\n}\n");
    buf_clear(&b);
    json_out_init(&o, &b, JSON_PRETTY);
    json_out_int(&o, 5);
    cr_expect_str_eq(text(&b), "5\n");
    buf_release(&b);
}

struct double_case {
    double v;
    const char *want;
};

static const struct double_case double_cases[] = {
    {0, "0.0"},
    {-0.0, "-0.0"},
    {1, "1.0"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {100, "100.0"},
    {123456.789, "123456.789"},
    {0.001, "0.001"},
    {0.00001, "0.00001"},
    {0.000001, "1e-6"},
    {1e15, "1000000000000000.0"},
    {1e16, "10000000000000000.0"},
    {1e17, "1e17"},
    {1.25e30, "1.25e30"},
    {5e-324, "5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e308"},
    {9007199254740993.0, "9007199254740992.0"},
    {0.30000000000000004, "0.30000000000000004"},
    {(double)NAN, "null"},
    {HUGE_VAL, "null"},
    {-HUGE_VAL, "null"},
};
CASES(json_out, doubles, double_cases)
{
    const struct double_case *c = &double_cases[*case_index];
    struct buf b;
    struct json_out o;

    buf_init(&b, 100);
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where there is such a locale, its comma must not show */
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_double(&o, c->v);
    cr_expect_str_eq(text(&b), c->want, "%s: got %s", c->want, (const char *)b.data);
    buf_release(&b);
}

/* Bit patterns from a fixed generator: what is written reads back as the very same double. */
Test(json_out, doubles_read_back)
{
    uint64_t x = 88172645463325252u;
    struct arena a;

    arena_init(&a);
    for (int i = 0; i < 20000; i++) {
        const struct value *v = NULL;
        struct err e = {0};
        struct json_out o;
        struct buf b;
        double d;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(&d, &x, sizeof(d));
        if (i % 2 == 0)
            d = (double)(int64_t)x / 1000;
        if (!isfinite(d))
            continue;
        buf_init(&b, 100);
        json_out_init(&o, &b, JSON_COMPACT);
        json_out_double(&o, d);
        cr_assert(json_read(buf_slice(&b), &a, &v, &e), "%a: %s", d, e.text);
        cr_assert(value_is(v, VALUE_DOUBLE), "%a", d);
        cr_assert_eq(memcmp(&v->as.real, &d, sizeof(d)), 0, "%a", d);
        buf_release(&b);
    }
    arena_release(&a);
}

Test(json_out, text_that_would_bite)
{
    struct buf b;
    struct json_out o;

    buf_init(&b, 1000);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_string(&o, SLICE_LIT("\"\\/\b\f\n\r\t\0\x1f\x7f\xc2\x9b\xe2\x80\xa8\xe2\x80\xae\xff<>"
                                  "\xf3\xa0\x81\x81\xf0\x9f\x98\x80\xc3\xa9"));
    cr_expect_str_eq(text(&b),
                     "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\u009b\\u2028\\u202e"
                     "\xef\xbf\xbd<>\\udb40\\udc41\xf0\x9f\x98\x80\xc3\xa9\"");
    buf_release(&b);
}

Test(json_out, data_cannot_pass_for_an_unknown)
{
    const struct slice refs[] = {SLICE_LIT("a.b")};
    struct value_builder m;
    struct json_out o;
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 1000);
    value_map_begin(&m, &a);
    value_map_add(&m, "$unknown", value_str(&a, "x"));
    value_map_add(&m, "$$", value_null(&a, NULL));
    value_map_add(&m, "real", value_unknown(&a, "known after apply", refs, 1, NULL));
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, value_map_end(&m, NULL));
    cr_expect_str_eq(text(&b), "{\"$$unknown\":\"x\",\"$$$\":null,\"real\":{\"$unknown\":"
                               "\"known after apply\",\"refs\":[\"a.b\"]}}");
    buf_clear(&b);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, NULL);
    cr_expect_str_eq(text(&b), "null");
    buf_release(&b);
    arena_release(&a);
}

Test(json_out, the_cap_is_told_at_the_end)
{
    struct json_out o;
    struct buf b;
    struct err e = {0};

    buf_init(&b, 20);
    json_out_init(&o, &b, JSON_COMPACT);
    fill(&o);
    cr_expect_not(buf_finish(&b, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    buf_release(&b);
}
