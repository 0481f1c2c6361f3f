#ifndef SIGNING_VERIFY_IMAGE_H
#define SIGNING_VERIFY_IMAGE_H
/*
 * Signatures that came with an image: cosign simple signing, and statements in DSSE envelopes.
 * The result becomes a fact; the rules decide what it is worth. SPEC: containers/image signature
 * protocol; cosign simple signing; DSSE v1.0.2.
 *
 * A candidate is a map:
 *   kind       "simple-signing" or "dsse"
 *   target     "sha256:…" of the manifest that the signature is said to be for
 *   payload    base64 of the blob: the simple signing payload, the envelope, or the bundle
 *   signature  base64 of the signature; simple signing only
 */
#include "signing/signing.h"

/* A key with an identity may sign that repository only: "registry/name", any tag or digest. */
struct verify_image_key {
    const char *name;      /* what the operator calls the key */
    const struct key *key; /* public */
    const char *identity;  /* NULL = any */
};

struct verify_image_result {
    bool verified;
    const char
        *reason; /* "ok" | "malformed" | "untrusted" | "target" | "type" | "identity"; a constant */
    const char *key;     /* name of the key that signed; NULL when none holds */
    char keyid[65];      /* its keyid, or "" */
    char predicate[256]; /* predicateType of a verified statement, or "" */
    char reference[256]; /* docker-reference or subject name that was signed, escaped; or "" */
    char text[512];      /* one sentence */
};

/*
 * True when a trusted key signed this very digest; `out` is filled either way. Never a crash,
 * whatever the candidate.
 */
bool verify_image_signature(const struct value *candidate, const struct verify_image_key *keys,
                            size_t n, struct verify_image_result *out);
#endif
