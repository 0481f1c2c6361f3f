#ifndef POLICIES_IAM_COMPARE_IAM_OWNER_H
#define POLICIES_IAM_COMPARE_IAM_OWNER_H
/*
 * Whose may the resource of a request be? Where policies ask for aws:ResourceAccount, the account
 * in the ARN is that one: accounts to try, so that no request contradicts itself. For iam_leaf.
 */
#include "policies/iam/compare/iam_solver.h"

#define IAM_OWNER_KEY "aws:ResourceAccount"
/* More accounts are not tried one by one: then the ARN and the key are not tied. */
#define IAM_OWNER_MAX 32u

struct iam_owner {
    struct slice account; /* empty: the key is absent */
};

struct iam_owners {
    struct iam_owner *items; /* those that policies name, one that they do not, absent */
    size_t n;                /* 0: whatever the key is, the ARN does not depend on it */
};

/* `asked`: the atoms that are set ask for the key, or a variable of theirs does. */
void iam_owner_collect(struct iam_solver *t, bool asked, struct iam_owners *out);

/* The test that holds of the key then, in `work`. */
struct iam_literal iam_owner_fence(const struct iam_solver *t, const struct iam_owner *o);
#endif
