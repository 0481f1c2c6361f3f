/* scanner/input/source.h: the same bytes whatever the way to them, and no
 * stream that ends in silence. */
#include "scanner/input/source.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"

/* A fixture: the codec, then the stream. */
struct opened {
    struct source *inner, *plain;
};

static void open_stream(struct opened *o, struct slice fixture)
{
    struct err e = {0};

    o->inner = source_memory(slice_from(fixture, 1));
    cr_assert(source_decode(o->inner, (enum source_codec)fixture.data[0], &o->plain, &e), "%s",
              e.text);
}

static void shut(struct opened *o)
{
    source_free(o->plain);
    source_free(o->inner);
}

static bool slurp(struct slice fixture, struct arena *a, struct slice *out, struct err *e)
{
    struct opened o;
    bool ok;

    open_stream(&o, fixture);
    ok = source_slurp(o.plain, 1u << 20, a, out, e);
    shut(&o);
    return ok;
}

/* ---- fixtures ---- */
static void expect_good(const char *name, struct slice bytes, const char *want)
{
    static const char line[] = "line 0 of a text that compresses\n";
    struct slice got = {NULL, 0};
    struct arena a;
    struct err e = {0};

    (void)want;
    arena_init(&a);
    cr_expect(slurp(bytes, &a, &got, &e), "%s: %s", name, e.text);
    cr_expect_str_eq(e.text, "", "%s", name);
    if (strstr(name, "empty") != NULL || strstr(name, "only") != NULL)
        cr_expect_eq(got.len, 0, "%s", name);
    else
        cr_expect(got.len >= 6890 && slice_starts(got, line), "%s: %zu bytes", name, got.len);
    arena_release(&a);
}

static void expect_bad(const char *name, struct slice bytes, const char *want)
{
    char got[ERR_TEXT_MAX + 40];
    struct slice out;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect(!slurp(bytes, &a, &out, &e), "%s was read", name);
    if (strstr(want, "(byte ") != NULL)
        snprintf(got, sizeof(got), "%s (byte %" PRIu64 ")", e.text, e.offset);
    else
        snprintf(got, sizeof(got), "%s", e.text);
    cr_expect_str_eq(got, want, "%s: got '%s'", name, got);
    arena_release(&a);
}

Test(source, decodes_good_streams)
{
    cr_expect_geq(fixture_each("fixtures/source/good", expect_good), 19);
}

Test(source, refuses_bad_streams)
{
    cr_expect_geq(fixture_each("fixtures/source/bad", expect_bad), 40);
}

/* Does a cut at `len` leave whole members or frames? Then, and only then, it may be read. */
static bool cut_is_whole(const char *name, struct slice whole, size_t len)
{
    const struct slice next = slice_from(whole, len);
    const bool zero = next.data[0] == 0;

    if (strstr(name, "members") != NULL)
        return slice_starts(next, "\x1f\x8b");
    if (strstr(name, "frames") != NULL)
        return slice_starts(next, "\x28\xb5\x2f\xfd") || slice_starts(next, "\x50\x2a\x4d\x18") ||
               zero;
    if (strstr(name, "bzip2-streams") != NULL)
        return slice_starts(next, "BZh9");
    if (strstr(name, "xz-streams") != NULL)
        return slice_starts(next, "\xfd"
                                  "7zXZ") ||
               (zero && strstr(name, "padding") != NULL);
    return zero && strstr(name, "padding") != NULL;
}

static void expect_cuts_fail(const char *name, struct slice bytes, const char *want)
{
    (void)want;
    for (size_t len = 2; len < bytes.len; len++) {
        uint8_t *copy = malloc(len);
        struct slice out;
        struct arena a;
        struct err e = {0};
        bool ok;

        memcpy(copy, bytes.data, len);
        arena_init(&a);
        ok = slurp((struct slice){copy, len}, &a, &out, &e);
        cr_expect(!ok || cut_is_whole(name, bytes, len), "%s cut to %zu of %zu bytes was read",
                  name, len, bytes.len);
        cr_expect_eq(ok, e.text[0] == '\0', "%s cut to %zu: '%s'", name, len, e.text);
        arena_release(&a);
        free(copy);
    }
}

Test(source, refuses_every_cut)
{
    fixture_each("fixtures/source/good", expect_cuts_fail);
}

/* ---- any place, in any order ---- */
#define BIG 1500000

