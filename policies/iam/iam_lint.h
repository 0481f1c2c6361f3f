#ifndef POLICIES_IAM_IAM_LINT_H
#define POLICIES_IAM_IAM_LINT_H
/*
 * What is wrong with a policy document, whatever it is meant to allow: grammar, names that do not
 * exist, statements that cannot match, conditions that do not do what they seem to.
 */
#include "policies/iam/iam_doc.h"

enum iam_lint_level {
    IAM_LINT_ERROR,   /* AWS refuses it, or it can never do what it says */
    IAM_LINT_WARNING, /* it does something else than it seems to, or more than it should */
    IAM_LINT_NOTE
};

struct iam_lint_finding {
    const char *code; /* "unknown-action": stable, rows of iam_lint_codes */
    enum iam_lint_level level;
    const struct iam_statement *statement; /* NULL: the document */
    size_t number;                         /* of the statement, from 1; 0: the document */
    uint32_t line;
    const char *text; /* what was found */
};

/* A kind of finding. */
struct iam_lint_code {
    const char *code;
    enum iam_lint_level level;
    const char *title; /* what it means */
    const char *fix;   /* what to do */
};
extern const struct iam_lint_code iam_lint_codes[]; /* ends with a NULL code */
const struct iam_lint_code *iam_lint_code_of(const char *code);

struct iam_lint {
    const struct iam_lint_finding *items; /* by statement, in the order of the checks */
    size_t n;
    size_t errors, warnings;
    bool unknown; /* parts that are not known yet were not looked at */
};

/* Reads and checks a document: a map, or a string that holds JSON. Finds all that is wrong with the
 * grammar, a statement each. Everything lives in `a` or borrows from the document. */
void iam_lint(const struct value *document, struct arena *a, struct iam_lint *out);

/* "error", "warning", "note" */
const char *iam_lint_level_name(enum iam_lint_level level);
#endif
