#include "policies/iam/evaluate/iam_match.h"

#include <string.h>

#include "policies/iam/document/iam_variables.h"

/* Answers of alternatives: YES as soon as one is. */
static enum iam_answer either(enum iam_answer a, enum iam_answer b)
{
    return a > b ? a : b;
}

static enum iam_answer invert(enum iam_answer a)
{
    return a == IAM_YES ? IAM_NO : a == IAM_NO ? IAM_YES : IAM_MAYBE;
}

/* An action that is asked for. */
struct asked {
    struct slice service, name; /* empty when there is no colon: only "*" matches that */
};

static struct asked split(struct slice text)
{
    const uint8_t *colon = text.len > 0 ? memchr(text.data, ':', text.len) : NULL;
    const size_t n = colon != NULL ? (size_t)(colon - text.data) : 0;

    return (struct asked){{text.data, n}, slice_from(text, n + (colon != NULL))};
}

/* A backslash in an action pattern is a letter that no action has: it cannot match anyway. */
static bool action(struct slice pattern, const struct asked *a)
{
    const size_t n = a->service.len;

    if (pattern.len == 0)
        return false;
    if (pattern.data[0] == '*' && (pattern.len == 1 || pattern.data[1] == ':'))
        return pattern.len == 1 || (n > 0 && iam_glob_match(slice_from(pattern, 2), a->name, true));
    return n > 0 && pattern.len > n && pattern.data[n] == ':' &&
           iam_glob_same((struct slice){pattern.data, n}, a->service) &&
           iam_glob_match(slice_from(pattern, n + 1), a->name, true);
}

enum iam_answer iam_match_action(const struct iam_statement *s, struct slice act)
{
    enum iam_answer out = s->actions.unknown ? IAM_MAYBE : IAM_NO;
    const struct asked asked = split(act);

    for (size_t i = 0; i < s->actions.n && out != IAM_YES; i++)
        if (action(s->actions.items[i], &asked))
            out = IAM_YES;
    return s->not_action ? invert(out) : out;
}

enum iam_arn_rule iam_match_rule(const struct iam_statement *s)
{
    return s->has_principal ? IAM_ARN_RESOURCE : IAM_ARN_IDENTITY;
}

/* Variables stand in the last part of an ARN alone. SPEC: IAM User Guide, "Variables and tags",
 * "Resource element" */
enum iam_answer iam_match_pattern(const struct iam_doc *d, struct slice text,
                                  const struct iam_context *c, struct arena *a, struct slice *out)
{
    size_t colons = 0, i = 0;
    struct slice head, tail;
    enum iam_answer known;
    uint8_t *both;

    if (!d->variables || text.len < 3 || memchr(text.data, '$', text.len) == NULL) {
        *out = iam_glob_pattern(text, a);
        return IAM_YES;
    }
    while (i < text.len && colons < 5)
        colons += text.data[i++] == ':';
    if (colons < 5)
        return iam_variables_replace(d, text, c, a, out);
    head = iam_glob_pattern((struct slice){text.data, i}, a);
    known = iam_variables_replace(d, slice_from(text, i), c, a, &tail);
    if (known != IAM_YES)
        return known;
    both = arena_alloc(a, head.len + tail.len);
    memcpy(both, head.data, head.len);
    if (tail.len > 0)
        memcpy(both + head.len, tail.data, tail.len);
    *out = (struct slice){both, head.len + tail.len};
    return IAM_YES;
}

/* How one pattern must meet the resources that are asked for. */
enum meeting { SOME, ALL };

static bool meets(struct slice pattern, enum iam_arn_rule rule, const struct iam_request *r,
                  enum meeting how)
{
    const struct iam_arn p = iam_arn_split(pattern, rule);
    struct iam_arn asked;

    if (p.any)
        return true;
    if (r->wildcard_only)
        return false; /* the action knows no ARN */
    if (!iam_glob_wild(r->resource))
        return iam_arn_match(&p, r->resource);
    asked = iam_arn_split(r->resource, IAM_ARN_RESOURCE);
    return how == SOME ? iam_arn_overlap(&p, &asked) : iam_arn_covers(&p, &asked);
}

