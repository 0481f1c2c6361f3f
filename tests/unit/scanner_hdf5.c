#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "scanner/formats/document.h"
#include "scanner/formats/hdf5/hdf5.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/ledger.h"

/* ---- checksums ---- */
struct sum {
    const char *what;
    uint32_t want;
};

/* From the driver at the end of lookup3.c, and its lengths of 0, 12 and 13. */
static const struct sum sums[] = {
    {"", 0xdeadbeef},
    {"Four score and seven years ago", 0x17770551},
};

CASES(scanner_hdf5, checksums_are_those_of_lookup3, sums)
{
    const struct sum *c = &sums[*case_index];

    cr_expect_eq(hdf5_checksum(slice_str(c->what)), c->want, "%s: %08x", c->what,
                 hdf5_checksum(slice_str(c->what)));
}

Test(scanner_hdf5, widths_of_numbers)
{
    cr_expect_eq(hdf5_bytes_for(0), 1);
    cr_expect_eq(hdf5_bytes_for(255), 1);
    cr_expect_eq(hdf5_bytes_for(256), 2);
    cr_expect_eq(hdf5_bytes_for(UINT64_MAX), 8);
    cr_expect_eq(hdf5_log2(1), 0);
    cr_expect_eq(hdf5_log2(1024), 10);
    cr_expect_eq(hdf5_log2(1025), 10);
}

/* ---- files ---- */
static void scan(struct slice bytes, const char *name, struct arena *a, struct facts *facts)
{
    cr_expect(scan_bytes(bytes, name, NULL, a, facts), "%s", name);
}

/* The state or the format of one stream. */
static const char *file_is(const struct facts *f, const char *path, const char *key)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.file") == 0 && strcmp(f->facts[i].address, path) == 0)
            return value_cstr(value_get(f->facts[i].attributes, key), "");
    return "";
}

static size_t count(const struct facts *f, const char *type)
{
    size_t n = 0;

    for (size_t i = 0; i < f->nfacts; i++)
        n += strcmp(f->facts[i].type, type) == 0;
    return n;
}

static void is_clean(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(bytes, name, &a, &facts);
    ledger_reads(&facts, name, want);
    cr_expect_str_eq(file_is(&facts, name, "format"), "hdf5");
    cr_expect_eq(count(&facts, "model.hdf5"), 1, "%s", name);
    cr_expect_eq(count(&facts, "model.hdf5_reference"), 0, "%s", name);
    cr_expect_eq(count(&facts, "model.lambda"), 0, "%s", name);
    arena_release(&a);
}

static void is_refused(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(bytes, name, &a, &facts);
    ledger_refuses(&facts, name, want);
    cr_expect(scan_fact(&facts, "model.tensor_summary") == NULL, "%s", name);
    arena_release(&a);
}

Test(scanner_hdf5, files_are_read_or_refused_as_wanted)
{
    cr_expect_geq(fixture_each("fixtures/hdf5/good", is_clean), 10);
    cr_expect_geq(fixture_each("fixtures/hdf5/bad", is_refused), 15);
}

/* Whatever is cut off, a file never reads as whole. */
static void is_never_whole(const char *name, struct slice bytes, const char *want)
{
    /* a program in front is a whole text, until the first NUL */
    const size_t from = strcmp(name, "user-block-program.h5") == 0 ? 16 : 0;
    const size_t step = 1 + bytes.len / 1024; /* the larger ones are mostly one heap */

    (void)want;
    for (size_t n = from; n < bytes.len; n += n < 256 ? 1 : step) {
        struct facts facts;
        struct arena a;
        uint8_t *copy = malloc(n + (n == 0));

        arena_init(&a);
        memcpy(copy, bytes.data, n);
        scan((struct slice){copy, n}, name, &a, &facts);
        ledger_sums(&facts, name);
        cr_expect(n == 0 || !ledger_whole(&facts), "%s cut at %zu reads as whole", name, n);
        free(copy);
        arena_release(&a);
    }
}

Test(scanner_hdf5, a_cut_file_is_never_whole)
{
    cr_expect_geq(fixture_each("fixtures/hdf5/good", is_never_whole), 10);
    cr_expect_geq(fixture_each("fixtures/hdf5/facts", is_never_whole), 10);
}

/* ---- what is told ---- */
struct told {
    const char *path; /* below fixtures/ */
    const char *type; /* of the fact */
    const char *key, *want;
};

