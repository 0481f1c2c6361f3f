#include "scanner/worker/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/worker/sandbox.h"

#define ALLOW SCMP_ACT_ALLOW
#define CALL(name) SCMP_SYS(name)

/* Whatever their arguments: these reach nothing but the process itself and
 * descriptors it already holds. */
static const int plain[] = {
    CALL(read),          CALL(pread64),        CALL(readv),
    CALL(preadv),        CALL(lseek),          CALL(close),
    CALL(fstat),         CALL(fadvise64),      CALL(munmap),
    CALL(brk),           CALL(madvise),        CALL(futex),
    CALL(sched_yield),   CALL(exit),           CALL(exit_group),
    CALL(rt_sigreturn),  CALL(rt_sigprocmask), CALL(restart_syscall),
    CALL(clock_gettime), CALL(gettimeofday),   CALL(time),
    CALL(getrandom),     CALL(getpid),         CALL(gettid),
    CALL(sysinfo), /* qsort asks for the memory of the machine */
};

#if SANDBOX_ASAN
/* What AddressSanitizer's runtime calls for its own bookkeeping, and on its way to a report. */
static const int asan_plain[] = {CALL(sigaltstack), CALL(rt_sigaction),    CALL(sched_getaffinity),
                                 CALL(getrusage),   CALL(set_robust_list), CALL(getppid)};
static const int asan_refused[] = {CALL(openat), CALL(open), CALL(readlink),   CALL(readlinkat),
                                   CALL(prctl),  CALL(stat), CALL(newfstatat), CALL(ioctl)};
#endif

/* Argument `n` of a call, counted from 0, is `v`. */
static struct scmp_arg_cmp equal(unsigned n, uint64_t v)
{
    return (struct scmp_arg_cmp){.arg = n, .op = SCMP_CMP_EQ, .datum_a = v, .datum_b = 0};
}

static int allow_all(scmp_filter_ctx f, const int *calls, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = seccomp_rule_add(f, ALLOW, calls[i], 0);
    return rc;
}

/* Memory may be had, but never made executable. */
static int allow_memory(scmp_filter_ctx f)
{
    const struct scmp_arg_cmp no_exec = {
        .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
    int rc = seccomp_rule_add(f, ALLOW, CALL(mmap), 1, no_exec);

    if (rc == 0)
        rc = seccomp_rule_add(f, ALLOW, CALL(mprotect), 1, no_exec);
    return rc != 0 ? rc : seccomp_rule_add(f, ALLOW, CALL(mremap), 0);
}

/* Words go to the parent; standard error is /dev/null, where the C library
 * complains before it aborts. */
static int allow_words(scmp_filter_ctx f)
{
    const struct scmp_arg_cmp parent = equal(0, SANDBOX_SOCKET);
    const struct scmp_arg_cmp complaints = equal(0, STDERR_FILENO);
    int rc = seccomp_rule_add(f, ALLOW, CALL(sendmsg), 1, parent);

    if (rc == 0)
        rc = seccomp_rule_add(f, ALLOW, CALL(recvmsg), 1, parent);
    if (rc == 0)
        rc = seccomp_rule_add(f, ALLOW, CALL(write), 1, parent);
    if (rc == 0)
        rc = seccomp_rule_add(f, ALLOW, CALL(write), 1, complaints);
    return rc != 0 ? rc : seccomp_rule_add(f, ALLOW, CALL(writev), 1, complaints);
}

/* abort() signals the thread itself; to be told apart from a forbidden call it must be let
 * through. Limits may be asked, not set. */
static int allow_narrow(scmp_filter_ctx f)
{
    int rc = seccomp_rule_add(f, ALLOW, CALL(tgkill), 2, equal(0, (uint64_t)getpid()),
                              equal(2, SIGABRT));

    if (rc == 0)
        rc = seccomp_rule_add(f, ALLOW, CALL(prlimit64), 2, equal(0, 0), equal(2, 0));
    return rc;
}

static int build(scmp_filter_ctx f)
{
    int rc = allow_all(f, plain, ARRAY_LEN(plain));

    if (rc == 0)
        rc = allow_memory(f);
    if (rc == 0)
        rc = allow_words(f);
    if (rc == 0)
        rc = allow_narrow(f);
#if SANDBOX_ASAN
    if (rc == 0)
        rc = allow_all(f, asan_plain, ARRAY_LEN(asan_plain));
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(asan_refused); i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), asan_refused[i], 0);
#endif
    return rc;
}

bool filter_load(struct err *e)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc;

    if (f == NULL)
        return err_fail(e, ERR_SANDBOX, "seccomp has no memory");
    rc = build(f);
    if (rc == 0) /* over every thread, or not at all */
        rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (rc == 0)
        rc = seccomp_load(f);
    seccomp_release(f);
    if (rc != 0) {
        err_set_sys(e, -rc, "seccomp cannot be put in force");
        return false;
    }
    return true;
}
