#ifndef POLICIES_IAM_AWS_IAM_ISSUER_H
#define POLICIES_IAM_AWS_IAM_ISSUER_H
/*
 * Identity providers where anybody can have an account, and what their tokens say that their holder
 * cannot choose. SPEC: IAM User Guide, "Identity-provider controls for shared OIDC providers"; the
 * documentation of each provider
 */
#include "base/slice.h"

struct iam_issuer;

/* "arn:aws:iam::123456789012:oidc-provider/HOST", or the host itself; NULL: it is no such one. */
const struct iam_issuer *iam_issuer_of(struct slice provider);
const char *iam_issuer_host(const struct iam_issuer *i);

/* Does a condition key ("gitlab.com:sub") tell, by a value of this text, whose the token is?
 * `like`: its wildcards count. false, too: it is no key of such a provider. */
bool iam_issuer_tells(struct slice key, struct slice text, bool like);
#endif