static const struct told told[] = {
    {"hdf5/facts/lambda.h5", "model.lambda", "pointer", "/config/layers/0"},
    {"hdf5/facts/lambda.h5", "model.lambda", "language", "python"},
    {"hdf5/facts/lambda.h5", "model.keras", "path", "lambda.h5!model_config.json"},
    {"hdf5/facts/lambda-dense.h5", "model.lambda", "pointer", "/config/layers/0"},
    {"hdf5/facts/lambda-fixed.h5", "model.lambda", "pointer", "/config/layers/0"},
    {"hdf5/facts/lambda-unreached.h5", "model.lambda", "pointer", "/config/layers/0"},
    {"hdf5/facts/storage.h5", "model.hdf5_reference", "file", "/etc/passwd"},
    {"hdf5/facts/storage.h5", "model.hdf5_reference", "escapes", "absolute"},
    {"hdf5/facts/storage.h5", "model.hdf5_reference", "kind", "storage"},
    {"hdf5/facts/external-link.h5", "model.hdf5_reference", "file", "../other.h5"},
    {"hdf5/facts/external-link.h5", "model.hdf5_reference", "escapes", "dotdot"},
    {"hdf5/facts/external-link.h5", "model.hdf5_reference", "target", "/data"},
    {"hdf5/facts/external-link.h5", "model.hdf5_reference", "object", "/x"},
    {"hdf5/facts/virtual.h5", "model.hdf5_reference", "file", "sub/source.h5"},
    {"hdf5/facts/virtual.h5", "model.hdf5_reference", "escapes", "none"},
    {"hdf5/facts/virtual-here.h5", "model.hdf5_reference", "file", "."},
    {"hdf5/facts/pickle-attribute.h5", "model.import", "mapped_full", "os.system"},
    {"hdf5/facts/pickle-gap.h5", "model.import", "mapped_full", "os.system"},
    {"hdf5/facts/user-block-program.h5", "model.hdf5", "userblock", "program"},
    {"hdf5/good/user-block.h5", "model.hdf5", "userblock", "zero"},
    {"keras/bad/lambda.keras", "model.lambda", "class_name", "Lambda"},
    {"keras/bad/lambda-wrapped.keras", "model.lambda", "pointer", "/config/layers/0/config/layer"},
    {"keras/bad/lambda-list.keras", "model.lambda", "language", "python"},
    {"keras/bad/lambda-old.keras", "model.lambda", "language", "python"},
    {"keras/bad/lambda-elsewhere.keras", "model.lambda", "pointer",
     "/config/layers/0/config/activation/1"},
    {"keras/bad/class.keras", "model.layer", "module", "subprocess"},
    {"keras/bad/function.keras", "model.layer", "function", "system"},
    {"keras/bad/optimizer.keras", "model.layer", "module", "collections"},
    {"keras/bad/build.keras", "model.layer", "pointer", "/build_config/x"},
    {"keras/bad/get-file.keras", "model.layer", "function", "get_file"},
    {"keras/bad/unsafe.keras", "model.layer", "function", "enable_unsafe_deserialization"},
    {"keras/bad/vocabulary.keras", "model.layer_file", "value", "/etc/passwd"},
    {"keras/bad/vocabulary.keras", "model.layer_file", "kind", "path"},
    {"keras/bad/vocabulary.keras", "model.layer_file", "class_name", "StringLookup"},
    {"keras/bad/torch.keras", "model.import", "mapped_full", "os.system"},
    {"keras/bad/custom.keras", "model.layer", "package", "mine"},
    {"keras/bad/member.keras", "model.keras_member", "name", "setup.py"},
    {"keras/bad/map.keras", "model.lambda", "pointer", "/a/0"},
    {"keras/bad/graph-op.keras", "model.layer", "function", "op:WriteFile"},
    {"keras/bad/graph-op.keras", "model.layer", "function", "io.write_file"},
};

CASES(scanner_hdf5, what_matters_is_told, told)
{
    const struct told *c = &told[*case_index];
    struct facts facts;
    struct slice bytes;
    struct arena a;
    struct err e = {0};
    bool found = false;

    arena_init(&a);
    cr_assert(file_read(arena_printf(&a, "fixtures/%s", c->path), 1u << 20, &a, &bytes, &e), "%s",
              e.text);
    scan(bytes, strrchr(c->path, '/') + 1, &a, &facts);
    ledger_sums(&facts, c->path);
    for (size_t i = 0; i < facts.nfacts; i++)
        found = found || (strcmp(facts.facts[i].type, c->type) == 0 &&
                          strcmp(value_cstr(value_get(facts.facts[i].attributes, c->key), ""),
                                 c->want) == 0);
    cr_expect(found, "%s: no %s with %s %s", c->path, c->type, c->key, c->want);
    arena_release(&a);
}

