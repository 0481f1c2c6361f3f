/* base/escape.h */
#include "base/escape.h"

#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

struct escape_case {
    const char *what, *bytes;
    size_t len;
    const char *terminal, *json, *html;
};

#define FFFD "\xef\xbf\xbd"

static const struct escape_case escape_cases[] = {
    {"empty", BYTES(""), "", "", ""},
    {"plain", BYTES("plain text ~"), "plain text ~", "plain text ~", "plain text ~"},
    {"letters", BYTES("\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"),
     "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80",
     "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
    {"terminal sequence", BYTES("a\x1b[31m"), "a\\x1b[31m", "a\\u001b[31m", "a" FFFD "[31m"},
    {"NUL and DEL", BYTES("\0\x7f"), "\\x00\\x7f", "\\u0000\\u007f", FFFD FFFD},
    {"C1",
     BYTES("\xc2\x9b"
           "1m"),
     "\\u{009b}1m", "\\u009b1m", FFFD "1m"},
    {"line feed and tab", BYTES("a\n\tb"), "a\\x0a\\x09b", "a\\n\\tb", "a&#10;&#9;b"},
    {"return", BYTES("a\rb"), "a\\x0db", "a\\rb", "a" FFFD "b"},
    {"bidi override",
     BYTES("\xe2\x80\xae"
           "exe"),
     "\\u{202e}exe", "\\u202eexe", FFFD "exe"},
    {"bidi isolate", BYTES("\xe2\x81\xa6"), "\\u{2066}", "\\u2066", FFFD},
    {"arabic letter mark", BYTES("\xd8\x9c"), "\\u{061c}", "\\u061c", FFFD},
    {"zero width",
     BYTES("a\xe2\x80\x8b"
           "b"),
     "a\\u{200b}b", "a\\u200bb", "a" FFFD "b"},
    {"line separator", BYTES("\xe2\x80\xa8"), "\\u{2028}", "\\u2028", FFFD},
    {"byte order mark", BYTES("\xef\xbb\xbf"), "\\u{feff}", "\\ufeff", FFFD},
    {"tag letter", BYTES("\xf3\xa0\x81\x81"), "\\u{e0041}", "\\udb40\\udc41", FFFD},
    {"not a character", BYTES("\xef\xbf\xbf"), "\\u{ffff}", "\\uffff", FFFD},
    {"bad bytes", BYTES("a\xff\xc3(\xe2\x82"), "a\\xff\\xc3(\\xe2\\x82",
     "a" FFFD FFFD "(" FFFD FFFD, "a" FFFD FFFD "(" FFFD FFFD},
    {"surrogate", BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80", FFFD FFFD FFFD, FFFD FFFD FFFD},
    {"overlong", BYTES("\xc0\xbc"), "\\xc0\\xbc", FFFD FFFD, FFFD FFFD},
    {"markup", BYTES("<a href=\"x\" b='&'>"), "<a href=\"x\" b='&'>", "<a href=\\\"x\\\" b='&'>",
     "&lt;a href=&quot;x&quot; b=&#39;&amp;&#39;&gt;"},
    {"backslash", BYTES("\\x41"), "\\x41", "\\\\x41", "\\x41"},
};

static void expect(const struct escape_case *c, void (*escape)(struct buf *, struct slice),
                   const char *want, const char *sink)
{
    const struct slice s = exact(c->bytes, c->len);
    struct buf b;

    buf_init(&b, 1000);
    escape(&b, s);
    cr_expect(slice_is(buf_slice(&b), want), "%s, %s: got '%.*s'", c->what, sink, (int)b.len,
              b.len > 0 ? (char *)b.data : "");
    buf_release(&b);
    exact_free(s);
}

CASES(escape, each_sink, escape_cases)
{
    const struct escape_case *c = &escape_cases[*case_index];

    expect(c, escape_terminal, c->terminal, "terminal");
    expect(c, escape_json, c->json, "json");
    expect(c, escape_html, c->html, "html");
}

/* Each code point alone: what comes out is UTF-8, and never what a terminal acts upon. */
Test(escape, no_code_point_gets_through_that_should_not)
{
    struct buf b;

    buf_init(&b, 100);
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        uint8_t raw[4];
        size_t n = 1, at = 0, bad;
        uint32_t back;

        if (cp >= 0xd800 && cp < 0xe000)
            continue;
        if (cp < 0x80) {
            raw[0] = (uint8_t)cp;
        } else {
            n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
            for (size_t i = n - 1; i > 0; i--)
                raw[i] = (uint8_t)(0x80 | (cp >> (6 * (n - 1 - i)) & 0x3f));
            raw[0] = (uint8_t)((0xf00u >> n & 0xf0) | cp >> (6 * (n - 1)));
        }
        escape_next((struct slice){raw, n}, &at, &back);
        cr_assert(at == n && back == cp, "U+%04X read as U+%04X", cp, back);
        buf_clear(&b);
        escape_terminal(&b, (struct slice){raw, n});
        cr_assert(slice_utf8(buf_slice(&b), &bad));
        cr_assert(b.len > 0);
        if (b.len == n && memcmp(b.data, raw, n) == 0)
            cr_assert(cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) &&
                          !(cp >= 0x200b && cp <= 0x200f) && !(cp >= 0x2028 && cp <= 0x202e) &&
                          !(cp >= 0x2060 && cp <= 0x206f) && cp != 0xfeff && cp != 0x61c,
                      "U+%04X", cp);
    }
    buf_release(&b);
}

Test(escape, next_at_the_end)
{
    size_t at = 0;
    uint32_t cp = 0;

    escape_next((struct slice){NULL, 0}, &at, &cp);
    cr_expect_eq(at, 0);
    cr_expect_eq(cp, UINT32_MAX);
}
