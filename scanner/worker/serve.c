#include "scanner/worker/serve.h"

#include <string.h>
#include <sys/prctl.h>

#include "base/limits.h"
#include "scanner/worker/channel.h"
#include "scanner/worker/crew.h"
#include "scanner/worker/sandbox.h"
#include "scanner/worker/worker_impl.h"

#define FLUSH_BYTES ((size_t)64 << 10)     /* told to the parent at once */
#define PROGRESS_BYTES ((uint64_t)4 << 20) /* between two reports of progress */

struct serve {
    struct channel channel;
    struct buf out; /* frames not yet sent */
    struct worker worker;
    struct sink sink;
    struct frame_counts told;
    uint64_t unsaid; /* remarks past LIMIT_DIAGNOSTICS */
    uint64_t progress_told;
    struct err failed; /* why the sink swallows everything */
};

static void flush(struct serve *s)
{
    struct err e = {0};

    if (s->out.len > 0 &&
        !channel_send(SANDBOX_SOCKET, buf_slice(&s->out), -1, CHANNEL_FOREVER, &e))
        _exit(SERVE_CLOSED);
    buf_clear(&s->out);
}

/* ---- the sink ---- */
static bool counted(struct serve *s, uint64_t *n, const char *what)
{
    if (*n >= LIMIT_WORKER_FACTS) {
        err_set(&s->failed, ERR_LIMIT, ERR_NO_OFFSET, "more than %d %s (LIMIT_WORKER_FACTS)",
                LIMIT_WORKER_FACTS, what);
        s->sink.failed = true;
        return false;
    }
    (*n)++;
    return true;
}

/* Behind each frame: one that did not fit is taken back and ends the telling.
 * `before` is where it began, `n` its count. */
static void told(struct serve *s, size_t before, uint64_t *n)
{
    if (s->out.full) {
        err_set(&s->failed, ERR_LIMIT, ERR_NO_OFFSET,
                "one fact of more than %u bytes (LIMIT_FRAME_BYTES)", LIMIT_FRAME_BYTES);
        s->sink.failed = true;
        s->out.full = false;
        s->out.len = before;
        (*n)--;
    }
    if (s->out.len >= FLUSH_BYTES)
        flush(s);
}

static void on_fact(void *ctx, const struct fact *f)
{
    struct serve *s = ctx;
    const size_t before = s->out.len;
    struct arena scratch;

    if (!counted(s, &s->told.facts, "facts"))
        return;
    arena_init(&scratch);
    frame_put_fact(&s->out, f, &scratch);
    arena_release(&scratch);
    told(s, before, &s->told.facts);
}

static void on_cover(void *ctx, const struct coverage *c)
{
    struct serve *s = ctx;
    const size_t before = s->out.len;
    struct arena scratch;

    if (!counted(s, &s->told.coverage, "ledger lines"))
        return;
    arena_init(&scratch);
    frame_put_cover(&s->out, c, &scratch);
    arena_release(&scratch);
    told(s, before, &s->told.coverage);
}

static void put_note(struct serve *s, const struct notice *n)
{
    const size_t before = s->out.len;
    struct arena scratch;

    s->told.notices++;
    arena_init(&scratch);
    frame_put_note(&s->out, n, &scratch);
    arena_release(&scratch);
    told(s, before, &s->told.notices);
}

static void on_note(void *ctx, const struct notice *n)
{
    struct serve *s = ctx;

    if (s->told.notices >= LIMIT_DIAGNOSTICS)
        s->unsaid++;
    else
        put_note(s, n);
}

static void on_subject(void *ctx, const struct subject *subject)
{
    struct serve *s = ctx;
    const size_t before = s->out.len;
    struct arena scratch;

    s->told.subjects++;
    arena_init(&scratch);
    frame_put_subject(&s->out, subject, &scratch);
    arena_release(&scratch);
    told(s, before, &s->told.subjects);
}

/* ---- what the job asks for ---- */
/* The answer to WANT: a descriptor, or the reason why there is none. */
static bool answer(struct serve *s, int *fd, struct err *e)
{
    struct channel_frame f;
    struct err why = {0};

    if (!channel_next(&s->channel, true, &f, e))
        return false;
    if (f.got == CHANNEL_CLOSED)
        _exit(SERVE_CLOSED);
    if (f.type == FRAME_REFUSED) {
        if (frame_get_error(f.payload, &s->worker.arena, &why, e))
            *e = why;
        return false;
    }
    if (f.type != FRAME_HERE)
        _exit(SERVE_BAD_PARENT);
    if (s->channel.passed < 0)
        return err_fail(e, ERR_LIMIT, "no room for another open file (RLIMIT_NOFILE)");
    *fd = s->channel.passed;
    s->channel.passed = -1;
    return true;
}

