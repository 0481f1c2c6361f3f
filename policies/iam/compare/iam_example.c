#include "policies/iam/compare/iam_example.h"

#include <string.h>

#include "policies/iam/evaluate/iam_side.h"

static enum iam_answer heard(const struct iam_example *x, const struct iam_docs *docs,
                             enum iam_side as, const struct iam_request *r)
{
    const struct iam_question q = {.request = *r};
    struct iam_hearing h = {.q = &q, .arena = x->arena};
    struct iam_tally t = {0};

    iam_side_docs(&h, as, docs, &t);
    if (t.deny == IAM_YES)
        return IAM_NO;
    return t.deny == IAM_MAYBE ? iam_side_both(t.allow, IAM_MAYBE) : t.allow;
}

enum iam_answer iam_example_allowed(const struct iam_example *x,
                                    const struct iam_example_side *side,
                                    const struct iam_request *r)
{
    enum iam_answer out =
        heard(x, side->docs, x->principals ? IAM_SIDE_RESOURCE : IAM_SIDE_IDENTITY, r);

    for (size_t i = 0; i < side->limits->n && out != IAM_NO; i++)
        out = iam_side_both(out, heard(x, &side->limits->items[i], IAM_SIDE_BOUNDARY, r));
    return out;
}

enum iam_answer iam_example_holds(const struct iam_example *x, const struct iam_request *r)
{
    const enum iam_answer fresh = iam_example_allowed(x, &x->fresh, r);
    enum iam_answer old;

    if (!r->wildcard_only && iam_glob_wild(r->resource) && !slice_is(r->resource, "*"))
        return IAM_MAYBE;
    if (fresh == IAM_NO)
        return IAM_NO;
    old = iam_example_allowed(x, &x->old, r);
    return iam_side_both(fresh, old == IAM_YES ? IAM_NO : old == IAM_NO ? IAM_YES : IAM_MAYBE);
}

/* The keys of a request without one of them. */
static struct iam_request without(const struct iam_request *r, size_t key, struct arena *a)
{
    struct iam_key *keys = ARENA_ARRAY(a, struct iam_key, r->context.n);
    struct iam_request out = *r;
    size_t n = 0;

    for (size_t i = 0; i < r->context.n; i++)
        if (i != key)
            keys[n++] = r->context.keys[i];
    out.context.keys = keys;
    out.context.n = n;
    return out;
}

static struct iam_request shrunk(const struct iam_example *x, const struct iam_request *r)
{
    struct iam_request out = *r;

    for (size_t i = out.context.n; i > 0; i--) {
        const struct iam_request less = without(&out, i - 1, x->arena);

        if (iam_example_holds(x, &less) == IAM_YES)
            out = less;
    }
    return out;
}

/* "bucket/" reads better as "bucket/a", and "train-" as "train-a". */
static struct slice tidied(const struct iam_example *x, const struct iam_request *r)
{
    struct iam_request longer = *r;

    if (r->resource.len == 0 || strchr("/:-_.", r->resource.data[r->resource.len - 1]) == NULL)
        return r->resource;
    longer.resource = slice_str(
        arena_printf(x->arena, "%.*sa", (int)r->resource.len, (const char *)r->resource.data));
    return iam_example_holds(x, &longer) == IAM_YES ? longer.resource : r->resource;
}

/* Who is called like what aws:PrincipalArn says of him reads better than somebody else. */
static struct slice named(const struct iam_example *x, const struct iam_request *r)
{
    const struct iam_key *key = iam_request_key(&r->context, SLICE_LIT("aws:PrincipalArn"));
    struct iam_request same = *r;

    if (key == NULL || key->n != 1 || !slice_starts(r->principal, "arn:") ||
        !slice_starts(key->values[0], "arn:"))
        return r->principal;
    same.principal = key->values[0];
    return iam_example_holds(x, &same) == IAM_YES ? same.principal : r->principal;
}

static const char *place(const struct iam_example *x, const struct iam_doc *d,
                         const struct iam_statement *s)
{
    const char *out = arena_printf(x->arena, "statement %zu", s->index + 1);

    if (s->sid.len > 0)
        out =
            arena_printf(x->arena, "%s \"%.*s\"", out, (int)s->sid.len, (const char *)s->sid.data);
    if (d->name[0] == '\0')
        return out;
    return s->line > 0 ? arena_printf(x->arena, "%s (%s:%u)", out, d->name, (unsigned)s->line)
                       : arena_printf(x->arena, "%s (%s)", out, d->name);
}

