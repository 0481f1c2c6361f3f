#ifndef POLICIES_IAM_COMPARE_IAM_ATOM_H
#define POLICIES_IAM_COMPARE_IAM_ATOM_H
/*
 * Statements as the comparison sees them. A statement matches when all of its terms are so; a term
 * is an atom or its contrary; an atom is one list of actions, resources or principals, or one test
 * of a condition. What is written alike is one atom wherever it stands, so that what did not change
 * between two policies cancels out before anything is solved.
 */
#include "policies/iam/evaluate/iam_evaluate.h"

/* What atoms speak of. Each condition key is a slot of its own, from IAM_SLOT_KEYS on. */
enum iam_slot {
    IAM_SLOT_ACTION,
    IAM_SLOT_RESOURCE,
    IAM_SLOT_PRINCIPAL,
    IAM_SLOT_HIDDEN, /* conditions that cannot be told yet */
    IAM_SLOT_KEYS
};

struct iam_atom {
    size_t slot;
    const struct iam_doc *doc;
    const struct iam_statement *statement; /* whose list it is, NotAction and the like left aside */
    const struct iam_test *test;           /* of a key, else NULL */
    bool unknown;                          /* further values may stand in the list */
};

struct iam_term {
    size_t atom;
    bool is; /* the atom, or its contrary */
};

struct iam_claim {
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    struct iam_term *terms;
    size_t n;
};

struct iam_atom_link;

struct iam_atoms {
    struct arena *arena;
    struct iam_atom *items;
    size_t n;
    struct slice *keys; /* of slot IAM_SLOT_KEYS + i */
    size_t nkeys;
    struct iam_atom_link *buckets[256];
};

void iam_atom_init(struct iam_atoms *t, struct arena *a);

/* Adds the statement's atoms. Principals count only where `principals`. Borrows `d` and `s`. */
void iam_atom_claim(struct iam_atoms *t, const struct iam_doc *d, const struct iam_statement *s,
                    bool principals, struct iam_claim *out);

/* The key of a slot. */
struct slice iam_atom_key(const struct iam_atoms *t, size_t slot);
#endif
