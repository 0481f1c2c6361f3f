#ifndef SIGNING_VERIFY_MODEL_H
#define SIGNING_VERIFY_MODEL_H
/*
 * Signatures of OpenSSF Model Signing over a model, by a key: a Sigstore bundle (or a bare DSSE
 * envelope) with a statement that lists the digest of each file. SPEC: OpenSSF Model Signing 1.0,
 * sections 5 and 6; serialization method "files", hash sha256.
 */
#include "base/arena.h"
#include "signing/candidate.h"

#define VERIFY_MODEL_TYPE "https://model_signing/signature/v1.0"

struct verify_model_file {
    const char *name;   /* below the model; UTF-8 */
    const char *sha256; /* "sha256:…"; NULL when it is not known */
    bool outside;       /* the specification leaves it out (git's own): nobody need sign it */
};

/* What was found in the model, all of it, or `missing` says why not; and who may have signed it. */
struct verify_model {
    const struct verify_model_file *files;
    size_t n;
    bool folder;
    const char *signature; /* which of the files is the signature itself; NULL: none of them */
    const char *missing;   /* why the files are not all known, or NULL */
    const struct candidate_key *keys; /* those that may sign models */
    size_t nkeys;
};

struct verify_model_result {
    struct candidate_result told;
    const char **left_out; /* files that the statement leaves out by name, which nobody signed */
    size_t nleft_out;
};

/*
 * True when a trusted key signed exactly these files: each file has its resource, each resource its
 * file. Not asked for are the signature itself, what is `outside`, and what the signed statement
 * says it ignores (`left_out`, at most LIMIT_SIGNATURE_LEFT_OUT). An identity of a key is about
 * images and not looked at. Reasons: "ok", "malformed", "untrusted", "type"; "unsupported":
 * serialized another way; "target": other files; "unknown": the files are not all known. `out`
 * lends from `a`.
 */
bool verify_model_signature(struct slice bundle, const struct verify_model *m, struct arena *a,
                            struct verify_model_result *out);
#endif
