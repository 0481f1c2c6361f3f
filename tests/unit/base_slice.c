/* base/slice.h */
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

Test(slice, literals_and_strings)
{
    cr_expect_eq(SLICE_LIT("a\0b").len, 3);
    cr_expect_eq(slice_str("abc").len, 3);
    cr_expect_eq(slice_str(NULL).len, 0);
    cr_expect(slice_is(SLICE_LIT("abc"), "abc"));
    cr_expect_not(slice_is(SLICE_LIT("abc\0"), "abc"));
    cr_expect(slice_eq((struct slice){NULL, 0}, SLICE_LIT("")));
}

Test(slice, orders_by_unsigned_bytes)
{
    cr_expect_eq(slice_cmp(SLICE_LIT("a"), SLICE_LIT("a")), 0);
    cr_expect_lt(slice_cmp(SLICE_LIT("a"), SLICE_LIT("b")), 0);
    cr_expect_lt(slice_cmp(SLICE_LIT("a"), SLICE_LIT("aa")), 0);
    cr_expect_gt(slice_cmp(SLICE_LIT("aa"), SLICE_LIT("a")), 0);
    cr_expect_gt(slice_cmp(SLICE_LIT("\xff"), SLICE_LIT("a")), 0);
    cr_expect_lt(slice_cmp((struct slice){NULL, 0}, SLICE_LIT("a")), 0);
}

Test(slice, is_one_of_a_list)
{
    static const char *const list[] = {"one", "two", ""};

    cr_expect(slice_among(SLICE_LIT("two"), list, 3));
    cr_expect_not(slice_among(SLICE_LIT("two"), list, 1));
    cr_expect_not(slice_among(SLICE_LIT("tw"), list, 3));
    cr_expect(slice_among((struct slice){NULL, 0}, list, 3));
    cr_expect_not(slice_among(SLICE_LIT("one"), NULL, 0));
}

Test(slice, starts_ends_finds)
{
    const struct slice s = exact_str("one two two");
    size_t at = 99;

    cr_expect(slice_starts(s, "one"));
    cr_expect(slice_starts(s, ""));
    cr_expect_not(slice_starts(s, "one two two three"));
    cr_expect(slice_ends(s, "two"));
    cr_expect_not(slice_ends(s, "one"));
    cr_expect(slice_find(s, SLICE_LIT("two"), &at));
    cr_expect_eq(at, 4);
    cr_expect(slice_find(s, SLICE_LIT(""), &at));
    cr_expect_eq(at, 0);
    at = 99;
    cr_expect_not(slice_find(s, SLICE_LIT("three"), &at));
    cr_expect_not(slice_find((struct slice){NULL, 0}, SLICE_LIT("x"), &at));
    cr_expect_eq(at, 99, "untouched");
    exact_free(s);
}

Test(slice, from_stops_at_the_end)
{
    cr_expect(slice_is(slice_from(SLICE_LIT("abc"), 1), "bc"));
    cr_expect_eq(slice_from(SLICE_LIT("abc"), 3).len, 0);
    cr_expect_eq(slice_from(SLICE_LIT("abc"), 4).len, 0);
    cr_expect_eq(slice_from((struct slice){NULL, 0}, 4).len, 0);
}

Test(slice, trims_its_ends)
{
    const struct slice s = exact_str(" \ta b\0 \t");

    cr_expect(slice_is(slice_trim(SLICE_LIT(" \ta b \t"), " \t"), "a b"));
    cr_expect(slice_is(slice_trim_start(SLICE_LIT("  a  "), " "), "a  "));
    cr_expect(slice_is(slice_trim_end(SLICE_LIT("  a  "), " "), "  a"));
    cr_expect(slice_is(slice_trim(s, " \t"), "a b"), "a string of ours ends at its NUL");
    cr_expect_eq(slice_trim_end(SLICE_LIT("a\0"), " ").len, 2, "NUL is none of the characters");
    cr_expect_eq(slice_trim(SLICE_LIT("    "), " ").len, 0);
    cr_expect_eq(slice_trim((struct slice){NULL, 0}, " ").len, 0);
    exact_free(s);
}

