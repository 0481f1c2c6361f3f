/* scanner/input/tar.h: what must be read, and what tar readers disagree on and we refuse. */
#include "scanner/input/tar.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"

/* Walks all of it; contents are read too. */
static bool walk(struct slice bytes, size_t *n, struct err *e)
{
    struct source *s = source_memory(bytes);
    struct tar *t = tar_open(s);
    struct tar_entry en;
    uint64_t len;
    bool end = false, ok = true;

    for (*n = 0; ok && !end; *n += !end) {
        ok = tar_next(t, &en, &end, e);
        if (ok && !end) {
            uint8_t *content = malloc(en.size + 1);

            cr_expect(source_read(s, en.at, content, en.size, e), "%s", e->text);
            free(content);
        }
    }
    ok = ok && tar_tail(t, &len, e);
    if (ok)
        cr_expect_eq(len, bytes.len);
    tar_free(t);
    source_free(s);
    return ok;
}

static void expect_good(const char *name, struct slice bytes, const char *want)
{
    struct err e = {0};
    size_t n;

    (void)want;
    cr_expect(walk(bytes, &n, &e), "%s: %s", name, e.text);
    cr_expect_str_eq(e.text, "", "%s", name);
}

static void expect_bad(const char *name, struct slice bytes, const char *want)
{
    char got[ERR_TEXT_MAX + 40];
    struct err e = {0};
    size_t n;

    cr_expect(!walk(bytes, &n, &e), "%s was read", name);
    snprintf(got, sizeof(got), "%s (byte %" PRIu64 ")", e.text, e.offset);
    cr_expect_str_eq(got, want, "%s: got '%s'", name, got);
}

Test(tar, reads_good_archives)
{
    cr_expect_geq(fixture_each("fixtures/tar/good", expect_good), 17);
}

Test(tar, refuses_bad_archives)
{
    cr_expect_geq(fixture_each("fixtures/tar/bad", expect_bad), 50);
}

/* Every cut of a good archive is an error, never a silent end; only zero
 * blocks may be missing at the end. */
static void expect_cuts_fail(const char *name, struct slice bytes, const char *want)
{
    size_t n, last = bytes.len;

    (void)want;
    while (last > 0 && bytes.data[last - 1] == 0)
        last--;
    last += (512 - last % 512) % 512 + 512; /* the first zero block may stand alone at the end */
    for (size_t len = 0; len < last && len < bytes.len; len += len % 512 == 0 ? 1 : 255) {
        uint8_t *copy = malloc(len + 1);
        struct err e = {0};

        memcpy(copy, bytes.data, len);
        cr_expect(!walk((struct slice){copy, len}, &n, &e), "%s cut to %zu bytes was read", name,
                  len);
        free(copy);
    }
}

Test(tar, refuses_every_cut)
{
    fixture_each("fixtures/tar/good", expect_cuts_fail);
}

/* ---- what the fields say ---- */
struct opened {
    struct slice bytes;
    struct source *source;
    struct tar *tar;
    struct tar_entry en;
};

static void open_first(struct opened *o, const char *name)
{
    char path[256];
    struct err e = {0};
    bool end;

    snprintf(path, sizeof(path), "fixtures/tar/good/%s", name);
    o->bytes = fixture_read(path, NULL, 0);
    cr_assert_not_null(o->bytes.data, "%s", path);
    o->source = source_memory(o->bytes);
    o->tar = tar_open(o->source);
    cr_assert(tar_next(o->tar, &o->en, &end, &e) && !end, "%s: %s", name, e.text);
}

static void shut(struct opened *o)
{
    tar_free(o->tar);
    source_free(o->source);
    free((void *)(uintptr_t)o->bytes.data);
}

Test(tar, pax_overrides)
{
    struct opened o;

    open_first(&o, "pax-all");
    cr_expect(slice_is(o.en.path, "p/\xc3\xa9"));
    cr_expect_eq(o.en.uid, 3000000);
    cr_expect_eq(o.en.gid, 4000000);
    cr_expect_eq(o.en.size, 5);
    cr_expect_eq(o.en.mtime, -12);
    cr_expect_eq(o.en.header_at, 0);
    cr_expect_eq(o.en.at, 1536);
    cr_assert_eq(o.en.nxattrs, 2);
    cr_expect(slice_is(o.en.xattrs[0].name, "security.capability"));
    cr_expect_eq(o.en.xattrs[0].data.len, 20);
    cr_expect(slice_is(o.en.xattrs[1].name, "user.a") && slice_is(o.en.xattrs[1].data, "2"),
              "the last counts");
    shut(&o);
}

/* The next header is where the pax size says, not where the ustar size says. */
Test(tar, pax_size_moves_the_next_header)
{
    struct opened o;
    struct err e = {0};
    bool end;

    open_first(&o, "pax-size-overrides");
    cr_expect_eq(o.en.size, 600);
    cr_assert(tar_next(o.tar, &o.en, &end, &e) && !end, "%s", e.text);
    cr_expect_eq(o.en.header_at, 512 * 5);
    cr_expect_eq(o.en.size, 5, "it holds for one member only");
    shut(&o);
}

