/*
 * Questions whose answers AWS documents: fixtures/iam_documented. A case has policies of each side
 * (a document, or its statements alone) and questions, each with what `is` the answer: yes, no (by
 * default), deny (by a statement), open. `q` is public, compare, grants or expand; else it is asked
 * whether somebody may `do` it `at` a resource.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/evaluate/iam_derived.h"
#include "policies/iam/evaluate/iam_expand.h"
#include "tests/lib/cases.h"

static const struct {
    const char *what;
} files[] = {{"user_guide"},     {"services"},   {"sts_organizations"}, {"elements"},
             {"public_compare"}, {"perimeters"}, {"keys_names"},        {"outside"}};

struct asking {
    struct arena *arena;
    const struct value *c, *q; /* the case, the question */
};

static const char *about(const struct asking *k)
{
    const struct slice text = value_text(value_get(k->c, "about"));

    return arena_printf(k->arena, "%.*s, question in line %u", (int)text.len,
                        (const char *)text.data, (unsigned)k->q->line);
}

/* A document, or the statements of one. */
static struct iam_doc document(const struct asking *k, const struct value *v)
{
    struct value_builder b;
    struct iam_doc d = {0};
    struct err e = {0};

    if (value_is(v, VALUE_LIST)) {
        value_map_begin(&b, k->arena);
        value_map_put(&b, SLICE_LIT("Version"),
                      value_string(k->arena, SLICE_LIT("2012-10-17"), NULL));
        value_map_put(&b, SLICE_LIT("Statement"), v);
        v = value_map_end(&b, NULL);
    }
    cr_assert(iam_doc_read(v, "", k->arena, &d, &e), "%s: %s", about(k), e.text);
    return d;
}

static struct iam_docs documents(const struct asking *k, const struct value *list)
{
    struct iam_doc *items = ARENA_ARRAY(k->arena, struct iam_doc, value_len(list));

    for (size_t i = 0; i < value_len(list); i++)
        items[i] = document(k, value_item(list, i));
    return (struct iam_docs){items, value_len(list), false};
}

static const struct iam_docs *optional(const struct asking *k, const char *side)
{
    const struct value *list = value_get(k->c, side);
    struct iam_docs *out = ARENA_NEW(k->arena, struct iam_docs);

    if (list == NULL)
        return NULL;
    *out = documents(k, list);
    return out;
}

static size_t levels(const struct asking *k, const char *side, const struct iam_level **out)
{
    const struct iam_docs *docs = optional(k, side);
    const size_t n = docs != NULL ? docs->n : 0;
    struct iam_level *items = ARENA_ARRAY(k->arena, struct iam_level, n);

    for (size_t i = 0; i < n; i++)
        items[i].docs = (struct iam_docs){&docs->items[i], 1, false};
    *out = items;
    return n;
}

/* Of the question, or else of the case. */
static struct slice part(const struct asking *k, const char *key)
{
    const struct value *v = value_get(k->q, key);

    return value_text(v != NULL ? v : value_get(k->c, key));
}

/* Keys of the case that the question does not have; null takes one away. */
static void context(const struct asking *k, struct iam_context *out)
{
    const struct value *both[] = {value_get(k->q, "with"), value_get(k->c, "with")};
    struct value_builder b;
    struct err e = {0};

    value_map_begin(&b, k->arena);
    for (size_t m = 0; m < ARRAY_LEN(both); m++)
        for (size_t i = 0; i < value_len(both[m]); i++) {
            const struct value_member *x = &both[m]->as.members[i];

            if (x->value->kind != VALUE_NULL &&
                (m == 0 || value_get_slice(both[0], x->key) == NULL))
                value_map_put(&b, x->key, x->value);
        }
    cr_assert(iam_request_read_context(value_map_end(&b, NULL), k->arena, out, &e), "%s: %s",
              about(k), e.text);
}

static const char *can(const struct asking *k)
{
    static const char *const words[] = {"yes", "no", "deny", "open"};
    const struct iam_docs *identity = optional(k, "identity"), *resource = optional(k, "resource");
    struct iam_question q = {.boundary = optional(k, "boundary"),
                             .session = optional(k, "session"),
                             .endpoint = optional(k, "endpoint")};
    struct iam_request *r = &q.request;
    struct iam_verdict v;
    size_t number;

    q.nscps = levels(k, "scp", &q.scps);
    q.nrcps = levels(k, "rcp", &q.rcps);
    q.identity = identity != NULL ? *identity : (struct iam_docs){.n = 0};
    q.resource = resource != NULL ? resource->items : NULL;
    r->action = part(k, "do");
    r->resource = part(k, "at").len > 0 ? part(k, "at") : SLICE_LIT("*");
    r->principal = part(k, "by");
    r->resource_account = part(k, "owner");
    r->wildcard_only = iam_actions_find(r->action, &number) && iam_actions_at(number).wildcard_only;
    context(k, &r->context);
    iam_derived_keys(r, k->arena);
    q.resource_unknown = q.resource == NULL && iam_evaluate_owned(r);
    iam_evaluate(&q, k->arena, &v);
    cr_expect_eq(iam_evaluate_decide(&q, k->arena), v.decision, "%s", about(k));
    return words[v.decision];
}

