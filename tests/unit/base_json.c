/* base/json.h */
#include "base/json_cut.h"

#include <inttypes.h>
#include <sys/mman.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

/* The oracle; it has a macro of the name of our style. */
#include <jansson.h>
#undef JSON_COMPACT

struct good_case {
    const char *what, *text;
    size_t len;
    const char *want; /* as compact JSON */
};

static const struct good_case good_cases[] = {
    {"null", BYTES("null"), "null"},
    {"words", BYTES("[true,false,null]"), "[true,false,null]"},
    {"all white space", BYTES(" \t\r\n[ \t\r\n] \t\r\n"), "[]"},
    {"blanks of every length", BYTES("[                  1,         2,        3]"), "[1,2,3]"},
    {"empty", BYTES("[{},[],\"\",{\"\":0}]"), "[{},[],\"\",{\"\":0}]"},
    {"integers", BYTES("[0,-0,-1,9223372036854775807,-9223372036854775808]"),
     "[0,0,-1,9223372036854775807,-9223372036854775808]"},
    {"eighteen and nineteen digits", BYTES("[999999999999999999,1000000000000000000]"),
     "[999999999999999999,1000000000000000000]"},
    {"past int64", BYTES("[9223372036854775808,-9223372036854775809,123456789012345678901]"),
     "[9.223372036854776e18,-9.223372036854776e18,1.2345678901234568e20]"},
    {"reals", BYTES("[0.5,-0.0,1e2,1E+2,1e-2,1.50]"), "[0.5,-0.0,100.0,100.0,0.01,1.5]"},
    {"too small is zero", BYTES("1e-999"), "0.0"},
    {"number at the end", BYTES("12"), "12"},
    {"escapes", BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {"unicode escapes", BYTES("\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\\u0000\""),
     "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\u0000\""},
    {"noncharacters", BYTES("\"\\uFFFF\\uDBFF\\uDFFF\""), "\"\\uffff\\udbff\\udfff\""},
    {"utf-8", BYTES("[\"\xc3\xa9\",\"\xe2\x82\xac\",\"\xf0\x9f\x98\x80\"]"),
     "[\"\xc3\xa9\",\"\xe2\x82\xac\",\"\xf0\x9f\x98\x80\"]"},
    {"DEL in a string", BYTES("\"\x7f\""), "\"\\u007f\""},
    {"order is kept", BYTES("{\"b\":1,\"a\":{\"d\":2,\"c\":3}}"),
     "{\"b\":1,\"a\":{\"d\":2,\"c\":3}}"},
    {"keys that differ by case", BYTES("{\"a\":1,\"A\":2}"), "{\"a\":1,\"A\":2}"},
    {"a key of escapes", BYTES("{\"\\u0061b\":1}"), "{\"ab\":1}"},
    {"lists of maps of lists", BYTES("[{\"a\":[{\"b\":[]},[]]},{}]"),
     "[{\"a\":[{\"b\":[]},[]]},{}]"},
};
/* TEST-OF: RFC 8259 */
CASES(json, reads_what_is_json, good_cases)
{
    const struct good_case *c = &good_cases[*case_index];
    const struct slice s = exact(c->text, c->len);
    const struct value *v = NULL;
    struct err e = {0};
    struct json_out o;
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 10000);
    cr_assert(json_read(s, &a, &v, &e), "%s: %s", c->what, e.text);
    exact_free(s); /* the tree borrows nothing */
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, v);
    cr_expect(slice_is(buf_slice(&b), c->want), "%s: %.*s", c->what, (int)b.len, (char *)b.data);
    cr_expect_eq(e.code, ERR_NONE);
    buf_release(&b);
    arena_release(&a);
}

struct bad_case {
    const char *what, *text;
    size_t len;
    const char *want;
    uint64_t offset;
    uint32_t line;
};

#define NUMBER "not a number of json"
#define UTF8(hex) "byte 0x" hex " is not utf-8"