static uint8_t *make_big(void)
{
    uint8_t *b = malloc(BIG);
    uint32_t x = 12345;

    cr_assert_not_null(b);
    for (size_t i = 0; i < BIG; i++) {
        x = x * 1103515245u + 12345u;
        b[i] = (uint8_t)(i % 7 == 0 ? x >> 16 : i >> 8);
    }
    return b;
}

static void compress(const uint8_t *b, const char *tool, char path[64])
{
    char command[256];
    FILE *f;
    int fd;

    strcpy(path, "/tmp/sallyport-source-XXXXXX");
    fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
    snprintf(command, sizeof(command), "%s >%s", tool, path);
    f = popen(command, "w");
    cr_assert(f != NULL && fwrite(b, 1, BIG, f) == BIG && pclose(f) == 0, "%s", tool);
}

static void jump_about(struct source *s, const uint8_t *want, const char *what)
{
    static const struct {
        uint64_t at;
        size_t n;
    } reads[] = {{0, 4096},       {0, 10},           {4090, 300000},   {BIG - 5, 100},
                 {100, 1},        {262143, 2},       {262144, 262144}, {BIG, 10},
                 {BIG + 999, 10}, {1000000, 400000}, {999999, 500001}, {UINT64_MAX - 1, 4},
                 {700000, 0},     {0, BIG},          {BIG - 1, 1}};
    uint8_t *got = malloc(BIG);

    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        const uint64_t at = reads[i].at;
        const size_t left = at >= BIG ? 0 : BIG - (size_t)at,
                     full = reads[i].n < left ? reads[i].n : left;
        struct err e = {0};
        size_t n = 77;

        cr_assert(source_some(s, at, got, reads[i].n, &n, &e), "%s: %s", what, e.text);
        cr_expect_eq(n, full, "%s: read %zu gives %zu", what, i, n);
        cr_expect(n == 0 || memcmp(got, want + at, n) == 0, "%s: read %zu", what, i);
    }
    free(got);
}

static const struct {
    const char *tool;
} tools[] = {{"cat"}, {"gzip -1c"}, {"zstd -qc"}, {"bzip2 -1c"}, {"xz -0c"}};

/* A stream that was cut short gives what stands before the cut, block by block; then the error. */
static const struct {
    const char *tool;
    enum source_codec codec;
} cut_tools[] = {{"gzip -1c", CODEC_GZIP},
                 {"zstd -qc", CODEC_ZSTD},
                 {"xz -0c", CODEC_XZ},
                 {"xz --format=lzma -0c", CODEC_LZMA},
                 {"bzip2 -1c", CODEC_BZIP2}};

CASES(source, gives_what_stands_before_a_cut, cut_tools)
{
    const char *tool = cut_tools[*case_index].tool;
    uint8_t *big = make_big(), got[1000];
    struct source *file, *plain;
    struct err e = {0};
    uint64_t at = 0;
    size_t n = 1;
    char path[64];
    int fd;

    compress(big, tool, path);
    fd = open(path, O_RDONLY);
    file = source_fd(fd, 0, (uint64_t)lseek(fd, 0, SEEK_END) / 2);
    cr_assert(source_decode(file, cut_tools[*case_index].codec, &plain, &e), "%s", e.text);
    while (n > 0 && source_some(plain, at, got, sizeof(got), &n, &e)) {
        cr_assert(memcmp(got, big + at, n) == 0, "%s: at %" PRIu64, tool, at);
        at += n;
    }
    cr_expect_eq(e.code, ERR_FORMAT, "%s: %s", tool, e.text);
    cr_expect(at > BIG / 4 && at < BIG, "%s: %" PRIu64 " bytes of %d", tool, at, BIG);
    source_free(plain);
    source_free(file);
    close(fd);
    unlink(path);
    free(big);
}

CASES(source, reads_at_any_place, tools)
{
    const char *tool = tools[*case_index].tool;
    uint8_t *big = make_big();
    struct source *file, *plain = NULL, *part;
    enum source_codec codec;
    struct digest want, got;
    struct err e = {0};
    char path[64];
    uint64_t len;
    int fd;

    compress(big, tool, path);
    fd = open(path, O_RDONLY);
    file = source_fd(fd, 0, (uint64_t)lseek(fd, 0, SEEK_END));
    cr_assert(source_sniff(file, &codec, &e), "%s", e.text);
    cr_expect_eq(codec == CODEC_NONE, *case_index == 0);
    if (codec != CODEC_NONE)
        cr_assert(source_decode(file, codec, &plain, &e), "%s", e.text);
    jump_about(plain != NULL ? plain : file, big, tool);
    digest_of((struct slice){big, BIG}, DIGEST_SHA256, &want);
    cr_assert(source_hash(plain != NULL ? plain : file, &got, &len, &e), "%s", e.text);
    cr_expect_eq(len, BIG);
    cr_expect(digest_eq(&want, &got), "%s", tool);
    cr_expect_eq(source_len(plain != NULL ? plain : file), BIG, "known after the end");
    part = source_sub(plain != NULL ? plain : file, 1000, 5000);
    digest_of((struct slice){big + 1000, 5000}, DIGEST_SHA256, &want);
    cr_assert(source_hash(part, &got, &len, &e), "%s", e.text);
    cr_expect(len == 5000 && digest_eq(&want, &got), "%s", tool);
    source_free(part);
    source_free(plain);
    source_free(file);
    close(fd);
    unlink(path);
    free(big);
}

