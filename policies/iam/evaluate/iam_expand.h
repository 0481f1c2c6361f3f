#ifndef POLICIES_IAM_EVALUATE_IAM_EXPAND_H
#define POLICIES_IAM_EVALUATE_IAM_EXPAND_H
/*
 * What policies allow, action by action, as far as actions are known: by which statements, under
 * which denies; and what becomes of each name that they list.
 */
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/evaluate/iam_evaluate.h"

struct iam_grant {
    const struct iam_doc *doc;
    const struct iam_statement *statement;
};

/* An action that some statement allows, and no statement denies altogether. */
struct iam_allowed {
    size_t action;                  /* number in the table */
    const struct iam_grant *grants; /* Allow statements */
    size_t ngrants;
    const struct iam_grant *limits; /* Deny statements for some resources or conditions */
    size_t nlimits;
    bool plain; /* on every resource, under no condition, without limits */
};

/* A name of Action or NotAction. */
enum iam_listed_state {
    IAM_LISTED_USED,
    IAM_LISTED_UNKNOWN,  /* no action of AWS matches it */
    IAM_LISTED_REDUNDANT /* all that it matches, another name of the same list matches too */
};

struct iam_listed {
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    struct slice name;
    enum iam_listed_state state;
    size_t matches;     /* actions */
    struct slice other; /* UNKNOWN: the nearest name (or empty); REDUNDANT: the one that covers */
};

struct iam_expansion {
    const struct iam_allowed *allowed; /* by number of the action */
    size_t n;
    const struct iam_listed *listed; /* in the order of the documents */
    size_t nlisted;
    /* a part that is not known yet may allow or deny more; or there are more statements to name
     * than LIMIT_IAM_EXPAND_PAIRS */
    bool unknown;
};

/* All of `out` lives in `a` or borrows from the documents. */
void iam_expand(const struct iam_docs *docs, struct arena *a, struct iam_expansion *out);

/*
 * iam_expand_within(x, boundary, a): takes away what no policy of a permissions boundary allows,
 * and gives how many actions those are; what the boundary allows on some resources or under
 * conditions alone has its statements among the limits.
 */
size_t iam_expand_within(struct iam_expansion *x, const struct iam_docs *boundary, struct arena *a);

/* The action of the table nearest to a name that is none, in the same service; false: none near. */
bool iam_expand_nearest(struct slice name, struct arena *a, struct slice *out);
#endif
