#ifndef POLICIES_IAM_SOLVE_IAM_CANDIDATES_H
#define POLICIES_IAM_SOLVE_IAM_CANDIDATES_H
/*
 * Values to try for a key that is compared as a number, date, boolean, address or binary: between
 * any two neighbours of the values in the policies there is one, and each of those themselves. So
 * whatever such tests can tell apart is among them.
 */
#include "policies/iam/solve/iam_domain.h"

enum iam_family {
    IAM_FAMILY_TEXT,
    IAM_FAMILY_NUMBER,
    IAM_FAMILY_DATE,
    IAM_FAMILY_BOOL,
    IAM_FAMILY_NETWORK,
    IAM_FAMILY_BINARY,
    IAM_FAMILY_COUNT
};

enum iam_family iam_candidates_family(enum iam_operator op);

/* Sorted by how well they read; in `a`. Of TEXT: the policies' values themselves, no more. */
struct iam_texts iam_candidates_list(const struct iam_domain *d, enum iam_family family,
                                     struct arena *a);
#endif
