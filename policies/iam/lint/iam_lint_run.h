#ifndef POLICIES_IAM_LINT_IAM_LINT_RUN_H
#define POLICIES_IAM_LINT_IAM_LINT_RUN_H
/* One document being looked at: what the checks of iam_lint share. */
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/text/iam_arn.h"
#include "policies/iam/lint/iam_lint.h"

/* The rows of iam_lint.def. */
enum iam_lint_id {
#define IAM_LINT(id, code, level, title, fix) IAM_LINT_##id,
#include "policies/iam/lint/iam_lint.def"
#undef IAM_LINT
    IAM_LINT_IDS
};

/* A pattern; only one that is `wild` covers others than itself. */
struct iam_lint_name {
    struct slice pattern;
    bool wild;
};

/* A statement with what several checks want to know of it. */
struct iam_lint_statement {
    const struct iam_statement *s;
    struct iam_action_set set;   /* actions of the table that the names match */
    struct iam_lint_name *names; /* of Action or NotAction, in lower case */
    bool whole;                  /* one of the names is all actions */
    bool sure;                   /* every name matches some action, and none is unknown */
    bool star;                   /* has no Resource, or one that is all resources */
    struct iam_arn *arns;        /* of Resource or NotResource, variables left as they are */
    struct iam_arn *wide;        /* ... with a * for each variable */
};

struct iam_lint_run {
    struct arena *arena;
    const struct iam_lint_options *opt;
    enum iam_lint_kind kind;
    const struct value *node; /* the document: a map */
    struct iam_doc doc;
    struct iam_lint_statement *statements; /* doc.n */
    size_t n;                              /* those that are looked at */
    struct iam_lint_finding *items;
    size_t nitems;
    uint64_t work; /* comparisons of patterns that may still be made, in bytes */
    bool cut;
    bool open; /* a question could not be answered */
};

/* Prepares doc.n statements. */
void iam_lint_run_prepare(struct iam_lint_run *r);

/* Adds a finding about a statement (NULL: the document). */
void iam_lint_run_add(struct iam_lint_run *r, enum iam_lint_id code, const struct iam_statement *s,
                      uint32_t line, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* As much of the document's text as a message takes, for "%.*s". */
#define IAM_LINT_TEXT(s) iam_lint_run_shown(s), (const char *)(s).data
int iam_lint_run_shown(struct slice s);

/* The line of item `i` (of those that are known) of an element: "Action". */
uint32_t iam_lint_run_line(const struct iam_statement *s, const char *element, size_t i);
/* The values of a test as they were written; NULL: not there. */
const struct value *iam_lint_run_written(const struct iam_statement *s, const struct iam_test *t);
/* The line of value `i` of a test; SIZE_MAX: of its key. */
uint32_t iam_lint_run_test_line(const struct iam_statement *s, const struct iam_test *t, size_t i);

/* Does `a` cover `b`? Past the work, no. */
bool iam_lint_run_covers(struct iam_lint_run *r, const struct iam_lint_name *a,
                         const struct iam_lint_name *b);

/* Does resource `by` of the list cover resource `i` of another (or the same)? Variables cover what
 * is written the same alone. */
bool iam_lint_run_arn_covers(struct iam_lint_run *r, const struct iam_lint_statement *x, size_t by,
                             const struct iam_lint_statement *y, size_t i);

/* Takes `bytes` of the work; false: there is no more, and the run is cut. */
bool iam_lint_run_work(struct iam_lint_run *r, size_t bytes);
/* The work of holding one text against another, wildcards in either. */
bool iam_lint_run_compare(struct iam_lint_run *r, struct slice a, struct slice b);
/* There is no more: who goes through a list for one answer may leave it. */
bool iam_lint_run_spent(const struct iam_lint_run *r);

/* Is an action of Action ("s3:Get*") one of the service? */
bool iam_lint_run_of_service(struct slice action, const char *service);

/* Is it a key of an identity provider ("accounts.google.com:aud", "SAML:sub")? Those are not in
 * the table. */
bool iam_lint_run_federated(struct slice key);
/* May several values come with it? */
bool iam_lint_run_many(enum iam_key_type type);
/* Does the test need the key, and that it is like one of the values? */
bool iam_lint_run_demands(const struct iam_test *t);
/* The statement demands something of one of the keys (NULL-terminated; "kms:X:*" is a prefix). */
bool iam_lint_run_limited(const struct iam_statement *s, const char *const *keys);
#endif
