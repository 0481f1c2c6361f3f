#ifndef GATE_RUN_H
#define GATE_RUN_H
/* The main job: scan, verify signatures, evaluate, decide. Shared by
 * `gate`, `scan` and `inspect`. */
#include "gate/gate_config.h"
#include "gate/scan.h"
#include "policies/policy.h"

struct run {
    struct arena arena;
    struct trust trust;
    struct scan scan;
    struct worker_spare *spare; /* started while the policy is read */
    struct policy policy;
    struct findings findings;
    struct value_doc verdict;
    enum decision decision;
};

void run_init(struct run *r);
void run_release(struct run *r);

/* Facts only: trust, scan, signatures. */
MUST_CHECK bool run_facts(struct run *r, const struct gate_config *c, struct err *e);

/* The rest of the way to the verdict; the policy is loaded first so that
 * its errors come before any work. */
MUST_CHECK bool run_verdict(struct run *r, const struct gate_config *c, struct err *e);
#endif