static const struct bad_case bad_cases[] = {
    {"nothing", BYTES(""), "the text ends where a value was expected", 0, 1},
    {"blanks only", BYTES(" \n "), "the text ends where a value was expected", 3, 2},
    {"byte order mark", BYTES("\xef\xbb\xbf{}"), "the text begins with a byte order mark", 0, 1},
    {"utf-16", BYTES("[\0\"\0"), "found byte 0x00 where a value was expected", 1, 1},
    {"two values", BYTES("1 2"), "found '2' where the end of the text was expected", 2, 1},
    {"closed twice", BYTES("[1]]"), "found ']' where the end of the text was expected", 3, 1},
    {"NUL behind", BYTES("1\0"), "found byte 0x00 where the end of the text was expected", 1, 1},
    {"comment", BYTES("[1] // x"), "found '/' where the end of the text was expected", 4, 1},
    {"open list", BYTES("["), "the text ends where a value was expected", 1, 1},
    {"open list after a value", BYTES("[1"), "the text ends where ',' or ']' was expected", 2, 1},
    {"comma at the end", BYTES("[1,]"), "found ']' where more behind the comma was expected", 3, 1},
    {"comma in front", BYTES("[,1]"), "found ',' where a value was expected", 1, 1},
    {"two commas", BYTES("[1,\n,2]"), "found ',' where a value was expected", 4, 2},
    {"no comma", BYTES("[1 2]"), "found '2' where ',' or ']' was expected", 3, 1},
    {"wrong bracket", BYTES("[1}"), "found '}' where ',' or ']' was expected", 2, 1},
    {"wrong brace", BYTES("{\"a\":1]"), "found ']' where ',' or '}' was expected", 6, 1},
    {"open map", BYTES("{"), "the text ends where a key was expected", 1, 1},
    {"key without quotes", BYTES("{a:1}"), "found 'a' where a key was expected", 1, 1},
    {"key with single quotes", BYTES("{'a':1}"), "found ''' where a key was expected", 1, 1},
    {"number as key", BYTES("{1:1}"), "found '1' where a key was expected", 1, 1},
    {"comma at the end of a map", BYTES("{\"a\":1,}"),
     "found '}' where more behind the comma was expected", 7, 1},
    {"no colon", BYTES("{\"a\" 1}"), "found '1' where ':' was expected", 5, 1},
    {"comma for colon", BYTES("{\"a\",1}"), "found ',' where ':' was expected", 4, 1},
    {"no value", BYTES("{\"a\":}"), "found '}' where a value was expected", 5, 1},
    {"ends after the key", BYTES("{\"a\""), "the text ends where ':' was expected", 4, 1},
    {"ends after the colon", BYTES("{\"a\":"), "the text ends where a value was expected", 5, 1},
    {"unknown word", BYTES("[nul]"), "found 'n' where a value was expected", 1, 1},
    {"word cut", BYTES("tru"), "found 't' where a value was expected", 0, 1},
    {"word too long", BYTES("truee"), "found 'e' where the end of the text was expected", 4, 1},
    {"upper-case word", BYTES("True"), "found 'T' where a value was expected", 0, 1},
    {"NaN", BYTES("NaN"), "found 'N' where a value was expected", 0, 1},
    {"infinity", BYTES("-Infinity"), NUMBER, 0, 1},
    {"plus", BYTES("+1"), "found '+' where a value was expected", 0, 1},
    {"minus alone", BYTES("[-]"), NUMBER, 1, 1},
    {"minus blank", BYTES("- 1"), NUMBER, 0, 1},
    {"leading zero", BYTES("[01]"), "a number with a leading zero", 1, 1},
    {"minus leading zero", BYTES("-01"), "a number with a leading zero", 0, 1},
    {"zeros", BYTES("00"), "a number with a leading zero", 0, 1},
    {"hexadecimal", BYTES("0x1"), "found 'x' where the end of the text was expected", 1, 1},
    {"no fraction", BYTES("1."), NUMBER, 0, 1},
    {"no whole part", BYTES("[.5]"), "found '.' where a value was expected", 1, 1},
    {"no exponent", BYTES("1e"), NUMBER, 0, 1},
    {"sign of an exponent only", BYTES("1e+"), NUMBER, 0, 1},
    {"two points", BYTES("1.2.3"), NUMBER, 0, 1},
    {"two signs", BYTES("--1"), NUMBER, 0, 1},
    {"sum", BYTES("1+2"), "found '+' where the end of the text was expected", 1, 1},
    {"19 digits and a sign", BYTES("1000000000000000000-1"), NUMBER, 0, 1},
    {"too large", BYTES("[1e309]"), "a number too large for a double", 1, 1},
    {"full-width digit", BYTES("[\xef\xbc\x91]"), "found byte 0xef where a value was expected", 1,
     1},
    {"form feed", BYTES("[\f]"), "found byte 0x0c where a value was expected", 1, 1},
    {"no-break space", BYTES("[\xc2\xa0]"), "found byte 0xc2 where a value was expected", 1, 1},
    {"open string", BYTES("\"abc"), "the text ends within a string", 4, 1},
    {"open string after '\\'", BYTES("\"abc\\"), "the text ends within a string", 5, 1},
    {"escaped quote only", BYTES("\"abc\\\""), "the text ends within a string", 6, 1},
    {"line feed in a string", BYTES("\"a\nb\""), "control byte 0x0a in a string", 2, 1},
    {"NUL in a string", BYTES("\"a\0b\""), "control byte 0x00 in a string", 2, 1},
    {"tab far in a string", BYTES("\n\"0123456789abcdef0123456789\t\""),
     "control byte 0x09 in a string", 28, 2},
    {"unknown escape", BYTES("\"\\x41\""), "an escape that json does not have", 1, 1},
    {"escaped line feed", BYTES("\"\\\n\""), "an escape that json does not have", 1, 1},
    {"escaped NUL", BYTES("\"\\\0\""), "an escape that json does not have", 1, 1},
    {"escaped utf-8", BYTES("\"\\\xc3\xa9\""), UTF8("a9"), 3, 1},
    {"upper-case U", BYTES("\"\\U0041\""), "an escape that json does not have", 1, 1},
    {"three digits", BYTES("\"\\u004\""), "\\u without four hexadecimal digits", 1, 1},
    {"not digits", BYTES("\"ab\\u00g1\""), "\\u without four hexadecimal digits", 3, 1},
    {"high half alone", BYTES("\"\\ud800\""), "\\ud800 is half of a surrogate pair", 1, 1},
    {"low half alone", BYTES("\"\\udc00\""), "\\udc00 is half of a surrogate pair", 1, 1},
    {"two high halves", BYTES("\"\\ud800\\ud800\""), "\\ud800 is half of a surrogate pair", 1, 1},
    {"high half and text", BYTES("\"\\ud800x\""), "\\ud800 is half of a surrogate pair", 1, 1},
    {"swapped halves", BYTES("\"\\ude00\\ud83d\""), "\\ude00 is half of a surrogate pair", 1, 1},
    {"bad lead byte", BYTES("\"\xff\""), UTF8("ff"), 1, 1},
    {"latin-1", BYTES("\"caf\xe9\""), UTF8("e9"), 4, 1},
    {"overlong", BYTES("\"\xc0\xaf\""), UTF8("c0"), 1, 1},
    {"surrogate in utf-8", BYTES("\"\xed\xa0\x80\""), UTF8("ed"), 1, 1},
    {"past U+10FFFF", BYTES("\"\xf4\x90\x80\x80\""), UTF8("f4"), 1, 1},
    {"sequence cut by the quote", BYTES("\"\xe2\x82\""), UTF8("e2"), 1, 1},
    {"sequence cut by the end", BYTES("\"\xe2\x82"), UTF8("e2"), 1, 1},
    {"bad byte in a key", BYTES("{\"a\xff\":1}"), UTF8("ff"), 3, 1},
    {"duplicate key", BYTES("{\"a\":1,\n\"a\":2}"), "duplicate key 'a'", 8, 2},
    {"duplicate once unescaped", BYTES("{\"a\":1,\"\\u0061\":2}"), "duplicate key 'a'", 7, 1},
    {"duplicate empty key", BYTES("{\"\":1,\"\":2}"), "duplicate key ''", 6, 1},
    {"duplicate among twenty",
     BYTES("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
           "\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"c\":1}"),
     "duplicate key 'c'", 115, 1},
};
/* TEST-OF: RFC 8259, and the refusals of base/json.h */
CASES(json, refuses_what_is_not, bad_cases)
{
    const struct bad_case *c = &bad_cases[*case_index];
    const struct slice s = exact(c->text, c->len);
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_not(json_read(s, &a, &v, &e), "%s", c->what);
    cr_expect_eq(e.code, ERR_FORMAT, "%s", c->what);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(e.offset, c->offset, "%s: at %ju", c->what, (uintmax_t)e.offset);
    cr_expect_eq(e.line, c->line, "%s: line %u", c->what, e.line);
    cr_expect_null(v, "%s", c->what);
    exact_free(s);
    arena_release(&a);
}

