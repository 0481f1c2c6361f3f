#ifndef POLICIES_IAM_TEXT_IAM_ARN_H
#define POLICIES_IAM_TEXT_IAM_ARN_H
/*
 * ARNs and patterns of ARNs by their six fields: arn:partition:service:region:account:resource.
 * A wildcard of the first five takes no ':'; the sixth runs to the end. SPEC: IAM User Guide,
 * "IAM JSON policy elements: Resource"
 */
#include "policies/iam/text/iam_glob.h"

/*
 * What a pattern of fewer than six fields means. Identity policies fill up with `*` ("arn:aws:sqs"
 * is all of SQS), as AWS does; in resource policies only a `*` at the very end runs on. Nothing but
 * stars matches everything, ARN or not.
 */
enum iam_arn_rule { IAM_ARN_IDENTITY, IAM_ARN_RESOURCE };

struct iam_arn {
    struct slice field[6];
    unsigned n; /* 1-6: fields that stand there */
    bool any;   /* nothing but stars */
    bool open;  /* behind the fields, anything */
};

/* Escapes stay in the fields. */
struct iam_arn iam_arn_split(struct slice pattern, enum iam_arn_rule rule);

bool iam_arn_match(const struct iam_arn *pattern, struct slice arn);
/* Patterns on both sides: some ARN in common; all of `b` matched by `a` (see iam_glob_covers). */
bool iam_arn_overlap(const struct iam_arn *a, const struct iam_arn *b);
bool iam_arn_covers(const struct iam_arn *a, const struct iam_arn *b);
#endif
