#ifndef POLICIES_IAM_ACCOUNT_IAM_PARTY_H
#define POLICIES_IAM_ACCOUNT_IAM_PARTY_H
/*
 * The principals of a run by what names them: the resource, a name in its own document, an ARN
 * anywhere. For iam_account.
 */
#include "policies/host_index.h"
#include "policies/iam/account/iam_account.h"
#include "policies/iam/account/iam_attached.h"

/* A principal while it is put together. */
struct iam_party_draft {
    struct iam_party party; /* as it will be told */
    struct iam_attached_list docs;
    struct slice *inline_names; /* of the first `named` of `docs`, sorted; for iam_tie */
    size_t ninline_names, named;
    bool unknown; /* more may be attached than `docs` */
    bool bounded;
    struct iam_attached_doc *boundary; /* of `bounded`; NULL: unknown */
    struct iam_attached_doc *trust;    /* that of the party */
    struct iam_party_group {
        struct iam_party_draft *draft;
    } * groups;
    size_t ngroups;
};

struct iam_parties {
    const struct host_index *ix;
    struct arena *arena;
    struct iam_party_draft *drafts; /* in the order of the facts */
    size_t n;
    struct iam_party_name *names; /* sorted */
    size_t nnames;
};

void iam_party_collect(const struct host_index *ix, struct arena *a, struct iam_parties *out);

struct iam_party_draft *iam_party_of(const struct iam_parties *p, const struct fact *f);

/* What a name, an ARN or a reference in the document of `from` leads to. */
struct iam_party_hits {
    struct iam_party_draft *one;     /* surely this one; NULL: */
    const struct fact *const *maybe; /* one of these, `n` of them, which may be no principals */
    size_t n;
    bool vague; /* any of the document may be meant */
};
struct iam_party_hits iam_party_resolve(const struct iam_parties *p, const struct fact *from,
                                        const struct value *v, enum iam_entity entity);

/* iam_party_refs(ix, from, gap): where all references of an unknown lead: the one fact; NULL: to
 * several, to none, or not known. */
const struct fact *iam_party_refs(const struct host_index *ix, const struct fact *from,
                                  const struct value_gap *gap);
#endif