static bool on_ask(struct worker *w, size_t i, int *fd, struct err *e)
{
    struct serve *s = w->peer;

    frame_put_want(&s->out, (uint32_t)i);
    flush(s);
    return answer(s, fd, e);
}

static void on_progress(struct worker *w, uint64_t done)
{
    struct serve *s = w->peer;

    if (done < s->progress_told || done - s->progress_told < PROGRESS_BYTES)
        return;
    s->progress_told = done;
    frame_put_progress(&s->out, done);
    flush(s);
}

/* ---- the steps ---- */
static struct channel_frame expect(struct serve *s, enum frame_type type)
{
    struct channel_frame f;
    struct err e = {0};

    if (!channel_next(&s->channel, true, &f, &e))
        _exit(SERVE_BAD_PARENT);
    if (f.got == CHANNEL_CLOSED)
        _exit(SERVE_CLOSED);
    if (f.type != type)
        _exit(SERVE_BAD_PARENT);
    return f;
}

static void raise_sandbox(struct serve *s)
{
    struct frame_limits limits;
    struct frame_ready ready;
    struct arena scratch;
    struct err e = {0};

    if (!frame_get_limits(expect(s, FRAME_LIMITS).payload, &limits, &e))
        _exit(SERVE_BAD_PARENT);
    /* The kernel kills us with our parent only from here on; had it died
     * before, somebody else is our parent now. */
    if (prctl(PR_SET_PDEATHSIG, 9 /* SIGKILL */, 0, 0, 0) != 0 ||
        (uint32_t)getppid() != limits.parent)
        _exit(SERVE_ORPHAN);
    s->worker.crew = crew_new();
    sandbox_raise(&limits, s->worker.crew, &ready);
    arena_init(&scratch);
    frame_put_ready(&s->out, &ready, &scratch);
    arena_release(&scratch);
    flush(s);
}

static void take_job(struct serve *s, struct frame_job *job)
{
    struct worker *w = &s->worker;
    struct err e = {0};

    if (!frame_get_job(expect(s, FRAME_JOB).payload, &w->arena, job, &e))
        _exit(SERVE_BAD_PARENT);
    w->scheme = job->scheme != NULL ? job->scheme : "";
    w->ref = job->ref;
    w->subject = job->subject;
    w->entries = job->entries;
    w->nentries = job->nentries;
    w->params = job->params;
    w->fds = ARENA_ARRAY(&w->arena, int, w->nentries);
    for (size_t i = 0; i < w->nentries; i++)
        w->fds[i] = -1;
    w->sink = &s->sink;
    w->ask = on_ask;
    w->progress = on_progress;
    w->peer = s;
    s->sink = (struct sink){.fact = on_fact,
                            .cover = on_cover,
                            .note = on_note,
                            .subject = on_subject,
                            .ctx = s,
                            .subject_name = job->subject,
                            .input_name = job->subject};
}

_Noreturn static void finish(struct serve *s, const struct err *why)
{
    struct arena scratch;

    if (s->unsaid > 0) {
        char text[80];
        const struct notice n = {.at = {.offset = ERR_NO_OFFSET}, .text = text};

        (void)snprintf(text, sizeof(text), "%llu more remarks were left out",
                       (unsigned long long)s->unsaid);
        put_note(s, &n);
    }
    arena_init(&scratch);
    if (why->code != ERR_NONE)
        frame_put_error(&s->out, FRAME_FAIL, why, &scratch);
    arena_release(&scratch);
    frame_put_done(&s->out, &s->told);
    flush(s);
    _exit(0);
}

_Noreturn void serve_run(const struct worker_job_type *jobs)
{
    struct serve *s = calloc(1, sizeof(*s));
    struct frame_job job;
    struct err e = {0};

    if (s == NULL)
        _exit(SERVE_BAD_PARENT);
    channel_init(&s->channel, SANDBOX_SOCKET);
    buf_init(&s->out, FRAME_HEAD + (size_t)LIMIT_FRAME_BYTES + FLUSH_BYTES);
    arena_init(&s->worker.arena);
    sandbox_warm_up();
    raise_sandbox(s);
    take_job(s, &job);
    while (jobs->name != NULL && strcmp(jobs->name, job.name) != 0)
        jobs++;
    if (jobs->name == NULL)
        _exit(SERVE_NO_JOB);
    if (!jobs->run(&s->worker, &e) && e.code == ERR_NONE)
        err_set(&e, ERR_FORMAT, ERR_NO_OFFSET, "the job failed without a reason");
    finish(s, s->failed.code != ERR_NONE ? &s->failed : &e);
}