static bool reads(const char *text, size_t len, struct arena *a, const struct value **v,
                  struct err *e)
{
    const struct slice s = exact(text, len);
    const bool done = json_read(s, a, v, e);

    exact_free(s);
    return done;
}

Test(json, nodes_know_their_place)
{
    static const char text[] = "{\n  \"a\": [1,\n\n    {\"b\": \"x\"}],\r\n\t\"c\": null\n}";
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(reads(text, sizeof(text) - 1, &a, &v, &e), "%s", e.text);
    cr_expect(v->offset == 0 && v->line == 1);
    cr_expect(value_get(v, "a")->offset == 9 && value_get(v, "a")->line == 2);
    cr_expect(value_path(v, "a.0")->offset == 10 && value_path(v, "a.0")->line == 2);
    cr_expect(value_path(v, "a.1")->offset == 18 && value_path(v, "a.1")->line == 4);
    cr_expect(value_path(v, "a.1.b")->offset == 24 && value_path(v, "a.1.b")->line == 4);
    cr_expect(value_get(v, "c")->offset == 38 && value_get(v, "c")->line == 5);
    cr_expect_eq(v->as.members[0].key_offset, 4);
    cr_expect_eq(v->as.members[1].key_offset, 33);
    arena_release(&a);
}

/* Strings of every length, so that each way to scan and to copy is taken, at every distance from
 * the end. */
