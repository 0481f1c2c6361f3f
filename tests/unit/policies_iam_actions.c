#include "base/attr.h"
#include "policies/iam/aws/iam_actions.h"
#include "policies/iam/text/iam_glob.h"
#include "policies/iam/aws/iam_table.h"
#include "tests/lib/cases.h"

Test(policies_iam_actions, the_table_is_whole_and_sorted)
{
    const struct iam_actions_source source = iam_actions_source();

    cr_expect_eq(iam_table_nservices, 456);
    cr_expect_eq(iam_actions_count(), 22091);
    cr_expect_eq(iam_table_ntypes, 2334);
    cr_expect_eq(iam_actions_arns(), 2347, "13 types have two forms");
    cr_expect_eq(iam_table_nkeys, 1624, "1,567 of services, 57 of all");
    cr_expect_str_eq(source.version, "0.21.202609261");
    cr_expect(slice_starts(slice_str(source.digest), "sha256:"));
    for (size_t i = 0; i < iam_actions_count(); i++) {
        struct arena a;
        struct slice text;
        size_t at = 0;

        arena_init(&a);
        text = iam_actions_text(i, &a);
        cr_assert(iam_actions_find(text, &at), "%.*s", (int)text.len, (const char *)text.data);
        cr_assert_eq(at, i, "%.*s is found elsewhere", (int)text.len, (const char *)text.data);
        arena_release(&a);
    }
}

Test(policies_iam_actions, names_are_found_in_any_case)
{
    size_t i = 0;

    cr_assert(iam_actions_find(SLICE_LIT("S3:getOBJECT"), &i));
    cr_expect(slice_is(iam_actions_at(i).name, "GetObject"));
    cr_expect(slice_is(iam_actions_at(i).service, "s3"));
    cr_expect_eq(iam_actions_at(i).level, IAM_READ);
    cr_expect_not(iam_actions_at(i).wildcard_only);
    cr_assert(iam_actions_find(SLICE_LIT("s3:ListAllMyBuckets"), &i));
    cr_expect(iam_actions_at(i).wildcard_only);
    cr_assert(iam_actions_find(SLICE_LIT("iam:PassRole"), &i));
    cr_expect_not(iam_actions_find(SLICE_LIT("s3:GetObjec"), &i));
    cr_expect_not(iam_actions_find(SLICE_LIT("s3"), &i));
    cr_expect_not(iam_actions_find(SLICE_LIT("nosuch:Get"), &i));
    cr_expect_not(iam_actions_find(SLICE_LIT(""), &i));
}

static const struct pattern_case {
    const char *what;
    const char *pattern, *has, *lacks; /* an action that it matches, and one that it does not */
    bool some;
} pattern_cases[] = {
    {"a name", "sagemaker:CreateModel", "sagemaker:createmodel", "sagemaker:CreateModelCard", true},
    {"a prefix", "s3:get*", "s3:GetObject", "s3:PutObject", true},
    {"the middle", "ec2:*Instances", "ec2:RunInstances", "ec2:DescribeImages", true},
    {"one letter", "s3:GetObjec?", "s3:GetObject", "s3:GetObjectAcl", true},
    {"everything", "*", "kms:Decrypt", "", true},
    {"any service", "*:TagResource", "kms:TagResource", "kms:Decrypt", true},
    {"no service", "nosuch:*", "", "kms:Decrypt", false},
    {"half a service", "s*:GetObject", "", "s3:GetObject", false},
    {"a blank", "s3:GetObject ", "", "s3:GetObject", false},
    {"no colon", "s3", "", "s3:GetObject", false},
};

