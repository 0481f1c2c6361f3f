/*
 * iam_decide FILE: decisions for a list of requests, one line each: "Allowed", "ImplicitlyDenied",
 * "ExplicitlyDenied" or "Undecided". For public corpora and for comparing with other simulators.
 * FILE holds a JSON list of {request: {action, resource: {resource, accountId}, principal, context,
 * wildcardOnlyAction}, identityPolicies, resourcePolicy, permissionBoundaries, sessionPolicy,
 * serviceControlPolicies, resourceControlPolicies, endpointPolicies}; policies may also be indexes
 * into the list of a second FILE.
 */
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "policies/iam/iam_evaluate.h"

static const struct value *pool;
static struct iam_doc *pool_docs;

static struct iam_doc doc_of(const struct value *v, struct arena *a)
{
    struct iam_doc d = {0};
    struct err e = {0};

    if (value_is(v, VALUE_INT) && (size_t)v->as.integer < value_len(pool))
        return pool_docs[v->as.integer];
    if (!iam_doc_read_lenient(v, "", a, &d, &e)) {
        fprintf(stderr, "iam_decide: %s\n", e.text);
        return iam_doc_unknown("");
    }
    return d;
}

static struct iam_docs docs_of(const struct value *list, struct arena *a)
{
    struct iam_doc *items = ARENA_ARRAY(a, struct iam_doc, value_len(list));

    for (size_t i = 0; i < value_len(list); i++)
        items[i] = doc_of(value_item(list, i), a);
    return (struct iam_docs){items, value_len(list), false};
}

static struct iam_level *levels_of(const struct value *list, struct arena *a)
{
    struct iam_level *items = ARENA_ARRAY(a, struct iam_level, value_len(list));

    for (size_t i = 0; i < value_len(list); i++)
        items[i].docs = docs_of(value_get(value_item(list, i), "policies"), a);
    return items;
}

static const struct iam_docs *optional(const struct value *v, struct arena *a)
{
    struct iam_docs *out;

    if (v == NULL || v->kind == VALUE_NULL)
        return NULL;
    out = ARENA_NEW(a, struct iam_docs);
    if (value_is(v, VALUE_LIST)) {
        *out = docs_of(v, a);
    } else {
        struct iam_doc *one = ARENA_NEW(a, struct iam_doc);

        *one = doc_of(v, a);
        *out = (struct iam_docs){one, 1, false};
    }
    return out;
}

static bool question(const struct value *c, struct arena *a, struct iam_question *q, struct err *e)
{
    const struct value *r = value_get(c, "request"), *p = value_get(r, "principal");
    const struct iam_docs *resource = optional(value_get(c, "resourcePolicy"), a);

    *q = (struct iam_question){
        .request = {.action = value_text(value_get(r, "action")),
                    .resource = value_text(value_path(r, "resource.resource")),
                    .resource_account = value_text(value_path(r, "resource.accountId")),
                    .principal = value_is(p, VALUE_STRING) ? value_text(p) : SLICE_LIT("anonymous"),
                    .wildcard_only = value_true(value_get(r, "wildcardOnlyAction"))},
        .identity = docs_of(value_get(c, "identityPolicies"), a),
        .resource = resource != NULL ? resource->items : NULL,
        .boundary = optional(value_get(c, "permissionBoundaries"), a),
        .session = optional(value_get(c, "sessionPolicy"), a),
        .endpoint = optional(value_get(c, "endpointPolicies"), a),
        .scps = levels_of(value_get(c, "serviceControlPolicies"), a),
        .nscps = value_len(value_get(c, "serviceControlPolicies")),
        .rcps = levels_of(value_get(c, "resourceControlPolicies"), a),
        .nrcps = value_len(value_get(c, "resourceControlPolicies")),
    };
    return iam_request_read_context(value_get(r, "context"), a, &q->request.context, e);
}

static bool load(const char *path, struct arena *a, const struct value **out)
{
    struct slice text;
    struct err e = {0};

    if (file_read(path, LIMIT_JSON_BYTES, a, &text, &e) && json_read(text, a, out, &e))
        return true;
    fprintf(stderr, "iam_decide: %s: %s\n", path, e.text);
    return false;
}

int main(int argc, char **argv)
{
    static const char *const words[] = {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied",
                                        "Undecided"};
    const struct value *cases;
    struct timespec from, to;
    struct arena a, one;

    arena_init(&a);
    arena_init(&one);
    if (argc < 2 || !load(argv[1], &a, &cases) || (argc > 2 && !load(argv[2], &a, &pool)))
        return 2;
    pool_docs = ARENA_ARRAY(&a, struct iam_doc, value_len(pool));
    for (size_t i = 0; i < value_len(pool); i++)
        pool_docs[i] = doc_of(value_item(pool, i), &a);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < value_len(cases); i++) {
        struct iam_question q;
        struct err e = {0};

        if (question(value_item(cases, i), &one, &q, &e))
            puts(words[iam_evaluate_decide(&q, &one)]);
        else
            printf("error %s\n", e.text);
        arena_clear(&one);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    fprintf(stderr, "%zu requests, %.2f us each\n", value_len(cases),
            ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) /
                (double)(value_len(cases) > 0 ? value_len(cases) : 1));
    arena_release(&one);
    arena_release(&a);
    return 0;
}