Test(json, strings_of_every_length)
{
    static const char *const tails[] = {"", "\\n", "\xc3\xa9", "\xe2\x82\xac!", "\\u20ac"};
    static const char *const read[] = {"", "\n", "\xc3\xa9", "\xe2\x82\xac!", "\xe2\x82\xac"};
    struct arena a;

    arena_init(&a);
    for (size_t n = 0; n < 80; n++) {
        for (size_t t = 0; t < ARRAY_LEN(tails); t++) {
            const struct value *v = NULL;
            struct err e = {0};
            char text[128], want[128];
            char plain[81];
            int len;

            memset(plain, 'a' + (int)(n % 26), n);
            plain[n] = '\0';
            len = snprintf(text, sizeof(text), "[\"%s%s\",\"%s\"]", n < 40 ? plain : "", tails[t],
                           plain);
            snprintf(want, sizeof(want), "%s%s", n < 40 ? plain : "", read[t]);
            cr_assert(reads(text, (size_t)len, &a, &v, &e), "%s: %s", text, e.text);
            cr_assert(slice_is(value_text(value_item(v, 0)), want), "%s", text);
            cr_assert(slice_is(value_text(value_item(v, 1)), plain), "%s", text);
            cr_assert_eq(value_item(v, 1)->as.text[n], 0, "a NUL behind");
        }
    }
    arena_release(&a);
}

