/* Who holds what: documents of configuration in, parties out, each told as one line. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "policies/iam/account/iam_account.h"
#include "policies/iam/aws/iam_managed.h"
#include "tests/lib/cases.h"
#include "tests/lib/config_told.h"

/* One further document of the run, from text. */
static void scan(struct facts *f, const char *subject, const char *kind, const char *text)
{
    struct config_text t = {.kind = kind, .bytes = slice_str(text)};
    struct err e = {0};

    cr_assert(config_told(&t, subject, f, &e), "line %u: %s", e.line, e.text);
}

static const char *entity(enum iam_entity e)
{
    static const char *const names[] = {"user", "group", "role", "file"};

    return names[e];
}

static void put_docs(struct arena *a, const struct iam_docs *d, char **out)
{
    for (size_t i = 0; i < d->n; i++)
        *out = arena_printf(a, "%s %s%s", *out, d->items[i].name, d->items[i].unknown ? "?" : "");
    if (d->unknown)
        *out = arena_printf(a, "%s ?", *out);
}

/* "role NAME: DOC DOC?; bounded DOC; trusts DOC; in GROUP" a line. */
static const char *told(const struct iam_account *acc, struct arena *a)
{
    char *out = arena_printf(a, "%s", "");

    for (size_t i = 0; i < acc->n; i++) {
        const struct iam_party *p = &acc->parties[i];

        out = arena_printf(a, "%s%s %s:", out, entity(p->kind), p->address);
        put_docs(a, &p->attached, &out);
        if (p->boundary != NULL) {
            out = arena_printf(a, "%s; bounded", out);
            put_docs(a, p->boundary, &out);
        }
        if (p->trust != NULL)
            out = arena_printf(a, "%s; trusts", out);
        for (size_t k = 0; k < p->ngroups; k++)
            out = arena_printf(a, "%s; in %s", out, p->groups[k]->address);
        out = arena_printf(a, "%s\n", out);
        cr_expect_eq(iam_account_find(acc, p->fact)->fact, p->fact);
        for (size_t k = 0; k < p->npolicies; k++)
            cr_expect(strcmp(p->policies[k]->type, "iam.policy") == 0 &&
                          (k == 0 || p->policies[k - 1] < p->policies[k]),
                      "%s: policy %zu", p->address, k);
    }
    return out;
}

#define DOC                                                                                        \
    "'{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}}'"
