/* What each parser says of broken bytes: the words and the offset; and the caps. */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/format.h"
#include "scanner/formats/npy.h"
#include "scanner/formats/pickle/pickle.h"
#include "scanner/formats/pickle/pickle_compat.h"
#include "scanner/formats/pickle/pickle_text.h"
#include "tests/lib/cases.h"
#include "tests/unit/scanner_model_support.h"

struct bytes_case {
    const char *what, *bytes;
    size_t len;
    const char *want;
    uint64_t offset;
};

#define CASE(what, bytes, want, offset)                                                            \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, want, offset                                               \
    }

/* The first stream of a pickle, in an exact-size heap block. */
static bool run(const char *bytes, size_t len, struct pickle *p, struct arena *a, struct err *e)
{
    static const struct pickle_span all = {0, 0};
    uint8_t *copy = malloc(len + (len == 0));
    struct format_input in = {.scratch = a};
    struct feed feed;
    bool ok;

    memcpy(copy, bytes, len);
    in.bytes = source_memory((struct slice){copy, len});
    feed_init(&feed, in.bytes, false);
    in.feed = &feed;
    ok = pickle_scan(&in, &all, p, e);
    feed_release(&feed);
    source_free(in.bytes);
    free(copy);
    return ok;
}

static const struct bytes_case broken[] = {
    CASE("empty", "", "the pickle is cut short: 1 bytes are wanted, 0 are left", 0),
    CASE("no STOP", "\x80\x02N", "the pickle is cut short: 1 bytes are wanted, 0 are left", 3),
    CASE("unknown opcode", "\x80\x02N\xff", "byte 0xff is not a pickle opcode", 3),
    CASE("protocol 6", "\x80\x06N.", "pickle protocol 6, at most 5 is known", 0),
    CASE("STOP of nothing", "\x80\x02.", "the opcode needs 1 objects on the stack, there are 0", 2),
    CASE("REDUCE of one", "NR.", "the opcode needs 2 objects on the stack, there are 1", 1),
    CASE("below the mark", "N(NR.", "the opcode needs 2 objects on the stack, there are 1", 3),
    CASE("no mark", "Nt.", "the opcode needs a mark, there is none", 1),
    CASE("odd DICT", "(Nd.", "DICT of an odd number of objects", 2),
    CASE("odd SETITEMS", "}(Nu.", "SETITEMS of an odd number of objects", 3),
    CASE("OBJ without class", "(o.", "OBJ without a class", 1),
    CASE("text cut short",
         "\x8c\x05"
         "ab",
         "the pickle is cut short: 5 bytes are wanted, 2 are left", 2),
    CASE("huge bytes", "\x8e\xff\xff\xff\xff\xff\xff\xff\xffx",
         "the pickle is cut short: 18446744073709551615 bytes are wanted, 1 are left", 9),
    CASE("negative BINSTRING", "T\xff\xff\xff\xff", "a string of negative length", 0),
    CASE("negative LONG4", "\x8b\xff\xff\xff\xff", "an integer of negative length", 0),
    CASE("line without end", "V\x61\x62", "a line of the pickle has no end", 1),
    CASE("unquoted STRING", "Sabc\n.", "STRING with a broken literal", 0),
    CASE("bad \\x in STRING", "S'\\xg0'\n.", "STRING with a broken literal", 0),
    CASE("bad \\u in UNICODE", "V\\u12\n.", "UNICODE with a broken literal", 0),
    CASE("PUT of a word", "Npx\n.", "a memo key that is not a number", 1),
    CASE("EXT of zero", "\x82\x00.", "extension code 0 is not positive", 0),
    CASE("EXT4 negative", "\x84\xff\xff\xff\xff.", "extension code -1 is not positive", 0),
    CASE("empty INT", "I\n.", "INT without a number", 0),
    CASE("frame past 2^64", "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff",
         "a frame ends past 2^64 bytes", 11),
};

