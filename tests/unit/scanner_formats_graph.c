/* Graphs of ONNX and TensorFlow, their checkpoints and records: good fixtures are read whole, bad
 * ones are refused as wanted, unsafe ones are read and the fact is told that a rule stumbles over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scanner/formats/crc32c.h"
#include "scanner/formats/format.h"
#include "scanner/formats/location.h"
#include "scanner/formats/names.h"
#include "scanner/formats/graph/pbtxt.h"
#include "scanner/formats/graph/protobuf.h"
#include "scanner/formats/graph/snappy.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/ledger.h"

static void scan(struct slice bytes, const char *name, struct arena *a, struct facts *facts)
{
    cr_expect(scan_bytes(bytes, name, NULL, a, facts), "%s", name);
}

static const char *status(const struct facts *f)
{
    return value_cstr(value_get(scan_fact(f, "model.file"), "status"), "");
}

/* Nothing in it that a rule stumbles over. */
static bool harmless(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;

        if (value_len(value_get(a, "problem")) > 0 || value_len(value_get(a, "repeated")) > 0 ||
            strcmp(f->facts[i].type, "model.tensor") == 0)
            return false;
    }
    return value_len(value_get(scan_fact(f, "model.file"), "formats")) == 1;
}

static bool has(const struct value *v, const char *want)
{
    if (value_is(v, VALUE_BOOL))
        return strcmp(value_true(v) ? "true" : "false", want) == 0;
    for (size_t i = 0; i < value_len(v); i++)
        if (strcmp(value_cstr(value_item(v, i), ""), want) == 0)
            return true;
    return value_is(v, VALUE_STRING) && strcmp(value_cstr(v, ""), want) == 0;
}

/* ---- good and bad ---- */
static void is_good(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(bytes, name, &a, &facts);
    ledger_reads(&facts, name, want);
    cr_expect(harmless(&facts), "%s is not harmless", name);
    arena_release(&a);
}

static void is_refused(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(bytes, name, &a, &facts);
    ledger_refuses(&facts, name, want);
    cr_expect_eq(facts.ncoverage, 1, "%s", name);
    arena_release(&a);
}

/* ---- unsafe: "type attribute=value ..." ---- */
static bool matches(const struct fact *f, char *terms)
{
    for (char *next; terms != NULL && *terms != '\0'; terms = next) {
        char *eq = strchr(terms, '=');

        next = strchr(terms, ' ');
        if (next != NULL)
            *next++ = '\0';
        cr_assert(eq != NULL, "%s", terms);
        *eq = '\0';
        if (!has(value_get(f->attributes, terms), eq + 1))
            return false;
    }
    return true;
}

static void is_told(const char *name, struct slice bytes, const char *want)
{
    const char *blank = strchr(want, ' ');
    bool found = false;
    struct facts facts;
    struct arena a;

    arena_init(&a);
    cr_assert(blank != NULL, "%s: '%s'", name, want);
    scan(bytes, name, &a, &facts);
    cr_expect(ledger_whole(&facts), "%s: %s", name,
              facts.coverage[0].reason != NULL ? facts.coverage[0].reason : status(&facts));
    for (size_t i = 0; i < facts.nfacts && !found; i++)
        found = strlen(facts.facts[i].type) == (size_t)(blank - want) &&
                strncmp(facts.facts[i].type, want, (size_t)(blank - want)) == 0 &&
                matches(&facts.facts[i], arena_strdup(&a, blank + 1));
    cr_expect(found, "%s: nothing tells '%s'", name, want);
    arena_release(&a);
}

Test(scanner_formats_graph, onnx_is_read_or_refused_as_wanted)
{
    cr_expect_geq(fixture_each("fixtures/onnx/good", is_good), 13);
    cr_expect_geq(fixture_each("fixtures/onnx/bad", is_refused), 13);
    cr_expect_geq(fixture_each("fixtures/onnx/unsafe", is_told), 40);
}

Test(scanner_formats_graph, tensorflow_is_read_or_refused_as_wanted)
{
    cr_expect_geq(fixture_each("fixtures/tensorflow/good", is_good), 13);
    cr_expect_geq(fixture_each("fixtures/tensorflow/bad", is_refused), 12);
    cr_expect_geq(fixture_each("fixtures/tensorflow/unsafe", is_told), 30);
}

