#include <string.h>

#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/lint/iam_lint_checks.h"

/* One name of the list. */
struct name {
    const struct iam_lint_statement *x;
    struct slice text, service, action; /* as written; before and behind the colon */
    uint32_t line;
};

static bool letters(struct slice s, const char *others)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = iam_glob_lower(s.data[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') &&
            (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return s.len > 0;
}

static bool well_formed(struct name *n)
{
    const uint8_t *colon = n->text.len > 0 ? memchr(n->text.data, ':', n->text.len) : NULL;

    if (colon == NULL)
        return false;
    n->service = (struct slice){n->text.data, (size_t)(colon - n->text.data)};
    n->action = slice_from(n->text, n->service.len + 1);
    return letters(n->service, "*?-_.") && letters(n->action, "*?-_.");
}

static void unknown(struct iam_lint_run *r, const struct name *n)
{
    struct slice near = {NULL, 0};

    if (!iam_glob_wild(n->action) && iam_expand_nearest(n->text, r->arena, &near))
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_ACTION, n->x->s, n->line,
                         "no action of AWS is named %.*s; the nearest is %.*s",
                         IAM_LINT_TEXT(n->text), IAM_LINT_TEXT(near));
    else
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_ACTION, n->x->s, n->line, "no action of AWS %s %.*s",
                         iam_glob_wild(n->action) ? "matches" : "is named", IAM_LINT_TEXT(n->text));
}

static void count(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
}

/* false: nothing is known of it. */
static bool one(struct iam_lint_run *r, struct name *n)
{
    size_t first, k;

    if (iam_glob_any(n->text) || iam_actions_each(n->text, count, NULL) > 0)
        return true;
    if (!well_formed(n))
        iam_lint_run_add(r, IAM_LINT_ACTION, n->x->s, n->line, "'%.*s' is no service:Action",
                         IAM_LINT_TEXT(n->text));
    else if (iam_glob_wild(n->service))
        iam_lint_run_add(r, IAM_LINT_WILDCARD_SERVICE, n->x->s, n->line,
                         "a pattern for services: %.*s", IAM_LINT_TEXT(n->text));
    else if (!iam_actions_service(n->service, &first, &k))
        iam_lint_run_add(r, IAM_LINT_UNKNOWN_SERVICE, n->x->s, n->line,
                         "no service of AWS has the prefix '%.*s' (%.*s)",
                         IAM_LINT_TEXT(n->service), IAM_LINT_TEXT(n->text));
    else
        unknown(r, n);
    return false;
}

/* Of two names that cover each other, the earlier one stays. */
static bool covers(struct iam_lint_run *r, const struct iam_lint_name *names, size_t by, size_t i)
{
    return by != i && iam_lint_run_covers(r, &names[by], &names[i]) &&
           (by < i || !iam_lint_run_covers(r, &names[i], &names[by]));
}

static void redundant(struct iam_lint_run *r, const struct iam_lint_statement *x, size_t i,
                      uint32_t line)
{
    const struct iam_texts *list = &x->s->actions;

    for (size_t k = 0; k < list->n && !iam_lint_run_spent(r); k++) {
        if (!covers(r, x->names, k, i))
            continue;
        iam_lint_run_add(r, IAM_LINT_REDUNDANT_ACTION, x->s, line, "%.*s is covered by %.*s",
                         IAM_LINT_TEXT(list->items[i]), IAM_LINT_TEXT(list->items[k]));
        return;
    }
}

void iam_lint_actions(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    const char *element = x->s->not_action ? "NotAction" : "Action";

    for (size_t i = 0; i < x->s->actions.n; i++) {
        struct name n = {.x = x, .text = x->s->actions.items[i]};

        n.line = iam_lint_run_line(x->s, element, i);
        if (one(r, &n))
            redundant(r, x, i, n.line);
    }
}