static void number_is(const char *path, const char *key, int64_t want)
{
    struct facts facts;
    struct slice bytes;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_assert(file_read(arena_printf(&a, "fixtures/hdf5/%s.h5", path), 1u << 20, &a, &bytes, &e));
    scan(bytes, path, &a, &facts);
    cr_expect_eq(value_int_or(value_get(scan_fact(&facts, "model.hdf5"), key), -1), want,
                 "%s: %s is %" PRId64, path, key,
                 value_int_or(value_get(scan_fact(&facts, "model.hdf5"), key), -1));
    arena_release(&a);
}

Test(scanner_hdf5, counts_are_told)
{
    number_is("good/dense", "attributes", 4);
    number_is("good/dense", "documents", 1);
    number_is("good/config", "groups", 2);
    number_is("good/config", "datasets", 1);
    number_is("good/weights-v1", "userblock_bytes", 512);
    number_is("good/weights-v1", "superblock", 1);
    number_is("good/links-v3", "superblock", 3);
    number_is("facts/shape", "bytes_declared", INT64_C(1) << 52);
    number_is("facts/shape", "ratio", (INT64_C(1) << 52) / 1168);
    number_is("facts/shape-overflow", "bytes_declared", INT64_MAX);
    number_is("facts/lambda-unreached", "unreached_documents", 1);
    number_is("facts/pickle-gap", "hidden", 1);
    number_is("facts/overlap", "overlaps", 1);
    number_is("good/chunked", "overlaps", 0);
}

/* Behind the head of a stream, and where going back in it is costly. */
static void found_behind(size_t block, bool costly)
{
    struct format_run run = {0};
    struct arena a, scratch;
    struct slice file;
    struct facts facts;
    struct sink sink;
    struct err e = {0};
    struct source *s;
    struct format_input in = {
        .path = "x.h5", .sink = &sink, .scratch = &scratch, .run = &run, .costly = costly};
    uint8_t *bytes;

    arena_init(&a);
    arena_init(&scratch);
    cr_assert(file_read("fixtures/hdf5/good/weights.h5", 1u << 20, &a, &file, &e), "%s", e.text);
    bytes = calloc(1, block + file.len);
    memcpy(bytes + block, file.data, file.len);
    s = source_memory((struct slice){bytes, block + file.len});
    in.bytes = s;
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "x.h5";
    cr_expect(format_scan(&in, &e), "%s", e.text);
    cr_expect_str_eq(file_is(&facts, "x.h5", "format"), "hdf5", "%zu %d", block, costly);
    cr_expect(ledger_whole(&facts), "%zu %d", block, costly);
    cr_expect_eq(value_int_or(value_get(scan_fact(&facts, "model.hdf5"), "userblock_bytes"), -1),
                 (int64_t)block);
    source_free(s);
    free(bytes);
    arena_release(&scratch);
    arena_release(&a);
}

Test(scanner_hdf5, a_file_is_found_behind_any_user_block)
{
    found_behind(2048, false);
    found_behind(4096, false);
    found_behind(1u << 20, false);
    found_behind(4096, true);
    found_behind(8u << 20, true);
    found_behind(8u << 20, false);
}

/* ---- archives of Keras ---- */
static void is_plain(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    (void)want;
    arena_init(&a);
    scan(bytes, name, &a, &facts);
    ledger_sums(&facts, name);
    /* the text of an asset is scanned as what it is */
    cr_expect(ledger_whole(&facts), "%s", name);
    cr_expect_str_eq(file_is(&facts, name, "format"), "keras");
    cr_expect_eq(count(&facts, "model.keras"), 1, "%s", name);
    cr_expect_geq(count(&facts, "model.layer"), 3, "%s", name);
    cr_expect_eq(count(&facts, "model.lambda") + count(&facts, "model.layer_file") +
                     count(&facts, "model.keras_member"),
                 0, "%s", name);
    arena_release(&a);
}

Test(scanner_hdf5, archives_of_keras_are_read)
{
    cr_expect_geq(fixture_each("fixtures/keras/good", is_plain), 3);
}

/* ---- caps ---- */
/* A file of version 2 whose root holds `n` messages. */
static void file_of(struct buf *b, struct slice message, size_t n)
{
    const size_t body = message.len * n;
    const size_t end = 48 + 10 + body + 4;

    buf_str(b, HDF5_SIGNATURE);
    buf_put(b, SLICE_LIT("\2\x08\x08\0"));
    buf_u64le(b, 0);
    buf_u64le(b, UINT64_MAX);
    buf_u64le(b, end);
    buf_u64le(b, 48);
    buf_u32le(b, hdf5_checksum(buf_slice(b)));
    buf_put(b, SLICE_LIT("OHDR\2\2"));
    buf_u32le(b, (uint32_t)body);
    for (size_t i = 0; i < n; i++)
        buf_put(b, message);
    buf_u32le(b, hdf5_checksum(slice_from(buf_slice(b), 48)));
}

