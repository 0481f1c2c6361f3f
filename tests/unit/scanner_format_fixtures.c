/* Every fixture of the model formats: what is good is read whole and gives no
 * reason to stop; what is bad never looks so. */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "scanner/formats/format.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/imports.h"
#include "tests/lib/ledger.h"

struct fixture {
    const char *what; /* path below fixtures/ */
    /* an import, anomaly or flag that must be told, "status" for a
     * format's state; "" for a good one */
    const char *want;
};

#define GOOD(path)                                                                                 \
    {                                                                                              \
        path, ""                                                                                   \
    }

static const struct fixture fixtures[] = {
    GOOD("zstd/good/pickle.zst"),
    {"zstd/bad/evil.zst", "os.system"},
    {"zstd/bad/cut.zst", "malformed"},
    GOOD("tar_model/good/first-name-like-an-opcode.tar"),
    GOOD("tar_model/good/folder-like-an-opcode.tar"),
    GOOD("pickle/good/plain0.pkl"),
    GOOD("pickle/good/plain1.pkl"),
    GOOD("pickle/good/plain2.pkl"),
    GOOD("pickle/good/plain3.pkl"),
    GOOD("pickle/good/plain4.pkl"),
    GOOD("pickle/good/plain5.pkl"),
    GOOD("pickle/good/recursive.pkl"),
    GOOD("pickle/good/two-streams.pkl"),
    GOOD("pickle/good/array.pkl"),
    GOOD("pickle/good/joblib-array.pkl"),
    GOOD("pickle/good/memo-get.pkl"),
    GOOD("pickle/good/framed.pkl"),
    {"pickle/bad/reduce.pkl", "os.system"},
    {"pickle/bad/protocol0.pkl", "os.system"},
    {"pickle/bad/dotted.pkl", "torch.serialization.os.system"},
    {"pickle/bad/dotted-logging.pkl", "logging.os.system"},
    {"pickle/bad/resolver.pkl", "second-order-call"},
    {"pickle/bad/memo-alias.pkl", "os.system"},
    {"pickle/bad/second-stream.pkl", "os.system"},
    {"pickle/bad/second-memo.pkl", "os.system"},
    {"pickle/bad/second-broken.pkl", "broken-after-call"},
    {"pickle/bad/frame-straddle.pkl", "frame-divergence"},
    {"pickle/bad/frame-past-end.pkl",
     "frame-divergence"}, /* from the random ones of pickle_diff.py */
    {"pickle/bad/extension.pkl", "extension-code"},
    {"pickle/bad/truncated.pkl", "broken-after-call"},
    {"pickle/bad/computed.pkl", "computed-import"},
    {"pickle/bad/obj.pkl", "os.system"},
    {"pickle/bad/inst.pkl", "os.system"},
    {"pickle/bad/reconstructor.pkl", "subprocess.Popen"},
    {"pickle/bad/old-name.pkl", "subprocess.getoutput"},
    {"pickle/bad/build-on-class.pkl", "write-to-global"},
    {"pickle/bad/setitem-on-int.pkl", "write-to-data"},
    {"pickle/bad/no-newline.pkl", "os.system"},
    {"pickle/bad/joblib-call-behind.pkl", "os.system"},
    {"pickle/bad/joblib-call-inside.pkl", "array-divergence"},
    {"pickle/bad/trailing.pkl", "trailing-bytes"},
    {"pickle/bad/protocol9.pkl", "unsupported"},
    {"pickle/bad/nested.pkl", "nested-pickle"},
    {"pickle/bad/zip-behind.pkl", "os.system"},
    GOOD("gzip/good/pickle.gzip"),
    GOOD("zlib/good/pickle.zlib"),
    GOOD("bzip2/good/pickle.bzip2"),
    GOOD("xz/good/pickle.xz"),
    {"gzip/bad/evil.gzip", "os.system"},
    {"zlib/bad/evil.zlib", "os.system"},
    {"bzip2/bad/evil.bzip2", "os.system"},
    {"xz/bad/evil.xz", "os.system"},
    {"gzip/bad/cut.gzip", "os.system"},
    {"zlib/bad/cut.zlib", "os.system"},
    {"bzip2/bad/cut.bzip2", "malformed"},
    {"xz/bad/cut.xz", "malformed"},
    GOOD("joblib_zfile/good/pickle.z"),
    GOOD("joblib_zfile/good/python2.z"),
    GOOD("joblib_zfile/good/array.npy.z"),
    {"joblib_zfile/bad/evil.z", "os.system"},
    {"joblib_zfile/bad/evil.npy.z", "os.system"},
    {"joblib_zfile/bad/length.z", "malformed"},
    {"joblib_zfile/bad/digits.z", "malformed"},
    {"joblib_zfile/bad/cut.z", "malformed"},
    GOOD("zip/good/torch.pt"),
    GOOD("zip/good/stored.zip"),
    GOOD("zip/good/deflated.zip"),
    GOOD("zip/good/empty.zip"),
    GOOD("zip/good/arrays.npz"),
    {"zip/bad/duplicate.pt", "duplicate"},
    {"zip/bad/local-name.zip", "local-central-mismatch"},
    {"zip/bad/flag-encrypted.zip", "encrypted"},
    {"zip/bad/crc.zip", "local-central-mismatch"},
    {"zip/bad/leading.bin", "leading-bytes"},
    {"zip/bad/in-zip.zip", "os.system"},
    {"zip/bad/odd-extension.zip", "os.system"},
    {"zip/bad/traversal.zip", "traversal"},
    {"zip/bad/two-directories.zip", "several-directories"},
    {"zip/bad/hidden-in-storage.pt", "os.system"},
    {"zip/bad/storage-small.pt", "storage-too-small"},
    {"zip/bad/storage-missing.pt", "storage-missing"},
    {"zip/bad/evil.pt", "os.system"},
    {"zip/bad/evil.npz", "os.system"},
    {"zip/bad/cut.zip", "malformed"},
    {"zip/bad/overlap.zip", "overlap"},
    {"zip/bad/two-items.pt", "several-directories"},
    {"zip/bad/two-items.npz", "several-directories"},
    GOOD("distcp/good/__0_0.distcp"),
    GOOD("distcp/good/__0_1.distcp"),
    {"distcp/bad/evil.distcp", "os.system"},
    {"distcp/bad/gap.distcp", "several-directories"},
    {"distcp/bad/tail.distcp", "trailing-bytes"},
    {"distcp/bad/comment.distcp", "several-directories"},
    {"distcp/bad/no-torch.distcp", "shifted-offsets"},
    {"distcp/bad/cut-item.distcp", "several-directories"},
    {"distcp/bad/orphan.distcp", "several-directories"},
    {"distcp/bad/crc.distcp", "crc"},
    {"distcp/bad/astray.distcp", "several-directories"},
    GOOD("pytorch_legacy/good/tensor.pt"),
    {"pytorch_legacy/bad/evil.pt", "os.system"},
    {"pytorch_legacy/bad/tail.pt", "malformed"},
    {"pytorch_legacy/bad/cut.pt", "malformed"},
    GOOD("safetensors/good/two.safetensors"),
    GOOD("safetensors/good/padded.safetensors"),
    GOOD("safetensors/good/empty.safetensors"),
    GOOD("safetensors/good/every-dtype.safetensors"),
    {"safetensors/bad/duplicate.safetensors", "malformed"},
    {"safetensors/bad/hole.safetensors", "malformed"},
    {"safetensors/bad/overlap.safetensors", "malformed"},
    {"safetensors/bad/tail.safetensors", "malformed"},
    {"safetensors/bad/short.safetensors", "malformed"},
    {"safetensors/bad/huge-header.safetensors", "truncated"},
    {"safetensors/bad/dtype.safetensors", "malformed"},
    {"safetensors/bad/overflow.safetensors", "malformed"},
    {"safetensors/bad/metadata.safetensors", "malformed"},
    GOOD("npy/good/f8.npy"),
    GOOD("npy/good/v2-struct.npy"),
    GOOD("npy/good/objects.npy"),
    GOOD("npy/good/scalar.npy"),
    {"npy/bad/evil.npy", "os.system"},
    {"npy/bad/struct-object.npy", "os.system"},
    {"npy/bad/short.npy", "malformed"},
    {"npy/bad/long.npy", "malformed"},
    {"npy/bad/code.npy", "malformed"},
    {"npy/bad/overflow.npy", "malformed"},
    {"npy/bad/extra-key.npy", "malformed"},
    GOOD("tar_model/good/model.tar"),
    GOOD("tar_model/good/model.tar.gz"),
    {"tar_model/bad/links.tar", "link-escapes"},
    {"tar_model/bad/evil.tar.gz", "os.system"},
    GOOD("json_model/good/config.json"),
    {"json_model/bad/duplicate.json", "malformed"},
    GOOD("text/good/README.md"),
    {"text/bad/nul.txt", "unsupported"},
    GOOD("python/good/inference.py"),
    GOOD("native/good/lib.so"),
};

