/* base/base64.h */
#include "base/base64.h"

#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

struct base64_case {
    const char *text, *bytes;
    size_t len;
    const char *want; /* the error; "": none */
    uint64_t offset;
};

static const struct base64_case base64_cases[] = {
    {"", BYTES(""), "", 0},
    {"Zg==", BYTES("f"), "", 0},
    {"Zm8=", BYTES("fo"), "", 0},
    {"Zm9v", BYTES("foo"), "", 0},
    {"Zm9vYg==", BYTES("foob"), "", 0},
    {"Zm9vYmE=", BYTES("fooba"), "", 0},
    {"Zm9vYmFy", BYTES("foobar"), "", 0},
    {"AP8+Pz4/", BYTES("\x00\xff\x3e\x3f\x3e\x3f"), "", 0},
    {"AP8-Pz4_", BYTES("\x00\xff\x3e\x3f\x3e\x3f"), "", 0},
    {"Zg", BYTES("f"), "", 0},
    {"Zm8", BYTES("fo"), "", 0},
    {"Zg=", BYTES(""), "base64 padding does not fit", 2},
    {"Zg===", BYTES(""), "base64 padding does not fit", 3},
    {"Zm9v=", BYTES(""), "base64 padding does not fit", 4},
    {"Zm9v==", BYTES(""), "base64 padding does not fit", 4},
    {"Zm9v====", BYTES(""), "byte 0x3d is not base64", 4},
    {"====", BYTES(""), "byte 0x3d is not base64", 0},
    {"Z", BYTES(""), "base64 text is cut short", 1},
    {"Zm9vZ", BYTES(""), "base64 text is cut short", 5},
    {"Z===", BYTES(""), "byte 0x3d is not base64", 1},
    {"Zm=v", BYTES(""), "byte 0x3d is not base64", 2},
    {"Zg==Zg==", BYTES(""), "byte 0x3d is not base64", 2},
    {"Zm9v\n", BYTES(""), "base64 text is cut short", 5},
    {"Zm 9", BYTES(""), "byte 0x20 is not base64", 2},
    {"Zm\n9", BYTES(""), "byte 0x0a is not base64", 2},
    {"Zm9\xc3", BYTES(""), "byte 0xc3 is not base64", 3},
    {"+/-_", BYTES(""), "both base64 alphabets in one text", 2},
    {"Zh==", BYTES(""), "base64 text ends in bits that are not zero", 1},
    {"Zh", BYTES(""), "base64 text ends in bits that are not zero", 1},
    {"Zm9=", BYTES(""), "base64 text ends in bits that are not zero", 2},
};
/* TEST-OF: RFC 4648 section 3.5 */
CASES(base64, reads, base64_cases)
{
    const struct base64_case *c = &base64_cases[*case_index];
    const struct slice s = exact_str(c->text);
    struct slice out = {NULL, 0};
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_eq(base64_get(s, &a, &out, &e), c->want[0] == '\0', "%s", c->text);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->text, e.text);
    cr_expect(slice_eq(out, (struct slice){(const uint8_t *)c->bytes, c->len}), "%s", c->text);
    if (c->want[0] != '\0')
        cr_expect_eq(e.offset, c->offset, "%s: at %ju", c->text, (uintmax_t)e.offset);
    exact_free(s);
    arena_release(&a);
}

Test(base64, what_is_written_reads_back)
{
    uint8_t bytes[256];
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 1000);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 167 + 13);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        struct slice out;
        struct err e = {0};

        buf_clear(&b);
        base64_put(&b, (struct slice){bytes, n});
        cr_assert_eq(b.len, (n + 2) / 3 * 4);
        cr_assert(base64_get(buf_slice(&b), &a, &out, &e), "%zu: %s", n, e.text);
        cr_assert(slice_eq(out, (struct slice){bytes, n}), "%zu", n);
    }
    buf_release(&b);
    arena_release(&a);
}
