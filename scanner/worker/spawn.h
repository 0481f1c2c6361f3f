#ifndef SCANNER_WORKER_SPAWN_H
#define SCANNER_WORKER_SPAWN_H
/* The worker as a child process, seen from its parent. */
#include <sys/types.h>

#include "scanner/worker/worker.h"

struct spawn {
    pid_t pid;  /* 0 when there is none */
    int socket; /* owned; not blocking by itself, the channel says when to wait */
};

/* spawn_start(exe, s, e): fork, then exec of `exe` (NULL: this program) with no argument but its
 * name, no environment, no descriptor but the socket, and /dev/null as 0, 1 and 2. ERR_TRANSIENT
 * when the system lacks processes, memory or descriptors. Safe in a program with threads. */
MUST_CHECK bool spawn_start(const char *exe, struct spawn *s, struct err *e);

/* spawn_verify(s, r): what the kernel says of the worker: seccomp and no_new_privs of `r`
 * become false when /proc does not agree. */
void spawn_verify(const struct spawn *s, struct sandbox_report *r);

/* spawn_wait(s, ms, status): waits up to `ms` for the worker to end by itself, kills it otherwise,
 * and reaps it. `*killed` when we did. False when its end cannot be learnt. */
MUST_CHECK bool spawn_wait(struct spawn *s, int ms, int *status, bool *killed);

/* Kills and reaps what is still there; closes the socket. */
void spawn_end(struct spawn *s);
#endif
