#ifndef SIGNING_KEY_H
#define SIGNING_KEY_H
/* The inside of a key, for the files key_*.c and the schemes; everybody else uses signing.h. */
#include <openssl/evp.h>

#include "signing/signing.h"

struct key {
    EVP_PKEY *pkey;
    enum key_kind kind;
    bool secret; /* holds the private half */
};

#define KEY_RSA_MIN_BITS 3072
#define KEY_RSA_MAX_BITS 16384 /* more is a denial of service, not security */
#define KEY_PSS_SALT_BYTES 32

/* key_take(pkey, secret, out, e) takes `pkey` (also on false) and refuses what signing.h says. */
MUST_CHECK bool key_take(EVP_PKEY *pkey, bool secret, struct key **out, struct err *e);

/* key_private_pem(pem, password, out, e): PKCS#8, plain or encrypted. */
MUST_CHECK bool key_private_pem(struct slice pem, const char *password, struct key **out,
                                struct err *e);

/*
 * Are these the same key pair, whatever the form it was written in? An RSA key is the same under
 * both of its names.
 */
bool key_same(const struct key *a, const struct key *b);

/*
 * key_verify_other(k, message, sig): the pairs that other signers use with the same keys: ECDSA
 * P-384 with SHA-256, and RSA PKCS#1 v1.5 with SHA-256. False when none holds.
 */
MUST_CHECK bool key_verify_other(const struct key *k, struct slice message, struct slice sig);
#endif