Test(tar, names_from_everywhere)
{
    struct opened o;

    open_first(&o, "prefix");
    cr_expect(slice_is(o.en.path, "long/prefix/b"));
    shut(&o);
    open_first(&o, "star-prefix");
    cr_expect_eq(o.en.path.len, 133);
    shut(&o);
    open_first(&o, "gnu-long");
    cr_expect_eq(o.en.path.len, 300);
    cr_expect_eq(o.en.link.len, 200);
    shut(&o);
    open_first(&o, "pax-linkpath");
    cr_expect_eq(o.en.link.len, 200);
    shut(&o);
    open_first(&o, "pax-empty-value");
    cr_expect(slice_is(o.en.path, "a"));
    shut(&o);
    open_first(&o, "not-utf8");
    cr_expect(slice_is(o.en.path, "bad\xff\xfename"), "names keep their bytes");
    shut(&o);
}

Test(tar, numbers_in_base_256)
{
    struct opened o;

    open_first(&o, "base256");
    cr_expect_eq(o.en.size, 5);
    cr_expect_eq(o.en.uid, UINT32_MAX);
    cr_expect_eq(o.en.mtime, -1);
    shut(&o);
}

Test(tar, old_types_and_global_headers)
{
    struct opened o;
    struct err e = {0};
    bool end;

    open_first(&o, "v7");
    cr_expect_eq(o.en.type, '0');
    cr_assert(tar_next(o.tar, &o.en, &end, &e) && !end);
    cr_expect_eq(o.en.type, '5');
    shut(&o);
    open_first(&o, "pax-global");
    cr_expect_eq(o.en.mtime, 77);
    shut(&o);
}

Test(tar, after_the_end_is_the_end)
{
    struct opened o;
    struct err e = {0};
    bool end;

    open_first(&o, "padded");
    for (int i = 0; i < 3; i++)
        cr_expect(tar_next(o.tar, &o.en, &end, &e) && end);
    shut(&o);
}

/* A GNU header block with its checksum. */
static void put_block(uint8_t *b, const char *name, char type, size_t size)
{
    unsigned sum = 0;

    memset(b, 0, 512);
    strcpy((char *)b, name);
    strcpy((char *)b + 100, "0000644");
    strcpy((char *)b + 108, "0000000");
    strcpy((char *)b + 116, "0000000");
    snprintf((char *)b + 124, 12, "%011zo", size);
    strcpy((char *)b + 136, "00000000000");
    memset(b + 148, ' ', 8);
    b[156] = (uint8_t)type;
    memcpy(b + 257, "ustar  ", 8);
    for (int i = 0; i < 512; i++)
        sum += b[i];
    snprintf((char *)b + 148, 8, "%06o", sum);
}

/* The cap and one past it; bad/pax-too-long is the other side of LIMIT_TAR_PAX_BYTES. */
Test(tar, name_at_the_cap)
{
    for (size_t over = 0; over < 2; over++) {
        const size_t len = LIMIT_NAME_BYTES + over, room = (len + 1 + 511) / 512 * 512;
        const size_t total = 512 + room + 512 + 1024;
        uint8_t *all = calloc(1, total);
        struct err e = {0};
        size_t n;

        put_block(all, "././@LongLink", 'L', len + 1);
        memset(all + 512, 'n', len);
        put_block(all + 512 + room, "short", '0', 0);
        cr_expect_eq(walk((struct slice){all, total}, &n, &e), over == 0, "%s", e.text);
        cr_expect_eq(e.code, over == 0 ? ERR_NONE : ERR_LIMIT);
        free(all);
    }
}

/* ---- tar_clean ---- */
struct clean_case {
    const char *path, *want, *error;
};

static const struct clean_case clean_cases[] = {
    {"a", "a", ""},
    {"./a", "a", ""},
    {"/a/b", "a/b", ""},
    {"a//b///c", "a/b/c", ""},
    {"a/./b/.", "a/b", ""},
    {"a/", "a", ""},
    {".", "", ""},
    {"./", "", ""},
    {"/", "", ""},
    {"", "", ""},
    {"..a/b..", "..a/b..", ""},
    {"...", "...", ""},
    {"..", NULL, "a path goes up with '..'"},
    {"a/../b", NULL, "a path goes up with '..'"},
    {"a/..", NULL, "a path goes up with '..'"},
    {"/../x", NULL, "a path goes up with '..'"},
    {"\xff/\xfe", "\xff/\xfe", ""},
};

CASES(tar_clean, keeps_to_the_root, clean_cases)
{
    const struct clean_case *c = &clean_cases[*case_index];
    struct slice got = {NULL, 0};
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect_eq(tar_clean(slice_str(c->path), &a, &got, &e), c->want != NULL, "%s", c->path);
    cr_expect_str_eq(e.text, c->error, "%s", c->path);
    if (c->want != NULL)
        cr_expect(slice_is(got, c->want), "%s", c->path);
    arena_release(&a);
}

Test(tar_clean, refuses_nul)
{
    struct slice got;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_expect(!tar_clean(SLICE_LIT("a\0b"), &a, &got, &e));
    cr_expect_str_eq(e.text, "a path holds a NUL");
    arena_release(&a);
}
