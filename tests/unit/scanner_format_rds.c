/* The caps of objects of R: levels, and what may be referred to. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/scanner_model_support.h"

static void be32(struct buf *b, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++)
        buf_u8(b, (uint8_t)(n >> (24 - 8 * i)));
}

static void begin(struct buf *b)
{
    static const uint8_t head[] = "X\n\0\0\0\2\0\4\2\2\0\2\3";

    buf_init(b, 64u << 20);
    for (size_t i = 0; i < sizeof(head); i++) /* the last zero is a part of it */
        buf_u8(b, head[i]);
}

/* Lists within lists: what is still to be read of each is one part. */
static void lists(size_t levels, const char *status, const char *reason)
{
    struct buf b;

    begin(&b);
    for (size_t i = 0; i < levels; i++) {
        be32(&b, 19);
        be32(&b, 1);
    }
    be32(&b, 254);
    scanned_says("m.rds", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_rds, levels_have_a_cap)
{
    lists(LIMIT_R_PENDING, "read", "");
    lists(LIMIT_R_PENDING + 1, "truncated",
          "more than 1000000 parts of objects at once (LIMIT_R_PENDING)");
}

static void symbols(size_t n, const char *status, const char *reason)
{
    struct buf b;

    begin(&b);
    be32(&b, 19);
    be32(&b, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        be32(&b, 1);
        be32(&b, 9);
        be32(&b, 1);
        buf_u8(&b, 'x');
    }
    scanned_says("m.rds", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_rds, references_have_a_cap)
{
    symbols(LIMIT_R_REFERENCES, "read", "");
    symbols(LIMIT_R_REFERENCES + 1, "truncated",
            "more than 1000000 symbols and environments (LIMIT_R_REFERENCES)");
}