/* Short strings are kept once: those that are alike but not the same must stay apart. */
Test(json, strings_that_share_their_ends)
{
    struct arena a;
    struct buf b;
    const struct value *v = NULL;
    struct err e = {0};

    arena_init(&a);
    buf_init(&b, 1 << 20);
    buf_str(&b, "[\"\"");
    for (int i = 0; i < 4096; i++)
        buf_printf(&b, ",\"01234567-%04d-%.*s89abcdef\"", i % 2048, i % 8, "xxxxxxxx");
    buf_str(&b, ",\"a\",\"aa\",\"aaa\",\"aaaa\",\"aaaaa\",\"a\\u0000\"]");
    cr_assert(reads((const char *)b.data, b.len, &a, &v, &e), "%s", e.text);
    for (int i = 0; i < 4096; i++) {
        char want[64];

        snprintf(want, sizeof(want), "01234567-%04d-%.*s89abcdef", i % 2048, i % 8, "xxxxxxxx");
        cr_assert(slice_is(value_text(value_item(v, (size_t)i + 1)), want), "%d", i);
    }
    for (size_t i = 1; i < 6; i++)
        cr_expect_eq(value_text(value_item(v, 4096 + i)).len, i);
    cr_expect(slice_eq(value_text(value_item(v, 4102)), SLICE_LIT("a\0")));
    buf_release(&b);
    arena_release(&a);
}

