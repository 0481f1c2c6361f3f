#include "policies/iam/escalate/iam_worth.h"

#include "policies/iam/text/iam_glob.h"

/* Those of AWS that allow everything, or to give oneself everything; and what an account makes. */
static const struct slice policies[] = {SLICE_INIT("arn:*:iam::aws:policy/AdministratorAccess"),
                                        SLICE_INIT("arn:*:iam::aws:policy/IAMFullAccess"),
                                        SLICE_INIT("arn:*:iam::????????????:policy/*")};

/* One that allows everything, and one that nobody names: who may choose it chooses one that caps
 * nothing, who must take a certain one is capped. */
static const struct slice boundaries[] = {
    SLICE_INIT("arn:*:iam::aws:policy/AdministratorAccess"),
    SLICE_INIT("arn:*:iam::????????????:policy/any-that-is-chosen")};

#define TEST(operator, name, list)                                                                 \
    {                                                                                              \
        .op = (operator), .if_exists = true, .key = SLICE_INIT(name), .values = {                  \
            (list),                                                                                \
            sizeof(list) / sizeof(*(list)),                                                        \
            false                                                                                  \
        }                                                                                          \
    }
/* As texts, and as ARNs: a policy may compare them so or so. */
static const struct iam_test tests[] = {
    TEST(IAM_STRING_LIKE, "iam:PermissionsBoundary", boundaries),
    TEST(IAM_ARN_LIKE, "iam:PermissionsBoundary", boundaries),
    TEST(IAM_STRING_LIKE, "iam:PolicyARN", policies),
    TEST(IAM_ARN_LIKE, "iam:PolicyARN", policies),
};

size_t iam_worth_tests(struct slice action, const struct iam_test **out)
{
    static const struct {
        const char *action;
        size_t from, n; /* of the tests */
    } rows[] = {
        {"iam:AttachUserPolicy", 0, 4},
        {"iam:AttachRolePolicy", 0, 4},
        {"iam:AttachGroupPolicy", 2, 2},
        {"iam:PutUserPolicy", 0, 2},
        {"iam:PutRolePolicy", 0, 2},
        {"iam:CreateUser", 0, 2},
        {"iam:CreateRole", 0, 2},
        {"iam:PutUserPermissionsBoundary", 0, 2},
        {"iam:PutRolePermissionsBoundary", 0, 2},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (iam_glob_same(action, slice_str(rows[i].action))) {
            *out = &tests[rows[i].from];
            return rows[i].n;
        }
    *out = NULL;
    return 0;
}

bool iam_worth_tells_boundary(struct slice action)
{
    static const char *const names[] = {
        "iam:AttachUserPolicy",
        "iam:AttachRolePolicy",
        "iam:DetachUserPolicy",
        "iam:DetachRolePolicy",
        "iam:PutUserPolicy",
        "iam:PutRolePolicy",
        "iam:DeleteUserPolicy",
        "iam:DeleteRolePolicy",
        "iam:DeleteUserPermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (iam_glob_same(action, slice_str(names[i])))
            return true;
    return false;
}
