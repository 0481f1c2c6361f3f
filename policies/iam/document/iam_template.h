#ifndef POLICIES_IAM_DOCUMENT_IAM_TEMPLATE_H
#define POLICIES_IAM_DOCUMENT_IAM_TEMPLATE_H
/*
 * Policies as templates have them: "${aws_sqs_queue.q.arn}" and "${AWS::AccountId}" name no key of
 * a request, since those have one ':'. What will stand there is not known; taken as AWS would take
 * the text, the statement would match nothing.
 */
#include "policies/iam/document/iam_doc.h"

/* Is something in the text that a template has still to fill in? */
bool iam_template_in(struct slice text);

/* The document with all such texts unknown; itself when there are none. In `a`, or borrowed. */
struct iam_doc iam_template_unknown(const struct iam_doc *d, struct arena *a);

/* The document with a name for each of them, the same for the same text: as if each stood for
 * something that nothing else in the policies is. */
struct iam_doc iam_template_named(const struct iam_doc *d, struct arena *a);
#endif
