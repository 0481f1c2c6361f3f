/* base/value.h and what finds its members */
#include "base/value.h"

#include <math.h>

#include "base/value_index.h"
#include "base/value_pool.h"
#include "tests/lib/cases.h"

static const struct value *sample(struct arena *a)
{
    const struct slice refs[] = {SLICE_LIT("aws_kms_key.data")};
    const struct value_at at = {.offset = 10, .line = 3};
    struct value_builder list, map;

    value_list_begin(&list, a);
    value_list_add(&list, value_null(a, NULL));
    value_list_add(&list, value_bool(a, true, &at));
    value_list_add(&list, value_int(a, -7, &at));
    value_list_add(&list, value_double(a, 1.5, &at));
    value_list_add(&list, value_string(a, SLICE_LIT("a\0b"), &at));
    value_map_begin(&map, a);
    value_map_add(&map, "list", value_list_end(&list, &at));
    value_map_add(&map, "gap", value_unknown(a, "known after apply", refs, 1, &at));
    value_map_add(&map, "a.b", value_int(a, 1, NULL));
    return value_map_end(&map, &at);
}

Test(value, reads_what_was_built)
{
    struct arena a;
    const struct value *v, *list;

    arena_init(&a);
    v = sample(&a);
    list = value_get(v, "list");
    cr_expect_eq(value_len(v), 3);
    cr_expect_eq(value_len(list), 5);
    cr_expect(value_is(value_item(list, 0), VALUE_NULL));
    cr_expect(value_true(value_item(list, 1)));
    cr_expect_eq(value_int_or(value_item(list, 2), 9), -7);
    cr_expect_eq(value_item(list, 3)->as.real, 1.5);
    cr_expect(slice_eq(value_text(value_item(list, 4)), SLICE_LIT("a\0b")));
    cr_expect_eq(value_item(list, 4)->as.text[3], 0);
    cr_expect_eq(list->line, 3);
    cr_expect_eq(list->offset, 10);
    cr_expect_eq(value_get(v, "a.b")->line, 0);
    cr_expect_null(value_item(list, 5));
    cr_expect_null(value_get(v, "nothing"));
    cr_expect_str_eq((const char *)value_get(v, "gap")->as.gap->why.data, "known after apply");
    cr_expect(slice_is(value_get(v, "gap")->as.gap->refs[0], "aws_kms_key.data"));
    arena_release(&a);
}

Test(value, readers_take_anything)
{
    struct arena a;
    const struct value *s;

    arena_init(&a);
    s = value_str(&a, "text");
    cr_expect_null(value_get(NULL, "x"));
    cr_expect_null(value_get(s, "x"));
    cr_expect_null(value_item(NULL, 0));
    cr_expect_null(value_item(s, 0));
    cr_expect_null(value_path(NULL, "a.b"));
    cr_expect_eq(value_text(NULL).len, 0);
    cr_expect_str_eq(value_cstr(NULL, "f"), "f");
    cr_expect_str_eq(value_cstr(s, "f"), "text");
    cr_expect_null(value_cstr(value_int(&a, 1, NULL), NULL));
    cr_expect_not(value_true(s));
    cr_expect_eq(value_int_or(s, 9), 9);
    cr_expect_eq(value_len(s), 0, "a string has no items");
    cr_expect_eq(value_len(NULL), 0);
    cr_expect_not(value_is(NULL, VALUE_NULL));
    cr_expect_not(value_eq(NULL, NULL));
    cr_expect_null(value_copy(NULL, &a));
    arena_release(&a);
}

Test(value, paths)
{
    struct arena a;
    const struct value *v;

    arena_init(&a);
    v = sample(&a);
    cr_expect_eq(value_path(v, "list.2"), value_item(value_get(v, "list"), 2));
    cr_expect_eq(value_path(v, "list"), value_get(v, "list"));
    cr_expect(value_is(value_path(v, "gap.any.thing"), VALUE_UNKNOWN), "a gap on the way");
    cr_expect_null(value_path(v, "list.5"));
    cr_expect_null(value_path(v, "list.-1"));
    cr_expect_null(value_path(v, "list.x"));
    cr_expect_null(value_path(v, "list.99999999999999999999999"));
    cr_expect_null(value_path(v, "list.2.x"));
    cr_expect_null(value_path(v, "a.b"), "a dot separates");
    cr_expect_null(value_path(v, ""));
    cr_expect_null(value_path(v, "list."));
    arena_release(&a);
}

