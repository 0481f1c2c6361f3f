#include <string.h>

#include "policies/iam/lint/iam_lint_checks.h"

/* Which actions and resources of a statement fit. Actions of one shape have the same types. */

enum fits { UNSEEN, FITS, FITS_NOT };

struct reach {
    struct iam_lint_run *run;
    struct arena scratch;
    const struct iam_lint_statement *x;
    uint8_t *shapes; /* enum fits */
    bool *used;      /* one for each resource: some action has it */
    bool *nobodys;   /* ... no action at all has it */
    bool open;       /* there is such a one */
    /* of the name that is being looked at */
    size_t matches, reached, stars;
};

/* A bucket's name has no slash: "bucket/x" is an object. SPEC: S3 User Guide, "General purpose
 * bucket naming rules" */
static bool bucket(struct slice type, const struct iam_arn *pattern)
{
    const struct slice name = pattern->field[5];

    if (!slice_is(type, "arn:*:s3:::*") || pattern->n < 6)
        return true;
    for (size_t i = 0; i < name.len && name.data[i] != '*'; i++)
        if (name.data[i] == '/')
            return false;
    return true;
}

/* Most are of another service. Past the work, everything meets. */
static bool meets(struct reach *h, struct slice type, size_t resource)
{
    const struct iam_arn arn = iam_arn_split(type, IAM_ARN_RESOURCE);
    const struct iam_arn *pattern = &h->x->wide[resource];

    if (pattern->n > 3 && arn.n > 3 && pattern->field[3].len == 0 && slice_is(arn.field[3], "*"))
        return false; /* a region must stand there; AWS has resources without account */
    if (pattern->n > 2 && arn.n > 2 && !iam_glob_wild(pattern->field[2]) &&
        !iam_glob_wild(arn.field[2]) && !slice_eq(pattern->field[2], arn.field[2]))
        return false;
    if (!iam_lint_run_work(h->run, type.len * h->x->s->resources.items[resource].len))
        return true;
    return iam_arn_overlap(&arn, pattern) && bucket(type, pattern);
}

/* A form of ARN that the table gives to no action: whose it is cannot be told. So it is past the
 * work. */
static bool nobodys(struct reach *h, size_t resource)
{
    if (!iam_lint_run_work(h->run, iam_actions_arns()))
        return true;
    for (size_t i = 0; i < iam_actions_arns(); i++)
        if (meets(h, iam_actions_arn(i), resource) && !iam_actions_arn_used(i))
            return true;
    return false;
}

/* Of resources that no action of the statement has: is it such a one? */
static void unused(struct reach *h)
{
    for (size_t i = 0; i < h->x->s->resources.n; i++) {
        h->nobodys[i] = !h->used[i] && nobodys(h, i);
        h->open = h->open || h->nobodys[i];
    }
}

/* Looks at each shape once. */
static enum fits shape(struct reach *h, size_t action)
{
    uint8_t *known = &h->shapes[iam_actions_shape(action)];
    struct iam_texts types;

    if (*known != UNSEEN)
        return (enum fits) * known;
    types = iam_actions_resources(action, &h->scratch);
    *known = FITS_NOT;
    for (size_t i = 0; i < h->x->s->resources.n; i++)
        for (size_t k = 0; k < types.n; k++)
            if (meets(h, types.items[k], i)) {
                *known = FITS;
                h->used[i] = true;
            }
    return (enum fits) * known;
}

static void shapes(struct reach *h)
{
    for (size_t i = iam_actions_next(&h->x->set, 0); i < iam_actions_count();
         i = iam_actions_next(&h->x->set, i + 1))
        (void)shape(h, i);
}

static void count(void *ctx, size_t action)
{
    struct reach *h = ctx;

    h->matches++;
    h->reached += shape(h, action) == FITS;
    h->stars += iam_actions_at(action).wildcard_only;
}

static void names(struct iam_lint_run *r, struct reach *h)
{
    const struct iam_statement *s = h->x->s;

    for (size_t i = 0; i < s->actions.n; i++) {
        const struct slice name = s->actions.items[i];

        h->matches = h->reached = h->stars = 0;
        (void)iam_actions_each(name, count, h);
        if (h->matches == 0 || h->reached > 0 || s->resources.unknown ||
            (h->stars < h->matches && h->open))
            continue;
        if (h->stars == h->matches)
            iam_lint_run_add(r, IAM_LINT_STAR_NEEDED, s, iam_lint_run_line(s, "Action", i),
                             "%.*s has no resources: only \"*\" matches it", IAM_LINT_TEXT(name));
        else
            iam_lint_run_add(r, IAM_LINT_NO_RESOURCE, s, iam_lint_run_line(s, "Action", i),
                             "%.*s can be asked on no resource of the statement",
                             IAM_LINT_TEXT(name));
    }
}

/* ARNs that nothing of AWS has are told for themselves. */
static void resources(struct iam_lint_run *r, struct reach *h)
{
    const struct iam_statement *s = h->x->s;

    for (size_t i = 0; i < s->resources.n; i++)
        if (!h->used[i] && !h->nobodys[i] && iam_lint_shapes_known(r, &h->x->wide[i]))
            iam_lint_run_add(r, IAM_LINT_UNUSED_RESOURCE, s, iam_lint_run_line(s, "Resource", i),
                             "no action of the statement can be asked on %.*s",
                             IAM_LINT_TEXT(s->resources.items[i]));
}

void iam_lint_reach(struct iam_lint_run *r, const struct iam_lint_statement *x)
{
    struct reach h = {.run = r, .x = x};

    if (x->star || x->whole || x->s->not_action || x->s->not_resource)
        return;
    arena_init(&h.scratch);
    h.shapes = arena_alloc(&h.scratch, IAM_ACTIONS_SHAPES);
    h.used = ARENA_ARRAY(&h.scratch, bool, x->s->resources.n);
    h.nobodys = ARENA_ARRAY(&h.scratch, bool, x->s->resources.n);
    shapes(&h);
    unused(&h);
    names(r, &h);
    if (x->sure)
        resources(r, &h);
    arena_release(&h.scratch);
}