Test(scanner_formats_graph, checkpoints_are_read_or_refused_as_wanted)
{
    cr_expect_geq(fixture_each("fixtures/tensorflow_checkpoint/good", is_good), 3);
    cr_expect_geq(fixture_each("fixtures/tensorflow_checkpoint/bad", is_refused), 9);
}

Test(scanner_formats_graph, records_are_read_or_refused_as_wanted)
{
    cr_expect_geq(fixture_each("fixtures/tfrecord/good", is_good), 5);
    cr_expect_geq(fixture_each("fixtures/tfrecord/bad", is_refused), 12);
    cr_expect_geq(fixture_each("fixtures/tfrecord/unsafe", is_told), 5);
}

/* n records, each a pickle. */
static struct slice pickled_records(size_t n, struct arena *a)
{
    static const uint8_t data[] = "\x80\2]q\1(K\1K\2e."; /* with its NUL */
    const uint8_t head[8] = {sizeof(data) - 1};
    const uint32_t sums[2] = {
        crc32c_masked(crc32c_more(CRC32C_BEGIN, (struct slice){head, sizeof(head)})),
        crc32c_masked(crc32c_more(CRC32C_BEGIN, (struct slice){data, sizeof(data) - 1}))};
    const size_t each = 16 + sizeof(data) - 1;
    uint8_t *out = arena_alloc(a, n * each);

    for (size_t i = 0; i < n; i++) {
        uint8_t *at = out + i * each;

        memcpy(at, head, sizeof(head));
        memcpy(at + 12, data, sizeof(data) - 1);
        for (unsigned k = 0; k < 4; k++) {
            at[8 + k] = (uint8_t)(sums[0] >> 8 * k);
            at[each - 4 + k] = (uint8_t)(sums[1] >> 8 * k);
        }
    }
    return (struct slice){out, n * each};
}

Test(scanner_formats_graph, records_that_are_files_are_read_up_to_the_cap)
{
    static const struct {
        size_t n;
        const char *status;
        size_t pickles;
    } rows[] = {{1, "read", 1}, {1000, "read", 1000}, {1001, "truncated", 1000}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct facts facts;
        struct arena a;
        size_t pickles = 0;

        arena_init(&a);
        scan(pickled_records(rows[i].n, &a), "r.tfrecord", &a, &facts);
        for (size_t k = 0; k < facts.nfacts; k++)
            pickles += strcmp(facts.facts[k].type, "model.pickle") == 0;
        cr_expect_eq(pickles, rows[i].pickles, "%zu: %zu pickles", rows[i].n, pickles);
        cr_expect_str_eq(ledger_status(&facts, "r.tfrecord"), rows[i].status, "%zu", rows[i].n);
        ledger_sums(&facts, "r.tfrecord");
        arena_release(&a);
    }
}

/* SPEC: RFC 3720, B.4 */
Test(scanner_formats_graph, checksums_of_records_are_crc32c)
{
    static const uint8_t zeros[32];
    const struct slice digits = SLICE_LIT("123456789");
    const uint32_t one = crc32c_more(CRC32C_BEGIN, digits);
    uint32_t parts = crc32c_more(CRC32C_BEGIN, (struct slice){digits.data, 4});

    parts = crc32c_more(parts, slice_from(digits, 4));
    cr_expect_eq(~one, 0xe3069283u);
    cr_expect_eq(parts, one);
    cr_expect_eq(~crc32c_more(CRC32C_BEGIN, (struct slice){zeros, 32}), 0x8a9136aau);
    cr_expect_eq(crc32c_masked(CRC32C_BEGIN), 0xa282ead8u, "of nothing");
}

/* ---- what a good model tells ---- */
Test(scanner_formats_graph, a_saver_and_a_vocabulary_are_told_apart_from_other_files)
{
    static const char *const files[] = {"plain.pb", "traced.pb", "vocabulary.pb"};

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char path[128];
        struct facts facts;
        struct arena a;
        struct slice bytes;

        arena_init(&a);
        snprintf(path, sizeof(path), "fixtures/tensorflow/good/%s", files[i]);
        bytes = fixture_read(path, NULL, 0);
        scan(bytes, files[i], &a, &facts);
        for (size_t k = 0; k < facts.nfacts; k++) {
            const struct value *v = facts.facts[k].attributes;
            const char *op = value_cstr(value_get(v, "op"), "");

            if (strcmp(op, "SaveV2") == 0 || strcmp(op, "RestoreV2") == 0)
                cr_expect(value_true(value_get(v, "saver")), "%s: %s", files[i], op);
            if (strcmp(op, "InitializeTableFromTextFileV2") == 0)
                cr_expect(value_true(value_get(v, "asset")) &&
                              value_len(value_get(v, "strings")) == 0,
                          "%s", files[i]);
        }
        free((void *)(uintptr_t)bytes.data);
        arena_release(&a);
    }
}

