/* Archives and packed streams: each reading is told, each contradiction flagged, and no cut of a
 * good one looks like a good one. */
#include <string.h>

#include "base/file.h"
#include "scanner/formats/format.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/ledger.h"

struct archive_case {
    const char *what; /* path below fixtures/ */
    const char *flag; /* of a member or the archive; or a status; or "" */
    const char *told; /* an import, a name of TorchScript, a kind of program; or "" */
};

static const struct archive_case bad[] = {
    {"zip/bad/orphan.zip", "orphan", "os.system"},
    {"zip/bad/orphan-streamed.zip", "orphan", "os.system"},
    {"zip/bad/no-directory.zip", "orphan", "os.system"},
    {"zip/bad/no-directory.zip", "malformed", ""},
    {"zip/bad/end-in-comment.zip", "several-directories", "os.system"},
    {"zip/bad/comment-too-long.zip", "end-record-mismatch", ""},
    {"zip/bad/zip64-other.zip", "end-record-mismatch", ""},
    {"zip/bad/count.zip", "end-record-mismatch", ""},
    {"zip/bad/longer-directory.zip", "end-record-mismatch", "os.system"},
    {"zip/bad/broken-directory.zip", "malformed", "os.system"},
    {"zip/bad/two-places.zip", "several-directories", "os.system"},
    {"zip/bad/unicode-name.zip", "unicode-name", ""},
    {"zip/bad/extra-other.zip", "extra-field", ""},
    {"zip/bad/extra-twice.zip", "extra-field", ""},
    {"zip/bad/extra-cut.zip", "extra-field", ""},
    {"zip/bad/local-method.zip", "local-central-mismatch", ""},
    {"zip/bad/local-size.zip", "local-central-mismatch", "os.system"},
    {"zip/bad/size-mismatch.zip", "local-central-mismatch", ""},
    {"zip/bad/wrong-crc.zip", "crc", ""},
    {"zip/bad/slash-duplicate.zip", "duplicate", "os.system"},
    {"zip/bad/folder-duplicate.zip", "duplicate", ""},
    {"zip/bad/folder-with-content.zip", "odd-name", "os.system"},
    {"zip/bad/nul-name.zip", "odd-name", ""},
    {"zip/bad/nul-duplicate.zip", "duplicate", ""},
    {"zip/bad/symlink.zip", "symlink", ""},
    {"zip/bad/device.zip", "device", ""},
    {"zip/bad/flag-strong.zip", "encrypted", ""},
    {"zip/bad/method.zip", "method", ""},
    {"zip/bad/shifted.zip", "shifted-offsets", ""},
    {"zip/bad/shifted.zip", "leading-bytes", ""},
    {"zip/bad/trailing.zip", "trailing-bytes", ""},
    {"zip/bad/gap.zip", "gaps", ""},
    {"zip/bad/same-member.zip", "overlap", ""},
    {"zip/bad/descriptor.zip", "descriptor", ""}, /* from the random ones of zip_diff.py */
    {"zip/bad/stray-end.zip", "end-record-mismatch", ""},
    {"bomb/bad/ratio.zip", "truncated", ""},
    {"bomb/bad/flat-bomb.zip", "truncated", ""},
    {"bomb/bad/zips-in-zips.zip", "truncated", ""}, /* a fuzzer's: each level tells eighteen */
    {"zip/bad/file-io.pt", "", "torch.from_file"},
    {"zip/bad/several-kinds.pt", "several-kinds", "torch.from_file"},
    {"zip/bad/case.pt", "", "torch.from_file"},
    {"zip/bad/alias.pt", "", "from_file"},
    {"zip/bad/custom-op.pt", "", "ops.mine.run"},
    {"zip/bad/library.pt2", "", "elf"},
    {"zip/bad/function.pt2", "", "torch.hub.load"},
    {"zip/bad/handler.mar", "", "requirements.txt"},
    {"zip/bad/package-code.pt", "", "python"},
    {"tar_model/bad/first-torch-evil.tar", "", "os.system"},
    {"tar_model/bad/first-torch-tensors.tar", "", "os.system"},
    {"tar_model/bad/first-torch-text.tar", "", "os.system"},
    {"tar_model/bad/first-torch-short.tar", "malformed", ""},
    {"lz4/bad/evil.lz4", "", "os.system"},
    {"lz4/bad/cut.lz4", "malformed", ""},
    {"lz4/bad/tail.lz4", "malformed", ""},
    {"lzma/bad/evil.lzma", "", "os.system"},
    {"lzma/bad/cut.lzma", "malformed", ""},
    {"lzma/bad/tail.lzma", "malformed", ""},
    {"lzma/bad/dictionary.lzma", "truncated", ""},
    {"joblib_zfile/bad/evil.zfile", "", "os.system"},
    {"joblib_zfile/bad/cut.zfile", "malformed", "os.system"},
    {"joblib_zfile/bad/length.zfile", "malformed", ""},
    {"7z/bad/evil.7z", "", "os.system"},
    {"7z/bad/evil-copy.7z", "", "os.system"},
    {"7z/bad/cut.7z", "malformed", ""},
    {"7z/bad/tail.7z", "malformed", ""},
    {"7z/bad/traversal.7z", "traversal", ""},
    {"7z/bad/traversal.7z", "duplicate", ""},
    {"7z/bad/encrypted.7z", "encrypted", ""},
    {"7z/bad/coder.7z", "truncated", ""},
};

