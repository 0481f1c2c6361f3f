#ifndef GATE_IAM_CONTEXT_H
#define GATE_IAM_CONTEXT_H
/* The context of a request from the options --context, --context-file and --open-context. */
#include "gate/options.h"
#include "policies/iam/account/iam_account.h"
#include "policies/iam/document/iam_request.h"

/* iam_context_read(o, a, out, e): a key given twice with --context is a list; what --context gives
 * stands before what the file says of the same key. ERR_USAGE otherwise. */
MUST_CHECK bool iam_context_read(const struct options *o, struct arena *a, struct iam_context *out,
                                 struct err *e);

/* Adds what `p` says of itself and the context does not: its tags (aws:PrincipalTag/KEY), and of
 * a session of it, whose ARN is `principal`, aws:PrincipalArn. */
void iam_context_party(const struct iam_party *p, struct slice principal, struct arena *a,
                       struct iam_context *c);
#endif
