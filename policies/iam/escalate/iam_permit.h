#ifndef POLICIES_IAM_ESCALATE_IAM_PERMIT_H
#define POLICIES_IAM_ESCALATE_IAM_PERMIT_H
/*
 * May somebody do this at all: is there a resource among these, and a context, under which what is
 * asked is allowed? Several actions may be asked at once: then of one and the same resource, each
 * with a context of its own. Found by a sketch (iam_sketch.h), confirmed by iam_evaluate.
 */
#include "policies/iam/evaluate/iam_evaluate.h"

/* Who asks. */
struct iam_permit_who {
    struct iam_docs identity;
    const struct iam_docs *boundary; /* NULL: none */
    struct slice principal;          /* an ARN, or "x.amazonaws.com" */
    bool guessed;                    /* the account of `principal` is not known */
    const struct iam_key *keys;      /* that each of their requests has, with these values */
    size_t nkeys;
    const struct iam_test *given; /* tests that hold in each of their requests */
    size_t ngiven;
};

/* What is asked. */
struct iam_permit_ask {
    struct slice action;
    const struct iam_doc *policy; /* the resource's own: a role's trust; NULL: none */
    const struct iam_key *keys;   /* that this request has */
    size_t nkeys;
    const struct iam_test *given; /* tests that hold in this request */
    size_t ngiven;
};

/* On what: one of the ARNs that the patterns match and `except` does not. `patterns` empty:
 * whatever the (first) action is asked on. */
struct iam_permit_on {
    struct iam_texts patterns, except;
};

/* How one action is allowed. */
struct iam_permit_part {
    enum iam_answer allowed;
    const struct iam_doc *doc; /* whose statement allows it */
    const struct iam_statement *statement;
    const struct iam_key *keys; /* without which it would not be, those of `who` aside */
    size_t nkeys;
};

struct iam_permit {
    enum iam_answer allowed;       /* all of it */
    bool blind;                    /* MAYBE only because whole policies or statements are unknown */
    struct slice resource;         /* of YES, and of a MAYBE that is not blind */
    struct iam_permit_part *parts; /* one for each that was asked; NULL when blind, and of NO */
};

#define IAM_PERMIT_BUDGET 200000u /* states and literals; past it the answer is MAYBE */

struct iam_permit_question {
    const struct iam_permit_who *who;
    const struct iam_permit_ask *asks; /* at least one */
    size_t n;
    const struct iam_permit_on *on;
};

/* All of `out` lives in `a`, or borrows from what is asked. */
void iam_permit_find(const struct iam_permit_question *q, struct arena *a, struct iam_permit *out);
#endif
