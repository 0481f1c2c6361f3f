/* The caps of compiled Python: the number of its objects, and their levels. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/scanner_model_support.h"

/* "3.11", no flags; an object that is no code object stands behind it. */
static void header(struct buf *b)
{
    buf_init(b, 16u << 20);
    buf_put(b, (struct slice){(const uint8_t *)"\xa7\x0d\r\n\0\0\0\0\0\0\0\0\0\0\0\0", 16});
}

static void says(struct buf *b, const char *want)
{
    struct scanned s;

    scanned_scan(&s, "m.pyc", buf_slice(b));
    cr_assert_eq(s.facts.ncoverage, 1);
    cr_expect_str_eq(s.facts.coverage[0].reason, want);
    scanned_release(&s);
    buf_release(b);
}

static void list_of(uint32_t n, const char *want)
{
    struct buf b;

    header(&b);
    buf_u8(&b, '[');
    buf_u32le(&b, n);
    for (uint32_t i = 0; i < n; i++)
        buf_u8(&b, 'N');
    says(&b, want);
}

Test(scanner_format_pyc, objects_have_a_cap)
{
    list_of(LIMIT_MARSHAL_OBJECTS - 1, "no code object stands behind the header");
    list_of(LIMIT_MARSHAL_OBJECTS, "more than 2000000 marshalled objects (LIMIT_MARSHAL_OBJECTS)");
}

static void levels(size_t n, const char *want)
{
    struct buf b;

    header(&b);
    for (size_t i = 0; i < n - 1; i++)
        buf_put(&b, (struct slice){(const uint8_t *)"[\1\0\0\0", 5});
    buf_u8(&b, 'N');
    says(&b, want);
}

Test(scanner_format_pyc, levels_have_a_cap)
{
    levels(LIMIT_MARSHAL_DEPTH, "no code object stands behind the header");
    levels(LIMIT_MARSHAL_DEPTH + 1,
           "marshalled objects nest more than 2000 levels (LIMIT_MARSHAL_DEPTH)");
}
