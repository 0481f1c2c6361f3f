#ifndef SCANNER_CONFIG_IAM_POLICY_H
#define SCANNER_CONFIG_IAM_POLICY_H
/*
 * AWS policy documents, wherever they are found: a file of their own, a JSON string inside a plan,
 * a property of a template. One `iam.policy` fact, and one `iam.statement` fact for each statement
 * but of an organisation's policies. Strict: what AWS would refuse is an error. Unknown values stay
 * unknown where they stand; a document that is unknown as a whole gives one statement in which
 * everything is unknown, so that no rule passes it by. SPEC: IAM User Guide, "Grammar of the IAM
 * JSON policy language"
 */
#include "scanner/config/doc.h"

enum iam_kind {
    IAM_ANY, /* told from the document */
    IAM_IDENTITY,
    IAM_RESOURCE,
    IAM_TRUST,
    IAM_SCP, /* of an organisation: allow nothing, so their statements are no facts of their own */
    IAM_RCP
};

struct iam_policy {
    const struct value *document; /* a map, or unknown */
    enum iam_kind kind;
    const char *address;       /* of the policy: "aws_iam_role.train#assume_role_policy" */
    const char *resource;      /* address of the resource that holds it, or NULL */
    const char *resource_type; /* its type, or NULL */
    const struct value *at;    /* where all of it is said to be; NULL: each node knows */
};

/* iam_policy_read(d, p, e): nothing is told on false. */
MUST_CHECK bool iam_policy_read(struct doc *d, const struct iam_policy *p, struct err *e);

/* The same for a policy inside another document: text (JSON) or a map. A policy that is wrong
 * becomes a gap of `d` and an unknown document with what is written beside it, since the document
 * around it can still be told. */
void iam_policy_embedded(struct doc *d, const struct iam_policy *p);

/* "identity", "resource", "trust", "scp", "rcp" */
const char *iam_policy_kind(enum iam_kind kind);
#endif