CASES(scanner_format_pickle, refuses_what_no_loader_takes, broken)
{
    const struct bytes_case *c = &broken[*case_index];
    struct pickle p;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect(run(c->bytes, c->len, &p, &a, &e), "%s", c->what);
    cr_expect(p.broken, "%s is not broken", c->what);
    cr_expect_str_eq(p.error.text, c->want, "%s: got '%s'", c->what, p.error.text);
    cr_expect_eq(p.error.offset, c->offset, "%s: at %llu", c->what,
                 (unsigned long long)p.error.offset);
    pickle_release(&p);
    arena_release(&a);
}

/* n times `unit`, then `tail`. */
static bool repeated(const char *unit, size_t n, const char *tail, struct pickle *p,
                     struct arena *a)
{
    const size_t u = strlen(unit), t = strlen(tail);
    char *bytes = malloc(u * n + t + 1);
    struct err e = {0};
    bool ok;

    for (size_t i = 0; i < n; i++)
        memcpy(bytes + i * u, unit, u);
    memcpy(bytes + u * n, tail, t);
    ok = run(bytes, u * n + t, p, a, &e);
    free(bytes);
    return ok;
}

Test(scanner_format_pickle, holds_as_many_objects_as_the_cap)
{
    struct pickle p;
    struct arena a;

    arena_init(&a);
    cr_assert(repeated("N", LIMIT_PICKLE_STACK, ".", &p, &a));
    cr_expect_not(p.broken, "%s", p.error.text);
    cr_expect_eq(p.vm.stack.peak, LIMIT_PICKLE_STACK);
    pickle_release(&p);
    cr_assert(repeated("N", LIMIT_PICKLE_STACK + 1, ".", &p, &a));
    cr_expect(p.broken);
    cr_expect_eq(p.error.code, ERR_LIMIT);
    cr_expect_str_eq(p.error.text,
                     "more than 1000000 objects on the stack of a pickle (LIMIT_PICKLE_STACK)");
    pickle_release(&p);
    arena_release(&a);
}

Test(scanner_format_pickle, marks_have_the_same_cap)
{
    struct pickle p;
    struct arena a;

    arena_init(&a);
    cr_assert(repeated("(", LIMIT_PICKLE_STACK + 1, "N.", &p, &a));
    cr_expect_eq(p.error.code, ERR_LIMIT, "%s", p.error.text);
    pickle_release(&p);
    arena_release(&a);
}

Test(scanner_format_pickle, a_memo_past_its_cap_gives_unknown_names)
{
    struct pickle p;
    struct arena a;

    arena_init(&a);
    cr_assert(repeated("N\x94"
                       "0",
                       LIMIT_PICKLE_MEMO + 1,
                       "\x8c\x02os\x94j\x01\x09\x3d\x0a\x8c\x06system\x93)R.", &p, &a));
    cr_expect(p.table.n == 1, "%zu imports, %s", p.table.n, p.error.text);
    cr_expect(p.table.n == 1 && !p.table.items[0].resolved);
    pickle_release(&p);
    arena_release(&a);
}

/* TEST-OF: CPython 3.11, Modules/_pickle.c: MEMOIZE takes the number of keys as its index. */
Test(scanner_format_pickle, memoize_counts_the_keys)
{
    static const char bytes[] = "\x80\x04\x8c\x02osq\x05"
                                "0\x8c\x06system\x94"
                                "0h\x05h\x01\x93.";
    struct pickle p;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_assert(run(bytes, sizeof(bytes) - 1, &p, &a, &e));
    cr_assert_eq(p.table.n, 1);
    cr_expect(slice_is(p.table.items[0].module, "os") && slice_is(p.table.items[0].name, "system"));
    pickle_release(&p);
    arena_release(&a);
}

