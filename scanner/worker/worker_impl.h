#ifndef SCANNER_WORKER_WORKER_IMPL_H
#define SCANNER_WORKER_WORKER_IMPL_H
/* What worker.c and serve.c share. */
#include "scanner/worker/worker.h"

struct worker {
    struct arena arena;
    const char *scheme, *ref, *subject;
    const struct input_entry *entries;
    size_t nentries;
    int *fds; /* one an entry, -1 when not open; owned */
    const struct value *params;
    struct sink *sink;
    /* Gets the descriptor of entry i: over the socket, or straight from the input. */
    bool (*ask)(struct worker *w, size_t i, int *fd, struct err *e);
    void (*progress)(struct worker *w, uint64_t done);
    const struct input *local; /* of worker_local */
    void *peer;                /* of serve.c */
    struct crew *crew;         /* NULL in worker_local */
};
#endif
