/* A worker with jobs of bad character, for tests/unit/scanner_worker.c: each does one
 * thing that a taken-over parser might try. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/input/blobs.h"
#include "scanner/worker/worker.h"

#define PARENT 3

static const char *param(const struct worker *w, const char *key)
{
    return value_cstr(value_get(worker_params(w), key), "");
}

static void tell(struct worker *w, const char *address, const struct value *attributes)
{
    struct arena a;
    struct value_builder b;

    arena_init(&a);
    value_map_begin(&b, &a);
    value_map_add(&b, "v", attributes);
    const struct fact f = {.source = "model",
                           .type = "peer",
                           .address = address,
                           .subject = "a name that the worker made up",
                           .at = {.input = "another one", .offset = ERR_NO_OFFSET},
                           .attributes = value_map_end(&b, NULL)};

    sink_fact(worker_sink(w), &f);
    arena_release(&a);
}

static void tell_int(struct worker *w, const char *address, int64_t n)
{
    struct arena a;

    arena_init(&a);
    tell(w, address, value_int(&a, n, NULL));
    arena_release(&a);
}

static void tell_text(struct worker *w, const char *address, const char *text)
{
    struct arena a;

    arena_init(&a);
    tell(w, address, value_str(&a, text));
    arena_release(&a);
}

static void cover(struct worker *w, uint64_t bytes)
{
    const struct coverage c = {
        .format = "peer", .bytes = bytes, .opaque = bytes, .offset = ERR_NO_OFFSET};

    sink_cover(worker_sink(w), &c);
}

/* ---- good jobs ---- */
/* Tells what it was given. */
static bool echo(struct worker *w, struct err *e)
{
    const struct subject s = {.name = "made up", .kind = "model", .uri = "x@sha256:"};

    (void)e;
    tell_text(w, "scheme", worker_scheme(w));
    tell_text(w, "ref", worker_ref(w) == NULL ? "-" : worker_ref(w));
    tell_text(w, "param", param(w, "text"));
    tell_int(w, "entries", (int64_t)worker_nentries(w));
    for (size_t i = 0; i < worker_nentries(w); i++)
        tell_int(w, worker_entry(w, i)->name, (int64_t)worker_entry(w, i)->size);
    sink_note(worker_sink(w), 3, 7, "a/path", "note %d", 42);
    sink_subject(worker_sink(w), &s);
    worker_progress(w, 5u << 20);
    cover(w, 0);
    return true;
}

/* Digest of what each entry decompresses to: the libraries must work inside. */
static bool decode(struct worker *w, struct err *e)
{
    char text[DIGEST_TEXT_MAX];

    for (size_t i = 0; i < worker_nentries(w); i++) {
        struct source *file, *plain;
        enum source_codec codec;
        struct digest digest;
        uint64_t len;
        int fd;

        if (!worker_entry_fd(w, i, &fd, e))
            return false;
        file = source_fd(fd, 0, worker_entry(w, i)->size);
        if (!source_sniff(file, &codec, e) || !source_decode(file, codec, &plain, e) ||
            !source_hash(plain, &digest, &len, e))
            return err_in(e, "%s", worker_entry(w, i)->name);
        digest_text(&digest, text);
        tell_text(w, worker_entry(w, i)->name, text);
        source_free(plain);
        source_free(file);
        worker_entry_close(w, i);
        cover(w, len);
    }
    return true;
}

/* Which descriptors are open? fstat is allowed, /proc is not. */
static bool descriptors(struct worker *w, struct err *e)
{
    struct stat st;
    int64_t n = 0, highest = -1;

    (void)e;
    for (int fd = 0; fd < 2000; fd++) {
        if (syscall(SYS_fstat, fd, &st) != 0)
            continue;
        n++;
        highest = fd;
    }
    tell_int(w, "open", n);
    tell_int(w, "highest", highest);
    return true;
}

/* The same entry twice gives the same descriptor; closed and asked again it is there again. */
static bool twice(struct worker *w, struct err *e)
{
    int a, b, c;

    if (!worker_entry_fd(w, 0, &a, e) || !worker_entry_fd(w, 0, &b, e))
        return false;
    worker_entry_close(w, 0);
    if (!worker_entry_fd(w, 0, &c, e))
        return false;
    tell_int(w, "same", a == b && c >= 0);
    cover(w, 0);
    return true;
}

static bool archive(struct worker *w, struct err *e)
{
    struct blobs *b;

    if (!blobs_open(w, &b, e))
        return false;
    for (size_t i = 0; i < blobs_count(b); i++)
        tell_int(w, blobs_member(b, i)->name, (int64_t)blobs_member(b, i)->size);
    blobs_account(b, worker_sink(w), "nobody asked");
    blobs_free(b);
    return true;
}

/* ---- what must kill ---- */
static void *return_at_once(void *arg)
{
    return arg;
}

