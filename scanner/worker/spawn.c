#include "scanner/worker/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/checked.h"
#include "scanner/worker/sandbox.h"
#include "scanner/worker/serve.h"

/* What the child needs, made before the fork: between fork and exec only
 * async-signal-safe calls are allowed. */
struct child {
    const char *exe;
    int socket, null;
    pid_t parent;
};

/* ---- the child ---- */
/* Signals as a fresh program has them: the parent may have blocked or ignored some. */
static void reset_signals(void)
{
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int sig = 1; sig < 32; sig++)
        (void)sigaction(sig, &standard, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void place_descriptors(const struct child *c)
{
    int last = STDERR_FILENO;

#if SANDBOX_ASAN
    last = STDOUT_FILENO; /* reports of the sanitizer go where the parent's go */
#endif
    /* Both are above 3, see spawn_start. */
    for (int fd = STDIN_FILENO; fd <= last; fd++)
        if (dup2(c->null, fd) < 0)
            _exit(SERVE_DESCRIPTORS);
    if (dup2(c->socket, SANDBOX_SOCKET) < 0 ||
        syscall(SYS_close_range, SANDBOX_SOCKET + 1, ~0u, 0) != 0)
        _exit(SERVE_DESCRIPTORS);
}

_Noreturn static void become_worker(const struct child *c)
{
    char name[] = SERVE_ARGV0;
    char *const argv[] = {name, NULL}, *const envp[] = {NULL};

    /* The parent may have died before prctl; then nobody would ever kill us. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != c->parent)
        _exit(SERVE_ORPHAN);
    place_descriptors(c);
    reset_signals();
    (void)execve(c->exe, argv, envp);
    _exit(errno == ENOMEM || errno == EAGAIN || errno == EMFILE || errno == ENFILE
              ? SERVE_EXEC_LATER
              : SERVE_EXEC);
}

/* ---- the parent ---- */
/* The same descriptor above those that the child gives a meaning to. */
static bool lift(int *fd)
{
    const int high = fcntl(*fd, F_DUPFD_CLOEXEC, SANDBOX_SOCKET + 1);

    if (high < 0)
        return false;
    close(*fd);
    *fd = high;
    return true;
}

static bool system_lacks(struct err *e, const char *what)
{
    const int sys = errno; /* a close before this call does not change it when it succeeds */

    err_set(e, ERR_TRANSIENT, ERR_NO_OFFSET, "%s: %s", what, strerror(sys));
    e->sys = sys;
    return false;
}

bool spawn_start(const char *exe, struct spawn *s, struct err *e)
{
    AUTO_CLOSE int theirs = -1, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int pair[2];
    pid_t pid = -1;

    if (null < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return system_lacks(e, "no socket for a worker");
    theirs = pair[1];
    if (!lift(&theirs) || !lift(&null)) {
        close(pair[0]);
        return system_lacks(e, "no descriptor for a worker");
    }
    const struct child c = {exe != NULL ? exe : "/proc/self/exe", theirs, null, getpid()};

    pid = fork();
    if (pid == 0)
        become_worker(&c);
    if (pid < 0) {
        close(pair[0]);
        return system_lacks(e, "no process for a worker");
    }
    *s = (struct spawn){pid, pair[0]};
    return true;
}

/* The number behind "Name:\t" in /proc/PID/status. */
static bool status_is(struct slice status, const char *name, uint64_t want)
{
    struct reader r = reader_over(status);
    struct slice line;
    uint64_t n;

    while (reader_line(&r, &line))
        if (slice_starts(line, name))
            return checked_u64(slice_from(line, strlen(name)), UINT32_MAX, &n) && n == want;
    return false;
}

void spawn_verify(const struct spawn *s, struct sandbox_report *r)
{
    char path[40], text[8192];
    struct slice status = {(const uint8_t *)text, 0};
    AUTO_CLOSE int fd = -1;
    ssize_t n;

    (void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)s->pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && status.len < sizeof(text)) {
        n = read(fd, text + status.len, sizeof(text) - status.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        status.len += (size_t)n;
    }
    r->seccomp = r->seccomp && status_is(status, "Seccomp:\t", 2); /* SECCOMP_MODE_FILTER */
    r->no_new_privs = r->no_new_privs && status_is(status, "NoNewPrivs:\t", 1);
}

/* Waits until the process has ended or `ms` have gone by; at once when the
 * kernel has no such descriptors. */
static void wait_end(pid_t pid, int ms)
{
    AUTO_CLOSE int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};

    while (fd >= 0 && poll(&p, 1, ms) < 0 && errno == EINTR)
        ;
}

static pid_t reap(pid_t pid, int *status, int flags)
{
    pid_t got;

    do
        got = waitpid(pid, status, flags);
    while (got < 0 && errno == EINTR);
    return got;
}

bool spawn_wait(struct spawn *s, int ms, int *status, bool *killed)
{
    pid_t got;

    *killed = false;
    if (s->pid == 0)
        return false;
    if (ms > 0)
        wait_end(s->pid, ms);
    got = reap(s->pid, status, WNOHANG);
    if (got == 0) {
        *killed = true;
        (void)kill(s->pid, SIGKILL);
        got = reap(s->pid, status, 0);
    }
    if (got == s->pid || got < 0)
        s->pid = 0; /* ours no more, also when somebody else reaped it */
    return got > 0;
}

void spawn_end(struct spawn *s)
{
    bool killed;
    int status;

    (void)!spawn_wait(s, 0, &status, &killed);
    if (s->socket >= 0)
        close(s->socket);
    s->socket = -1;
}
