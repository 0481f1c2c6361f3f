#ifndef POLICIES_IAM_IAM_ESCALATE_H
#define POLICIES_IAM_IAM_ESCALATE_H
/*
 * Ways from what a principal may do to what others may: the documented paths of privilege
 * escalation (rules/iam/escalations.yaml), asked of all policies that are attached, with denies,
 * conditions, boundaries and the trust of the roles that could be passed or assumed.
 */
#include "policies/iam/iam_account.h"

enum iam_certainty {
    IAM_POSSIBLE, /* the actions are allowed; whether a role or object to use them on exists cannot be told */
    IAM_CONFIRMED /* ... and one is known: named in `target` */
};

/* One step: an action that is allowed, on what, and by which statement. */
struct iam_step {
    struct slice action, resource;
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    enum iam_answer allowed; /* YES, or MAYBE: an unknown stands in the way */
    const char *
        condition; /* context that it needs: "iam:PassedToService = sagemaker.amazonaws.com"; or NULL */
};

struct iam_escalation {
    const char *id;    /* "sagemaker-001" */
    const char *title; /* "iam:PassRole + sagemaker:CreateNotebookInstance" */
    const char *gain;  /* one sentence: what is won */
    enum iam_certainty certainty;
    const struct iam_party *target; /* the role, user, ... that is reached; NULL: cannot be told */
    bool target_admin;              /* it may do everything */
    const struct iam_step *steps;
    size_t nsteps;
};

struct iam_escalations {
    const struct iam_escalation *items; /* in the order of the table */
    size_t n;
    bool unknown; /* something that could not be told may hide more */
};

struct iam_paths; /* the table, read once */
MUST_CHECK bool iam_escalate_paths(const struct value *doc, struct arena *a,
                                   const struct iam_paths **out, struct err *e);

/* What can `who` do? `acc` may be NULL: then nothing is confirmed. */
void iam_escalate(const struct iam_paths *paths, const struct iam_account *acc,
                  const struct iam_party *who, struct arena *a, struct iam_escalations *out);
#endif
