/* base/buf.h */
#include "base/buf.h"
#include "tests/lib/cases.h"

Test(buf, writes_what_it_is_told)
{
    struct buf b;
    struct err e = {0};

    buf_init(&b, 1000);
    cr_expect_eq(buf_slice(&b).len, 0);
    buf_u8(&b, 0xab);
    buf_u32le(&b, 0x01020304);
    buf_u64le(&b, UINT64_C(0x1122334455667788));
    buf_str(&b, "hi");
    buf_printf(&b, "%d", -5);
    buf_put(&b, (struct slice){NULL, 0});
    cr_expect(slice_eq(buf_slice(&b),
                       SLICE_LIT("\xab\x04\x03\x02\x01\x88\x77\x66\x55\x44\x33\x22\x11hi-5")));
    cr_expect(buf_finish(&b, &e));
    buf_clear(&b);
    cr_expect_eq(buf_slice(&b).len, 0);
    buf_release(&b);
    buf_str(&b, "again");
    cr_expect(slice_is(buf_slice(&b), "again"));
    buf_release(&b);
}

Test(buf, varints_read_back)
{
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    struct buf b;
    struct reader r;
    uint64_t v;

    buf_init(&b, 1000);
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        buf_varint(&b, values[i]);
    r = reader_over(buf_slice(&b));
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        cr_expect(reader_varint(&r, &v) && v == values[i], "%zu", i);
    cr_expect_eq(r.left, 0);
    buf_release(&b);
}

Test(buf, the_cap_is_exact_and_failure_stays)
{
    struct buf b;
    struct err e = {0};

    buf_init(&b, 5);
    buf_str(&b, "12345");
    cr_expect(buf_finish(&b, &e));
    buf_str(&b, "");
    cr_expect(buf_finish(&b, &e), "nothing fits always");
    buf_u8(&b, '6');
    cr_expect_not(buf_finish(&b, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "the output is larger than its cap of 5 bytes");
    buf_clear(&b);
    err_clear(&e);
    buf_str(&b, "123456");
    buf_str(&b, "1");
    cr_expect_not(buf_finish(&b, &e));
    cr_expect_eq(buf_slice(&b).len, 0, "later writes do nothing");
    buf_release(&b);
}

Test(buf, a_cap_of_nothing)
{
    struct buf b;
    struct err e = {0};

    buf_init(&b, 0);
    cr_expect(buf_finish(&b, &e));
    buf_u8(&b, 1);
    cr_expect_not(buf_finish(&b, &e));
    buf_release(&b);
}

Test(buf, grows_to_its_cap)
{
    struct buf b;
    struct err e = {0};

    buf_init(&b, 100003);
    for (int i = 0; i < 100003; i++)
        buf_u8(&b, (uint8_t)i);
    cr_expect(buf_finish(&b, &e));
    cr_expect_leq(b.cap, b.max);
    for (int i = 0; i < 100003; i++)
        cr_assert_eq(b.data[i], (uint8_t)i);
    buf_release(&b);
}

Test(buf, prints_more_than_its_local_room)
{
    struct buf b;
    struct err e = {0};

    buf_init(&b, 10000);
    buf_printf(&b, "%0*d", 255, 1);
    buf_printf(&b, "%0*d", 256, 1);
    buf_printf(&b, "%0*d%s", 5000, 1, "end");
    cr_expect_eq(b.len, 255 + 256 + 5003);
    cr_expect(slice_ends(buf_slice(&b), "1end"));
    cr_expect(buf_finish(&b, &e));
    buf_release(&b);
}

Test(buf, counts_things)
{
    struct buf b;

    buf_init(&b, 100);
    buf_count(&b, 0, "error");
    buf_str(&b, ", ");
    buf_count(&b, 1, "warning");
    buf_str(&b, ", ");
    buf_count(&b, 2, "note");
    cr_expect(slice_is(buf_slice(&b), "0 errors, 1 warning, 2 notes"));
    buf_release(&b);
}

/* What a drain was given: as much as it wants, then no more. */
struct pool {
    uint64_t sum;
    size_t n, most, pieces;
};

static bool pour(void *ctx, struct slice bytes)
{
    struct pool *p = ctx;

    for (size_t i = 0; i < bytes.len; i++)
        p->sum = p->sum * 31 + bytes.data[i];
    p->n += bytes.len;
    p->pieces++;
    return p->n <= p->most;
}

Test(buf, drains_what_it_does_not_keep)
{
    enum { LINES = 300000 };
    struct pool p = {.most = SIZE_MAX}, want = {.most = SIZE_MAX};
    struct buf b, whole;
    struct err e = {0};

    buf_init(&whole, SIZE_MAX);
    buf_init_drain(&b, SIZE_MAX, pour, &p);
    for (int i = 0; i < LINES; i++) {
        buf_printf(&b, "%d, ", i);
        buf_printf(&whole, "%d, ", i);
        cr_assert_leq(b.len, BUF_KEPT);
    }
    cr_expect_gt(p.pieces, 1);
    cr_expect_lt(p.n, whole.len, "the rest comes with the flush");
    buf_flush(&b);
    buf_flush(&b);
    cr_assert(pour(&want, buf_slice(&whole)));
    cr_expect_eq(p.n, whole.len);
    cr_expect_eq(p.sum, want.sum, "the same bytes in the same order");
    cr_expect(buf_finish(&b, &e));
    buf_release(&b);
    buf_release(&whole);
}

Test(buf, a_drain_does_not_lift_the_cap)
{
    static const uint8_t block[BUF_KEPT];
    const struct slice s = {block, sizeof(block)};
    struct pool p = {.most = SIZE_MAX}, narrow = {.most = BUF_KEPT};
    struct buf b;
    struct err e = {0};

    buf_init_drain(&b, 2 * BUF_KEPT + 1, pour, &p);
    buf_put(&b, s);
    buf_put(&b, s);
    buf_u8(&b, 'x');
    cr_expect(buf_finish(&b, &e), "at the cap");
    buf_u8(&b, 'x');
    cr_expect_not(buf_finish(&b, &e), "one past it");
    cr_expect_eq(e.code, ERR_LIMIT);
    buf_release(&b);

    buf_init_drain(&b, SIZE_MAX, pour, &narrow);
    for (int i = 0; i < 9; i++)
        buf_put(&b, s);
    buf_flush(&b);
    cr_expect(b.full, "a drain that takes no more ends it");
    cr_expect_eq(narrow.pieces, 2);
    buf_release(&b);
}
