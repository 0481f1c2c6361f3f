#ifndef POLICIES_FINDING_H
#define POLICIES_FINDING_H
/* Findings: their fingerprint and their order. */
#include "base/digest.h"
#include "policies/policy.h"

/* finding_fingerprint(c, f, s): `c` is a SHA-256 at its start, and is again afterwards; `s` is
 * the subject the fact belongs to, or NULL. SPEC: policies/policy.h, struct finding. */
void finding_fingerprint(struct digest_ctx *c, struct finding *f, const struct subject *s);

/* By rule, subject, source, type, address, path, offset. What is in order already costs one
 * pass. */
void finding_sort(struct finding *items, size_t n);
#endif
