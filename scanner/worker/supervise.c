#include "scanner/worker/supervise.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "scanner/worker/channel.h"
#include "scanner/worker/sandbox.h"
#include "scanner/worker/serve.h"

#define LAST_WORDS_MS 2000 /* from the end of its words to the end of the process */

struct watch {
    const struct worker_job *job;
    struct spawn *spawn;
    struct facts *out;
    struct sandbox_report *report;
    struct channel channel;
    int64_t deadline_ms;
    bool ready, done;
    struct err failed; /* what the job said of its subject; or none */
    struct frame_counts counts;
    uint64_t wants;
};

static uint32_t seconds(const struct worker_job *job)
{
    return job->seconds != 0 ? job->seconds : LIMIT_WORKER_SECONDS;
}

static uint64_t memory(const struct worker_job *job)
{
    return job->memory_bytes != 0 ? job->memory_bytes : LIMIT_WORKER_MEMORY;
}

static uint32_t cpu_seconds(const struct worker_job *job)
{
    return job->cpu_seconds != 0 ? job->cpu_seconds : LIMIT_WORKER_CPU_SECONDS;
}

static bool lied(struct err *e, const char *what)
{
    return err_fail(e, ERR_SANDBOX, "the worker broke its bounds: %s", what);
}

/* ---- what the parent says ---- */
static bool send_buf(struct watch *w, struct buf *b, int pass, struct err *e)
{
    return buf_finish(b, e) &&
           channel_send(w->spawn->socket, buf_slice(b), pass, w->deadline_ms, e);
}

static bool send_limits(struct watch *w, struct err *e)
{
    const struct input *in = w->job->input;
    const struct frame_limits l = {.mode = w->job->sandbox,
                                   .memory_bytes = memory(w->job),
                                   .cpu_seconds = cpu_seconds(w->job),
                                   .parent = (uint32_t)getpid(),
                                   .nfiles = in == NULL ? 0 : (uint32_t)in->nentries,
                                   .threads = w->job->threads};
    struct buf b;
    bool ok;

    buf_init(&b, 64);
    frame_put_limits(&b, &l);
    ok = send_buf(w, &b, -1, e);
    buf_release(&b);
    return ok;
}

static bool send_job(struct watch *w, struct err *e)
{
    struct arena scratch;
    struct buf b;
    bool ok;

    arena_init(&scratch);
    buf_init(&b, FRAME_HEAD + (size_t)LIMIT_FRAME_BYTES);
    frame_put_job(&b, w->job, &scratch);
    ok = b.full ? err_fail(e, ERR_LIMIT,
                           "the %s job has more to look at than a frame holds (%u bytes, "
                           "LIMIT_FRAME_BYTES)",
                           w->job->name, LIMIT_FRAME_BYTES)
                : send_buf(w, &b, -1, e);
    buf_release(&b);
    arena_release(&scratch);
    return ok;
}

/* Opens entry `index` and passes it on, or says why not. A worker asks for
 * each entry a few times at most. */
static bool give(struct watch *w, uint32_t index, struct err *e)
{
    const struct input *in = w->job->input;
    const uint64_t n = in == NULL ? 0 : in->nentries;
    AUTO_CLOSE int fd = -1;
    struct arena scratch;
    struct err why = {0};
    struct buf b;
    bool ok;

    if (index >= n)
        return lied(e, "it asks for an entry that is not there");
    if (w->wants++ > 8 * n)
        return lied(e, "it asks for its entries again and again");
    arena_init(&scratch);
    buf_init(&b, 8192);
    if (input_entry_open(in, index, &fd, &why))
        frame_put_here(&b);
    else
        frame_put_error(&b, FRAME_REFUSED, &why, &scratch);
    ok = send_buf(w, &b, fd, e);
    buf_release(&b);
    arena_release(&scratch);
    return ok;
}