enum iam_answer iam_match_resource(const struct iam_doc *d, const struct iam_statement *s,
                                   const struct iam_request *r, struct arena *a)
{
    /* NotResource of an Allow must leave some of what is asked, that of a Deny all of it. */
    const enum meeting how = (s->effect == IAM_DENY) != s->not_resource ? ALL : SOME;
    enum iam_answer out = s->resources.unknown ? IAM_MAYBE : IAM_NO;

    if (!s->has_resource)
        return IAM_YES;
    for (size_t i = 0; i < s->resources.n && out != IAM_YES; i++) {
        struct slice pattern = {NULL, 0};
        const enum iam_answer known =
            iam_match_pattern(d, s->resources.items[i], &r->context, a, &pattern);

        if (known == IAM_MAYBE)
            out = either(out, IAM_MAYBE);
        else if (known == IAM_YES && meets(pattern, iam_match_rule(s), r, how))
            out = IAM_YES;
    }
    return s->not_resource ? invert(out) : out;
}

/* "arn:aws:sts::1:assumed-role/NAME/SESSION": the role's name. */
static bool session_role(struct slice arn, struct slice *name)
{
    static const char kind[] = "assumed-role/";
    const struct iam_arn parts = iam_arn_split(arn, IAM_ARN_RESOURCE);
    struct slice rest;
    const uint8_t *slash;

    if (parts.n != 6 || !slice_is(parts.field[2], "sts") || !slice_starts(parts.field[5], kind))
        return false;
    rest = slice_from(parts.field[5], sizeof(kind) - 1);
    slash = rest.len > 0 ? memchr(rest.data, '/', rest.len) : NULL;
    *name = slash == NULL ? rest : (struct slice){rest.data, (size_t)(slash - rest.data)};
    return true;
}

/* Is `role` the role of the session `arn`? Names of roles are unique in an account; the path of a
 * role does not show in its sessions. */
bool iam_match_role_of(struct slice role, struct slice arn)
{
    static const char kind[] = "role/";
    const struct iam_arn parts = iam_arn_split(role, IAM_ARN_RESOURCE);
    struct slice name, base;

    if (parts.n != 6 || !slice_is(parts.field[2], "iam") || !slice_starts(parts.field[5], kind) ||
        !session_role(arn, &name))
        return false;
    base = slice_from(parts.field[5], sizeof(kind) - 1);
    while (base.len > 0 && memchr(base.data, '/', base.len) != NULL)
        base = slice_from(base, 1);
    return slice_eq(base, name) && slice_eq(parts.field[4], iam_request_account(arn)) &&
           slice_eq(parts.field[1], iam_request_field(arn, 1));
}

static bool is_role(struct slice arn)
{
    return slice_is(iam_request_field(arn, 2), "iam") &&
           slice_starts(iam_arn_split(arn, IAM_ARN_RESOURCE).field[5], "role/");
}

/* An account, as a number or as the ARN of its root. */
static bool names_account(struct slice name, struct slice *account)
{
    *account = iam_request_account(name);
    if (account->len == name.len)
        return account->len == 12;
    return slice_is(iam_request_field(name, 2), "iam") && slice_ends(name, ":root");
}

/* A federated user's ARN does not tell which user of the account asked for the session. SPEC: STS
 * API Reference, "GetFederationToken" */
static bool federated_by(struct slice user, struct slice arn)
{
    return slice_is(iam_request_field(arn, 2), "sts") &&
           slice_starts(iam_arn_split(arn, IAM_ARN_RESOURCE).field[5], "federated-user/") &&
           slice_is(iam_request_field(user, 2), "iam") &&
           slice_starts(iam_arn_split(user, IAM_ARN_RESOURCE).field[5], "user/") &&
           slice_eq(iam_request_account(user), iam_request_account(arn));
}

/* Whoever comes by an identity provider of the account is no principal of the account. SPEC: IAM
 * User Guide, "AWS JSON policy elements: Principal", "OIDC federated principals" */
static bool is_provider(struct slice arn)
{
    const struct slice name = iam_arn_split(arn, IAM_ARN_RESOURCE).field[5];

    return slice_is(iam_request_field(arn, 2), "iam") &&
           (slice_starts(name, "oidc-provider/") || slice_starts(name, "saml-provider/"));
}

static enum iam_principal_match aws(struct slice name, struct slice principal)
{
    struct slice account;