/* A good file, and what it is. */
static const struct archive_case good[] = {
    {"zip/good/streamed.zip", "zip", ""},
    {"zip/good/zip64.zip", "zip", ""},
    {"zip/good/zip64-repeated.zip", "zip", ""},
    {"zip/good/folders.zip", "zip", ""},
    {"zip/good/in-stored.zip", "zip", ""},
    {"zip/good/extras.zip", "zip", ""},
    {"zip/good/names.zip", "zip", ""},
    {"zip/good/arrays.npz", "npz", ""},
    {"zip/good/torch-padded.pt", "pytorch", ""},
    {"zip/good/script.pt", "torchscript", "torch.matmul"},
    {"zip/good/script.pt", "torchscript", "ops.prim.NumToTensor"},
    {"zip/good/script.pt", "torchscript", "scale"},
    {"zip/good/package.pt", "pytorch-package", ""},
    {"zip/good/program.pt2", "pt2", "torch.ops.aten.add.Tensor"},
    {"zip/good/model.mar", "mar", "image_classifier"},
    {"tar_model/good/first-torch.tar", "pytorch-tar", ""},
    {"lz4/good/pickle.lz4", "lz4", ""},
    {"lz4/good/two.lz4", "lz4", ""},
    {"lzma/good/pickle.lzma", "lzma", ""},
    {"lzma/good/sized.lzma", "lzma", ""},
    {"joblib_zfile/good/pickle.zfile", "joblib_zfile", ""},
    {"joblib_zfile/good/blank.zfile", "joblib_zfile", ""},
    {"7z/good/copy.7z", "7z", ""},
    {"7z/good/solid.7z", "7z", ""},
};

static bool in_list(const struct value *list, const char *want)
{
    for (size_t i = 0; i < value_len(list); i++)
        if (strcmp(value_cstr(value_item(list, i), ""), want) == 0)
            return true;
    return false;
}

static bool flagged(const struct facts *f, const char *want)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        const struct value *a = f->facts[i].attributes;

        if (strcmp(value_cstr(value_get(a, "status"), ""), want) == 0 ||
            in_list(value_get(a, "flags"), want))
            return true;
    }
    return false;
}

static bool told(const struct facts *f, const char *want)
{
    static const char *const keys[] = {"full",         "name",     "kind",
                                       "requirements", "language", "handler"};

    for (size_t i = 0; i < f->nfacts; i++)
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            if (strcmp(value_cstr(value_get(f->facts[i].attributes, keys[k]), ""), want) == 0)
                return true;
    return false;
}

static bool clean(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.member") == 0)
            return false;
    return ledger_whole(f);
}

/* What the outermost stream is. */
static const char *format_of(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.file") == 0 &&
            value_int_or(value_get(f->facts[i].attributes, "nesting"), -1) == 0)
            return value_cstr(value_get(f->facts[i].attributes, "format"), "");
    return "";
}

/* The facts of the first `n` bytes, in a block of just that size. */
static void scan(struct slice bytes, const char *name, struct arena *a, struct facts *facts)
{
    cr_expect(scan_bytes(bytes, name, NULL, a, facts), "%s", name);
    ledger_sums(facts, name);
}

static struct slice fixture(const char *what, struct arena *a)
{
    struct slice bytes;
    struct err e = {0};

    cr_assert(file_read(arena_printf(a, "fixtures/%s", what), 1u << 20, a, &bytes, &e), "%s",
              e.text);
    return bytes;
}

CASES(scanner_archive, tells_what_is_wrong, bad)
{
    const struct archive_case *c = &bad[*case_index];
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(fixture(c->what, &a), c->what, &a, &facts);
    if (c->flag[0] != '\0') {
        cr_expect(!clean(&facts), "%s looks clean", c->what);
        cr_expect(flagged(&facts, c->flag), "%s: nothing is '%s'", c->what, c->flag);
    }
    if (c->told[0] != '\0')
        cr_expect(told(&facts, c->told), "%s: nothing tells '%s'", c->what, c->told);
    arena_release(&a);
}

CASES(scanner_archive, reads_what_tools_write, good)
{
    const struct archive_case *c = &good[*case_index];
    struct facts facts;
    struct arena a;

    arena_init(&a);
    scan(fixture(c->what, &a), c->what, &a, &facts);
    cr_expect(clean(&facts), "%s is not clean", c->what);
    cr_expect_str_eq(format_of(&facts), c->flag, "%s is %s", c->what, format_of(&facts));
    if (c->told[0] != '\0')
        cr_expect(told(&facts, c->told), "%s: nothing tells '%s'", c->what, c->told);
    arena_release(&a);
}

CASES(scanner_archive, no_cut_looks_whole, good)
{
    const struct archive_case *c = &good[*case_index];
    struct arena outer;
    struct slice bytes;

    arena_init(&outer);
    bytes = fixture(c->what, &outer);
    /* the second half of tar's end is padding, and a frame of lz4 may be the last */
    for (size_t n = 1; n < bytes.len; n++) {
        struct facts facts;
        struct arena a;
        bool whole;

        arena_init(&a);
        scan((struct slice){bytes.data, n}, c->what, &a, &facts);
        whole = clean(&facts) && strcmp(format_of(&facts), c->flag) == 0;
        if (strcmp(c->flag, "pytorch-tar") != 0 && strcmp(c->what, "lz4/good/two.lz4") != 0)
            cr_expect(!whole, "%s cut at %zu is whole", c->what, n);
        arena_release(&a);
    }
    arena_release(&outer);
}

/* A number of zips in each other: as many as may be, and one more. */
Test(scanner_archive, nesting_ends)
{
    struct facts facts;
    struct arena a;
    struct slice bytes;

    arena_init(&a);
    bytes = fixture("zip/good/nested.zip", &a);
    scan(bytes, "nested.zip", &a, &facts);
    cr_expect(clean(&facts), "eight containers may be in each other");
    bytes = fixture("zip/bad/nested.zip", &a);
    scan(bytes, "nested.zip", &a, &facts);
    cr_expect(flagged(&facts, "truncated"), "nine are too many");
    arena_release(&a);
}
