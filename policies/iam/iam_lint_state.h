#ifndef POLICIES_IAM_IAM_LINT_STATE_H
#define POLICIES_IAM_IAM_LINT_STATE_H
/* What the checks of a document share (iam_lint.h). */
#include "policies/iam/iam_actions.h"
#include "policies/iam/iam_lint.h"

struct iam_lint_state {
    struct arena *arena;
    const struct iam_doc *doc;
    const struct iam_action_set *sets; /* for each statement: what its actions match, Not applied */
    struct iam_lint_finding *items;
    size_t n;
};

/* A finding about a statement (NULL: the document) at its own line. */
void iam_lint_add(struct iam_lint_state *s, const char *code, const struct iam_statement *st,
                  const char *fmt, ...) PRINTF_LIKE(4, 5);

/* iam_lint_names.c: actions and resources. */
void iam_lint_names(struct iam_lint_state *s, const struct iam_statement *st);
/* iam_lint_tests.c: conditions. */
void iam_lint_tests(struct iam_lint_state *s, const struct iam_statement *st);
/* iam_lint_trust.c: principals, and what statements grant them. */
void iam_lint_trust(struct iam_lint_state *s, const struct iam_statement *st);
/* iam_lint_reach.c: statements against each other. */
void iam_lint_reach(struct iam_lint_state *s);
#endif