Test(json, depth_at_the_cap_and_past_it)
{
    const size_t n = LIMIT_JSON_DEPTH;
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;
    char *text = malloc(2 * n + 2);

    arena_init(&a);
    memset(text, '[', n + 1);
    memset(text + n, ']', n);
    cr_expect(reads(text, 2 * n, &a, &v, &e), "%s", e.text);
    memset(text, '[', n + 1);
    memset(text + n + 1, ']', n + 1);
    cr_expect_not(reads(text, 2 * n + 2, &a, &v, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "deeper than LIMIT_JSON_DEPTH (512 levels)");
    cr_expect_eq(e.offset, n);
    free(text);
    arena_release(&a);
}

/* The pages are never touched but the first. */
Test(json, length_past_the_cap)
{
    const size_t n = (size_t)LIMIT_JSON_BYTES + 1;
    uint8_t *text = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    cr_assert_neq(text, MAP_FAILED);
    arena_init(&a);
    cr_expect_not(json_read((struct slice){text, n}, &a, &v, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "a text longer than LIMIT_JSON_BYTES (1073741824 bytes)");
    err_clear(&e);
    cr_expect_not(json_read((struct slice){text, n - 1}, &a, &v, &e));
    cr_expect_eq(e.code, ERR_FORMAT, "NULs are no JSON, but not too many: %s", e.text);
    munmap(text, n);
    arena_release(&a);
}

Test(json, many_members)
{
    struct arena a;
    struct buf b;
    const struct value *v = NULL;
    struct err e = {0};

    arena_init(&a);
    buf_init(&b, 16 << 20);
    buf_u8(&b, '{');
    for (int i = 0; i < 200000; i++)
        buf_printf(&b, "\"key-%d\":%d,", i, i);
    buf_str(&b, "\"last\":0}");
    cr_assert(reads((const char *)b.data, b.len, &a, &v, &e), "%s", e.text);
    cr_expect_eq(value_len(v), 200001);
    for (int i = 0; i < 200000; i++) {
        char key[32];

        snprintf(key, sizeof(key), "key-%d", i);
        cr_assert_eq(value_int_or(value_get(v, key), -1), i);
    }
    b.len -= strlen("\"last\":0}");
    buf_str(&b, "\"key-77777\":0}");
    cr_expect_not(reads((const char *)b.data, b.len, &a, &v, &e));
    cr_expect_str_eq(e.text, "duplicate key 'key-77777'");
    buf_release(&b);
    arena_release(&a);
}

/* ---- against jansson ------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* What we refuse and jansson reads, by our text: numbers that are too large it refuses too, in
 * other cases. */
static bool stricter(const struct err *e)
{
    return strstr(e->text, "LIMIT_") != NULL;
}

static bool same(const struct value *v, const json_t *j);

static bool same_map(const struct value *v, const json_t *j)
{
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value_member *m = &v->as.members[i];

        if (!same(m->value, json_object_getn(j, (const char *)m->key.data, m->key.len)))
            return false;
    }
    return v->len == json_object_size(j);
}

static bool same(const struct value *v, const json_t *j)
{
    if (j == NULL)
        return false;
    switch ((enum value_kind)v->kind) {
    case VALUE_NULL:
        return json_is_null(j);
    case VALUE_BOOL:
        return json_is_boolean(j) && json_is_true(j) == v->as.boolean;
    case VALUE_INT:
        return json_is_integer(j) && json_integer_value(j) == v->as.integer;
    case VALUE_DOUBLE:
        return json_is_real(j) && json_real_value(j) == v->as.real;
    case VALUE_STRING:
        return json_is_string(j) && json_string_length(j) == v->len &&
               memcmp(json_string_value(j), v->as.text, v->len) == 0;
    case VALUE_LIST:
        for (uint32_t i = 0; i < v->len; i++)
            if (!same(v->as.items[i], json_array_get(j, i)))
                return false;
        return json_is_array(j) && v->len == json_array_size(j);
    case VALUE_MAP:
        return json_is_object(j) && same_map(v, j);
    default:
        return false;
    }
}

/* jansson refuses integers past int64, which we read as doubles. */
static bool laxer(const json_error_t *j)
{
    return json_error_code(j) == json_error_numeric_overflow;
}

static void compare(const char *text, size_t n)
{
    const struct slice s = exact(text, n);
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;
    json_error_t why;
    json_t *j = json_loadb((const char *)s.data, n,
                           JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    bool done;

    arena_init(&a);
    done = json_read(s, &a, &v, &e);
    if (done && j == NULL)
        cr_assert(laxer(&why), "we read, jansson says '%s': %.*s", why.text, (int)n, text);
    else if (!done && j != NULL)
        cr_assert(stricter(&e), "jansson reads, we say '%s': %.*s", e.text, (int)n, text);
    else if (done)
        cr_assert(same(v, j), "read differently: %.*s", (int)n, text);
    cr_assert_eq(done, e.text[0] == '\0');
    json_decref(j);
    arena_release(&a);
    exact_free(s);
}

/* Changes, doubles, drops or swaps a few bytes of a good text. */
static size_t mutate(uint64_t *x, char *text, size_t n)
{
    static const char likely[] = "\"\\{}[]:,0123456789eE+-.tfnu \n\x80\xc3\xff";

    for (uint64_t k = next_random(x) % 3 + 1; k > 0 && n > 2; k--) {
        const size_t at = (size_t)(next_random(x) % (n - 1));

        switch (next_random(x) % 4) {
        case 0:
            text[at] = likely[next_random(x) % (sizeof(likely) - 1)];
            break;
        case 1:
            memmove(text + at, text + at + 1, n - at - 1);
            n--;
            break;
        case 2:
            memmove(text + at + 1, text + at, n - at);
            n++;
            break;
        default:
            text[at] = (char)next_random(x);
        }
    }
    return n;
}

Test(json, agrees_with_jansson)
{
    static const char *const seeds[] = {
        "{\"a\":[1,2.5,-3e7,true,false,null],\"b\":{\"c\":\"text\",\"d\":\"\\u00e9\\ud83d\\ude00\"}"
        "}",
        "[\"a long string that is longer than sixteen bytes\",\"\xc3\xa9\xe2\x82\xac\",{\"k\":[]}]",
        "[0,-0.5,1e10,123456789012345678,9223372036854775807,0.1,1E-5]",
        "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
        "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1}",
        "  [ { \"x\" : \"\\\\ \\/ \\b\\f\\n\\r\\t\" } , [ [ ] ] ]  ",
    };
    uint64_t x = 88172645463325252u;

    for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
        compare(seeds[i], strlen(seeds[i]));
    for (int i = 0; i < 40000; i++) {
        const char *seed = seeds[next_random(&x) % ARRAY_LEN(seeds)];
        char text[512];

        memcpy(text, seed, strlen(seed));
        compare(text, mutate(&x, text, strlen(seed)));
    }
}

/* ---- what is left of a text ------------------------------------------------------------------ */

static const struct rest_case {
    const char *what, *text; /* what stands between '<' and '>' is taken out */
    bool good;
} rest_cases[] = {
    {"one list", "{\"a\":1,\n\"b\":[<1,\n2>],\n\"c\":{\"d\":[3]}}", true},
    {"two lists", "[[<1,2\n>],\n[[<\n\n{}>]],[4],\n\"x\"]", true},
    {"nothing taken", "[[<>],[1],\n2]", true},
    {"the whole list", "[<1,2>]", true},
    {"lists before", "[[],[[1]],\n[<1>],[],3]", true},
    {"an error before", "[01,[<1,\n2>],3]", false},
    {"an error behind", "[[<1,\n2>],\n03]", false},
    {"an error behind two", "[[<1,\n2>],\n[<3>]\n,[0 3]]", false},
    {"the end", "[[<1,\n2>],\n", false},
    {"a key twice behind", "{\"a\":[<1,\n2>],\n\"b\":0,\"b\":0}", false},
    {"a key twice around", "{\"a\":[<1,\n2>],\n\"a\":[<3>],\"b\":[<4>]}", false},
    {"a key twice before", "{\"x\":{\"a\":1,\"a\":2},\"b\":[<4>]}", false},
};

/* The same places; a list that lost its items is empty on the left. */
static void same_places(const char *what, const struct value *rest, const struct value *all)
{
    cr_expect_eq(rest->offset, all->offset, "%s: %" PRIu64 ", not %" PRIu64, what, rest->offset,
                 all->offset);
    cr_expect_eq(rest->line, all->line, "%s: at %" PRIu64, what, all->offset);
    cr_assert_eq(rest->kind, all->kind, "%s", what);
    if (rest->kind == VALUE_LIST && rest->len == 0)
        return;
    cr_assert_eq(value_len(rest), value_len(all), "%s", what);
    for (size_t i = 0; i < value_len(rest); i++) {
        if (rest->kind == VALUE_LIST) {
            same_places(what, rest->as.items[i], all->as.items[i]);
            continue;
        }
        cr_expect_eq(rest->as.members[i].key_offset, all->as.members[i].key_offset, "%s", what);
        same_places(what, rest->as.members[i].value, all->as.members[i].value);
    }
}

CASES(json, tells_places_of_the_text_as_it_was, rest_cases)
{
    const struct rest_case *c = &rest_cases[*case_index];
    char all[128], rest[128];
    struct json_cut cuts[4] = {0};
    size_t nall = 0, nrest = 0, ncuts = 0;
    const struct value *v = NULL, *w = NULL;
    struct err e = {0}, f = {0};
    struct arena a;
    bool out = false;

    for (const char *p = c->text; *p != '\0'; p++) {
        if (*p == '<') {
            cuts[ncuts].at = nall;
        } else if (*p == '>') {
            cuts[ncuts].bytes = nall - cuts[ncuts].at;
            ncuts++;
        } else {
            all[nall++] = *p;
            if (out)
                cuts[ncuts].lines += *p == '\n';
            else
                rest[nrest++] = *p;
        }
        out = *p == '<' || (out && *p != '>');
    }
    arena_init(&a);
    cr_assert_eq(json_read((struct slice){(uint8_t *)all, nall}, &a, &v, &e), c->good, "%s",
                 c->what);
    cr_assert_eq(
        json_cut_read(&(struct json_cut_rest){{(uint8_t *)rest, nrest}, cuts, ncuts}, &a, &w, &f),
        c->good, "%s", c->what);
    cr_expect_str_eq(f.text, e.text, "%s", c->what);
    cr_expect_eq(f.offset, e.offset, "%s: %" PRIu64 ", not %" PRIu64, c->what, f.offset, e.offset);
    cr_expect_eq(f.line, e.line, "%s", c->what);
    if (c->good)
        same_places(c->what, w, v);
    arena_release(&a);
}
