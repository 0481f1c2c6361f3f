#ifndef SCANNER_FORMATS_HASHER_H
#define SCANNER_FORMATS_HASHER_H
/*
 * The SHA-256 of whole files, taken beside the parsing by threads that do nothing else, in the
 * order in which the files were handed over. Without threads the one who waits does the work.
 * Results do not depend on how many there are.
 */
#include <pthread.h>

#include "base/digest.h"

/* What a file was when it was looked at: a file that is read twice must be the same both times. */
struct hasher_stamp {
    uint64_t device, inode, bytes;
    int64_t changed_s, changed_ns, modified_s, modified_ns;
};

MUST_CHECK bool hasher_stamp(int fd, struct hasher_stamp *out, struct err *e);

/* One file; the caller keeps it, and its descriptor, until hasher_wait has come back. */
struct hasher_job {
    int fd;
    struct hasher_stamp stamp; /* taken before anything else was read of it */
    struct digest digest;
    struct err error;
    bool done, ok;
    struct hasher_job *next;
};

struct hasher {
    pthread_mutex_t lock;
    pthread_cond_t some, done;
    struct hasher_job *first, *last; /* not yet begun */
    size_t threads;                  /* in service */
    bool ended;
};

/* How to get a thread that runs fn(arg); false: no more. */
struct hasher_crew {
    bool (*thread)(void *ctx, void (*fn)(void *arg), void *arg); /* NULL: none */
    void *ctx;
};

/* Takes up to `max` threads into service. */
void hasher_start(struct hasher *h, const struct hasher_crew *crew, size_t max);
/* Forgets what was not begun and waits until every thread has left. */
void hasher_end(struct hasher *h);

/* hasher_add(h, fd, job): stamps the file and queues it. */
MUST_CHECK bool hasher_add(struct hasher *h, int fd, struct hasher_job *job, struct err *e);
/* hasher_wait(h, job, e): the digest is in the job. False when the file could not be read, or is
 * not the one that was stamped (ERR_IO). To be asked once. */
MUST_CHECK bool hasher_wait(struct hasher *h, struct hasher_job *job, struct err *e);
#endif
