/* base/value_wire.h */
#include "base/value_wire.h"

#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

static void as_text(const struct value *v, struct buf *b)
{
    struct json_out o;

    json_out_init(&o, b, JSON_COMPACT);
    json_out_value(&o, v);
}

static const struct value *kinds(struct arena *a)
{
    const struct slice refs[] = {SLICE_LIT("a.b"), SLICE_LIT("c")};
    const struct value_at at = {.offset = UINT64_MAX, .line = (1u << 28) - 1};
    struct value_builder list, map;

    value_list_begin(&list, a);
    value_list_add(&list, value_null(a, NULL));
    value_list_add(&list, value_bool(a, true, NULL));
    value_list_add(&list, value_bool(a, false, NULL));
    value_list_add(&list, value_int(a, INT64_MIN, &at));
    value_list_add(&list, value_int(a, INT64_MAX, NULL));
    value_list_add(&list, value_int(a, 0, NULL));
    value_list_add(&list, value_double(a, -0.0, NULL));
    value_list_add(&list, value_double(a, 5e-324, NULL));
    value_list_add(&list, value_str(a, ""));
    value_list_add(&list, value_string(a, SLICE_LIT("a\0\xc3\xa9"), NULL));
    value_list_add(&list, value_unknown(a, "why", refs, 2, &at));
    value_list_add(&list, value_unknown(a, "", NULL, 0, NULL));
    value_map_begin(&map, a);
    for (int i = 0; i < 40; i++)
        value_map_add(&map, arena_printf(a, "%d", i), value_int(a, i, NULL));
    value_list_add(&list, value_map_end(&map, NULL));
    return value_list_end(&list, &at);
}

Test(value_wire, every_kind_crosses)
{
    struct arena a;
    struct buf wire, left, right, again;
    struct reader r;
    const struct value *v, *w = NULL;
    struct err e = {0};

    arena_init(&a);
    buf_init(&wire, 100000);
    buf_init(&left, 100000);
    buf_init(&right, 100000);
    buf_init(&again, 100000);
    v = kinds(&a);
    value_wire_put(&wire, v);
    buf_str(&wire, "tail");
    r = reader_at(buf_slice(&wire), 1000);
    cr_assert(value_wire_get(&r, &a, &w, &e), "%s", e.text);
    cr_expect_eq(r.left, 4, "the reader stands behind the node");
    cr_expect_eq(r.offset, 1000 + wire.len - 4);
    as_text(v, &left);
    as_text(w, &right);
    cr_expect(slice_eq(buf_slice(&left), buf_slice(&right)));
    cr_expect_eq(value_item(w, 3)->line, (1u << 28) - 1);
    cr_expect_eq(value_item(w, 3)->offset, UINT64_MAX);
    cr_expect_eq(value_int_or(value_get(value_item(w, 12), "39"), 0), 39);
    value_wire_put(&again, w);
    buf_str(&again, "tail");
    cr_expect(slice_eq(buf_slice(&wire), buf_slice(&again)), "the bytes depend on the tree alone");
    buf_release(&wire);
    buf_release(&left);
    buf_release(&right);
    buf_release(&again);
    arena_release(&a);
}

/* Every prefix of a good message is refused, and the reader stays where it was. */
Test(value_wire, every_cut_is_refused)
{
    struct arena a;
    struct buf wire;

    arena_init(&a);
    buf_init(&wire, 100000);
    value_wire_put(&wire, kinds(&a));
    for (size_t n = 0; n < wire.len; n++) {
        const struct slice s = exact(wire.data, n);
        struct reader r = reader_over(s);
        const struct value *v = NULL;
        struct err e = {0};

        cr_assert_not(value_wire_get(&r, &a, &v, &e), "%zu bytes", n);
        cr_assert_eq(e.code, ERR_FORMAT, "%zu bytes: %s", n, e.text);
        cr_assert_null(v);
        cr_assert_eq(r.left, n);
        exact_free(s);
    }
    buf_release(&wire);
    arena_release(&a);
}

struct wire_case {
    const char *what, *bytes;
    size_t len;
    const char *want;
    uint64_t offset;
};

