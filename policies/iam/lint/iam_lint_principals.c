#include <string.h>

#include "policies/iam/aws/iam_place.h"
#include "policies/iam/lint/iam_lint_checks.h"

static bool all(struct slice s, bool (*ok)(uint8_t c))
{
    for (size_t i = 0; i < s.len; i++)
        if (!ok(s.data[i]))
            return false;
    return s.len > 0;
}

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool hex(uint8_t c)
{
    return digit(c) || (c >= 'a' && c <= 'f');
}

static bool upper(uint8_t c)
{
    return digit(c) || (c >= 'A' && c <= 'Z');
}

static bool host(uint8_t c)
{
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
}

static bool wild(struct slice s)
{
    return s.len > 0 && (memchr(s.data, '*', s.len) != NULL || memchr(s.data, '?', s.len) != NULL);
}

/* "AROA..." and the like: what is left in a policy when the principal is gone. SPEC: IAM User
 * Guide, "IAM identifiers", "Unique identifiers" */
static bool unique_id(struct slice s)
{
    static const char *const prefixes[] = {"AIDA", "AROA", "AGPA", "ANPA", "AKIA", "ASIA"};
    bool found = false;

    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        found = found || slice_starts(s, prefixes[i]);
    return found && s.len >= 16 && all(s, upper);
}

static bool begins(struct slice s, const char *const *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_starts(s, prefixes[i]) && s.len > strlen(prefixes[i]))
            return true;
    return false;
}

/* SPEC: IAM User Guide, "AWS JSON policy elements: Principal" */
static bool arn(struct slice name)
{
    static const char *const iam[] = {"user/", "role/"};
    static const char *const sts[] = {"assumed-role/", "federated-user/"};
    const struct iam_arn a = iam_arn_split(name, IAM_ARN_RESOURCE);

    if (a.n != 6 || !slice_is(a.field[0], "arn") || a.field[1].len == 0 || a.field[3].len > 0)
        return false;
    if (slice_is(a.field[2], "iam") && slice_is(a.field[4], "cloudfront"))
        return begins(a.field[5], iam, 1);
    if (a.field[4].len != 12 || !all(a.field[4], digit))
        return false;
    if (slice_is(a.field[2], "sts"))
        return begins(a.field[5], sts, ARRAY_LEN(sts));
    return slice_is(a.field[2], "iam") &&
           (slice_is(a.field[5], "root") || begins(a.field[5], iam, ARRAY_LEN(iam)));
}

static bool provider(struct slice name)
{
    static const char *const kinds[] = {"saml-provider/", "oidc-provider/"};
    const struct iam_arn a = iam_arn_split(name, IAM_ARN_RESOURCE);

    if (a.n == 6)
        return slice_is(a.field[0], "arn") && slice_is(a.field[2], "iam") && a.field[4].len == 12 &&
               all(a.field[4], digit) && begins(a.field[5], kinds, ARRAY_LEN(kinds));
    return all(name, host) && memchr(name.data, '.', name.len) != NULL;
}

static bool well_formed(const struct iam_principal *p)
{
    const struct slice s = p->name;

    if (wild(s) || (s.len > 0 && memchr(s.data, '$', s.len) != NULL))
        return false;
    switch (p->type) {
    case IAM_PRINCIPAL_AWS:
        return (s.len == 12 && all(s, digit)) || arn(s);
    case IAM_PRINCIPAL_SERVICE:
        return all(s, host) && memchr(s.data, '.', s.len) != NULL;
    case IAM_PRINCIPAL_FEDERATED:
        return provider(s);
    case IAM_PRINCIPAL_CANONICAL:
        return s.len == 64 && all(s, hex);
    default:
        return true;
    }
}

static void one(struct iam_lint_run *r, const struct iam_statement *s,
                const struct iam_principal *p, uint32_t line)
{
    if (p->type == IAM_PRINCIPAL_SERVICE && well_formed(p) && iam_place_service(p->name).len == 0)
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_PRINCIPAL, s, line,
                         "no service of AWS has a name like '%.*s'", IAM_LINT_TEXT(p->name));
    if (p->type == IAM_PRINCIPAL_ANY || well_formed(p))
        return;
    if (wild(p->name))
        iam_lint_run_add(r, IAM_LINT_PRINCIPAL, s, line, "a wildcard in '%.*s'",
                         IAM_LINT_TEXT(p->name));
    else if (p->type == IAM_PRINCIPAL_AWS && unique_id(p->name))
        iam_lint_run_add(r, IAM_LINT_DELETED_PRINCIPAL, s, line,
                         "'%.*s' stands for nobody any more", IAM_LINT_TEXT(p->name));
    else
        iam_lint_run_add(r, IAM_LINT_PRINCIPAL, s, line, "no principal is '%.*s'",
                         IAM_LINT_TEXT(p->name));
}