/* ---- what the worker says ---- */
static bool on_ready(struct watch *w, struct slice s, struct arena *a, struct err *e)
{
    const enum sandbox_mode mode = w->job->sandbox;
    struct frame_ready r;

    if (w->ready)
        return lied(e, "it is ready twice");
    if (!frame_get_ready(s, a, &r, e))
        return false;
    spawn_verify(w->spawn, &r.report);
    *w->report = r.report;
    w->ready = true;
    if (mode == SANDBOX_REQUIRED &&
        (!r.report.seccomp || !r.report.no_new_privs || r.report.landlock_abi < 1 ||
         !r.report.empty_environment || (!r.report.rlimits && !SANDBOX_ASAN)))
        return err_fail(e, ERR_SANDBOX, "the sandbox is not whole: %s",
                        r.cause.code != ERR_NONE
                            ? r.cause.text
                            : "the kernel does not confirm what the worker says");
    return send_job(w, e);
}

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(s, words[i]) == 0)
            return true;
    return false;
}

/* Facts about trust decide more than others: a parser of images, once taken over, must not
 * be able to tell that a signature held. */
static bool may_tell(const struct worker_job *job, const char *source)
{
    static const char *const judges[] = {"signature", "attestation"};

    if (strcmp(source, "trust") == 0)
        return false;
    return strcmp(source, "signature") != 0 || is_one_of(job->name, judges, ARRAY_LEN(judges));
}

static bool on_fact(struct watch *w, struct slice s, struct arena *a, struct err *e)
{
    struct fact f;

    if (w->counts.facts++ >= LIMIT_WORKER_FACTS)
        return err_fail(e, ERR_LIMIT, "more than %d facts (LIMIT_WORKER_FACTS)",
                        LIMIT_WORKER_FACTS);
    if (!frame_get_fact(s, a, &f, e))
        return false;
    if (!may_tell(w->job, f.source))
        return lied(e, "a fact of a source that is not its own");
    f.subject = w->job->subject;
    f.at.input = w->job->subject;
    facts_add(w->out, &f);
    return true;
}

static bool on_cover(struct watch *w, struct slice s, struct arena *a, struct err *e)
{
    struct coverage c;

    if (w->counts.coverage++ >= LIMIT_WORKER_FACTS)
        return err_fail(e, ERR_LIMIT, "more than %d ledger lines (LIMIT_WORKER_FACTS)",
                        LIMIT_WORKER_FACTS);
    if (!frame_get_cover(s, a, &c, e))
        return false;
    c.subject = w->job->subject;
    c.input = w->job->subject;
    facts_cover(w->out, &c);
    return true;
}

static bool on_note(struct watch *w, struct slice s, struct arena *a, struct err *e)
{
    struct notice n;

    if (w->counts.notices++ > LIMIT_DIAGNOSTICS)
        return err_fail(e, ERR_LIMIT, "more than %d remarks (LIMIT_DIAGNOSTICS)",
                        LIMIT_DIAGNOSTICS);
    if (!frame_get_note(s, a, &n, e))
        return false;
    n.subject = w->job->subject;
    n.at.input = w->job->subject;
    facts_note(w->out, &n);
    return true;
}

static bool on_subject(struct watch *w, struct slice s, struct arena *a, struct err *e)
{
    struct subject made;

    if (w->counts.subjects++ >= LIMIT_SUBJECTS)
        return err_fail(e, ERR_LIMIT, "more than %d subjects (LIMIT_SUBJECTS)", LIMIT_SUBJECTS);
    if (!frame_get_subject(s, a, &made, e))
        return false;
    made.name = w->job->subject;
    facts_subject(w->out, &made);
    return true;
}

static bool on_progress(struct watch *w, struct slice s, struct err *e)
{
    uint64_t done;

    if (!frame_get_progress(s, &done, e))
        return false;
    if (w->job->progress != NULL)
        w->job->progress(w->job->progress_ctx, done);
    return true;
}

