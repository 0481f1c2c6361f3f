#ifndef POLICIES_IAM_ESCALATE_IAM_CHAIN_H
#define POLICIES_IAM_ESCALATE_IAM_CHAIN_H
/* Confirmed escalations one after the other, shortest first. For iam_escalate. */
#include "policies/iam/escalate/iam_escalate.h"
#include "policies/iam/escalate/iam_ways.h"

/* What is known of those who are asked on the way. */
struct iam_chain_source {
    void *ctx;
    const struct iam_holder *(*holder)(void *ctx, const struct iam_party *p);
    const struct iam_ways_all *(*ways)(void *ctx, const struct iam_party *p);
    /* Does it hold more than the one who began? */
    enum iam_answer (*more)(void *ctx, const struct iam_party *p);
};

struct iam_chains {
    const struct iam_chain *items; /* to administrators; when there is none, to who holds more */
    size_t n;
    bool unknown; /* more principals than IAM_ESCALATE_PARTIES, or something unseen on the way */
};

void iam_chain_find(const struct iam_chain_source *s, const struct iam_party *who, struct arena *a,
                    struct iam_chains *out);
#endif
