#ifndef POLICIES_IAM_ESCALATE_IAM_TRUSTS_H
#define POLICIES_IAM_ESCALATE_IAM_TRUSTS_H
/*
 * Whom the roles of an account trust, asked once for all who ask about them: which service may take
 * which role, and which roles anybody but services may take. For iam_ways.
 */
#include "policies/iam/escalate/iam_holder.h"

struct iam_trusts_service;

struct iam_trusts {
    const struct iam_account *account; /* NULL: nobody is known, and nothing may be asked */
    struct arena *arena;
    struct iam_trusts_service *services; /* as far as asked */
    size_t n;
    bool *taken; /* by party; NULL: not looked at yet */
};

/* The place of a service ("lambda.amazonaws.com") for iam_trusts_let. */
size_t iam_trusts_service(struct iam_trusts *t, struct slice service);

/* Does the role let the service take it? Some come as services, some as identity providers. `h` is
 * who asks: a role whose ARN is not known is of its account. */
enum iam_answer iam_trusts_let(struct iam_trusts *t, const struct iam_holder *h, size_t service,
                               size_t party);

/* May a principal of AWS take the role, for all that its trust says? A quick "no" is right. */
bool iam_trusts_taken(struct iam_trusts *t, size_t party);

/* The trust of a party; where it is not known, a document that nobody knows. */
const struct iam_doc *iam_trusts_of(const struct iam_party *p);
#endif
