#ifndef POLICIES_IAM_DOCUMENT_IAM_DOC_H
#define POLICIES_IAM_DOCUMENT_IAM_DOC_H
/*
 * A policy document, read once into what every question of this room asks: statements with their
 * parts as lists, operators parsed, places kept. What a plan does not tell yet stays unknown, part
 * by part; an answer that hangs on it is IAM_MAYBE. SPEC: IAM User Guide, "Grammar of the IAM JSON
 * policy language"
 */
#include "base/value.h"
#include "policies/iam/text/iam_answer.h"

enum iam_effect { IAM_ALLOW, IAM_DENY, IAM_EFFECT_UNKNOWN };

/* A list of texts. `unknown`: further items may stand here that nobody can tell yet. */
struct iam_texts {
    const struct slice *items;
    size_t n;
    bool unknown;
};

/* One name of Principal or NotPrincipal. */
enum iam_principal_type {
    IAM_PRINCIPAL_ANY, /* "*", and {"*": "*"} */
    IAM_PRINCIPAL_AWS, /* account number or root, user, role, session ARN, or "*" */
    IAM_PRINCIPAL_SERVICE,
    IAM_PRINCIPAL_FEDERATED,
    IAM_PRINCIPAL_CANONICAL
};

struct iam_principal {
    enum iam_principal_type type;
    struct slice name;
};

/* SPEC: IAM User Guide, "IAM JSON policy elements: Condition operators" */
enum iam_operator {
    IAM_STRING_EQUALS,
    IAM_STRING_NOT_EQUALS,
    IAM_STRING_EQUALS_IGNORE_CASE,
    IAM_STRING_NOT_EQUALS_IGNORE_CASE,
    IAM_STRING_LIKE,
    IAM_STRING_NOT_LIKE,
    IAM_NUMERIC_EQUALS,
    IAM_NUMERIC_NOT_EQUALS,
    IAM_NUMERIC_LESS,
    IAM_NUMERIC_LESS_EQUALS,
    IAM_NUMERIC_GREATER,
    IAM_NUMERIC_GREATER_EQUALS,
    IAM_DATE_EQUALS,
    IAM_DATE_NOT_EQUALS,
    IAM_DATE_LESS,
    IAM_DATE_LESS_EQUALS,
    IAM_DATE_GREATER,
    IAM_DATE_GREATER_EQUALS,
    IAM_BOOL,
    IAM_BINARY_EQUALS,
    IAM_IP_ADDRESS,
    IAM_NOT_IP_ADDRESS,
    IAM_ARN_EQUALS,
    IAM_ARN_NOT_EQUALS,
    IAM_ARN_LIKE,
    IAM_ARN_NOT_LIKE,
    IAM_NULL,
    IAM_OPERATOR_UNKNOWN /* no operator of this name: AWS refuses the policy; never satisfied */
};

enum iam_quantifier { IAM_ONE, IAM_FOR_ALL_VALUES, IAM_FOR_ANY_VALUE };

/* One key under one operator: all tests of a statement must hold. */
struct iam_test {
    enum iam_operator op;
    enum iam_quantifier quantifier;
    bool if_exists;
    struct slice op_text; /* as written: "ForAnyValue:StringLikeIfExists" */
    struct slice key;     /* as written; compares without case */
    struct iam_texts values;
    bool refers; /* what is unknown of them is one thing of the same document each: no wildcards */
};

struct iam_statement {
    size_t index; /* in the document, from 0 */
    uint32_t line;
    const struct value *node; /* as it stood in the document */
    struct slice sid;
    enum iam_effect effect;
    bool not_action, not_resource, not_principal; /* the list is that of NotAction, ... */
    bool has_resource, has_principal;
    struct iam_texts actions, resources;
    const struct iam_principal *principals;
    size_t nprincipals;
    bool principals_unknown; /* some principal, or all of the element */
    /* Of each of those that are unknown, what can be said for certain: that it is one of this type,
     * by this name, in which "${?}" stands for what is not known. NULL: of some, nothing. */
    const struct iam_principal *hints;
    size_t nhints;
    const struct iam_test *tests;
    size_t ntests;
    bool tests_unknown; /* there may be further tests */
};

struct iam_doc {
    const char *name; /* where it is from, for messages: address or file; "" when not given */
    bool variables;   /* Version 2012-10-17: ${...} are variables */
    const char *version;
    const struct iam_statement *statements;
    size_t n;
    bool unknown; /* the document, or its list of statements: further statements may stand here */
};

/*
 * iam_doc_read(v, name, a, out, e) reads a document from a map, or from a string that holds JSON.
 * An unknown value gives a document that is unknown as a whole; unknown leaves stay. Strict: what
 * AWS refuses (an unknown element, both Action and NotAction, no Effect, ...) is ERR_FORMAT with
 * the line, the statement's number and what was found. `out` borrows from `v` and from `a`.
 */
MUST_CHECK bool iam_doc_read(const struct value *v, const char *name, struct arena *a,
                             struct iam_doc *out, struct err *e);

/*
 * The same, reading on where AWS refuses the form but simulators do not: empty lists and texts, no
 * Resource, an unknown Version or condition operator (never satisfied), two statements of one Sid,
 * a principal that is bare text. For lint and tests.
 */
MUST_CHECK bool iam_doc_read_lenient(const struct value *v, const char *name, struct arena *a,
                                     struct iam_doc *out, struct err *e);

/* What AWS refuses. */
enum iam_fault_kind {
    IAM_FAULT_GRAMMAR,
    IAM_FAULT_OPERATOR, /* no operator of that name: the statement is read, never satisfied */
    IAM_FAULT_SID       /* the Sid of an earlier statement, in a policy of IAM: it is read */
};

struct iam_fault {
    enum iam_fault_kind kind;
    size_t statement; /* from 1; 0: the document */
    uint32_t line;
    const char *text;
};

struct iam_faults {
    struct iam_fault *items; /* in the order of the document, those of Sids last */
    size_t n;
};

/* The same, strict, going on behind each fault: `faults` are all of them, `out` has the statements
 * that could be read (`index` is that of the document). true: no faults. */
bool iam_doc_read_faults(const struct value *v, const char *name, struct arena *a,
                         struct iam_doc *out, struct iam_faults *faults);

/* A document nobody knows: every question about it is IAM_MAYBE. */
struct iam_doc iam_doc_unknown(const char *name);

/* iam_doc_operator(text, out) parses "ForAllValues:StringLikeIfExists" into op, quantifier,
 * if_exists and op_text of `out`. Without case. false: no operator; op is IAM_OPERATOR_UNKNOWN. */
bool iam_doc_operator(struct slice text, struct iam_test *out);

/* "StringEquals", ... */
const char *iam_doc_operator_name(enum iam_operator op);

/* The names of all, the last is NULL. */
const char *const *iam_doc_operator_names(void);

/* Is it the negation of another (StringNotEquals, NotIpAddress, ...)? Those hold when the key is
 * missing. */
bool iam_doc_operator_negated(enum iam_operator op);
#endif