Test(slice, base_name_and_digits)
{
    cr_expect(slice_is(slice_base_name(SLICE_LIT("a/b/c")), "c"));
    cr_expect(slice_is(slice_base_name(SLICE_LIT("c")), "c"));
    cr_expect(slice_is(slice_base_name(SLICE_LIT("a/")), ""));
    cr_expect_eq(slice_base_name((struct slice){NULL, 0}).len, 0);
    cr_expect(slice_digits(SLICE_LIT("0123456789")));
    cr_expect_not(slice_digits(SLICE_LIT("")));
    cr_expect_not(slice_digits(SLICE_LIT("12a")));
    cr_expect_not(slice_digits(SLICE_LIT("/0")));
    cr_expect_not(slice_digits(SLICE_LIT(":")));
}

struct utf8_case {
    const char *what, *bytes;
    size_t len, bad; /* bad == len: all is well */
};

static const struct utf8_case utf8_cases[] = {
    {"empty", BYTES(""), 0},
    {"ascii", BYTES("hello, this is plain"), 20},
    {"nul", BYTES("a\0b"), 3},
    {"two, three, four bytes", BYTES("\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"),
     14},
    {"highest", BYTES("\xf4\x8f\xbf\xbf"), 4},
    {"just below the surrogates", BYTES("\xed\x9f\xbf"), 3},
    {"just above the surrogates", BYTES("\xee\x80\x80"), 3},
    {"lone continuation", BYTES("a\x80"), 1},
    {"overlong of two", BYTES("ab\xc1\xbf"), 2},
    {"overlong of three", BYTES("\xe0\x9f\xbf"), 0},
    {"overlong of four", BYTES("\xf0\x8f\xbf\xbf"), 0},
    {"first surrogate", BYTES("\xed\xa0\x80"), 0},
    {"last surrogate", BYTES("x\xed\xbf\xbf"), 1},
    {"past the last", BYTES("\xf4\x90\x80\x80"), 0},
    {"lead f5", BYTES("\xf5\x80\x80\x80"), 0},
    {"lead ff", BYTES("12345678\xff"), 8},
    {"two cut", BYTES("a\xc3"), 1},
    {"three cut", BYTES("12345678\xe2\x82"), 8},
    {"four cut", BYTES("\xf0\x9f\x98"), 0},
    {"second byte is ascii", BYTES("\xc3("), 0},
    {"third byte is ascii", BYTES("\xe2\x82("), 0},
    {"fourth byte is ascii", BYTES("\xf0\x9f\x98("), 0},
    {"bad after good", BYTES("\xc3\xa9\xc3\xa9\xff"), 4},
};
/* TEST-OF: RFC 3629 section 4 */
CASES(slice, utf8, utf8_cases)
{
    const struct utf8_case *c = &utf8_cases[*case_index];
    const struct slice s = exact(c->bytes, c->len);
    size_t bad = c->len;

    cr_expect_eq(slice_utf8(s, &bad), c->bad == c->len, "%s", c->what);
    cr_expect_eq(bad, c->bad, "%s: at %zu", c->what, bad);
    exact_free(s);
}

/* Every pair and triple of bytes against the definition, spelled out another way. */
static bool by_the_book(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t cp = p[i];
        const size_t len = cp < 0x80 ? 1 : (cp & 0xe0) == 0xc0 ? 2 : (cp & 0xf0) == 0xe0 ? 3 : 9;
        static const uint32_t least[] = {0, 0, 0x80, 0x800};

        if (len > n - i)
            return false;
        if (len > 1)
            cp &= len == 2 ? 0x1f : 0x0f;
        for (size_t k = 1; k < len; k++) {
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
            cp = cp << 6 | (p[i + k] & 0x3f);
        }
        if (cp < least[len] || (cp >= 0xd800 && cp < 0xe000))
            return false;
        i += len;
    }
    return true;
}

Test(slice, utf8_all_triples)
{
    uint8_t b[3];
    size_t bad, wrong = 0;

    for (uint32_t v = 0; v < 1u << 24; v += 1 + (v & 0x7f0000) / 0x40000) {
        b[0] = (uint8_t)(v >> 16);
        b[1] = (uint8_t)(v >> 8);
        b[2] = (uint8_t)v;
        wrong += slice_utf8((struct slice){b, 3}, &bad) != by_the_book(b, 3);
    }
    cr_expect_eq(wrong, 0, "%zu differ", wrong);
}
