/* scanner/worker: a worker that is good, and one (tests/lib/worker_peer.c) that tries
 * everything. TEST-OF: docs/threat-model.md */
#include "scanner/worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/value_wire.h"
#include "scanner/worker/frame.h"
#include "scanner/worker/sandbox.h"
#include "tests/lib/cases.h"

#define PEER TEST_BUILD "/tests/worker_peer"

struct run {
    struct arena arena;
    struct facts facts;
    struct sandbox_report report;
    struct err e;
    struct worker_job job;
    struct input input;
    bool ok;
};

static void set_up(struct run *r, const char *job)
{
    *r = (struct run){0};
    arena_init(&r->arena);
    facts_init(&r->facts, &r->arena);
    r->job = (struct worker_job){.name = job,
                                 .subject = "file:subject",
                                 .sandbox = SANDBOX_REQUIRED,
                                 .exe = PEER,
                                 .seconds = 60};
}

static void with_param(struct run *r, const char *key, const char *value)
{
    struct value_builder b;

    value_map_begin(&b, &r->arena);
    value_map_add(&b, key, value_str(&r->arena, value));
    r->job.params = value_map_end(&b, NULL);
}

static void with_input(struct run *r, const char *spec)
{
    struct err e = {0};

    cr_assert(input_open(spec, &r->arena, &r->input, &e), "%s", e.text);
    r->job.input = &r->input;
}

static void go(struct run *r)
{
    r->ok = worker_run(&r->job, &r->facts, &r->report, &r->e);
}

static void tear_down(struct run *r)
{
    if (r->job.input != NULL)
        input_release(&r->input);
    arena_release(&r->arena);
}

static const struct value *told(const struct run *r, const char *address)
{
    for (size_t i = 0; i < r->facts.nfacts; i++)
        if (strcmp(r->facts.facts[i].address, address) == 0)
            return value_get(r->facts.facts[i].attributes, "v");
    return NULL;
}

/* The run failed with this text, and its last ledger line says so of the subject. */
static void expect_unreadable(const struct run *r, enum err_code code, const char *text,
                              const char *what)
{
    const struct coverage *c;

    cr_assert(!r->ok, "%s: the worker ended well", what);
    cr_expect_eq(r->e.code, code, "%s: code %d, %s", what, r->e.code, r->e.text);
    cr_expect_neq(strstr(r->e.text, text), NULL, "%s: got '%s'", what, r->e.text);
    cr_expect_eq(strncmp(r->e.text, "file:subject: ", 14), 0, "%s: got '%s'", what, r->e.text);
    cr_assert_gt(r->facts.ncoverage, 0, "%s", what);
    c = &r->facts.coverage[r->facts.ncoverage - 1];
    cr_expect_eq(c->status, COVERAGE_UNREADABLE, "%s", what);
    cr_expect_str_eq(c->subject, "file:subject", "%s", what);
    cr_expect_str_eq(c->input, "file:subject", "%s", what);
    cr_expect_str_eq(c->code, err_code_name(code), "%s", what);
    cr_expect_neq(strstr(c->reason, text), NULL, "%s: got '%s'", what, c->reason);
    cr_expect_eq(c->bytes, c->unread, "%s", what);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    cr_assert(f != NULL && fwrite(bytes, 1, n, f) == n && fclose(f) == 0, "%s", path);
}

/* A folder of this test's own, removed at its end. */
static char folder[64];

static const char *new_folder(char path[64])
{
    strcpy(folder, "/tmp/sallyport-test-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    return strcpy(path, folder);
}

static void remove_folder(void)
{
    char command[80];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    if (folder[0] != '\0')
        cr_expect_eq(system(command), 0);
}

TestSuite(worker, .fini = remove_folder);

/* Makes a system call fail with EAGAIN in this process and its children. */
static void refuse_call(uint32_t nr)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {ARRAY_LEN(code), code};

    cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static int tcp_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 || errno != EACCES ? 0 : -1;
}

