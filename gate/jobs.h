#ifndef GATE_JOBS_H
#define GATE_JOBS_H
/*
 * What a worker can be asked to do. The signature and attestation jobs stand here because they
 * join rooms: facts in, the verifiers of signing/ in between, facts out, all of it in the
 * sandbox since the bytes are a stranger's.
 */
#include "scanner/worker/worker.h"

extern const struct worker_job_type jobs_table[]; /* ends with a NULL name */

/* params {candidates: [attributes of image.signature.candidate or model.signature.candidate], keys:
 * [{name, repository, pem}], model: {files: [{name, sha256}], folder, missing}} -> one `signature`
 * fact a candidate: {verified, kind, key, keyid, reason, ...}; docs/signing.md. */
bool job_signature_run(struct worker *w, struct err *e);

/* params {keys: [pem], subject, predicate_type, verifier_id, policy_digest, resource_uri, now,
 * max_age, threshold}; the input is one attestation file -> one fact of type "attestation.result"
 * {accepted, reason, text, keyid, predicate_type, ...}. */
bool job_attestation_run(struct worker *w, struct err *e);
#endif
