#ifndef POLICIES_IAM_COMPARE_IAM_SOLVER_H
#define POLICIES_IAM_COMPARE_IAM_SOLVER_H
/*
 * Can the atoms that are set be so at once? Asked slot by slot: the action, the resource, the
 * caller, each condition key. A "no" is right whatever the variables of the policies stand for.
 * What ties slots together (variables, keys that follow from the caller) is looked at when a whole
 * request is made of them (iam_leaf.h).
 */
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/compare/iam_caller.h"
#include "policies/iam/solve/iam_name.h"

/* Which actions there are. */
enum iam_solver_actions {
    IAM_SOLVER_ANY,   /* those of the table, and whatever else may be called so */
    IAM_SOLVER_TABLE, /* those of the table */
    IAM_SOLVER_TYPED, /* ... each on ARNs of its own resource types alone */
    IAM_SOLVER_NEW,   /* what the table does not have */
    IAM_SOLVER_SPOKEN /* what the table does not have and policies name in full */
};

struct iam_solver_link;

struct iam_solver {
    struct arena *arena; /* for as long as the solver lives */
    struct arena *work;  /* of the question that is being asked, and of its answer */
    struct arena scratch;
    struct iam_budget *budget;
    const struct iam_atoms *atoms;
    const struct iam_callers *callers;
    enum iam_solver_actions actions;
    bool exempt_too; /* also those that policies have no say in */
    /* What is unknown in an atom: whatever makes the atoms so (then a find is a maybe), or nothing
     * that would. */
    bool hopeful;
    const struct iam_literal *fences; /* what holds of keys in any case */
    size_t nfences;
    bool beside_s3;        /* no action that comes with s3:ResourceAccount */
    struct slice owner;    /* account that an ARN has, where it has one; empty: any */
    struct iam_texts bare; /* patterns of ARNs that have none: for an owner */
    int *values;           /* of each atom: 1 so, -1 not so, 0 open */
    size_t *trail;         /* the atoms that are set, in this order */
    size_t ntrail;
    bool *asked;      /* of each slot: for the search */
    size_t **members; /* the atoms of each slot */
    size_t *nmembers;
    size_t nslots;
    size_t *exempt; /* actions that are not asked about */
    size_t nexempt;
    bool whole; /* requests have the keys that every request has, asked for or not */
    struct iam_action_set *sets; /* of each atom of actions; bits NULL: not made yet */
    struct iam_name_list *names; /* of each atom of actions; entries NULL: not made yet */
    struct iam_solver_link *cache[1024];
};

/* `t` begins with arena, budget, atoms, callers and what else the question needs. */
void iam_solver_init(struct iam_solver *t);
void iam_solver_release(struct iam_solver *t);
/* Other actions, or the other mind about the unknown: forgets what was found out. */
void iam_solver_switch(struct iam_solver *t, enum iam_solver_actions actions, bool hopeful);

enum iam_answer iam_solver_check(struct iam_solver *t, size_t slot);

/* The parts of it, for who makes requests: what they give lives in `work`. `bound`: values of
 * variables; open: others are unbound. */

/* Actions of the table that are left. */
struct iam_action_set iam_solver_set(struct iam_solver *t);
enum iam_answer iam_solver_name(struct iam_solver *t, struct slice *out);
/* What an ARN looks like: patterns of ARNs. */
struct iam_solver_shape {
    const char *like;
    const char *unlike; /* or NULL */
};
enum iam_answer iam_solver_arn(struct iam_solver *t, const struct iam_solver_shape *shape,
                               const struct iam_context *bound, struct slice *out);
/* Is no request without the key? Those of who asks are always there for policies of an identity. */
bool iam_solver_always(const struct iam_solver *t, struct slice key);
/* No ARN at all: what only patterns like "*" match. */
enum iam_answer iam_solver_none(const struct iam_solver *t);
enum iam_answer iam_solver_caller(const struct iam_solver *t, const struct iam_caller *c);
/* `c` may be NULL. A key that no atom which is set asks for is absent, unless the solver makes
 * whole requests. */
enum iam_answer iam_solver_key(struct iam_solver *t, size_t slot, const struct iam_caller *c,
                               const struct iam_context *bound, struct iam_key *out);

/* An ARN in general: of a partition that there is, a service and something. */
#define IAM_SOLVER_ARN "arn:aws*:?*:*:*:?*"
#endif
