#ifndef SIGNING_SIGNER_H
#define SIGNING_SIGNER_H
/* Where signing keys live. A new place is one file signer_x.c and one line in signers.def. */
#include "signing/signing.h"

struct signer {
    const char *scheme;  /* "env" of env://NAME */
    const char *takes;   /* "env://NAME", for help */
    const char *summary; /* one line for help */
    bool (*open)(const char *rest, const char *password, struct key **out, struct err *e);
};

extern const struct signer *const signer_table[]; /* ends with NULL */
const struct signer *signer_find(const char *scheme);
#endif