Test(scanner_format_pickle, reads_long_strings_again_for_a_name)
{
    char *bytes = calloc(1, 8192);
    struct pickle p;
    struct arena a;
    struct err e = {0};
    size_t n = 0;

    memcpy(bytes, "\x80\x04X\xd0\x07\0\0", 7);
    n = 7;
    memset(bytes + n, 'm', 2000);
    n += 2000;
    memcpy(bytes + n, "\x8c\x01x\x93.", 5);
    n += 5;
    arena_init(&a);
    cr_assert(run(bytes, n, &p, &a, &e));
    cr_assert_eq(p.table.n, 1);
    cr_expect(p.table.items[0].resolved && p.table.items[0].module.len == 2000);
    pickle_release(&p);
    arena_release(&a);
    free(bytes);
}

static const struct bytes_case headers[] = {
    CASE("good", "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }", "", 0),
    CASE("python 2", "{'descr': u'<f8', 'fortran_order': True, 'shape': (3L,)}", "", 0),
    CASE("no dict", "[1]", "the header is no dict of descr, fortran_order and shape: '{' expected",
         0),
    CASE("a call", "{'descr': f(), 'fortran_order': False, 'shape': (3,)}",
         "a string is expected in the header", 11),
    CASE("twice", "{'descr': '<f8', 'descr': '<f8'}", "an unknown or repeated key in the header",
         17),
    CASE("missing", "{'descr': '<f8', 'shape': (3,)}",
         "descr, fortran_order or shape is missing in the header", 31),
    CASE("negative", "{'shape': (-3,)}", "a dimension is expected in the header", 11),
    CASE("overflow", "{'shape': (9223372036854775807, 4)}", "the shape multiplies past 2^64", 10),
    CASE("behind", "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} x",
         "bytes behind the dict of the header", 56),
    CASE("escape", "{'de\\x73cr': 1}", "an escape or control in a string of the header", 5),
    CASE("kind", "{'descr': '<q8'}", "a dtype that is not known", 10),
    CASE("deep",
         "{'descr': [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', "
         "[('a', [('a', [('a', [('a', [('a', [('a', [('a', ",
         "a dtype of more than 16 levels (LIMIT_NPY_DEPTH)", 128),
};

CASES(scanner_format_npy, header_is_a_strict_literal, headers)
{
    const struct bytes_case *c = &headers[*case_index];
    struct npy_header h;
    struct arena a;
    struct err e = {0};
    uint8_t *copy = malloc(c->len);
    bool ok;

    arena_init(&a);
    memcpy(copy, c->bytes, c->len);
    ok = npy_read((struct slice){copy, c->len}, &a, &h, &e);
    cr_expect_eq(ok, c->want[0] == '\0', "%s: %s", c->what, e.text);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    if (!ok)
        cr_expect_eq(e.offset, c->offset, "%s: at %llu", c->what, (unsigned long long)e.offset);
    free(copy);
    arena_release(&a);
}

struct int_case {
    const char *what;
    bool ok;
    int64_t want;
};

static const struct int_case ints[] = {
    {"5", true, 5},
    {" 5 ", true, 5},
    {"+5", true, 5},
    {"-5", true, -5},
    {"1_0", true, 10},
    {"0_1", true, 1},
    {"007", true, 7},
    {"", false, 0},
    {"x", false, 0},
    {"5x", false, 0},
    {"1__0", false, 0},
    {"--1", false, 0},
    {"99999999999999999999", false, 0},
};

/* TEST-OF: CPython 3.11, PyLong_FromString: blanks, one sign and single underscores. */
CASES(scanner_format_pickle_text, numbers_as_python_reads_them, ints)
{
    const struct int_case *c = &ints[*case_index];
    int64_t n = 0;

    cr_expect_eq(pickle_text_int(slice_str(c->what), &n), c->ok, "'%s'", c->what);
    cr_expect(!c->ok || n == c->want, "'%s' gives %lld", c->what, (long long)n);
}

Test(scanner_format_pickle_compat, old_names_move)
{
    struct slice m = SLICE_LIT("__builtin__"), n = SLICE_LIT("eval");

    cr_assert(pickle_compat_map(&m, &n));
    cr_expect(slice_is(m, "builtins") && slice_is(n, "eval"));
    m = SLICE_LIT("itertools");
    n = SLICE_LIT("izip");
    cr_assert(pickle_compat_map(&m, &n));
    cr_expect(slice_is(m, "builtins") && slice_is(n, "zip"));
    m = SLICE_LIT("os");
    cr_expect_not(pickle_compat_map(&m, &n));
}