/* How far a statement goes along with a request. */
enum miss { MISS_ACTION, MISS_PRINCIPAL, MISS_RESOURCE, MISS_CONDITION };

struct nearest {
    const struct iam_doc *doc;
    const struct iam_statement *statement;
    const struct iam_test *test;
    enum miss miss;
};

static void look(const struct iam_example *x, const struct iam_doc *d,
                 const struct iam_statement *s, const struct iam_request *r, struct nearest *best)
{
    struct nearest here = {.doc = d, .statement = s, .miss = MISS_CONDITION};

    if (iam_match_action(s, r->action) == IAM_NO)
        return;
    if (x->principals && iam_match_principal(s, r) == IAM_MATCH_NONE)
        here.miss = MISS_PRINCIPAL;
    else if (iam_match_resource(d, s, r, x->arena) == IAM_NO)
        here.miss = MISS_RESOURCE;
    else
        (void)iam_condition_all(d, s, &r->context, x->arena, &here.test);
    if (best->doc == NULL || here.miss > best->miss)
        *best = here;
}

static const char *missed(const struct iam_example *x, const struct nearest *n)
{
    const char *where = place(x, n->doc, n->statement);

    switch (n->miss) {
    case MISS_PRINCIPAL:
        return arena_printf(x->arena, "%s allows the action, but not to this principal", where);
    case MISS_RESOURCE:
        return arena_printf(x->arena, "%s allows the action, but not on this resource", where);
    default:
        break;
    }
    if (n->test == NULL)
        return arena_printf(x->arena, "%s does not hold", where);
    return arena_printf(x->arena, "%s allows it only where %.*s %.*s holds", where,
                        (int)n->test->op_text.len, (const char *)n->test->op_text.data,
                        (int)n->test->key.len, (const char *)n->test->key.data);
}

/* The statement that denies it; else NULL, and the nearest of those that might have allowed it. */
static const char *denied(const struct iam_example *x, const struct iam_docs *docs,
                          const struct iam_request *r, struct nearest *best)
{
    for (size_t i = 0; i < docs->n; i++)
        for (size_t k = 0; k < docs->items[i].n; k++) {
            const struct iam_doc *d = &docs->items[i];
            const struct iam_statement *s = &d->statements[k];

            if (s->effect == IAM_DENY && iam_evaluate_statement(d, s, r, x->arena) == IAM_YES)
                return arena_printf(x->arena, "%s denies it", place(x, d, s));
            if (s->effect == IAM_ALLOW && best != NULL)
                look(x, d, s, r, best);
        }
    return NULL;
}

static const char *why_not(const struct iam_example *x, const struct iam_request *r)
{
    struct nearest best = {.doc = NULL};
    const struct iam_limits *limits = x->old.limits;
    const char *out = denied(x, x->old.docs, r, &best);

    for (size_t i = 0; i < limits->n && out == NULL; i++) {
        out = denied(x, &limits->items[i], r, NULL);
        if (out == NULL && heard(x, &limits->items[i], IAM_SIDE_BOUNDARY, r) == IAM_NO)
            out = "what limits the old policies does not allow it";
    }
    if (out != NULL)
        return out;
    if (best.doc != NULL)
        return missed(x, &best);
    return x->old.docs->n == 0 ? "nothing is allowed" : "no statement allows the action";
}

/* The statement of the new policies that allows it. */
static void allowing(const struct iam_example *x, const struct iam_request *r,
                     struct iam_counterexample *out)
{
    for (size_t i = 0; i < x->fresh.docs->n; i++)
        for (size_t k = 0; k < x->fresh.docs->items[i].n; k++) {
            const struct iam_doc *d = &x->fresh.docs->items[i];

            if (d->statements[k].effect != IAM_ALLOW ||
                iam_evaluate_statement(d, &d->statements[k], r, x->arena) != IAM_YES)
                continue;
            out->doc = d;
            out->statement = &d->statements[k];
            return;
        }
}

void iam_example_tell(const struct iam_example *x, const struct iam_request *r,
                      struct iam_counterexample *out)
{
    struct iam_request least = shrunk(x, r);

    least.resource = tidied(x, &least);
    least.principal = named(x, &least);
    *out = (struct iam_counterexample){.action = least.action,
                                       .resource = least.resource,
                                       .principal = least.principal,
                                       .keys = least.context.keys,
                                       .nkeys = least.context.n};
    allowing(x, &least, out);
    out->why_not = why_not(x, &least);
}
