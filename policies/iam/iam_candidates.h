#ifndef POLICIES_IAM_IAM_CANDIDATES_H
#define POLICIES_IAM_IAM_CANDIDATES_H
/* Values to try for a key that is compared as a number, date, boolean or address: between any two
 * neighbours of the values in the policies there is one, and each of those themselves. */
#include "policies/iam/iam_domain.h"

enum iam_family {
    IAM_FAMILY_TEXT,
    IAM_FAMILY_NUMBER,
    IAM_FAMILY_DATE,
    IAM_FAMILY_BOOL,
    IAM_FAMILY_NETWORK
};

enum iam_family iam_candidates_family(enum iam_operator op);

/* Sorted by how well they read; in `a`. `family` is not TEXT. */
struct iam_texts iam_candidates_list(const struct iam_domain *d, enum iam_family family,
                                     struct arena *a);
#endif
