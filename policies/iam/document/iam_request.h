#ifndef POLICIES_IAM_DOCUMENT_IAM_REQUEST_H
#define POLICIES_IAM_DOCUMENT_IAM_REQUEST_H
/* Who wants to do what to which resource, under which circumstances. SPEC: IAM User Guide, "Policy
 * evaluation logic", "The request context" */
#include "policies/iam/document/iam_doc.h"

/* One key of the request's context. */
struct iam_key {
    struct slice name; /* compares without case: "aws:SourceVpce" */
    const struct slice *values;
    size_t n;     /* 0: the key is there and has no values */
    bool many;    /* multivalued: a list in the request; variables do not take it */
    bool unknown; /* the key may be there or not, with whatever value */
    /* Of an unknown one: patterns of ARNs. Then it is there, and like one of them, and nobody knows
     * which. */
    const struct slice *like;
    size_t nlike;
};

/*
 * Three questions that cloud-copilot/iam-simulate answers otherwise than AWS documents: does a
 * negated operator hold for a value whose variable is absent (SPEC: IAM User Guide, "Policy
 * variables with no value": yes; it: no), and may a resource's policy that names a session, or
 * everybody, give what the session policy leaves out (SPEC: "AWS JSON policy elements: Principal":
 * yes; it: no), and does a Deny with NotPrincipal spare whom it names without the account, or a
 * session without its role (SPEC: "AWS JSON policy elements: NotPrincipal": perhaps; it: yes).
 */
enum iam_reading { IAM_READING_AWS, IAM_READING_SIMULATE };

/* What is not named in `keys` is absent; with `open`, nobody knows whether it is there. */
struct iam_context {
    const struct iam_key *keys;
    size_t n;
    bool open;
    enum iam_reading reading;
};

struct iam_request {
    struct slice action;   /* "s3:GetObject" */
    struct slice resource; /* an ARN, or "*" for actions that have none */
    /* 12 digits: the account the resource belongs to; empty: taken from the ARN, and when the ARN
     * has none either (S3), the account of the principal */
    struct slice resource_account;
    /* an ARN (user, role, assumed-role session, federated user, root), "x.amazonaws.com" for a
     * service, a canonical user id, "*" or "anonymous" for nobody in particular */
    struct slice principal;
    struct iam_context context;
    bool wildcard_only; /* the action has no resource types: only patterns like "*" match */
};

/* The key of that name, or NULL. */
const struct iam_key *iam_request_key(const struct iam_context *c, struct slice name);

/* A key of one value; its list lives in `a`. */
struct iam_key iam_request_single(const char *name, struct slice value, struct arena *a);

/* The nth field of an ARN, from 0 ("arn"), of the first five; empty when there is none. */
struct slice iam_request_field(struct slice arn, unsigned n);

/* The account in an ARN (fifth field), or empty; of "123456789012" itself. */
struct slice iam_request_account(struct slice arn);

/*
 * iam_request_read_context(v, a, out, e): {"key": "value" | [values] | bool | number, ...}; a list
 * makes the key multivalued; an unknown value an unknown key. ERR_USAGE with the key otherwise.
 */
MUST_CHECK bool iam_request_read_context(const struct value *v, struct arena *a,
                                         struct iam_context *out, struct err *e);
#endif
