#ifndef POLICIES_IAM_SOLVE_IAM_REGION_H
#define POLICIES_IAM_SOLVE_IAM_REGION_H
/*
 * Texts as policies write them (resources, values of conditions) as one question for the automata.
 * Variables whose keys nobody has bound stand for anything: where a text must match, by a `*`;
 * where it must not, by being left out, unless it takes, whatever the variables are, all that some
 * text which must match takes. So a "no" is right for all values that they may have; a "yes" is
 * then only a MAYBE.
 */
#include "policies/iam/text/iam_automaton.h"
#include "policies/iam/document/iam_request.h"

enum iam_region_want {
    IAM_REGION_SOME, /* at least one of the texts matches */
    IAM_REGION_NONE  /* none does */
};

/* What the texts are. */
enum iam_region_kind {
    IAM_REGION_RESOURCE, /* of Resource: variables in the last field alone */
    IAM_REGION_PATTERN,  /* values with wildcards */
    IAM_REGION_LITERAL   /* values without */
};

struct iam_region_texts {
    const struct iam_doc *doc;
    const struct iam_texts *texts;
    enum iam_region_kind kind;
    enum iam_mode mode;
};

struct iam_region {
    struct arena *arena;
    const struct iam_context *bound; /* open: what is not named is not bound */
    struct iam_pattern *patterns;
    size_t n;
    unsigned groups;
    struct iam_region_texts *later; /* SOME, until all NONE are known */
    size_t nlater;
    struct iam_pattern *opaque; /* with unbound variables as symbols; none of them may match */
    size_t nopaque;
    bool widened; /* something stands for more than it says: a "yes" is a maybe */
};

void iam_region_init(struct iam_region *r, const struct iam_context *bound, struct arena *a);
void iam_region_add(struct iam_region *r, const struct iam_region_texts *t,
                    enum iam_region_want want);
/* A pattern of our own. */
void iam_region_pattern(struct iam_region *r, const char *pattern, enum iam_mode mode,
                        bool matches);

/* The text as a pattern, its variables replaced. NO: one has no value; MAYBE: one is not bound. */
enum iam_answer iam_region_resolve(const struct iam_region *r, const struct iam_region_texts *t,
                                   struct slice text, struct slice *out);

/* May be asked once. MAYBE has a witness too (len > 0) when variables were widened. */
enum iam_answer iam_region_find(struct iam_region *r, struct iam_budget *b, struct slice *witness);
#endif