static bool on_fail(struct watch *w, struct slice s, struct arena *a, struct err *e)
{
    if (w->failed.code != ERR_NONE)
        return lied(e, "it fails twice");
    if (!frame_get_error(s, a, &w->failed, e))
        return false;
    /* Whether to try again is not for a worker to say. */
    if (w->failed.code == ERR_TRANSIENT || w->failed.code == ERR_NONE)
        w->failed.code = ERR_IO;
    return true;
}

static bool on_done(struct watch *w, struct slice s, struct err *e)
{
    struct frame_counts c;

    if (!frame_get_done(s, &c, e))
        return false;
    if (c.facts != w->counts.facts || c.coverage != w->counts.coverage ||
        c.notices != w->counts.notices || c.subjects != w->counts.subjects)
        return lied(e, "it counts other than what it told");
    w->done = true;
    return true;
}

static bool on_frame(struct watch *w, const struct channel_frame *f, struct arena *a, struct err *e)
{
    uint32_t index;

    if (w->done)
        return lied(e, "it goes on after it was done");
    if (!w->ready && f->type != FRAME_READY)
        return lied(e, "it speaks before its sandbox is up");
    switch (f->type) {
    case FRAME_READY:
        return on_ready(w, f->payload, a, e);
    case FRAME_WANT:
        return frame_get_want(f->payload, &index, e) && give(w, index, e);
    case FRAME_FACT:
        return on_fact(w, f->payload, a, e);
    case FRAME_COVER:
        return on_cover(w, f->payload, a, e);
    case FRAME_NOTE:
        return on_note(w, f->payload, a, e);
    case FRAME_SUBJECT:
        return on_subject(w, f->payload, a, e);
    case FRAME_PROGRESS:
        return on_progress(w, f->payload, e);
    case FRAME_FAIL:
        return on_fail(w, f->payload, a, e);
    case FRAME_DONE:
        return on_done(w, f->payload, e);
    default:
        return lied(e, "it says what only the parent says");
    }
}

/* ---- the end ---- */
static const char *signal_word(int sig)
{
    switch (sig) {
    case SIGSEGV:
        return "SIGSEGV";
    case SIGBUS:
        return "SIGBUS";
    case SIGFPE:
        return "SIGFPE";
    case SIGILL:
        return "SIGILL";
    case SIGTRAP:
        return "SIGTRAP";
    case SIGINT:
        return "SIGINT";
    case SIGTERM:
        return "SIGTERM";
    case SIGHUP:
        return "SIGHUP";
    case SIGXFSZ:
        return "SIGXFSZ";
    default:
        return "a signal";
    }
}

static bool died(const struct worker_job *job, int sig, struct err *e)
{
    switch (sig) {
    case SIGSYS:
        return err_fail(e, ERR_SANDBOX,
                        "the worker tried a forbidden system call and was killed (SIGSYS)");
    case SIGXCPU:
        return err_fail(e, ERR_LIMIT,
                        "the worker used more than %" PRIu32
                        " seconds of CPU time (LIMIT_WORKER_CPU_SECONDS)",
                        cpu_seconds(job));
    case SIGKILL:
        return err_fail(
            e, ERR_SANDBOX,
            "the worker was killed from outside (SIGKILL), most likely for lack of memory");
    case SIGABRT:
        return err_fail(e, ERR_SANDBOX,
                        "the worker gave up (SIGABRT), as it does when %" PRIu64
                        " bytes of memory are not enough (LIMIT_WORKER_MEMORY)",
                        memory(job));
    case SIGINT:
    case SIGTERM:
    case SIGHUP:
        return err_fail(e, ERR_TRANSIENT, "the worker was interrupted (%s)", signal_word(sig));
    default:
        return err_fail(e, ERR_SANDBOX, "the worker crashed (%s, signal %d)", signal_word(sig),
                        sig);
    }
}

