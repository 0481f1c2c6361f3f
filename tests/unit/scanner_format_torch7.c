/* The caps of files of Torch in Lua. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/scanner_model_support.h"

static void table(struct buf *b, uint32_t index, uint32_t pairs)
{
    buf_u32le(b, 3);
    buf_u32le(b, index);
    buf_u32le(b, pairs);
}

/* An object of a class, whose data follow. */
static void begin(struct buf *b)
{
    static const uint8_t head[] = "\4\0\0\0\xff\xff\xff\x7f\3\0\0\0V 1\4\0\0\0nn.A";

    buf_init(b, 64u << 20);
    buf_put(b, (struct slice){head, sizeof(head) - 1});
}

/* Tables of one table each; the file itself and its object are two levels. */
static void tables(uint32_t levels, const char *status, const char *reason)
{
    struct buf b;

    begin(&b);
    for (uint32_t i = 1; i < levels; i++) {
        table(&b, i, 1);
        buf_u32le(&b, 0); /* the key */
    }
    table(&b, levels, 0);
    scanned_says("m.t7", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_torch7, levels_have_a_cap)
{
    tables(LIMIT_TORCH7_PENDING - 2, "read", "");
    tables(LIMIT_TORCH7_PENDING - 1, "truncated",
           "more than 100000 objects within each other (LIMIT_TORCH7_PENDING)");
}

static void objects(uint32_t n, const char *status, const char *reason)
{
    struct buf b;

    begin(&b);
    table(&b, 1, n / 2); /* keys and values */
    for (uint32_t i = 0; i < n; i++)
        table(&b, 2 + i, 0);
    scanned_says("m.t7", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_torch7, references_have_a_cap)
{
    objects(LIMIT_TORCH7_OBJECTS - 2, "read", "");
    objects(LIMIT_TORCH7_OBJECTS, "truncated", "more than 1000000 objects (LIMIT_TORCH7_OBJECTS)");
}
