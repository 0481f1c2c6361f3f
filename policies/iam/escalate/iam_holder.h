#ifndef POLICIES_IAM_ESCALATE_IAM_HOLDER_H
#define POLICIES_IAM_ESCALATE_IAM_HOLDER_H
/*
 * A principal as one who asks: what its requests have in common, which ARNs are its own, whether it
 * may do everything already. For iam_escalate.
 */
#include "policies/iam/account/iam_account.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/escalate/iam_paths.h"
#include "policies/iam/escalate/iam_permit.h"

struct iam_holder {
    const struct iam_party *party;
    const char *partition; /* a pattern: "aws", or "aws*" where it is not known */
    const char *account;   /* 12 digits; where it is not known, one that its policies name */
    struct iam_permit_who who;
    struct iam_action_set may; /* actions that some Allow speaks of, on whatever resource */
    bool may_more;             /* ... and perhaps any other: something is unknown */
    bool admin;                /* everything is allowed, and no deny speaks of IAM */
};

/* `account`: 12 digits, for who has no ARN. `now`: seconds since 1970: requests are made then or
 * later; 0: at any time. */
void iam_holder_init(struct iam_holder *h, const struct iam_party *p, struct slice account,
                     int64_t now, struct arena *a);

/* The accounts that a principal without an ARN may be of, as far as its policies tell them apart:
 * those that they name, or one for all. `known`: the account of everybody else, or empty. */
struct iam_texts iam_holder_accounts(const struct iam_party *p, struct slice known,
                                     struct arena *a);
#define IAM_HOLDER_ACCOUNTS 8u /* of those; past it the list is unknown */

/* May the action be allowed, on whatever? A quick "no" is right. */
bool iam_holder_may(const struct iam_holder *h, struct slice action);

/* Is there, plainly, an action that `h` may do on something and `who` on nothing? false: none that
 * is easily seen. */
bool iam_holder_more(const struct iam_holder *h, const struct iam_holder *who, struct arena *a);

/* The ARNs that a party may have: one, when it is known. */
struct iam_texts iam_holder_of(const struct iam_holder *h, const struct iam_party *p,
                               struct arena *a);
/* The account's own managed policies that a party has. */
struct iam_texts iam_holder_policies(const struct iam_holder *h, const struct iam_party *p,
                                     struct arena *a);
/* All that a step may act on as `h` sees it, whoever the target is; none: nothing. The things of
 * the table in the account of `h`. */
struct iam_permit_on iam_holder_on(const struct iam_holder *h, const struct iam_path_step *step,
                                   struct arena *a);
/* Can the step be taken by such a principal at all (a role has no own user)? */
bool iam_holder_fits(const struct iam_holder *h, enum iam_path_on on);
#endif
