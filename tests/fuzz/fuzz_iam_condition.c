/*
 * Conditions: {"Condition": ..., "context": ...} of any kind. What is known less never decides
 * otherwise, order and repetition of values do not matter, a test and its negation never both hold,
 * and patterns made of texts match those.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "policies/iam/evaluate/iam_condition.h"
#include "policies/iam/document/iam_variables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct given {
    const struct iam_doc *d;
    const struct iam_context *c;
    struct arena *a;
};

static enum iam_answer ask(const struct given *g, const struct iam_test *t)
{
    return iam_condition_test(g->d, t, g->c, g->a);
}

/* What `less` knows agrees with `more`. */
static void agrees(enum iam_answer less, enum iam_answer more)
{
    must(less == IAM_MAYBE || less == more);
}

/* Each key unknown in turn, then all that are not named. */
static void less_context(const struct given *g, const struct iam_test *t, enum iam_answer m)
{
    struct iam_key *keys = ARENA_ARRAY(g->a, struct iam_key, g->c->n);
    const struct iam_context open = {.keys = g->c->keys, .n = g->c->n, .open = true};

    for (size_t i = 0; i < g->c->n && i < 8; i++) {
        const struct iam_context c = {.keys = keys, .n = g->c->n, .open = g->c->open};

        memcpy(keys, g->c->keys, g->c->n * sizeof(*keys));
        keys[i].unknown = true;
        agrees(iam_condition_test(g->d, t, &c, g->a), m);
    }
    agrees(iam_condition_test(g->d, t, &open, g->a), m);
}

/* Backwards, and the first once more. */
static void same_values(const struct given *g, const struct iam_test *t, enum iam_answer m)
{
    const size_t n = t->values.n;
    struct slice *items = ARENA_ARRAY(g->a, struct slice, n + 1);
    struct iam_test other = *t;

    for (size_t i = 0; i < n; i++)
        items[i] = t->values.items[n - 1 - i];
    if (n > 0)
        items[n] = t->values.items[0];
    other.values.items = items;
    must(ask(g, &other) == m);
    other.values.n = n + (n > 0);
    must(ask(g, &other) == m);
    other.values = t->values;
    other.values.unknown = true;
    agrees(ask(g, &other), m);
}

/* Each negated operator stands behind the one it negates. */
static void negation(const struct given *g, const struct iam_test *t, enum iam_answer m)
{
    const struct iam_key *key = iam_request_key(g->c, t->key);
    struct iam_test other = *t;

    if (!iam_doc_operator_negated(t->op) || key == NULL || key->n == 0)
        return;
    other.op = (enum iam_operator)(t->op - 1);
    other.quantifier = t->quantifier == IAM_FOR_ALL_VALUES  ? IAM_FOR_ANY_VALUE
                       : t->quantifier == IAM_FOR_ANY_VALUE ? IAM_FOR_ALL_VALUES
                                                            : IAM_ONE;
    must(m != IAM_YES || ask(g, &other) != IAM_YES);
}

static void texts(const struct given *g, const struct slice *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct slice literal = iam_glob_literal(items[i], g->a);
        struct slice out = items[i];

        must(iam_glob_match(literal, items[i], false));
        must(slice_eq(iam_glob_text(literal, g->a), items[i]));
        must(!iam_glob_wild(literal));
        if (iam_variables_replace(g->d, items[i], g->c, g->a, &out) == IAM_YES)
            (void)iam_glob_match(out, items[i], true);
    }
}

static void statement(const struct given *g, const struct iam_statement *s)
{
    enum iam_answer least = s->tests_unknown ? IAM_MAYBE : IAM_YES;
    const struct iam_test *failed;
    enum iam_answer all;

    for (size_t i = 0; i < s->ntests; i++) {
        const enum iam_answer m = ask(g, &s->tests[i]);

        least = m < least ? m : least;
        less_context(g, &s->tests[i], m);
        same_values(g, &s->tests[i], m);
        negation(g, &s->tests[i], m);
        texts(g, s->tests[i].values.items, s->tests[i].values.n);
    }
    all = iam_condition_all(g->d, s, g->c, g->a, &failed);
    must(all == least);
    must(all == IAM_YES ? failed == NULL : failed != NULL || s->tests_unknown);
}

static void run(const struct value *v, struct arena *a)
{
    const struct value *context = value_get(v, "context");
    struct value_builder b, policy;
    struct iam_context c;
    struct iam_doc d;
    struct err e = {0};

    value_map_begin(&b, a);
    value_map_add(&b, "Effect", value_str(a, "Allow"));
    value_map_add(&b, "Action", value_str(a, "*"));
    if (value_get(v, "Condition") != NULL)
        value_map_add(&b, "Condition", value_get(v, "Condition"));
    value_map_begin(&policy, a);
    value_map_add(&policy, "Version",
                  value_str(a, value_get(v, "old") == NULL ? "2012-10-17" : "2008-10-17"));
    value_map_add(&policy, "Statement", value_map_end(&b, NULL));
    if (!iam_doc_read_lenient(value_map_end(&policy, NULL), "", a, &d, &e) ||
        !iam_request_read_context(context, a, &c, &e)) {
        must(e.code != ERR_NONE && e.text[0] != '\0');
        return;
    }
    statement(&(struct given){&d, &c, a}, &d.statements[0]);
    for (size_t i = 0; i < c.n; i++)
        texts(&(struct given){&d, &c, a}, c.keys[i].values, c.keys[i].n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct value *v;
    struct err e = {0};
    struct arena a;

    if (size > 8192)
        return 0;
    arena_init(&a);
    if (json_read((struct slice){data, size}, &a, &v, &e))
        run(v, &a);
    arena_release(&a);
    return 0;
}
