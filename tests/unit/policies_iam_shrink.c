/* The least policy of pipelines, and how far others are from it. */
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_out.h"
#include "policies/iam/shrink/iam_least.h"
#include "policies/iam/lint/iam_lint.h"
#include "policies/iam/shrink/iam_shrink.h"
#include "tests/lib/cases.h"
#include "tests/lib/config_told.h"

struct setting {
    struct arena arena;
    struct facts facts;
    struct iam_need need;
    const struct value *document;
    struct iam_doc least;
};

static void scan(struct facts *f, const char *kind, const char *text)
{
    struct config_text t = {.kind = kind, .bytes = slice_str(text)};
    struct err e = {0};

    cr_assert(config_told(&t, kind, f, &e), "line %u: %s", e.line, e.text);
}

static const struct fact *pipeline_of(const struct facts *f)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "pipeline") == 0)
            return &f->facts[i];
    return NULL;
}

static void set_up(struct setting *s, const char *pipeline, const char *catalog)
{
    struct err e = {0};

    arena_init(&s->arena);
    facts_init(&s->facts, &s->arena);
    scan(&s->facts, "pipeline", pipeline);
    if (catalog != NULL)
        scan(&s->facts, "catalog", catalog);
    facts_sort(&s->facts);
    iam_need_read(host_index_new(&s->facts, &s->arena), pipeline_of(&s->facts), &s->arena,
                  &s->need);
    s->document = iam_least_policy(&s->need, &s->arena);
    cr_assert(iam_doc_read(s->document, "least", &s->arena, &s->least, &e), "%s", e.text);
}

/* "Sid Action,Action Resource,Resource {Condition}" a line. */
static const char *told(struct setting *s)
{
    const struct value *list = value_get(s->document, "Statement");
    char *out = arena_printf(&s->arena, "%s", "");

    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *st = value_item(list, i);
        const struct iam_statement *p = &s->least.statements[i];
        struct json_out o;
        struct buf b;

        out = arena_printf(&s->arena, "%s%s", out, value_cstr(value_get(st, "Sid"), ""));
        for (size_t k = 0; k < p->actions.n; k++)
            out = arena_printf(&s->arena, "%s %.*s", out, (int)p->actions.items[k].len,
                               (const char *)p->actions.items[k].data);
        for (size_t k = 0; k < p->resources.n; k++)
            out = arena_printf(&s->arena, "%s %.*s", out, (int)p->resources.items[k].len,
                               (const char *)p->resources.items[k].data);
        buf_init(&b, 1u << 16);
        json_out_init(&o, &b, JSON_COMPACT);
        if (value_get(st, "Condition") != NULL)
            json_out_value(&o, value_get(st, "Condition"));
        buf_u8(&b, 0);
        out = arena_printf(&s->arena, "%s %s\n", out, (const char *)b.data);
        buf_release(&b);
    }
    return out;
}

#define TYPE "pipeline_type: sagemaker-training\nregion: us-west-2\n"
#define ROLE "role_arn: arn:aws:iam::123456789012:role/train\n"
#define KEY(n) "arn:aws:kms:us-west-2:123456789012:key/00000000-0000-0000-0000-00000000000" #n
#define LOGS                                                                                       \
    "WriteLogs logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams "                  \
    "logs:PutLogEvents arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/TrainingJobs " \
    "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/TrainingJobs:* \n"               \
    "PutMetrics cloudwatch:PutMetricData * "                                                       \
    "{\"StringLike\":{\"cloudwatch:namespace\":[\"/aws/sagemaker/TrainingJobs\"]}}\n"
#define IMAGE "image: 123456789012.dkr.ecr.us-west-2.amazonaws.com/team/train@sha256:00\n"
#define PULL                                                                                       \
    "LoginToRegistry ecr:GetAuthorizationToken * \n"                                               \
    "PullImage ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer "      \
    "arn:aws:ecr:us-west-2:123456789012:repository/team/train \n"
#define VIA "{\"StringEquals\":{\"kms:ViaService\":[\"s3.us-west-2.amazonaws.com\"]}}"
#define GRANT "{\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"}}"

struct least_case {
    const char *what, *pipeline, *catalog, *want, *notes; /* the first note, or "" */
};

