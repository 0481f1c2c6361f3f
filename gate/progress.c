#include "gate/progress.h"

#include <stdarg.h>
#include <time.h>

#include "gate/say.h"

#define REDRAW_MS 100

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_begin(struct progress *p, size_t n, struct arena *a)
{
    pthread_mutex_init(&p->lock, NULL);
    p->done = ARENA_ARRAY(a, uint64_t, n);
    p->n = n;
    p->shown_at = now_ms();
    p->watched = say_watched();
}

void progress_step(void *part, uint64_t done)
{
    const struct progress_part *me = part;
    struct progress *p = me->all;
    uint64_t sum = 0;

    if (!p->watched)
        return;
    pthread_mutex_lock(&p->lock);
    p->done[me->index] = done;
    if (now_ms() - p->shown_at >= REDRAW_MS) {
        p->shown_at = now_ms();
        for (size_t i = 0; i < p->n; i++)
            sum += p->done[i];
        fprintf(stderr, "\r\033[Kreading %zu subjects: %.1f MB", p->n, (double)sum / 1e6);
    }
    pthread_mutex_unlock(&p->lock);
}

void progress_note(struct progress *p, const char *fmt, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    pthread_mutex_lock(&p->lock);
    if (p->watched)
        fputs("\r\033[K", stderr);
    say_note("%s", text);
    pthread_mutex_unlock(&p->lock);
}

void progress_end(struct progress *p)
{
    if (p->watched)
        fputs("\r\033[K", stderr);
    pthread_mutex_destroy(&p->lock);
}
