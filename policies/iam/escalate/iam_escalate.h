#ifndef POLICIES_IAM_ESCALATE_IAM_ESCALATE_H
#define POLICIES_IAM_ESCALATE_IAM_ESCALATE_H
/*
 * Ways from what a principal may do to what others may: the documented paths of privilege
 * escalation (rules/iam/escalations.yaml), asked of all policies that are attached, with denies,
 * conditions, boundaries and the trust of the roles that could be passed or assumed; and where such
 * steps lead one after the other.
 */
#include "policies/iam/account/iam_account.h"
#include "policies/iam/escalate/iam_paths.h"

enum iam_certainty {
    IAM_POSSIBLE, /* the actions are allowed; whether there is somebody or something to use them on
                     cannot be told */
    IAM_CONFIRMED /* ... and there is: the first of the targets */
};

/* One step: an action that is allowed, on what, and by which statement. */
struct iam_step {
    struct slice action;
    struct slice resource; /* one that will do */
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    enum iam_answer allowed;    /* YES, or MAYBE: an unknown stands in the way */
    const struct iam_key *keys; /* that the request must have */
    size_t nkeys;
};

/* A principal that is reached. */
struct iam_target {
    const struct iam_party *party;
    const struct iam_runner *by; /* what runs as it and is made to act; NULL: nothing known */
    bool admin;                  /* it may do everything, or may then */
    enum iam_answer more;        /* does it hold more than who asks? */
};

struct iam_escalation {
    const struct iam_path *path;
    enum iam_certainty certainty;
    enum iam_answer allowed; /* YES, or MAYBE: all steps */
    /* Administrators, when there are any; else who holds more, or leads on to who does. Best first.
     * When it is only POSSIBLE: roles that what is there already may run as. */
    const struct iam_target *targets;
    size_t ntargets;
    bool cut;                     /* there may be further targets: not all were looked at */
    const struct iam_step *steps; /* to the first target */
    size_t nsteps;
};

/* From one principal to the next by one path. */
struct iam_hop {
    const struct iam_party *from, *to; /* the same when it gives itself more */
    const struct iam_path *path;
};

struct iam_chain {
    const struct iam_hop *hops; /* at least two */
    size_t n;
    bool admin; /* at its end everything is allowed */
};

struct iam_escalations {
    bool admin; /* everything is allowed already: nothing further is asked */
    const struct iam_escalation
        *items; /* confirmed before possible, then in the order of the table */
    size_t n;
    /* Confirmed steps, at least two, to the nearest administrators, or when there are none, to who
     * holds more than who asks. */
    const struct iam_chain *chains;
    size_t nchains;
    bool unknown; /* something that could not be told may hide more */
};

struct iam_escalate_input {
    const struct iam_paths *paths;
    const struct iam_account *account; /* NULL: nobody is known, and nothing is confirmed but what
                                          principals do to themselves */
    int64_t now; /* seconds since 1970: conditions on times before are past; 0: no clock */
    bool one;    /* one target of each path will do: for rules, which ask about everybody */
    size_t most; /* targets remembered of all who ask; 0: IAM_WAYS_KEPT */
};

/* Remembers what was found of one principal for the next: ask one of these about all. Borrows its
 * input; lives in `a`. Where many reach many, those asked later are told of a few targets of each
 * path alone. */
struct iam_escalate;
struct iam_escalate *iam_escalate_new(const struct iam_escalate_input *in, struct arena *a);

/* What it was made from. */
struct iam_escalate_input iam_escalate_input_of(const struct iam_escalate *x);

/* `who` need not be of the account. */
void iam_escalate_ask(struct iam_escalate *x, const struct iam_party *who,
                      struct iam_escalations *out);

#define IAM_ESCALATE_PARTIES 512u /* that chains lead over; past it, `unknown` */
#define IAM_ESCALATE_CHAINS 64u   /* of one who asks: the others are as long, or longer */
#define IAM_ESCALATE_COMPARED 32u /* targets compared with one who asks; past it, `more` is MAYBE */
#endif