/* ---- a good worker ---- */
Test(worker, does_its_job_in_the_whole_sandbox)
{
    struct run r;
    char dir[64], path[128];

    new_folder(dir);
    snprintf(path, sizeof(path),
             "%s/a\xff"
             "b",
             dir);
    write_file(path, "12345", 5);
    set_up(&r, "echo");
    snprintf(path, sizeof(path), "dir:%s", dir);
    with_input(&r, path);
    with_param(&r, "text", "h\xc3\xa9llo");
    setenv("SALLYPORT_SECRET", "s3cret", 1);
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect(r.report.seccomp && r.report.no_new_privs && r.report.empty_environment);
    cr_expect_eq(r.report.rlimits, !SANDBOX_ASAN);
    cr_expect_gt(r.report.landlock_abi, 0);
    cr_expect_str_eq(value_cstr(told(&r, "scheme"), ""), "dir");
    cr_expect_str_eq(value_cstr(told(&r, "ref"), ""), "-");
    cr_expect_str_eq(value_cstr(told(&r, "param"), ""), "h\xc3\xa9llo");
    cr_expect_eq(value_int_or(told(&r, "entries"), 0), 1);
    cr_expect_eq(value_int_or(told(&r, "a\xef\xbf\xbd"
                                       "b"),
                              0),
                 5);
    cr_expect_str_eq(r.facts.facts[0].subject, "file:subject",
                     "the worker's own name is not taken");
    cr_expect_str_eq(r.facts.facts[0].at.input, "file:subject");
    cr_assert_eq(r.facts.nnotices, 1);
    cr_expect_str_eq(r.facts.notices[0].text, "note 42");
    cr_expect_str_eq(r.facts.notices[0].at.path, "a/path");
    cr_expect_eq(r.facts.notices[0].at.line, 3);
    cr_expect_eq(r.facts.notices[0].at.offset, 7);
    cr_assert_eq(r.facts.nsubjects, 1);
    cr_expect_str_eq(r.facts.subjects[0].name, "file:subject");
    cr_expect_eq(r.facts.ncoverage, 1);
    tear_down(&r);
}

Test(worker, inherits_no_descriptor)
{
    struct run r;
    int stray = open("/dev/zero", O_RDONLY), high = fcntl(stray, F_DUPFD, 700);

    cr_assert(stray >= 0 && high >= 700);
    set_up(&r, "descriptors");
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect_eq(value_int_or(told(&r, "open"), 0), 4);
    cr_expect_eq(value_int_or(told(&r, "highest"), 0), 3);
    tear_down(&r);
}

Test(worker, libraries_work_inside)
{
    struct run r;
    char dir[64], text[1024];
    static const char *const tools[] = {"gzip", "zstd -q", "bzip2", "xz"};
    struct digest want;
    char hex[DIGEST_TEXT_MAX];

    new_folder(dir);
    for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
        snprintf(text, sizeof(text), "head -c 700000 /dev/zero | tr '\\0' 'x' | %s -c >%s/%zu",
                 tools[i], dir, i);
        cr_assert_eq(system(text), 0);
    }
    set_up(&r, "decode");
    snprintf(text, sizeof(text), "dir:%s", dir);
    with_input(&r, text);
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    uint8_t *plain = malloc(700000);
    memset(plain, 'x', 700000);
    digest_of((struct slice){plain, 700000}, DIGEST_SHA256, &want);
    digest_text(&want, hex);
    free(plain);
    for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
        snprintf(text, sizeof(text), "%zu", i);
        cr_expect_str_eq(value_cstr(told(&r, text), ""), hex, "%s", tools[i]);
    }
    tear_down(&r);
}

Test(worker, gives_an_entry_twice)
{
    struct run r;

    set_up(&r, "twice");
    with_input(&r, "file:/proc/self/exe");
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect_eq(value_int_or(told(&r, "same"), 0), 1);
    tear_down(&r);
}

Test(worker, reports_an_input_that_nobody_told_of)
{
    struct run r;

    set_up(&r, "silent");
    with_input(&r, "file:/proc/self/exe");
    go(&r);
    cr_expect(r.ok);
    cr_assert_eq(r.facts.ncoverage, 1);
    cr_expect_eq(r.facts.coverage[0].status, COVERAGE_UNREADABLE);
    cr_expect_str_eq(r.facts.coverage[0].reason, "the worker told nothing of its input");
    cr_expect_eq(r.facts.coverage[0].unread, r.input.entries[0].size);
    tear_down(&r);
}

