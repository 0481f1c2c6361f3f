#ifndef POLICIES_IAM_ACCOUNT_IAM_TIE_H
#define POLICIES_IAM_ACCOUNT_IAM_TIE_H
/* Documents to principals, by the rows of iam_link. For iam_account. */
#include "policies/iam/account/iam_party.h"

/* A policy that is not in the run, attached by `from` to whom the run does not show. */
struct iam_tie_loose {
    const struct fact *from;
    struct iam_attached_doc *doc;
};

struct iam_tie_result {
    struct iam_tie_loose *loose;
    size_t nloose;
};

/* Fills docs, boundary, groups, trust and what is unknown of each draft. */
void iam_tie_all(const struct host_index *ix, struct iam_attached *attached,
                 struct iam_parties *parties, struct iam_tie_result *out);
#endif
