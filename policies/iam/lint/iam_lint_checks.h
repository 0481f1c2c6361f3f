#ifndef POLICIES_IAM_LINT_IAM_LINT_CHECKS_H
#define POLICIES_IAM_LINT_IAM_LINT_CHECKS_H
/* The checks of iam_lint, each in the file of its name; `x` is one statement of the run. */
#include "policies/iam/lint/iam_lint_run.h"

/* Faults of form, version, kind and length of the document. */
void iam_lint_form(struct iam_lint_run *r, const struct iam_faults *faults);
/* The kind of a document that says nothing of it. */
enum iam_lint_kind iam_lint_form_kind(const struct value *doc);

/* Elements of one statement that the kind of policy demands, or does not take. */
void iam_lint_elements(struct iam_lint_run *r, const struct iam_statement *s);

/* Names of Action and NotAction. */
void iam_lint_actions(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* ARNs of Resource and NotResource, each for itself and among each other. */
void iam_lint_arns(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* An ARN of six fields against the forms of its service's resources; `text`: as written. */
void iam_lint_shapes(struct iam_lint_run *r, const struct iam_statement *s,
                     const struct iam_arn *arn, struct slice text, uint32_t line);
/* Has some resource of AWS an ARN that the pattern matches? Past the work, so it has. */
bool iam_lint_shapes_known(struct iam_lint_run *r, const struct iam_arn *arn);
/* Actions against resources. */
void iam_lint_reach(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* Operators and keys of Condition. */
void iam_lint_tests(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* The key of one test. */
void iam_lint_keys(struct iam_lint_run *r, const struct iam_lint_statement *x,
                   const struct iam_test *t, uint32_t line);
/* Values of one test, for themselves. */
void iam_lint_values(struct iam_lint_run *r, const struct iam_statement *s,
                     const struct iam_test *t);
/* One value of a test, by what its key holds. */
void iam_lint_formats(struct iam_lint_run *r, const struct iam_statement *s,
                      const struct iam_test *t, size_t i);
/* Variables in one text; `arn`: of Resource. */
void iam_lint_variables(struct iam_lint_run *r, const struct iam_statement *s, uint32_t line,
                        struct slice text, bool arn);
/* Forms of principals. */
void iam_lint_principals(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* Whom the statement lets in. */
void iam_lint_trust(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* Identity providers whose tokens the statement takes. */
void iam_lint_federation(struct iam_lint_run *r, const struct iam_statement *s);
/* Actions and principals of trust policies, statements together. */
void iam_lint_roles(struct iam_lint_run *r);
/* How much it allows. */
void iam_lint_width(struct iam_lint_run *r, const struct iam_lint_statement *x);
/* Statements that others make useless. */
void iam_lint_pairs(struct iam_lint_run *r);
#endif
