#ifndef TESTS_LIB_IAM_RANDOM_ACCOUNT_H
#define TESTS_LIB_IAM_RANDOM_ACCOUNT_H
/* Snapshots of small accounts: one who asks ("me") with policies made at random, an administrator
 * of each kind (boss, chief, admins), one of little (helper, clerk). */
#include "tests/lib/iam_random.h"

#define IAM_RANDOM_OWN "arn:aws:iam::123456789012:"

#define IAM_RANDOM_ADMIN                                                                           \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\","           \
    "\"Resource\":\"*\"}]}"
#define IAM_RANDOM_LITTLE                                                                          \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"                 \
    "\"s3:ListAllMyBuckets\",\"Resource\":\"*\"}]}"

static inline const char *iam_random_trust(struct iam_dice *d, struct arena *a)
{
    static const char *const who[IAM_RANDOM_MANY] = {
        "{\"Service\": \"sagemaker.amazonaws.com\"}",
        "{\"Service\": [\"lambda.amazonaws.com\", \"sagemaker.amazonaws.com\"]}",
        "{\"AWS\": \"" IAM_RANDOM_OWN "root\"}",
        "{\"AWS\": \"" IAM_RANDOM_OWN "user/me\"}",
        "{\"AWS\": \"" IAM_RANDOM_OWN "role/me\"}",
        "{\"AWS\": \"arn:aws:iam::999999999999:root\"}"};
    static const char *const also[IAM_RANDOM_MANY] = {
        "",
        "",
        ", {\"Effect\": \"Deny\", \"Principal\": {\"AWS\": \"" IAM_RANDOM_OWN
        "user/me\"}, \"Action\": \"sts:*\"}",
        ", {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"" IAM_RANDOM_OWN
        "root\"}, \"Action\": \"sts:AssumeRole\", \"Condition\": {\"Bool\": "
        "{\"aws:MultiFactorAuthPresent\": \"true\"}}}",
        ", {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": "
        "\"sts:AssumeRole\", \"Condition\": {\"ArnLike\": {\"aws:PrincipalArn\": \"" IAM_RANDOM_OWN
        "*/me\"}}}",
        ", {\"Effect\": \"Deny\", \"NotPrincipal\": {\"AWS\": \"" IAM_RANDOM_OWN
        "role/me\"}, \"Action\": \"sts:AssumeRole\"}",
        ", {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"sts:AssumeRole\", "
        "\"Condition\": {\"NotIpAddress\": {\"aws:SourceIp\": \"192.0.2.0/24\"}}}"};

    return arena_printf(a,
                        "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", "
                        "\"Action\": \"sts:AssumeRole\", \"Principal\": %s}%s]}",
                        iam_pick(d, who), iam_pick(d, also));
}

static inline const char *iam_random_policy(struct iam_dice *d, const struct iam_vocabulary *w,
                                            struct arena *a)
{
    const struct iam_draft draft = iam_random_draft(d, w, a);

    return iam_draft_text(&draft, a);
}

static inline const char *iam_random_attached(struct arena *a, const char *name)
{
    return arena_printf(
        a,
        "\"AttachedManagedPolicies\": [{\"PolicyName\": \"%s\", \"PolicyArn\": \"" IAM_RANDOM_OWN
        "policy/%s\"}]",
        name, name);
}

static inline const char *iam_random_inlined(struct arena *a, const char *of, const char *policy)
{
    return arena_printf(a, "\"%sPolicyList\": [{\"PolicyName\": \"p\", \"PolicyDocument\": %s}]",
                        of, policy);
}

static inline const char *iam_random_managed(struct arena *a, const char *name, const char *policy)
{
    return arena_printf(a,
                        "{\"PolicyName\": \"%s\", \"Path\": \"/\", \"Arn\": \"" IAM_RANDOM_OWN
                        "policy/%s\", \"DefaultVersionId\": \"v1\", \"PolicyVersionList\": "
                        "[{\"VersionId\": \"v1\", \"IsDefaultVersion\": true, \"Document\": %s}]}",
                        name, name, policy);
}

static inline const char *iam_random_role(struct arena *a, const char *name, const char *trusts,
                                          const char *more)
{
    return arena_printf(a,
                        "{\"RoleName\": \"%s\", \"Path\": \"/\", \"Arn\": \"" IAM_RANDOM_OWN
                        "role/%s\", \"AssumeRolePolicyDocument\": %s, %s}",
                        name, name, trusts, more);
}

