#include <string.h>

#include "scanner/formats/model.h"

static const struct input_entry *job_entry(void *ctx, size_t i)
{
    return worker_entry(ctx, i);
}

static bool job_open(void *ctx, size_t i, int *fd, struct err *e)
{
    return worker_entry_fd(ctx, i, fd, e);
}

static void job_close(void *ctx, size_t i)
{
    worker_entry_close(ctx, i);
}

static bool job_thread(void *ctx, void (*fn)(void *arg), void *arg)
{
    return worker_thread(ctx, fn, arg);
}

static void job_progress(void *ctx, uint64_t done)
{
    worker_progress(ctx, done);
}

bool model_job(struct worker *w, struct err *e)
{
    const struct model_io io = {
        .ctx = w,
        .n = worker_nentries(w),
        .entry = job_entry,
        .open = job_open,
        .close = job_close,
        .progress = job_progress,
        .thread = job_thread,
        .sink = worker_sink(w),
        .params = worker_params(w),
        .folder = strcmp(worker_scheme(w), "dir") == 0,
    };

    return model_scan(&io, e);
}