Test(worker, keeps_the_reason_of_a_job_that_fails)
{
    struct run r;

    set_up(&r, "fail");
    go(&r);
    expect_unreadable(&r, ERR_FORMAT, "nothing here makes sense", "fail");
    cr_expect_eq(r.e.offset, 77);
    cr_expect_eq(r.facts.coverage[0].offset, 77);
    cr_expect_eq(value_int_or(told(&r, "before"), 0), 1, "what was told before is kept");
    tear_down(&r);
    set_up(&r, "fail_transient");
    go(&r);
    expect_unreadable(&r, ERR_IO, "try me again", "a worker does not decide on another try");
    tear_down(&r);
}

static const char *archive_names[] = {"blobs/x", "index.json"};

Test(worker, reads_an_archive)
{
    struct run r;
    char dir[64], text[512];

    new_folder(dir);
    snprintf(
        text, sizeof(text),
        "cd %s && mkdir blobs && echo hello >blobs/x && echo {} >index.json && ln -s blobs/x l && "
        "tar -czf ../%s.tgz . && rm -r %s && mv ../%s.tgz %s",
        dir, dir + 5, dir, dir + 5, dir);
    cr_assert_eq(system(text), 0);
    set_up(&r, "archive");
    snprintf(text, sizeof(text), "oci-archive:%s:tag", dir);
    with_input(&r, text);
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    for (size_t i = 0; i < ARRAY_LEN(archive_names); i++)
        cr_expect_neq(told(&r, archive_names[i]), NULL, "%s", archive_names[i]);
    cr_assert_eq(r.facts.ncoverage, 3);
    cr_expect_str_eq(r.facts.coverage[0].format, "oci-archive+gzip");
    cr_expect_eq(r.facts.coverage[0].status, COVERAGE_IGNORED);
    cr_expect_eq(r.facts.coverage[0].unread, 9);
    cr_expect_str_eq(r.facts.coverage[1].reason, "nobody asked");
    tear_down(&r);
    unlink(dir);
}

/* ---- forbidden calls ---- */
struct word {
    const char *what;
};

static const struct word calls[] = {
    {"open"},     {"openat2"}, {"stat"},     {"socket"},   {"connect"}, {"exec"},   {"fork"},
    {"vfork"},    {"clone3"},  {"kill"},     {"killself"}, {"tgkill"},  {"ptrace"}, {"prctl"},
    {"rlimit"},   {"execmem"}, {"mprotect"}, {"dup"},      {"write"},   {"sendto"}, {"bpf"},
    {"io_uring"}, {"unshare"}, {"memfd"},    {"x32"},
};

/* What AddressSanitizer's runtime needs answered gets an error instead of death in that build. */
static bool refused_under_asan(const char *what)
{
    return SANDBOX_ASAN &&
           (strcmp(what, "open") == 0 || strcmp(what, "stat") == 0 || strcmp(what, "prctl") == 0);
}

CASES(worker, dies_of_a_forbidden_call, calls)
{
    const char *what = calls[*case_index].what;
    struct run r;

    set_up(&r, "call");
    with_param(&r, "call", what);
    go(&r);
    if (refused_under_asan(what)) {
        cr_assert(r.ok, "%s: %s", what, r.e.text);
        cr_expect_eq(value_int_or(told(&r, "survived"), 0), -1, "%s", what);
    } else {
        expect_unreadable(&r, ERR_SANDBOX, "forbidden system call and was killed (SIGSYS)", what);
        cr_expect_null(told(&r, "survived"), "%s", what);
    }
    tear_down(&r);
}

/* Each layer holds by itself: Landlock alone stops files and sockets. */
Test(worker, landlock_holds_without_seccomp)
{
    struct err e = {0};
    int status, abi = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !sandbox_landlock(&abi, &e))
            _exit(100);
        if (open("/etc/passwd", O_RDONLY) >= 0 || open("/", O_RDONLY | O_DIRECTORY) >= 0)
            _exit(1);
        if (open("/tmp/sallyport-must-not-be", O_CREAT | O_WRONLY, 0600) >= 0)
            _exit(2);
        if (abi >= 4 && tcp_connect() >= 0)
            _exit(3);
        if (abi >= 6 && kill(getppid(), 0) == 0)
            _exit(4);
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", WEXITSTATUS(status));
}