static inline const char *iam_random_user(struct arena *a, const char *name, const char *group,
                                          const char *more)
{
    return arena_printf(a,
                        "{\"UserName\": \"%s\", \"Path\": \"/\", \"Arn\": \"" IAM_RANDOM_OWN
                        "user/%s\", \"GroupList\": [%s], %s}",
                        name, name, group, more);
}

/* What is made at random of an account. */
struct iam_random_account {
    bool is_role, bounded;
    const char *own, *mine, *crew, *fence; /* policies of me, of my group; my boundary */
    const char *trusts[3];                 /* of boss, helper, me */
};

static inline struct iam_random_account
iam_random_account(struct iam_dice *d, const struct iam_vocabulary *w, struct arena *a)
{
    struct iam_random_account out = {.is_role = iam_roll(d, 2) == 0,
                                     .bounded = iam_roll(d, 4) == 0};

    out.own = iam_random_policy(d, w, a);
    out.mine = iam_random_policy(d, w, a);
    out.crew = iam_random_policy(d, w, a);
    out.fence = iam_roll(d, 2) ? iam_random_policy(d, w, a) : IAM_RANDOM_ADMIN;
    for (size_t i = 0; i < 3; i++)
        out.trusts[i] = iam_random_trust(d, a);
    return out;
}

static inline const char *iam_random_told(const struct iam_random_account *d, struct arena *a)
{
    return arena_printf(a, "%s\n%s\n%s\n%s\n%s\nboss %s\nhelper %s", d->is_role ? "role" : "user",
                        d->own, d->mine, d->is_role ? "" : d->crew, d->bounded ? d->fence : "",
                        d->trusts[0], d->trusts[1]);
}

/* Me, a user or a role, under a boundary or not; an administrator of each kind; one of little. */
static inline const char *iam_random_snapshot(const struct iam_random_account *d, struct arena *a)
{
    const char *me, *users, *roles;

    me = arena_printf(a, "%s, %s%s", iam_random_inlined(a, d->is_role ? "Role" : "User", d->own),
                      iam_random_attached(a, "mine"),
                      d->bounded ? ", \"PermissionsBoundary\": {\"PermissionsBoundaryType\": "
                                   "\"Policy\", \"PermissionsBoundaryArn\": \"" IAM_RANDOM_OWN
                                   "policy/fence\"}"
                                 : "");
    users = arena_printf(
        a, "%s, %s",
        iam_random_user(a, "chief", "", iam_random_inlined(a, "User", IAM_RANDOM_ADMIN)),
        iam_random_user(a, "clerk", "", iam_random_inlined(a, "User", IAM_RANDOM_LITTLE)));
    roles = arena_printf(
        a, "%s, %s",
        iam_random_role(a, "boss", d->trusts[0],
                        arena_printf(a, "%s, %s", iam_random_inlined(a, "Role", IAM_RANDOM_ADMIN),
                                     iam_random_attached(a, "hers"))),
        iam_random_role(a, "helper", d->trusts[1],
                        iam_random_inlined(a, "Role", IAM_RANDOM_LITTLE)));
    if (d->is_role)
        roles = arena_printf(a, "%s, %s", iam_random_role(a, "me", d->trusts[2], me), roles);
    else
        users = arena_printf(a, "%s, %s", iam_random_user(a, "me", "\"crew\"", me), users);
    return arena_printf(
        a,
        "{\"UserDetailList\": [%s], \"RoleDetailList\": [%s], \"GroupDetailList\": "
        "[{\"GroupName\": \"crew\", \"Path\": \"/\", \"Arn\": \"" IAM_RANDOM_OWN
        "group/crew\", %s}, "
        "{\"GroupName\": \"admins\", \"Path\": \"/\", \"Arn\": \"" IAM_RANDOM_OWN
        "group/admins\", %s}], \"Policies\": [%s, %s, %s]}",
        users, roles, iam_random_inlined(a, "Group", d->crew),
        iam_random_inlined(a, "Group", IAM_RANDOM_ADMIN), iam_random_managed(a, "mine", d->mine),
        iam_random_managed(a, "hers", IAM_RANDOM_LITTLE), iam_random_managed(a, "fence", d->fence));
}
#endif
