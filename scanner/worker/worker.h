#ifndef SCANNER_WORKER_WORKER_H
#define SCANNER_WORKER_WORKER_H
/*
 * A worker is this same program, executed afresh with an empty environment, that drops every right
 * before it reads a byte it did not make: no new privileges, rlimits, Landlock without any rule, a
 * seccomp allow-list without open, socket, exec, clone or ptrace. It has one socket to its parent;
 * it asks for the descriptors of the entries of one input by index and answers in length-prefixed
 * frames (header: type u8, length u32le). The parent believes no count, length or index that a
 * worker says. SPEC: docs/threat-model.md.
 */
#include "base/err.h"
#include "scanner/facts.h"
#include "scanner/input/input.h"
#include "scanner/sink.h"

enum sandbox_mode {
    SANDBOX_REQUIRED,    /* every layer below, or the run fails (default) */
    SANDBOX_BEST_EFFORT, /* what the kernel has; recorded as a weakening */
    SANDBOX_OFF          /* recorded as a weakening */
};

/* What was really in force; goes into the verdict. */
struct sandbox_report {
    bool seccomp, no_new_privs, rlimits, empty_environment;
    int landlock_abi; /* 0: not in force */
};

/* ---- parent ---- */
/*
 * A worker that was started and waits for its job, so that starting it and something else can be
 * done at once. One job takes it; the thread that started it must live until that job has ended.
 */
struct worker_spare;
struct worker_spare *worker_spare_start(void);  /* NULL when the system lacks something */
void worker_spare_free(struct worker_spare *s); /* ends one that nobody took; NULL is fine */

struct worker_job {
    const char *name;           /* a row of jobs.def: "image", "model", "config", ... */
    const char *subject;        /* for facts and coverage */
    const struct input *input;  /* entries the worker may ask for; may be NULL */
    const struct value *params; /* a map for the job, from trusted configuration; may be NULL */
    enum sandbox_mode sandbox;
    uint64_t memory_bytes;      /* RLIMIT_AS; 0 = LIMIT_WORKER_MEMORY */
    uint32_t seconds;           /* wall; 0 = LIMIT_WORKER_SECONDS */
    uint32_t cpu_seconds;       /* RLIMIT_CPU; 0 = LIMIT_WORKER_CPU_SECONDS */
    uint32_t threads;           /* for worker_thread, at most CREW_MAX */
    const char *exe;            /* NULL = /proc/self/exe (tests give another program) */
    struct worker_spare *spare; /* used once, by the first of several; may be NULL */
    void (*progress)(void *ctx, uint64_t done); /* bytes handled so far, or NULL */
    void *progress_ctx;
};

/*
 * worker_run(job, out, report, e): runs the job to its end and adds what it told to `out`. True
 * when the worker ended well. False when it died, hung, said too much or lied (`e`: ERR_SANDBOX,
 * ERR_LIMIT, ERR_TRANSIENT for fork or memory of the system), or when the job itself said that the
 * subject as a whole could not be read (`e`: the job's reason). `out` then keeps what was told
 * before as well as a ledger line "unreadable" for the subject, so that the verdict cannot be
 * allow. Never fails in silence: a job with an input that tells no ledger line gets one too.
 * Subject and input of everything told are the parent's own, whatever the worker says; facts of the
 * source "signature" come only from the jobs "signature" and "attestation", those of the source
 * "trust" from none. Several threads may run workers at once, each with an `out` of its own. The
 * kernel kills a worker when the thread that started it ends: call from a thread that waits.
 */
MUST_CHECK bool worker_run(const struct worker_job *job, struct facts *out,
                           struct sandbox_report *report, struct err *e);

/* ---- worker side ---- */
struct worker; /* the socket, the list of entries, the sink */

/* The list that the parent told, and descriptors by index (kept open by the worker until the job
 * ends; asking twice gives the same one). */
size_t worker_nentries(const struct worker *w);
const struct input_entry *worker_entry(const struct worker *w, size_t i);
MUST_CHECK bool worker_entry_find(const struct worker *w, const char *name, size_t *i);
MUST_CHECK bool worker_entry_fd(struct worker *w, size_t i, int *fd, struct err *e);
/* Closes the descriptor of entry i again, for jobs with more entries than a process may
 * hold open (sources over it must be gone). */
void worker_entry_close(struct worker *w, size_t i);
const struct value *worker_params(const struct worker *w);
const char *worker_scheme(const struct worker *w); /* of the input */
const char *worker_ref(const struct worker *w);    /* or NULL */
struct sink *worker_sink(struct worker *w);
void worker_progress(struct worker *w, uint64_t done);
/* worker_thread(w, fn, arg): another thread runs fn(arg). False when the job has no more of them:
 * it must be able to do without. None in worker_local. */
MUST_CHECK bool worker_thread(struct worker *w, void (*fn)(void *arg), void *arg);

/* A worker without a process, for unit tests and fuzz targets of jobs: `in` (may be NULL), `params`
 * and `sink` are borrowed; entries are opened directly. */
struct worker *worker_local(const struct input *in, const struct value *params, struct sink *sink);
void worker_local_free(struct worker *w);

/* A job reads its input and fills the sink. False with `e`: the subject as a whole could not be
 * read (the frame says so, the ledger too). */
struct worker_job_type {
    const char *name;
    bool (*run)(struct worker *w, struct err *e);
};

/* main() calls this first: when argv is that of a worker, it serves `jobs`
 * (ends with a NULL name) and never returns. */
void worker_main_if_asked(int argc, char **argv, const struct worker_job_type *jobs);
#endif
