#include "policies/iam/aws/iam_issuer.h"
#include "policies/iam/lint/iam_lint_checks.h"

#define GITHUB "token.actions.githubusercontent.com"

/* "arn:aws:iam::1:oidc-provider/HOST/PATH": "HOST/PATH"; a bare host is itself. */
static struct slice issuer(struct slice name)
{
    const struct iam_arn a = iam_arn_split(name, IAM_ARN_RESOURCE);
    const struct slice prefix = SLICE_LIT("oidc-provider/");

    if (a.n != 6)
        return name;
    return slice_starts(a.field[5], "oidc-provider/") ? slice_from(a.field[5], prefix.len)
                                                      : (struct slice){NULL, 0};
}

/* The part of "ISSUER:sub" behind the colon; false: the key is not of the issuer. */
static bool claim(struct slice key, struct slice from, struct slice *out)
{
    if (key.len <= from.len || key.data[from.len] != ':' ||
        !iam_glob_same((struct slice){key.data, from.len}, from))
        return false;
    *out = slice_from(key, from.len + 1);
    return true;
}

/* Does each of the values tell whose the token is? */
static bool one_owner(const struct iam_test *t)
{
    const bool like = t->op == IAM_STRING_LIKE || t->op == IAM_ARN_LIKE;

    for (size_t i = 0; i < t->values.n; i++)
        if (!iam_issuer_tells(t->key, t->values.items[i], like))
            return false;
    return true;
}

/* Where anybody can have an account, not every claim says whose the token is. */
static bool closed(const struct iam_statement *s, struct slice from)
{
    const bool shared = iam_issuer_of(from) != NULL;

    for (size_t i = 0; i < s->ntests; i++) {
        const struct iam_test *t = &s->tests[i];
        struct slice what;

        if (iam_lint_run_demands(t) && claim(t->key, from, &what) && (!shared || one_owner(t)))
            return true;
    }
    return s->tests_unknown;
}

/* "repo:OWNER/REPO:REF": a pattern of repositories, or of all branches. Without the owner, it is
 * open. */
static bool wide_subject(struct slice text)
{
    static const char *const refs[] = {"*", "ref:*", "ref:refs/*", "ref:refs/heads/*"};
    size_t parts = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (parts == 3)
            return slice_among(slice_from(text, i), refs, ARRAY_LEN(refs));
        if (text.data[i] == '*' || text.data[i] == '?')
            return true;
        parts += text.data[i] == '/' || text.data[i] == ':';
    }
    return false;
}

/* SPEC: IAM User Guide, "Create a role for OpenID Connect federation", GitHub */
static void wide(struct iam_lint_run *r, const struct iam_statement *s, struct slice from)
{
    for (size_t i = 0; slice_is(from, GITHUB) && i < s->ntests; i++) {
        const struct iam_test *t = &s->tests[i];

        if (t->op != IAM_STRING_LIKE || !iam_glob_same(t->key, SLICE_LIT(GITHUB ":sub")))
            continue;
        for (size_t k = 0; k < t->values.n; k++)
            if (wide_subject(t->values.items[k]))
                iam_lint_run_add(r, IAM_LINT_WIDE_FEDERATION, s, iam_lint_run_test_line(s, t, k),
                                 "more than one branch may: %.*s",
                                 IAM_LINT_TEXT(t->values.items[k]));
    }
}

void iam_lint_federation(struct iam_lint_run *r, const struct iam_statement *s)
{
    static const char *const saml[] = {"SAML:*", NULL};
    const uint32_t line = iam_lint_run_line(s, "Principal", 0);

    for (size_t i = 0; i < s->nprincipals; i++) {
        const struct iam_principal *p = &s->principals[i];
        const struct slice from = issuer(p->name);

        if (p->type != IAM_PRINCIPAL_FEDERATED)
            continue;
        if (from.len > 0 && !closed(s, from))
            iam_lint_run_add(r, IAM_LINT_FEDERATION, s, line, "any token of %.*s is taken",
                             IAM_LINT_TEXT(from));
        else if (from.len > 0)
            wide(r, s, from);
        else if (!iam_lint_run_limited(s, saml))
            iam_lint_run_add(r, IAM_LINT_SAML_AUDIENCE, s, line, "any assertion of %.*s is taken",
                             IAM_LINT_TEXT(p->name));
    }
}