/* ---- taps ---- */
/* The digest of the compressed bytes and of the plain ones, in one pass, while
 * somebody sniffs, jumps and goes back. */
CASES(source, taps_see_each_byte_once, tools)
{
    const char *tool = tools[*case_index].tool;
    uint8_t *big = make_big(), head[100];
    struct source *file, *plain;
    struct digest_ctx raw_tap, plain_tap;
    struct digest want, got;
    enum source_codec codec;
    struct err e = {0};
    struct arena a;
    struct slice raw;
    char path[64];
    uint64_t len;
    size_t n;
    int fd;

    compress(big, tool, path);
    fd = open(path, O_RDONLY);
    file = source_fd(fd, 0, (uint64_t)lseek(fd, 0, SEEK_END));
    arena_init(&a);
    cr_assert(source_slurp(file, 1u << 22, &a, &raw, &e));
    cr_assert(source_sniff(file, &codec, &e));
    digest_init(&raw_tap, DIGEST_SHA256);
    digest_init(&plain_tap, DIGEST_SHA256);
    source_tap(file, &raw_tap);
    if (codec == CODEC_NONE)
        plain = source_sub(file, 0, BIG);
    else
        cr_assert(source_decode(file, codec, &plain, &e));
    source_tap(plain, &plain_tap);
    cr_assert(source_some(plain, 0, head, 100, &n, &e));
    cr_assert(source_some(plain, 900000, head, 100, &n, &e)); /* skips */
    cr_assert(source_some(plain, 10, head, 100, &n, &e));     /* goes back */
    cr_assert(source_some(plain, 1000000, head, 100, &n, &e));
    cr_assert(source_drain(plain, &len, &e), "%s", e.text);
    cr_expect_eq(len, BIG);
    digest_final(&plain_tap, &got);
    digest_of((struct slice){big, BIG}, DIGEST_SHA256, &want);
    cr_expect(digest_eq(&want, &got), "%s: plain", tool);
    digest_final(&raw_tap, &got);
    digest_of(raw, DIGEST_SHA256, &want);
    cr_expect(digest_eq(&want, &got), "%s: compressed", tool);
    digest_release(&raw_tap);
    digest_release(&plain_tap);
    arena_release(&a);
    source_free(plain);
    source_free(file);
    close(fd);
    unlink(path);
    free(big);
}

/* ---- declared and true lengths ---- */
Test(source, a_range_past_the_end_shows)
{
    struct source *m = source_memory(SLICE_LIT("0123456789")), *s = source_sub(m, 4, 10),
                  *far = source_sub(m, 1000, 3);
    uint8_t b[16];
    struct err e = {0};
    size_t n;

    cr_expect_eq(source_len(s), 10);
    cr_assert(source_some(s, 0, b, 6, &n, &e) && n == 6, "%s", e.text);
    cr_expect(!source_some(s, 0, b, 16, &n, &e));
    cr_expect_str_eq(e.text, "ends at byte 10, 4 more bytes were declared");
    cr_expect_eq(e.code, ERR_FORMAT);
    err_clear(&e);
    cr_expect(!source_some(far, 0, b, 1, &n, &e));
    err_clear(&e);
    cr_expect(!source_read(m, 8, b, 5, &e));
    cr_expect_str_eq(e.text, "ends at byte 10, 3 more bytes were declared");
    source_free(far);
    source_free(s);
    s = source_sub(m, UINT64_MAX - 1, 10);
    err_clear(&e);
    cr_expect(!source_some(s, 2, b, 1, &n, &e));
    cr_expect_str_eq(e.text, "a range that ends past 2^64 bytes");
    source_free(s);
    source_free(m);
}

