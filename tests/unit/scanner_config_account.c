/* Snapshots of an account: what is told of them, and what cannot be told. */
#include "tests/lib/cases.h"

#include <string.h>

#include "base/json_out.h"
#include "tests/lib/config_told.h"

struct account_case {
    const char *what, *text;
    const char *gap;            /* part of the first gap; "" for none */
    const char *type, *address; /* of the fact looked at; NULL: the account */
    const char *path, *want;    /* in its attributes, as JSON; "" when there is nothing */
};

#define USERS(entries) "{\"UserDetailList\":[" entries "]}"
#define ROLES(entries) "{\"RoleDetailList\":[" entries "]}"
#define U(more) "{\"UserName\":\"u\",\"Arn\":\"arn:u\"" more "}"
#define R(more) "{\"RoleName\":\"r\",\"Arn\":\"arn:r\"" more "}"
#define P(more)                                                                                    \
    "{\"RoleDetailList\":[],\"Policies\":[{\"PolicyName\":\"p\",\"Arn\":"                          \
    "\"arn:aws:iam::aws:policy/p\"" more "}]}"
#define TRUSTED ",\"AssumeRolePolicyDocument\":"
#define ENCODED                                                                                    \
    "\"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22" \
    "%2C%22Principal%22%3A%22%2A%22%7D%7D\""
#define PLAIN                                                                                      \
    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":\"*\"}}"
#define TEXT                                                                                       \
    "\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"sts:AssumeRole\\\","    \
    "\\\"Principal\\\":\\\"*\\\"}}\""
#define ALLOW "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\"}}"
#define TRUST_FACT "iam.policy", "arn:r#AssumeRolePolicyDocument", "document", PLAIN
#define UNKNOWN(why) "{\"$unknown\":\"" why "\",\"refs\":[]}"