/* What became of a file is told with the reason, and stands where reading it ended. */
Test(scanner_format_file, says_why_it_was_not_read)
{
    const struct {
        const char *what, *name;
        struct slice bytes;
        const char *status, *reason;
        uint64_t offset;
    } files[] = {
        {"read", "m.npy.txt", SLICE_LIT("weights"), "read", NULL, ERR_NO_OFFSET},
        {"cut short", "m.safetensors",
         SLICE_LIT("\x39\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[9],"
                   "\"data_offsets\":[0,9]}}    12345678"),
         "malformed", "the tensors are 9 bytes, the file holds 8", 8},
        {"no format", "m.bin", SLICE_LIT("\x01\x02\x03\0\0\0\xff\xfe\x80"), "unsupported",
         "no known format", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct scanned s;
        const struct value *file;

        scanned_scan(&s, files[i].name, files[i].bytes);
        file = scanned_fact(&s, "model.file", 0);
        cr_assert_not_null(file, "%s", files[i].what);
        cr_expect_str_eq(scanned_text(file, "status"), files[i].status, "%s", files[i].what);
        cr_expect_str_eq(value_cstr(value_get(file, "reason"), "(null)"),
                         files[i].reason == NULL ? "(null)" : files[i].reason, "%s", files[i].what);
        for (size_t k = 0; k < s.facts.nfacts; k++)
            if (s.facts.facts[k].attributes == file)
                cr_expect_eq(s.facts.facts[k].at.offset, files[i].offset, "%s: %" PRIu64,
                             files[i].what, s.facts.facts[k].at.offset);
        scanned_release(&s);
    }
}

Test(scanner_format_extension, promises)
{
    cr_expect_not(extension_mismatch("model.pkl", "pickle"));
    cr_expect(extension_mismatch("model.pkl", "zip"));
    cr_expect(extension_mismatch("model.pkl", "text"));
    cr_expect_not(extension_mismatch("model.pt", "pytorch"));
    cr_expect(extension_mismatch("model.npy", "np"));
    cr_expect(extension_mismatch("model.onnxtxt", "text"));
    cr_expect(extension_mismatch("model.onnxjson", "json"));
    cr_expect_not(extension_mismatch("unknown.xyz", "pickle"));
    cr_expect_not(extension_mismatch("._model.pkl", "appledouble"));
    cr_expect(extension_mismatch("model.pkl", "appledouble"));
    cr_expect(extension_mismatch("._model.pkl", "zip"));
    cr_expect_str_eq(extension_base("a/b!c/d.pkl"), "d.pkl");
}

/* A length that is a lie must not lose the end of the file: zips are looked for there. */
Test(scanner_format_feed, what_lies_far_behind_the_end_leaves_the_tail)
{
    static const uint8_t bytes[] = "the bytes of a file, and its end";
    const uint64_t far[] = {sizeof(bytes) + 1, FEED_BYTES * 2, UINT64_C(1) << 40, UINT64_MAX - 1};

    for (size_t i = 0; i < ARRAY_LEN(far); i++) {
        struct source *s = source_memory((struct slice){bytes, sizeof(bytes)});
        struct reader r = {.offset = 0};
        struct err e = {0}, none = {0};
        struct feed f;
        uint64_t len;

        feed_init(&f, s, false);
        cr_expect_not(feed_seek(&f, &r, far[i], &e));
        cr_expect_eq(e.offset, sizeof(bytes), "%zu: %s", i, e.text);
        cr_expect(feed_drain(&f, &len, &none));
        cr_expect_eq(len, sizeof(bytes));
        cr_expect(slice_eq(feed_tail(&f), (struct slice){bytes, sizeof(bytes)}), "%zu", i);
        feed_release(&f);
        source_free(s);
    }
}