static long attempt(const char *what)
{
    pthread_t thread;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    char *none[] = {NULL};
    long rc = -1;

    if (strcmp(what, "open") == 0)
        rc = open("/etc/passwd", O_RDONLY);
    else if (strcmp(what, "openat2") == 0)
        rc = syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0);
    else if (strcmp(what, "stat") == 0)
        rc = syscall(SYS_newfstatat, AT_FDCWD, "/etc/shadow", none, 0);
    else if (strcmp(what, "socket") == 0)
        rc = socket(AF_INET, SOCK_STREAM, 0);
    else if (strcmp(what, "connect") == 0)
        rc = connect(PARENT, (const struct sockaddr *)&to, sizeof(to));
    else if (strcmp(what, "exec") == 0)
        rc = execve("/bin/sh", none, none);
    else if (strcmp(what, "fork") == 0)
        rc = fork();
    else if (strcmp(what, "vfork") == 0)
        rc = syscall(SYS_vfork);
    else if (strcmp(what, "clone3") == 0)
        rc = syscall(SYS_clone3, NULL, 0);
    else if (strcmp(what, "kill") == 0)
        rc = kill(getppid(), SIGTERM);
    else if (strcmp(what, "killself") == 0)
        rc = syscall(SYS_kill, syscall(SYS_getpid), SIGTERM);
    else if (strcmp(what, "tgkill") == 0)
        rc = syscall(SYS_tgkill, getpid(), gettid(), SIGTERM);
    else if (strcmp(what, "ptrace") == 0)
        rc = ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    else if (strcmp(what, "prctl") == 0)
        rc = prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    else if (strcmp(what, "rlimit") == 0)
        rc = setrlimit(RLIMIT_CPU, &(struct rlimit){1, 1});
    else if (strcmp(what, "execmem") == 0)
        rc = (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    else if (strcmp(what, "mprotect") == 0)
        rc = mprotect(NULL, 0, PROT_READ | PROT_WRITE | PROT_EXEC);
    else if (strcmp(what, "dup") == 0)
        rc = dup(0);
    else if (strcmp(what, "write") == 0)
        rc = write(STDOUT_FILENO, "x", 1);
    else if (strcmp(what, "sendto") == 0)
        rc = sendto(PARENT, "x", 1, 0, NULL, 0);
    else if (strcmp(what, "bpf") == 0)
        rc = syscall(SYS_bpf, 0, NULL, 0);
    else if (strcmp(what, "io_uring") == 0)
        rc = syscall(SYS_io_uring_setup, 1, NULL);
    else if (strcmp(what, "unshare") == 0)
        rc = unshare(0);
    else if (strcmp(what, "memfd") == 0)
        rc = memfd_create("x", 0);
    else if (strcmp(what, "x32") == 0)
        rc = syscall(0x40000000 | SYS_getpid);
    else if (strcmp(what, "thread") == 0)
        rc = pthread_create(&thread, NULL, return_at_once, NULL);
    return rc;
}

static bool call(struct worker *w, struct err *e)
{
    (void)e;
    tell_int(w, "survived", attempt(param(w, "call")));
    cover(w, 0);
    return true;
}

/* ---- threads ---- */
static atomic_int ran;

static void run_beside(void *arg)
{
    const struct worker *w = arg;

    (void)attempt(param(w, "call"));
    ran++;
}

/* The same, by each thread there is. */
static bool beside(struct worker *w, struct err *e)
{
    int threads = 0;

    (void)e;
    while (worker_thread(w, run_beside, w))
        threads++;
    while (ran < threads)
        sched_yield();
    tell_int(w, "threads", threads);
    tell_int(w, "survived", 0);
    cover(w, 0);
    return true;
}

static bool crash(struct worker *w, struct err *e)
{
    volatile int *volatile nowhere = NULL; /* twice volatile: the compiler may not guess */

    (void)w, (void)e;
    tell_int(w, "told before the crash", 1);
    cover(w, 0);
    for (int i = 0; i < 40000; i++) /* enough to be sent */
        tell_int(w, "filler", i);
    *nowhere = 1;
    return true;
}

static bool give_up(struct worker *w, struct err *e)
{
    (void)w, (void)e;
    abort();
}

static bool spin(struct worker *w, struct err *e)
{
    (void)w, (void)e;
    for (volatile uint64_t i = 0;; i++)
        ;
    return true;
}