static const struct least_case least_cases[] = {
    {"nothing but logs", TYPE ROLE IMAGE, NULL, PULL LOGS, "the pipeline names no data"},
    {"input and output",
     TYPE ROLE IMAGE "training_data_config: {data_uri: s3://in/data/}\n"
                     "output_bucket_uri: s3://out/models/\n",
     NULL,
     "ListInput s3:ListBucket arn:aws:s3:::in {\"StringLike\":{\"s3:prefix\":[\"data/*\"]}}\n"
     "ReadInput s3:GetObject arn:aws:s3:::in/data/* \n"
     "WriteOutput s3:PutObject arn:aws:s3:::out/models/* \n" PULL LOGS,
     ""},
    {"a whole bucket, and what lies within",
     TYPE ROLE IMAGE "training_data_config: {data_uri: s3://in}\n"
                     "validation_data_config: {data_uri: s3://in/data/}\n"
                     "additional_data_configs: [{data_config_name: a, data_uri: s3://more/x}]\n",
     NULL,
     "ListInput s3:ListBucket arn:aws:s3:::more {\"StringLike\":{\"s3:prefix\":[\"x*\"]}}\n"
     "ListInput2 s3:ListBucket arn:aws:s3:::in \n"
     "ReadInput s3:GetObject arn:aws:s3:::more/x* arn:aws:s3:::in/* \n" PULL LOGS,
     ""},
    {"the same twice",
     TYPE ROLE IMAGE "training_data_config: {data_uri: s3://in/d/}\n"
                     "validation_data_config: {data_uri: s3://in/d/}\n",
     NULL,
     "ListInput s3:ListBucket arn:aws:s3:::in {\"StringLike\":{\"s3:prefix\":[\"d/*\"]}}\n"
     "ReadInput s3:GetObject arn:aws:s3:::in/d/* \n" PULL LOGS,
     ""},
    {"wildcards in a prefix are letters",
     TYPE ROLE IMAGE "training_data_config: {data_uri: 's3://in/a*b?${c}/'}\n", NULL,
     "ListInput s3:ListBucket arn:aws:s3:::in "
     "{\"StringLike\":{\"s3:prefix\":[\"a${*}b${?}${$}{c}/*\"]}}\n"
     "ReadInput s3:GetObject arn:aws:s3:::in/a${*}b${?}${$}{c}/* \n" PULL LOGS,
     ""},
    {"one key for all",
     TYPE IMAGE "kms_key_arn: " KEY(1) "\ntraining_data_config: {data_uri: s3://in/}\n"
                                       "output_bucket_uri: s3://out/\n",
     NULL,
     "ListInput s3:ListBucket arn:aws:s3:::in \n"
     "ReadInput s3:GetObject arn:aws:s3:::in/* \n"
     "WriteOutput s3:PutObject arn:aws:s3:::out/* \n"
     "EncryptOutput kms:Decrypt kms:GenerateDataKey " KEY(1) " " VIA "\n"
                                                             "EncryptVolumes kms:CreateGrant " KEY(
                                                                 1) " " GRANT "\n" PULL LOGS,
     ""},
    {"a key for each, the dataset's from the catalogue",
     TYPE IMAGE "training_data_config: {data_uri: s3://in/x/}\noutput_bucket_uri: s3://out/\n"
                "kms_key_arn: " KEY(1) "\noutput_kms_key_arn: " KEY(2) "\nvolume_kms_key_arn: " KEY(
                    3) "\nresource_config: {train: {volume_kms_key_arn: '" KEY(4) "'}}\n",
     "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n"
     "- {name: in, uri: 's3://in/', class: internal, kms_key_arn: '" KEY(5) "'}\n",
     "ListInput s3:ListBucket arn:aws:s3:::in {\"StringLike\":{\"s3:prefix\":[\"x/*\"]}}\n"
     "ReadInput s3:GetObject arn:aws:s3:::in/x/* \n"
     "WriteOutput s3:PutObject arn:aws:s3:::out/* \n"
     "DecryptInput kms:Decrypt " KEY(5) " " VIA "\n"
                                        "EncryptOutput kms:Decrypt kms:GenerateDataKey " KEY(
                                            2) " " VIA "\n"
                                               "EncryptVolumes kms:CreateGrant " KEY(3) " " KEY(
                                                   4) " " GRANT "\n" PULL LOGS,
     ""},
    {"an alias",
     TYPE ROLE IMAGE "training_data_config: {data_uri: s3://in/}\n"
                     "volume_kms_key_arn: arn:aws:kms:us-west-2:123456789012:alias/train\n",
     NULL,
     "ListInput s3:ListBucket arn:aws:s3:::in \n"
     "ReadInput s3:GetObject arn:aws:s3:::in/* \n"
     "EncryptVolumesByAlias kms:CreateGrant arn:aws:kms:us-west-2:123456789012:key/* "
     "{\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"},"
     "\"ForAnyValue:StringEquals\":{\"kms:ResourceAliases\":[\"alias/train\"]}}\n" PULL LOGS,
     ""},
    {"in a network",
     TYPE ROLE IMAGE "vpc_config: {subnets: [subnet-1, subnet-2], security_group_ids: [sg-1]}\n",
     NULL,
     PULL LOGS "DescribeNetwork ec2:DescribeDhcpOptions ec2:DescribeNetworkInterfaces "
               "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs * \n"
               "CreateInterface ec2:CreateNetworkInterface "
               "arn:aws:ec2:us-west-2:123456789012:network-interface/* "
               "arn:aws:ec2:us-west-2:123456789012:subnet/subnet-1 "
               "arn:aws:ec2:us-west-2:123456789012:subnet/subnet-2 "
               "arn:aws:ec2:us-west-2:123456789012:security-group/sg-1 \n"
               "UseInterface ec2:CreateNetworkInterfacePermission ec2:DeleteNetworkInterface "
               "ec2:DeleteNetworkInterfacePermission "
               "arn:aws:ec2:us-west-2:123456789012:network-interface/* \n",
     "the pipeline names no data"},
    {"an endpoint reads what was trained",
     TYPE ROLE IMAGE "output_bucket_uri: s3://out/m/\nendpoint: {instance_count: 1, "
                     "kms_key_arn: '" KEY(1) "', data_capture_kms_key_arn: '" KEY(2) "'}\n",
     NULL,
     "ListInput s3:ListBucket arn:aws:s3:::out {\"StringLike\":{\"s3:prefix\":[\"m/*\"]}}\n"
     "ReadInput s3:GetObject arn:aws:s3:::out/m/* \n"
     "WriteOutput s3:PutObject arn:aws:s3:::out/m/* \n"
     "EncryptOutput kms:Decrypt kms:GenerateDataKey " KEY(
         2) " " VIA "\n"
            "EncryptVolumes kms:CreateGrant " KEY(
                1) " " GRANT "\n" PULL
                   "WriteLogs logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams "
                   "logs:PutLogEvents "
                   "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/TrainingJobs "
                   "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/TrainingJobs:* "
                   "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/Endpoints/* \n"
                   "PutMetrics cloudwatch:PutMetricData * "
                   "{\"StringLike\":{\"cloudwatch:namespace\":"
                   "[\"/aws/sagemaker/TrainingJobs\",\"/aws/sagemaker/Endpoints\"]}}\n",
     ""},
    {"nothing tells where", "pipeline_type: other\nimage: docker.io/x\n", NULL,
     "WriteLogs logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams "
     "logs:PutLogEvents arn:aws:logs:*:*:log-group:/aws/sagemaker/* \n"
     "PutMetrics cloudwatch:PutMetricData * "
     "{\"StringLike\":{\"cloudwatch:namespace\":[\"/aws/sagemaker/*\"]}}\n",
     "no region is given: resources are named in all regions"},
    {"data of elsewhere", TYPE ROLE IMAGE "training_data_config: {data_uri: 'hdfs://x/y'}\n", NULL,
     PULL LOGS, "hdfs://x/y is not in S3: what it needs is not derived"},
    {"a key that is no ARN",
     TYPE ROLE IMAGE "volume_kms_key_arn: alias/x\n"
                     "output_bucket_uri: s3://out/\n",
     NULL, "WriteOutput s3:PutObject arn:aws:s3:::out/* \n" PULL LOGS,
     "'alias/x' is no ARN of a key"},
};