Test(source, a_file_that_shrinks_is_an_error)
{
    char path[] = "/tmp/sallyport-source-XXXXXX";
    const int fd = mkstemp(path);
    struct source *s = source_fd(fd, 0, 600000);
    uint8_t *b = malloc(600000);
    struct err e = {0};
    size_t n;

    cr_assert_eq(ftruncate(fd, 600000), 0);
    cr_assert(source_some(s, 0, b, 600000, &n, &e) && n == 600000);
    cr_assert_eq(ftruncate(fd, 300000), 0);
    cr_expect(!source_some(s, 0, b, 600000, &n, &e));
    cr_expect_str_eq(e.text,
                     "the file ends at byte 300000, it had 600000 bytes when it was listed");
    cr_expect_eq(e.code, ERR_IO);
    err_clear(&e);
    cr_expect(!source_some(s, 400000, b, 10, &n, &e));
    source_free(s);
    s = source_fd(-1, 0, 10);
    err_clear(&e);
    cr_expect(!source_some(s, 0, b, 10, &n, &e));
    cr_expect_eq(e.code, ERR_IO);
    source_free(s);
    free(b);
    close(fd);
    unlink(path);
}

Test(source, slurp_has_a_cap)
{
    struct source *m = source_memory(SLICE_LIT("0123456789"));
    struct slice out;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_assert(source_slurp(m, 10, &a, &out, &e));
    cr_expect(slice_is(out, "0123456789") && out.data[10] == 0);
    cr_expect(!source_slurp(m, 9, &a, &out, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    source_free(m);
    arena_release(&a);
}

static void slurp_at_the_cap(const char *name, struct slice bytes, const char *want)
{
    (void)want;
    for (size_t max = 6889; max <= 6891; max++) {
        struct opened o;
        struct slice out;
        struct arena a;
        struct err e = {0};

        if (strcmp(name, "gzip") != 0 && strcmp(name, "zstd") != 0)
            return;
        arena_init(&a);
        open_stream(&o, bytes);
        cr_expect_eq(source_slurp(o.plain, max, &a, &out, &e), max >= 6890, "%s, cap %zu", name,
                     max);
        cr_expect_eq(e.code, max >= 6890 ? ERR_NONE : ERR_LIMIT, "%s", name);
        shut(&o);
        arena_release(&a);
    }
}

Test(source, slurp_has_a_cap_without_a_length)
{
    fixture_each("fixtures/source/good", slurp_at_the_cap);
}

/* ---- many members ---- */
Test(source, ten_thousand_gzip_members)
{
    static const char path[] = "fixtures/source/good/gzip-members";
    struct slice four = fixture_read(path, NULL, 0), all;
    const size_t each = four.len - 1, times = 10000;
    struct source *inner, *plain;
    uint8_t *bytes = malloc(each * times);
    struct err e = {0};
    struct digest d;
    uint64_t len;

    for (size_t i = 0; i < times; i++)
        memcpy(bytes + i * each, four.data + 1, each);
    all = (struct slice){bytes, each * times};
    inner = source_memory(all);
    cr_assert(source_decode(inner, CODEC_GZIP, &plain, &e));
    cr_assert(source_hash(plain, &d, &len, &e), "%s", e.text);
    cr_expect_eq(len, 13781u * times);
    source_free(plain);
    source_free(inner);
    free(bytes);
    free((void *)(uintptr_t)four.data);
}

/* ---- bombs ---- */
#define BLOCK 131072u

/* A zstd frame of `n` blocks that each say "128 KiB of zeros" in four bytes.
 * SPEC: RFC 8878 section 3.1.1.2, RLE_Block */
static struct slice bomb(size_t n)
{
    static const uint8_t head[] = {0x28, 0xb5, 0x2f,
                                   0xfd, 0x00, 0x58}; /* window of 2 MiB, no size */
    uint8_t *b = malloc(sizeof(head) + 4 * n);

    memcpy(b, head, sizeof(head));
    for (size_t i = 0; i < n; i++) {
        const uint32_t h = (i + 1 == n) | 1u << 1 | BLOCK << 3;

        memcpy(b + sizeof(head) + 4 * i, &h, 3);
        b[sizeof(head) + 4 * i + 3] = 0;
    }
    return (struct slice){b, sizeof(head) + 4 * n};
}

Test(source, ratio_at_the_cap_and_past_it)
{
    for (size_t over = 0; over < 2; over++) {
        struct slice b = bomb((64u << 20) / BLOCK + over);
        struct source *inner = source_memory(b), *plain;
        struct err e = {0};
        struct digest d;
        uint64_t len;

        cr_assert(source_decode(inner, CODEC_ZSTD, &plain, &e));
        cr_expect_eq(source_hash(plain, &d, &len, &e), over == 0, "%s", e.text);
        if (over == 1) {
            cr_expect_eq(e.code, ERR_LIMIT);
            cr_expect_str_eq(
                e.text, "decompresses to more than 1100 bytes for each byte (LIMIT_EXPAND_RATIO)");
        }
        source_free(plain);
        source_free(inner);
        free((void *)(uintptr_t)b.data);
    }
}

/* Going back again and again does not go on for ever. */
Test(source, ways_back_are_limited)
{
    const uint64_t len = 500 * (uint64_t)BLOCK, rounds = LIMIT_REWIND_BYTES / len;
    struct slice b = bomb(500);
    struct source *inner = source_memory(b), *plain;
    struct err e = {0};
    uint8_t byte;
    uint64_t i;

    cr_assert(source_decode(inner, CODEC_ZSTD, &plain, &e));
    for (i = 0; i <= rounds + 2; i++)
        if (!source_read(plain, len - 1, &byte, 1, &e) || !source_read(plain, 0, &byte, 1, &e))
            break;
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_neq(strstr(e.text, "LIMIT_REWIND_BYTES"), NULL, "%s", e.text);
    cr_expect(i >= rounds - 1 && i <= rounds + 2, "%" PRIu64 " of %" PRIu64, i, rounds);
    source_free(plain);
    source_free(inner);
    free((void *)(uintptr_t)b.data);
}

/* ---- errors stay ---- */
Test(source, an_error_stays_until_one_goes_back)
{
    struct slice f = fixture_read("fixtures/source/bad/gzip-second-crc", NULL, 0);
    struct opened o;
    struct err e = {0};
    uint8_t b[100];
    size_t n;

    open_stream(&o, f);
    cr_assert(source_some(o.plain, 0, b, 100, &n, &e) && n == 100, "what is good can be read");
    for (int i = 0; i < 3; i++) {
        err_clear(&e);
        cr_expect(!source_some(o.plain, 13780, b, 100, &n, &e));
        cr_expect_str_eq(e.text, "the gzip member does not match its CRC");
    }
    err_clear(&e);
    cr_expect(source_some(o.plain, 0, b, 100, &n, &e) && n == 100);
    cr_expect_eq(source_len(o.plain), SOURCE_LEN_UNKNOWN);
    shut(&o);
    free((void *)(uintptr_t)f.data);
}

/* The error of the source below comes through, with its code. */
Test(source, errors_below_come_through)
{
    static const enum source_codec codecs[] = {CODEC_GZIP, CODEC_ZSTD,     CODEC_BZIP2, CODEC_XZ,
                                               CODEC_LZMA, CODEC_ZIP_LZMA, CODEC_LZ4};

    for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
        struct source *file = source_fd(-1, 0, 100), *plain;
        struct err e = {0};
        uint8_t b;
        size_t n;

        cr_assert(source_decode(file, codecs[i], &plain, &e));
        cr_expect(!source_some(plain, 0, &b, 1, &n, &e));
        cr_expect_eq(e.code, ERR_IO, "codec %zu", i);
        source_free(plain);
        source_free(file);
    }
}

Test(source, no_codec_is_no_decoder)
{
    struct source *m = source_memory(SLICE_LIT("")), *plain;
    struct err e = {0};

    cr_expect(!source_decode(m, CODEC_NONE, &plain, &e));
    cr_expect_eq(e.code, ERR_UNSUPPORTED);
    source_free(m);
    source_free(NULL);
}

/* Compressed twice: the inner decoder is a source like any other. */
Test(source, decoders_stack)
{
    uint8_t *big = make_big();
    struct source *file, *once, *plain;
    struct err e = {0};
    struct digest want, got;
    char path[64];
    uint64_t len;
    int fd;

    compress(big, "gzip -1c | zstd -qc", path);
    fd = open(path, O_RDONLY);
    file = source_fd(fd, 0, (uint64_t)lseek(fd, 0, SEEK_END));
    cr_assert(source_decode(file, CODEC_ZSTD, &once, &e) &&
              source_decode(once, CODEC_GZIP, &plain, &e));
    cr_assert(source_hash(plain, &got, &len, &e), "%s", e.text);
    digest_of((struct slice){big, BIG}, DIGEST_SHA256, &want);
    cr_expect(digest_eq(&want, &got));
    source_free(plain);
    source_free(once);
    source_free(file);
    close(fd);
    unlink(path);
    free(big);
}
