/* iam_arn.h */
#include "policies/iam/text/iam_arn.h"

#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

struct arn_case {
    const char *what;
    const char *pattern, *arn;
    bool identity, resource; /* does it match by either rule? */
};

static const struct arn_case arn_cases[] = {
    {"the same", "arn:aws:s3:::b", "arn:aws:s3:::b", true, true},
    {"case counts", "arn:aws:s3:::b", "arn:aws:s3:::B", false, false},
    {"star alone", "*", "arn:aws:s3:::b", true, true},
    {"stars alone", "**", "arn:aws:s3:::b", true, true},
    {"star on what is no ARN", "*", "nothing", true, true},
    {"star on nothing", "*", "", true, true},
    {"question mark is not all", "?", "arn:aws:s3:::b", false, false},
    {"question mark on a letter", "?", "x", true, true},
    {"nothing", "", "arn:aws:s3:::b", false, false},

    {"objects", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", true, true},
    {"objects, the bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false, false},
    {"bucket and objects", "arn:aws:s3:::b*", "arn:aws:s3:::b/k", true, true},
    {"slashes are nothing special", "arn:aws:s3:::b/*/x", "arn:aws:s3:::b/1/2/x", true, true},
    {"the last field takes colons", "arn:aws:logs:*:*:log-group:*",
     "arn:aws:logs:eu-west-1:123456789012:log-group:a:log-stream:b", true, true},
    {"the last field, colons between", "arn:aws:logs:*:*:*:b",
     "arn:aws:logs:eu-west-1:123456789012:log-group:a:b", true, true},
    {"question mark in the last field", "arn:aws:iam::1:user/?", "arn:aws:iam::1:user/:", true,
     true},

    {"wildcards of a field", "arn:aws:sqs:us-*:1?3:q", "arn:aws:sqs:us-east-1:123:q", true, true},
    {"a field takes no colon", "arn:aws:sqs:*:q", "arn:aws:sqs:us-east-1:123:q", false, false},
    {"a field in the middle takes no colon", "arn:aws:*:q:x:y", "arn:aws:sqs:q:q:x:y", false,
     false},
    {"a field takes nothing", "arn:aws:s3:*:*:b", "arn:aws:s3:::b", true, true},
    {"a question mark takes something", "arn:aws:s3:?::b", "arn:aws:s3:::b", false, false},
    {"partition", "arn:*:s3:::b", "arn:aws-cn:s3:::b", true, true},
    {"prefix of all", "ar*", "arn:aws:s3:::b", false, false},
    {"first field", "*:aws:s3:::b", "arn:aws:s3:::b", true, true},

    {"a service", "arn:aws:sqs", "arn:aws:sqs:us-east-1:123:q", true, false},
    {"a service, with a colon", "arn:aws:sqs:", "arn:aws:sqs:us-east-1:123:q", false, false},
    {"a service, region empty", "arn:aws:s3:", "arn:aws:s3:::b", true, false},
    {"a service and its like", "arn:aws:sq*", "arn:aws:sqs:us-east-1:123:q", true, true},
    {"another service", "arn:aws:sns*", "arn:aws:sqs:us-east-1:123:q", false, false},
    {"a region and all behind", "arn:aws:sqs:us-east-1:*", "arn:aws:sqs:us-east-1:123:q", true,
     true},
    {"another region", "arn:aws:sqs:us-west-1:*", "arn:aws:sqs:us-east-1:123:q", false, false},
    {"five fields", "arn:aws:s3::", "arn:aws:s3:::b", true, false},
    {"five fields and a star", "arn:aws:s3::*", "arn:aws:s3:::b", true, true},
    {"an escaped star ends nothing", "arn:aws:sqs:us-east-1:\\*", "arn:aws:sqs:us-east-1:123:q",
     false, false},
    {"a backslash, then a star", "arn:aws:s\\\\*", "arn:aws:s\\x:::b", true, true},
    {"longer than the ARN", "arn:aws:s3:::b", "arn:aws:s3", false, false},
    {"longer, by a star", "arn:aws:s3:*", "arn:aws:s3", false, false},
    {"an ARN as short", "arn:aws:s3", "arn:aws:s3", true, true},

    {"an escaped colon divides nothing", "arn:aws:s3:::a\\:b", "arn:aws:s3:::a:b", true, true},
    {"an escaped colon in a field", "arn:aws:s\\:3:::b", "arn:aws:s:3:::b", false, false},
    {"an escaped star in a name", "arn:aws:s3:::\\*", "arn:aws:s3:::b", false, false},
    {"an escaped star itself", "arn:aws:s3:::\\*", "arn:aws:s3:::*", true, true},
};

CASES(policies_iam_arn, match, arn_cases)
{
    const struct arn_case *c = &arn_cases[*case_index];
    const struct slice pattern = exact_str(c->pattern), arn = exact_str(c->arn);
    const struct iam_arn identity = iam_arn_split(pattern, IAM_ARN_IDENTITY),
                         resource = iam_arn_split(pattern, IAM_ARN_RESOURCE);

    cr_expect_eq(iam_arn_match(&identity, arn), c->identity, "%s", c->what);
    cr_expect_eq(iam_arn_match(&resource, arn), c->resource, "%s, of a resource's policy", c->what);
    exact_free(pattern);
    exact_free(arn);
}

struct pair_case {
    const char *what;
    const char *a, *b;
    bool overlap, covers; /* a covers b */
};

static const struct pair_case pair_cases[] = {
    {"the same", "arn:aws:s3:::b", "arn:aws:s3:::b", true, true},
    {"star", "*", "arn:aws:s3:::b/*", true, true},
    {"star by none but stars", "arn:aws:s3:::*", "*", true, false},
    {"stars", "*", "**", true, true},
    {"objects of a bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x*", true, true},
    {"bucket of objects", "arn:aws:s3:::b/x*", "arn:aws:s3:::b/*", true, false},
    {"neither holds the other", "arn:aws:s3:::a*", "arn:aws:s3:::*b", true, false},
    {"nothing in common", "arn:aws:s3:::a*", "arn:aws:s3:::b*", false, false},
    {"a field takes no colon", "arn:aws:*:::b", "arn:aws:s3:*:*:b", true, false},
    {"fields apart", "arn:aws:s3:x::b", "arn:aws:s3:y::b", false, false},
    {"short and open", "arn:aws:s3*", "arn:aws:s3:::b/*", true, true},
    {"short by long", "arn:aws:s3:::*", "arn:aws:s3*", true, false},
    {"short and closed", "arn:aws:s3", "arn:aws:s3:::b", false, false},
    {"short by shorter", "arn:aws:*", "arn:aws:s3:*", true, true},
};

CASES(policies_iam_arn, pairs, pair_cases)
{
    const struct pair_case *c = &pair_cases[*case_index];
    const struct iam_arn a = iam_arn_split(slice_str(c->a), IAM_ARN_RESOURCE),
                         b = iam_arn_split(slice_str(c->b), IAM_ARN_RESOURCE);

    cr_expect_eq(iam_arn_overlap(&a, &b), c->overlap, "%s", c->what);
    cr_expect_eq(iam_arn_overlap(&b, &a), c->overlap, "%s, the other way", c->what);
    cr_expect_eq(iam_arn_covers(&a, &b), c->covers, "%s", c->what);
}

Test(policies_iam_arn, fields)
{
    const struct iam_arn d =
        iam_arn_split(SLICE_LIT("arn:aws:logs:r:1:group:a:b"), IAM_ARN_RESOURCE);

    cr_assert_eq(d.n, 6);
    cr_expect(slice_is(d.field[2], "logs") && slice_is(d.field[5], "group:a:b"));
    cr_expect(!d.any && !d.open);
    cr_expect_eq(iam_arn_split(SLICE_LIT(""), IAM_ARN_IDENTITY).n, 1);
    cr_expect(iam_arn_split(SLICE_LIT("*"), IAM_ARN_RESOURCE).any);
    cr_expect(!iam_arn_split(SLICE_LIT("x"), IAM_ARN_IDENTITY).open, "no ARN, nothing behind it");
}