static enum iam_answer wider(const struct iam_doc *old, const struct iam_doc *than, struct arena *a)
{
    const struct iam_docs x = {old, 1, false}, y = {than, 1, false};
    const struct iam_compare_options opt = {.budget = 0};
    struct iam_comparison c;

    iam_compare(&x, &y, &opt, a, &c);
    return c.wider;
}

CASES(policies_iam_shrink, derives, least_cases)
{
    const struct least_case *c = &least_cases[*case_index];
    struct setting s;
    struct iam_lint lint;
    struct iam_shrink shrink;
    struct iam_docs docs;
    const char *got;

    set_up(&s, c->pipeline, c->catalog);
    got = told(&s);
    cr_expect_str_eq(got, c->want, "%s: got\n%s", c->what, got);
    cr_expect_str_eq(s.need.nnotes > 0 ? s.need.notes[0] : "", c->notes, "%s", c->what);
    iam_lint(s.document, NULL, &s.arena, &lint);
    cr_expect(lint.n == 0 && !lint.unknown, "%s: %s", c->what,
              lint.n > 0 ? lint.items[0].text : "");
    cr_expect_eq(wider(&s.least, &s.least, &s.arena), IAM_NO, "%s", c->what);
    docs = (struct iam_docs){&s.least, 1, false};
    iam_shrink(&docs, NULL, &s.least, &s.arena, &shrink);
    cr_expect(shrink.wider == IAM_NO && shrink.missing == IAM_NO && !shrink.unknown, "%s", c->what);
    arena_release(&s.arena);
}

