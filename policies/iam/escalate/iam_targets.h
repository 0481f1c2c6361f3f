#ifndef POLICIES_IAM_ESCALATE_IAM_TARGETS_H
#define POLICIES_IAM_ESCALATE_IAM_TARGETS_H
/*
 * The parties of an account by what a step asks of its target, found once for all who ask: nobody
 * walks over those who can be no target. Lists hold places among the parties, in their order. For
 * iam_ways.
 */
#include "policies/iam/account/iam_account.h"

struct iam_targets_list {
    size_t *items;
    size_t n;
};

struct iam_targets_arn;

struct iam_targets {
    const struct iam_account *account; /* NULL: nobody is known */
    struct arena *arena;
    bool made;
    struct iam_targets_list kinds[IAM_ENTITY_FILE];
    struct iam_targets_list taken; /* roles that a principal of AWS may take */
    struct iam_targets_arn *arns;  /* sorted by ARN, then by place */
    size_t narns;
};

/* All of a kind. */
const struct iam_targets_list *iam_targets_of(struct iam_targets *t, enum iam_entity kind);

/* The roles that a principal of AWS may take, for all that their trust says: those left out name
 * services only. */
const struct iam_targets_list *iam_targets_taken(struct iam_targets *t);

/* The ARNs of those of a kind that the policies name in full, in the order of the parties; in
 * `a`. */
struct iam_texts iam_targets_named(struct iam_targets *t, const struct iam_docs *docs,
                                   enum iam_entity kind, struct arena *a);
#endif