#define TRUST                                                                                      \
    "'{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":"           \
    "{\"Service\":\"sagemaker.amazonaws.com\"}}}'"

/* A plan: resources {address, type, name, after, unknown}, then the configuration. */
#define PLAN "format_version: '1.2'\nresource_changes:\n"
#define RESOURCE(type, name, after, unknown)                                                       \
    "- {address: " type "." name ", mode: managed, type: " type ", name: " name                    \
    ", change: {actions: [create], after: " after ", after_unknown: " unknown "}}\n"
#define CONFIGURATION "configuration: {root_module: {resources: ["
#define END "]}}\n"
#define SET(type, name, expressions)                                                               \
    "{address: " type "." name ", mode: managed, type: " type ", name: " name                      \
    ", expressions: " expressions "},"
#define REF(attribute, names) attribute ": {references: [" names "]}"
#define ROLE(name)                                                                                 \
    RESOURCE("aws_iam_role", name, "{name: " name ", assume_role_policy: " TRUST "}",              \
             "{arn: true, managed_policy_arns: true}")
#define SET_ROLE(name) SET("aws_iam_role", name, "{name: {}, assume_role_policy: {}}")
#define POLICY(name)                                                                               \
    RESOURCE("aws_iam_policy", name, "{name: " name ", path: /, policy: " DOC "}", "{arn: true}")
#define SET_POLICY(name) SET("aws_iam_policy", name, "{name: {}, policy: {}}")
#define ATTACHMENT "aws_iam_role_policy_attachment"
#define ADMIN "arn:aws:iam::aws:policy/AdministratorAccess"

struct attach_case {
    const char *what, *kind, *text, *want;
};

static const struct attach_case terraform_cases[] = {
    {"inline by name", "terraform",
     PLAN ROLE("r") RESOURCE("aws_iam_role_policy", "p", "{role: r, policy: " DOC "}", "{}")
         CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: aws_iam_role_policy.p#policy; trusts\n"},
    {"inline by reference", "terraform",
     PLAN ROLE("r") ROLE("s") RESOURCE("aws_iam_role_policy", "p", "{policy: " DOC "}",
                                       "{role: true}") CONFIGURATION SET_ROLE("r") SET_ROLE("s")
         SET("aws_iam_role_policy", "p", "{" REF("role", "aws_iam_role.r.id, aws_iam_role.r") "}")
             END,
     "role aws_iam_role.r: aws_iam_role_policy.p#policy; trusts\n"
     "role aws_iam_role.s:; trusts\n"},
    {"inline in a block", "terraform",
     PLAN RESOURCE("aws_iam_role", "r",
                   "{name: r, assume_role_policy: " TRUST ", inline_policy: [{name: x, policy: " DOC
                   "}]}",
                   "{}"),
     "role aws_iam_role.r: aws_iam_role.r#inline_policy.0.policy; trusts\n"},
    {"managed by reference", "terraform",
     PLAN ROLE("r") POLICY("p") RESOURCE(ATTACHMENT, "a", "{role: r}", "{policy_arn: true}")
         CONFIGURATION SET_ROLE("r") SET_POLICY("p")
             SET(ATTACHMENT, "a",
                 "{" REF("policy_arn", "aws_iam_policy.p.arn, aws_iam_policy.p") "}") END,
     "role aws_iam_role.r: aws_iam_policy.p#policy; trusts\n"},
    {"managed by an ARN that names it", "terraform",
     PLAN ROLE("r") POLICY("p")
         RESOURCE(ATTACHMENT, "a", "{role: r, policy_arn: 'arn:aws:iam::123456789012:policy/p'}",
                  "{}") CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: aws_iam_policy.p#policy; trusts\n"},
    {"managed by AWS", "terraform",
     PLAN ROLE("r") RESOURCE(ATTACHMENT, "a", "{role: r, policy_arn: '" ADMIN "'}", "{}")
         CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: " ADMIN "; trusts\n"},
    {"managed, but nobody knows it", "terraform",
     PLAN ROLE("r") RESOURCE(ATTACHMENT, "a",
                             "{role: r, policy_arn: 'arn:aws:iam::123456789012:policy/x'}", "{}")
         RESOURCE(ATTACHMENT, "b", "{role: r, policy_arn: 'arn:aws:iam::aws:policy/New'}", "{}")
             CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: arn:aws:iam::123456789012:policy/x? arn:aws:iam::aws:policy/New?; "
     "trusts\n"},
    {"the same twice", "terraform",
     PLAN ROLE("r") RESOURCE(ATTACHMENT, "a", "{role: r, policy_arn: '" ADMIN "'}", "{}")
         RESOURCE(ATTACHMENT, "b", "{role: r, policy_arn: '" ADMIN "'}", "{}")
             CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: " ADMIN "; trusts\n"},
    {"one of two policies", "terraform",
     PLAN ROLE("r") POLICY("p") POLICY("q")
         RESOURCE(ATTACHMENT, "a", "{role: r}", "{policy_arn: true}") CONFIGURATION SET_ROLE("r")
             SET_POLICY("p") SET_POLICY("q")
                 SET(ATTACHMENT, "a",
                     "{" REF("policy_arn", "aws_iam_policy.p.arn, aws_iam_policy.q.arn") "}") END,
     "file aws_iam_policy.p#policy: aws_iam_policy.p#policy\n"
     "file aws_iam_policy.q#policy: aws_iam_policy.q#policy\n"
     "role aws_iam_role.r: ?; trusts\n"},
    {"a role that nobody can tell", "terraform",
     PLAN ROLE("r") RESOURCE("aws_iam_user", "u", "{name: u}", "{}")
         RESOURCE("aws_iam_role_policy", "p", "{policy: " DOC "}", "{role: true}")
             CONFIGURATION SET_ROLE("r") SET("aws_iam_role_policy", "p",
                                             "{" REF("role", "data.aws_iam_role.x.name") "}") END,
     "file aws_iam_role_policy.p#policy: aws_iam_role_policy.p#policy\n"
     "role aws_iam_role.r: ?; trusts\n"
     "user aws_iam_user.u:\n"},
    {"a role of elsewhere", "terraform",
     PLAN ROLE("r") RESOURCE("aws_iam_role_policy", "p", "{role: theirs, policy: " DOC "}", "{}")
         RESOURCE(ATTACHMENT, "a", "{role: theirs, policy_arn: '" ADMIN "'}", "{}")
             CONFIGURATION SET_ROLE("r") END,
     "file aws_iam_role_policy.p#policy: aws_iam_role_policy.p#policy\n"
     "role aws_iam_role.r:; trusts\n"
     "file aws_iam_role_policy_attachment.a: " ADMIN "\n"},
    {"several to whom the run does not show", "terraform",
     PLAN RESOURCE("aws_iam_role_policy_attachments_exclusive", "a",
                   "{role_name: theirs, policy_arns: ['" ADMIN
                   "', 'arn:aws:iam::123456789012:policy/x']}",
                   "{}") RESOURCE(ATTACHMENT, "b", "{role: others, policy_arn: '" ADMIN "'}", "{}"),
     "file aws_iam_role_policy_attachment.b: " ADMIN "\n"
     "file aws_iam_role_policy_attachments_exclusive.a: arn:aws:iam::123456789012:policy/x? " ADMIN
     "\n"},
    {"a list that nobody can tell", "terraform",
     PLAN ROLE("r") CONFIGURATION SET("aws_iam_role", "r", "{managed_policy_arns: {}}") END,
     "role aws_iam_role.r: ?; trusts\n"},
    {"a list of references", "terraform",
     PLAN RESOURCE("aws_iam_role", "r",
                   "{name: r, assume_role_policy: " TRUST ", managed_policy_arns: ['" ADMIN "']}",
                   "{managed_policy_arns: [true, true, false]}") POLICY("p") POLICY("q")
         CONFIGURATION SET("aws_iam_role", "r",
                           "{" REF("managed_policy_arns",
                                   "aws_iam_policy.p.arn, aws_iam_policy.p, aws_iam_policy.q.arn, "
                                   "aws_iam_policy.q") "}") SET_POLICY("p") SET_POLICY("q") END,
     "role aws_iam_role.r: aws_iam_policy.p#policy aws_iam_policy.q#policy " ADMIN "; trusts\n"},
    {"a boundary", "terraform",
     PLAN RESOURCE("aws_iam_role", "r", "{name: r, assume_role_policy: " TRUST "}",
                   "{permissions_boundary: true}") POLICY("p")
         RESOURCE("aws_iam_user", "u", "{name: u, permissions_boundary: '" ADMIN "'}", "{}")
             RESOURCE("aws_iam_user", "v", "{name: v}", "{permissions_boundary: true}")
                 CONFIGURATION SET("aws_iam_role", "r",
                                   "{" REF("permissions_boundary", "aws_iam_policy.p.arn") "}")
                     SET_POLICY("p")
                         SET("aws_iam_user", "v",
                             "{" REF("permissions_boundary", "aws_iam_policy.x.arn") "}") END,
     "role aws_iam_role.r:; bounded aws_iam_policy.p#policy; trusts\n"
     "user aws_iam_user.u:; bounded " ADMIN "\n"
     "user aws_iam_user.v:; bounded ?\n"},
    {"groups", "terraform",
     PLAN RESOURCE("aws_iam_user", "u", "{name: u}", "{}") RESOURCE(
         "aws_iam_user", "v", "{name: v}", "{}") RESOURCE("aws_iam_user", "w", "{name: w}", "{}")
         RESOURCE("aws_iam_group", "g", "{name: g}",
                  "{}") RESOURCE("aws_iam_group_policy", "p", "{group: g, policy: " DOC "}", "{}")
             RESOURCE("aws_iam_group_membership", "m", "{group: g, users: [u]}", "{}")
                 RESOURCE("aws_iam_user_group_membership", "n", "{user: v, groups: [g, g]}", "{}")
                     RESOURCE("aws_iam_user_group_membership", "o",
                              "{user: w, groups: [elsewhere]}", "{}"),
     "group aws_iam_group.g: aws_iam_group_policy.p#policy\n"
     "user aws_iam_user.u: aws_iam_group_policy.p#policy; in aws_iam_group.g\n"
     "user aws_iam_user.v: aws_iam_group_policy.p#policy; in aws_iam_group.g\n"
     "user aws_iam_user.w: ?\n"},
    {"to many", "terraform",
     PLAN ROLE("r") ROLE("s") RESOURCE("aws_iam_user", "u", "{name: u}", "{}")
         RESOURCE("aws_iam_policy_attachment", "a",
                  "{roles: [r, s], users: [u], groups: null, policy_arn: '" ADMIN "'}", "{}")
             CONFIGURATION SET_ROLE("r") SET_ROLE("s") END,
     "role aws_iam_role.r: " ADMIN "; trusts\n"
     "role aws_iam_role.s: " ADMIN "; trusts\n"
     "user aws_iam_user.u: " ADMIN "\n"},
    {"these and no others", "terraform",
     PLAN ROLE("r") ROLE("s") RESOURCE("aws_iam_role_policy", "p",
                                       "{role: r, name: p, policy: " DOC "}", "{}")
         RESOURCE("aws_iam_role_policies_exclusive", "x", "{role_name: r, policy_names: [p]}", "{}")
             RESOURCE("aws_iam_role_policies_exclusive", "y", "{role_name: s, policy_names: [p]}",
                      "{}") CONFIGURATION SET_ROLE("r") SET_ROLE("s") END,
     "role aws_iam_role.r: aws_iam_role_policy.p#policy; trusts\n"
     "role aws_iam_role.s: ?; trusts\n"},
    {"these, in blocks of the role", "terraform",
     PLAN RESOURCE("aws_iam_role", "r",
                   "{name: r, assume_role_policy: " TRUST ", inline_policy: [{name: b, policy: " DOC
                   "}, {name: a, policy: " DOC "}]}",
                   "{}") RESOURCE("aws_iam_role_policies_exclusive", "x",
                                  "{role_name: r, policy_names: [a, b]}", "{}")
         CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: aws_iam_role.r#inline_policy.0.policy "
     "aws_iam_role.r#inline_policy.1.policy; trusts\n"},
    {"one that is called as the role, and not there", "terraform",
     PLAN RESOURCE("aws_iam_role", "r",
                   "{name: r, assume_role_policy: " TRUST ", inline_policy: [{name: a, policy: " DOC
                   "}]}",
                   "{}")
         RESOURCE("aws_iam_role_policies_exclusive", "x", "{role_name: r, policy_names: [r]}", "{}")
             CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: aws_iam_role.r#inline_policy.0.policy ?; trusts\n"},
    {"a policy that is not known", "terraform",
     PLAN ROLE("r") RESOURCE("aws_iam_role_policy", "p", "{role: r}", "{policy: true}")
         CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: aws_iam_role_policy.p#policy?; trusts\n"},
    {"a list where one belongs", "terraform",
     PLAN ROLE("r") RESOURCE(ATTACHMENT, "a", "{role: r, policy_arn: ['" ADMIN "']}", "{}")
         CONFIGURATION SET_ROLE("r") END,
     "role aws_iam_role.r: ?; trusts\n"},
    {"a policy that nobody holds", "terraform", PLAN POLICY("p") CONFIGURATION SET_POLICY("p") END,
     "file aws_iam_policy.p#policy: aws_iam_policy.p#policy\n"},
};

#define TRUSTED "AssumeRolePolicyDocument: " TRUST

static const struct attach_case template_cases[] = {
    {"a role with all of it", "cloudformation",
     "Resources:\n"
     "  R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r, " TRUSTED ",\n"
     "      Policies: [{PolicyName: x, PolicyDocument: " DOC "}],\n"
     "      ManagedPolicyArns: ['" ADMIN "', !Ref M], PermissionsBoundary: !Ref B}}\n"
     "  M: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: " DOC "}}\n"
     "  B: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: " DOC "}}\n",
     "role R: M#PolicyDocument R#Policies.0.PolicyDocument " ADMIN "; bounded B#PolicyDocument; "
     "trusts\n"},
    {"policies that name who has them", "cloudformation",
     "Resources:\n"
     "  R: {Type: 'AWS::IAM::Role', Properties: {" TRUSTED "}}\n"
     "  U: {Type: 'AWS::IAM::User', Properties: {UserName: u, Groups: [!Ref G]}}\n"
     "  V: {Type: 'AWS::IAM::User', Properties: {UserName: v}}\n"
     "  G: {Type: 'AWS::IAM::Group', Properties: {GroupName: g}}\n"
     "  P: {Type: 'AWS::IAM::Policy', Properties: {PolicyName: p, PolicyDocument: " DOC
     ", Roles: [!Ref R], Groups: [g]}}\n"
     "  Q: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: " DOC
     ", Users: [!Ref U]}}\n"
     "  S: {Type: 'AWS::IAM::RolePolicy', Properties: {PolicyName: s, PolicyDocument: " DOC
     ", RoleName: !Ref R}}\n"
     "  A: {Type: 'AWS::IAM::UserToGroupAddition', Properties: {GroupName: g, Users: [v]}}\n",
     "group G: P#PolicyDocument\n"
     "role R: P#PolicyDocument S#PolicyDocument; trusts\n"
     "user U: Q#PolicyDocument P#PolicyDocument; in G\n"
     "user V: P#PolicyDocument; in G\n"},
    {"an import", "cloudformation",
     "Resources:\n"
     "  R: {Type: 'AWS::IAM::Role', Properties: {" TRUSTED
     ", ManagedPolicyArns: [!ImportValue x]}}\n",
     "role R: ?; trusts\n"},
};

static const struct attach_case file_cases[] = {
    {"a file", "iam",
     "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}",
     "file s: s\n"},
    {"of a bucket", "iam",
     "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\","
     "\"Principal\": \"*\"}}",
     ""},
};

static void check(const struct attach_case *c)
{
    struct iam_account acc;
    struct facts f;
    struct arena a;
    const char *got;

    arena_init(&a);
    facts_init(&f, &a);
    scan(&f, "s", c->kind, c->text);
    facts_sort(&f);
    iam_account_read(&f, &a, &acc);
    got = told(&acc, &a);
    cr_expect_str_eq(got, c->want, "%s: got\n%s", c->what, got);
    arena_release(&a);
}

CASES(policies_iam_account, follows_terraform, terraform_cases)
{
    check(&terraform_cases[*case_index]);
}

CASES(policies_iam_account, follows_templates, template_cases)
{
    check(&template_cases[*case_index]);
}

CASES(policies_iam_account, knows_files, file_cases)
{
    check(&file_cases[*case_index]);
}

#define A "arn:aws:iam::123456789012:"

/* What AWS says of an account, its own text of managed policies first. */
Test(policies_iam_account, knows_snapshots)
{
    static const char want[] =
        "group " A "group/scientists: " A "policy/read-claims#Document\n"
        "role " A "role/break-glass: " ADMIN "#Document; trusts\n"
        "role " A "role/train: " A "policy/read-claims#Document " A
        "role/train#RolePolicyList.0.PolicyDocument "
        "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess; trusts\n"
        "user " A "user/alice: " A "policy/read-claims#Document; in " A "group/scientists\n"
        "user " A "user/bob: " A "user/bob#UserPolicyList.0.PolicyDocument; bounded " A
        "policy/limit#Document\n";
    static const char *const files[] = {"fixtures/account/good/team.json",
                                        "fixtures/account/good/encoded.json"};
    struct iam_account acc;
    struct slice text;
    struct facts f;
    struct arena a;
    struct err e = {0};

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        arena_init(&a);
        facts_init(&f, &a);
        cr_assert(file_read(files[i], LIMIT_CONFIG_BYTES, &a, &text, &e), "%s", e.text);
        scan(&f, "s", "account", arena_strndup(&a, text));
        facts_sort(&f);
        iam_account_read(&f, &a, &acc);
        cr_expect_str_eq(told(&acc, &a), want, "%s: got\n%s", files[i], told(&acc, &a));
        cr_expect(slice_is(acc.number, "123456789012"));
        arena_release(&a);
    }
}

/* A plan that attaches to what only a snapshot shows. */
Test(policies_iam_account, joins_a_plan_and_a_snapshot)
{
    struct iam_account acc;
    struct facts f;
    struct arena a;
    const char *got;

    arena_init(&a);
    facts_init(&f, &a);
    scan(&f, "account", "account",
         "{\"RoleDetailList\": [{\"RoleName\": \"r\", \"Arn\": \"arn:aws:iam::1:role/r\","
         " \"AssumeRolePolicyDocument\": {\"Statement\": {\"Effect\": \"Allow\", \"Principal\": "
         "\"*\","
         " \"Action\": \"sts:AssumeRole\"}}}]}");
    scan(&f, "plan", "terraform",
         PLAN RESOURCE("aws_iam_role_policy", "p", "{role: r, policy: " DOC "}", "{}"));
    facts_sort(&f);
    iam_account_read(&f, &a, &acc);
    got = told(&acc, &a);
    cr_expect_str_eq(got, "role arn:aws:iam::1:role/r: aws_iam_role_policy.p#policy; trusts\n",
                     "got %s", got);
    arena_release(&a);
}

/* More than one principal may have is unknown, not cut off. */
Test(policies_iam_account, bounds_what_one_holds)
{
    struct iam_account acc;
    struct facts f;
    struct arena a;
    char *text;

    arena_init(&a);
    facts_init(&f, &a);
    for (size_t extra = 0; extra < 2; extra++) {
        text = arena_printf(&a, "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n"
                                "      ManagedPolicyArns:\n");
        for (size_t i = 0; i < LIMIT_IAM_ATTACHED + extra; i++)
            text = arena_printf(&a, "%s      - arn:aws:iam::123456789012:policy/%zu\n", text, i);
        facts_init(&f, &a);
        scan(&f, "s", "cloudformation", text);
        facts_sort(&f);
        iam_account_read(&f, &a, &acc);
        cr_assert_eq(acc.n, 1);
        cr_expect_eq(acc.parties[0].attached.n, LIMIT_IAM_ATTACHED);
        cr_expect_eq(acc.parties[0].attached.unknown, extra == 1);
    }
    arena_release(&a);
}

/* Each document of the data is read by our own grammar. */
Test(policies_iam_account, reads_the_policies_of_aws)
{
    struct arena a;
    const struct value *v;
    struct iam_doc d;

    arena_init(&a);
    cr_expect_gt(iam_managed_count(), 1500);
    for (size_t i = 0; i < iam_managed_count(); i++) {
        const char *arn = iam_managed_arn(i);
        struct err e = {0};

        cr_assert(iam_managed_find(slice_str(arn), &a, &v), "%s", arn);
        cr_expect(iam_doc_read(v, arn, &a, &d, &e), "%s: %s", arn, e.text);
        cr_expect(d.n > 0 && !d.unknown, "%s", arn);
        arena_clear(&a);
    }
    cr_expect(
        iam_managed_find(SLICE_LIT("arn:aws-cn:iam::aws:policy/AdministratorAccess"), &a, &v));
    cr_expect(!iam_managed_find(SLICE_LIT("arn:aws-cn:iam::aws:policy/PowerUserAccess"), &a, &v));
    cr_expect(!iam_managed_find(SLICE_LIT(""), &a, &v));
    cr_expect(slice_starts(slice_str(iam_managed_source()), "iann0036/iam-dataset"));
    arena_release(&a);
}