    if (!slice_starts(principal, "arn:") || is_provider(principal))
        return IAM_MATCH_NONE; /* a service, who has a token, or nobody in particular */
    if (slice_eq(name, principal))
        return is_role(principal) ? IAM_MATCH_ROLE : IAM_MATCH_PRINCIPAL;
    if (names_account(name, &account)) /* a bare number is of the partition that the policy is in */
        return slice_eq(account, iam_request_account(principal)) &&
                       (account.len == name.len ||
                        slice_eq(iam_request_field(name, 1), iam_request_field(principal, 1)))
                   ? IAM_MATCH_ACCOUNT
                   : IAM_MATCH_NONE;
    if (federated_by(name, principal) || iam_match_role_of(principal, name))
        return IAM_MATCH_MAYBE; /* that user's session; one of the sessions of the role that asks */
    return iam_match_role_of(name, principal) ? IAM_MATCH_ROLE : IAM_MATCH_NONE;
}

static enum iam_principal_match one(const struct iam_principal *p, struct slice principal)
{
    switch (p->type) {
    case IAM_PRINCIPAL_ANY:
        return IAM_MATCH_ANY;
    case IAM_PRINCIPAL_AWS:
        return aws(p->name, principal);
    case IAM_PRINCIPAL_SERVICE:
    case IAM_PRINCIPAL_FEDERATED:
        return slice_eq(p->name, principal) ? IAM_MATCH_PRINCIPAL : IAM_MATCH_NONE;
    case IAM_PRINCIPAL_CANONICAL: /* which ARN that is, nobody here knows */
        if (slice_eq(p->name, principal))
            return IAM_MATCH_PRINCIPAL;
        return slice_starts(principal, "arn:") ? IAM_MATCH_MAYBE : IAM_MATCH_NONE;
    }
    return IAM_MATCH_MAYBE;
}

static bool names_role(const struct iam_principal *p, struct slice session)
{
    return p->type == IAM_PRINCIPAL_AWS && iam_match_role_of(p->name, session);
}

static bool names_account_of(const struct iam_principal *p, struct slice principal)
{
    return p->type == IAM_PRINCIPAL_AWS &&
           (aws(p->name, principal) == IAM_MATCH_ACCOUNT ||
            (slice_ends(principal, ":root") && slice_eq(p->name, principal)));
}

/* Whoever is spared must be named with his account, and a session with its role, since those are
 * looked at one after the other: else he may be denied all the same. */
static bool wholly_named(const struct iam_statement *s, struct slice principal)
{
    struct slice name;
    bool account = !slice_starts(principal, "arn:") || is_provider(principal);
    bool role = !session_role(principal, &name);

    for (size_t i = 0; i < s->nprincipals; i++) {
        const struct iam_principal *p = &s->principals[i];

        account = account || p->type == IAM_PRINCIPAL_ANY || names_account_of(p, principal);
        role = role || p->type == IAM_PRINCIPAL_ANY || names_role(p, principal);
    }
    return account && role;
}

/* "You must also specify the account ARN of the not-denied principal": the account is looked at
 * before the user, and whether its name alone is enough for all of its users is not said. SPEC: IAM
 * User Guide, "AWS JSON policy elements: NotPrincipal" */
enum iam_principal_match iam_match_principal(const struct iam_statement *s,
                                             const struct iam_request *r)
{
    enum iam_principal_match best = s->principals_unknown ? IAM_MATCH_MAYBE : IAM_MATCH_NONE;

    for (size_t i = 0; i < s->nprincipals; i++) {
        const enum iam_principal_match m = one(&s->principals[i], r->principal);

        best = m > best ? m : best;
    }
    if (!s->not_principal)
        return best;
    if (best == IAM_MATCH_NONE)
        return IAM_MATCH_ROLE;
    if (best == IAM_MATCH_MAYBE)
        return IAM_MATCH_MAYBE;
    if (s->effect == IAM_ALLOW || r->context.reading == IAM_READING_SIMULATE)
        return best == IAM_MATCH_ACCOUNT && s->effect != IAM_ALLOW &&
                       !slice_ends(r->principal, ":root")
                   ? IAM_MATCH_MAYBE
                   : IAM_MATCH_NONE;
    return (best == IAM_MATCH_ACCOUNT && !slice_ends(r->principal, ":root")) ||
                   !wholly_named(s, r->principal)
               ? IAM_MATCH_MAYBE
               : IAM_MATCH_NONE;
}

bool iam_match_principal_maybe(const struct iam_statement *s, const struct iam_request *r)
{
    if (s->not_principal || s->principals_unknown)
        return true;
    for (size_t i = 0; i < s->nprincipals; i++)
        if (one(&s->principals[i], r->principal) == IAM_MATCH_MAYBE)
            return true;
    return false;
}
