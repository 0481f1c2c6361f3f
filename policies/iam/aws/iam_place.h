#ifndef POLICIES_IAM_AWS_IAM_PLACE_H
#define POLICIES_IAM_AWS_IAM_PLACE_H
/* Where AWS is. SPEC: Account Management Reference Guide, "AWS Regions"; Partitions.json of AWS */
#include "base/slice.h"

/* The partition of a region ("cn-north-1": "aws-cn"); NULL: no region that is known. */
const char *iam_place_partition(struct slice region);
#endif
