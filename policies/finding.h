#ifndef POLICIES_FINDING_H
#define POLICIES_FINDING_H
/* Findings: their fingerprint and their order. */
#include "policies/policy.h"

/* finding_fingerprint(f, s): `s` is the subject the fact belongs to, or NULL. SPEC: policies/policy.h, struct finding. */
void finding_fingerprint(struct finding *f, const struct subject *s);

/* By rule, subject, source, type, address, path, offset. */
void finding_sort(struct finding *items, size_t n);
#endif
