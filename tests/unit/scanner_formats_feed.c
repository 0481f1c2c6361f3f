/* A feed: what is passed over, within its buffer, over its end and past the end of the stream. */
#include <criterion/criterion.h>
#include <string.h>

#include "scanner/formats/feed.h"

#define LEN ((size_t)3 << 20) /* three buffers */

static uint8_t bytes[LEN];

static const struct {
    uint64_t from, n;
    bool ok;
} skips[] = {
    {0, 0, true},
    {0, 7, true},
    {7, FEED_BYTES, true},
    {5, LEN - 5, true},
    {5, LEN - 4, false},
    {LEN, 0, true},
    {LEN, 1, false},
    {7, UINT64_MAX - 7, false},
    {7, UINT64_MAX - 6, false}, /* past 2^64: it must not come out at the front */
    {7, UINT64_MAX, false},
};

/* A feed that keeps every byte in view (a stream), or that may jump (a file). */
static void skip(bool all)
{
    struct source *s;

    for (size_t i = 0; i < LEN; i++)
        bytes[i] = (uint8_t)(i >> 8 ^ i);
    for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
        struct reader r = {.offset = 0};
        struct feed f;
        struct err e = {0};
        uint8_t byte;
        bool ok;

        s = source_memory((struct slice){bytes, LEN});
        feed_init(&f, s, all);
        cr_assert(feed_more(&f, &r, 1, &e) && feed_skip(&f, &r, skips[i].from, &e), "%zu", i);
        ok = feed_skip(&f, &r, skips[i].n, &e);
        cr_expect_eq(ok, skips[i].ok, "%zu: %s", i, e.text);
        cr_expect_eq(e.code == ERR_FORMAT, !ok, "%zu", i);
        if (ok) {
            cr_expect_eq(r.offset, skips[i].from + skips[i].n, "%zu", i);
            cr_assert(feed_more(&f, &r, 1, &e), "%zu", i);
            if (r.offset < LEN)
                cr_expect(reader_u8(&r, &byte) && byte == bytes[r.offset - 1], "%zu", i);
            else
                cr_expect_eq(r.left, 0, "%zu", i);
        }
        feed_release(&f);
        source_free(s);
    }
}

Test(feed, skips_in_a_stream)
{
    skip(true);
}

Test(feed, skips_in_a_file)
{
    skip(false);
}