/* ---- the pieces ---- */
Test(scanner_formats_graph, names_are_numbered_up_to_the_caps)
{
    struct names t;
    struct arena a;
    char text[16];

    arena_init(&a);
    names_init(&t, &a, 1000, 4000);
    cr_expect_eq(names_find(&t, SLICE_LIT("n0")), NAMES_NONE);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "n%u", i);
        cr_expect_eq(names_add(&t, slice_str(text)), i);
    }
    cr_expect_eq(names_add(&t, SLICE_LIT("n999")), 999);
    cr_expect_eq(names_find(&t, SLICE_LIT("n500")), 500);
    cr_expect_eq(names_add(&t, SLICE_LIT("more")), NAMES_NONE);
    names_init(&t, &a, 10, 4);
    cr_expect_eq(names_add(&t, SLICE_LIT("four")), 0);
    cr_expect_eq(names_add(&t, SLICE_LIT("x")), NAMES_NONE);
    arena_release(&a);
}

struct place {
    const char *what, *name;
    uint32_t want;
};

static const struct place places[] = {
    {"plain", "weights.bin", 0},
    {"folder", "data/weights.bin", 0},
    {"dots in a name", "a..b/..c/d..", 0},
    {"root", "/a", 1u << LOCATION_ABSOLUTE},
    {"home", "~/a", 1u << LOCATION_ABSOLUTE},
    {"up", "../a", 1u << LOCATION_DOTDOT},
    {"up at the end", "a/..", 1u << LOCATION_DOTDOT},
    {"only up", "..", 1u << LOCATION_DOTDOT},
    {"backslash", "a\\b", 1u << LOCATION_BACKSLASH},
    {"share", "\\\\h\\s", 1u << LOCATION_BACKSLASH | 1u << LOCATION_ABSOLUTE},
    {"drive", "c:a", 1u << LOCATION_DRIVE},
    {"no drive", "1:a", 0},
    {"url", "s3://a/b", 1u << LOCATION_URL},
    {"file url", "file:a", 1u << LOCATION_URL},
    {"empty", "", 1u << LOCATION_EMPTY},
    {"control", "a\nb", 1u << LOCATION_NUL},
};

CASES(scanner_formats_graph, places_are_judged, places)
{
    const struct place *c = &places[*case_index];

    cr_expect_eq(location_problems(slice_str(c->name)), c->want, "%s: %x", c->what,
                 location_problems(slice_str(c->name)));
}

struct packed {
    const char *what;
    const char *bytes;
    size_t len;
    const char *want; /* NULL: refused */
};

#define PACKED(what, bytes, want)                                                                  \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, want                                                       \
    }

static const struct packed blocks[] = {
    PACKED("nothing", "\0", ""),
    PACKED("literal",
           "\3\x08"
           "abc",
           "abc"),
    PACKED("copy",
           "\x09\x08"
           "abc\x09\3",
           "abcabcabc"),
    PACKED("wide copy",
           "\6\x08"
           "abc\x0a\3\0",
           "abcabc"),
    PACKED("widest copy",
           "\6\x08"
           "abc\x0b\3\0\0\0",
           "abcabc"),
    PACKED("long literal", "\3\xf0\2abc", "abc"),
    PACKED("cut",
           "\3\x08"
           "ab",
           NULL),
    PACKED("copy from before",
           "\7\x08"
           "abc\1\4",
           NULL),
    PACKED("copy of nothing",
           "\7\x08"
           "abc\1\0",
           NULL),
    PACKED("too much",
           "\2\x08"
           "abc",
           NULL),
    PACKED("too little",
           "\4\x08"
           "abc",
           NULL),
    PACKED("no length", "", NULL),
    PACKED("over the cap", "\xff\xff\x03", NULL),
};

