#ifndef POLICIES_IAM_LINT_IAM_LINT_H
#define POLICIES_IAM_LINT_IAM_LINT_H
/*
 * What is wrong with a policy document, whatever it is meant to allow: grammar, names that do not
 * exist, statements that cannot match, conditions that do not do what they seem to, more allowed
 * than is wise. All that is wrong is told, each at its own line. Nothing is found about what is not
 * known yet: `unknown` says that there may be more. SPEC: IAM User Guide, "IAM policy validation
 * check reference"
 */
#include "policies/iam/document/iam_doc.h"

enum iam_lint_level { IAM_LINT_ERROR, IAM_LINT_WARNING, IAM_LINT_NOTE };

/* A kind of finding: a row of iam_lint.def. */
struct iam_lint_code {
    const char *code; /* "unknown-action": stable */
    enum iam_lint_level level;
    const char *title; /* what it means */
    const char *fix;   /* what to do */
};
extern const struct iam_lint_code iam_lint_codes[]; /* ends with a NULL code */
const struct iam_lint_code *iam_lint_code_of(const char *code);

/* What the document is for: which elements it may have, how long it may be. */
enum iam_lint_kind {
    /* Principals for sts: actions alone: a trust, or, where they are "*" with resources, an RCP
     * that denies; other principals: a resource's. */
    IAM_LINT_GUESS,
    IAM_LINT_IDENTITY,
    IAM_LINT_RESOURCE,
    IAM_LINT_TRUST,
    IAM_LINT_SCP,
    IAM_LINT_RCP
};

struct iam_lint_options {
    enum iam_lint_kind kind;
    struct iam_texts accounts; /* own ones: their principals are no strangers */
    bool marked;               /* a byte order mark stands in front of the text */
    int64_t since; /* who is let in from then on (iam_access_question)? 0: at any time */
};

struct iam_lint_finding {
    const char *code;
    enum iam_lint_level level;
    size_t number; /* of the statement, from 1; 0: the document */
    struct slice sid;
    uint32_t line;    /* 0: not known */
    const char *text; /* what was found; may hold text of the document */
};

struct iam_lint {
    const struct iam_lint_finding *items; /* by statement, in the order of the checks */
    size_t n;
    size_t errors, warnings;
    enum iam_lint_kind kind; /* never GUESS */
    bool unknown; /* parts that are not known yet, or are too large, were not looked at */
};

/* Checks a document: a map, or a string that holds JSON. `opt` may be NULL. Everything lives in `a`
 * or borrows from the document. */
void iam_lint(const struct value *document, const struct iam_lint_options *opt, struct arena *a,
              struct iam_lint *out);

/* The one finding of a text that could not be parsed. */
void iam_lint_unreadable(const struct err *e, struct arena *a, struct iam_lint *out);

/* "error", "warning", "note"; "identity", "resource", "trust", "scp", "rcp" */
const char *iam_lint_level_name(enum iam_lint_level level);
const char *iam_lint_kind_name(enum iam_lint_kind kind);
bool iam_lint_kind_named(const char *name, enum iam_lint_kind *out);
#endif
