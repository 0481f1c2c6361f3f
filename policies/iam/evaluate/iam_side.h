#ifndef POLICIES_IAM_EVALUATE_IAM_SIDE_H
#define POLICIES_IAM_EVALUATE_IAM_SIDE_H
/* What the policies of one side say to a request, before the sides are joined (iam_evaluate.h). */
#include "policies/iam/evaluate/iam_evaluate.h"

struct iam_tally {
    enum iam_answer allow, deny; /* is there a statement that does? */
    /* Of a resource's policy: is there one that allows and meets the principal in this way?
     * IAM_MATCH_MAYBE: in whatever way. */
    enum iam_answer by[IAM_MATCH_COUNT];
};

struct iam_hearing {
    const struct iam_question *q;
    struct arena *arena;
    bool explain; /* collect reasons */
    struct iam_reason *reasons;
    size_t nreasons;
};

/* Do RCPs hold for requests of the action's service? NO: never; MAYBE: the service is none of those
 * that AWS lists. SPEC: Organizations User Guide, "Resource control policies (RCPs)", "List of AWS
 * services that support RCPs", "Resources and entities not restricted by RCPs" */
enum iam_answer iam_side_ruled(struct slice action);

/* Each adds to `t`, which begins as zeros. */
void iam_side_doc(struct iam_hearing *h, enum iam_side side, const struct iam_doc *d,
                  struct iam_tally *t);
void iam_side_docs(struct iam_hearing *h, enum iam_side side, const struct iam_docs *docs,
                   struct iam_tally *t);
/* Further statements may stand there, saying whatever. */
void iam_side_unknown(struct iam_tally *t);

/* The lesser, the greater answer: NO < MAYBE < YES. */
enum iam_answer iam_side_both(enum iam_answer a, enum iam_answer b);
enum iam_answer iam_side_either(enum iam_answer a, enum iam_answer b);
#endif
