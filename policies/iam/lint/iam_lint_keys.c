#include <string.h>

#include "policies/iam/lint/iam_lint_checks.h"

/* One key of a test, and the actions that are looked for. */
struct look {
    const struct iam_lint_statement *x;
    const struct iam_test *t;
    uint32_t line;
    bool tag; /* of tags: global by name, but not every action has it */
    bool found;
};

static bool begins(struct slice key, const char *with)
{
    const size_t n = strlen(with);

    return key.len >= n &&
           iam_glob_same((struct slice){key.data, n}, (struct slice){(const uint8_t *)with, n});
}

static bool of_tags(struct slice key)
{
    return begins(key, "aws:ResourceTag/") || begins(key, "aws:RequestTag/") ||
           iam_glob_same(key, SLICE_LIT("aws:TagKeys"));
}

static void look_at(void *ctx, size_t action)
{
    struct look *k = ctx;

    k->found = k->found || (k->tag ? iam_actions_key_own(action, k->t->key)
                                   : iam_actions_key(action, k->t->key));
}

/* "aws:RequestTag" without the name of the tag. */
static bool cut_short(struct slice key, struct arena *a)
{
    const struct slice longer = slice_str(arena_printf(a, "%.*s/x", IAM_LINT_TEXT(key)));

    return iam_actions_key_type(longer) != IAM_KEY_NONE;
}

static void unknown(struct iam_lint_run *r, const struct look *k)
{
    const struct slice key = k->t->key;

    if (cut_short(key, r->arena))
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_KEY, k->x->s, k->line,
                         "%.*s goes on with a name: %.*s/NAME", IAM_LINT_TEXT(key),
                         IAM_LINT_TEXT(key));
    else
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_KEY, k->x->s, k->line,
                         "no condition key of AWS is named %.*s", IAM_LINT_TEXT(key));
}

/* Those are asked for by the request that assumes the role, with all of its keys. */
static bool rides_along(const struct iam_lint_statement *x, struct slice name)
{
    static const char *const others[] = {"sts:TagSession", "sts:SetSourceIdentity",
                                         "sts:SetContext"};

    if (x->s->actions.n == 1)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (iam_glob_same(name, slice_str(others[i])))
            return true;
    return false;
}

/* An action whose requests do not have the key fails a test that demands it. */
static void each_action(struct iam_lint_run *r, struct look *k)
{
    const struct iam_texts *names = &k->x->s->actions;
    const bool demanded = iam_lint_run_demands(k->t);
    struct slice first = {NULL, 0};
    size_t without = 0;

    for (size_t i = 0; i < names->n && iam_lint_run_work(r, names->items[i].len); i++) {
        k->found = false;
        if (iam_actions_each(names->items[i], look_at, k) == 0 || k->found ||
            rides_along(k->x, names->items[i]))
            continue;
        first = without++ == 0 ? names->items[i] : first;
    }
    if (without == 0 || (!demanded && without < names->n))
        return;
    if (without == names->n)
        iam_lint_run_add(r, IAM_LINT_KEY_NOT_OF_ACTION, k->x->s, k->line,
                         "no action of the statement comes with %.*s", IAM_LINT_TEXT(k->t->key));
    else
        iam_lint_run_add(r, IAM_LINT_KEY_NOT_OF_ACTION, k->x->s, k->line,
                         "%.*s%s never %s with %.*s", IAM_LINT_TEXT(first),
                         without > 1 ? " and others" : "", without > 1 ? "come" : "comes",
                         IAM_LINT_TEXT(k->t->key));
}

void iam_lint_keys(struct iam_lint_run *r, const struct iam_lint_statement *x,
                   const struct iam_test *t, uint32_t line)
{
    struct look k = {.x = x, .t = t, .line = line, .tag = of_tags(t->key)};
    size_t at;

    if (t->key.len == 0 || memchr(t->key.data, ':', t->key.len) == NULL)
        iam_lint_run_add(r, IAM_LINT_KEY, x->s, line, "'%.*s' is no service:Key",
                         IAM_LINT_TEXT(t->key));
    else if (iam_glob_same(t->key, SLICE_LIT("aws:ARN")))
        iam_lint_run_add(r, IAM_LINT_DEPRECATED_KEY, x->s, line,
                         "aws:ARN became aws:PrincipalArn and aws:SourceArn");
    else if (slice_find(t->key, SLICE_LIT("${"), &at))
        iam_lint_run_add(r, IAM_LINT_MISPLACED_VARIABLE, x->s, line,
                         "a variable in the name of a key: %.*s", IAM_LINT_TEXT(t->key));
    else if (iam_lint_run_federated(t->key))
        return;
    else if (iam_actions_key_type(t->key) == IAM_KEY_NONE)
        unknown(r, &k);
    else if (!x->s->not_action && !x->whole && (k.tag || !iam_actions_key_global(t->key)))
        each_action(r, &k);
    if (x->s->not_action && x->s->effect == IAM_DENY && begins(t->key, "aws:ResourceTag/") &&
        iam_lint_run_demands(t))
        iam_lint_run_add(r, IAM_LINT_TAGS_NOT_ACTION, x->s, line,
                         "actions without %.*s are not denied", IAM_LINT_TEXT(t->key));
}
