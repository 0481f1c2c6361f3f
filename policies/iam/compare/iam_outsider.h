#ifndef POLICIES_IAM_COMPARE_IAM_OUTSIDER_H
#define POLICIES_IAM_COMPARE_IAM_OUTSIDER_H
/*
 * Who is outside, and what can somebody outside not choose? Values of condition keys that only the
 * owner's accounts, networks and organisations bring are fences: an outsider's request has others.
 * What no fence knows an outsider may choose. SPEC: Amazon S3 User Guide, "Blocking public access",
 * "The meaning of public"
 */
#include "policies/iam/compare/iam_caller.h"
#include "policies/iam/compare/iam_compare.h"

struct iam_outsider {
    enum iam_access kind;
    const struct iam_texts *accounts; /* the owner's: numbers, and organisations ("o-...") */
    struct arena *arena;
};

/* Is the caller outside? */
bool iam_outsider_is(const struct iam_outsider *o, const struct iam_caller *c);

/* The fences of a policy: for each key, tests that do not hold of an outsider. */
size_t iam_outsider_fences(const struct iam_outsider *o, const struct iam_doc *d,
                           const struct iam_literal **out);

/* The policy with a text of its own for each reference that would be a fence if it were known: what
 * the same document makes is the owner's. What a template has still to fill in is unknown
 * (iam_template.h). */
void iam_outsider_known(const struct iam_outsider *o, const struct iam_doc *d, struct iam_doc *out);

/* What makes the caller an outsider: one sentence. */
const char *iam_outsider_who(const struct iam_outsider *o, const struct iam_caller *c);
#endif
