#ifndef GATE_SIGNATURES_H
#define GATE_SIGNATURES_H
/*
 * Signatures found beside images and in models, or named for a model in the gate file, are checked
 * in a worker of their own, against the keys that the trust file lets sign such a thing.
 */
#include "gate/gate_config.h"
#include "gate/trust.h"
#include "scanner/facts.h"

/*
 * Adds a `signature` fact for each candidate in `f`, and sorts `f`. What a worker could not tell is
 * in the ledger. False when a named signature cannot be read, or the system lacks something.
 */
MUST_CHECK bool signatures_check(struct facts *f, const struct trust *t,
                                 const struct gate_config *c, struct arena *a, struct err *e);
#endif
