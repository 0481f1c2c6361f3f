#include <string.h>

#include "policies/iam/lint/iam_lint_checks.h"

/* What trust policies allow, and whom. SPEC: AWS STS API Reference, AssumeRole,
 * AssumeRoleWithSAML, AssumeRoleWithWebIdentity */

/* Who may ask for which of the actions. */
enum caller { ACCOUNT, SAML, WEB };
static const struct {
    const char *action;
    enum caller caller;
} assuming[] = {
    {"sts:AssumeRole", ACCOUNT},
    {"sts:AssumeRoleWithSAML", SAML},
    {"sts:AssumeRoleWithWebIdentity", WEB},
};

static bool allows(const struct iam_action_set *set, const char *action)
{
    size_t i;

    return iam_actions_find(slice_str(action), &i) && iam_actions_has(set, i);
}

/* false: as whom everybody, and who is no caller of STS, would come. */
static bool caller_of(const struct iam_principal *p, enum caller *out)
{
    size_t at;

    *out = p->type != IAM_PRINCIPAL_FEDERATED                       ? ACCOUNT
           : slice_find(p->name, SLICE_LIT(":saml-provider/"), &at) ? SAML
                                                                    : WEB;
    return p->type == IAM_PRINCIPAL_AWS || p->type == IAM_PRINCIPAL_SERVICE ||
           p->type == IAM_PRINCIPAL_FEDERATED;
}

static bool lets_in(const struct iam_lint_statement *x)
{
    return x->s->effect == IAM_ALLOW && !x->s->not_action && !x->s->not_principal;
}

/* ---- actions and principals that do not meet ---- */

/* Principals for whom no action of the statement is; are there others? */
static bool useless_principals(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    size_t useless = 0;

    for (size_t i = 0; i < x->s->nprincipals; i++) {
        const struct iam_principal *p = &x->s->principals[i];
        bool some = false, own = false;
        enum caller caller;

        if (!caller_of(p, &caller))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(assuming); k++)
            if (allows(&x->set, assuming[k].action)) {
                some = true;
                own = own || assuming[k].caller == caller;
            }
        if (!some || own)
            continue;
        useless++;
        iam_lint_run_add(r, IAM_LINT_MISMATCHED_ACTION, x->s,
                         iam_lint_run_line(x->s, "Principal", 0),
                         "no action of the statement is for %.*s", IAM_LINT_TEXT(p->name));
    }
    return useless < x->s->nprincipals;
}

/* Actions, named in full, for which no principal is. */
static void useless_actions(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    for (size_t i = 0; i < x->s->actions.n; i++) {
        const struct slice name = x->s->actions.items[i];
        bool own = false;
        size_t k = 0;
        enum caller caller;

        while (k < ARRAY_LEN(assuming) && !iam_glob_same(name, slice_str(assuming[k].action)))
            k++;
        if (k == ARRAY_LEN(assuming))
            continue;
        for (size_t p = 0; p < x->s->nprincipals; p++)
            own = own || !caller_of(&x->s->principals[p], &caller) || caller == assuming[k].caller;
        if (!own)
            iam_lint_run_add(r, IAM_LINT_MISMATCHED_ACTION, x->s,
                             iam_lint_run_line(x->s, "Action", i),
                             "no principal of the statement can ask for %.*s", IAM_LINT_TEXT(name));
    }
}

/* ---- actions that come together ---- */

/* A service whose requests take all of them, in whatever statements. SPEC: IAM Roles Anywhere User
 * Guide, "Trust model"; EKS User Guide, "EKS Pod Identity role" */
static const struct {
    const char *service;
    const char *actions[4];
} together[] = {
    {"rolesanywhere.amazonaws.com", {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}},
    {"pods.eks.amazonaws.com", {"sts:AssumeRole", "sts:TagSession"}},
};

/* A key that is set by a request which takes the action, too. SPEC: IAM User Guide, "Pass session
 * tags in AWS STS", "Monitor and control actions taken with assumed roles" */
