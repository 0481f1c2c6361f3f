#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H
/* Streaming SHA-256 and SHA-512 over OpenSSL's EVP, and the "sha256:<hex>"
 * text form that OCI uses. */
#include "base/err.h"

enum digest_alg { DIGEST_SHA256, DIGEST_SHA512 };

struct digest {
    enum digest_alg alg;
    uint8_t bytes[64]; /* 32 or 64 in use */
};

#define DIGEST_TEXT_MAX 136 /* "sha512:" + 128 hex digits + NUL */

struct digest_ctx {
    void *evp; /* EVP_MD_CTX */
    enum digest_alg alg;
};

void digest_init(struct digest_ctx *c, enum digest_alg alg);
void digest_update(struct digest_ctx *c, struct slice s);
/* ready for the next message afterwards */
void digest_final(struct digest_ctx *c, struct digest *out);
void digest_release(struct digest_ctx *c);

void digest_of(struct slice s, enum digest_alg alg, struct digest *out);
void digest_text(const struct digest *d, char out[DIGEST_TEXT_MAX]); /* "sha256:..." lower case */
void digest_hex(const struct digest *d, char out[DIGEST_TEXT_MAX]);  /* hex only */
bool digest_eq(const struct digest *a, const struct digest *b);
size_t digest_len(enum digest_alg alg); /* bytes */

/* digest_parse("sha256:<64 lower-case hex>"): anything else is ERR_FORMAT; other algorithms
 * ERR_UNSUPPORTED. SPEC: image-spec v1.1 descriptor.md, "Digests". */
MUST_CHECK bool digest_parse(struct slice text, struct digest *out, struct err *e);
#endif
