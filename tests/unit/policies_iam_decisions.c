/* Decisions of whole requests: what random comparison with another simulator brought up (docs/
 * iam-conformance.md), each as small as it gets. */
#include "base/json.h"
#include "tests/lib/cases.h"
#include "tests/lib/iam_case.h"

#define ACCOUNT "111122223333"
#define USER "arn:aws:iam::" ACCOUNT ":user/ann"
#define ROLE "arn:aws:iam::" ACCOUNT ":role/deploy"
#define SESSION "arn:aws:sts::" ACCOUNT ":assumed-role/deploy/build-1"
#define FEDERATED "arn:aws:sts::" ACCOUNT ":federated-user/ann"
#define ROOT "arn:aws:iam::" ACCOUNT ":root"

#define POLICY(body) "{\"Version\": \"2012-10-17\", \"Statement\": [{" body "}]}"
#define ALL "\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\""
#define NONE "\"Effect\": \"Allow\", \"Action\": \"none:None\", \"Resource\": \"*\""
#define OBJECT "arn:aws:s3:::bucket/key"
#define KEY "arn:aws:kms:eu-west-1:" ACCOUNT ":key/k"
#define ASK(action, resource, owner, principal, context)                                           \
    "\"request\": {\"action\": \"" action "\", \"resource\": {\"resource\": \"" resource           \
    "\", \"accountId\": \"" owner "\"}, \"principal\": \"" principal "\", \"context\": " context   \
    "}"
#define GET(principal) ASK("s3:GetObject", OBJECT, ACCOUNT, principal, "{}")
#define IDENTITY(body) ", \"identityPolicies\": [" POLICY(body) "]"
#define BOUNDARY(body) ", \"permissionBoundaries\": [" POLICY(body) "]"
#define TO(who) ", \"resourcePolicy\": " POLICY(ALL ", \"Principal\": {\"AWS\": " who "}")
#define BUT(who) ", \"resourcePolicy\": " POLICY(ALL ", \"NotPrincipal\": {\"AWS\": " who "}")

#define DENY_BUT(who)                                                                              \
    ", \"resourcePolicy\": " POLICY(                                                               \
        "\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\", "                           \
        "\"NotPrincipal\": {\"AWS\": " who "}")
/* An RCP that denies everything. */
#define RULED                                                                                      \
    ", \"resourceControlPolicies\": [{\"policies\": [" POLICY(                                     \
        "\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"") "]}" \
                                                                                              "]"

struct decision_case {
    const char *what;
    const char *parts; /* of the case, without the braces around it */
    enum iam_decision want;
};

