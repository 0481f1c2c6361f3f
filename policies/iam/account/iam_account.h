#ifndef POLICIES_IAM_ACCOUNT_IAM_ACCOUNT_H
#define POLICIES_IAM_ACCOUNT_IAM_ACCOUNT_H
/*
 * The principals of a run with everything attached to them: users, groups, roles of Terraform
 * plans, CloudFormation templates, snapshots of an account, and policy files. Attachments by
 * reference are followed; what they lead to and nobody knows leaves the set unknown, never empty.
 */
#include "policies/iam/evaluate/iam_evaluate.h"
#include "policies/host_index.h"
#include "scanner/facts.h"

enum iam_entity { IAM_ENTITY_USER, IAM_ENTITY_GROUP, IAM_ENTITY_ROLE, IAM_ENTITY_FILE };

struct iam_party {
    enum iam_entity kind;
    const struct fact *fact;
    const char *address;      /* of the resource */
    struct slice arn;         /* where it is known, else empty; wildcards never */
    struct slice name;        /* where it is known */
    struct iam_docs attached; /* inline, managed, and those of its groups */
    /* Of those, the account's own managed policies: ARNs, or "policy/path/name" where only that is
     * known, the name perhaps a star. */
    struct iam_texts managed;
    const struct iam_docs *boundary; /* NULL: none */
    const struct iam_doc *trust;     /* of a role; NULL for others */
    const struct iam_party *const *groups;
    size_t ngroups;
    /* The iam.policy facts of all of these, each once; those of AWS, and of an account that the run
     * does not show, have none. */
    const struct fact *const *policies;
    size_t npolicies;
};

/* A thing of the run that runs as a role. */
struct iam_runner {
    const char *object; /* what it is, as the paths of escalation call it: "function" */
    const struct fact *fact;
    const struct iam_party *role;
    struct slice name;  /* that ends its ARN; empty: not known yet */
    const char *behind; /* what follows the name there, as a pattern */
};

struct iam_account {
    const struct iam_party *parties; /* in the order of the facts */
    size_t n;
    const struct iam_runner *runners;
    size_t nrunners;
    struct slice number; /* 12 digits, where one is known */
};

/* Reads once; everything lives in `a` or borrows from the facts. Documents that break the grammar
 * are gaps already (scanner/config) and unknown here. */
void iam_account_read(const struct facts *f, struct arena *a, struct iam_account *out);
/* The same for facts that are indexed already. */
void iam_account_read_index(const struct host_index *ix, struct arena *a, struct iam_account *out);
/* Are they one and the same: the party itself, or what a plan makes of one of a snapshot? */
bool iam_account_same(const struct iam_party *a, const struct iam_party *b);
const struct iam_party *iam_account_find(const struct iam_account *acc, const struct fact *f);
#endif
