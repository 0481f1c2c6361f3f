#ifndef POLICIES_IAM_IAM_AUTOMATON_H
#define POLICIES_IAM_IAM_AUTOMATON_H
/*
 * Is there a text that matches these patterns and none of those? Exact, by a walk over the product
 * of the patterns' automata, shortest text first; bounded: past the budget the answer is MAYBE.
 */
#include "policies/iam/iam_doc.h"

enum iam_alphabet {
    IAM_TEXT,        /* any text; `*` takes any character */
    IAM_TEXT_NOCASE, /* letters count without case (StringEqualsIgnoreCase, actions) */
    IAM_ARN /* an ARN: six fields; wildcards of the first five take no ':', as iam_match_arn */
};

/* Patterns are escaped as iam_match_escaped reads them. */
struct iam_region {
    enum iam_alphabet alphabet;
    const struct slice *in; /* each of these must match (none: any text) */
    size_t nin;
    const struct slice *out; /* none of these may match */
    size_t nout;
};

/* States that may still be visited; shared by all questions of one comparison. */
struct iam_budget {
    uint64_t left;
};

/* YES: `*witness` is a shortest text (of those, the one that reads best: letters and digits before
 * other signs), in `a`. NO: there is none. MAYBE: the budget ran out. */
enum iam_answer iam_automaton_find(const struct iam_region *r, struct iam_budget *b,
                                   struct arena *a, struct slice *witness);

/* Is every text of `pattern` one of `patterns`? */
enum iam_answer iam_automaton_covers(enum iam_alphabet alphabet, const struct slice *patterns,
                                     size_t n, struct slice pattern, struct iam_budget *b,
                                     struct arena *a);
#endif