static bool left(int code, struct err *e)
{
    switch (code) {
    case SERVE_EXEC_LATER:
        return err_fail(e, ERR_TRANSIENT, "the system lacks memory to start a worker");
    case SERVE_EXEC:
        return err_fail(e, ERR_SANDBOX, "the worker's program cannot be executed");
    case SERVE_DESCRIPTORS:
        return err_fail(e, ERR_SANDBOX, "the worker's descriptors cannot be set up");
    case SERVE_NO_JOB:
        return err_fail(e, ERR_SANDBOX, "the worker's program does not know the job");
    case SERVE_ORPHAN:
    case SERVE_BAD_PARENT:
        return err_fail(e, ERR_SANDBOX, "the worker does not take this program for its parent");
    default:
        return err_fail(e, ERR_SANDBOX, "the worker ended with status %d before it was done", code);
    }
}

/* Its side of the socket is closed: how did it end? */
static bool ended(struct watch *w, struct err *e)
{
    bool killed;
    int status;

    if (!spawn_wait(w->spawn, LAST_WORDS_MS, &status, &killed))
        return err_fail(e, ERR_SANDBOX, "how the worker ended cannot be learnt");
    if (killed)
        return lied(e, "it closed its socket and lived on");
    if (WIFSIGNALED(status))
        return died(w->job, WTERMSIG(status), e);
    if (WEXITSTATUS(status) != 0)
        return left(WEXITSTATUS(status), e);
    if (!w->done)
        return lied(e, "it ended without saying that it was done");
    return true;
}

/* Waits for words until the deadline. */
static bool wait_words(struct watch *w, struct err *e)
{
    struct pollfd p = {.fd = w->spawn->socket, .events = POLLIN};
    const int64_t rest = w->deadline_ms - channel_now_ms();
    int n;

    if (rest <= 0)
        return err_fail(e, ERR_LIMIT,
                        "the worker took more than %" PRIu32 " seconds (LIMIT_WORKER_SECONDS)",
                        seconds(w->job));
    n = poll(&p, 1, rest > INT32_MAX ? INT32_MAX : (int)rest);
    return n >= 0 || errno == EINTR || err_sys(e, "cannot wait for the worker");
}

/* One turn: all frames that are there. `*closed` at the end of the stream. */
static bool hear(struct watch *w, bool *closed, struct err *e)
{
    struct channel_frame f;
    struct arena scratch;
    bool ok;

    for (;;) {
        if (!channel_next(&w->channel, false, &f, e))
            return false;
        *closed = f.got == CHANNEL_CLOSED;
        if (f.got != CHANNEL_FRAME)
            return true;
        if (channel_now_ms() >= w->deadline_ms)
            return wait_words(w, e);
        arena_init(&scratch);
        ok = on_frame(w, &f, &scratch, e);
        arena_release(&scratch);
        if (!ok)
            return false;
    }
}

static bool converse(struct watch *w, struct err *e)
{
    struct err unsent = {0};
    bool closed = false;

    /* A worker that died at once is told by its end, not by the pipe that broke. */
    if (!send_limits(w, &unsent) && unsent.code != ERR_IO)
        return err_fail(e, unsent.code, "%s", unsent.text);
    while (!closed) {
        if (!wait_words(w, e))
            return false;
        if (!hear(w, &closed, e))
            break;
    }
    if (!closed && e->sys != EPIPE)
        return false;
    err_clear(e); /* it died while it was spoken to: its end says more than the pipe that broke */
    return ended(w, e);
}

bool supervise_run(const struct worker_job *job, struct spawn *s, struct facts *out,
                   struct sandbox_report *report, struct err *e)
{
    struct watch w = {.job = job,
                      .spawn = s,
                      .out = out,
                      .report = report,
                      .deadline_ms = channel_now_ms() + (int64_t)seconds(job) * 1000};
    bool ok;

    channel_init(&w.channel, s->socket);
    ok = converse(&w, e);
    channel_release(&w.channel);
    if (!ok || w.failed.code == ERR_NONE)
        return ok;
    *e = w.failed;
    return false;
}
