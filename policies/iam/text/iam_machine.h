#ifndef POLICIES_IAM_TEXT_IAM_MACHINE_H
#define POLICIES_IAM_TEXT_IAM_MACHINE_H
/* The automaton of one pattern, deterministic, made while it runs (iam_automaton.h). */
#include "policies/iam/text/iam_automaton.h"
#include "policies/iam/text/iam_rows.h"
#include "policies/iam/text/iam_symbols.h"

enum iam_place_kind { IAM_PLACE_CHAR, IAM_PLACE_ONE, IAM_PLACE_STAR };

#define IAM_PLACE_NEVER UINT32_MAX /* no character */

/* What a place in the pattern waits for. */
struct iam_place_of {
    enum iam_place_kind kind;
    uint32_t point; /* of a CHAR */
    bool no_colon;  /* ONE and STAR of the first fields of an ARN */
    /* numbers of the symbols that a CHAR takes, or that the others do not */
    uint16_t symbols[2];
};

struct iam_machine {
    struct iam_place_of *places;
    size_t nplaces;
    size_t ends; /* beside behind the last place, a text may end before this one; SIZE_MAX: no */
    bool nocase, matches;
    unsigned group;
    struct iam_rows sets; /* of places, one for each state */
    struct iam_machine_state {
        uint16_t *next;    /* symbol to state, or IAM_MACHINE_NEW */
        uint64_t *awaited; /* the symbols that it waits for, one bit each */
    } * states;
    size_t nstates;
    size_t words, symbol_words; /* of a set of places, of symbols */
    uint64_t *stars;            /* the places that are */
    uint64_t *scratch;          /* room for one set */
};

#define IAM_MACHINE_DEAD 0u      /* no text from here on matches */
#define IAM_MACHINE_NEW 0xffffu  /* not made yet */
#define IAM_MACHINE_FULL 0xfffeu /* more states than may be */
#define IAM_MACHINE_ALL 0xfffdu  /* every text from here on matches */

/* Places of a pattern, in `a`; false: not UTF-8. */
MUST_CHECK bool iam_machine_init(struct iam_machine *m, const struct iam_pattern *p,
                                 struct arena *a);
/* Adds the characters that the pattern names. false: too many. */
MUST_CHECK bool iam_machine_symbols(const struct iam_machine *m, struct iam_symbols *s);
/* Gives the state where texts begin. The symbols stay the same from here on. */
uint16_t iam_machine_start(struct iam_machine *m, const struct iam_symbols *symbols,
                           struct arena *a);

uint16_t iam_machine_step(struct iam_machine *m, uint16_t state, size_t symbol,
                          const struct iam_symbols *symbols, struct arena *a);
/* May a text end here? */
bool iam_machine_accepts(const struct iam_machine *m, uint16_t state);
/* Adds the symbols that the state waits for: those that do not lead where most do. */
void iam_machine_awaited(const struct iam_machine *m, uint16_t state, uint64_t *out);
#endif