/* ---- deaths ---- */
struct death {
    const char *what, *key, *value;
    enum err_code code;
    const char *text;
};

static const struct death deaths[] = {
    {"give_up", "", "", ERR_SANDBOX, "gave up (SIGABRT)"},
    {"leave", "code", "7", ERR_SANDBOX, "ended with status 7 before it was done"},
    {"leave", "code", "0", ERR_SANDBOX, "it ended without saying that it was done"},
    {"no such job", "", "", ERR_SANDBOX, "does not know the job"},
    {"flood_facts", "", "", ERR_LIMIT, "more than 400000 facts (LIMIT_WORKER_FACTS)"},
    {"flood_bytes", "", "", ERR_LIMIT, "LIMIT_WORKER_BYTES"},
    {"giant", "", "", ERR_LIMIT, "LIMIT_FRAME_BYTES"},
    {"forge", "source", "signature", ERR_SANDBOX, "a fact of a source that is not its own"},
    {"forge", "source", "trust", ERR_SANDBOX, "a fact of a source that is not its own"},
    {"signature", "source", "trust", ERR_SANDBOX, "a fact of a source that is not its own"},
};

CASES(worker, names_how_it_ended, deaths)
{
    const struct death *d = &deaths[*case_index];
    struct run r;

    set_up(&r, d->what);
    r.job.seconds = 600; /* floods take their time in an instrumented build */
    with_param(&r, d->key, d->value);
    go(&r);
    expect_unreadable(&r, d->code, d->text, d->what);
    tear_down(&r);
}

Test(worker, keeps_what_was_told_before_a_crash)
{
    struct run r;

    set_up(&r, "crash");
    go(&r);
    if (SANDBOX_ASAN)
        expect_unreadable(&r, ERR_SANDBOX, "the worker", "crash");
    else
        expect_unreadable(&r, ERR_SANDBOX, "the worker crashed (SIGSEGV, signal 11)", "crash");
    cr_expect_eq(value_int_or(told(&r, "told before the crash"), 0), 1);
    tear_down(&r);
}

Test(worker, signature_job_may_tell_signatures)
{
    struct run r;

    set_up(&r, "signature");
    with_param(&r, "source", "signature");
    go(&r);
    cr_expect(r.ok, "%s", r.e.text);
    tear_down(&r);
}

Test(worker, outlives_no_deadline)
{
    struct run r;

    set_up(&r, "hang");
    r.job.seconds = 1;
    go(&r);
    expect_unreadable(&r, ERR_LIMIT, "took more than 1 seconds (LIMIT_WORKER_SECONDS)", "hang");
    tear_down(&r);
}

Test(worker, outlives_no_cpu_limit)
{
    struct run r;

    set_up(&r, "spin");
    r.job.cpu_seconds = 1;
    go(&r);
    expect_unreadable(&r, ERR_LIMIT, "more than 1 seconds of CPU time", "spin");
    tear_down(&r);
}

Test(worker, gets_no_more_memory_than_its_limit)
{
    struct run r;

    if (SANDBOX_ASAN)
        cr_skip_test("AddressSanitizer lifts the limit, and the report says so");
    set_up(&r, "eat");
    r.job.memory_bytes = 256u << 20;
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "gave up (SIGABRT), as it does when 268435456 bytes", "eat");
    tear_down(&r);
}

Test(worker, counts_remarks_that_are_too_many)
{
    struct run r;

    set_up(&r, "flood_notes");
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    cr_assert_eq(r.facts.nnotices, LIMIT_DIAGNOSTICS + 1);
    cr_expect_str_eq(r.facts.notices[LIMIT_DIAGNOSTICS].text, "500 more remarks were left out");
    tear_down(&r);
}

Test(worker, gets_its_entries_a_few_times_only)
{
    struct run r;

    set_up(&r, "greedy");
    with_input(&r, "file:/proc/self/exe");
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "it asks for its entries again and again", "greedy");
    cr_expect_eq(r.facts.coverage[0].bytes, r.input.entries[0].size);
    tear_down(&r);
}

