#include "policies/iam/aws/iam_issuer.h"

#include <string.h>

#include "base/attr.h"
#include "policies/iam/text/iam_glob.h"

#define CLAIMS 10u

struct iam_issuer {
    const char *host;
    unsigned parts; /* of a subject, ':' or '/' behind each: until the owner is named in full */
    const char *claims[CLAIMS]; /* beside the subject, each whole: whose it is */
};

/* Who has an account there calls his environments, branches and workflows as he likes: none of
 * those tells whose a token is. */
static const struct iam_issuer issuers[] = {
    {"token.actions.githubusercontent.com",
     2,
     {"repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref",
      "actor", "actor_id", "enterprise", "enterprise_id"}},
    {"vstoken.actions.githubusercontent.com", 2, {NULL}},
    {"oidc-configuration.audit-log.githubusercontent.com", 4, {NULL}},
    {"gitlab.com",
     2,
     {"project_path", "project_id", "namespace_path", "namespace_id", "user_id", "user_login",
      "user_email"}},
    {"app.terraform.io",
     2,
     {"terraform_organization_id", "terraform_organization_name", "terraform_project_id",
      "terraform_workspace_id"}},
    {"agent.buildkite.com", 2, {"organization_id", "organization_slug", "pipeline_id"}},
    {"oidc.codefresh.io", 2, {"account_id", "account_name", "pipeline_id"}},
    {"studio.datachain.ai/api", 2, {NULL}},
    {"studio.iterative.ai/api", 2, {NULL}},
    {"api.pulumi.com", 4, {"aud"}},
    {"api.pulumi.com/oidc", 4, {"aud"}},
    {"sandboxes.cloud", 2, {"aud"}},
    {"scalr.io", 2, {NULL}},
    {"tokens.cloud.shisho.dev", 2, {NULL}},
    {"proidc.upbound.io", 2, {NULL}},
    {"oidc.vercel.com", 2, {"aud", "owner", "owner_id", "project_id"}},
    {"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7", 3, {NULL}},
    {"rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr", 3, {NULL}},
    {"rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg", 3, {NULL}},
    {"rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26", 3, {NULL}},
    {"oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", 3, {NULL}},
    {"oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu", 3, {NULL}},
    /* the audience is the application that asks, and the subject one of its users */
    {"accounts.google.com", 0, {"aud", "oaud", "google/organization_number"}},
    {"cognito-identity.amazonaws.com", 0, {"aud"}},
    {"www.amazon.com", 0, {"app_id", "user_id"}},
    {"graph.facebook.com", 0, {"app_id", "id"}},
};

/* Claims that begin with the owner's name and a slash. */
static const char *const paths[] = {"repository", "job_workflow_ref", "project_path",
                                    "namespace_path"};

const struct iam_issuer *iam_issuer_of(struct slice name)
{
    static const char kind[] = ":oidc-provider/";
    size_t at;

    if (slice_find(name, SLICE_LIT(":oidc-provider/"), &at))
        name = slice_from(name, at + sizeof(kind) - 1);
    for (size_t i = 0; i < ARRAY_LEN(issuers); i++)
        if (slice_is(name, issuers[i].host))
            return &issuers[i];
    return NULL;
}

const char *iam_issuer_host(const struct iam_issuer *i)
{
    return i->host;
}

/* The issuer of a key, and its claim: hosts have no ':'. */
static const struct iam_issuer *issuer_of_key(struct slice key, struct slice *claim)
{
    const uint8_t *colon = key.len > 0 ? memchr(key.data, ':', key.len) : NULL;
    const size_t n = colon != NULL ? (size_t)(colon - key.data) : 0;

    *claim = slice_from(key, n > 0 ? n + 1 : key.len);
    for (size_t i = 0; n > 0 && i < ARRAY_LEN(issuers); i++)
        if (iam_glob_same((struct slice){key.data, n}, slice_str(issuers[i].host)))
            return &issuers[i];
    return NULL;
}

/* Parts that end before the first wildcard. */
static size_t ended(struct slice text, bool like)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (like && (text.data[i] == '*' || text.data[i] == '?'))
            return n;
        n += text.data[i] == ':' || text.data[i] == '/';
    }
    return SIZE_MAX; /* whole */
}

bool iam_issuer_tells(struct slice key, struct slice text, bool like)
{
    struct slice claim;
    const struct iam_issuer *x = issuer_of_key(key, &claim);
    const size_t parts = ended(text, like);
    bool owner = false;

    if (x == NULL)
        return false;
    if (iam_glob_same(claim, SLICE_LIT("sub")))
        return parts == SIZE_MAX || (x->parts > 0 && parts >= x->parts);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        owner = owner || iam_glob_same(claim, slice_str(paths[i]));
    for (size_t i = 0; i < CLAIMS && x->claims[i] != NULL; i++)
        if (iam_glob_same(claim, slice_str(x->claims[i])))
            return parts == SIZE_MAX || (owner && parts > 0);
    return false;
}
