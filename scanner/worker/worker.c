#include "scanner/worker/worker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/worker/crew.h"
#include "scanner/worker/serve.h"
#include "scanner/worker/supervise.h"
#include "scanner/worker/worker_impl.h"

/* ---- parent ---- */
/* The line that keeps the verdict from being allow. */
static void gap(const struct worker_job *job, struct facts *out, const struct err *why)
{
    const struct input *in = job->input;
    struct coverage c = {.subject = job->subject,
                         .input = job->subject,
                         .format = in == NULL ? "unknown" : in->scheme,
                         .status = COVERAGE_UNREADABLE,
                         .code = err_code_name(why->code),
                         .reason = why->text,
                         .line = why->line,
                         .offset = why->offset};

    for (size_t i = 0; in != NULL && i < in->nentries; i++)
        c.bytes += in->entries[i].size;
    c.unread = c.bytes;
    facts_cover(out, &c);
}

/* ---- a worker ahead of its job ---- */
struct worker_spare {
    struct spawn spawn;
    atomic_flag taken;
};

struct worker_spare *worker_spare_start(void)
{
    struct worker_spare *s = calloc(1, sizeof(*s));
    struct err e = {0};

    if (s == NULL)
        abort();
    atomic_flag_clear(&s->taken);
    s->spawn.socket = -1;
    if (spawn_start(NULL, &s->spawn, &e))
        return s;
    free(s);
    return NULL;
}

void worker_spare_free(struct worker_spare *s)
{
    if (s == NULL)
        return;
    if (!atomic_flag_test_and_set(&s->taken))
        spawn_end(&s->spawn);
    free(s);
}

static bool start(const struct worker_job *job, struct spawn *s, struct err *e)
{
    if (job->spare == NULL || job->exe != NULL || atomic_flag_test_and_set(&job->spare->taken))
        return spawn_start(job->exe, s, e);
    *s = job->spare->spawn;
    return true;
}

bool worker_run(const struct worker_job *job, struct facts *out, struct sandbox_report *report,
                struct err *e)
{
    struct spawn s = {0, -1};
    const size_t before = out->ncoverage;
    struct err why = {0};
    bool ok;

    *report = (struct sandbox_report){0};
    ok = start(job, &s, &why) && supervise_run(job, &s, out, report, &why);
    spawn_end(&s);
    if (ok && (job->input == NULL || out->ncoverage > before))
        return true;
    if (ok)
        err_set(&why, ERR_SANDBOX, ERR_NO_OFFSET, "the worker told nothing of its input");
    gap(job, out, &why);
    if (ok)
        return true;
    *e = why;
    return err_in(e, "%s", job->subject);
}

/* ---- worker side ---- */
size_t worker_nentries(const struct worker *w)
{
    return w->nentries;
}

const struct input_entry *worker_entry(const struct worker *w, size_t i)
{
    return i < w->nentries ? &w->entries[i] : NULL;
}

bool worker_entry_find(const struct worker *w, const char *name, size_t *i)
{
    size_t lo = 0, hi = w->nentries;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (strcmp(w->entries[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == w->nentries || strcmp(w->entries[lo].name, name) != 0)
        return false;
    *i = lo;
    return true;
}

bool worker_entry_fd(struct worker *w, size_t i, int *fd, struct err *e)
{
    if (i >= w->nentries)
        return err_fail(e, ERR_IO, "the input has no entry %zu", i);
    if (w->fds[i] < 0 && !w->ask(w, i, &w->fds[i], e))
        return false;
    *fd = w->fds[i];
    return true;
}

void worker_entry_close(struct worker *w, size_t i)
{
    if (i >= w->nentries || w->fds[i] < 0)
        return;
    close(w->fds[i]);
    w->fds[i] = -1;
}

const struct value *worker_params(const struct worker *w)
{
    return w->params;
}

const char *worker_scheme(const struct worker *w)
{
    return w->scheme;
}

const char *worker_ref(const struct worker *w)
{
    return w->ref;
}

struct sink *worker_sink(struct worker *w)
{
    return w->sink;
}

void worker_progress(struct worker *w, uint64_t done)
{
    w->progress(w, done);
}

bool worker_thread(struct worker *w, void (*fn)(void *arg), void *arg)
{
    return w->crew != NULL && crew_give(w->crew, fn, arg);
}

/* ---- without a process ---- */
static bool local_ask(struct worker *w, size_t i, int *fd, struct err *e)
{
    return input_entry_open(w->local, i, fd, e);
}

static void local_progress(struct worker *w, uint64_t done)
{
    (void)w;
    (void)done;
}

struct worker *worker_local(const struct input *in, const struct value *params, struct sink *sink)
{
    struct worker *w = calloc(1, sizeof(*w));

    if (w == NULL)
        abort();
    arena_init(&w->arena);
    w->local = in;
    w->scheme = in == NULL ? "" : in->scheme;
    w->ref = in == NULL ? NULL : in->ref;
    w->subject = sink->subject_name;
    w->entries = in == NULL ? NULL : in->entries;
    w->nentries = in == NULL ? 0 : in->nentries;
    w->fds = ARENA_ARRAY(&w->arena, int, w->nentries);
    for (size_t i = 0; i < w->nentries; i++)
        w->fds[i] = -1;
    w->params = params;
    w->sink = sink;
    w->ask = local_ask;
    w->progress = local_progress;
    return w;
}

void worker_local_free(struct worker *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->nentries; i++)
        worker_entry_close(w, i);
    arena_release(&w->arena);
    free(w);
}

void worker_main_if_asked(int argc, char **argv, const struct worker_job_type *jobs)
{
    if (argc == 1 && strcmp(argv[0], SERVE_ARGV0) == 0)
        serve_run(jobs);
}
