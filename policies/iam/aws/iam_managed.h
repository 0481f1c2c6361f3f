#ifndef POLICIES_IAM_AWS_IAM_MANAGED_H
#define POLICIES_IAM_AWS_IAM_MANAGED_H
/*
 * What the managed policies of AWS say: their default versions on the day of the data. The table is
 * made by policies/iam/aws/tool/managed_build.c from policies/iam/aws/data/managed_policies.txt.
 */
#include "policies/iam/document/iam_doc.h"

/* iam_managed_find(arn, a, out): the document behind "arn:aws:iam::aws:policy/NAME", in `a`; false
 * when the data does not have it, among them policies of other partitions than "aws". */
bool iam_managed_find(struct slice arn, struct arena *a, const struct value **out);

size_t iam_managed_count(void);
/* The ARN of policy `i`, in order. */
const char *iam_managed_arn(size_t i);

/* "iann0036/iam-dataset 2073fa52 (2026-08-22)"; what was written by hand is said there too. */
const char *iam_managed_source(void);
#endif
