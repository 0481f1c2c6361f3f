#ifndef POLICIES_IAM_IAM_MACHINE_H
#define POLICIES_IAM_IAM_MACHINE_H
/* The automaton of one pattern, deterministic, made while it runs (iam_automaton.h). */
#include "policies/iam/iam_automaton.h"

/* The characters that matter to a question. The last one stands for all others. */
struct iam_symbols {
    uint32_t *points; /* code points */
    size_t n;         /* with the last */
};

enum iam_place_kind { IAM_PLACE_CHAR, IAM_PLACE_ONE, IAM_PLACE_STAR };

/* What a place in the pattern waits for. */
struct iam_place_of {
    enum iam_place_kind kind;
    uint32_t point; /* of a CHAR */
    bool no_colon;  /* ONE and STAR of the first fields of an ARN */
};

struct iam_machine {
    const struct iam_place_of *places;
    size_t nplaces;
    size_t ends; /* beside behind the last place, a text may end before this one; SIZE_MAX: no */
    bool nocase, matches;
    unsigned group;
    size_t words;       /* of a set of places */
    uint64_t *sets;     /* nstates of them */
    uint16_t **next;    /* a row for each state: symbol to state, or IAM_MACHINE_NEW */
    uint64_t **awaited; /* for each state: the symbols that it waits for, one bit each */
    size_t nstates, cap;
    uint16_t first;
    size_t symbol_words;
};

#define IAM_MACHINE_DEAD 0u      /* no text from here on matches */
#define IAM_MACHINE_NEW 0xffffu  /* not made yet */
#define IAM_MACHINE_FULL 0xfffeu /* more states than may be */
#define IAM_MACHINE_ALL 0xfffdu  /* every text from here on matches */

/* Places of a pattern, in `a`; false: not UTF-8. The symbols come later, from all machines. */
bool iam_machine_init(struct iam_machine *m, const struct iam_pattern *p, struct arena *a);
/* Makes the start state. */
void iam_machine_start(struct iam_machine *m, const struct iam_symbols *symbols, struct arena *a);

uint16_t iam_machine_step(struct iam_machine *m, uint16_t state, size_t symbol,
                          const struct iam_symbols *symbols, struct arena *a);
bool iam_machine_accepts(const struct iam_machine *m, uint16_t state);
/* The state where a text begins. */
uint16_t iam_machine_first(const struct iam_machine *m);
#endif
