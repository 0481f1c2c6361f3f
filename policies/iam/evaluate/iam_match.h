#ifndef POLICIES_IAM_EVALUATE_IAM_MATCH_H
#define POLICIES_IAM_EVALUATE_IAM_MATCH_H
/*
 * Does a statement speak of a request? Action, resource and principal, each for itself. SPEC: IAM
 * User Guide, "IAM JSON policy elements reference": Action, Resource, Principal, "Variables and
 * tags"
 */
#include "policies/iam/text/iam_arn.h"
#include "policies/iam/document/iam_request.h"

enum iam_answer iam_match_action(const struct iam_statement *s, struct slice action);
/*
 * A request may name a set of resources by wildcards ("may it read anything of this bucket?"): an
 * Allow matches when some of them match, a Deny when all do. A statement without Resource (a trust
 * policy's) matches every resource.
 */
enum iam_answer iam_match_resource(const struct iam_doc *d, const struct iam_statement *s,
                                   const struct iam_request *r, struct arena *a);
/* A text of Resource as a pattern, its variables replaced as iam_variables_replace does. */
enum iam_answer iam_match_pattern(const struct iam_doc *d, struct slice text,
                                  const struct iam_context *c, struct arena *a, struct slice *out);
/* The rule for short patterns: resource policies are those whose statements name a principal. */
enum iam_arn_rule iam_match_rule(const struct iam_statement *s);

/* How a principal element was met: which name decides what an implicit deny elsewhere may do. The
 * later, the less it may; of several names that meet, the last counts. */
enum iam_principal_match {
    IAM_MATCH_NONE,
    IAM_MATCH_MAYBE,
    IAM_MATCH_ACCOUNT,   /* the account or its root: delegates only */
    IAM_MATCH_ROLE,      /* the role, or that of the session */
    IAM_MATCH_ANY,       /* "*" */
    IAM_MATCH_PRINCIPAL, /* the user, session or federated user itself, or the service */
};
#define IAM_MATCH_COUNT (IAM_MATCH_PRINCIPAL + 1)
enum iam_principal_match iam_match_principal(const struct iam_statement *s,
                                             const struct iam_request *r);
/* Is `session` the ARN of a session of the role, path or not? */
bool iam_match_role_of(struct slice role, struct slice session);
/* May it be met in a better way than that, which cannot be told? So does a NotPrincipal: what an
 * implicit deny elsewhere may do then, AWS does not say. */
bool iam_match_principal_maybe(const struct iam_statement *s, const struct iam_request *r);
#endif
