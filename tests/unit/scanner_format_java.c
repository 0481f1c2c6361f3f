/* The caps of streams of Java objects. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/scanner_model_support.h"

static void put(struct buf *b, const char *bytes, size_t n)
{
    buf_put(b, (struct slice){(const uint8_t *)bytes, n});
}

#define PUT(b, text) put((b), text, sizeof(text) - 1)

static void number(struct buf *b, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++)
        buf_u8(b, (uint8_t)(n >> (24 - 8 * i)));
}

/* Arrays of one array each: but for the first, their class is a reference. */
static void arrays(size_t levels, const char *status, const char *reason)
{
    struct buf b;

    buf_init(&b, 64u << 20);
    PUT(&b, "\xac\xed\0\5");
    PUT(&b, "\x75\x72\0\3[[I\0\0\0\0\0\0\0\1\2\0\0\x78\x70");
    for (size_t i = 1; i < levels; i++) {
        number(&b, 2);
        PUT(&b, "\x75\x71\0\x7e\0\0");
    }
    number(&b, 0);
    for (size_t i = 1; i < levels; i++)
        PUT(&b, "\x70");
    scanned_says("m.ser", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_java, levels_have_a_cap)
{
    /* the row of the stream itself and, while a class is read, what waits for it count, too */
    arrays(LIMIT_JAVA_PENDING - 2, "read", "");
    arrays(LIMIT_JAVA_PENDING + 1, "truncated",
           "more than 1000000 objects within each other (LIMIT_JAVA_PENDING)");
}

static void strings(size_t n, const char *status, const char *reason)
{
    struct buf b;

    buf_init(&b, 64u << 20);
    PUT(&b, "\xac\xed\0\5");
    for (size_t i = 0; i < n; i++)
        PUT(&b, "\x74\0\0");
    scanned_says("m.ser", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_java, references_have_a_cap)
{
    strings(LIMIT_JAVA_HANDLES, "read", "");
    strings(LIMIT_JAVA_HANDLES + 1, "truncated", "more than 4000000 objects (LIMIT_JAVA_HANDLES)");
}

static void classes(size_t n, const char *status, const char *reason)
{
    struct buf b;

    buf_init(&b, 64u << 20);
    PUT(&b, "\xac\xed\0\5");
    for (size_t i = 0; i < n; i++)
        PUT(&b, "\x76\x72\0\1a\0\0\0\0\0\0\0\1\2\0\0\x78\x70");
    scanned_says("m.ser", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_java, classes_have_a_cap)
{
    classes(LIMIT_JAVA_CLASSES, "read", "");
    classes(LIMIT_JAVA_CLASSES + 1, "truncated", "more than 4096 classes (LIMIT_JAVA_CLASSES)");
}
