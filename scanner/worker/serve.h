#ifndef SCANNER_WORKER_SERVE_H
#define SCANNER_WORKER_SERVE_H
/* The worker's process from its first step to its last. */
#include "scanner/worker/worker.h"

#define SERVE_ARGV0 "sallyport-worker"

/* Ends of a worker that could say nothing else. */
enum serve_exit {
    SERVE_ORPHAN = 71,      /* the parent was gone */
    SERVE_BAD_PARENT = 72,  /* no socket, or words that make no sense */
    SERVE_NO_JOB = 73,      /* the parent asks for a job that this program does not have */
    SERVE_CLOSED = 74,      /* the parent went away */
    SERVE_EXEC = 120,       /* the program could not be started */
    SERVE_EXEC_LATER = 121, /* the same for lack of memory or the like */
    SERVE_DESCRIPTORS = 122 /* descriptors could not be closed or placed */
};

/* Serves one job and ends the process. */
_Noreturn void serve_run(const struct worker_job_type *jobs);
#endif
