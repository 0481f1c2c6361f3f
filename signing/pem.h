#ifndef SIGNING_PEM_H
#define SIGNING_PEM_H
/*
 * One PEM block and nothing else. SPEC: RFC 7468, the strict form: no text around the block, no
 * headers, one label, canonical base64; CR LF and blanks at the end of a line are accepted. A
 * second block is refused: a file with two keys has no answer to "which one".
 */
#include "base/err.h"
#include "signing/secret.h"

#define PEM_LABEL_MAX 64

struct pem {
    char label[PEM_LABEL_MAX]; /* "PUBLIC KEY" */
    struct secret der;         /* wipe with secret_wipe */
};

/* pem_read(text, out, e): at most LIMIT_KEY_BYTES. On false `out` is untouched and owns nothing. */
MUST_CHECK bool pem_read(struct slice text, struct pem *out, struct err *e);
#endif
