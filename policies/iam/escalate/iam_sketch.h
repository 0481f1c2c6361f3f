#ifndef POLICIES_IAM_ESCALATE_IAM_SKETCH_H
#define POLICIES_IAM_ESCALATE_IAM_SKETCH_H
/*
 * A request in the making: what must be, and must not be, of its resource and its keys. Wants come
 * and go like a stack; each is checked together with those about the same thing, which do not
 * depend on each other but for variables. What iam_sketch_push calls impossible is so; a request
 * that fits all of them is made by iam_sketch_request.
 */
#include "policies/iam/solve/iam_domain.h"

struct iam_want {
    const struct iam_doc *doc;
    const struct iam_statement *statement; /* whose Resource; not looked at when there is a test */
    const struct iam_test *test;           /* NULL: the resource */
    bool holds;                            /* must be, or must not */
};

struct iam_sketch {
    struct arena *arena;
    struct iam_budget *budget;
    struct iam_texts arns;       /* patterns of what may be asked about; none: `star` alone */
    bool star;                   /* "*" may be asked about: what only patterns like "*" match */
    const struct iam_key *fixed; /* keys whose values are given */
    size_t nfixed;
    struct iam_want *wants;
    size_t n;
};

/* NO: impossible with what is there, and not added. */
enum iam_answer iam_sketch_push(struct iam_sketch *s, const struct iam_want *w);
void iam_sketch_pop(struct iam_sketch *s, size_t n); /* back to n wants */

/* Resource, wildcard_only and context of a request that satisfies all wants. MAYBE: one that hangs
 * on what cannot be told, or none (resource empty). */
enum iam_answer iam_sketch_request(struct iam_sketch *s, struct iam_request *out);
#endif