/* Waits for an answer that never comes. */
static bool hang(struct worker *w, struct err *e)
{
    char byte;
    struct iovec v = {&byte, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

    (void)w, (void)e;
    while (recvmsg(PARENT, &m, 0) > 0)
        ;
    return true;
}

static bool eat(struct worker *w, struct err *e)
{
    struct arena a;

    (void)w, (void)e;
    arena_init(&a);
    for (;;)
        memset(arena_alloc(&a, 1u << 20), 1, 1u << 20);
    return true;
}

static bool leave(struct worker *w, struct err *e)
{
    uint64_t code = 0;

    (void)e;
    if (!checked_u64(slice_str(param(w, "code")), 255, &code))
        abort();
    _exit((int)code);
}

static bool fail(struct worker *w, struct err *e)
{
    tell_int(w, "before", 1);
    return err_pos(e, ERR_FORMAT, 77, "nothing here makes sense");
}

static bool silent(struct worker *w, struct err *e)
{
    (void)w, (void)e;
    return true;
}

/* Says it is somebody else's job to be tried again. */
static bool fail_transient(struct worker *w, struct err *e)
{
    (void)w;
    return err_fail(e, ERR_TRANSIENT, "try me again");
}

/* ---- lies ---- */
/* The bytes of params.hex as they are, then the end. */
static bool raw(struct worker *w, struct err *e)
{
    const char *hex = param(w, "hex");
    const size_t n = strlen(hex) / 2;
    AUTO_FREE uint8_t *bytes = malloc(n + 1);

    (void)e;
    if (bytes == NULL || !checked_hex(slice_str(hex), bytes, n) ||
        write(PARENT, bytes, n) != (ssize_t)n)
        abort();
    _exit(0);
}

static bool flood_facts(struct worker *w, struct err *e)
{
    (void)e;
    cover(w, 0);
    for (int64_t i = 0; i <= LIMIT_WORKER_FACTS + 10; i++)
        tell_int(w, "one of many", i);
    return true;
}

static bool flood_notes(struct worker *w, struct err *e)
{
    (void)e;
    cover(w, 0);
    for (int i = 0; i < LIMIT_DIAGNOSTICS + 500; i++)
        sink_note(worker_sink(w), 0, ERR_NO_OFFSET, NULL, "remark %d", i);
    return true;
}

static bool flood_bytes(struct worker *w, struct err *e)
{
    static const uint8_t frame[13] = {11 /* PROGRESS */, 8};
    uint8_t many[13 * 5000];

    (void)w, (void)e;
    for (size_t i = 0; i < 5000; i++)
        memcpy(many + i * sizeof(frame), frame, sizeof(frame));
    for (size_t at = 0;;) {
        const ssize_t n = write(PARENT, many + at, sizeof(many) - at);

        if (n <= 0)
            _exit(1);
        at = (at + (size_t)n) % sizeof(many);
    }
}

/* One fact larger than a frame may be. */
static bool giant(struct worker *w, struct err *e)
{
    struct arena a;
    uint8_t *text;

    (void)e;
    cover(w, 0);
    tell_int(w, "before", 1);
    arena_init(&a);
    text = arena_alloc(&a, LIMIT_FRAME_BYTES);
    memset(text, 'a', LIMIT_FRAME_BYTES);
    tell(w, "giant", value_string(&a, (struct slice){text, LIMIT_FRAME_BYTES}, NULL));
    arena_release(&a);
    return true;
}

/* Asks for the same entry for ever, closing it each time. */
static bool greedy(struct worker *w, struct err *e)
{
    int fd;

    for (;;) {
        if (!worker_entry_fd(w, 0, &fd, e))
            return false;
        worker_entry_close(w, 0);
    }
}

/* Facts of a source that is not its own. */
static bool forge(struct worker *w, struct err *e)
{
    struct arena a;
    struct value_builder b;

    (void)e;
    arena_init(&a);
    value_map_begin(&b, &a);
    const struct fact f = {.source = arena_strdup(&a, param(w, "source")),
                           .type = "signature.verified",
                           .address = "x",
                           .at = {.offset = ERR_NO_OFFSET},
                           .attributes = value_map_end(&b, NULL)};

    sink_fact(worker_sink(w), &f);
    cover(w, 0);
    arena_release(&a);
    return true;
}

/* Tells its own number through progress, then spins: who kills it when its parent is gone? */
static bool tell_pid(struct worker *w, struct err *e)
{
    uint8_t frame[13] = {11 /* PROGRESS */, 8};
    const uint64_t pid = (uint64_t)getpid();

    memcpy(frame + 5, &pid, sizeof(pid));
    if (write(PARENT, frame, sizeof(frame)) != sizeof(frame))
        abort();
    return spin(w, e);
}

int main(int argc, char **argv)
{
    static const struct worker_job_type jobs[] = {
        {"echo", echo},
        {"decode", decode},
        {"archive", archive},
        {"descriptors", descriptors},
        {"twice", twice},
        {"call", call},
        {"beside", beside},
        {"crash", crash},
        {"give_up", give_up},
        {"spin", spin},
        {"hang", hang},
        {"eat", eat},
        {"leave", leave},
        {"fail", fail},
        {"fail_transient", fail_transient},
        {"silent", silent},
        {"raw", raw},
        {"giant", giant},
        {"greedy", greedy},
        {"forge", forge},
        {"signature", forge},
        {"tell_pid", tell_pid},
        {"flood_facts", flood_facts},
        {"flood_notes", flood_notes},
        {"flood_bytes", flood_bytes},
        {NULL, NULL},
    };

    worker_main_if_asked(argc, argv, jobs);
    return 2; /* not a worker */
}
