#ifndef POLICIES_IAM_TEXT_IAM_AUTOMATON_H
#define POLICIES_IAM_TEXT_IAM_AUTOMATON_H
/*
 * Is there a text that matches these patterns and none of those? Exact, by a walk over the product
 * of the patterns' automata, shortest text first; bounded: past the budget the answer is MAYBE.
 *
 * Each pattern is read by an automaton of its own, made as far as the walk needs it. Of the places
 * in a pattern only those from the last active star on are kept, since that star takes whatever the
 * places before it would need: so the automata stay about as small as their patterns. At each state
 * of the product only the characters that some pattern waits for are tried, and one that none does.
 */
#include "policies/iam/text/iam_arn.h"

enum iam_mode {
    IAM_MODE_TEXT,         /* iam_glob_match */
    IAM_MODE_NOCASE,       /* ... without case of ASCII letters */
    IAM_MODE_ARN_IDENTITY, /* iam_arn_match with the rule of identity policies */
    IAM_MODE_ARN_RESOURCE  /* ... of resource policies */
};

struct iam_pattern {
    struct slice text; /* escaped as in iam_glob.h; strict UTF-8, else the answer is MAYBE */
    enum iam_mode mode;
    bool matches;   /* must match, or must not */
    unsigned group; /* 0: it must be so; else at least one pattern of the group must be so */
};

/* Steps that may still be made, one of up to 32 automata by one character each; shared by all
 * questions of one comparison. */
struct iam_budget {
    uint64_t left;
};

/* Bytes that one walk may use; past them it is MAYBE. */
#define IAM_AUTOMATON_BYTES (96u << 20)

/* YES: `*witness` is a shortest text, in `a`: letters and digits stand where any character would
 * do. NO: there is none. MAYBE: the budget ran out, or a pattern is no UTF-8, or the patterns name
 * more characters than IAM_SYMBOLS_MAX. */
enum iam_answer iam_automaton_find(const struct iam_pattern *patterns, size_t n,
                                   struct iam_budget *b, struct arena *a, struct slice *witness);
#endif
