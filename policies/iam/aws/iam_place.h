#ifndef POLICIES_IAM_AWS_IAM_PLACE_H
#define POLICIES_IAM_AWS_IAM_PLACE_H
/* Where AWS is. SPEC: Account Management Reference Guide, "AWS Regions"; IAM User Guide, "AWS JSON
 * policy elements: Principal", services */
#include "base/slice.h"

/* The partition of a region ("cn-north-1": "aws-cn"); NULL: no region that is known. */
const char *iam_place_partition(struct slice region);

/* What stands before the domain of a service's name: "sns" of "sns.amazonaws.com", "s3.eu-west-1"
 * of "s3.eu-west-1.amazonaws.com.cn"; empty: no service has such a name. */
struct slice iam_place_service(struct slice name);
#endif
