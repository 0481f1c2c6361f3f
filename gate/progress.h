#ifndef GATE_PROGRESS_H
#define GATE_PROGRESS_H
/* One line on the terminal while subjects are read, and notes that do not tear it.
 * Silent when nobody watches. Thread-safe. */
#include <pthread.h>

#include "base/arena.h"

struct progress {
    pthread_mutex_t lock;
    uint64_t *done; /* bytes, one a subject */
    size_t n;
    int64_t shown_at; /* milliseconds of the last redraw */
    bool watched;
};

struct progress_part {
    struct progress *all;
    size_t index;
};

void progress_begin(struct progress *p, size_t n, struct arena *a);
void progress_step(void *part, uint64_t done); /* fits worker_job.progress */
void progress_note(struct progress *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void progress_end(struct progress *p);
#endif