Test(worker, is_not_started_from_nothing)
{
    struct run r;

    set_up(&r, "echo");
    r.job.exe = "/nonexistent";
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "cannot be executed", "no program");
    tear_down(&r);
}

/* ---- lies ---- */
struct lie {
    const char *what;
    const char *bytes; /* hex, after READY */
    enum err_code code;
    const char *text;
};

#define DONE0                                                                                      \
    "0d20000000"                                                                                   \
    "0000000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"
#define DONE1                                                                                      \
    "0d20000000"                                                                                   \
    "0100000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"

static const struct lie lies[] = {
    {"nothing", "", ERR_SANDBOX, "without saying that it was done"},
    {"half a head", "0701", ERR_SANDBOX, "the last frame is cut short"},
    {"type 0", "0000000000", ERR_SANDBOX, "a frame of unknown type 0"},
    {"type 14", "0e00000000", ERR_SANDBOX, "a frame of unknown type 14"},
    {"type 255", "ffffffffff", ERR_SANDBOX, "a frame of unknown type 255"},
    {"length lie", "07ffffffff", ERR_LIMIT, "a frame of 4294967295 bytes (LIMIT_FRAME_BYTES)"},
    {"one past the cap", "0701000004", ERR_LIMIT, "a frame of 67108865 bytes (LIMIT_FRAME_BYTES)"},
    {"at the cap, cut short", "0700000004", ERR_SANDBOX, "the last frame is cut short"},
    {"parent's words", "0100000000", ERR_SANDBOX, "it says what only the parent says"},
    {"parent's job", "0300000000", ERR_SANDBOX, "it says what only the parent says"},
    {"ready twice", "0200000000", ERR_SANDBOX, "it is ready twice"},
    {"an entry that is not there",
     "0404000000"
     "00000000",
     ERR_SANDBOX, "it asks for an entry that is not there"},
    {"want of no length", "0400000000", ERR_SANDBOX, "a frame has a bad payload"},
    {"an empty fact", "0700000000", ERR_SANDBOX, "a frame cannot be read"},
    {"a fact that is null",
     "0703000000"
     "000000",
     ERR_SANDBOX, "a frame has a bad payload"},
    {"a fact of an empty map",
     "0704000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad source"},
    {"a map of 2^63 members",
     "070d000000"
     "060000ffffffffffffffff7f00",
     ERR_SANDBOX, "a frame cannot be read"},
    {"bad UTF-8",
     "0706000000"
     "04000002c328",
     ERR_SANDBOX, "a frame cannot be read"},
    {"bytes behind the value",
     "0705000000"
     "0600000000",
     ERR_SANDBOX, "a frame has a bad length"},
    {"garbage",
     "0708000000"
     "deadbeefdeadbeef",
     ERR_SANDBOX, "a frame cannot be read"},
    {"a remark without text",
     "0904000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad line"},
    {"a subject without kind",
     "0a04000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad kind"},
    {"a failure without code",
     "0c04000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad code"},
    {"done and on", DONE0 DONE0, ERR_SANDBOX, "it goes on after it was done"},
    {"done with half a frame behind", DONE0 "07", ERR_SANDBOX, "the last frame is cut short"},
    {"done, miscounted", DONE1, ERR_SANDBOX, "it counts other than what it told"},
    {"done, cut short",
     "0d01000000"
     "00",
     ERR_SANDBOX, "a frame has a bad payload"},
    {"progress of a wrong size",
     "0b02000000"
     "0000",
     ERR_SANDBOX, "a frame has a bad payload"},
};

CASES(worker, believes_no_lie, lies)
{
    const struct lie *l = &lies[*case_index];
    struct run r;

    set_up(&r, "raw");
    with_param(&r, "hex", l->bytes);
    go(&r);
    expect_unreadable(&r, l->code, l->text, l->what);
    tear_down(&r);
}

Test(worker, an_honest_end_is_believed)
{
    struct run r;

    set_up(&r, "raw");
    with_param(&r, "hex", DONE0);
    go(&r);
    cr_expect(r.ok, "%s", r.e.text);
    tear_down(&r);
}