CASES(policies_iam_actions, patterns_match, pattern_cases)
{
    const struct pattern_case *c = &pattern_cases[*case_index];
    struct iam_action_set set;
    struct arena a;
    size_t i = 0;

    arena_init(&a);
    set = iam_actions_none(&a);
    cr_expect_eq(iam_actions_match(slice_str(c->pattern), &set) > 0, c->some, "%s", c->what);
    if (c->has[0] != '\0')
        cr_expect(iam_actions_find(slice_str(c->has), &i) && iam_actions_has(&set, i), "%s",
                  c->what);
    if (c->lacks[0] != '\0')
        cr_expect(iam_actions_find(slice_str(c->lacks), &i) && !iam_actions_has(&set, i), "%s",
                  c->what);
    arena_release(&a);
}

Test(policies_iam_actions, resources_have_the_form_of_their_arns)
{
    struct iam_texts t;
    struct arena a;
    size_t i = 0;

    arena_init(&a);
    cr_assert(iam_actions_find(SLICE_LIT("iam:PassRole"), &i));
    t = iam_actions_resources(i, &a);
    cr_assert_eq(t.n, 1);
    cr_expect(slice_is(t.items[0], "arn:*:iam::*:role/*"));
    cr_assert(iam_actions_find(SLICE_LIT("s3:ListAllMyBuckets"), &i));
    cr_expect_eq(iam_actions_resources(i, &a).n, 0);
    arena_release(&a);
}

Test(policies_iam_actions, arns_have_six_fields)
{
    for (size_t i = 0; i < iam_actions_arns(); i++) {
        const struct slice arn = iam_actions_arn(i);
        size_t colons = 0, at;

        for (size_t k = 0; k < arn.len; k++)
            colons += arn.data[k] == ':';
        cr_expect(slice_starts(arn, "arn:") && colons >= 5, "%.*s", (int)arn.len,
                  (const char *)arn.data);
        cr_expect_not(slice_find(arn, SLICE_LIT(",arn:"), &at), "two in one: %.*s", (int)arn.len,
                      (const char *)arn.data);
    }
}

Test(policies_iam_actions, keys_go_on_behind_their_variable)
{
    size_t i = 0;

    cr_expect_eq(iam_actions_key_type(SLICE_LIT("codebuild:secondarySources/x.insecureSsl")),
                 IAM_KEY_BOOL);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("codebuild:secondarySources/x.auth.type")),
                 IAM_KEY_STRING);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("codebuild:secondarySources/.insecureSsl")),
                 IAM_KEY_NONE);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("s3:ExistingObjectTag/team")), IAM_KEY_STRING);
    cr_assert(iam_actions_find(SLICE_LIT("ec2:RunInstances"), &i));
    cr_expect(iam_actions_key(i, SLICE_LIT("ec2:Vpc")), "a key of its resource types");
    cr_expect(iam_actions_key_own(i, SLICE_LIT("aws:RequestTag/team")));
    cr_assert(iam_actions_find(SLICE_LIT("ec2:DescribeInstances"), &i));
    cr_expect(iam_actions_key(i, SLICE_LIT("aws:RequestTag/team")), "by name");
    cr_expect_not(iam_actions_key_own(i, SLICE_LIT("aws:RequestTag/team")));
}

Test(policies_iam_actions, keys_have_types_and_belong_to_actions)
{
    size_t i = 0;

    cr_expect_eq(iam_actions_key_type(SLICE_LIT("AWS:sourceip")), IAM_KEY_IP);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("aws:TagKeys")), IAM_KEY_STRINGS);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("aws:RequestTag/Team")), IAM_KEY_STRING);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("aws:RequestTag/")), IAM_KEY_NONE);
    cr_expect_eq(iam_actions_key_type(SLICE_LIT("aws:NoSuchKey")), IAM_KEY_NONE);
    cr_assert(iam_actions_find(SLICE_LIT("iam:PassRole"), &i));
    cr_expect(iam_actions_key(i, SLICE_LIT("iam:PassedToService")));
    cr_expect(iam_actions_key(i, SLICE_LIT("aws:SourceVpce")), "a global key");
    cr_expect_not(iam_actions_key(i, SLICE_LIT("s3:prefix")));
}
