#ifndef GATE_SCAN_H
#define GATE_SCAN_H
/*
 * Subjects in, facts out: one worker a subject, as many at once as there are processors. What
 * cannot be opened or read becomes a ledger line, never an error of the run.
 */
#include "gate/gate_config.h"
#include "gate/trust.h"
#include "scanner/facts.h"
#include "scanner/worker/worker.h"

struct scan {
    struct facts facts;            /* sorted; everything of every subject */
    struct sandbox_report sandbox; /* the weakest that any worker had */
    bool transient;                /* a worker failed for want of the system's resources */
    struct scan_part *parts;       /* own arenas, released together */
    size_t nparts;
};

/* False only when the run itself is impossible (a bad detector file). `a` must outlive the scan. */
struct scan_from {
    const struct gate_config *config;
    const struct trust *trust;
    struct worker_spare *spare; /* or NULL */
};
MUST_CHECK bool scan_run(const struct scan_from *from, struct arena *a, struct scan *out,
                         struct err *e);
void scan_release(struct scan *s);

/* "image", "model" or "config": which job reads a subject. NULL kind is told by the name. */
const char *scan_job_of(const struct gate_subject *s);
#endif
