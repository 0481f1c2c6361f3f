#ifndef POLICIES_IAM_EVALUATE_IAM_EVALUATE_H
#define POLICIES_IAM_EVALUATE_IAM_EVALUATE_H
/*
 * May this request be made? All policies that have a say, as AWS joins them: explicit denies, RCPs
 * and SCPs of each level, the resource's policy, identity, boundary and session policies, the VPC
 * endpoint's; role trust and KMS key policies with their exceptions. SPEC: IAM User Guide, "Policy
 * evaluation logic", "Cross-account policy evaluation logic"
 */
#include "policies/iam/evaluate/iam_condition.h"

/* Which policy speaks. */
enum iam_side {
    IAM_SIDE_IDENTITY,
    IAM_SIDE_RESOURCE,
    IAM_SIDE_BOUNDARY,
    IAM_SIDE_SESSION,
    IAM_SIDE_SCP,
    IAM_SIDE_RCP,
    IAM_SIDE_ENDPOINT,
    IAM_SIDE_COUNT
};

struct iam_docs {
    const struct iam_doc *items;
    size_t n;
    bool unknown; /* there may be more of them */
};

/* The policies of one level of the organisation: root, each unit, the account. One must allow. */
struct iam_level {
    const char *name;
    struct iam_docs docs;
};

/* All sides of a request. A side that is not given has no say. */
struct iam_question {
    struct iam_request request;
    struct iam_docs identity;
    const struct iam_doc
        *resource;         /* the resource's policy, a role's trust, a key's policy; or NULL */
    bool resource_unknown; /* nobody knows whether the resource has a policy */
    const struct iam_docs *boundary; /* NULL: none */
    const struct iam_docs *session;  /* NULL: none */
    const struct iam_level *scps;
    size_t nscps;
    /* the default RCPFullAccess is understood; a deny of another service than those that AWS lists
     * for RCPs is a MAYBE */
    const struct iam_level *rcps;
    size_t nrcps;
    const struct iam_docs *endpoint; /* NULL: not through an endpoint */
};

enum iam_decision { IAM_ALLOWED, IAM_IMPLICITLY_DENIED, IAM_EXPLICITLY_DENIED, IAM_UNDECIDED };

/* A statement that matched, may have matched, or nearly did. */
struct iam_reason {
    enum iam_side side;
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    enum iam_answer matched;
    /* of a near miss or a maybe: "Condition StringEquals aws:SourceVpce does not match"; or NULL */
    const char *why;
};

struct iam_verdict {
    enum iam_decision decision;
    enum iam_answer sides[IAM_SIDE_COUNT]; /* does the side allow? YES where it has no say */
    /* Of a denial: would the side alone stand in the way of a request that identity or resource
     * policies allow? It denies, or it limits (boundary, session, SCP, endpoint) and allows not. */
    bool blocks[IAM_SIDE_COUNT];
    const struct iam_reason *reasons; /* denies, then allows, then maybes, then near misses */
    size_t nreasons;
    const char *text; /* one sentence: who allowed, or which side did not */
};

/* Has the resource always a policy of its own that must allow (a role's trust, the policy of a KMS
 * key)? Who does not know it sets resource_unknown. */
bool iam_evaluate_owned(const struct iam_request *r);

/* Never fails: what cannot be told is IAM_UNDECIDED. All of `out` lives in `a`, or borrows. */
void iam_evaluate(const struct iam_question *q, struct arena *a, struct iam_verdict *out);

/* The decision alone, without reasons: for those who ask a million times. */
enum iam_decision iam_evaluate_decide(const struct iam_question *q, struct arena *a);

/* Does the statement match the request? All of its parts. */
enum iam_answer iam_evaluate_statement(const struct iam_doc *d, const struct iam_statement *s,
                                       const struct iam_request *r, struct arena *a);

/* "allowed", "implicitly denied", "explicitly denied", "undecided"; "identity", "resource", ... */
const char *iam_evaluate_decision_name(enum iam_decision d);
const char *iam_evaluate_side_name(enum iam_side s);
#endif
