/* Comparisons of long policies: what stands on both sides costs nothing. */
#include "base/buf.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_compared.h"

/* 400 statements, every third a Deny under a condition, from the `first`-th on in a ring. */
static const char *long_policy(size_t first, const char *more, struct arena *a)
{
    const size_t n = 400;
    struct buf b;
    const char *out;

    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < n; i++) {
        const size_t k = (first + i) % n;

        buf_str(&b, arena_printf(a,
                                 "{\"Effect\": \"%s\", \"Action\": [\"s3:*Object%s\", \"sqs:*\"], "
                                 "\"Resource\": \"arn:aws:s3:::b%zu-*/*p%zu\", \"Condition\": "
                                 "{\"StringLike\": {\"aws:PrincipalTag/t%zu\": \"*%zu*\"}}}%s",
                                 k % 3 == 0 ? "Deny" : "Allow", k % 2 == 0 ? "*" : "", k % 50,
                                 k % 97, k % 40, k % 7, i + 1 < n ? AND : ""));
    }
    buf_str(&b, more);
    out = arena_strndup(a, buf_slice(&b));
    buf_release(&b);
    return arena_printf(a, POLICY("%s"), out);
}

static const struct long_case {
    const char *what, *old_more, *more, *want;
} long_cases[] = {
    {"the same in another order", "", "", "no"},
    {"an Allow more", "",
     AND ALLOW ON("\"sns:Publish\"", "\"arn:aws:sns:eu-west-1:123456789012:t\"") "}",
     "sns:Publish arn:aws:sns:eu-west-1:123456789012:t"},
    {"an Allow less", AND ALLOW ON("\"sns:Publish\"", ANY) "}", "", "no"},
    {"a Deny more", "", AND DENY ON("\"s3:GetObject\"", ANY) "}", "no"},
};

CASES(policies_iam_compare_long, long_policies_cost_what_was_changed, long_cases)
{
    const struct long_case *c = &long_cases[*case_index];
    const struct iam_compare_options opt = {.budget = 20000};
    struct iam_comparison got;
    struct arena a;

    arena_init(&a);
    got = compare(long_policy(0, c->old_more, &a), long_policy(133, c->more, &a), &opt, &a);
    cr_expect_str_eq(told(&got, &a), c->want, "%s: got %s", c->what, told(&got, &a));
    arena_release(&a);
}

Test(policies_iam_compare_long, a_dropped_deny_among_many_is_found)
{
    const struct iam_compare_options opt = {0};
    struct iam_comparison got;
    struct arena a;

    arena_init(&a);
    got =
        compare(long_policy(0, AND DENY ON("\"s3:GetObject\"", "\"arn:aws:s3:::b1-x/*\"") "}", &a),
                long_policy(7, "", &a), &opt, &a);
    cr_expect_eq(got.wider, IAM_YES, "got %s", told(&got, &a));
    cr_expect(slice_is(got.example.action, "s3:GetObject"), "got %s", told(&got, &a));
    arena_release(&a);
}
