#include "policies/iam/evaluate/iam_side.h"
#include "policies/iam/lint/iam_lint_checks.h"

/* Elements that a kind of policy must have, or must not. */

static bool attached(enum iam_lint_kind kind)
{
    return kind == IAM_LINT_IDENTITY || kind == IAM_LINT_SCP;
}

/* ---- principals ---- */

static bool everybody(const struct iam_statement *s)
{
    return s->nprincipals == 1 && s->principals[0].type == IAM_PRINCIPAL_ANY && !s->not_principal;
}

static bool federated(const struct iam_statement *s)
{
    for (size_t i = 0; i < s->nprincipals; i++)
        if (s->principals[i].type == IAM_PRINCIPAL_FEDERATED)
            return true;
    return false;
}

/* What a statement with principals names that the kind does not take; NULL: nothing. SPEC: IAM User
 * Guide, "AWS JSON policy elements: Principal", "NotPrincipal"; Organizations User Guide, "RCP
 * syntax" */
static const char *unwanted(enum iam_lint_kind kind, const struct iam_statement *s)
{
    switch (kind) {
    case IAM_LINT_IDENTITY:
        return "an identity policy has no principals of its own";
    case IAM_LINT_SCP:
        return "a service control policy has no principals of its own";
    case IAM_LINT_RCP:
        return s->principals_unknown || everybody(s)
                   ? NULL
                   : "a resource control policy takes the principal \"*\" alone";
    case IAM_LINT_TRUST:
        return s->not_principal ? "a trust policy takes no NotPrincipal" : NULL;
    case IAM_LINT_RESOURCE:
        return federated(s) ? "only trust policies take identity providers" : NULL;
    default:
        return NULL;
    }
}

static void principal_element(struct iam_lint_run *r, const struct iam_statement *s)
{
    const char *name = s->not_principal ? "NotPrincipal" : "Principal";
    const uint32_t line = iam_lint_run_line(s, name, SIZE_MAX);
    const char *what = s->has_principal ? unwanted(r->kind, s) : NULL;

    if (what != NULL)
        iam_lint_run_add(r, IAM_LINT_UNWANTED_PRINCIPAL, s, line, "%s", what);
    else if (!attached(r->kind) && !s->has_principal)
        iam_lint_run_add(r, IAM_LINT_NO_PRINCIPAL, s, 0, "neither Principal nor NotPrincipal");
    else if (r->kind == IAM_LINT_TRUST && value_is(value_get(s->node, name), VALUE_STRING))
        /* MalformedPolicyDocument, though the User Guide calls both forms the same */
        iam_lint_run_add(r, IAM_LINT_STAR_PRINCIPAL, s, line, "\"%s\": \"*\"", name);
}

/* ---- resources ---- */

/* Is an action of the statement one that takes a policy with Resource? Policies of repositories and
 * file systems have none. SPEC: S3 User Guide, "Policies and permissions in Amazon S3"; KMS
 * Developer Guide, "Key policies in AWS KMS" */
static bool needs_resource(const struct iam_statement *s)
{
    for (size_t i = 0; i < s->actions.n; i++)
        if (iam_lint_run_of_service(s->actions.items[i], "s3") ||
            iam_lint_run_of_service(s->actions.items[i], "kms"))
            return true;
    return false;
}

static void resource_element(struct iam_lint_run *r, const struct iam_statement *s)
{
    const bool needs = attached(r->kind) || r->kind == IAM_LINT_RCP;

    if (needs && !s->has_resource)
        iam_lint_run_add(r, IAM_LINT_GRAMMAR, s, 0, "neither Resource nor NotResource");
    if (r->kind == IAM_LINT_RESOURCE && !s->has_resource && needs_resource(s))
        iam_lint_run_add(r, IAM_LINT_MISSING_RESOURCE, s, 0, "neither Resource nor NotResource");
    if (r->kind == IAM_LINT_TRUST && s->has_resource)
        iam_lint_run_add(r, IAM_LINT_UNWANTED_RESOURCE, s,
                         iam_lint_run_line(s, s->not_resource ? "NotResource" : "Resource", 0),
                         "a trust policy names resources");
}