/* ---- ledger lines and facts that contradict themselves, made by hand ---- */
static void hex_of(const struct buf *b, char *to)
{
    for (size_t i = 0; i < b->len; i++)
        sprintf(to + 2 * i, "%02x", b->data[i]);
}

struct ledger_lie {
    const char *what;
    struct coverage c;
    const char *text; /* "": fine */
};

static const struct ledger_lie ledger_lies[] = {
    {"whole", {.format = "x", .bytes = 6, .parsed = 1, .scanned = 2, .opaque = 3}, ""},
    {"parts do not sum",
     {.format = "x", .bytes = 6, .parsed = 1, .scanned = 2, .opaque = 2},
     "a ledger line whose parts are not its bytes"},
    {"parts overflow",
     {.format = "x", .bytes = 0, .parsed = INT64_MAX, .scanned = INT64_MAX, .opaque = 2},
     "a ledger line whose parts are not its bytes"},
    {"read but unread",
     {.format = "x", .bytes = 6, .unread = 6},
     "a ledger line called read with bytes unread"},
    {"partial without a reason",
     {.format = "x", .bytes = 6, .parsed = 5, .unread = 1, .status = COVERAGE_PARTIAL},
     "a ledger line without a reason"},
    {"a status that is none",
     {.format = "x", .reason = "r", .status = (enum coverage_status)4},
     "a frame has a bad status"},
    {"a digest that is none", {.format = "x", .digest = "sha256:00"}, "a frame has a bad digest"},
    {"no format", {.bytes = 0}, "a frame has a bad format"},
};

CASES(worker, checks_the_ledger, ledger_lies)
{
    const struct ledger_lie *l = &ledger_lies[*case_index];
    char hex[4096] = "";
    struct run r;
    struct buf b;

    set_up(&r, "raw");
    buf_init(&b, sizeof(hex) / 2 - 1);
    frame_put_cover(&b, &l->c, &r.arena);
    frame_put_done(&b, &(struct frame_counts){.coverage = 1});
    hex_of(&b, hex);
    buf_release(&b);
    with_param(&r, "hex", hex);
    go(&r);
    if (l->text[0] == '\0')
        cr_expect(r.ok, "%s: %s", l->what, r.e.text);
    else
        expect_unreadable(&r, ERR_SANDBOX, l->text, l->what);
    tear_down(&r);
}

/* Text with a NUL would be cut short in silence. */
Test(worker, refuses_nul_in_text)
{
    char hex[4096] = "";
    struct value_builder m;
    struct run r;
    struct buf b;

    set_up(&r, "raw");
    value_map_begin(&m, &r.arena);
    value_map_add(&m, "kind", value_string(&r.arena, SLICE_LIT("model\0x"), NULL));
    buf_init(&b, 1000);
    value_wire_put(&b, value_map_end(&m, NULL));
    sprintf(hex, "0a%02zx000000", b.len);
    hex_of(&b, hex + 10);
    buf_release(&b);
    with_param(&r, "hex", hex);
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "a frame has a bad kind", "NUL");
    tear_down(&r);
}

/* ---- programs that are no workers at all ---- */
struct script {
    const char *what, *text;
    enum err_code code;
    const char *want;
};

static const struct script scripts[] = {
    {"speaks before its sandbox", "printf '\\007\\000\\000\\000\\000' >&3; read x", ERR_SANDBOX,
     "it speaks before its sandbox is up"},
    {"is done before its sandbox",
     "printf "
     "'\\015\\040\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\"
     "000"
     "\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000' "
     ">&3",
     ERR_SANDBOX, "it speaks before its sandbox is up"},
    {"ends at once", "exit 0", ERR_SANDBOX, "it ended without saying that it was done"},
    {"ends with an error", "exit 9", ERR_SANDBOX, "ended with status 9 before it was done"},
    {"closes its socket and lives on", "exec 3>&-; exec sleep 30", ERR_SANDBOX,
     "it closed its socket and lived on"},
    {"never says a word", "exec sleep 30", ERR_LIMIT, "took more than 4 seconds"},
    {"kills itself", "kill -9 $$", ERR_SANDBOX, "killed from outside (SIGKILL)"},
};