static bool in_list(const struct value *list, const char *want)
{
    for (size_t i = 0; i < value_len(list); i++)
        if (strcmp(value_cstr(value_item(list, i), ""), want) == 0)
            return true;
    return false;
}

static bool told(const struct facts *f, const char *want)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;

        if (strcmp(value_cstr(value_get(a, "mapped_full"), ""), want) == 0 ||
            strcmp(value_cstr(value_get(a, "status"), ""), want) == 0 ||
            in_list(value_get(a, "anomalies"), want) || in_list(value_get(a, "flags"), want))
            return true;
    }
    return false;
}

/* Nothing in the facts or the ledger that a gate could stumble over. */
static bool clean(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;

        if (strcmp(f->facts[i].type, "model.member") == 0 ||
            value_len(value_get(a, "anomalies")) > 0)
            return false;
        if (strcmp(f->facts[i].type, "model.import") == 0 &&
            strcmp(value_cstr(value_get(a, "risk"), ""), "allow") != 0 &&
            !value_is(value_get(a, "profile"), VALUE_STRING)) /* a framework's own class */
            return false;
    }
    return ledger_whole(f);
}

/* The facts of `bytes` under the name of the fixture, with the real table of imports. */
static void scan(struct slice bytes, const char *name, struct arena *a, struct facts *facts)
{
    cr_expect(scan_bytes(bytes, name, imports_table(), a, facts), "%s", name);
}

