#ifndef POLICIES_IAM_IAM_MATCH_H
#define POLICIES_IAM_IAM_MATCH_H
/*
 * Does a statement speak of a request? Action, resource and principal, each for itself. SPEC: IAM
 * User Guide, "IAM JSON policy elements reference": Action, Resource, Principal, "Variables and
 * tags"
 */
#include "policies/iam/iam_request.h"

/* `*` any run, `?` one character (of UTF-8); linear time for any pattern. */
bool iam_match_glob(struct slice pattern, struct slice text, bool ignore_case);

/*
 * Segment-aware: the first five fields of an ARN take no ':' by wildcard, but a `*` that is the last
 * character of a field of a shorter pattern may run to the end ("arn:aws:s3*", "*"). Case counts.
 */
bool iam_match_arn(struct slice pattern, struct slice arn);

enum iam_answer iam_match_action(const struct iam_statement *s, struct slice action);
enum iam_answer iam_match_resource(const struct iam_doc *d, const struct iam_statement *s,
                                   const struct iam_request *r, struct arena *a);

/* How a principal element was met: which name decides what an implicit deny elsewhere may do. */
enum iam_principal_match {
    IAM_MATCH_NONE,
    IAM_MATCH_MAYBE,
    IAM_MATCH_ACCOUNT,   /* the account or its root: delegates only */
    IAM_MATCH_ANY,       /* "*" */
    IAM_MATCH_ROLE,      /* the role of the session */
    IAM_MATCH_PRINCIPAL, /* the user, session or federated user itself, or the service */
};
enum iam_principal_match iam_match_principal(const struct iam_statement *s,
                                             const struct iam_request *r);

/*
 * iam_match_variables(d, text, c, a, out): replaces ${key}, ${key, 'default'}, ${*}, ${?}, ${$}.
 * Wildcards that come from a value are literal: in the result each literal `*`, `?` or '\\' stands
 * behind a '\\' (as iam_match_escaped reads it). NO: a key is absent and has no default: the
 * statement does not match; MAYBE: a key is unknown. Documents without variables: the text itself.
 */
enum iam_answer iam_match_variables(const struct iam_doc *d, struct slice text,
                                    const struct iam_context *c, struct arena *a,
                                    struct slice *out);

/* As iam_match_glob, with '\\' before a character that is meant literally. */
bool iam_match_escaped(struct slice pattern, struct slice text, bool ignore_case);
/* As iam_match_arn, with '\\' before a character that is meant literally. */
bool iam_match_escaped_arn(struct slice pattern, struct slice arn);
#endif
