#ifndef SIGNING_VERIFIER_H
#define SIGNING_VERIFIER_H
/*
 * Where trusted public keys live. A new place is one file verifier_x.c and one line in
 * verifiers.def.
 */
#include "signing/signing.h"

struct verifier {
    const char *scheme;  /* "env" of env://NAME */
    const char *takes;   /* "env://NAME", for help */
    const char *summary; /* one line for help */
    bool (*open)(const char *rest, struct key **out, struct err *e);
};

extern const struct verifier *const verifier_table[]; /* ends with NULL */
const struct verifier *verifier_find(const char *scheme);
#endif
