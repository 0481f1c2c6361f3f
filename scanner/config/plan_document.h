#ifndef SCANNER_CONFIG_PLAN_DOCUMENT_H
#define SCANNER_CONFIG_PLAN_DOCUMENT_H
/*
 * Policy documents that a plan builds itself: the data source aws_iam_policy_document, which is
 * read only after apply when some ARN in it is not known yet, and whose blocks stand in the plan
 * all the same. SPEC: Terraform AWS provider, "Data Source: aws_iam_policy_document"
 */
#include "base/value.h"

#define PLAN_DOCUMENT_TYPE "aws_iam_policy_document"

/* plan_document_build(attributes, a): the document that the blocks make, unknown leaves and their
 * references kept; NULL when other documents are merged into it. */
const struct value *plan_document_build(const struct value *attributes, struct arena *a);

/* plan_document_named(ref, address): "data.aws_iam_policy_document.x.json" is the document of
 * "data.aws_iam_policy_document.x"; false for other references. */
bool plan_document_named(struct slice ref, struct slice *address);
#endif