/* "123456789012" and "arn:aws:iam::123456789012:root" are the same. */
static struct slice account_of(const struct iam_principal *p)
{
    const struct iam_arn a = iam_arn_split(p->name, IAM_ARN_RESOURCE);

    if (p->type == IAM_PRINCIPAL_AWS && a.n == 6 && slice_is(a.field[5], "root"))
        return a.field[4];
    return p->name;
}

static bool same(const struct iam_principal *a, const struct iam_principal *b)
{
    return a->type == b->type && slice_eq(account_of(a), account_of(b));
}

/* Is it a session of the role? Roles of a path are left out: sessions do not name it. */
static bool session_of(const struct iam_principal *p, const struct iam_principal *role)
{
    const struct iam_arn a = iam_arn_split(p->name, IAM_ARN_RESOURCE);
    const struct iam_arn b = iam_arn_split(role->name, IAM_ARN_RESOURCE);
    struct slice name, rest;

    if (p->type != IAM_PRINCIPAL_AWS || role->type != IAM_PRINCIPAL_AWS || a.n != 6 || b.n != 6 ||
        !slice_eq(a.field[4], b.field[4]) || !slice_starts(a.field[5], "assumed-role/") ||
        !slice_starts(b.field[5], "role/"))
        return false;
    name = slice_from(b.field[5], 5);
    rest = slice_from(a.field[5], 13);
    return rest.len > name.len && rest.data[name.len] == '/' &&
           slice_eq((struct slice){rest.data, name.len}, name);
}

static void redundant(struct iam_lint_run *r, const struct iam_statement *s, size_t i,
                      uint32_t line)
{
    const struct iam_principal *list = s->principals;

    for (size_t k = 0; k < i && iam_lint_run_work(r, list[i].name.len); k++)
        if (same(&list[k], &list[i])) {
            iam_lint_run_add(r, IAM_LINT_REDUNDANT_PRINCIPAL, s, line, "'%.*s' is named twice",
                             IAM_LINT_TEXT(list[i].name));
            return;
        }
}

static void sessions(struct iam_lint_run *r, const struct iam_statement *s, size_t i, uint32_t line)
{
    const struct iam_principal *list = s->principals;

    for (size_t k = 0; k < s->nprincipals && iam_lint_run_work(r, list[i].name.len); k++)
        if (session_of(&list[i], &list[k])) {
            iam_lint_run_add(r, IAM_LINT_REDUNDANT_PRINCIPAL, s, line,
                             "'%.*s' is a session of '%.*s'", IAM_LINT_TEXT(list[i].name),
                             IAM_LINT_TEXT(list[k].name));
            return;
        }
}

/* Requests of services are of no organization, and of no user. SPEC: IAM User Guide, "AWS global
 * condition context keys" */
static void services(struct iam_lint_run *r, const struct iam_statement *s)
{
    static const char *const others[] = {"aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
                                         "aws:username"};

    for (size_t i = 0; i < s->nprincipals; i++)
        if (s->principals[i].type != IAM_PRINCIPAL_SERVICE)
            return;
    for (size_t i = 0; s->nprincipals > 0 && !s->principals_unknown && i < s->ntests; i++)
        for (size_t k = 0; k < ARRAY_LEN(others); k++)
            if (iam_glob_same(s->tests[i].key, slice_str(others[k])) &&
                iam_lint_run_demands(&s->tests[i]))
                iam_lint_run_add(r, IAM_LINT_KEY_NOT_OF_PRINCIPAL, s,
                                 iam_lint_run_test_line(s, &s->tests[i], SIZE_MAX),
                                 "no service's request has %.*s", IAM_LINT_TEXT(s->tests[i].key));
}

void iam_lint_principals(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    const struct iam_statement *s = x->s;
    const uint32_t line = iam_lint_run_line(s, s->not_principal ? "NotPrincipal" : "Principal", 0);

    for (size_t i = 0; i < s->nprincipals; i++) {
        one(r, s, &s->principals[i], line);
        redundant(r, s, i, line);
        sessions(r, s, i, line);
    }
    if (s->effect == IAM_ALLOW && !s->not_principal)
        services(r, s);
}