static const char *word(enum iam_answer a)
{
    return a == IAM_YES ? "yes" : a == IAM_NO ? "no" : "open";
}

static struct iam_texts texts(const struct asking *k, const char *key)
{
    const struct value *list = value_get(k->q, key);
    struct slice *items = ARENA_ARRAY(k->arena, struct slice, value_len(list) + 1);

    for (size_t i = 0; i < value_len(list); i++)
        items[i] = value_text(value_item(list, i));
    return (struct iam_texts){items, value_len(list), false};
}

/* The answers are of 2026. */
static const char *let_in(const struct asking *k)
{
    const struct iam_texts accounts = texts(k, "account");
    struct iam_access_question q = {IAM_ACCESS_PUBLIC, &accounts, 1767225600};
    const struct iam_docs docs = documents(k, value_get(k->q, "policy"));
    struct iam_comparison got;

    iam_compare_access(docs.items, &q, k->arena, &got);
    q.kind = IAM_ACCESS_CROSS;
    if (got.wider == IAM_NO && accounts.n > 0)
        iam_compare_access(docs.items, &q, k->arena, &got);
    return word(got.wider);
}

static const char *wider(const struct asking *k)
{
    const struct iam_docs old = documents(k, value_get(k->q, "old")),
                          fresh = documents(k, value_get(k->q, "new"));
    const struct iam_compare_options opt = {0};
    struct iam_comparison got;

    iam_compare(&old, &fresh, &opt, k->arena, &got);
    return word(got.wider);
}

static const char *granted(const struct asking *k)
{
    static const struct slice all[] = {{(const uint8_t *)"*", 1}};
    const struct iam_docs nothing = {NULL, 0, false};
    const struct iam_docs docs = documents(k, value_get(k->q, "policy"));
    struct iam_statement s = {.has_resource = true, .actions = texts(k, "do")};
    const struct iam_doc asked = {.name = "", .statements = &s, .n = 1};
    const struct iam_docs limit = {&asked, 1, false};
    const struct iam_compare_options opt = {.exempt_too = true, .new_limits = {&limit, 1}};
    struct iam_comparison got;

    s.resources = texts(k, "at");
    if (s.actions.n == 0)
        s.actions = (struct iam_texts){all, 1, false};
    if (s.resources.n == 0)
        s.resources = (struct iam_texts){all, 1, false};
    iam_compare(&nothing, &docs, &opt, k->arena, &got);
    return word(got.wider);
}

/* All of `has` and none of `lacks`. */
static const char *expanded(const struct asking *k)
{
    const struct iam_docs docs = documents(k, value_get(k->q, "policy"));
    const struct iam_texts lists[] = {texts(k, "lacks"), texts(k, "has")};
    struct iam_expansion x;

    iam_expand(&docs, k->arena, &x);
    for (size_t has = 0; has < 2; has++)
        for (size_t i = 0; i < lists[has].n; i++) {
            bool found = false;
            size_t number = 0;

            cr_assert(iam_actions_find(lists[has].items[i], &number), "%s", about(k));
            for (size_t n = 0; n < x.n; n++)
                found = found || x.allowed[n].action == number;
            if (found != (has == 1))
                return "no";
        }
    return "yes";
}

static const char *answer(const struct asking *k)
{
    const struct slice q = value_text(value_get(k->q, "q"));

    if (q.len == 0)
        return can(k);
    if (slice_is(q, "public"))
        return let_in(k);
    if (slice_is(q, "compare"))
        return wider(k);
    if (slice_is(q, "grants"))
        return granted(k);
    cr_assert(slice_is(q, "expand"), "%s", about(k));
    return expanded(k);
}

CASES(policies_iam_documented, answers_as_aws_documents, files)
{
    const struct yaml_options plain = {0};
    const struct value *cases = NULL;
    struct asking k = {NULL, NULL, NULL};
    size_t asked = 0;
    struct slice text;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    k.arena = &a;
    cr_assert(
        file_read(arena_printf(&a, "fixtures/iam_documented/%s.yaml", files[*case_index].what),
                  LIMIT_CONFIG_BYTES, &a, &text, &e),
        "%s", e.text);
    cr_assert(yaml_read(text, &plain, &a, &cases, &e), "%s: %s", files[*case_index].what, e.text);
    for (size_t i = 0; i < value_len(cases); i++) {
        const struct value *list = value_get(value_item(cases, i), "ask");

        k.c = value_item(cases, i);
        for (size_t n = 0; n < value_len(list); n++, asked++) {
            struct slice want;
            const char *got;

            k.q = value_item(list, n);
            want =
                value_get(k.q, "is") != NULL ? value_text(value_get(k.q, "is")) : SLICE_LIT("yes");
            got = answer(&k);
            cr_expect(slice_is(want, got), "%s: %s: got '%s'", files[*case_index].what, about(&k),
                      got);
        }
    }
    cr_expect_gt(asked, 40, "%s", files[*case_index].what);
    arena_release(&a);
}
