#ifndef GATE_SIGN_MODEL_H
#define GATE_SIGN_MODEL_H
/*
 * The signature of a model, as OpenSSF Model Signing 1.0 has it with a key: a statement with the
 * digest of each file, in a Sigstore bundle. SPEC: OpenSSF Model Signing 1.0, sections 5 and 6.
 */
#include "signing/signing.h"

struct sign_model {
    const char *path;          /* file or folder */
    const char *output;        /* where the bundle goes; NULL: sign_model_output says */
    const char *const *ignore; /* more paths that are left out; NULL-terminated, or NULL */
    const struct key *key;
};

/* PATH/model.sig for a folder, PATH.sig for a file: where others look for it. */
const char *sign_model_output(const char *path, struct arena *a);

/* All files are read and hashed in the sandbox before anything is signed; the bundle appears whole
 * or not at all. Nothing is judged: what is signed is what is there. */
MUST_CHECK bool sign_model(const struct sign_model *s, struct arena *a, struct err *e);
#endif
