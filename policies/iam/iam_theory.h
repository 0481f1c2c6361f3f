#ifndef POLICIES_IAM_IAM_THEORY_H
#define POLICIES_IAM_IAM_THEORY_H
/*
 * Parts of statements that must hold, or must not, of one request: is there such a request?
 * Literals come and go like a stack; each is checked together with those about the same thing
 * (the resource, the principal, one condition key), which do not depend on each other but for
 * variables. What iam_theory_push calls impossible is so; a request that fits them all is made by
 * iam_theory_request.
 */
#include "policies/iam/iam_domain.h"
#include "policies/iam/iam_evaluate.h"

enum iam_part { IAM_PART_RESOURCE, IAM_PART_PRINCIPAL, IAM_PART_TEST };

struct iam_fact_of {
    enum iam_part part;
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    const struct iam_test *test; /* of PART_TEST */
    bool holds;
};

/* What resources the action can be asked on. */
enum iam_shape {
    IAM_SHAPE_ANY,   /* an ARN, or "*" */
    IAM_SHAPE_TYPED, /* an ARN of the action's own types */
    IAM_SHAPE_STAR   /* "*": the action has no resources */
};

struct iam_theory {
    struct arena *arena;
    struct iam_budget *budget;
    bool principals;         /* do the policies name principals? */
    const struct slice *who; /* principals that make a difference */
    size_t nwho;
    enum iam_shape shape;
    struct iam_texts types;      /* of SHAPE_TYPED: patterns of ARNs */
    const struct iam_key *fixed; /* keys whose values are given */
    size_t nfixed;
    struct iam_fact_of *facts;
    size_t n;
};

/* The principals that statements tell apart, each kind once. */
struct iam_texts iam_theory_principals(const struct iam_docs *const *sides, size_t n,
                                       struct arena *a);

/* NO: impossible with what is there, and not added. */
enum iam_answer iam_theory_push(struct iam_theory *t, const struct iam_fact_of *f);
void iam_theory_pop(struct iam_theory *t, size_t n); /* back to n literals */

/* A request that satisfies all literals, action aside. MAYBE: a guess, or none (resource empty). */
enum iam_answer iam_theory_request(struct iam_theory *t, struct iam_request *out);

/* Two tests that say the same. */
bool iam_theory_same_test(const struct iam_doc *da, const struct iam_test *a,
                          const struct iam_doc *db, const struct iam_test *b);
bool iam_theory_same_texts(const struct iam_texts *a, const struct iam_texts *b);
#endif
