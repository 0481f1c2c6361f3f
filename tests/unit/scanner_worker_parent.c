/* scanner/worker: the sandbox of the mode asked for, parents that die or are interrupted, and jobs
 * without a process. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tests/unit/scanner_worker_support.h"

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
