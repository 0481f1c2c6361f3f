/* base/reader.h */
#include "base/reader.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

Test(reader, reads_both_orders)
{
    const struct slice s = exact("\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    struct reader r;
    uint64_t v64;
    uint32_t v32;
    uint16_t v16;
    uint8_t v8;

    r = reader_over(s);
    cr_expect(reader_u8(&r, &v8) && v8 == 1);
    cr_expect(reader_u16le(&r, &v16) && v16 == 0x0302);
    cr_expect(reader_u32le(&r, &v32) && v32 == 0x07060504);
    cr_expect_eq(r.offset, 7);
    r = reader_over(s);
    cr_expect(reader_u64le(&r, &v64) && v64 == UINT64_C(0x0807060504030201));
    cr_expect_eq(r.left, 0);
    r = reader_over(s);
    cr_expect(reader_u16be(&r, &v16) && v16 == 0x0102);
    cr_expect(reader_u32be(&r, &v32) && v32 == 0x03040506);
    r = reader_at(s, 100);
    cr_expect(reader_u64be(&r, &v64) && v64 == UINT64_C(0x0102030405060708));
    cr_expect_eq(r.offset, 108);
    exact_free(s);
}

/* For each length one byte short: nothing moves, nothing is written. */
Test(reader, never_moves_unless_all_fits)
{
    const struct slice s = exact("abcdefg", 7);
    const struct reader at = reader_at(s, 5);
    struct reader r = at, sub = {.left = 77};
    struct slice bytes = {NULL, 77};
    uint64_t v64 = 77;
    uint32_t v32 = 77;
    uint16_t v16 = 77;
    uint8_t v8 = 77;

    cr_expect_not(reader_u64le(&r, &v64));
    cr_expect_not(reader_u64be(&r, &v64));
    cr_expect_not(reader_bytes(&r, 8, &bytes));
    cr_expect_not(reader_bytes(&r, UINT64_MAX, &bytes));
    cr_expect_not(reader_sub(&r, 8, &sub));
    cr_expect_not(reader_skip(&r, 8));
    cr_expect_eq(memcmp(&r, &at, sizeof(r)), 0);
    r.left = 3;
    cr_expect_not(reader_u32le(&r, &v32));
    cr_expect_not(reader_u32be(&r, &v32));
    r.left = 1;
    cr_expect_not(reader_u16le(&r, &v16));
    cr_expect_not(reader_u16be(&r, &v16));
    r.left = 0;
    cr_expect_not(reader_u8(&r, &v8));
    cr_expect(reader_skip(&r, 0));
    cr_expect_eq(r.data, at.data);
    cr_expect(v64 == 77 && v32 == 77 && v16 == 77 && v8 == 77 && bytes.len == 77 && sub.left == 77);
    exact_free(s);
}

Test(reader, over_nothing)
{
    struct reader r = reader_over((struct slice){NULL, 0});
    struct slice out;

    cr_expect(reader_bytes(&r, 0, &out));
    cr_expect_eq(out.len, 0);
    cr_expect_not(reader_line(&r, &out));
}

Test(reader, sub_keeps_offsets)
{
    const struct slice s = exact("0123456789", 10);
    struct reader r = reader_at(s, 1000), sub;
    struct slice out;

    cr_assert(reader_skip(&r, 2));
    cr_assert(reader_sub(&r, 3, &sub));
    cr_expect_eq(sub.offset, 1002);
    cr_expect_eq(r.offset, 1005);
    cr_expect(reader_bytes(&sub, 3, &out) && slice_is(out, "234"));
    cr_expect_not(reader_skip(&sub, 1));
    cr_expect(reader_bytes(&r, 5, &out) && slice_is(out, "56789"));
    exact_free(s);
}

struct varint_case {
    const char *what, *bytes;
    size_t len;
    bool ok;
    uint64_t want;
    size_t left;
};

static const struct varint_case varint_cases[] = {
    {"zero", BYTES("\x00"), true, 0, 0},
    {"127", BYTES("\x7f!"), true, 127, 1},
    {"128", BYTES("\x80\x01"), true, 128, 0},
    {"longer than it need be", BYTES("\x80\x00"), true, 0, 0},
    {"largest", BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true, UINT64_MAX, 0},
    {"65 bits", BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), false, 0, 10},
    {"eleven bytes", BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), false, 0, 11},
    {"cut", BYTES("\x80\x80"), false, 0, 2},
    {"empty", BYTES(""), false, 0, 0},
};
CASES(reader, varint, varint_cases)
{
    const struct varint_case *c = &varint_cases[*case_index];
    const struct slice s = exact(c->bytes, c->len);
    struct reader r = reader_over(s);
    uint64_t v = 0;

    cr_expect_eq(reader_varint(&r, &v), c->ok, "%s", c->what);
    cr_expect_eq(v, c->want, "%s", c->what);
    cr_expect_eq(r.left, c->left, "%s", c->what);
    exact_free(s);
}

Test(reader, lines)
{
    const struct slice s = exact_str("one\n\nthree");
    struct reader r = reader_over(s);
    struct slice line;

    cr_expect(reader_line(&r, &line) && slice_is(line, "one"));
    cr_expect(reader_line(&r, &line) && line.len == 0);
    cr_expect_eq(r.offset, 5);
    cr_expect(reader_line(&r, &line) && slice_is(line, "three"));
    cr_expect_not(reader_line(&r, &line));
    exact_free(s);
}
