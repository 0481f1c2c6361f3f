#ifndef POLICIES_IAM_ESCALATE_IAM_TRUSTS_H
#define POLICIES_IAM_ESCALATE_IAM_TRUSTS_H
/*
 * Which services the roles of an account trust, asked once for all who ask about them. For
 * iam_ways.
 */
#include "policies/iam/escalate/iam_holder.h"
#include "policies/iam/escalate/iam_targets.h"

struct iam_trusts_service;

struct iam_trusts {
    const struct iam_account *account; /* NULL: nobody is known, and nothing may be asked */
    struct arena *arena;
    struct iam_targets *targets;
    struct iam_trusts_service *services; /* as far as asked */
    size_t n;
};

/* The place of a service ("lambda.amazonaws.com") for iam_trusts_role. */
size_t iam_trusts_service(struct iam_trusts *t, struct slice service);

/* A role that lets the service take it, or may do so. Some come as services, some as identity
 * providers. */
struct iam_trusts_role {
    size_t party;
    enum iam_answer answer; /* YES or MAYBE */
};

/* The `k`-th of those; false: there are no more. Roles are asked as far as somebody wants them, in
 * the order of the parties. `h` is who asks: a role whose ARN is not known is of its account. */
bool iam_trusts_role(struct iam_trusts *t, const struct iam_holder *h, size_t service, size_t k,
                     struct iam_trusts_role *out);

/* The trust of a party; where it is not known, a document that nobody knows. */
const struct iam_doc *iam_trusts_of(const struct iam_party *p);
#endif