#define PIPELINE                                                                                   \
    TYPE ROLE IMAGE                                                                                \
        "training_data_config: {data_uri: s3://in/data/}\noutput_bucket_uri: s3://out/\n"
#define ALLOW(sid, actions, resources)                                                             \
    "{\"Sid\":\"" sid "\",\"Effect\":\"Allow\",\"Action\":" actions ",\"Resource\":" resources "}"
#define LEAST "\"least\"" /* stands for the statements of the least policy */
#define IN "\"arn:aws:s3:::in/data/*\""

struct shrink_case {
    const char *what;
    const char *used[3];  /* lists of statements, a document each; "unknown"; "least" */
    const char *boundary; /* or NULL */
    const char *want;     /* "wider missing; narrow Sid: action +n; add Sid" */
};

static const struct shrink_case shrink_cases[] = {
    {"the least itself", {LEAST}, NULL, "no no;"},
    {"more data",
     {LEAST, ALLOW("All", "\"s3:GetObject\"", "\"arn:aws:s3:::in/*\"")},
     NULL,
     "yes no; narrow All: s3:GetObject +0"},
    {"more actions",
     {LEAST, ALLOW("Two", "[\"s3:GetObject\",\"s3:DeleteObject\"]", IN)},
     NULL,
     "yes no; narrow Two: s3:DeleteObject +1"},
    {"what a deny takes back is not too many",
     {LEAST, ALLOW("Two", "[\"s3:GetObject\",\"s3:DeleteObject\"]", IN),
      "{\"Effect\":\"Deny\",\"Action\":\"s3:Delete*\",\"Resource\":\"*\"}"},
     NULL,
     "no no;"},
    {"nothing is allowed",
     {NULL},
     NULL,
     "no yes; add ListInput; add ReadInput; add WriteOutput; add LoginToRegistry; add PullImage; "
     "add WriteLogs; add PutMetrics"},
    {"a need that is denied",
     {LEAST, "{\"Effect\":\"Deny\",\"Action\":\"s3:PutObject\",\"Resource\":\"*\"}"},
     NULL,
     "no yes; add WriteOutput"},
    {"a part of a need is missing",
     {ALLOW("All", "\"*\"", "\"*\""),
      "{\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::in/data/x\"}"},
     NULL,
     "yes yes; narrow All: * +many; add ReadInput"},
    {"a policy that nobody knows may deny everything",
     {LEAST, "unknown"},
     NULL,
     "unknown unknown; add ListInput; add ReadInput; add WriteOutput; add LoginToRegistry; "
     "add PullImage; add WriteLogs; add PutMetrics; unknown"},
    {"within a boundary",
     {LEAST, ALLOW("Two", "[\"s3:GetObject\",\"s3:DeleteObject\"]", IN)},
     ALLOW("B", "[\"s3:*\",\"logs:*\",\"cloudwatch:*\",\"ecr:*\"]", "\"*\""),
     "yes no; narrow Two: s3:DeleteObject +1"},
    {"outside of the boundary",
     {LEAST, ALLOW("Del", "\"s3:DeleteObject\"", IN)},
     ALLOW("B", "[\"s3:Get*\",\"s3:Put*\",\"s3:List*\",\"logs:*\",\"cloudwatch:*\",\"ecr:*\"]",
           "\"*\""),
     "no no;"},
    {"a boundary below the need",
     {LEAST},
     ALLOW("B", "[\"s3:*\",\"logs:*\",\"cloudwatch:*\"]", "\"*\""),
     "no yes; add LoginToRegistry; add PullImage"},
};

