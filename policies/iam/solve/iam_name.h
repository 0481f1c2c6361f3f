#ifndef POLICIES_IAM_SOLVE_IAM_NAME_H
#define POLICIES_IAM_SOLVE_IAM_NAME_H
/*
 * Is there an action that these lists of patterns match and those do not? About any text of the
 * form service:name, for what AWS may add tomorrow; of today's actions the table knows
 * (iam_actions.h).
 */
#include "policies/iam/document/iam_doc.h"
#include "policies/iam/text/iam_automaton.h"

struct iam_name_entry {
    struct slice text;    /* as the policy has it */
    struct slice service; /* in small letters; empty: of any */
    struct slice pattern; /* of the whole text, in small letters, escaped */
    bool wild;
};

/* A list of Action or NotAction made ready: what can match, those of any service first, then by
 * service. */
struct iam_name_list {
    const struct iam_name_entry *entries;
    size_t n;
};

void iam_name_prepare(const struct iam_texts *list, struct arena *a, struct iam_name_list *out);

enum iam_name_kind {
    IAM_NAME_ANY,   /* whatever a service may call its actions */
    IAM_NAME_NEW,   /* ... and the table does not have */
    IAM_NAME_SPOKEN /* ... and a list names it in full, without wildcards */
};

struct iam_name_lists {
    enum iam_name_kind kind;
    const struct iam_name_list *const *in; /* each of these must match */
    size_t nin;
    const struct iam_name_list *const *out; /* none of these may */
    size_t nout;
};

/* YES: `*name` is such an action, in `a`. MAYBE: the budget ran out. */
enum iam_answer iam_name_find(const struct iam_name_lists *l, struct iam_budget *b, struct arena *a,
                              struct slice *name);
#endif
