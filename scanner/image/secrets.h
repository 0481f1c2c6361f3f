#ifndef SCANNER_IMAGE_SECRETS_H
#define SCANNER_IMAGE_SECRETS_H
/*
 * Secrets in streams of any size: every byte passes the pattern database once; each hit is then
 * matched exactly in a window of at most 4 KiB, kept across chunks, and checked (length,
 * neighbours, entropy, key material). What is told never holds the secret itself.
 */
#include "base/arena.h"
#include "base/err.h"
#include "scanner/image/detectors.h"

#define SECRETS_REDACTED_MAX 64
/* hex digits of the SHA-256 of the secret: enough to see that two are the same */
#define SECRETS_HASH_LEN 12

struct secrets_hit {
    const struct detectors_secret *what;
    uint64_t offset; /* of the secret in its stream */
    uint32_t len;    /* bytes of the secret; of a key, of what was seen of it */
    uint32_t line;   /* from 1; 0 when it lies past the first chunk */
    char redacted[SECRETS_REDACTED_MAX];
    char hash[SECRETS_HASH_LEN + 1];
    bool example;   /* a known placeholder, or one by its looks */
    bool encrypted; /* a key behind a passphrase */
};

typedef void secrets_found_fn(void *ctx, const struct secrets_hit *hit);

struct secrets;

/* secrets_open(a, found, ctx, out, e): `found` is called for each confirmed secret, in the order of
 * their ends. Freed by secrets_free; `a` must outlive it. */
MUST_CHECK bool secrets_open(struct arena *a, secrets_found_fn *found, void *ctx,
                             struct secrets **out, struct err *e);
void secrets_free(struct secrets *s);

/* One stream: begin, any number of chunks, end. Memory does not grow with the stream. */
void secrets_begin(struct secrets *s);
MUST_CHECK bool secrets_feed(struct secrets *s, struct slice chunk, struct err *e);
void secrets_end(struct secrets *s);

/* All of a short text at once. */
MUST_CHECK bool secrets_text(struct secrets *s, struct slice text, struct err *e);
#endif
