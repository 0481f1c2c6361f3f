#include "policies/iam/lint/iam_lint_checks.h"

/* Forms of ARNs, as the table has them: "arn:*:sqs:*:*:*". */

enum field { SERVICE = 2, REGION = 3, ACCOUNT = 4 };

/* What keeps a pattern from matching the ARNs of a form. */
enum misfit { NONE, NO_REGION, NEEDS_REGION, NO_ACCOUNT, NEEDS_ACCOUNT, OTHER };

/* What the table lacks. SPEC: CloudFormation User Guide, "Control access with IAM", transforms; AWS
 * Backup Developer Guide, "AWS Backup ARNs" */
static bool beside(const struct iam_arn *arn)
{
    static const struct {
        const char *service, *form;
    } list[] = {{"cloudformation", "transform/*"}, {"backup", "recovery-point:*"}};

    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        if (slice_is(arn->field[SERVICE], list[i].service) &&
            iam_glob_overlap(slice_str(list[i].form), arn->field[5]))
            return true;
    return false;
}

/* Resources of AWS itself stand there without an account, or without one that is in the table. */
static bool shared(struct slice service)
{
    static const char *const names[] = {"ssm", "resource-explorer-2"};

    return slice_among(service, names, ARRAY_LEN(names));
}

static enum misfit misfit_of(const struct iam_arn *form, const struct iam_arn *arn)
{
    const struct slice *f = form->field, *a = arn->field;
    const bool region =
        a[REGION].len == 0 ? slice_is(f[REGION], "*") : !iam_glob_overlap(f[REGION], a[REGION]);
    const bool account = a[ACCOUNT].len == 0 ? slice_is(f[ACCOUNT], "*") && !shared(a[SERVICE])
                                             : !iam_glob_overlap(f[ACCOUNT], a[ACCOUNT]);

    if (!iam_glob_overlap(f[5], a[5]))
        return OTHER;
    if (region)
        return a[REGION].len == 0 ? NEEDS_REGION : f[REGION].len == 0 ? NO_REGION : OTHER;
    if (account)
        return a[ACCOUNT].len == 0 ? NEEDS_ACCOUNT : f[ACCOUNT].len == 0 ? NO_ACCOUNT : OTHER;
    return NONE;
}

/* Is a form of the table ("arn:*:sqs:*:*:*") one of the service? Most are not. */
static bool is_of(struct slice form, struct slice service)
{
    const struct slice rest = slice_from(form, 6);

    return slice_starts(form, "arn:*:") && rest.len > service.len &&
           rest.data[service.len] == ':' &&
           slice_eq((struct slice){rest.data, service.len}, service);
}

/* The form that it fits best; empty: the service has none. */
static struct slice best(struct iam_lint_run *r, const struct iam_arn *arn, enum misfit *why)
{
    struct slice found = {NULL, 0};

    *why = OTHER;
    if (beside(arn) || !iam_lint_run_work(r, iam_actions_arns()))
        return found;
    for (size_t i = 0; i < iam_actions_arns() && *why != NONE; i++) {
        struct iam_arn form;
        enum misfit here;

        if (!is_of(iam_actions_arn(i), arn->field[SERVICE]))
            continue;
        form = iam_arn_split(iam_actions_arn(i), IAM_ARN_RESOURCE);
        if (form.n != 6 || !iam_lint_run_compare(r, form.field[5], arn->field[5]))
            continue;
        here = misfit_of(&form, arn);
        if (found.len == 0 || here < *why) {
            found = iam_actions_arn(i);
            *why = here;
        }
    }
    return found;
}

/* IAM looks at its own ARNs in policies of identities: "IAM resource path must either be "*" or
 * start with user/, ...", "cannot contain region information" (MalformedPolicyDocument). */
static bool refused(const struct iam_lint_run *r, const struct iam_arn *arn)
{
    static const char *const paths[] = {
        "user/",          "federated-user/",     "role/",   "group/",        "instance-profile/",
        "mfa/",           "server-certificate/", "policy/", "sms-mfa/",      "u2f/",
        "saml-provider/", "oidc-provider/",      "report/", "access-report/"};

    if (r->kind != IAM_LINT_IDENTITY || !slice_is(arn->field[SERVICE], "iam"))
        return false;
    if (arn->field[REGION].len > 0 && !iam_glob_any(arn->field[REGION]))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (slice_starts(arn->field[5], paths[i]))
            return false;
    return !iam_glob_wild(arn->field[5]) && !slice_is(arn->field[5], "root");
}

bool iam_lint_shapes_known(struct iam_lint_run *r, const struct iam_arn *arn)
{
    enum misfit why;

    return arn->n < 6 || best(r, arn, &why).len == 0 || why == NONE;
}

void iam_lint_shapes(struct iam_lint_run *r, const struct iam_statement *s,
                     const struct iam_arn *arn, struct slice text, uint32_t line)
{
    static const char *const says[] = {
        [NO_REGION] = "no region stands in such an ARN",
        [NEEDS_REGION] = "a region must stand in such an ARN",
        [NO_ACCOUNT] = "no account stands in such an ARN",
        [NEEDS_ACCOUNT] = "an account must stand in such an ARN",
        [OTHER] = "no resource that is known has such an ARN",
    };
    enum misfit why;
    const struct slice form = best(r, arn, &why);

    if (form.len == 0 || why == NONE)
        return;
    if (refused(r, arn))
        iam_lint_run_add(r, IAM_LINT_IAM_ARN, s, line, "IAM takes no such ARN: %.*s",
                         IAM_LINT_TEXT(text));
    else if (why == OTHER)
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_ARN, s, line, "%s: %.*s", says[why],
                         IAM_LINT_TEXT(text));
    else
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_ARN, s, line, "%s, as in %.*s: %.*s", says[why],
                         IAM_LINT_TEXT(form), IAM_LINT_TEXT(text));
}
