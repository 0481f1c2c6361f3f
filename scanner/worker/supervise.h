#ifndef SCANNER_WORKER_SUPERVISE_H
#define SCANNER_WORKER_SUPERVISE_H
/* The conversation of the parent with one worker. */
#include "scanner/worker/spawn.h"

/* supervise_run(job, s, out, report, e): from the first frame to the end of the process.
 * Everything told goes to `out`; nothing that the worker says is believed. False: the worker did
 * not end well, `e` says how. The caller reaps. */
MUST_CHECK bool supervise_run(const struct worker_job *job, struct spawn *s, struct facts *out,
                              struct sandbox_report *report, struct err *e);
#endif