static const struct decision_case decision_cases[] = {
    {"root needs no policy", GET(ROOT), IAM_ALLOWED},
    {"root can be denied", GET(ROOT) ", \"serviceControlPolicies\": [{\"policies\": []}]",
     IAM_IMPLICITLY_DENIED},
    {"root needs the other account's yes", ASK("s3:GetObject", OBJECT, "444455556666", ROOT, "{}"),
     IAM_IMPLICITLY_DENIED},
    {"a user that is called root is none", GET("arn:aws:iam::" ACCOUNT ":user/root"),
     IAM_IMPLICITLY_DENIED},
    {"who am I", ASK("sts:GetCallerIdentity", "*", ACCOUNT, USER, "{}"), IAM_ALLOWED},
    {"nobody asks who they are", ASK("sts:GetCallerIdentity", "*", ACCOUNT, "anonymous", "{}"),
     IAM_IMPLICITLY_DENIED},
    {"a star is as good beside the role's name",
     GET(ROLE) BOUNDARY(NONE) TO("[\"*\", \"" ROLE "\"]"), IAM_ALLOWED},
    {"the role's name alone stays behind the boundary",
     GET(SESSION) BOUNDARY(NONE) TO("\"" ROLE "\""), IAM_IMPLICITLY_DENIED},
    {"a session's own name passes the session policy",
     GET(SESSION) ", \"sessionPolicy\": " POLICY(NONE) TO("\"" SESSION "\""), IAM_ALLOWED},
    {"the role's name does not",
     GET(SESSION) ", \"sessionPolicy\": " POLICY(NONE) TO("\"" ROLE "\""), IAM_IMPLICITLY_DENIED},
    {"an RCP for a service that AWS lists",
     ASK("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:" ACCOUNT ":table/t", ACCOUNT, USER, "{}")
         IDENTITY(ALL) RULED,
     IAM_EXPLICITLY_DENIED},
    {"an RCP for one that it does not",
     ASK("iam:CreateUser", USER, ACCOUNT, USER, "{}") IDENTITY(ALL) RULED, IAM_UNDECIDED},
    {"what nobody allows an RCP need not deny",
     ASK("iam:CreateUser", USER, ACCOUNT, USER, "{}") RULED, IAM_IMPLICITLY_DENIED},
    {"no RCP keeps grants from being retired",
     ASK("kms:RetireGrant", KEY, ACCOUNT, USER, "{}") TO("\"" USER "\"") RULED, IAM_ALLOWED},
    {"but for an account, whose users are perhaps not meant",
     GET(USER) IDENTITY(ALL) DENY_BUT("\"arn:aws:iam::" ACCOUNT ":root\""), IAM_UNDECIDED},
    {"but for an account and its user",
     GET(USER) IDENTITY(ALL) DENY_BUT("[\"arn:aws:iam::" ACCOUNT ":root\", \"" USER "\"]"),
     IAM_ALLOWED},
    {"but for an account and another user of it",
     GET(ROLE) IDENTITY(ALL) DENY_BUT("[\"arn:aws:iam::" ACCOUNT ":root\", \"" USER "\"]"),
     IAM_UNDECIDED},
    {"but for another account", GET(USER) IDENTITY(ALL) DENY_BUT("\"444455556666\""),
     IAM_EXPLICITLY_DENIED},
    {"but for an account, asked by its root",
     GET(ROOT) DENY_BUT("\"arn:aws:iam::" ACCOUNT ":root\""), IAM_ALLOWED},
    {"which user a federated user is", GET(FEDERATED) TO("\"" USER "\""), IAM_UNDECIDED},
    {"which user, beside the account", GET(FEDERATED) TO("[\"" USER "\", \"" ACCOUNT "\"]"),
     IAM_UNDECIDED},
    {"allow but for some, behind a boundary", GET(USER) BOUNDARY(NONE) BUT("\"444455556666\""),
     IAM_UNDECIDED},
    {"allow but for some, no boundary", GET(USER) BUT("\"444455556666\""), IAM_ALLOWED},
    {"a key's policy is for actions of KMS",
     ASK("ec2:CreateVolume", KEY, ACCOUNT, USER, "{}") IDENTITY(ALL), IAM_ALLOWED},
    {"a key without its policy", ASK("kms:Decrypt", KEY, ACCOUNT, USER, "{}") IDENTITY(ALL),
     IAM_IMPLICITLY_DENIED},
    {"sessions are tagged by leave of the role's trust",
     ASK("sts:TagSession", ROLE, ACCOUNT, USER, "{}") IDENTITY(ALL), IAM_IMPLICITLY_DENIED},
    {"a variable without value in NotResource",
     GET(USER) IDENTITY("\"Effect\": \"Deny\", \"Action\": \"*\", \"NotResource\": \"" OBJECT
                        "${aws:username}\""),
     IAM_EXPLICITLY_DENIED},
    {"a variable that is empty",
     ASK("s3:GetObject", OBJECT, ACCOUNT, USER, "{\"aws:username\": \"\"}") IDENTITY(
         "\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"" OBJECT "${aws:username}\""),
     IAM_UNDECIDED},
};
CASES(policies_iam_decisions, found_by_comparison, decision_cases)
{
    const struct decision_case *c = &decision_cases[*case_index];
    const struct iam_pool none = {NULL, 0};
    const struct value *v = NULL;
    struct iam_verdict verdict;
    struct iam_question q;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(json_read(slice_str(arena_printf(&a, "{%s}", c->parts)), &a, &v, &e), "%s: %s",
              c->what, e.text);
    cr_assert(iam_case_read(v, &none, &a, &q, &e), "%s: %s", c->what, e.text);
    iam_evaluate(&q, &a, &verdict);
    cr_expect_eq(verdict.decision, c->want, "%s: %s", c->what,
                 iam_evaluate_decision_name(verdict.decision));
    cr_expect_eq(iam_evaluate_decide(&q, &a), c->want, "%s: without reasons", c->what);
    cr_expect_neq(verdict.text[0], '\0', "%s", c->what);
    arena_release(&a);
}
