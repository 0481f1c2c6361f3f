#ifndef SIGNING_VERIFY_IMAGE_H
#define SIGNING_VERIFY_IMAGE_H
/*
 * Signatures that came with an image: cosign simple signing, and statements in DSSE envelopes.
 * SPEC: containers/image signature protocol; cosign simple signing; DSSE v1.0.2.
 *
 * A candidate is a map:
 *   kind       "simple-signing" or "dsse"
 *   target     "sha256:…" of the manifest that the signature is said to be for
 *   payload    base64 of the blob: the simple signing payload, the envelope, or the bundle
 *   signature  base64 of the signature; simple signing only
 */
#include "signing/candidate.h"

/*
 * True when a trusted key signed this very digest; `out` is filled either way. Never a crash,
 * whatever the candidate. Reasons: "ok", "malformed", "untrusted", "target", "type", "identity".
 */
bool verify_image_signature(const struct value *candidate, const struct candidate_key *keys,
                            size_t n, struct candidate_result *out);
#endif