static const struct account_case account_cases[] = {
    {"counts", USERS(U("")), "", NULL, NULL, "users", "1"},
    {"an object", ROLES(R(TRUSTED PLAIN)), "", TRUST_FACT},
    {"encoded text", ROLES(R(TRUSTED ENCODED)), "", TRUST_FACT},
    {"plain text", ROLES(R(TRUSTED TEXT)), "", TRUST_FACT},
    {"the document in the attributes", ROLES(R(TRUSTED ENCODED)), "", "aws.iam.role", "arn:r",
     "AssumeRolePolicyDocument", PLAIN},
    {"text cut short", ROLES(R(TRUSTED "\"%7B%2\"")), "'%' at byte 3 without two hex digits",
     "aws.iam.role", "arn:r", "AssumeRolePolicyDocument",
     UNKNOWN("a policy document cannot be read: '%' at byte 3 without two hex digits")},
    {"text that is no JSON", ROLES(R(TRUSTED "\"%7B\"")), "a policy document cannot be read",
     "iam.policy", "arn:r#AssumeRolePolicyDocument", "kind", "\"trust\""},
    {"bytes that are no text", ROLES(R(TRUSTED "\"%7B%22%FF%22%3A1%7D\"")),
     "a policy document cannot be read", NULL, NULL, "roles", "1"},
    {"a document that AWS would refuse", ROLES(R(TRUSTED "{\"Statement\":[]}")),
     "the policy has no statements", "iam.policy", "arn:r#AssumeRolePolicyDocument", "document",
     UNKNOWN("the policy cannot be read")},
    {"no trust policy", ROLES(R("")), "arn:r: a role without a trust policy", "aws.iam.role",
     "arn:r", "AssumeRolePolicyDocument", UNKNOWN("a role without a trust policy")},
    {"inline",
     USERS(U(",\"UserPolicyList\":[{\"PolicyName\":\"x\",\"PolicyDocument\":" ALLOW "}]")), "",
     "iam.policy", "arn:u#UserPolicyList.0.PolicyDocument", "document", ALLOW},
    {"inline without a document", USERS(U(",\"UserPolicyList\":[{\"PolicyName\":\"x\"}]")),
     "arn:u: a policy has no document", "iam.policy", "arn:u#UserPolicyList.0.PolicyDocument",
     "version", UNKNOWN("a policy has no document")},
    {"inline that is no map", USERS(U(",\"UserPolicyList\":[1]")), "an inline policy must be a map",
     "aws.iam.user", "arn:u", "UserPolicyList", "[" UNKNOWN("an inline policy must be a map") "]"},
    {"inline that is no list", USERS(U(",\"UserPolicyList\":{}")),
     "the inline policies must be a list", "iam.policy", "arn:u#UserPolicyList", "kind",
     "\"identity\""},
    {"attached without an ARN", USERS(U(",\"AttachedManagedPolicies\":[{\"PolicyName\":\"x\"}]")),
     "AttachedManagedPolicies must be", "aws.iam.user", "arn:u", "AttachedManagedPolicies",
     UNKNOWN("AttachedManagedPolicies must be a list of maps with a PolicyArn")},
    {"groups that are no names", USERS(U(",\"GroupList\":[{}]")), "GroupList must be",
     "aws.iam.user", "arn:u", "GroupList", UNKNOWN("GroupList must be a list of names")},
    {"a boundary that is no map", USERS(U(",\"PermissionsBoundary\":\"arn:b\"")),
     "PermissionsBoundary must be", "aws.iam.user", "arn:u", "PermissionsBoundary",
     UNKNOWN("PermissionsBoundary must be a map with a PermissionsBoundaryArn")},
    {"no boundary", USERS(U(",\"PermissionsBoundary\":null")), "", "aws.iam.user", "arn:u",
     "PermissionsBoundary", "null"},
    {"the version in force",
     P(",\"DefaultVersionId\":\"v2\",\"PolicyVersionList\":[{\"VersionId\":\"v1\",\"Document\":{}},"
       "{\"VersionId\":\"v2\",\"Document\":" ALLOW "}]"),
     "", "iam.policy", "arn:aws:iam::aws:policy/p#Document", "document", ALLOW},
    {"the version that is marked",
     P(",\"PolicyVersionList\":[{\"VersionId\":\"v2\",\"IsDefaultVersion\":true,\"Document\":" ALLOW
       "}]"),
     "", "aws.iam.policy", "arn:aws:iam::aws:policy/p", "PolicyVersionList",
     "[{\"VersionId\":\"v2\",\"IsDefaultVersion\":true}]"},
    {"no version in force", P(",\"DefaultVersionId\":\"v2\",\"PolicyVersionList\":[]"),
     "the default version has no document", "iam.policy", "arn:aws:iam::aws:policy/p#Document",
     "document", UNKNOWN("the default version has no document")},
    {"one of AWS that nobody has", P(",\"AttachmentCount\":0,\"PolicyVersionList\":[]"), "",
     "iam.policy", "arn:aws:iam::aws:policy/p#Document", "document", ""},
    {"one of AWS that bounds", P(",\"AttachmentCount\":0,\"PermissionsBoundaryUsageCount\":1"),
     "the default version has no document", NULL, NULL, "policies", "1"},
    {"tags", USERS(U(",\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]")), "", "aws.iam.user", "arn:u",
     "Tags.0.Value", "\"b\""},
    {"a page", "{\"RoleDetailList\":[],\"IsTruncated\":true}", "is a page of several", NULL, NULL,
     "roles", "0"},
    {"a list that is none", "{\"RoleDetailList\":[],\"UserDetailList\":{}}",
     "UserDetailList must be a list", NULL, NULL, "users", "0"},
    {"an entry that is none", USERS("1"), "one of the users is no map", NULL, NULL, "users", "0"},
    {"an entry without a name", USERS("{\"Arn\":\"arn:u\"}"),
     "one of the users: UserName must be a string, found nothing", NULL, NULL, "users", "0"},
    {"an entry twice", USERS(U("") "," U("")), "arn:u is there twice", NULL, NULL, "users", "1"},
};

static const struct fact *find(const struct facts *f, const struct account_case *c)
{
    const char *type = c->type != NULL ? c->type : "aws.iam.account";
    const char *address = c->address != NULL ? c->address : "account";

    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, type) == 0 && strcmp(f->facts[i].address, address) == 0)
            return &f->facts[i];
    return NULL;
}

static void scan(const struct account_case *c, struct facts *f)
{
    struct config_text t = {.bytes = slice_str(c->text)}; /* the kind is found */
    struct err e = {0};

    cr_assert(config_told(&t, "input", f, &e), "%s: %s", c->what, e.text);
    cr_expect_str_eq(t.name, "account");
}

CASES(scanner_config_account, tells, account_cases)
{
    const struct account_case *c = &account_cases[*case_index];
    const struct fact *fact;
    const struct value *v = NULL;
    const char *reason;
    struct json_out out;
    struct facts f;
    struct arena a;
    struct buf b;

    arena_init(&a);
    facts_init(&f, &a);
    buf_init(&b, 1u << 20);
    json_out_init(&out, &b, JSON_COMPACT);
    scan(c, &f);
    reason = f.coverage[0].reason != NULL ? f.coverage[0].reason : "";
    cr_expect(c->gap[0] == '\0' ? reason[0] == '\0' : strstr(reason, c->gap) != NULL, "%s: %s",
              c->what, reason);
    fact = find(&f, c);
    if (fact != NULL)
        v = value_path(fact->attributes, c->path);
    if (v != NULL)
        json_out_value(&out, v);
    buf_u8(&b, 0);
    cr_expect_str_eq((const char *)b.data, c->want, "%s: got %s", c->what, (const char *)b.data);
    buf_release(&b);
    arena_release(&a);
}
