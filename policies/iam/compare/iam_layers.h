#ifndef POLICIES_IAM_COMPARE_IAM_LAYERS_H
#define POLICIES_IAM_COMPARE_IAM_LAYERS_H
/*
 * Policies in layers: those that grant, and each set of limits that must allow too. A Deny of any
 * layer denies. What a comparison must make match, and must make fail, follows from them.
 */
#include "policies/iam/compare/iam_atom.h"
#include "policies/iam/compare/iam_compare.h"

struct iam_claims {
    struct iam_claim *items;
    size_t n;
};

struct iam_layer {
    struct iam_claims allow, deny, either; /* either: nobody knows the effect yet */
    bool unknown;                          /* further statements may stand there */
};

struct iam_layers {
    struct iam_layer *items; /* the first grants, the others limit */
    size_t n;
    const struct iam_doc *lost_doc; /* an Allow that names no principal where others do, or NULL */
    const struct iam_statement *lost;
};

/* `principals`: the granting policies are a resource's. Limits never are. */
void iam_layers_read(struct iam_atoms *t, const struct iam_docs *docs,
                     const struct iam_limits *limits, bool principals, struct iam_layers *out);
bool iam_layers_unknown(const struct iam_layers *l);

struct iam_claim_list {
    const struct iam_claim **items;
    size_t n;
};

/* What nobody knows is taken as whatever makes a difference (hopeful), or as what makes none. */
struct iam_roles {
    struct iam_claim_list *allow; /* of each new layer: one must match */
    size_t *nchanged;             /* the first so many of them are not on the old side, too */
    size_t nallow;
    struct iam_claim_list deny;     /* of the new: none may match */
    struct iam_claim_list *neither; /* of each old layer: its Allows, and `deny` */
    size_t nneither;
    struct iam_claim_list old_deny; /* or one of these matches, and none of `deny` */
};

void iam_layers_cast(const struct iam_layers *old, const struct iam_layers *fresh, bool hopeful,
                     struct arena *a, struct iam_roles *out);
#endif