static struct iam_doc document(struct setting *s, const char *text)
{
    const char *doc =
        arena_printf(&s->arena, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", text);
    const struct value *v;
    struct iam_doc d;
    struct err e = {0};

    if (strcmp(text, "unknown") == 0)
        return iam_doc_unknown("unknown");
    if (strcmp(text, LEAST) == 0)
        return s->least;
    cr_assert(json_read(slice_str(doc), &s->arena, &v, &e), "%s", e.text);
    cr_assert(iam_doc_read(v, "used", &s->arena, &d, &e), "%s", e.text);
    return d;
}

static const char *told_shrink(struct setting *s, const struct iam_shrink *k)
{
    static const char *const answers[] = {"no", "unknown", "yes"};
    const char *out = arena_printf(&s->arena, "%s %s;", answers[k->wider], answers[k->missing]);

    for (size_t i = 0; i < k->nexcess; i++) {
        const struct iam_shrink_part *p = &k->excess[i];
        const struct slice sid = p->statement->sid, action = p->example.action;

        out =
            arena_printf(&s->arena, "%s narrow %.*s: %.*s +%s;", out, (int)sid.len,
                         (const char *)sid.data, p->wider == IAM_YES ? (int)action.len : 1,
                         p->wider == IAM_YES ? (const char *)action.data : "?",
                         p->nactions > 1000 ? "many" : arena_printf(&s->arena, "%zu", p->nactions));
    }
    for (size_t i = 0; i < k->nneeds; i++)
        out = arena_printf(&s->arena, "%s add %.*s;", out, (int)k->needs[i].statement->sid.len,
                           (const char *)k->needs[i].statement->sid.data);
    if (k->unknown)
        out = arena_printf(&s->arena, "%s unknown;", out);
    return out;
}

/* The same but for a ';' at the end, and the action of a statement that allows everything. */
static bool same(struct setting *s, const char *got, const char *want)
{
    const char *star = strstr(want, "narrow All: * ");
    size_t n;

    if (star == NULL)
        return strncmp(got, want, strlen(want)) == 0 && strlen(got) <= strlen(want) + 1;
    n = (size_t)(star - want) + strlen("narrow All: ");
    return strncmp(got, want, n) == 0 &&
           strstr(got, arena_printf(&s->arena, "%s;", star + strlen("narrow All: * "))) != NULL;
}

CASES(policies_iam_shrink, tells_the_difference, shrink_cases)
{
    const struct shrink_case *c = &shrink_cases[*case_index];
    struct iam_doc used[3], bound;
    struct iam_docs docs = {used, 0, false}, boundary = {&bound, 1, false};
    struct iam_shrink shrink;
    struct setting s;
    const char *got;

    set_up(&s, PIPELINE, NULL);
    for (; docs.n < ARRAY_LEN(c->used) && c->used[docs.n] != NULL; docs.n++)
        used[docs.n] = document(&s, c->used[docs.n]);
    if (c->boundary != NULL)
        bound = document(&s, c->boundary);
    iam_shrink(&docs, c->boundary != NULL ? &boundary : NULL, &s.least, &s.arena, &shrink);
    got = told_shrink(&s, &shrink);
    cr_expect(same(&s, got, c->want), "%s: got '%s'", c->what, got);
    arena_release(&s.arena);
}
