#ifndef POLICIES_IAM_SHRINK_IAM_SHRINK_H
#define POLICIES_IAM_SHRINK_IAM_SHRINK_H
/* How far the policies of a role are from the least that is needed (iam_least.h). */
#include "policies/iam/compare/iam_compare.h"

/* A statement that allows what is not needed, or a need that is not met. */
struct iam_shrink_part {
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    enum iam_answer wider;             /* YES with an example; MAYBE with `unknown` */
    struct iam_counterexample example; /* what it allows too many; what is missing */
    const char *unknown;
    /* what of its Action list is more than is needed: names of AWS, by number */
    const size_t *actions;
    size_t nactions;
};

struct iam_shrink {
    enum iam_answer wider;                /* do the role's policies allow more than is needed? */
    enum iam_answer missing;              /* is something needed that they do not allow? */
    const struct iam_shrink_part *excess; /* statements of the role's policies to narrow */
    size_t nexcess;
    const struct iam_shrink_part *needs; /* statements of the least policy that are not met */
    size_t nneeds;
    bool unknown; /* some policy of the role is not known */
};

/*
 * iam_shrink(used, boundary, least, a, out): `used` are all policies of the role, `boundary` NULL
 * when there is none, `least` is what iam_least_policy gave. Denies of `used` count.
 */
void iam_shrink(const struct iam_docs *used, const struct iam_docs *boundary,
                const struct iam_doc *least, struct arena *a, struct iam_shrink *out);
#endif
