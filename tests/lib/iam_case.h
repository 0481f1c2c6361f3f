#ifndef TESTS_LIB_IAM_CASE_H
#define TESTS_LIB_IAM_CASE_H
/*
 * A request with its policies as one JSON value, as tests and other simulators write it: {request:
 * {action, resource: {resource, accountId}, principal, context, wildcardOnlyAction},
 * identityPolicies, resourcePolicy, permissionBoundaries, sessionPolicy, serviceControlPolicies,
 * resourceControlPolicies, endpointPolicies}. A policy is a document, or its index in a pool.
 */
#include <stdio.h>

#include "policies/iam/evaluate/iam_evaluate.h"

struct iam_pool {
    const struct iam_doc *docs;
    size_t n;
};

static inline struct iam_doc iam_case_doc(const struct value *v, const struct iam_pool *pool,
                                          struct arena *a)
{
    struct iam_doc d = {0};
    struct err e = {0};

    if (value_is(v, VALUE_INT) && (size_t)v->as.integer < pool->n)
        return pool->docs[v->as.integer];
    if (!iam_doc_read_lenient(v, "", a, &d, &e)) {
        fprintf(stderr, "a policy that cannot be read: %s\n", e.text);
        return iam_doc_unknown("");
    }
    return d;
}

static inline struct iam_docs iam_case_docs(const struct value *list, const struct iam_pool *pool,
                                            struct arena *a)
{
    struct iam_doc *items = ARENA_ARRAY(a, struct iam_doc, value_len(list));

    for (size_t i = 0; i < value_len(list); i++)
        items[i] = iam_case_doc(value_item(list, i), pool, a);
    return (struct iam_docs){items, value_len(list), false};
}

static inline struct iam_level *iam_case_levels(const struct value *list,
                                                const struct iam_pool *pool, struct arena *a)
{
    struct iam_level *items = ARENA_ARRAY(a, struct iam_level, value_len(list));

    for (size_t i = 0; i < value_len(list); i++)
        items[i].docs = iam_case_docs(value_get(value_item(list, i), "policies"), pool, a);
    return items;
}

static inline const struct iam_docs *iam_case_optional(const struct value *v,
                                                       const struct iam_pool *pool, struct arena *a)
{
    struct iam_docs *out;

    if (v == NULL || v->kind == VALUE_NULL)
        return NULL;
    out = ARENA_NEW(a, struct iam_docs);
    if (value_is(v, VALUE_LIST)) {
        *out = iam_case_docs(v, pool, a);
    } else {
        struct iam_doc *one = ARENA_NEW(a, struct iam_doc);

        *one = iam_case_doc(v, pool, a);
        *out = (struct iam_docs){one, 1, false};
    }
    return out;
}

/* What is not read is unknown; false: the context cannot be read. */
MUST_CHECK static inline bool iam_case_read(const struct value *c, const struct iam_pool *pool,
                                            struct arena *a, struct iam_question *q, struct err *e)
{
    const struct value *r = value_get(c, "request"), *p = value_get(r, "principal");
    const struct iam_docs *resource = iam_case_optional(value_get(c, "resourcePolicy"), pool, a);

    *q = (struct iam_question){
        .request = {.action = value_text(value_get(r, "action")),
                    .resource = value_text(value_path(r, "resource.resource")),
                    .resource_account = value_text(value_path(r, "resource.accountId")),
                    .principal = value_is(p, VALUE_STRING) ? value_text(p) : SLICE_LIT("anonymous"),
                    .wildcard_only = value_true(value_get(r, "wildcardOnlyAction"))},
        .identity = iam_case_docs(value_get(c, "identityPolicies"), pool, a),
        .resource = resource != NULL ? resource->items : NULL,
        .boundary = iam_case_optional(value_get(c, "permissionBoundaries"), pool, a),
        .session = iam_case_optional(value_get(c, "sessionPolicy"), pool, a),
        .endpoint = iam_case_optional(value_get(c, "endpointPolicies"), pool, a),
        .scps = iam_case_levels(value_get(c, "serviceControlPolicies"), pool, a),
        .nscps = value_len(value_get(c, "serviceControlPolicies")),
        .rcps = iam_case_levels(value_get(c, "resourceControlPolicies"), pool, a),
        .nrcps = value_len(value_get(c, "resourceControlPolicies")),
    };
    return iam_request_read_context(value_get(r, "context"), a, &q->request.context, e);
}
#endif
