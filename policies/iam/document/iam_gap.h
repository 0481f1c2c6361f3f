#ifndef POLICIES_IAM_DOCUMENT_IAM_GAP_H
#define POLICIES_IAM_DOCUMENT_IAM_GAP_H
/* What is certain of values of a policy that are not known yet, by what they are. For iam_doc. */
#include "base/value.h"
#include "policies/iam/document/iam_doc.h"

/* Is what is unknown of a value, or of a list of values, a reference to one thing of the run each:
 * a text without wildcards, or the ARN of it with something behind? */
bool iam_gap_refers(const struct value *v);

/* "text 'arn:aws:iam::${?}:root' with ...", as a template makes it: what stands between the quotes,
 * with "${?}" for what is not known. Empty: nothing is known of the text. */
struct slice iam_gap_shape(const struct value_gap *gap);

/* Is it somebody in particular? Then what is known of his name, "${?}" for what is not. false: it
 * may be everybody. */
bool iam_gap_principal(const struct value_gap *gap, enum iam_principal_type type,
                       struct slice *name);
#endif