CASES(scanner_formats_graph, snappy_gives_the_bytes, blocks)
{
    const struct packed *c = &blocks[*case_index];
    uint8_t *copy = malloc(c->len + (c->len == 0));
    struct arena a;
    struct slice out = {0};
    struct err e = {0};
    bool ok;

    arena_init(&a);
    memcpy(copy, c->bytes, c->len);
    ok = snappy_decode(reader_over((struct slice){copy, c->len}), 1000, &a, &out, &e);
    cr_expect_eq(ok, c->want != NULL, "%s: %s", c->what, e.text);
    if (ok && c->want != NULL)
        cr_expect(slice_is(out, c->want), "%s", c->what);
    free(copy);
    arena_release(&a);
}

/* Different operators: at the cap and one past it. */
Test(scanner_formats_graph, operators_are_told_up_to_the_cap)
{
    for (unsigned n = LIMIT_OP_FACTS; n <= LIMIT_OP_FACTS + 1; n++) {
        struct facts facts;
        struct arena a;
        struct buf b;
        char node[32];

        arena_init(&a);
        buf_init(&b, 1u << 20);
        for (unsigned i = 0; i < n; i++) {
            snprintf(node, sizeof(node), "\n\x01m\x12\x05%05u", i);
            buf_u8(&b, 0x0a);
            buf_u8(&b, (uint8_t)strlen(node));
            buf_str(&b, node);
        }
        scan(buf_slice(&b), "graph.pb", &a, &facts);
        cr_expect_eq(ledger_whole(&facts), n == LIMIT_OP_FACTS, "%u: %s", n, status(&facts));
        cr_expect_str_eq(status(&facts), n == LIMIT_OP_FACTS ? "read" : "truncated");
        buf_release(&b);
        arena_release(&a);
    }
}

/* At the cap and one past it. */
Test(scanner_formats_graph, messages_nest_up_to_the_cap)
{
    for (unsigned depth = PROTOBUF_DEPTH; depth <= PROTOBUF_DEPTH + 1; depth++) {
        uint8_t bytes[3 * (PROTOBUF_DEPTH + 1)];
        size_t at = sizeof(bytes);
        struct protobuf p;
        struct protobuf_field f = {.number = 1};
        struct feed feed;
        struct err e = {0};
        struct source *s;
        bool ok = true;

        for (unsigned i = 0; i < depth; i++) {
            const size_t len = sizeof(bytes) - at;

            if (len > 127)
                bytes[--at] = (uint8_t)(len >> 7);
            bytes[--at] = (uint8_t)(len > 127 ? len | 0x80 : len);
            bytes[--at] = 0x0a;
        }
        s = source_memory((struct slice){bytes + at, sizeof(bytes) - at});
        feed_init(&feed, s, false);
        protobuf_init(&p, &feed);
        for (unsigned i = 0; i < depth && ok; i++)
            ok = protobuf_next(&p, &f, &e) && protobuf_enter(&p, NULL, &e);
        cr_expect_eq(ok, depth == PROTOBUF_DEPTH, "%u: %s", depth, e.text);
        cr_expect_eq(e.code, ok ? ERR_NONE : ERR_LIMIT);
        feed_release(&feed);
        source_free(s);
    }
}

/* The text form says the same as the bytes. */
Test(scanner_formats_graph, text_walks_like_bytes)
{
    static const struct protobuf_name names[] = {{"a", 1}, {"b", 2}, {NULL, 0}};
    static const char text[] = "a: -1 b: 'x' \"y\" # no\n a { b: [1, 2] } c { d: {} e: <f: 1> }";
    static const uint32_t numbers[] = {1, 2, 1, PROTOBUF_OTHER, 0};
    struct protobuf_field f;
    struct pbtxt t;
    struct slice s;
    struct err e = {0};

    pbtxt_init(&t, SLICE_LIT(text), names);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        cr_assert(pbtxt_next(&t, &f, &e), "%zu: %s", i, e.text);
        cr_assert_eq(f.number, numbers[i], "%zu: %u", i, f.number);
        if (i == 0)
            cr_expect_eq(f.value, UINT64_MAX);
        if (i == 1)
            cr_expect(pbtxt_lend(&t, &s, &e) && slice_is(s, "xy"));
        if (i != 2)
            continue;
        cr_assert(pbtxt_enter(&t, names, &e));
        cr_assert(pbtxt_next(&t, &f, &e) && f.number == 2 && f.value == 1);
        cr_assert(pbtxt_next(&t, &f, &e) && f.number == 2 && f.value == 2);
        cr_assert(pbtxt_next(&t, &f, &e) && f.number == 0);
    }
    cr_expect_eq(t.unknown, 1);
    pbtxt_release(&t);
}
