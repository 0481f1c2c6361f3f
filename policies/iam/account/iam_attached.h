#ifndef POLICIES_IAM_ACCOUNT_IAM_ATTACHED_H
#define POLICIES_IAM_ACCOUNT_IAM_ATTACHED_H
/*
 * The policy documents of a run, each read once: those that a resource holds, those that an ARN
 * names, and those of AWS itself. For iam_account.
 */
#include "policies/host_index.h"
#include "policies/iam/document/iam_doc.h"

/* A document that may be attached to any number of principals. */
struct iam_attached_doc {
    struct iam_doc doc;
    const struct fact *fact; /* its iam.policy; NULL: of AWS, or in no document of the run */
    const struct fact
        *policy; /* the managed policy of the run that it is; NULL: none, or not asked */
    bool held;   /* by a principal, or as a boundary */
};

/* A list of them. */
struct iam_attached_list {
    struct iam_attached_item {
        struct iam_attached_doc *doc;
    } * items;
    size_t n;
};
void iam_attached_put(struct iam_attached_list *l, struct iam_attached_doc *doc, struct arena *a);

struct iam_attached;

struct iam_attached *iam_attached_new(const struct host_index *ix, struct arena *a);

/* The iam.policy facts of a resource, side by side, each read when asked for the first time. */
struct iam_attached_docs {
    struct iam_attached_doc *items;
    size_t n;
};
struct iam_attached_docs iam_attached_of(struct iam_attached *t, const struct fact *resource);
/* All of the run. */
struct iam_attached_docs iam_attached_all(struct iam_attached *t);

/* "identity", "resource", "trust"; NULL: no iam.policy. */
const char *iam_attached_kind(const struct iam_attached_doc *d);

/* Is the fact a managed policy? */
bool iam_attached_managed(const struct fact *f);

/*
 * The policy that `arn`, said in the document of `from`, names: one of the run, or of AWS; else a
 * document that is unknown. Quick when asked in the order of ARNs.
 */
struct iam_attached_doc *iam_attached_by_arn(struct iam_attached *t, const struct fact *from,
                                             struct slice arn);

/* What a resource that is a managed policy says. */
struct iam_attached_doc *iam_attached_policy(struct iam_attached *t, const struct fact *policy);

/* The ARN of the managed policy of an account that the document is; "policy/path/name" when only
 * that is known, "policy/" and a star when not even that; empty: inline, or of AWS. */
struct slice iam_attached_arn(const struct iam_attached_doc *d, struct arena *a);

/* Order that depends on the facts alone, never on when a document was read. */
int iam_attached_cmp(const struct iam_attached_doc *a, const struct iam_attached_doc *b);
#endif
