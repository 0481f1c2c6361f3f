/* Principals, and what statements grant to whom. */
#include "policies/iam/iam_arn.h"
#include "policies/iam/iam_lint_state.h"
#include "policies/iam/iam_request.h"

#define TEXT(s) (int)((s).len < 200 ? (s).len : 200), (const char *)(s).data

/* A principal of type AWS: an account, a whole ARN of IAM or STS, or the id of one that is gone. */
static bool principal(struct slice name)
{
    const struct iam_arn arn = iam_arn_split(name, IAM_ARN_RESOURCE);
    const struct slice account = iam_request_account(name);

    if (account.len == name.len && account.len == 12)
        return true;
    if (arn.n == 1) /* AIDA..., AROA...: of a deleted principal */
        return name.len >= 16 && name.len <= 128 && name.data[0] == 'A' && !iam_glob_wild(name);
    return arn.n == 6 && slice_is(arn.field[0], "arn") && account.len == 12 &&
           (slice_is(arn.field[2], "iam") || slice_is(arn.field[2], "sts")) && !iam_glob_wild(name);
}

static void principals(struct iam_lint_state *s, const struct iam_statement *st)
{
    for (size_t i = 0; i < st->nprincipals; i++) {
        const struct iam_principal *p = &st->principals[i];

        if (p->type == IAM_PRINCIPAL_AWS && !principal(p->name))
            iam_lint_add(s, "bad-account", st, "'%.*s'", TEXT(p->name));
    }
}

static bool tested(const struct iam_statement *st, const char *const *keys)
{
    for (size_t i = 0; i < st->ntests; i++)
        for (size_t k = 0; keys[k] != NULL; k++)
            if (iam_glob_same(st->tests[i].key, slice_str(keys[k])))
                return true;
    return st->tests_unknown;
}

static bool names(const struct iam_statement *st, enum iam_principal_type type)
{
    for (size_t i = 0; i < st->nprincipals; i++)
        if (st->principals[i].type == type)
            return true;
    return false;
}

static bool does(const struct iam_lint_state *s, const struct iam_statement *st, const char *action)
{
    size_t i;

    return iam_actions_find(slice_str(action), &i) && iam_actions_has(&s->sets[st->index], i);
}

/* Services that act on behalf of resources of any account. A role's trust of a service that runs
 * in the account itself (ec2, lambda) has no such key. */
static void deputy(struct iam_lint_state *s, const struct iam_statement *st)
{
    static const char *const keys[] = {
        "aws:SourceArn",      "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths",
        "aws:PrincipalOrgID", "kms:CallerAccount", "kms:ViaService",  NULL};

    if (!names(st, IAM_PRINCIPAL_SERVICE) || tested(st, keys) || does(s, st, "sts:AssumeRole"))
        return;
    iam_lint_add(s, "confused-deputy", st, "a service, and no test of whom it acts for");
}

static void trust(struct iam_lint_state *s, const struct iam_statement *st)
{
    static const char *const keys[] = {"sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalArn",
                                       "aws:PrincipalOrgPaths", NULL};

    if (!does(s, st, "sts:AssumeRole") || st->has_resource || tested(st, keys))
        return;
    for (size_t i = 0; i < st->nprincipals; i++) {
        const struct iam_principal *p = &st->principals[i];

        if (p->type != IAM_PRINCIPAL_AWS || iam_request_account(p->name).len != 12)
            continue;
        iam_lint_add(s, "no-external-id", st, "'%.*s'", TEXT(p->name));
        return;
    }
}

static bool every_role(const struct iam_statement *st)
{
    for (size_t i = 0; i < st->resources.n; i++) {
        const struct iam_arn arn = iam_arn_split(st->resources.items[i], IAM_ARN_IDENTITY);

        if (arn.any ||
            (arn.n == 6 && (iam_glob_any(arn.field[5]) || slice_is(arn.field[5], "role/*"))))
            return true;
    }
    return false;
}

static void pass_role(struct iam_lint_state *s, const struct iam_statement *st)
{
    static const char *const keys[] = {"iam:PassedToService", NULL};

    if (does(s, st, "iam:PassRole") && !st->not_resource && every_role(st) && !tested(st, keys))
        iam_lint_add(s, "pass-any-role", st, "iam:PassRole on every role");
}

void iam_lint_trust(struct iam_lint_state *s, const struct iam_statement *st)
{
    principals(s, st);
    if (st->not_principal)
        iam_lint_add(s, st->effect == IAM_DENY ? "deny-not-principal" : "allow-not-principal", st,
                     "everybody but %zu", st->nprincipals);
    if (st->effect != IAM_ALLOW || st->not_principal)
        return;
    if (names(st, IAM_PRINCIPAL_ANY) && st->ntests == 0 && !st->tests_unknown)
        iam_lint_add(s, "public", st, "Principal \"*\" without a condition");
    if (st->has_principal) {
        deputy(s, st);
        trust(s, st);
    } else {
        pass_role(s, st);
    }
}
