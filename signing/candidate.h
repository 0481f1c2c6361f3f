#ifndef SIGNING_CANDIDATE_H
#define SIGNING_CANDIDATE_H
/*
 * What the checks of signatures found beside a subject share: the keys that may have signed, and
 * what is told of a candidate. The result becomes a fact; the rules decide what it is worth.
 */
#include "base/slice.h"
#include "signing/signing.h"

/* A key with an identity may sign that repository only: "registry/name", any tag or digest. */
struct candidate_key {
    const char *name;      /* what the operator calls the key */
    const struct key *key; /* public */
    const char *identity;  /* NULL = any */
};

struct candidate_result {
    bool verified;
    const char *reason;  /* "ok", or a constant that the check names */
    const char *key;     /* name of the key that signed; NULL when none holds */
    char keyid[65];      /* its keyid, or "" */
    char predicate[256]; /* predicateType of a verified statement, or "" */
    char reference[256]; /* docker-reference or subject name that was signed, escaped; or "" */
    char text[512];      /* one sentence */
};

/* False, always; `text` becomes the sentence, and `reason` must be a constant. */
bool candidate_no(struct candidate_result *r, const char *reason, const char *text);
/* The same with what `e` says behind `what`; the reason is "malformed". */
bool candidate_no_err(struct candidate_result *r, const char *what, const struct err *e);
/* Text from a signature for people: no controls, cut short. */
void candidate_keep_text(struct slice text, char out[256]);
/* The key under which `sig` holds over `message`, told in `r`; or NULL. */
const struct candidate_key *candidate_signer(const struct candidate_key *keys, size_t n,
                                             struct slice message, struct slice sig,
                                             struct candidate_result *r);
#endif
