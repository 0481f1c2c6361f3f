#ifndef SIGNING_ENVELOPE_H
#define SIGNING_ENVELOPE_H
/*
 * DSSE envelopes, bare or inside a Sigstore bundle, as data. Nothing here is verified. SPEC:
 * DSSE v1.0.2 envelope.md; Sigstore bundle v0.1 to v0.3.
 */
#include "base/arena.h"
#include "base/buf.h"

#define ENVELOPE_BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"

struct envelope_signature {
    struct slice keyid; /* empty when absent: a hint, never a decision */
    struct slice sig;   /* raw bytes */
};

struct envelope {
    struct slice media_type; /* of the bundle; empty for a bare envelope */
    struct slice hint;       /* verificationMaterial.publicKey.hint of a bundle */
    struct slice payload_type;
    struct slice payload; /* the very bytes that were signed */
    struct envelope_signature *signatures;
    size_t nsignatures; /* 0 is well formed; the verifier says no */
};

/*
 * OURS: byte for byte what envelope_write gives for the same values, so that each byte of a file
 * counts. FOREIGN: any white space, unknown members, null for absent, either alphabet of base64.
 */
enum envelope_mode { ENVELOPE_OURS, ENVELOPE_FOREIGN };

/* envelope_read(file, mode, a, out, e): what `out` lends lives in `a` (in `file` nothing). */
MUST_CHECK bool envelope_read(struct slice file, enum envelope_mode mode, struct arena *a,
                              struct envelope *out, struct err *e);

/*
 * Writes the canonical form: compact JSON, fixed order, one newline at the end. Failures stay in
 * the buffer.
 */
void envelope_write(const struct envelope *env, struct buf *out);

/*
 * SPEC: DSSE v1.0.2 protocol.md, "PAE": what is signed. Lengths are bytes. Failures stay in the
 * buffer.
 */
void envelope_pae(struct slice payload_type, struct slice payload, struct buf *out);
#endif
