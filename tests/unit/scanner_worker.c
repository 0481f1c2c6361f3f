/* scanner/worker: a worker that is good, and one (tests/lib/worker_peer.c) that tries
 * everything. TEST-OF: docs/threat-model.md */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "base/limits.h"
#include "scanner/worker/frame.h"
#include "scanner/worker/sandbox.h"
#include "tests/unit/scanner_worker_support.h"

TestSuite(worker, .fini = remove_folder);

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

/* A thread is under the same filter, and cannot make another. */
static const struct word thread_calls[] = {{"open"}, {"socket"}, {"exec"},   {"fork"},
                                           {"kill"}, {"thread"}, {"execmem"}};

CASES(worker, a_thread_may_no_more, thread_calls)
{
    const char *what = thread_calls[*case_index].what;
    struct run r;

    set_up(&r, "beside");
    with_param(&r, "call", what);
    r.job.threads = 2;
    go(&r);
    if (!refused_under_asan(what)) {
        expect_unreadable(&r, ERR_SANDBOX, "forbidden system call and was killed (SIGSYS)", what);
        cr_expect_null(told(&r, "survived"), "%s", what);
    }
    tear_down(&r);
}

static const struct {
    uint32_t asked, given;
} crews[] = {{0, 0}, {1, 1}, {5, 5}, {16, 16}, {1000, 16}};

CASES(worker, has_the_threads_that_were_asked_for, crews)
{
    struct run r;

    set_up(&r, "beside");
    with_param(&r, "call", "nothing");
    r.job.threads = crews[*case_index].asked;
    go(&r);
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect(r.report.seccomp && r.report.no_new_privs);
    cr_expect_eq(value_int_or(told(&r, "threads"), -1), crews[*case_index].given);
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
