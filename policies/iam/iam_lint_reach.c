/* Statements against each other: what one includes, another need not say. */
#include "policies/iam/iam_arn.h"
#include "policies/iam/iam_lint_state.h"
#include "policies/iam/iam_match.h"
#include "policies/iam/iam_variables.h"

static bool same_texts(const struct iam_texts *a, const struct iam_texts *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool known(const struct iam_statement *s)
{
    for (size_t i = 0; i < s->ntests; i++)
        if (s->tests[i].values.unknown)
            return false;
    return !s->actions.unknown && !s->resources.unknown && !s->principals_unknown &&
           !s->tests_unknown && s->effect != IAM_EFFECT_UNKNOWN;
}

static bool has_test(const struct iam_statement *s, const struct iam_test *t)
{
    for (size_t i = 0; i < s->ntests; i++)
        if (s->tests[i].op == t->op && s->tests[i].quantifier == t->quantifier &&
            s->tests[i].if_exists == t->if_exists && iam_glob_same(s->tests[i].key, t->key) &&
            same_texts(&s->tests[i].values, &t->values))
            return true;
    return false;
}

static bool same_principals(const struct iam_statement *a, const struct iam_statement *b)
{
    if (a->has_principal != b->has_principal || a->not_principal != b->not_principal ||
        a->nprincipals != b->nprincipals)
        return false;
    for (size_t i = 0; i < a->nprincipals; i++)
        if (a->principals[i].type != b->principals[i].type ||
            !slice_eq(a->principals[i].name, b->principals[i].name))
            return false;
    return true;
}

/* Is there a resource of `s` that includes this one? */
static bool included(const struct iam_lint_state *st, const struct iam_statement *s,
                     struct slice text)
{
    const struct iam_arn b = iam_arn_split(text, iam_match_rule(s));

    for (size_t i = 0; i < s->resources.n; i++) {
        const struct iam_arn a = iam_arn_split(s->resources.items[i], iam_match_rule(s));

        if (slice_eq(s->resources.items[i], text) || a.any)
            return true;
        if (!iam_variables_in(st->doc, s->resources.items[i]) && iam_arn_covers(&a, &b))
            return true;
    }
    return false;
}

static bool covers_resources(const struct iam_lint_state *st, const struct iam_statement *a,
                             const struct iam_statement *b)
{
    if (!a->has_resource || !b->has_resource)
        return a->has_resource == b->has_resource;
    if (a->not_resource || b->not_resource)
        return a->not_resource == b->not_resource && same_texts(&a->resources, &b->resources);
    for (size_t i = 0; i < b->resources.n; i++)
        if (!included(st, a, b->resources.items[i]))
            return false;
    return true;
}

static bool lists(const struct iam_statement *s, struct slice name)
{
    for (size_t i = 0; i < s->actions.n; i++)
        if (slice_is(s->actions.items[i], "*") || iam_glob_covers(s->actions.items[i], name))
            return true;
    return false;
}

static bool covers_actions(const struct iam_statement *a, const struct iam_statement *b)
{
    if (a->not_action || b->not_action)
        return a->not_action == b->not_action && same_texts(&a->actions, &b->actions);
    for (size_t i = 0; i < b->actions.n; i++)
        if (!lists(a, b->actions.items[i]))
            return false;
    return true;
}

/* Does `a` match whatever `b` matches? */
static bool covers(const struct iam_lint_state *st, const struct iam_statement *a,
                   const struct iam_statement *b)
{
    if (!known(a) || !known(b) || !same_principals(a, b) || !covers_actions(a, b) ||
        !covers_resources(st, a, b))
        return false;
    for (size_t i = 0; i < a->ntests; i++)
        if (!has_test(b, &a->tests[i]))
            return false;
    return true;
}

void iam_lint_reach(struct iam_lint_state *st)
{
    const struct iam_statement *s = st->doc->statements;

    for (size_t i = 0; i < st->doc->n; i++)
        for (size_t k = 0; k < st->doc->n; k++) {
            const bool denied = s[i].effect == IAM_ALLOW && s[k].effect == IAM_DENY;

            if (k == i || (s[i].effect != s[k].effect && !denied) || !covers(st, &s[k], &s[i]))
                continue;
            if (!denied && k > i && covers(st, &s[i], &s[k]))
                continue; /* the same: the later one is told */
            iam_lint_add(st, denied ? "unreachable" : "redundant-statement", &s[i],
                         "statement %zu %s", k + 1, denied ? "denies all of it" : "includes it");
            break;
        }
}
