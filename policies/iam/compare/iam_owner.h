#ifndef POLICIES_IAM_COMPARE_IAM_OWNER_H
#define POLICIES_IAM_COMPARE_IAM_OWNER_H
/*
 * Whose may the resource of a request be? Where policies ask for aws:ResourceAccount, or by the
 * name that S3 has for it, the account in the ARN is that one: accounts to try, so that no request
 * contradicts itself. For iam_leaf.
 */
#include "policies/iam/compare/iam_solver.h"

#define IAM_OWNER_KEY "aws:ResourceAccount"
#define IAM_OWNER_S3_KEY "s3:ResourceAccount" /* of requests to S3: the same */
/* More accounts are not tried one by one: then the ARN and the key are not tied. */
#define IAM_OWNER_MAX 32u

struct iam_owner {
    struct slice account; /* empty: the key is absent */
    bool other;           /* nobody names it, nor is it a caller's */
};

struct iam_owners {
    struct iam_owner *items; /* those that policies name, of callers, another, absent */
    size_t n;                /* 0: whatever the key is, the ARN does not depend on it */
};

/* `asked`: the atoms that are set ask for a key of it, or a variable of theirs does. */
void iam_owner_collect(struct iam_solver *t, bool asked, struct iam_owners *out);

/* Is it one of the two keys? */
bool iam_owner_key(struct slice key);
/* The test that holds of a key when it is the account, or, without one, absent; in `work`. */
struct iam_literal iam_owner_fence(const struct iam_solver *t, const char *key,
                                   struct slice account);
#endif
