/* scanner/input/input.h and blobs.h: naming, listing and opening; nothing leads out of the root. */
#include "scanner/input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/limits.h"
#include "scanner/input/blobs.h"
#include "tests/lib/cases.h"

static struct arena arena;
static struct input in;
static struct err e;
static char root[64];

static void sh(const char *command)
{
    char all[4096];

    snprintf(all, sizeof(all), "cd %s && { %s; }", root, command);
    cr_assert_eq(system(all), 0, "%s", command);
}

static void set_up(void)
{
    arena_init(&arena);
    strcpy(root, "/tmp/sallyport-input-XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    in = (struct input){.root = -1};
    e = (struct err){0};
}

static void tear_down(void)
{
    input_release(&in);
    arena_release(&arena);
    sh("cd / && rm -rf \"$OLDPWD\"");
}

TestSuite(input, .init = set_up, .fini = tear_down);
TestSuite(blobs, .init = set_up, .fini = tear_down);

/* Opens "SCHEME:ROOT/rest", or "ROOT/rest" without a scheme. */
static bool open_at(const char *scheme, const char *rest)
{
    const char *spec = arena_printf(&arena, "%s%s%s", scheme, root, rest);

    err_clear(&e);
    input_release(&in);
    return input_open(spec, &arena, &in, &e);
}

/* ---- specs ---- */
struct spec_case {
    const char *scheme, *rest; /* of the spec */
    const char *want_scheme, *want_path, *want_ref;
    bool guessed;
};

static const struct spec_case spec_cases[] = {
    {"oci:", "/layout", "oci", "/layout", NULL, false},
    {"oci:", "/layout:v1", "oci", "/layout", "v1", false},
    {"oci:", "/layout@sha256:abc", "oci", "/layout", "sha256:abc", false},
    {"oci:", "/layout:registry.example/x:v1", "oci", "/layout", "registry.example/x:v1", false},
    {"oci:", "/with:colon", "oci", "/with:colon", NULL, false},
    {"oci:", "/with:colon:v1", "oci", "/with:colon", "v1", false},
    {"oci-archive:", "/o.tar:v1", "oci-archive", "/o.tar", "v1", false},
    {"docker-archive:", "/d.tar:x/y:v2", "docker-archive", "/d.tar", "x/y:v2", false},
    {"docker-archive:", "/d.tar:@0", "docker-archive", "/d.tar", "@0", false},
    {"dir:", "/plain", "dir", "/plain", NULL, false},
    {"dir:", "/layout", "dir", "/layout", NULL, false},
    {"file:", "/model.bin", "file", "/model.bin", NULL, false},
    {"file:", "/o.tar", "file", "/o.tar", NULL, false},
    {"", "/layout", "oci", "/layout", NULL, true},
    {"", "/layout:v1", "oci", "/layout", "v1", true},
    {"", "/plain", "dir", "/plain", NULL, true},
    {"", "/model.bin", "file", "/model.bin", NULL, true},
    {"", "/o.tar", "oci-archive", "/o.tar", NULL, true},
    {"", "/odot.tar:v1", "oci-archive", "/odot.tar", "v1", true},
    {"", "/d.tar", "docker-archive", "/d.tar", NULL, true},
    {"", "/other.tar", "file", "/other.tar", NULL, true},
    {"", "/empty", "file", "/empty", NULL, true},
    {"", "/link-to-plain", "dir", "/link-to-plain", NULL, true},
};

static void make_specs(void)
{
    sh("mkdir -p layout/blobs/sha256 with:colon plain && echo '{}' >layout/oci-layout && echo x "
       ">model.bin && "
       ": >empty && tar -cf o.tar -C layout oci-layout && tar -cf odot.tar -C layout . && "
       "touch 0123456789012345678901234567890123456789012345678901234567890123.tar && "
       "tar -cf d.tar 0*.tar && tar -cf other.tar model.bin && ln -s plain link-to-plain");
}

CASES(input, understands_specs, spec_cases)
{
    const struct spec_case *c = &spec_cases[*case_index];

    make_specs();
    cr_assert(open_at(c->scheme, c->rest), "%s%s: %s", c->scheme, c->rest, e.text);
    cr_expect_str_eq(in.scheme, c->want_scheme, "%s%s is %s", c->scheme, c->rest, in.scheme);
    cr_expect_str_eq(in.path + strlen(root), c->want_path, "%s%s", c->scheme, c->rest);
    cr_expect_eq(in.guessed, c->guessed, "%s%s", c->scheme, c->rest);
    cr_expect_eq(in.ref == NULL, c->want_ref == NULL, "%s%s", c->scheme, c->rest);
    if (c->want_ref != NULL)
        cr_expect_str_eq(in.ref, c->want_ref);
    cr_expect_eq(strncmp(in.spec, c->want_scheme, strlen(c->want_scheme)), 0, "%s", in.spec);
}

struct bad_spec {
    const char *scheme, *rest;
    enum err_code code;
    const char *text;
};

static const struct bad_spec bad_specs[] = {
    {"", "/nothing", ERR_IO, "no such file or folder"},
    {"", "/loop", ERR_IO, "cannot look at it: Too many levels of symbolic links"},
    {"", "/plain:v1", ERR_IO, "no such file or folder"},
    {"", "/model.bin:v1", ERR_IO, "no such file or folder"},
    {"oci:", "/nothing:v1", ERR_IO, "cannot open folder: No such file or directory"},
    {"oci:", "/model.bin", ERR_IO, "cannot open folder: Not a directory"},
    {"dir:", "/model.bin", ERR_IO, "cannot open folder: Not a directory"},
    {"file:", "/plain", ERR_IO, "not a regular file"},
    {"file:", "/fifo", ERR_IO, "not a regular file"},
    {"file:", "/nothing", ERR_IO, "cannot open file: No such file or directory"},
    {"oci-archive:", "/plain", ERR_IO, "not a regular file"},
};

CASES(input, refuses_specs, bad_specs)
{
    const struct bad_spec *c = &bad_specs[*case_index];

    make_specs();
    sh("mkfifo fifo && ln -s loop loop");
    cr_expect(!open_at(c->scheme, c->rest), "%s%s", c->scheme, c->rest);
    cr_expect_str_eq(e.text, c->text, "%s%s: got '%s'", c->scheme, c->rest, e.text);
    cr_expect_eq(e.code, c->code);
    cr_expect_eq(in.root, -1, "the input is as it was");
}

Test(input, fetches_nothing)
{
    cr_expect(!input_open("docker://registry.example/x:v1", &arena, &in, &e));
    cr_expect_eq(e.code, ERR_UNSUPPORTED);
    cr_expect_str_eq(e.text, "nothing is fetched: copy it to a folder first, as with skopeo copy "
                             "docker://registry.example/x:v1 oci:DIR");
    err_clear(&e);
    cr_expect(!input_open("https://registry.example/m.bin", &arena, &in, &e));
    cr_expect_eq(e.code, ERR_UNSUPPORTED);
    cr_expect_str_eq(e.text, "nothing is fetched: download it first");
    err_clear(&e);
    cr_expect(!input_open("oci:", &arena, &in, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    err_clear(&e);
    cr_expect(!input_open("", &arena, &in, &e));
}

Test(input, schemes_are_listed)
{
    size_t n = 0;

    while (input_schemes[n].name != NULL)
        n++;
    cr_expect_eq(n, 5);
}

/* ---- listing ---- */
Test(input, lists_sorted_by_bytes)
{
    static const char *const want[] = {"B", "a", "d/e/f", "d/x", "d0", "sock", "up", "\xff"};
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const int s = socket(AF_UNIX, SOCK_STREAM, 0);

    sh("mkdir -p d/e empty-folder && echo 12345 >a && : >B && : >d/e/f && : >d/x && : >d0 && : "
       ">$(printf '\\377') && "
       "ln -s /etc up && chmod 640 a");
    snprintf(to.sun_path, sizeof(to.sun_path), "%s/sock", root);
    cr_assert_eq(bind(s, (const struct sockaddr *)&to, sizeof(to)), 0);
    close(s);
    cr_assert(open_at("dir:", ""), "%s", e.text);
    cr_assert_eq(in.nentries, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        cr_expect_str_eq(in.entries[i].name, want[i]);
    cr_expect_eq(in.entries[1].size, 6);
    cr_expect_eq(in.entries[1].mode, 0640);
    cr_expect_eq(in.entries[5].kind, ENTRY_OTHER);
    cr_expect_eq(in.entries[6].kind, ENTRY_SYMLINK);
    cr_expect_eq(in.entries[6].size, 0);
}

Test(input, depth_needs_no_stack)
{
    sh("p=.; for i in $(seq 1 400); do p=$p/d; done; mkdir -p $p && : >$p/f");
    cr_assert(open_at("dir:", ""), "%s", e.text);
    cr_assert_eq(in.nentries, 1);
    cr_expect_eq(strlen(in.entries[0].name), 801);
}

/* ---- opening ---- */
static size_t entry(const char *name)
{
    for (size_t i = 0; i < in.nentries; i++)
        if (strcmp(in.entries[i].name, name) == 0)
            return i;
    cr_assert_fail("no entry %s", name);
    return 0;
}

static void expect_closed(const char *name, const char *text)
{
    int fd = -1;

    err_clear(&e);
    cr_expect(!input_entry_open(&in, entry(name), &fd, &e), "%s was opened", name);
    cr_expect_neq(strstr(e.text, text), NULL, "%s: got '%s'", name, e.text);
    cr_expect_eq(fd, -1);
}

Test(input, opens_beneath_the_root_only)
{
    int fd = -1;
    char text[8] = "";

    sh("mkdir d && echo hello >d/f && ln -s f d/link && mkfifo fifo && ln -s / up && echo x "
       ">swapped && echo x >grown && "
       "mkdir s && echo x >s/passwd");
    cr_assert(open_at("dir:", ""), "%s", e.text);
    cr_assert(input_entry_open(&in, entry("d/f"), &fd, &e), "%s", e.text);
    cr_expect_eq(pread(fd, text, 5, 0), 5);
    cr_expect_str_eq(text, "hello");
    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_expect_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    close(fd);
    expect_closed("d/link", "d/link is a symbolic link, links are not followed");
    expect_closed("up", "up is a symbolic link, links are not followed");
    expect_closed("fifo", "fifo is not a regular file");
    /* the folder changes under our feet */
    sh("rm swapped && ln -s d/f swapped && echo more >>grown && rm -r s && ln -s /etc s");
    expect_closed("swapped", "cannot open swapped");
    expect_closed("grown", "the file has 7 bytes, it had 2 when it was listed");
    expect_closed("s/passwd", "cannot open s/passwd");
    sh("rm swapped && mkfifo swapped");
    expect_closed("swapped", "not a regular file");
    sh("rm swapped");
    expect_closed("swapped", "cannot open swapped: No such file or directory");
    cr_expect(!input_entry_open(&in, in.nentries, &fd, &e));
}

Test(input, one_file_is_one_entry)
{
    int fd = -1;

    sh("echo 12345 >model.bin");
    cr_assert(open_at("", "/model.bin"), "%s", e.text);
    cr_assert_eq(in.nentries, 1);
    cr_expect_str_eq(in.entries[0].name, "model.bin");
    cr_expect_eq(in.entries[0].size, 6);
    cr_assert(input_entry_open(&in, 0, &fd, &e), "%s", e.text);
    close(fd);
    sh("echo more >>model.bin");
    expect_closed("model.bin", "the file has 11 bytes, it had 6 when it was listed");
}

/* The cap and one past it. Names in memory where the system has such a
 * place: files on a disk take half a minute. */
Test(input, too_many_files_is_a_limit)
{
    char from[96], to[96];
    int shm = access("/dev/shm", W_OK);

    if (shm == 0) {
        rmdir(root);
        strcpy(root, "/dev/shm/sallyport-input-XXXXXX");
        cr_assert_not_null(mkdtemp(root));
    }
    sh("for i in 0 1 2 3; do : >f$i; done");
    for (int i = 4; i < LIMIT_ENTRIES; i++) {
        snprintf(from, sizeof(from), "%s/f%d", root, i % 4);
        snprintf(to, sizeof(to), "%s/%d", root, i);
        cr_assert_eq(link(from, to), 0, "%s: %s", to, strerror(errno));
    }
    cr_expect(open_at("dir:", ""), "%s", e.text);
    cr_expect_eq(in.nentries, LIMIT_ENTRIES);
    sh(": >one-more");
    cr_expect(!open_at("dir:", ""));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_neq(strstr(e.text, "more than 200000 files and folders (LIMIT_ENTRIES)"), NULL, "%s",
                  e.text);
}

Test(input, released_twice_and_from_nothing)
{
    struct input none = {0};

    input_release(&none);
    input_release(&none);
    cr_expect_neq(fcntl(STDIN_FILENO, F_GETFD), -1, "standard input is still there");
}

/* ---- blobs ---- */
static struct facts facts;
static struct sink sink;
static struct worker *worker;
static struct blobs *blobs;

static bool open_blobs(const char *scheme, const char *rest)
{
    cr_assert(open_at(scheme, rest), "%s", e.text);
    facts_init(&facts, &arena);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "subject";
    worker = worker_local(&in, NULL, &sink);
    return blobs_open(worker, &blobs, &e);
}

static void shut_blobs(void)
{
    blobs_free(blobs);
    blobs = NULL;
    worker_local_free(worker);
}

static void expect_blob(const char *name, const char *text)
{
    struct source *s;
    struct slice got;
    uint64_t len;

    err_clear(&e);
    cr_assert(blobs_find(blobs, name, &s, &len, &e), "%s: %s", name, e.text);
    cr_assert(source_slurp(s, 1000, &arena, &got, &e), "%s: %s", name, e.text);
    cr_expect(slice_is(got, text), "%s", name);
    cr_expect_eq(len, strlen(text), "%s", name);
}

static void expect_no_blob(const char *name, const char *text)
{
    struct source *s;
    uint64_t len;

    err_clear(&e);
    cr_expect(!blobs_find(blobs, name, &s, &len, &e), "%s was found", name);
    cr_expect_str_eq(e.text, text, "%s: got '%s'", name, e.text);
}

static const struct coverage *line(const char *path)
{
    for (size_t i = 0; i < facts.ncoverage; i++)
        if ((facts.coverage[i].path == NULL) == (path == NULL) &&
            (path == NULL || strcmp(facts.coverage[i].path, path) == 0))
            return &facts.coverage[i];
    return NULL;
}

static void make_archive(void)
{
    sh("mkdir -p t/blobs/sha256 t/id && cd t && printf one >blobs/sha256/aa && printf three "
       ">bb.tar && printf un >never && "
       "ln -s ../bb.tar id/layer.tar && ln never hard && ln -s id/layer.tar far && ln -s "
       "/etc/passwd abs && ln -s ../../x out && "
       "ln -s gone hang && ln -s loop2 loop1 && ln -s loop1 loop2 && "
       "tar --sort=name -cf ../a.tar . && cd .. && gzip -k a.tar && zstd -q a.tar");
}

static void check_archive(const char *format)
{
    cr_expect(blobs_has(blobs, "bb.tar") && blobs_has(blobs, "hang") && !blobs_has(blobs, "gone"));
    expect_blob("blobs/sha256/aa", "one");
    expect_blob("./blobs//sha256/aa", "one");
    expect_blob("id/layer.tar", "three");
    expect_blob("far", "three");
    expect_no_blob("gone", "no file named gone");
    expect_no_blob("blobs", "blobs is not a regular file");
    expect_no_blob("abs", "abs is a link that is not followed");
    expect_no_blob("out", "out is a link that is not followed");
    expect_no_blob("hang", "hang is a link to gone, which is not there");
    expect_no_blob("loop1", "loop1 is behind more than 8 links (LIMIT_LINK_HOPS)");
    expect_no_blob("../x", "../x: a path goes up with '..'");
    blobs_account(blobs, &sink, "nobody wants it");
    cr_assert_eq(facts.ncoverage, 2, "the archive and the file that nobody asked for");
    cr_expect_str_eq(line(NULL)->format, format);
    cr_expect_eq(line(NULL)->status, COVERAGE_IGNORED);
    cr_expect_eq(line(NULL)->scanned, 8);
    cr_expect_eq(line(NULL)->unread, 2);
    cr_expect_eq(line(NULL)->bytes, line(NULL)->parsed + 10);
}

static const struct {
    const char *file, *format;
} archives[] = {{"/a.tar", "docker-archive"},
                {"/a.tar.gz", "docker-archive+gzip"},
                {"/a.tar.zst", "docker-archive+zstd"}};

CASES(blobs, finds_by_name_in_an_archive, archives)
{
    make_archive();
    cr_assert(open_blobs("docker-archive:", archives[*case_index].file), "%s", e.text);
    check_archive(archives[*case_index].format);
    shut_blobs();
}

Test(blobs, hard_links_stand_for_their_file)
{
    make_archive();
    cr_assert(open_blobs("oci-archive:", "/a.tar"), "%s", e.text);
    expect_blob("hard", "un");
    expect_blob("never", "un");
    shut_blobs();
}

Test(blobs, a_name_that_occurs_twice_is_no_name)
{
    sh("printf one >x && tar -cf a.tar x && printf three >x && tar -rf a.tar x && mkdir d && tar "
       "-rf a.tar d && tar -rf a.tar d");
    cr_assert(open_blobs("oci-archive:", "/a.tar"), "%s", e.text);
    cr_expect_eq(blobs_count(blobs), 4);
    expect_no_blob("x", "x occurs more than once, readers differ on which counts");
    cr_expect(blobs_member(blobs, 2)->twice && !blobs_member(blobs, 0)->twice);
    blobs_account(blobs, &sink, "r");
    cr_expect_eq(facts.ncoverage, 3, "both are in the ledger");
    shut_blobs();
}

struct bad_archive {
    const char *command, *text;
};

static const struct bad_archive bad_archives[] = {
    {"printf 'hello' >a.tar", "oci-archive: the archive ends within a block"},
    {": >a.tar", "oci-archive: the archive ends without its two zero blocks"},
    {"printf x >f; tar -cf a.tar f; truncate -s 1024 a.tar",
     "oci-archive: the archive ends without its two zero blocks"},
    {"printf x >f; tar -cf a.tar f; printf hidden >>a.tar",
     "oci-archive: data behind the end of the archive"},
    {"printf x >f; tar -cPf a.tar --transform 's|f|../f|' f",
     "oci-archive: member at byte 0: a path goes up with '..'"},
    {"printf x >f; tar -cf b.tar f; gzip -c b.tar | head -c 100 >a.tar",
     "oci-archive: the gzip member is cut short"},
};

CASES(blobs, refuses_bad_archives, bad_archives)
{
    const struct bad_archive *c = &bad_archives[*case_index];

    sh(c->command);
    cr_expect(!open_blobs("oci-archive:", "/a.tar"), "%s", c->command);
    cr_expect_str_eq(e.text, c->text, "got '%s'", e.text);
    worker_local_free(worker);
}

Test(blobs, finds_by_name_in_a_folder)
{
    sh("mkdir -p blobs/sha256 && printf one >blobs/sha256/aa && printf '{}' >index.json && printf "
       "never >x && ln -s x link && mkfifo p");
    cr_assert(open_blobs("oci:", ""), "%s", e.text);
    expect_blob("blobs/sha256/aa", "one");
    expect_blob("./index.json", "{}");
    expect_no_blob("blobs/sha256", "no file named blobs/sha256");
    expect_no_blob("link", "link is a link that is not followed");
    expect_no_blob("p", "p is not a regular file");
    blobs_account(blobs, &sink, "nobody wants it");
    cr_assert_eq(facts.ncoverage, 3);
    cr_expect_str_eq(line("x")->reason, "nobody wants it");
    cr_expect_eq(line("x")->unread, 5);
    cr_expect_eq(line("x")->status, COVERAGE_IGNORED);
    cr_expect_str_eq(line("link")->reason, "a symbolic link, links of a folder are not followed");
    cr_expect_str_eq(line("p")->reason, "not a regular file");
    shut_blobs();
}
