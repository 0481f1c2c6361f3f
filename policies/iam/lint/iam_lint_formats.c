#include <string.h>

#include "policies/iam/aws/iam_place.h"
#include "policies/iam/document/iam_literal.h"
#include "policies/iam/lint/iam_lint_checks.h"

/* One value of a test. */
struct at {
    const struct iam_statement *s;
    const struct iam_test *t;
    struct slice text;
    uint32_t line;
};

/* ---- what keys hold ---- */

/* `n` bytes, or more up to `max`, letters in lower case and digits. */
static bool name(struct slice s, size_t n, size_t max)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.data[i] < 'a' || s.data[i] > 'z') && (s.data[i] < '0' || s.data[i] > '9'))
            return false;
    return s.len >= n && s.len <= max;
}

/* "vpc-12345678", and ids of 17 characters */
static bool id(struct slice s, const char *prefix)
{
    const struct slice rest = slice_from(s, strlen(prefix));

    return slice_starts(s, prefix) && (name(rest, 8, 8) || name(rest, 17, 17));
}

static bool vpc(struct slice s)
{
    return id(s, "vpc-");
}

static bool endpoint(struct slice s)
{
    return id(s, "vpce-");
}

static bool account(struct slice s)
{
    return (s.len == 12 && slice_digits(s)) || slice_is(s, "anonymous");
}

static bool organization(struct slice s)
{
    return slice_starts(s, "o-") && name(slice_from(s, 2), 10, 32);
}

static bool key_arn(struct slice s)
{
    return slice_starts(s, "arn:");
}

static bool service(struct slice s)
{
    return iam_place_service(s).len > 0;
}

/* With the region: "s3.eu-west-1.amazonaws.com" */
static bool regional(struct slice s)
{
    const struct slice front = iam_place_service(s);

    return front.len > 0 && memchr(front.data, '.', front.len) != NULL;
}

#define SERVICE service, "the name of a service: sns.amazonaws.com"
#define ACCOUNT account, "the twelve digits of an account"
#define ORGANIZATION organization, "the id of an organization: o- and ten or more"

/* SPEC: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference */
static const struct holds {
    const char *key;
    bool (*fits)(struct slice value);
    const char *what;
} holds[] = {
    {"aws:SourceVpc", vpc, "the id of a network: vpc- and 8 or 17"},
    {"aws:SourceVpce", endpoint, "the id of an endpoint: vpce- and 8 or 17"},
    {"aws:SourceAccount", ACCOUNT},
    {"aws:PrincipalAccount", ACCOUNT},
    {"aws:ResourceAccount", ACCOUNT},
    {"aws:VpceAccount", ACCOUNT},
    {"s3:ResourceAccount", ACCOUNT},
    {"s3:DataAccessPointAccount", ACCOUNT},
    {"kms:CallerAccount", ACCOUNT},
    {"aws:SourceOrgID", ORGANIZATION},
    {"aws:PrincipalOrgID", ORGANIZATION},
    {"aws:ResourceOrgID", ORGANIZATION},
    {"aws:VpceOrgID", ORGANIZATION},
    {"aws:CalledVia", SERVICE},
    {"aws:CalledViaFirst", SERVICE},
    {"aws:CalledViaLast", SERVICE},
    {"aws:PrincipalServiceName", SERVICE},
    {"aws:PrincipalServiceNamesList", SERVICE},
    {"iam:PassedToService", SERVICE},
    {"iam:AWSServiceName", SERVICE},
    {"organizations:ServicePrincipal", SERVICE},
    {"kms:ViaService", regional, "a service and its region: s3.eu-west-1.amazonaws.com"},
    {"s3:x-amz-server-side-encryption-aws-kms-key-id", key_arn, "the ARN of a key"},
};

static void format(struct iam_lint_run *r, const struct at *at)
{
    for (size_t i = 0; i < ARRAY_LEN(holds); i++)
        if (iam_glob_same(at->t->key, slice_str(holds[i].key)) && !holds[i].fits(at->text)) {
            iam_lint_run_add(r, IAM_LINT_KEY_FORMAT, at->s, at->line, "%.*s holds %s, not '%.*s'",
                             IAM_LINT_TEXT(at->t->key), holds[i].what, IAM_LINT_TEXT(at->text));
            return;
        }
}

/* ---- regions ---- */

static void region(struct iam_lint_run *r, const struct at *at)
{
    static const char *const keys[] = {"aws:RequestedRegion", "ec2:Region"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (iam_glob_same(at->t->key, slice_str(keys[i])) && iam_place_partition(at->text) == NULL)
            iam_lint_run_add(r, IAM_LINT_UNKNOWN_REGION, at->s, at->line,
                             "no region is known by the name '%.*s'", IAM_LINT_TEXT(at->text));
}

/* ---- user ids ---- */

/* So much must stand before anything is left open. SPEC: IAM User Guide, "IAM policy validation
 * check reference", "Wildcard usage too permissive" */
#define ID_BYTES 6

static bool open(uint8_t c)
{
    return c == '*' || c == '?' || c == '$';
}

static void user_id(struct iam_lint_run *r, const struct at *at)
{
    const enum iam_operator op =
        at->s->effect == IAM_ALLOW ? IAM_STRING_LIKE : IAM_STRING_NOT_LIKE; /* that lets in */

    if (at->t->op != op || at->s->effect == IAM_EFFECT_UNKNOWN ||
        !iam_glob_same(at->t->key, SLICE_LIT("aws:userid")))
        return;
    for (size_t i = 0; i < at->text.len && i < ID_BYTES; i++)
        if (open(at->text.data[i])) {
            iam_lint_run_add(r, IAM_LINT_USER_ID, at->s, at->line, "no id stands in front: %.*s",
                             IAM_LINT_TEXT(at->text));
            return;
        }
}

/* ---- dates ---- */

#define LONG_AGO 315532800000 /* 1980-01-01, in milliseconds */

static void date(struct iam_lint_run *r, const struct at *at)
{
    int64_t ms;

    if (at->t->op >= IAM_DATE_EQUALS && at->t->op <= IAM_DATE_GREATER_EQUALS && at->text.len > 4 &&
        slice_digits(at->text) && iam_literal_date(at->text, &ms) && ms < LONG_AGO)
        iam_lint_run_add(r, IAM_LINT_ODD_DATE, at->s, at->line,
                         "%.*s is that many seconds after 1970", IAM_LINT_TEXT(at->text));
}

void iam_lint_formats(struct iam_lint_run *r, const struct iam_statement *s,
                      const struct iam_test *t, size_t i)
{
    const struct at at = {s, t, t->values.items[i], iam_lint_run_test_line(s, t, i)};

    if (at.text.len == 0)
        return;
    if (t->op <= IAM_STRING_NOT_LIKE && !iam_glob_wild(at.text) &&
        memchr(at.text.data, '$', at.text.len) == NULL) {
        format(r, &at);
        region(r, &at);
    }
    user_id(r, &at);
    date(r, &at);
}
