/* What lint does not look at: parts that are not known, and more than it looks at. */
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "policies/iam/lint/iam_lint.h"
#include "tests/lib/cases.h"

static size_t count(const struct iam_lint *l, const char *code)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += strcmp(l->items[i].code, code) == 0;
    return n;
}

/* A document with unknown parts: nothing is found about those, and that is said. */
Test(policies_iam_lint_size, what_is_unknown_is_not_judged)
{
    static const char *const elements[] = {"Action", "Resource", "Condition", "Effect"};

    for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
        struct value_builder doc, st;
        struct iam_lint l;
        struct arena a;

        arena_init(&a);
        value_map_begin(&st, &a);
        value_map_add(&st, "Effect", value_str(&a, "Allow"));
        value_map_add(&st, "Action", value_str(&a, "iam:PassRole"));
        value_map_add(&st, "Resource", value_str(&a, "arn:aws:iam::*:role/x"));
        value_map_add(&st, elements[i], value_unknown(&a, "later", NULL, 0, NULL));
        value_map_begin(&doc, &a);
        value_map_add(&doc, "Version", value_str(&a, "2012-10-17"));
        value_map_add(&doc, "Statement", value_map_end(&st, NULL));
        iam_lint(value_map_end(&doc, NULL), NULL, &a, &l);
        cr_expect_eq(l.n, 0, "%s: %s", elements[i], l.n > 0 ? l.items[0].text : "");
        cr_expect(l.unknown, "%s", elements[i]);
        arena_release(&a);
    }
}

/* ---- size ---- */

/* A policy of `n` statements with `m` different resources each. */
static const struct value *large(size_t n, size_t m, struct arena *a)
{
    struct value_builder doc, list;

    value_list_begin(&list, a);
    for (size_t i = 0; i < n; i++) {
        struct value_builder st, names;

        value_list_begin(&names, a);
        for (size_t k = 0; k < m; k++)
            value_list_add(&names,
                           value_str(a, arena_printf(a, "arn:aws:s3:::bucket-%zu-%zu-*", i, k)));
        value_map_begin(&st, a);
        value_map_add(&st, "Effect", value_str(a, "Allow"));
        value_map_add(&st, "Action", value_str(a, "s3:PutObject"));
        value_map_add(&st, "Resource", value_list_end(&names, NULL));
        value_list_add(&list, value_map_end(&st, NULL));
    }
    value_map_begin(&doc, a);
    value_map_add(&doc, "Version", value_str(a, "2012-10-17"));
    value_map_add(&doc, "Statement", value_list_end(&list, NULL));
    return value_map_end(&doc, NULL);
}

static const struct size_case {
    const char *what;
    size_t statements, resources;
    const char *has;
} size_cases[] = {
    {"short", 1, 10, NULL},
    {"longer than a managed policy", 1, 240, "size"},
    {"longer than any", 1, 400, "too-long"},
    {"as many statements as are looked at", LIMIT_IAM_LINT_STATEMENTS, 1, "too-long"},
    {"one more", LIMIT_IAM_LINT_STATEMENTS + 1, 1, "not-all-checked"},
    {"more comparisons than are made", 1, 6000, "not-all-checked"},
};

CASES(policies_iam_lint_size, long_documents_are_told, size_cases)
{
    static const char *const codes[] = {"size", "too-long", "not-all-checked"};
    const struct size_case *c = &size_cases[*case_index];
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    iam_lint(large(c->statements, c->resources, &a), NULL, &a, &l);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        const bool cut = c->has != NULL && strcmp(c->has, "not-all-checked") == 0;
        const bool want = c->has != NULL && (strcmp(codes[i], c->has) == 0 ||
                                             (cut && strcmp(codes[i], "too-long") == 0));

        cr_expect_eq(count(&l, codes[i]) > 0, want, "%s: %s", c->what, codes[i]);
        cr_expect_eq(l.unknown, cut, "%s", c->what);
    }
    arena_release(&a);
}

/* Some 27 characters a resource, 30 where there are many. */
static const struct quota_case {
    const char *what;
    enum iam_lint_kind kind;
    size_t resources;
    bool too_long;
} quota_cases[] = {
    {"an SCP of 9,000", IAM_LINT_SCP, 330, false},
    {"an SCP of 11,000", IAM_LINT_SCP, 410, true},
    {"an RCP of 4,000", IAM_LINT_RCP, 150, false},
    {"an RCP of 6,000", IAM_LINT_RCP, 230, true},
    {"a trust policy of 3,000", IAM_LINT_TRUST, 110, false},
    {"a trust policy of 5,000", IAM_LINT_TRUST, 190, true},
    {"a bucket's policy of 18,000", IAM_LINT_RESOURCE, 620, false},
    {"a bucket's policy of 22,000", IAM_LINT_RESOURCE, 820, true},
};

CASES(policies_iam_lint_size, each_kind_has_its_quota, quota_cases)
{
    const struct quota_case *c = &quota_cases[*case_index];
    const struct iam_lint_options opt = {.kind = c->kind};
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    iam_lint(large(1, c->resources, &a), &opt, &a, &l);
    cr_expect_eq(count(&l, "too-long") > 0, c->too_long, "%s", c->what);
    arena_release(&a);
}

Test(policies_iam_lint_size, findings_have_a_cap)
{
    struct value_builder doc, st, names;
    struct iam_lint l;
    struct arena a;

    arena_init(&a);
    value_list_begin(&names, &a);
    for (size_t i = 0; i <= LIMIT_IAM_LINT_FINDINGS; i++)
        value_list_add(&names, value_str(&a, arena_printf(&a, "s3:No%zu", i)));
    value_map_begin(&st, &a);
    value_map_add(&st, "Effect", value_str(&a, "Allow"));
    value_map_add(&st, "Action", value_list_end(&names, NULL));
    value_map_add(&st, "Resource", value_str(&a, "*"));
    value_map_begin(&doc, &a);
    value_map_add(&doc, "Version", value_str(&a, "2012-10-17"));
    value_map_add(&doc, "Statement", value_map_end(&st, NULL));
    iam_lint(value_map_end(&doc, NULL), NULL, &a, &l);
    cr_expect_eq(l.n, LIMIT_IAM_LINT_FINDINGS);
    cr_expect_eq(count(&l, "not-all-checked"), 1);
    cr_expect(l.unknown);
    arena_release(&a);
}