/* ---- actions of trust policies ---- */

/* "AssumeRole policy may only specify STS AssumeRole actions" (MalformedPolicyDocument) */
static void assumed(struct iam_lint_run *r, const struct iam_statement *s)
{
    for (size_t i = 0; !s->not_action && i < s->actions.n; i++)
        if (!iam_lint_run_of_service(s->actions.items[i], "sts") &&
            !iam_glob_wild(s->actions.items[i]))
            iam_lint_run_add(r, IAM_LINT_UNWANTED_ACTION, s, iam_lint_run_line(s, "Action", i),
                             "a trust policy does not speak of %.*s",
                             IAM_LINT_TEXT(s->actions.items[i]));
}

/* ---- resource control policies ---- */

static bool every(const struct iam_texts *list)
{
    return list->n == 1 && !list->unknown && iam_glob_any(list->items[0]);
}

/* The policy of AWS that lets everything pass. */
static bool full_access(const struct iam_lint_run *r, const struct iam_statement *s)
{
    return r->doc.n == 1 && s->effect == IAM_ALLOW && s->ntests == 0 && !s->tests_unknown &&
           !s->not_action && every(&s->actions) && !s->not_resource && every(&s->resources);
}

/* SPEC: Organizations User Guide, "RCP syntax" */
static void control(struct iam_lint_run *r, const struct iam_statement *s)
{
    if (full_access(r, s))
        return;
    if (s->effect == IAM_ALLOW)
        iam_lint_run_add(r, IAM_LINT_UNWANTED_ALLOW, s, 0, "a resource control policy allows");
    if (s->not_action)
        iam_lint_run_add(r, IAM_LINT_UNWANTED_ACTION, s, iam_lint_run_line(s, "NotAction", 0),
                         "a resource control policy takes no NotAction");
    for (size_t i = 0; !s->not_action && i < s->actions.n; i++) {
        const struct slice name = s->actions.items[i];
        const uint32_t line = iam_lint_run_line(s, "Action", i);

        if (iam_glob_any(name))
            iam_lint_run_add(r, IAM_LINT_UNWANTED_ACTION, s, line,
                             "a resource control policy takes no '%.*s' alone",
                             IAM_LINT_TEXT(name));
        else if (iam_side_ruled(name) != IAM_YES)
            iam_lint_run_add(r, IAM_LINT_RCP_SERVICE, s, line,
                             "resource control policies are not known to hold for %.*s",
                             IAM_LINT_TEXT(name));
    }
}

/* ---- Sid ---- */

static bool alphanumeric(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = iam_glob_lower(s.data[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
            return false;
    }
    return true;
}

static void sid(struct iam_lint_run *r, const struct iam_statement *s)
{
    const uint32_t line = iam_lint_run_line(s, "Sid", 0);

    /* Policies of some resources take more: SNS itself writes "__default_statement_ID". */
    if (r->kind != IAM_LINT_RESOURCE && !alphanumeric(s->sid))
        iam_lint_run_add(r, IAM_LINT_SID, s, line, "Sid '%.*s'", IAM_LINT_TEXT(s->sid));
    if (s->sid.len == 0 && value_is(value_get(s->node, "Sid"), VALUE_STRING))
        iam_lint_run_add(r, IAM_LINT_EMPTY_SID, s, line, "Sid is empty");
}

void iam_lint_elements(struct iam_lint_run *r, const struct iam_statement *s)
{
    principal_element(r, s);
    resource_element(r, s);
    sid(r, s);
    if (r->kind == IAM_LINT_TRUST)
        assumed(r, s);
    if (r->kind == IAM_LINT_RCP)
        control(r, s);
}
