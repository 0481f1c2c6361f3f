#ifndef POLICIES_IAM_ESCALATE_IAM_WAYS_H
#define POLICIES_IAM_ESCALATE_IAM_WAYS_H
/*
 * The ways of the table that are open to a principal, and to whom they lead; whether that is more
 * than it has is not asked here. For iam_escalate.
 */
#include "policies/iam/escalate/iam_trusts.h"

/* Shared by all who ask in one account. */
struct iam_ways {
    const struct iam_paths *paths;
    const struct iam_account *account; /* NULL: nobody is known */
    int64_t now;                       /* see iam_holder_init */
    size_t enough; /* sure targets of one path after which no further is looked for; 0: all */
    size_t kept;   /* targets found so far, of all who asked */
    size_t most;   /* of those: then a few of each path will do, and the rest is cut */
    struct arena *arena;
    struct iam_targets targets;
    struct iam_trusts trusts;
    /* Set while asking: */
    struct iam_ways_name *names; /* by party */
    struct iam_ways_passing *passings;
    size_t npassings;
    size_t round; /* how often somebody asked */
};

/* iam_ways_init(w): the rest, once paths, account, now, enough, most and arena are set; `w` stays
 * where it is. */
void iam_ways_init(struct iam_ways *w);

/* A way, with how its steps are allowed, those on the target aside. */
struct iam_ways_route {
    const struct iam_path_way *way;
    struct slice service;                                  /* that takes the role; or empty */
    const struct iam_permit *permits[IAM_PATHS_STEPS_MAX]; /* by step; NULL: on the target */
    size_t parts[IAM_PATHS_STEPS_MAX];                     /* which part of the permit it is */
};

/* Where a way leads. */
struct iam_ways_catch {
    const struct iam_party *party; /* NULL: somebody that the account does not show */
    bool sure;                     /* the party is what the way needs: it trusts, it is there */
    enum iam_answer allowed;       /* YES or MAYBE: all steps */
    const struct iam_ways_route *route;
    const struct iam_permit *hit, *policy; /* steps on the target, and on a policy of it */
    const struct iam_runner *by;           /* what runs as it, when that is known; else NULL */
};

struct iam_ways_found {
    const struct iam_path *path;
    bool cut; /* there may be further targets */
    const struct iam_ways_catch *items;
    size_t n;
};

struct iam_ways_all {
    const struct iam_ways_found *items; /* those with a catch, in the order of the table */
    size_t n;
    bool unknown; /* something that nobody can see may open more */
};

/* Questions about known targets that are asked for one principal; past it, `unknown`. The largest
 * accounts have some thousand roles. */
#define IAM_WAYS_TARGETS 100000u

#define IAM_WAYS_KEPT 1000000u /* for `most`: some 200 MB */
#define IAM_WAYS_ENOUGH 8u     /* a few */

void iam_ways_find(struct iam_ways *w, const struct iam_holder *h, struct iam_ways_all *out);

/* The permit and the part of step `i`. */
const struct iam_permit *iam_ways_permit(const struct iam_ways_catch *c, size_t i, size_t *part);
#endif
