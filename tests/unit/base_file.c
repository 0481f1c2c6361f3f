/* base/file.h */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/lib/cases.h"

struct folder {
    char path[64];
    struct arena a;
};

static void folder_make(struct folder *f)
{
    memcpy(f->path, "/tmp/base_file.XXXXXX", 22);
    cr_assert_not_null(mkdtemp(f->path));
    arena_init(&f->a);
}

static const char *in(struct folder *f, const char *name)
{
    return arena_printf(&f->a, "%s/%s", f->path, name);
}

static size_t count(const char *path)
{
    DIR *d = opendir(path);
    size_t n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n - 2;
}

static void folder_drop(struct folder *f)
{
    DIR *d = opendir(f->path);

    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(f->path);
    arena_release(&f->a);
}

Test(file, writes_and_reads_back)
{
    struct folder f;
    struct slice out;
    struct stat st;
    struct err e = {0};

    folder_make(&f);
    umask(022);
    cr_expect(file_write(in(&f, "x"), SLICE_LIT("a\0b"), 0666, &e), "%s", e.text);
    cr_expect(file_read(in(&f, "x"), 3, &f.a, &out, &e), "%s", e.text);
    cr_expect(slice_eq(out, SLICE_LIT("a\0b")));
    cr_expect_eq(out.data[3], 0, "a NUL behind");
    cr_expect(stat(in(&f, "x"), &st) == 0 && (st.st_mode & 0777) == 0644);
    cr_expect(file_write(in(&f, "x"), (struct slice){NULL, 0}, 0600, &e), "%s", e.text);
    cr_expect(file_read(in(&f, "x"), 3, &f.a, &out, &e) && out.len == 0);
    cr_expect(stat(in(&f, "x"), &st) == 0 && (st.st_mode & 0777) == 0600);
    cr_expect_eq(count(f.path), 1, "no temporary file stays");
    folder_drop(&f);
}