static const struct {
    const char *key, *action; /* a key that ends in '/' goes on with a name */
} sets[] = {
    {"sts:SourceIdentity", "sts:SetSourceIdentity"},
    {"aws:RequestTag/", "sts:TagSession"},
    {"aws:TagKeys", "sts:TagSession"},
    {"sts:TransitiveTagKeys", "sts:TagSession"},
};

static bool names(const struct iam_statement *s, const char *service)
{
    for (size_t i = 0; i < s->nprincipals; i++)
        if (s->principals[i].type == IAM_PRINCIPAL_SERVICE &&
            slice_is(s->principals[i].name, service))
            return true;
    return false;
}

/* All that is allowed, to a service (NULL: to anybody). NULL: that cannot be told; `*first` names
 * the first statement. */
static const struct iam_action_set *allowed(const struct iam_lint_run *r, const char *service,
                                            const struct iam_lint_statement **first)
{
    struct iam_action_set *out = ARENA_NEW(r->arena, struct iam_action_set);

    *first = NULL;
    *out = iam_actions_none(r->arena);
    for (size_t i = 0; i < r->n; i++) {
        const struct iam_lint_statement *x = &r->statements[i];

        if (x->s->effect == IAM_EFFECT_UNKNOWN ||
            (x->s->effect == IAM_ALLOW && (!lets_in(x) || x->s->actions.unknown)))
            return NULL;
        if (x->s->effect != IAM_ALLOW || (service != NULL && !names(x->s, service)))
            continue;
        iam_actions_join(out, &x->set);
        *first = *first == NULL ? x : *first;
    }
    return r->doc.unknown ? NULL : out;
}

static void services(struct iam_lint_run *r)
{
    for (size_t i = 0; i < ARRAY_LEN(together); i++) {
        const struct iam_lint_statement *first;
        const struct iam_action_set *set = allowed(r, together[i].service, &first);

        for (size_t k = 0; set != NULL && first != NULL && together[i].actions[k] != NULL; k++)
            if (!allows(set, together[i].actions[k]))
                iam_lint_run_add(r, IAM_LINT_MISSING_ACTION, first->s,
                                 iam_lint_run_line(first->s, "Action", 0), "%s needs %s, too",
                                 together[i].service, together[i].actions[k]);
    }
}

static bool is_key(struct slice key, const char *name)
{
    const size_t n = strlen(name);

    if (name[n - 1] != '/')
        return iam_glob_same(key, slice_str(name));
    return key.len > n && iam_glob_same((struct slice){key.data, n}, slice_str(name));
}

static void keys(struct iam_lint_run *r, const struct iam_lint_statement *x,
                 const struct iam_action_set *set)
{
    for (size_t i = 0; i < x->s->ntests; i++)
        for (size_t k = 0; k < ARRAY_LEN(sets); k++) {
            const struct iam_test *t = &x->s->tests[i];

            if (is_key(t->key, sets[k].key) && iam_lint_run_demands(t) &&
                !allows(set, sets[k].action))
                iam_lint_run_add(r, IAM_LINT_MISSING_ACTION, x->s,
                                 iam_lint_run_test_line(x->s, t, SIZE_MAX),
                                 "%.*s comes with %s, which is not allowed", IAM_LINT_TEXT(t->key),
                                 sets[k].action);
        }
}

void iam_lint_roles(struct iam_lint_run *r)
{
    const struct iam_lint_statement *first;
    const struct iam_action_set *set;

    if (r->kind != IAM_LINT_TRUST)
        return;
    set = allowed(r, NULL, &first);
    services(r);
    for (size_t i = 0; i < r->n; i++) {
        const struct iam_lint_statement *x = &r->statements[i];

        if (!lets_in(x))
            continue;
        if ((x->s->actions.unknown || useless_principals(r, x)) && !x->s->principals_unknown)
            useless_actions(r, x);
        if (set != NULL)
            keys(r, x, set);
    }
}