CASES(worker, other_programs_are_no_workers, scripts)
{
    const struct script *s = &scripts[*case_index];
    char dir[64], path[128], text[2048];
    struct run r;

    new_folder(dir);
    snprintf(path, sizeof(path), "%s/x", dir);
    snprintf(text, sizeof(text), "#!/bin/sh\nPATH=/usr/bin:/bin\n%s\n", s->text);
    write_file(path, text, strlen(text));
    cr_assert_eq(chmod(path, 0700), 0);
    set_up(&r, "echo");
    r.job.exe = path;
    r.job.seconds = 4;
    go(&r);
    expect_unreadable(&r, s->code, s->want, s->what);
    tear_down(&r);
}

/* It claims a sandbox that the kernel knows nothing of. */
Test(worker, its_word_for_the_sandbox_is_checked)
{
    struct frame_ready claim = {.report = {true, true, true, true, 5},
                                .cause = {.offset = ERR_NO_OFFSET}};
    char dir[64], path[128], frame[128], text[256];
    struct run r;
    struct buf b;

    set_up(&r, "echo");
    new_folder(dir);
    buf_init(&b, 4096);
    frame_put_ready(&b, &claim, &r.arena);
    snprintf(frame, sizeof(frame), "%s/frame", dir);
    write_file(frame, b.data, b.len);
    buf_release(&b);
    snprintf(path, sizeof(path), "%s/x", dir);
    snprintf(text, sizeof(text), "#!/bin/sh\n/bin/cat %s >&3\nexec /bin/sleep 20\n", frame);
    write_file(path, text, strlen(text));
    cr_assert_eq(chmod(path, 0700), 0);
    r.job.exe = path;
    r.job.seconds = 5;
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "the kernel does not confirm what the worker says", "claim");
    cr_expect(!r.report.seccomp && !r.report.no_new_privs);
    tear_down(&r);
}

/* ---- modes ---- */
Test(worker, without_sandbox_says_so)
{
    struct run r;

    set_up(&r, "echo");
    r.job.sandbox = SANDBOX_OFF;
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect(!r.report.seccomp && r.report.landlock_abi == 0 && r.report.empty_environment);
    tear_down(&r);
}

Test(worker, best_effort_takes_what_there_is)
{
    struct run r;

    set_up(&r, "call");
    with_param(&r, "call", "socket");
    r.job.sandbox = SANDBOX_BEST_EFFORT;
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "SIGSYS", "best effort");
    tear_down(&r);
}

/* A parent under a filter that refuses landlock or seccomp: its workers inherit that. */
static int run_under(uint32_t call, enum sandbox_mode mode)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct run r;

        refuse_call(call);
        set_up(&r, "echo");
        r.job.sandbox = mode;
        go(&r);
        _exit(r.ok ? 0 : r.e.code == ERR_SANDBOX && r.facts.ncoverage == 1 ? 1 : 2);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(worker, required_means_all_of_it)
{
    const uint32_t landlock = 444, seccomp = 317;

    cr_expect_eq(run_under(landlock, SANDBOX_REQUIRED), 1);
    cr_expect_eq(run_under(landlock, SANDBOX_BEST_EFFORT), 0);
    cr_expect_eq(run_under(seccomp, SANDBOX_REQUIRED), 1);
    cr_expect_eq(run_under(seccomp, SANDBOX_BEST_EFFORT), 0);
}

