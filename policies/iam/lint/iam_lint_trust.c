#include <string.h>

#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/lint/iam_lint_checks.h"

/* Keys that say who asks, or for whom. SPEC: IAM User Guide, "AWS global condition context keys" */
static const char *const who[] = {"aws:PrincipalOrgID",
                                  "aws:PrincipalOrgPaths",
                                  "aws:PrincipalArn",
                                  "aws:PrincipalAccount",
                                  "aws:SourceArn",
                                  "aws:SourceAccount",
                                  "aws:SourceOrgID",
                                  "aws:SourceOrgPaths",
                                  "aws:SourceOwner",
                                  "aws:SourceVpc",
                                  "aws:SourceVpce",
                                  "aws:SourceVpcArn",
                                  "aws:VpceAccount",
                                  "aws:VpceOrgID",
                                  "aws:VpceOrgPaths",
                                  "aws:SourceIp",
                                  "aws:userid",
                                  "kms:CallerAccount",
                                  "s3:DataAccessPointAccount",
                                  "s3:DataAccessPointArn",
                                  NULL};

/* For whom a service acts. SPEC: IAM User Guide, "The confused deputy problem" */
static const char *const for_whom[] = {
    "aws:SourceArn",   "aws:SourceAccount", "aws:SourceOrgID",         "aws:SourceOrgPaths",
    "aws:SourceOwner", "kms:CallerAccount", "kms:EncryptionContext:*", NULL};

static const char *const third_party[] = {"sts:ExternalId", "aws:PrincipalOrgID",
                                          "aws:PrincipalOrgPaths", NULL};

static uint32_t principal_line(const struct iam_statement *s)
{
    return iam_lint_run_line(s, s->not_principal ? "NotPrincipal" : "Principal", 0);
}

static bool has(const struct iam_statement *s, enum iam_principal_type type)
{
    for (size_t i = 0; i < s->nprincipals; i++)
        if (s->principals[i].type == type)
            return true;
    return false;
}

/* ---- everybody ---- */

#define ACCESS_WORK 4000000u /* of the work of a run, for one question: a hundred are asked */

/* Does the statement, with all denies of the document, let somebody in who is nobody's? */
static enum iam_answer outsider(struct iam_lint_run *r, const struct iam_statement *s,
                                struct iam_comparison *c)
{
    struct iam_statement *list = ARENA_ARRAY(r->arena, struct iam_statement, r->n + 1);
    const struct iam_access_question q = {IAM_ACCESS_PUBLIC, &r->opt->accounts, r->opt->since};
    struct iam_doc d = r->doc;

    if (!iam_lint_run_work(r, ACCESS_WORK))
        return IAM_MAYBE;
    d.statements = list;
    d.n = 0;
    list[d.n++] = *s;
    for (size_t i = 0; i < r->n; i++)
        if (r->statements[i].s->effect == IAM_DENY)
            list[d.n++] = *r->statements[i].s;
    iam_compare_access(&d, &q, r->arena, c);
    return c->wider;
}

static void everybody(struct iam_lint_run *r, const struct iam_statement *s)
{
    struct iam_comparison c = {0};

    if (!has(s, IAM_PRINCIPAL_ANY))
        return;
    switch (outsider(r, s, &c)) {
    case IAM_YES:
        iam_lint_run_add(r, IAM_LINT_PUBLIC, s, principal_line(s), "anybody may %.*s on %.*s",
                         IAM_LINT_TEXT(c.example.action), IAM_LINT_TEXT(c.example.resource));
        break;
    case IAM_MAYBE:
        r->open = true;
        if (!iam_lint_run_limited(s, who))
            iam_lint_run_add(r, IAM_LINT_PUBLIC, s, principal_line(s), "perhaps anybody may");
        break;
    default:
        break;
    }
}

/* ---- services ---- */

/* Roles of instances are handed out by EC2 within the account; its requests name no source. */
static bool names_source(const struct iam_principal *p)
{
    return p->type == IAM_PRINCIPAL_SERVICE && !slice_is(p->name, "ec2.amazonaws.com");
}

static void deputy(struct iam_lint_run *r, const struct iam_statement *s)
{
    const bool trust = r->kind == IAM_LINT_TRUST;

    if (iam_lint_run_limited(s, for_whom))
        return;
    for (size_t i = 0; i < s->nprincipals; i++) {
        if (!names_source(&s->principals[i]))
            continue;
        iam_lint_run_add(r, trust ? IAM_LINT_DEPUTY_TRUST : IAM_LINT_DEPUTY, s, principal_line(s),
                         "%.*s %s for whoever it acts", IAM_LINT_TEXT(s->principals[i].name),
                         trust ? "may assume the role" : "is allowed");
        return;
    }
}

/* ---- other accounts ---- */

static struct slice account_of(struct slice name)
{
    const struct iam_arn a = iam_arn_split(name, IAM_ARN_RESOURCE);

    return a.n == 6 ? a.field[4] : name;
}

static bool own(const struct iam_lint_run *r, struct slice account)
{
    for (size_t i = 0; i < r->opt->accounts.n; i++)
        if (slice_eq(r->opt->accounts.items[i], account))
            return true;
    return false;
}

static bool assumes(const struct iam_lint_statement *x)
{
    size_t i;

    return iam_actions_find(SLICE_LIT("sts:AssumeRole"), &i) &&
           iam_actions_has(&x->set, i) != x->s->not_action;
}

static void strangers(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    const struct iam_statement *s = x->s;

    if (!assumes(x) || iam_lint_run_limited(s, third_party))
        return;
    for (size_t i = 0; i < s->nprincipals; i++) {
        const struct iam_principal *p = &s->principals[i];

        if (p->type != IAM_PRINCIPAL_AWS || own(r, account_of(p->name)))
            continue;
        iam_lint_run_add(r, IAM_LINT_EXTERNAL_ID, s, principal_line(s),
                         "%.*s is of another account, and needs no sts:ExternalId",
                         IAM_LINT_TEXT(p->name));
        return;
    }
}

/* ---- all ---- */

void iam_lint_trust(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    const struct iam_statement *s = x->s;

    if (!s->has_principal || r->kind == IAM_LINT_RCP)
        return;
    if (s->not_principal && s->effect == IAM_DENY)
        iam_lint_run_add(r, IAM_LINT_DENY_NOT_PRINCIPAL, s, principal_line(s),
                         "Deny with NotPrincipal");
    if (s->effect != IAM_ALLOW)
        return;
    if (s->not_principal) {
        iam_lint_run_add(r, IAM_LINT_ALLOW_NOT_PRINCIPAL, s, principal_line(s),
                         "Allow with NotPrincipal");
        return;
    }
    everybody(r, s);
    deputy(r, s);
    if (r->kind == IAM_LINT_TRUST)
        strangers(r, x);
    iam_lint_federation(r, s);
}