static void read_fixture(const char *what, struct arena *a, struct slice *bytes)
{
    struct err e = {0};

    cr_assert(file_read(arena_printf(a, "fixtures/%s", what), 1u << 20, a, bytes, &e), "%s",
              e.text);
}

CASES(scanner_format_fixtures, are_told_for_what_they_are, fixtures)
{
    const struct fixture *c = &fixtures[*case_index];
    struct facts facts;
    struct slice bytes;
    struct arena a;
    uint8_t *copy;

    arena_init(&a);
    read_fixture(c->what, &a, &bytes);
    copy = malloc(bytes.len + (bytes.len == 0));
    memcpy(copy, bytes.data, bytes.len);
    scan((struct slice){copy, bytes.len}, c->what, &a, &facts);
    ledger_sums(&facts, c->what);
    cr_expect_eq(clean(&facts), c->want[0] == '\0', "%s: clean is %d", c->what, clean(&facts));
    if (c->want[0] != '\0')
        cr_expect(told(&facts, c->want), "%s: nothing tells '%s'", c->what, c->want);
    free(copy);
    arena_release(&a);
}

/* A bad file cut anywhere never becomes a clean one, but for the cut that leaves
 * nothing or the harmless first stream. */
CASES(scanner_format_fixtures, cut_anywhere_sum_up, fixtures)
{
    const struct fixture *c = &fixtures[*case_index];
    struct slice bytes;
    struct arena a;

    arena_init(&a);
    read_fixture(c->what, &a, &bytes);
    for (size_t n = 0; n < bytes.len; n += 1 + bytes.len / 64) {
        struct facts facts;
        struct arena one;
        uint8_t *copy = malloc(n + (n == 0));

        arena_init(&one);
        memcpy(copy, bytes.data, n);
        scan((struct slice){copy, n}, c->what, &one, &facts);
        ledger_sums(&facts, c->what);
        cr_expect_geq(facts.ncoverage, 1, "%s cut at %zu has no ledger line", c->what, n);
        free(copy);
        arena_release(&one);
    }
    arena_release(&a);
}

