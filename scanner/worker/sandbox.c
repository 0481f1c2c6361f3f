#include "scanner/worker/sandbox.h"

#include <errno.h>
#include <locale.h>
#include <linux/capability.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/limits.h"
#include "scanner/worker/crew.h"
#include "scanner/worker/filter.h"

extern char **environ;

/* Descriptors that a worker holds besides the entries it asked for. */
#define OWN_FILES 16

/* ---- rlimits ---- */
static bool limit(int what, rlim_t soft, rlim_t hard, const char *name, struct err *e)
{
    struct rlimit now;

    if (getrlimit((__rlimit_resource_t)what, &now) != 0)
        return err_sys(e, "cannot read the limit on %s", name);
    if (hard > now.rlim_max)
        hard = now.rlim_max;
    if (soft > hard)
        soft = hard;
    if (setrlimit((__rlimit_resource_t)what, &(struct rlimit){soft, hard}) != 0)
        return err_sys(e, "cannot limit %s", name);
    return true;
}

static bool limit_all(const struct frame_limits *l, struct err *e)
{
    const rlim_t files = (rlim_t)l->nfiles + OWN_FILES;

    if (!limit(RLIMIT_CORE, 0, 0, "core files", e) ||
        !limit(RLIMIT_FSIZE, 0, 0, "written files", e) ||
        !limit(RLIMIT_MEMLOCK, 0, 0, "locked memory", e) ||
        !limit(RLIMIT_NOFILE, files, files, "open files", e) ||
        !limit(RLIMIT_CPU, l->cpu_seconds, (rlim_t)l->cpu_seconds + 1, "CPU time", e))
        return false;
#if SANDBOX_ASAN
    return err_fail(e, ERR_SANDBOX, "AddressSanitizer cannot live with a limit on memory");
#else
    return limit(RLIMIT_AS, l->memory_bytes, l->memory_bytes, "memory", e);
#endif
}

/* No process and no thread from here on. */
static bool limit_processes(struct err *e)
{
    return limit(RLIMIT_NPROC, 0, 0, "processes", e);
}

/* A worker of root is no more than any other. Capabilities it could not use anyway may
 * stay if the kernel will not take them. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

    (void)syscall(SYS_capset, &head, none);
}

/* ---- Landlock ---- */
/* SPEC: Linux Documentation/userspace-api/landlock.rst. Our own words, since the
 * system's header may be older than the kernel. */
struct ruleset {
    uint64_t fs, net, scoped;
};

#define ASK_VERSION 1u
#define FS_ABI1 ((1ull << 13) - 1) /* execute to make_sym */
#define FS_REFER (1ull << 13)      /* ABI 2 */
#define FS_TRUNCATE (1ull << 14)   /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15)  /* ABI 5 */
#define NET_TCP 3ull               /* ABI 4: bind, connect */
#define SCOPE_ALL 3ull             /* ABI 6: abstract sockets, signals */

static long create_ruleset(const struct ruleset *r, size_t size, unsigned flags)
{
    return syscall(444 /* landlock_create_ruleset */, r, size, flags);
}

bool sandbox_landlock(int *abi, struct err *e)
{
    struct ruleset r = {.fs = FS_ABI1};
    const long version = create_ruleset(NULL, 0, ASK_VERSION);
    size_t size = sizeof(r.fs);
    AUTO_CLOSE int fd = -1;

    if (version < 1)
        return err_sys(e, "the kernel has no landlock");
    if (version >= 2)
        r.fs |= FS_REFER;
    if (version >= 3)
        r.fs |= FS_TRUNCATE;
    if (version >= 4) {
        r.net = NET_TCP;
        size += sizeof(r.net);
    }
    if (version >= 5)
        r.fs |= FS_IOCTL_DEV;
    if (version >= 6) {
        r.scoped = SCOPE_ALL;
        size += sizeof(r.scoped);
    }
    fd = (int)create_ruleset(&r, size, 0);
    if (fd < 0)
        return err_sys(e, "landlock makes no rule set");
    if (syscall(446 /* landlock_restrict_self */, fd, 0) != 0)
        return err_sys(e, "landlock cannot be put in force");
    *abi = (int)version;
    return true;
}

/* ---- all of it ---- */
/* Libraries that open files or fetch algorithms on first use do so now;
 * OpenSSL shall read no configuration. */
void sandbox_warm_up(void)
{
    struct digest d;
    uint8_t byte;

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
    digest_of(SLICE_LIT(""), DIGEST_SHA256, &d);
    digest_of(SLICE_LIT(""), DIGEST_SHA512, &d);
    (void)RAND_bytes(&byte, 1);
    /* libarchive asks iconv for nothing where text is UTF-8; else it would open files later */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

void sandbox_raise(const struct frame_limits *l, struct crew *crew, struct frame_ready *r)
{
    struct sandbox_report *in_force = &r->report;

    *r = (struct frame_ready){.cause = {.offset = ERR_NO_OFFSET}};
    in_force->empty_environment = environ == NULL || environ[0] == NULL;
    in_force->rlimits = limit_all(l, &r->cause);
    if (l->mode == SANDBOX_OFF) {
        crew_raise(crew, l->threads);
        in_force->rlimits = limit_processes(&r->cause) && in_force->rlimits;
        return;
    }
    in_force->no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (!in_force->no_new_privs)
        err_set_sys(&r->cause, errno, "no_new_privs cannot be set");
    drop_capabilities();
    if (!sandbox_landlock(&in_force->landlock_abi, &r->cause))
        in_force->landlock_abi = 0;
    crew_raise(crew,
               l->threads); /* behind Landlock, which they inherit, and in front of the filter */
    in_force->rlimits = limit_processes(&r->cause) && in_force->rlimits;
    in_force->seccomp = filter_load(&r->cause);
}
