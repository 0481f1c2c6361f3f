#ifndef GATE_TRUST_H
#define GATE_TRUST_H
/*
 * trust.yaml: the approved base images and who may sign what. SPEC: docs/gate-file.md, "Trust".
 * The operator's own file: wrong keys and types are ERR_USAGE with a line.
 */
#include "scanner/facts.h"

struct trust_key {
    const char *name;
    const char *pem;        /* SubjectPublicKeyInfo */
    const char *keyid;      /* hex SHA-256 of it */
    const char *repository; /* registry/name: the only one that it may sign images of; or NULL */
    bool images, models, verdicts;
};

struct trust {
    const struct value *catalogue; /* list of maps, for the image job; NULL = no file */
    struct trust_key *keys;
    size_t nkeys;
};

/* path NULL gives an empty trust: nothing is approved, nobody may sign. */
MUST_CHECK bool trust_read(const char *path, struct arena *a, struct trust *out, struct err *e);

/* Facts `trust.base_image` and `trust.key`, so that rules and people see what was trusted. */
void trust_facts(const struct trust *t, const char *path, struct facts *f);
#endif
