#ifndef POLICIES_IAM_COMPARE_IAM_COMPARE_H
#define POLICIES_IAM_COMPARE_IAM_COMPARE_H
/*
 * Does one set of policies allow anything that another does not? Exact over actions (of today, and
 * what AWS may add), ARNs by their fields, principals and condition keys, within a budget; never a
 * wrong "no". YES carries a request that evaluation allows under the new policies and not under the
 * old; where it can, one that can happen: an action of AWS on a resource of its own types.
 * Policies that name principals are a resource's: then statements that name none say nothing.
 */
#include "policies/iam/evaluate/iam_evaluate.h"

/* What must allow a request besides: a permissions boundary, the SCPs of a level. */
struct iam_limits {
    const struct iam_docs *items;
    size_t n;
};

struct iam_compare_options {
    uint64_t budget;      /* steps of automata and of the search; 0: IAM_COMPARE_BUDGET */
    bool known_actions;   /* ask only about actions of the table, and such as the policies name in
                            full; else also about whatever AWS may add */
    bool exempt_too;      /* also about actions that policies have no say in (sts:GetCallerIdentity
                             needs no permission): what they say, not what follows */
    bool typed_resources; /* an action is asked only on ARNs of its own resource types */
    struct iam_limits old_limits, new_limits; /* of each side */
};
#define IAM_COMPARE_BUDGET 2000000u /* states: well under a second */

struct iam_counterexample {
    struct slice action, resource, principal; /* principal empty where the policies name none */
    const struct iam_key *keys;               /* the least context that makes it */
    size_t nkeys;
    const struct iam_doc *doc; /* which statement of the new policies allows it */
    const struct iam_statement *statement;
    const char *why_not; /* why the old ones do not: one sentence */
};

struct iam_comparison {
    enum iam_answer wider; /* YES: new allows more; NO: it does not; MAYBE: could not tell */
    struct iam_counterexample example; /* of YES */
    const char *unknown;               /* of MAYBE: what stood in the way */
    uint64_t states;                   /* visited */
};

/* The documents of `old` and `new_docs` stand side by side, on one principal or one resource. */
void iam_compare(const struct iam_docs *old, const struct iam_docs *new_docs,
                 const struct iam_compare_options *opt, struct arena *a,
                 struct iam_comparison *out);

/*
 * Who outside may come in by a resource's policy? IAM_ACCESS_PUBLIC: anybody, be it without
 * credentials, of any account of AWS, or of an identity provider that takes everybody.
 * IAM_ACCESS_CROSS: also named principals outside of `accounts` (numbers; organisations "o-...").
 * Outsiders choose whatever of the context the owner does not fix (iam_outsider.h). The example is
 * such a request; why_not says what makes its caller an outsider. A Resource that is not known yet
 * is the one that the policy belongs to.
 */
enum iam_access { IAM_ACCESS_PUBLIC, IAM_ACCESS_CROSS };
struct iam_access_question {
    enum iam_access kind;
    const struct iam_texts *accounts;
    int64_t since; /* seconds since 1970: requests of that time and later; 0: of any time */
};
void iam_compare_access(const struct iam_doc *policy, const struct iam_access_question *q,
                        struct arena *a, struct iam_comparison *out);
#endif