static const struct wire_case wire_cases[] = {
    {"unknown kind", BYTES("\x08\x00\x00"), "a value of kind 8", 0},
    {"line of 28 bits", BYTES("\x00\xff\xff\xff\x7f\x00"), "", 0},
    {"line of 29 bits", BYTES("\x00\x80\x80\x80\x80\x01\x00"), "a value on line 268435456", 0},
    {"a bool of 2", BYTES("\x01\x00\x00\x02"), "a bool is neither 0 nor 1", 4},
    {"string past the end",
     BYTES("\x04\x00\x00\x05"
           "abcd"),
     "text of a value cut short", 3},
    {"string of 2^64-1", BYTES("\x04\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     "text of a value cut short", 3},
    {"bad utf-8", BYTES("\x04\x00\x00\x01\xff"), "text of a value is not utf-8", 3},
    {"more items than bytes", BYTES("\x05\x00\x00\x04\x00\x00\x00\x00\x00\x00"),
     "4 items in a value, too few bytes", 3},
    {"items of 2^63", BYTES("\x05\x00\x00\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
     "9223372036854775808 items in a value, too few bytes", 3},
    {"lists that share their bytes",
     BYTES("\x05\x00\x00\x02\x05\x00\x00\x02\x05\x00\x00\x02\x05\x00\x00\x02"),
     "2 items in a value, too few bytes", 11},
    {"duplicate key", BYTES("\x06\x00\x00\x02\x01k\x00\x00\x00\x00\x01k\x00\x00\x00\x00"),
     "duplicate key in a value", 3},
    {"key is not utf-8", BYTES("\x06\x00\x00\x01\x01\xff\x00\x00\x00\x00"),
     "text of a value is not utf-8", 4},
    {"references past the end", BYTES("\x07\x00\x00\x01w\x7f\x00"), "127 references, too few bytes",
     6},
};
CASES(value_wire, refuses_what_lies, wire_cases)
{
    const struct wire_case *c = &wire_cases[*case_index];
    const struct slice s = exact(c->bytes, c->len);
    struct reader r = reader_over(s);
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_eq(value_wire_get(&r, &a, &v, &e), c->want[0] == '\0', "%s", c->what);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(e.offset, c->offset, "%s: at %ju", c->what, (uintmax_t)e.offset);
    exact_free(s);
    arena_release(&a);
}

static const struct value *nest(struct arena *a, int levels)
{
    const struct value *v = value_int(a, 1, NULL);

    for (int i = 0; i < levels; i++) {
        struct value_builder b;

        value_list_begin(&b, a);
        value_list_add(&b, v);
        v = value_list_end(&b, NULL);
    }
    return v;
}

static bool crosses(struct arena *a, const struct buf *wire, const struct value **v, struct err *e)
{
    struct reader r = reader_over(buf_slice(wire));

    return value_wire_get(&r, a, v, e);
}

Test(value_wire, depth_at_the_cap_and_past_it)
{
    struct arena a;
    struct buf wire;
    const struct value *v = NULL;
    struct err e = {0};

    arena_init(&a);
    buf_init(&wire, 100000);
    value_wire_put(&wire, nest(&a, LIMIT_WIRE_DEPTH));
    cr_expect(crosses(&a, &wire, &v, &e), "%s", e.text);
    buf_clear(&wire);
    value_wire_put(&wire, nest(&a, LIMIT_WIRE_DEPTH + 1));
    cr_expect(crosses(&a, &wire, &v, &e), "the writer cuts: %s", e.text);
    for (int i = 0; i < LIMIT_WIRE_DEPTH; i++)
        v = value_item(v, 0);
    cr_assert(value_is(v, VALUE_UNKNOWN), "and says so");
    cr_expect(slice_is(v->as.gap->why, "deeper than LIMIT_WIRE_DEPTH"));
    buf_clear(&wire);
    for (int i = 0; i < LIMIT_WIRE_DEPTH + 1; i++)
        buf_put(&wire, SLICE_LIT("\x05\x00\x00\x01"));
    buf_put(&wire, SLICE_LIT("\x00\x00\x00"));
    cr_expect_not(crosses(&a, &wire, &v, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "a value deeper than LIMIT_WIRE_DEPTH (600 levels)");
    cr_expect_eq(e.offset, 4u * LIMIT_WIRE_DEPTH + 3);
    buf_release(&wire);
    arena_release(&a);
}
