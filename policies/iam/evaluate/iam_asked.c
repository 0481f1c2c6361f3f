#include "policies/iam/evaluate/iam_asked.h"

#include "policies/iam/text/iam_arn.h"

static bool anonymous(struct slice principal)
{
    return principal.len == 0 || slice_is(principal, "*") || slice_is(principal, "anonymous");
}

static struct slice last_field(struct slice arn)
{
    const struct iam_arn parts = iam_arn_split(arn, IAM_ARN_RESOURCE);

    return parts.n == 6 ? parts.field[5] : (struct slice){arn.data, 0};
}

static bool action_begins(struct slice action, const char *prefix)
{
    const struct slice want = slice_str(prefix);

    return action.len >= want.len && iam_glob_same((struct slice){action.data, want.len}, want);
}

static bool among(struct slice action, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (iam_glob_same(action, slice_str(names[i])))
            return true;
    return false;
}

/* What a service-linked role may do, and whom it trusts, is the service's. SPEC: IAM User Guide,
 * "Create a service-linked role", "Edit a service-linked role" */
static bool of_linked_role(struct slice action)
{
    static const char *const changes[] = {"iam:AttachRolePolicy",
                                          "iam:DetachRolePolicy",
                                          "iam:PutRolePolicy",
                                          "iam:DeleteRolePolicy",
                                          "iam:PutRolePermissionsBoundary",
                                          "iam:DeleteRolePermissionsBoundary",
                                          "iam:UpdateAssumeRolePolicy",
                                          "iam:DeleteRole"};

    return among(action, changes, ARRAY_LEN(changes));
}

/* Policies of AWS, and roles that IAM Identity Center makes, can be read and not changed; the
 * aliases of keys of AWS likewise. SPEC: IAM User Guide, "Managed policies"; KMS Developer Guide,
 * "Controlling access to aliases" */
static bool reserved(const struct iam_request *r)
{
    static const char *const reading[] = {"iam:Get", "iam:List", "iam:Generate", "iam:Simulate"};
    static const char *const alias[] = {"kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"};
    const struct slice name = last_field(r->resource);
    const struct slice service = iam_request_field(r->resource, 2);

    if (slice_is(service, "kms") && slice_starts(name, "alias/aws/"))
        return among(r->action, alias, ARRAY_LEN(alias));
    if (!slice_is(service, "iam") || !action_begins(r->action, "iam:"))
        return false;
    if (slice_starts(name, "role/aws-service-role/"))
        return of_linked_role(r->action);
    if (!slice_starts(name, "role/aws-reserved/") &&
        !(slice_is(iam_request_account(r->resource), "aws") && slice_starts(name, "policy/")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(reading); i++)
        if (action_begins(r->action, reading[i]))
            return false;
    return true;
}

static bool owned(const struct iam_request *r)
{
    const struct slice service = iam_request_field(r->resource, 2);
    const struct slice name = last_field(r->resource);

    return (slice_is(service, "kms") && slice_starts(name, "key/") &&
            action_begins(r->action, "kms:")) ||
           (slice_is(service, "iam") && slice_starts(name, "role/") &&
            action_begins(r->action, "sts:"));
}

#define WHO "sts:GetCallerIdentity"
#define TOKEN "sts:GetSessionToken"

bool iam_asked_exempt(struct slice action)
{
    static const char *const names[] = {WHO, TOKEN};

    return among(action, names, ARRAY_LEN(names));
}

/* Who one is may always be asked; users and the root user may have a token of their session, for
 * which nobody else can ask. Policies that speak of either have no effect. SPEC: STS API Reference,
 * "GetCallerIdentity"; IAM User Guide, "Permissions for GetSessionToken" */
static void exempt(const struct iam_request *r, struct iam_asked *out)
{
    if (out->anonymous)
        return;
    if (iam_glob_same(r->action, SLICE_LIT(WHO))) {
        out->exempt = WHO " is always allowed";
        return;
    }
    if (!iam_glob_same(r->action, SLICE_LIT(TOKEN)))
        return;
    out->refused = !out->root && !slice_starts(last_field(r->principal), "user/");
    out->exempt = out->refused ? "only users and the root user may ask for sts:GetSessionToken"
                               : "sts:GetSessionToken needs no permission";
}

struct iam_asked iam_asked_about(const struct iam_request *r)
{
    struct slice owner = r->resource_account, asker = iam_request_account(r->principal);
    struct iam_asked out = {.anonymous = anonymous(r->principal)};

    out.service = !out.anonymous && !slice_starts(r->principal, "arn:");
    out.linked = slice_starts(last_field(r->principal), "role/aws-service-role/");
    out.root = slice_is(iam_request_field(r->principal, 2), "iam") &&
               slice_is(last_field(r->principal), "root");
    out.federated = slice_is(iam_request_field(r->principal, 2), "sts") &&
                    slice_starts(last_field(r->principal), "federated-user/");
    if (owner.len == 0)
        owner = iam_request_account(r->resource);
    out.same_account = owner.len == 0 || slice_is(owner, "aws") || slice_eq(owner, asker);
    if (out.anonymous || out.service)
        out.same_account = false;
    out.owned = owned(r);
    out.reserved = reserved(r);
    out.reading = r->context.reading;
    exempt(r, &out);
    return out;
}