/* Around the sizes at which the search changes its way. */
Test(value, maps_of_every_size)
{
    struct arena a;

    arena_init(&a);
    for (int n = 0; n < 300; n++) {
        struct value_builder b;
        const struct value *v;
        char key[64];

        value_map_begin(&b, &a);
        for (int i = 0; i < n; i++) {
            snprintf(key, sizeof(key), "%.*skey%d", i % 20, "xxxxxxxxxxxxxxxxxxxx", i);
            value_map_add(&b, key, value_int(&a, -1, NULL));
            value_map_add(&b, key, value_int(&a, i, NULL));
        }
        v = value_map_end(&b, NULL);
        cr_assert_eq(value_len(v), (size_t)n, "a key replaces");
        for (int i = 0; i < n; i++) {
            snprintf(key, sizeof(key), "%.*skey%d", i % 20, "xxxxxxxxxxxxxxxxxxxx", i);
            cr_assert_eq(value_int_or(value_get(v, key), -2), i, "%s of %d", key, n);
            cr_assert(slice_is(v->as.members[i].key, key), "in the order of the source");
        }
        cr_assert_null(value_get(v, "key"));
        cr_assert_null(value_get(v, ""));
    }
    arena_release(&a);
}

Test(value_index, names_the_later_of_two)
{
    struct arena a;

    arena_init(&a);
    for (size_t n = 2; n < 200; n += 7) {
        struct value_member *m = arena_alloc(&a, n * sizeof(*m) + value_index_bytes(n));
        size_t second = 0;

        for (size_t i = 0; i < n; i++)
            m[i].key = slice_str(arena_printf(&a, "%zu", i));
        memset(m + n, 0xff, value_index_bytes(n));
        cr_assert(value_index_build(m, n, &second), "%zu", n);
        m[n - 1].key = m[n / 2 - 1].key;
        cr_assert_not(value_index_build(m, n, &second), "%zu", n);
        cr_assert_eq(second, n - 1);
    }
    arena_release(&a);
}

/* Keys that share length, head and tail differ only where a cheap comparison does not look. */
Test(value_index, looks_at_every_byte)
{
    enum { N = 1000, LEN = 40 };
    struct arena a;
    struct value_member *m;
    size_t second;

    arena_init(&a);
    m = arena_alloc(&a, N * sizeof(*m) + value_index_bytes(N));
    for (size_t i = 0; i < N; i++) {
        char *key = arena_printf(&a, "head-of-the-key-%04zu-%019d", i, 0);

        m[i].key = (struct slice){(const uint8_t *)key, LEN};
    }
    cr_expect(value_index_build(m, N, &second));
    cr_expect(value_index_build(m, 16, &second));
    m[15].key = m[3].key;
    cr_expect_not(value_index_build(m, 16, &second) || second != 15);
    arena_release(&a);
}

Test(value, equality)
{
    struct arena a;
    const struct value *one, *v, *w;
    struct value_builder b;

    arena_init(&a);
    one = value_int(&a, 1, NULL);
    cr_expect(value_eq(one, value_double(&a, 1.0, NULL)));
    cr_expect(value_eq(value_double(&a, 1.0, NULL), one));
    cr_expect_not(value_eq(one, value_double(&a, 1.5, NULL)));
    cr_expect_not(value_eq(one, value_str(&a, "1")));
    cr_expect_not(value_eq(one, value_bool(&a, true, NULL)));
    cr_expect_not(value_eq(value_int(&a, (INT64_C(1) << 53) + 1, NULL),
                           value_double(&a, 9007199254740992.0, NULL)));
    cr_expect_not(value_eq(value_int(&a, INT64_MAX, NULL), value_double(&a, 0x1p63, NULL)));
    cr_expect(value_eq(value_int(&a, INT64_MIN, NULL), value_double(&a, -0x1p63, NULL)));
    cr_expect_not(
        value_eq(value_double(&a, (double)NAN, NULL), value_double(&a, (double)NAN, NULL)));
    cr_expect_not(value_eq(one, value_double(&a, HUGE_VAL, NULL)));
    v = value_unknown(&a, "x", NULL, 0, NULL);
    cr_expect_not(value_eq(v, v), "unknown equals nothing, not even itself");
    value_map_begin(&b, &a);
    value_map_add(&b, "x", one);
    value_map_add(&b, "y", value_str(&a, "z"));
    v = value_map_end(&b, NULL);
    value_map_begin(&b, &a);
    value_map_add(&b, "y", value_str(&a, "z"));
    value_map_add(&b, "x", one);
    w = value_map_end(&b, NULL);
    cr_expect(value_eq(v, w), "order does not count");
    value_map_begin(&b, &a);
    value_map_add(&b, "y", value_str(&a, "z"));
    value_map_add(&b, "w", one);
    cr_expect_not(value_eq(v, value_map_end(&b, NULL)));
    arena_release(&a);
}