Test(worker, lack_of_processes_is_transient)
{
    const uint32_t clone = 56;
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct run r;

        refuse_call(clone);
        set_up(&r, "echo");
        go(&r);
        _exit(!r.ok && r.e.code == ERR_TRANSIENT && r.facts.ncoverage == 1 ? 0 : 1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- parents ---- */
static void on_pid(void *ctx, uint64_t pid)
{
    const int fd = *(int *)ctx;

    cr_assert_eq(write(fd, &pid, sizeof(pid)), (ssize_t)sizeof(pid));
}

/* Gone, or a zombie that nobody reaps here. */
static bool is_gone(pid_t pid)
{
    char path[64], text[256] = "", *state;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    f = fopen(path, "r");
    if (f == NULL)
        return true;
    state = fgets(text, sizeof(text), f) == NULL ? NULL : strrchr(text, ')');
    fclose(f);
    return state == NULL || state[2] == 'Z' || state[2] == 'X';
}

Test(worker, dies_with_its_parent)
{
    int pipe_[2], status;
    uint64_t worker = 0;
    pid_t parent;
    bool gone = false;

    cr_assert_eq(pipe(pipe_), 0);
    parent = fork();
    if (parent == 0) {
        struct run r;

        set_up(&r, "tell_pid");
        r.job.progress = on_pid;
        r.job.progress_ctx = &pipe_[1];
        go(&r);
        _exit(0);
    }
    cr_assert_eq(read(pipe_[0], &worker, sizeof(worker)), (ssize_t)sizeof(worker));
    cr_assert(!is_gone((pid_t)worker));
    cr_assert_eq(kill(parent, SIGKILL), 0);
    cr_assert_eq(waitpid(parent, &status, 0), parent);
    for (int i = 0; i < 200 && !gone; i++) {
        usleep(10000);
        gone = is_gone((pid_t)worker);
    }
    cr_expect(gone, "worker %d lives on", (int)worker);
}

/* Signals interrupt the parent all the time. */
static void on_alarm(int sig)
{
    (void)sig;
}

Test(worker, parent_survives_interruptions)
{
    const struct sigaction act = {.sa_handler = on_alarm};
    const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    struct run r;

    set_up(&r, "crash");
    cr_assert_eq(sigaction(SIGALRM, &act, NULL), 0);
    setitimer(ITIMER_REAL, &often, NULL);
    go(&r);
    setitimer(ITIMER_REAL, &never, NULL);
    expect_unreadable(&r, ERR_SANDBOX, "the worker", "crash");
    cr_expect_gt(r.facts.nfacts, 10000);
    tear_down(&r);
}

/* A parent that ignores and blocks signals does not make its workers immune. */
Test(worker, starts_with_fresh_signals)
{
    struct run r;
    sigset_t all;

    signal(SIGXCPU, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    set_up(&r, "spin");
    r.job.cpu_seconds = 1;
    go(&r);
    expect_unreadable(&r, ERR_LIMIT, "seconds of CPU time", "spin");
    tear_down(&r);
}

#define THREADS 6

static void *one_thread(void *arg)
{
    static const char *const names[] = {"echo", "crash", "fail"};
    const size_t i = *(const size_t *)arg;
    struct run *r = malloc(sizeof(*r));

    cr_assert_not_null(r);
    for (int round = 0; round < 5; round++) {
        set_up(r, names[i % 3]);
        go(r);
        cr_expect_eq(r->ok, i % 3 == 0, "%s: %s", names[i % 3], r->e.text);
        cr_expect_gt(r->facts.nfacts, 0);
        tear_down(r);
    }
    free(r);
    return NULL;
}

Test(worker, several_at_once)
{
    pthread_t threads[THREADS];
    size_t numbers[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, one_thread, &numbers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- without a process ---- */
Test(worker, local_opens_entries_itself)
{
    struct facts f;
    struct sink sink;
    struct run r;
    struct worker *w;
    struct err e = {0};
    int a = -1, b = -1;
    size_t i;

    set_up(&r, "");
    with_input(&r, "file:" PEER);
    facts_init(&f, &r.arena);
    sink_to_facts(&sink, &f);
    w = worker_local(&r.input, NULL, &sink);
    cr_expect_str_eq(worker_scheme(w), "file");
    cr_assert(worker_entry_find(w, "worker_peer", &i));
    cr_expect(!worker_entry_find(w, "worker_pee", &i) && !worker_entry_find(w, "x", &i));
    cr_assert(worker_entry_fd(w, i, &a, &e) && worker_entry_fd(w, i, &b, &e), "%s", e.text);
    cr_expect_eq(a, b);
    cr_expect(!worker_entry_fd(w, 1, &a, &e));
    cr_expect_str_eq(e.text, "the input has no entry 1");
    cr_expect_null(worker_entry(w, 1));
    worker_progress(w, 1);
    worker_local_free(w);
    worker_local_free(NULL);
    tear_down(&r);
}
