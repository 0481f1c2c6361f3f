#ifndef POLICIES_IAM_COMPARE_IAM_CALLER_H
#define POLICIES_IAM_COMPARE_IAM_CALLER_H
/*
 * Who could ask? Principals fall into few classes as far as given policies can tell them apart:
 * those that are named, the others of an account that is named, services, identity providers, and
 * strangers. One of each class stands for all of it.
 */
#include "policies/iam/compare/iam_atom.h"
#include "policies/iam/solve/iam_domain.h"

enum iam_caller_kind {
    IAM_CALLER_ANYBODY,  /* has not signed the request */
    IAM_CALLER_STRANGER, /* of an account that nobody names */
    IAM_CALLER_MEMBER,   /* of an account that is named, not named itself */
    IAM_CALLER_NAMED,    /* a user, role, session */
    IAM_CALLER_SERVICE,
    IAM_CALLER_PROVIDER, /* who comes by an identity provider */
    IAM_CALLER_OTHER     /* whoever stands behind a canonical user id */
};

struct iam_caller {
    enum iam_caller_kind kind;
    struct slice name;    /* as a request has it (iam_request.h) */
    struct slice account; /* 12 digits, or empty */
    /* of a MEMBER: the ARNs of its account that have callers of their own */
    const struct slice *others;
    size_t nothers;
};

struct iam_callers {
    const struct iam_caller *items; /* the most general first */
    size_t n;
    const struct slice *accounts; /* whose callers there are, also such as do not ask */
    size_t naccounts;
    bool families; /* policies have patterns of account numbers: strangers are examples of them */
};

void iam_caller_collect(const struct iam_atoms *t, struct arena *a, struct iam_callers *out);

/* Does the atom's list name the caller? */
enum iam_answer iam_caller_in(const struct iam_atom *atom, const struct iam_caller *c);

/*
 * What the caller makes of a condition key by being who he is: tests that hold (aws:PrincipalArn,
 * aws:PrincipalAccount, ...), in `a`. Gives their number.
 */
size_t iam_caller_implies(const struct iam_caller *c, struct slice key, struct arena *a,
                          const struct iam_literal **out);
#endif
