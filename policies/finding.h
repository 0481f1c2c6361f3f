#ifndef POLICIES_FINDING_H
#define POLICIES_FINDING_H
/* Findings: how they are kept, their fingerprint and their order. */
#include "base/digest.h"
#include "policies/policy.h"

/* finding_fingerprint(f, s, out): SPEC: policies/policy.h, finding_fingerprint_in. `s` is the
 * subject the fact belongs to, or NULL. */
void finding_fingerprint(const struct finding *f, const struct subject *s,
                         char out[FINDING_FINGERPRINT]);

/* Adds a finding behind the others, which are of the same rule or of earlier ones. `fs->rows` has
 * room for it; what it says of its own is kept in `a`. */
void finding_put(struct findings *fs, const struct finding *f, struct arena *a);

/* Replaces the finding `i` by one of the same rule and fact. */
void finding_set(struct findings *fs, size_t i, const struct finding *f, struct arena *a);

/* Sorts the findings of the last rule by subject, source, type, address, path, offset. What is in
 * order already costs one pass. */
void finding_sort(struct findings *fs);
#endif
