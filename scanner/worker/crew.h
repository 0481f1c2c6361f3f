#ifndef SCANNER_WORKER_CREW_H
#define SCANNER_WORKER_CREW_H
/*
 * Threads of a worker. They are made in the short while when no file can be opened any more
 * (Landlock holds for them too, as it does for what a thread starts) and the seccomp filter, which
 * forbids making threads, is not there yet; the filter is then put over all of them at once. Until
 * they are given something to do they sleep.
 */
#include "base/err.h"

#define CREW_MAX 16

struct crew;

/* Without a thread yet. It lasts as long as the process. */
struct crew *crew_new(void);

/* crew_raise(c, n): makes up to `n` threads, at most CREW_MAX, and waits until each of them
 * sleeps. Fewer when the system gives fewer. */
void crew_raise(struct crew *c, unsigned n);

/* crew_give(c, fn, arg): a sleeping thread runs fn(arg) once. False when none is left. */
MUST_CHECK bool crew_give(struct crew *c, void (*fn)(void *arg), void *arg);
#endif
