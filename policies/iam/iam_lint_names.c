/* Actions and resources. */
#include <string.h>

#include "policies/iam/iam_arn.h"
#include "policies/iam/iam_expand.h"
#include "policies/iam/iam_lint_state.h"
#include "policies/iam/iam_match.h"
#include "policies/iam/iam_variables.h"

#define TEXT(s) (int)((s).len < 200 ? (s).len : 200), (const char *)(s).data

static void service(struct iam_lint_state *s, const struct iam_statement *st, struct slice name)
{
    const uint8_t *colon = name.len > 0 ? memchr(name.data, ':', name.len) : NULL;
    struct slice near;
    size_t first, n;

    if (colon == NULL) {
        iam_lint_add(s, "unknown-action", st, "'%.*s' has no service in front", TEXT(name));
        return;
    }
    if (!iam_actions_service((struct slice){name.data, (size_t)(colon - name.data)}, &first, &n)) {
        iam_lint_add(s, "unknown-service", st, "no service has the prefix of '%.*s'", TEXT(name));
        return;
    }
    if (iam_expand_nearest(name, s->arena, &near))
        iam_lint_add(s, "unknown-action", st, "'%.*s' matches no action; the nearest is %.*s",
                     TEXT(name), TEXT(near));
    else
        iam_lint_add(s, "unknown-action", st, "'%.*s' matches no action", TEXT(name));
}

static void actions(struct iam_lint_state *s, const struct iam_statement *st)
{
    struct iam_action_set *sets = ARENA_ARRAY(s->arena, struct iam_action_set, st->actions.n);
    size_t *counts = ARENA_ARRAY(s->arena, size_t, st->actions.n);

    for (size_t i = 0; i < st->actions.n; i++) {
        sets[i] = iam_actions_none(s->arena);
        counts[i] = iam_actions_match(st->actions.items[i], &sets[i]);
        if (counts[i] == 0) {
            service(s, st, st->actions.items[i]);
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            const bool less = iam_actions_within(&sets[k], &sets[i]),
                       more = iam_actions_within(&sets[i], &sets[k]);
            const struct slice a = st->actions.items[less ? i : k];
            const struct slice b = st->actions.items[less ? k : i];

            if (counts[k] == 0 || (!less && !more))
                continue;
            iam_lint_add(s, "redundant-action", st, "'%.*s' is part of '%.*s'", TEXT(a), TEXT(b));
            break;
        }
    }
}

/* "*", or six fields of which the first is "arn", or fewer that fill up. */
static bool shaped(const struct iam_statement *st, struct slice text)
{
    const struct iam_arn arn = iam_arn_split(text, iam_match_rule(st));

    if (arn.any)
        return true;
    if (!slice_is(arn.field[0], "arn") && !iam_glob_wild(arn.field[0]))
        return false;
    return arn.n == 6 || arn.open;
}

static void redundant(struct iam_lint_state *s, const struct iam_statement *st, size_t i)
{
    const struct iam_arn a = iam_arn_split(st->resources.items[i], iam_match_rule(st));

    for (size_t k = 0; k < st->resources.n; k++) {
        const struct iam_arn b = iam_arn_split(st->resources.items[k], iam_match_rule(st));

        if (k == i || !iam_arn_covers(&b, &a) || (k > i && iam_arn_covers(&a, &b)))
            continue;
        if (iam_variables_in(s->doc, st->resources.items[k]) &&
            !slice_eq(st->resources.items[i], st->resources.items[k]))
            continue;
        iam_lint_add(s, "redundant-resource", st, "'%.*s' is part of '%.*s'",
                     TEXT(st->resources.items[i]), TEXT(st->resources.items[k]));
        return;
    }
}

static bool variable(struct slice text)
{
    struct slice key;
    size_t at = 0;

    return iam_variables_next(text, &at, &key);
}

static void resources(struct iam_lint_state *s, const struct iam_statement *st)
{
    for (size_t i = 0; i < st->resources.n; i++) {
        const struct slice text = st->resources.items[i];

        if (!shaped(st, text))
            iam_lint_add(s, "bad-arn", st, "'%.*s' is no ARN", TEXT(text));
        else
            redundant(s, st, i);
        if (!s->doc->variables && variable(text))
            iam_lint_add(s, "literal-variable", st, "'%.*s'", TEXT(text));
    }
}

/* May an action be asked on one of the statement's resources? */
static bool applies(struct iam_lint_state *s, const struct iam_statement *st,
                    const struct iam_texts *types)
{
    for (size_t r = 0; r < st->resources.n; r++) {
        const struct slice text = iam_variables_widen(st->resources.items[r], false, s->arena);
        const struct iam_arn a = iam_arn_split(text, iam_match_rule(st));

        if (a.any)
            return true;
        for (size_t t = 0; t < types->n; t++) {
            const struct iam_arn b = iam_arn_split(types->items[t], IAM_ARN_RESOURCE);

            if (iam_arn_overlap(&a, &b))
                return true;
        }
    }
    return false;
}

/* What the statement's resources mean to actions of one shape; each shape is looked at once. */
struct shapes {
    const struct iam_statement *st;
    uint8_t *seen; /* 1: looked at, 2: applies, 4: has resources */
};

static uint8_t shape(struct iam_lint_state *s, const struct shapes *all, size_t action)
{
    uint8_t *x = &all->seen[iam_actions_shape(action)];
    struct iam_texts types;

    if (*x == 0) {
        types = iam_actions_resources(action, s->arena);
        *x = (uint8_t)(1 | (applies(s, all->st, &types) ? 2 : 0) | (types.n > 0 ? 4 : 0));
    }
    return *x;
}

/* Names that list nothing which works on the resources. */
static void pairs(struct iam_lint_state *s, const struct iam_statement *st)
{
    const struct shapes all = {st, arena_alloc(s->arena, IAM_ACTIONS_SHAPES)};
    struct iam_action_set set = iam_actions_none(s->arena);

    for (size_t i = 0; i < st->actions.n; i++) {
        uint8_t any = 0;

        iam_actions_clear(&set);
        if (iam_actions_match(st->actions.items[i], &set) == 0)
            continue;
        for (size_t k = iam_actions_next(&set, 0); k < iam_actions_count() && (any & 2) == 0;
             k = iam_actions_next(&set, k + 1))
            any |= shape(s, &all, k);
        if ((any & 2) == 0)
            iam_lint_add(s, (any & 4) != 0 ? "no-resource" : "star-needed", st,
                         "'%.*s' never matches: %s", TEXT(st->actions.items[i]),
                         (any & 4) != 0 ? "its resources are others than those listed"
                                        : "it has no resources, and \"*\" is not listed");
    }
}

/* "*" is listed: whatever the actions work on is in it; or something that is no ARN, which was
 * told already. */
static bool settled(const struct iam_statement *st)
{
    for (size_t i = 0; i < st->resources.n; i++)
        if (iam_glob_any(st->resources.items[i]) || !shaped(st, st->resources.items[i]))
            return true;
    return false;
}

void iam_lint_names(struct iam_lint_state *s, const struct iam_statement *st)
{
    actions(s, st);
    resources(s, st);
    if (!st->not_action && !st->not_resource && st->has_resource && !st->resources.unknown &&
        !settled(st))
        pairs(s, st);
    if (st->effect != IAM_ALLOW)
        return;
    if (st->not_action)
        iam_lint_add(s, "allow-not-action", st, "all actions but %zu", st->actions.n);
    if (st->not_resource)
        iam_lint_add(s, "allow-not-resource", st, "all resources but %zu", st->resources.n);
}
