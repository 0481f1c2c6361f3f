#include "policies/iam/lint/iam_lint_checks.h"

/* Does the statement's Action match it, or its NotAction leave it? */
static bool speaks_of(const struct iam_lint_statement *x, const char *action)
{
    size_t i;

    return iam_actions_find(slice_str(action), &i) &&
           iam_actions_has(&x->set, i) != x->s->not_action &&
           !(x->s->not_action && x->s->actions.unknown);
}

/* Does some resource stand for all that have this form ("role/" and anything)? */
static bool all_of(const struct iam_lint_statement *x, const char *service, struct slice form)
{
    for (size_t i = 0; i < x->s->resources.n; i++) {
        const struct iam_arn *a = &x->arns[i];

        if (a->any ||
            (a->n == 6 && slice_is(a->field[2], service) && iam_glob_covers(a->field[5], form)))
            return true;
    }
    return x->star;
}

/* Roles of any name: Resource "*", NotResource, or a pattern of all roles. */
static bool any_role(const struct iam_lint_statement *x)
{
    return x->s->not_resource || all_of(x, "iam", SLICE_LIT("role/*"));
}

/* Service-linked roles of any service. */
static bool any_service(const struct iam_lint_statement *x)
{
    return any_role(x) || all_of(x, "iam", SLICE_LIT("role/aws-service-role/*"));
}

static uint32_t line_of(const struct iam_statement *s)
{
    return iam_lint_run_line(s, s->not_resource ? "NotResource" : "Resource", 0);
}

static void roles(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    static const char *const passed[] = {"iam:PassedToService", "iam:AssociatedResourceArn",
                                         "iam:ResourceTag/*", "aws:ResourceTag/*", NULL};
    static const char *const service[] = {"iam:AWSServiceName", NULL};
    static const char *const tags[] = {"iam:ResourceTag/*",    "aws:ResourceTag/*",
                                       "aws:ResourceAccount",  "aws:ResourceOrgID",
                                       "aws:ResourceOrgPaths", NULL};

    if (speaks_of(x, "iam:CreateServiceLinkedRole") && any_service(x) &&
        !iam_lint_run_limited(x->s, service))
        iam_lint_run_add(r, IAM_LINT_SERVICE_ROLE, x->s, line_of(x->s),
                         "iam:CreateServiceLinkedRole for every service");
    if (!any_role(x))
        return;
    if (speaks_of(x, "iam:PassRole") && !iam_lint_run_limited(x->s, passed))
        iam_lint_run_add(r, IAM_LINT_PASS_ROLE, x->s, line_of(x->s),
                         "iam:PassRole on every role, to every service");
    if (speaks_of(x, "sts:AssumeRole") && !iam_lint_run_limited(x->s, tags))
        iam_lint_run_add(r, IAM_LINT_ASSUME_ROLE, x->s, line_of(x->s),
                         "sts:AssumeRole on every role");
}

/* What reads stored data or secrets, each the action of its service that all readers need. */
static void data(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    static const char *const actions[] = {"s3:GetObject",       "secretsmanager:GetSecretValue",
                                          "ssm:GetParameter",   "dynamodb:GetItem",
                                          "kms:Decrypt",        "sqs:ReceiveMessage",
                                          "codecommit:GitPull", "ecr:BatchGetImage"};

    if (!x->star || x->s->ntests > 0 || x->s->tests_unknown || x->s->not_resource)
        return;
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (!speaks_of(x, actions[i]))
            continue;
        iam_lint_run_add(r, IAM_LINT_DATA, x->s, line_of(x->s), "%s on every resource", actions[i]);
        return;
    }
}

void iam_lint_width(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    const struct iam_statement *s = x->s;

    if (s->effect != IAM_ALLOW || r->kind == IAM_LINT_SCP || r->kind == IAM_LINT_RCP)
        return;
    if (s->not_action)
        iam_lint_run_add(r, IAM_LINT_ALLOW_NOT_ACTION, s, iam_lint_run_line(s, "NotAction", 0),
                         "Allow with NotAction");
    if (s->not_resource)
        iam_lint_run_add(r, IAM_LINT_ALLOW_NOT_RESOURCE, s, iam_lint_run_line(s, "NotResource", 0),
                         "Allow with NotResource");
    if (s->has_principal)
        return;
    if (!s->not_action && x->whole && x->star && s->ntests == 0 && !s->tests_unknown) {
        iam_lint_run_add(r, IAM_LINT_EVERYTHING, s, iam_lint_run_line(s, "Action", 0),
                         "all actions on all resources");
        return;
    }
    roles(r, x);
    if (!s->not_action)
        data(r, x);
}