static void capped(struct slice message, size_t n, const char *why)
{
    struct facts facts;
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 64u << 20);
    file_of(&b, message, n);
    scan(buf_slice(&b), "x.h5", &a, &facts);
    if (why == NULL) {
        cr_expect(ledger_whole(&facts), "%zu: %s", n, facts.coverage[0].reason);
    } else {
        cr_expect_str_eq(facts.coverage[0].reason, why);
        cr_expect_str_eq(facts.coverage[0].code, "limit");
        cr_expect_str_eq(file_is(&facts, "x.h5", "status"), "truncated");
    }
    buf_release(&b);
    arena_release(&a);
}

Test(scanner_hdf5, caps_are_gaps)
{
    /* nothing, of 0 bytes; and a link "x" to "o" in a file "f" */
    const struct slice nil = SLICE_LIT("\0\0\0\0");
    const struct slice other = SLICE_LIT("\6\x0c\0\0\1\x08\x40\1x\5\0\0f\0o\0");

    cr_assert_eq(other.len, 16);
    capped(nil, LIMIT_HDF5_MESSAGES, NULL);
    capped(nil, LIMIT_HDF5_MESSAGES + 1, "more than 1000000 messages (LIMIT_HDF5_MESSAGES)");
    capped(other, LIMIT_HDF5_REFERENCES, NULL);
    capped(other, LIMIT_HDF5_REFERENCES + 1,
           "more than 10000 names of other files (LIMIT_HDF5_REFERENCES)");
}
static void tell_config(struct slice text, struct arena *a, struct facts *facts)
{
    const struct document *keras = NULL;
    const struct value *root;
    struct arena scratch;
    struct sink sink;
    struct err e = {0};
    struct format_input in = {
        .path = "model_config.json", .sink = &sink, .scratch = &scratch, .container = "hdf5"};
    struct document_input d = {&in, "model_config.json", NULL, NULL};

    for (size_t i = 0; document_table[i] != NULL; i++)
        if (strcmp(document_table[i]->name, "keras") == 0)
            keras = document_table[i];
    cr_assert(keras != NULL);
    arena_init(&scratch);
    facts_init(facts, a);
    sink_to_facts(&sink, facts);
    sink.subject_name = sink.input_name = "x";
    cr_assert(json_read(text, &scratch, &root, &e), "%s", e.text);
    d.root = root;
    cr_assert(keras->is(&d));
    keras->tell(&d);
    arena_release(&scratch);
}

static void classes(size_t n, size_t want, size_t gaps)
{
    struct facts facts;
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 8u << 20);
    buf_str(&b, "[");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s{\"class_name\":\"C%zu\"}", i > 0 ? "," : "", i);
    buf_str(&b, "]");
    tell_config(buf_slice(&b), &a, &facts);
    cr_expect_eq(count(&facts, "model.layer"), want);
    cr_expect_eq(facts.ncoverage, gaps);
    buf_release(&b);
    arena_release(&a);
}

Test(scanner_hdf5, classes_over_the_cap_are_a_gap)
{
    classes(LIMIT_KERAS_LAYERS, LIMIT_KERAS_LAYERS, 0);
    classes((size_t)LIMIT_KERAS_LAYERS + 1, LIMIT_KERAS_LAYERS, 1);
}

/* As deep as JSON may be: the class at the bottom is told. */
Test(scanner_hdf5, the_deepest_class_is_told)
{
    struct facts facts;
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < LIMIT_JSON_DEPTH - 1; i++)
        buf_str(&b, i % 2 == 0 ? "[" : "{\"a/~\":");
    buf_str(&b, "{\"class_name\":\"Lambda\"}");
    for (size_t i = LIMIT_JSON_DEPTH - 1; i-- > 0;)
        buf_str(&b, i % 2 == 0 ? "]" : "}");
    tell_config(buf_slice(&b), &a, &facts);
    cr_expect_eq(count(&facts, "model.lambda"), 1);
    cr_expect_eq(facts.ncoverage, 0);
    cr_expect(strncmp(value_cstr(value_get(scan_fact(&facts, "model.lambda"), "pointer"), ""),
                      "/0/a~1~0/0", 10) == 0);
    buf_release(&b);
    arena_release(&a);
}

Test(scanner_hdf5, the_same_class_is_told_once)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    tell_config(SLICE_LIT("{\"class_name\":\"A\",\"config\":[{\"class_name\":\"A\"},"
                          "{\"class_name\":\"A\",\"module\":\"m\"}]}"),
                &a, &facts);
    cr_expect_eq(count(&facts, "model.layer"), 2);
    cr_expect_eq(value_int_or(value_get(scan_fact(&facts, "model.layer"), "count"), 0), 2);
    arena_release(&a);
}