static void is_clean(const char *name, struct slice bytes, const char *want)
{
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(bytes, name, &a, &facts);
    ledger_reads(&facts, name, want);
    cr_expect(clean(&facts), "%s is not clean", name);
    cr_expect_str_eq(value_cstr(value_get(scan_fact(&facts, "model.file"), "status"), ""), "read",
                     "%s", name);
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
    cr_expect(scan_fact(&facts, "model.tensor_summary") == NULL, "%s", name);
    arena_release(&a);
}

Test(scanner_format_fixtures, gguf_is_read_or_refused_as_wanted)
{
    cr_expect_geq(fixture_each("fixtures/gguf/good", is_clean), 10);
    cr_expect_geq(fixture_each("fixtures/gguf/bad", is_refused), 50);
}

Test(scanner_format_fixtures, gguf_tells_scalars_and_always_the_template)
{
    static const char *const ends[] = {"gguf/good/every-type.gguf", "gguf/good/big-endian.gguf"};
    const struct value *m, *t;
    struct facts facts, types;
    struct slice bytes;
    struct arena a;

    arena_init(&a);
    read_fixture("gguf/good/many-keys.gguf", &a, &bytes);
    scan(bytes, "many-keys.gguf", &a, &facts);
    m = value_get(scan_fact(&facts, "model.metadata"), "metadata");
    cr_expect_eq(value_int_or(value_get(scan_fact(&facts, "model.metadata"), "keys"), 0), 306);
    cr_expect_eq(value_len(m), 256);
    cr_expect(value_is(value_get(m, "tokenizer.chat_template"), VALUE_STRING));
    cr_expect(value_get(m, "k255") == NULL);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        read_fixture(ends[i], &a, &bytes);
        scan(bytes, "every-type.gguf", &a, &types);
        t = value_get(scan_fact(&types, "model.metadata"), "metadata");
        cr_expect_eq(value_int_or(value_get(t, "a.u8"), 0), 255);
        cr_expect_eq(value_int_or(value_get(t, "a.i8"), 0), -128);
        cr_expect_eq(value_int_or(value_get(t, "a.i16"), 0), -2);
        cr_expect_eq(value_int_or(value_get(t, "a.u32"), 0), UINT32_MAX);
        cr_expect_eq(value_int_or(value_get(t, "a.i32"), 0), INT32_MIN);
        cr_expect_eq(value_int_or(value_get(t, "a.i64"), 0), INT64_MIN);
        cr_expect_eq(value_get(t, "a.u64")->as.real, 18446744073709551616.0);
        cr_expect_eq(value_get(t, "a.f32")->as.real, 0.5);
        cr_expect_eq(value_get(t, "a.f64")->as.real, 1e300);
        cr_expect(value_true(value_get(t, "a.bool")));
        cr_expect_eq(value_get(t, "a.str")->len, 4098, "4096 bytes, the cut character replaced");
        cr_expect(value_get(t, "a.nested") == NULL);
    }
    read_fixture("gguf/good/two.gguf", &a, &bytes);
    scan(bytes, "two.gguf", &a, &types);
    cr_expect_eq(value_int_or(value_get(scan_fact(&types, "model.tensor_summary"), "bytes"), 0),
                 68 + 16, "without what is between and behind them");
    arena_release(&a);
}

/* One string longer than what is read at once, with a character across the border. */
Test(scanner_format_fixtures, gguf_strings_go_on_behind_the_window)
{
    static const uint8_t head[45] = "GGUF\3\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
                                    "\1\0\0\0\0\0\0\0a\x08\0\0\0\x40\0\x08\0\0\0\0";
    const size_t len = sizeof(head) + FEED_NEED + 64;

    for (size_t back = 0; back < 4; back++) {
        uint8_t *bytes = malloc(len);
        uint8_t *at = bytes + sizeof(head) + FEED_NEED - back;
        struct arena a;
        struct facts facts;

        arena_init(&a);
        memset(bytes, 'x', len);
        memcpy(bytes, head, sizeof(head));
        memcpy(at, "\xf0\x9f\x98\x80", 4);
        is_clean("window.gguf", (struct slice){bytes, len}, "");
        at[3] = 'x';
        scan((struct slice){bytes, len}, "window.gguf", &a, &facts);
        cr_expect_str_eq(facts.coverage[0].reason, "key a: a string is not UTF-8");
        cr_expect_eq(facts.coverage[0].offset, (uint64_t)(at - bytes));
        free(bytes);
        arena_release(&a);
    }
}
