#ifndef POLICIES_IAM_IAM_TIE_H
#define POLICIES_IAM_IAM_TIE_H
/* Documents to principals, by the rows of iam_link. For iam_account. */
#include "policies/iam/iam_party.h"

struct iam_tie_result {
    struct iam_attached_list loose; /* of AWS, attached to whom the run does not show */
};

/* Fills docs, boundary, groups, trust and what is unknown of each draft. */
void iam_tie_all(const struct host_index *ix, struct iam_attached *attached,
                 struct iam_parties *parties, struct iam_tie_result *out);
#endif
