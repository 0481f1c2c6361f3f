#ifndef POLICIES_IAM_IAM_COMPARE_H
#define POLICIES_IAM_IAM_COMPARE_H
/*
 * Does one set of policies allow anything that another does not? Exact over classes of actions,
 * segment-aware ARNs and condition keys, within a budget; the answer is never a wrong "no": YES
 * carries a request that iam_evaluate allows under the new policies and not under the old.
 */
#include "policies/iam/iam_evaluate.h"

/* Policies that stand side by side on one principal or resource. */
struct iam_compare_options {
    uint64_t budget;      /* states of automata; 0: IAM_COMPARE_BUDGET */
    bool known_actions;   /* ask only about actions of the table; else one further, unknown action
                            stands for all that AWS may add */
    bool typed_resources; /* an action is asked only on ARNs of its own resource types */
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

void iam_compare(const struct iam_docs *old, const struct iam_docs *new_docs,
                 const struct iam_compare_options *opt, struct arena *a,
                 struct iam_comparison *out);

/*
 * Who outside may come in by a resource's policy? IAM_ACCESS_PUBLIC: anybody (no account, nothing
 * but context that an outsider chooses); IAM_ACCESS_CROSS: a principal outside of the accounts
 * given. The example is such a request.
 */
enum iam_access { IAM_ACCESS_PUBLIC, IAM_ACCESS_CROSS };
void iam_compare_access(const struct iam_doc *policy, enum iam_access kind,
                        const struct iam_texts *accounts, struct arena *a,
                        struct iam_comparison *out);
#endif
