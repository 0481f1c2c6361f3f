/*
 * Policies: any JSON is refused with a reason, or is a document that can be evaluated, expanded and
 * compared; what is refused, lint calls an error.
 * None is wider than itself or than what it was before an Allow went; what is called wider comes
 * with a request that the evaluator tells apart. A list of two is an old and a new policy.
 */
#include <stdlib.h>

#include "base/attr.h"
#include "base/json.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "policies/iam/lint/iam_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BUDGET 20000u

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool of_resource(const struct iam_docs *docs)
{
    for (size_t i = 0; i < docs->n; i++)
        for (size_t k = 0; k < docs->items[i].n; k++)
            if (docs->items[i].statements[k].has_principal)
                return true;
    return false;
}

static enum iam_answer allowed(const struct iam_docs *docs, bool resource,
                               const struct iam_request *r, struct arena *a)
{
    struct iam_question q = {.request = *r};
    struct iam_verdict v;

    if (resource)
        q.resource = &docs->items[0];
    else
        q.identity = *docs;
    iam_evaluate(&q, a, &v);
    must(v.decision == iam_evaluate_decide(&q, a));
    return v.sides[resource ? IAM_SIDE_RESOURCE : IAM_SIDE_IDENTITY];
}

static enum iam_answer compare(const struct iam_doc *old, const struct iam_doc *fresh,
                               struct arena *a)
{
    const struct iam_docs before = {old, 1, false}, after = {fresh, 1, false};
    const struct iam_compare_options opt = {.budget = BUDGET};
    const bool resource = of_resource(&before) || of_resource(&after);
    struct iam_comparison c;
    struct iam_request r;

    iam_compare(&before, &after, &opt, a, &c);
    must((c.wider == IAM_MAYBE) == (c.unknown != NULL));
    if (c.wider != IAM_YES)
        return c.wider;
    r = (struct iam_request){.action = c.example.action,
                             .resource = c.example.resource,
                             .principal = c.example.principal,
                             .context = {.keys = c.example.keys, .n = c.example.nkeys},
                             .wildcard_only = slice_is(c.example.resource, "*")};
    if (!resource)
        r.principal = SLICE_LIT("arn:aws:iam::123456789012:user/x");
    must(c.example.statement != NULL && c.example.why_not != NULL);
    must(allowed(&after, resource, &r, a) == IAM_YES);
    must(allowed(&before, resource, &r, a) == IAM_NO);
    return IAM_YES;
}

/* Without its last Allow. */
static struct iam_doc less(const struct iam_doc *d, struct arena *a)
{
    struct iam_statement *kept = ARENA_ARRAY(a, struct iam_statement, d->n);
    struct iam_doc out = *d;
    size_t last = d->n;

    while (last > 0 && d->statements[last - 1].effect != IAM_ALLOW)
        last--;
    out.n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (i + 1 != last)
            kept[out.n++] = d->statements[i];
    out.statements = kept;
    return out;
}

static const struct iam_allowed *listed(const struct iam_expansion *e, size_t action)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->allowed[i].action == action)
            return &e->allowed[i];
    return NULL;
}

/* What is allowed plainly is; what is allowed somewhere is listed. */
static void expand(const struct iam_doc *d, struct arena *a)
{
    static const char *const probes[] = {"s3:GetObject", "iam:PassRole", "sts:AssumeRole",
                                         "ec2:RunInstances"};
    const struct iam_docs docs = {d, 1, false};
    struct iam_request r = {.resource = SLICE_LIT("arn:aws:s3:::b/k"),
                            .principal = SLICE_LIT("arn:aws:iam::123456789012:user/x")};
    struct iam_expansion e;

    if (of_resource(&docs))
        return;
    iam_expand(&docs, a, &e);
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        const struct iam_allowed *found;
        enum iam_answer m;
        size_t action;

        r.action = slice_str(probes[i]);
        must(iam_actions_find(r.action, &action));
        found = listed(&e, action);
        m = allowed(&docs, false, &r, a);
        must(m != IAM_YES || found != NULL);
        must(found == NULL || !found->plain || m != IAM_NO);
    }
}

static void lint(const struct value *v, bool good, struct arena *a)
{
    struct iam_lint l;
    size_t errors = 0, warnings = 0;

    iam_lint(v, NULL, a, &l);
    for (size_t i = 0; i < l.n; i++) {
        must(iam_lint_code_of(l.items[i].code) != NULL && l.items[i].text[0] != '\0');
        errors += l.items[i].level == IAM_LINT_ERROR;
        warnings += l.items[i].level == IAM_LINT_WARNING;
    }
    must(errors == l.errors && warnings == l.warnings);
    must(good || errors > 0);
}

static void use(const struct iam_doc *d, struct arena *a)
{
    const struct iam_doc before = less(d, a);

    expand(d, a);
    must(compare(d, d, a) != IAM_YES);
    if (of_resource(&(struct iam_docs){d, 1, false}) ==
        of_resource(&(struct iam_docs){&before, 1, false}))
        must(compare(d, &before, a) != IAM_YES);
    (void)compare(&before, d, a);
}

static bool document(const struct value *v, struct arena *a, struct iam_doc *out)
{
    struct iam_doc strict;
    struct err e = {0}, other = {0};
    const bool good = iam_doc_read(v, "fuzz", a, &strict, &e);
    const bool lenient = iam_doc_read_lenient(v, "fuzz", a, out, &other);

    must(good == (e.code == ERR_NONE) && lenient == (other.code == ERR_NONE));
    must(lenient || !good);
    lint(v, good, a);
    return lenient;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value *v;
    struct iam_doc one, two;
    struct arena a;
    struct err e = {0};

    if (size > 16384)
        return 0;
    arena_init(&a);
    if (json_read((struct slice){data, size}, &a, &v, &e)) {
        if (value_is(v, VALUE_LIST) && value_len(v) == 2 && document(value_item(v, 0), &a, &one) &&
            document(value_item(v, 1), &a, &two))
            (void)compare(&one, &two, &a);
        else if (document(v, &a, &one))
            use(&one, &a);
    }
    arena_release(&a);
    return 0;
}