Test(value, bytes_are_mended)
{
    struct arena a;

    arena_init(&a);
    cr_expect(
        slice_is(value_text(value_bytes(&a, SLICE_LIT("plain \xc3\xa9"), NULL)), "plain \xc3\xa9"));
    cr_expect(slice_is(value_text(value_bytes(&a,
                                              SLICE_LIT("\xff"
                                                        "a\xc3"),
                                              NULL)),
                       "\xef\xbf\xbd"
                       "a\xef\xbf\xbd"));
    cr_expect(slice_is(value_text(value_bytes(&a, SLICE_LIT("\xed\xa0\x80"), NULL)),
                       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
    arena_release(&a);
}

Test(value, lines_saturate)
{
    const struct value_at at = {.offset = UINT64_MAX, .line = UINT32_MAX};
    struct arena a;
    const struct value *v;

    arena_init(&a);
    v = value_null(&a, &at);
    cr_expect_eq(v->line, (1u << 28) - 1);
    cr_expect_eq(v->offset, UINT64_MAX);
    arena_release(&a);
}

Test(value, copies_outlive_their_source)
{
    struct arena from, to;
    const struct value *v, *first, *copy;
    struct value_builder b;
    char key[16];

    arena_init(&from);
    arena_init(&to);
    v = sample(&from);
    first = value_get(v, "list");
    value_map_begin(&b, &from);
    for (int i = 0; i < 50; i++) {
        snprintf(key, sizeof(key), "%d", i);
        value_map_add(&b, key, first);
    }
    value_map_add(&b, "sample", v);
    v = value_map_end(&b, NULL);
    copy = value_copy(v, &to);
    cr_expect(value_eq(value_path(v, "49"), value_path(copy, "49")));
    arena_release(&from);
    cr_expect_eq(value_path(copy, "sample.list.2")->as.integer, -7);
    cr_expect_eq(value_path(copy, "sample.list.2")->line, 3);
    cr_expect(slice_is(value_path(copy, "sample.gap")->as.gap->refs[0], "aws_kms_key.data"));
    cr_expect_eq(value_len(copy), 51);
    arena_release(&to);
}

Test(value, kind_names)
{
    cr_expect_str_eq(value_kind_name(VALUE_NULL), "null");
    cr_expect_str_eq(value_kind_name(VALUE_UNKNOWN), "unknown");
    cr_expect_str_eq(value_kind_name((enum value_kind)15), "invalid");
}

struct scalar_case {
    const char *what;
    double v;
    const char *want;
};

static const struct scalar_case scalar_cases[] = {
    {"a fraction", 1.1, "1.1"},
    {"a whole number", 3, "3"},
    {"all digits", 0.1 + 0.2, "0.30000000000000004"},
    {"large", 1e21, "1e+21"},
    {"the least", 4.9406564584124654e-324, "4.94065645841247e-324"},
};

CASES(value, numbers_as_text, scalar_cases)
{
    const struct scalar_case *c = &scalar_cases[*case_index];
    struct slice text;
    struct arena a;

    arena_init(&a);
    cr_assert(value_scalar(value_double(&a, c->v, NULL), &a, &text), "%s", c->what);
    cr_expect(slice_is(text, c->want), "%s: got '%.*s'", c->what, (int)text.len,
              (const char *)text.data);
    arena_release(&a);
}

Test(value, scalars_as_text)
{
    struct slice text = SLICE_LIT("untouched");
    struct value_builder b;
    struct arena a;

    arena_init(&a);
    value_list_begin(&b, &a);
    cr_expect(value_scalar(value_bool(&a, false, NULL), &a, &text) && slice_is(text, "false"));
    cr_expect(value_scalar(value_int(&a, INT64_MIN, NULL), &a, &text) &&
              slice_is(text, "-9223372036854775808"));
    cr_expect(value_scalar(value_string(&a, SLICE_LIT("a"), NULL), &a, &text) &&
              slice_is(text, "a"));
    cr_expect_not(value_scalar(value_list_end(&b, NULL), &a, &text));
    cr_expect_not(value_scalar(value_null(&a, NULL), &a, &text));
    cr_expect_not(value_scalar(value_unknown(&a, "x", NULL, 0, NULL), &a, &text));
    cr_expect_not(value_scalar(NULL, &a, &text));
    cr_expect(slice_is(text, "a"), "untouched");
    arena_release(&a);
}

/* Copies of a pool are copies; what they have in common is there once. */
Test(value, a_pool_keeps_once_what_comes_again)
{
    const struct value_at here = {7, 3};
    const struct value *one, *two, *other;
    struct value_builder b, list;
    struct value_pool *pool;
    struct arena a, to;
    size_t before;

    arena_init(&a);
    arena_init(&to);
    pool = value_pool_new(&to);
    value_list_begin(&list, &a);
    for (int i = 0; i < 100; i++)
        value_list_add(&list, value_int(&a, i % 3, &here));
    value_map_begin(&b, &a);
    value_map_add(&b, "list", value_list_end(&list, NULL));
    value_map_add(&b, "text", value_str(&a, "read"));
    value_map_add(&b, "double", value_double(&a, -0.0, NULL));
    value_map_add(&b, "int", value_int(&a, 0, NULL));
    value_map_add(&b, "unknown", value_unknown(&a, "later", NULL, 0, &here));
    one = value_map_end(&b, &here);
    two = value_pool_copy(pool, one);
    before = to.used;
    other = value_pool_copy(pool, one);
    cr_expect(value_eq(value_get(one, "list"), value_get(other, "list")));
    cr_expect_eq(value_get(two, "text"), value_get(other, "text"), "once");
    cr_expect_neq(value_get(two, "int"), value_get(two, "double"), "a number of another kind");
    cr_expect(signbit(value_get(other, "double")->as.real));
    cr_expect_eq(value_item(value_get(two, "list"), 0), value_item(value_get(other, "list"), 99));
    cr_expect_eq(value_item(value_get(two, "list"), 4)->line, 3);
    cr_expect_eq(value_item(value_get(two, "list"), 4)->offset, 7);
    cr_expect_eq(two->line, 3);
    cr_expect_str_eq((const char *)value_get(other, "unknown")->as.gap->why.data, "later");
    cr_expect_lt(to.used - before, 100 * sizeof(void *) + 5 * sizeof(struct value_member) + 200);
    cr_expect_neq(value_pool_text(pool, SLICE_LIT("a")).data,
                  value_pool_text(pool, SLICE_LIT("b")).data);
    cr_expect(slice_is(value_pool_text(pool, SLICE_LIT("a\0b")), "a") == false, "by length");
    cr_expect_eq(value_pool_text(pool, (struct slice){NULL, 0}).len, 0);
    cr_expect_null(value_pool_copy(pool, NULL));
    arena_release(&a);
    arena_release(&to);
}

/* Members stay in their order, each key once, however many there are; a value may be none. */
Test(value, a_builder_grows_out_of_itself)
{
    enum { MOST = 200 };
    static char keys[MOST][16];
    struct value_builder b, copied;
    const struct value *v, *nothing;
    struct arena a;

    arena_init(&a);
    for (int i = 0; i < MOST; i++)
        snprintf(keys[i], sizeof(keys[i]), "k%d", i);
    for (int n = 0; n <= MOST; n++) {
        value_map_begin(&b, &a);
        for (int i = 0; i < n; i++) {
            value_map_lend(&b, keys[i], i % 2 == 0 ? NULL : value_int(&a, -1, NULL));
            value_map_put(&b, slice_str(keys[i]), value_int(&a, i, NULL));
            cr_assert_eq(b.n, (size_t)i + 1);
            cr_assert(slice_is(value_map_members(&b)[i].key, keys[i]));
        }
        copied = b;
        v = value_map_end(&copied, NULL);
        cr_assert_eq(value_len(v), (size_t)n);
        for (int i = 0; i < n; i++)
            cr_assert_eq(value_int_or(value_get(v, keys[i]), -2), i, "%d of %d", i, n);
        value_list_begin(&b, &a);
        for (int i = 0; i < n; i++)
            value_list_add(&b, value_int(&a, i, NULL));
        v = value_list_end(&b, NULL);
        cr_assert_eq(value_len(v), (size_t)n);
        for (int i = 0; i < n; i++)
            cr_assert_eq(value_int_or(value_item(v, (size_t)i), -1), i, "%d of %d", i, n);
    }
    nothing = value_lent(&a, "\xff");
    cr_expect(slice_is(value_text(nothing), "\xef\xbf\xbd"), "bad bytes are never lent");
    cr_expect_eq((const void *)value_text(value_lent(&a, keys[1])).data, (const void *)keys[1]);
    arena_release(&a);
}
