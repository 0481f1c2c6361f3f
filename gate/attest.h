#ifndef GATE_ATTEST_H
#define GATE_ATTEST_H
/*
 * Verdict in, files out: the verdict itself, and for each subject a VSA, for all subjects one test
 * result, each as bare DSSE (*.dsse.json) and as a Sigstore bundle (*.sigstore.json) of the same
 * envelope. The key is read here, after everything else is done.
 */
#include "base/value_doc.h"
#include "gate/gate_config.h"

/* Can the key be used? Asked before any work is done; nothing of it is kept. */
MUST_CHECK bool attest_check(const struct gate_config *c, struct err *e);

/* `said`, when not NULL, gets the paths written, NULL-terminated. */
MUST_CHECK bool attest_write(const struct value_doc *verdict, const struct gate_config *c,
                             struct arena *a, const char ***said, struct err *e);
#endif