Test(file, the_cap_is_exact)
{
    struct folder f;
    struct slice out = {NULL, 77};
    struct err e = {0};

    folder_make(&f);
    cr_assert(file_write(in(&f, "x"), SLICE_LIT("12345"), 0600, &e));
    cr_expect(file_read(in(&f, "x"), 5, &f.a, &out, &e));
    out.len = 77;
    cr_expect_not(file_read(in(&f, "x"), 4, &f.a, &out, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, arena_printf(&f.a, "%s: larger than its cap of 4 bytes", in(&f, "x")));
    cr_expect_eq(out.len, 77, "untouched");
    folder_drop(&f);
}

Test(file, what_is_no_regular_file)
{
    struct folder f;
    struct slice out;
    struct err e = {0};

    folder_make(&f);
    cr_expect_not(file_read(f.path, 100, &f.a, &out, &e));
    cr_expect_eq(e.code, ERR_IO);
    cr_expect_str_eq(e.text, arena_printf(&f.a, "%s: not a regular file", f.path));
    err_clear(&e);
    cr_expect_not(file_read(in(&f, "none"), 100, &f.a, &out, &e));
    cr_expect_eq(e.sys, ENOENT);
    cr_expect_str_eq(
        e.text, arena_printf(&f.a, "%s: cannot open: No such file or directory", in(&f, "none")));
    err_clear(&e);
    cr_assert_eq(mkfifo(in(&f, "fifo"), 0600), 0);
    cr_expect_not(file_read(in(&f, "fifo"), 100, &f.a, &out, &e), "and it does not wait");
    cr_expect_eq(e.code, ERR_IO);
    err_clear(&e);
    cr_expect_not(file_write(f.path, SLICE_LIT("x"), 0600, &e));
    cr_expect_eq(e.code, ERR_IO);
    err_clear(&e);
    cr_expect_not(file_write(in(&f, "no/such/folder"), SLICE_LIT("x"), 0600, &e));
    cr_expect_eq(e.sys, ENOENT);
    folder_drop(&f);
}

Test(file, files_that_tell_no_size)
{
    struct arena a;
    struct slice out;
    struct err e = {0};

    arena_init(&a);
    cr_expect(file_read("/proc/self/status", 1 << 20, &a, &out, &e), "%s", e.text);
    cr_expect(slice_starts(out, "Name:"));
    cr_expect_not(file_read("/proc/self/status", 10, &a, &out, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    arena_release(&a);
}

Test(file, standard_input)
{
    struct folder f;
    struct slice out;
    struct err e = {0};
    int pipes[2];

    folder_make(&f);
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(write(pipes[1], "from a pipe", 11), 11);
    close(pipes[1]);
    cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    cr_expect(file_read("-", 11, &f.a, &out, &e), "%s", e.text);
    cr_expect(slice_is(out, "from a pipe"));
    cr_assert(file_write(in(&f, "in"), SLICE_LIT("123456"), 0600, &e));
    close(pipes[0]);
    pipes[0] = open(in(&f, "in"), O_RDONLY);
    cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    cr_expect_not(file_read("-", 5, &f.a, &out, &e));
    cr_expect_str_eq(e.text, "standard input: larger than its cap of 5 bytes");
    close(pipes[0]);
    folder_drop(&f);
}

Test(file, links_and_devices_stay_what_they_are)
{
    struct folder f;
    struct slice out;
    struct stat st;
    struct err e = {0};

    folder_make(&f);
    cr_assert(file_write(in(&f, "real"), SLICE_LIT("old"), 0600, &e));
    cr_assert_eq(symlink("real", in(&f, "link")), 0);
    cr_expect(file_write(in(&f, "link"), SLICE_LIT("new"), 0600, &e), "%s", e.text);
    cr_expect(lstat(in(&f, "link"), &st) == 0 && S_ISLNK(st.st_mode));
    cr_expect(file_read(in(&f, "real"), 10, &f.a, &out, &e) && slice_is(out, "new"));
    cr_expect(file_write("/dev/null", SLICE_LIT("x"), 0600, &e), "%s", e.text);
    cr_expect(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
    cr_expect_not(file_write("/dev/full", SLICE_LIT("x"), 0600, &e));
    cr_expect_eq(e.sys, ENOSPC);
    folder_drop(&f);
}

Test(file, writes_piece_by_piece)
{
    struct file_writer *w;
    struct folder f;
    struct slice out;
    struct err e = {0};

    folder_make(&f);
    cr_assert(file_write(in(&f, "x"), SLICE_LIT("old"), 0600, &e));
    cr_assert(file_begin(in(&f, "x"), 0600, &w, &e), "%s", e.text);
    cr_expect(file_append(w, SLICE_LIT("ne"), &e));
    cr_expect(file_append(w, SLICE_LIT("wer"), &e));
    cr_expect(file_read(in(&f, "x"), 10, &f.a, &out, &e) && slice_is(out, "old"), "not yet");
    cr_expect(file_end(w, true, &e), "%s", e.text);
    cr_expect(file_read(in(&f, "x"), 10, &f.a, &out, &e) && slice_is(out, "newer"));

    cr_assert(file_begin(in(&f, "x"), 0600, &w, &e));
    cr_expect(file_append(w, SLICE_LIT("half"), &e));
    cr_expect_not(file_end(w, false, &e), "it was not to be kept");
    cr_expect(file_read(in(&f, "x"), 10, &f.a, &out, &e) && slice_is(out, "newer"));
    cr_expect_eq(count(f.path), 1, "nothing is left behind");

    cr_assert(file_begin("/dev/full", 0600, &w, &e));
    cr_expect_not(file_append(w, SLICE_LIT("x"), &e));
    cr_expect_eq(e.sys, ENOSPC);
    cr_expect_not(file_append(w, SLICE_LIT("x"), &e), "and no more after it");
    cr_expect_not(file_end(w, true, &e), "what failed is not kept");
    folder_drop(&f);
}

Test(file, makes_folders)
{
    struct folder f;
    struct err e = {0};
    struct stat st;

    folder_make(&f);
    cr_expect(file_mkdirs(in(&f, "a/b//c/"), &e), "%s", e.text);
    cr_expect(stat(in(&f, "a/b/c"), &st) == 0 && S_ISDIR(st.st_mode));
    cr_expect(file_mkdirs(in(&f, "a/b"), &e), "that is there already");
    cr_expect(file_mkdirs("/", &e));
    cr_expect_not(file_mkdirs("", &e));
    err_clear(&e);
    cr_assert(file_write(in(&f, "file"), SLICE_LIT("x"), 0600, &e));
    cr_expect_not(file_mkdirs(in(&f, "file/x"), &e));
    err_clear(&e);
    cr_expect_not(file_mkdirs(in(&f, "file"), &e));
    cr_expect_eq(e.code, ERR_IO);
    rmdir(in(&f, "a/b/c"));
    rmdir(in(&f, "a/b"));
    rmdir(in(&f, "a"));
    folder_drop(&f);
}
