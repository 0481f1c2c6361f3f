/*
 * The least policy of pipelines made at random, asked of the evaluator: each call that the pipeline
 * makes is allowed, calls beside it are not; and what iam_shrink says of a role's policies is what
 * the evaluator says of those calls.
 */
#include "policies/iam/compare/iam_compare.h"
#include "policies/iam/shrink/iam_least.h"
#include "policies/iam/shrink/iam_shrink.h"
#include "tests/lib/cases.h"
#include "tests/lib/config_told.h"
#include "tests/lib/iam_random.h"

#ifndef ROUNDS
#define ROUNDS 150
#endif

#define ACCOUNT "123456789012"
#define REGION "us-west-2"
#define ARN(service, rest) "arn:aws:" service ":" REGION ":" ACCOUNT ":" rest
#define KEY ARN("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")
#define OTHER_KEY ARN("kms", "key/99999999-12ab-34cd-56ef-1234567890ab")
#define GROUP "/aws/sagemaker/TrainingJobs"

/* Prefixes below each other, and such as look like wildcards and variables. */
static const char *const prefixes[IAM_RANDOM_MANY] = {
    "data/",   "data/train/",           "data/train", "data/te*t/",
    "data/q?", "data/${aws:username}/", "data/$x/",   "",
    "a b/",    "data/train/x.csv"};

struct pipeline {
    const char *inputs[2]; /* prefixes of the bucket "in" */
    const char *output;    /* of the bucket "out"; NULL: none */
    bool key, vpc, image;
};

static struct pipeline random_pipeline(struct iam_dice *d)
{
    struct pipeline p = {.inputs = {iam_pick(d, prefixes), iam_pick(d, prefixes)}};

    p.output = iam_roll(d, 3) > 0 ? iam_pick(d, prefixes) : NULL;
    p.key = iam_roll(d, 2);
    p.vpc = iam_roll(d, 2);
    p.image = iam_roll(d, 2);
    return p;
}

static const char *written(const struct pipeline *p, struct arena *a)
{
    return arena_printf(
        a,
        "pipeline_type: sagemaker-training\nproject_name: m\n"
        "role_arn: arn:aws:iam::" ACCOUNT ":role/r\nregion: " REGION "\n"
        "training_data_config: {data_uri: 's3://in/%s'}\n"
        "additional_data_configs: [{data_config_name: more, data_uri: 's3://in/%s'}]\n%s%s%s%s",
        p->inputs[0], p->inputs[1],
        p->output != NULL ? arena_printf(a, "output_bucket_uri: 's3://out/%s'\n", p->output) : "",
        p->key ? "kms_key_arn: " KEY "\n" : "",
        p->vpc ? "vpc_config: {subnets: [subnet-1], security_group_ids: [sg-1]}\n" : "",
        p->image ? "image: " ACCOUNT ".dkr.ecr." REGION ".amazonaws.com/team/train:1\n" : "");
}

/* ---- calls ---- */

struct call {
    const char *action, *resource, *key, *value; /* key NULL: none */
    bool needed;
};

struct calls {
    struct arena *arena;
    struct call *items;
    size_t n;
};

static void add(struct calls *c, bool needed, const char *action, const char *resource)
{
    *(struct call *)ARENA_PUSH(c->arena, &c->items, &c->n) =
        (struct call){action, resource, NULL, NULL, needed};
}

static void add_with(struct calls *c, bool needed, const char *action, const char *resource,
                     const char *key, const char *value)
{
    *(struct call *)ARENA_PUSH(c->arena, &c->items, &c->n) =
        (struct call){action, resource, key, value, needed};
}

static bool below(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool input(const struct pipeline *p, const char *name)
{
    return below(name, p->inputs[0]) || below(name, p->inputs[1]);
}

/* An object of each prefix that there is, read, listed and written. */
static void data(struct calls *c, const struct pipeline *p)
{
    for (size_t i = 0; prefixes[i] != NULL; i++) {
        const char *name = arena_printf(c->arena, "%so", prefixes[i]);
        const char *in = arena_printf(c->arena, "arn:aws:s3:::in/%s", name);
        const char *out = arena_printf(c->arena, "arn:aws:s3:::out/%s", name);

        add(c, input(p, name), "s3:GetObject", in);
        add_with(c, input(p, prefixes[i]), "s3:ListBucket", "arn:aws:s3:::in", "s3:prefix",
                 prefixes[i]);
        add(c, p->output != NULL && below(name, p->output), "s3:PutObject", out);
        add(c, false, "s3:PutObject", in);
        add(c, false, "s3:GetObject", out);
        add(c, false, "s3:DeleteObject", out);
        add(c, false, "s3:GetObject", arena_printf(c->arena, "arn:aws:s3:::in2/%s", name));
    }
    add(c, input(p, "data/tent/o"), "s3:GetObject", "arn:aws:s3:::in/data/tent/o");
    add(c, input(p, "data/qx"), "s3:GetObject", "arn:aws:s3:::in/data/qx");
    add(c, input(p, "data/m/o"), "s3:GetObject", "arn:aws:s3:::in/data/m/o");
}

static void keys(struct calls *c, const struct pipeline *p)
{
    static const char via[] = "kms:ViaService", s3[] = "s3." REGION ".amazonaws.com";

    add_with(c, p->key, "kms:Decrypt", KEY, via, s3);
    add_with(c, p->key, "kms:GenerateDataKey", KEY, via, s3);
    add_with(c, p->key, "kms:CreateGrant", KEY, "kms:GrantIsForAWSResource", "true");
    add_with(c, false, "kms:CreateGrant", KEY, "kms:GrantIsForAWSResource", "false");
    add_with(c, false, "kms:Decrypt", KEY, via, "sqs." REGION ".amazonaws.com");
    add(c, false, "kms:Decrypt", KEY);
    add_with(c, false, "kms:Decrypt", OTHER_KEY, via, s3);
    add(c, false, "kms:ScheduleKeyDeletion", KEY);
}

static void rest(struct calls *c, const struct pipeline *p)
{
    add(c, p->image, "ecr:GetAuthorizationToken", "*");
    add(c, p->image, "ecr:BatchGetImage", ARN("ecr", "repository/team/train"));
    add(c, false, "ecr:BatchGetImage", ARN("ecr", "repository/team/train2"));
    add(c, false, "ecr:PutImage", ARN("ecr", "repository/team/train"));
    add(c, true, "logs:CreateLogStream", ARN("logs", "log-group:" GROUP ":log-stream:x"));
    add(c, true, "logs:PutLogEvents", ARN("logs", "log-group:" GROUP ":log-stream:x"));
    add(c, false, "logs:PutLogEvents", ARN("logs", "log-group:/aws/lambda/f:log-stream:x"));
    add_with(c, true, "cloudwatch:PutMetricData", "*", "cloudwatch:namespace", GROUP);
    add_with(c, false, "cloudwatch:PutMetricData", "*", "cloudwatch:namespace", "AWS/Other");
    add(c, p->vpc, "ec2:DescribeSubnets", "*");
    add(c, p->vpc, "ec2:CreateNetworkInterface", ARN("ec2", "subnet/subnet-1"));
    add(c, false, "ec2:CreateNetworkInterface", ARN("ec2", "subnet/subnet-2"));
    add(c, false, "ec2:RunInstances", ARN("ec2", "instance/*"));
    add(c, false, "iam:PassRole", "arn:aws:iam::" ACCOUNT ":role/r");
    add(c, false, "sagemaker:CreateTrainingJob", ARN("sagemaker", "training-job/x"));
    add(c, false, "s3:ListAllMyBuckets", "*");
}

/* ---- the evaluator ---- */

static enum iam_answer allowed(const struct iam_docs *docs, const struct call *c, struct arena *a)
{
    const struct iam_key key = c->key != NULL ? iam_request_single(c->key, slice_str(c->value), a)
                                              : (struct iam_key){.n = 0};
    const struct iam_question q = {
        .identity = *docs,
        .request = {.action = slice_str(c->action),
                    .resource = slice_str(c->resource),
                    .principal = SLICE_LIT("arn:aws:iam::" ACCOUNT ":role/r"),
                    .context = {.keys = &key, .n = c->key != NULL},
                    .wildcard_only = strcmp(c->resource, "*") == 0}};
    struct iam_verdict v;

    iam_evaluate(&q, a, &v);
    return v.sides[IAM_SIDE_IDENTITY];
}

static void scan(struct facts *f, const char *text)
{
    struct config_text t = {.kind = "pipeline", .bytes = slice_str(text)};
    struct err e = {0};

    cr_assert(config_told(&t, "pipeline", f, &e), "line %u: %s: %s", e.line, e.text, text);
    facts_sort(f);
}

static struct iam_doc least_of(const char *text, struct arena *a)
{
    struct facts *f = ARENA_NEW(a, struct facts);
    const struct fact *pipeline = NULL;
    struct iam_need need;
    struct iam_doc out = {0};
    struct err e = {0};

    facts_init(f, a);
    scan(f, text);
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "pipeline") == 0)
            pipeline = &f->facts[i];
    cr_assert_not_null(pipeline);
    iam_need_read(host_index_new(f, a), pipeline, a, &need);
    cr_assert(iam_doc_read(iam_least_policy(&need, a), "least", a, &out, &e), "%s", e.text);
    return out;
}

/* What a role may have: some of the least, some more, some denies. */
static const struct iam_vocabulary had = {
    .actions = {"s3:GetObject", "s3:*", "kms:Decrypt", "logs:*", "s3:PutObject", "ecr:*", "*"},
    .resources = {"*", "arn:aws:s3:::in/*", "arn:aws:s3:::in/data/*", "arn:aws:s3:::out/*", KEY,
                  ARN("kms", "key/*"), ARN("logs", "log-group:" GROUP "*")}};

static void hold(const struct iam_docs *used, const struct iam_docs *least, const struct calls *c,
                 struct arena *a, const char *text)
{
    struct iam_shrink got;

    iam_shrink(used, NULL, &least->items[0], a, &got);
    for (size_t i = 0; i < c->n; i++) {
        const bool have = allowed(used, &c->items[i], a) == IAM_YES;
        const bool need = allowed(least, &c->items[i], a) == IAM_YES;

        cr_assert(!have || need || got.wider != IAM_NO, "%s on %s is more than is needed: %s",
                  c->items[i].action, c->items[i].resource, text);
        cr_assert(have || !need || got.missing != IAM_NO, "%s on %s is missing: %s",
                  c->items[i].action, c->items[i].resource, text);
    }
    for (size_t i = 0; i < got.nexcess; i++) {
        const struct iam_counterexample *x = &got.excess[i].example;
        const struct iam_question q = {
            .identity = *used,
            .request = {.action = x->action,
                        .resource = x->resource,
                        .context = {x->keys, x->nkeys, false, 0},
                        .principal = SLICE_LIT("arn:aws:iam::" ACCOUNT ":role/r"),
                        .wildcard_only = slice_is(x->resource, "*")}};
        struct iam_verdict v;

        if (got.excess[i].wider != IAM_YES)
            continue;
        iam_evaluate(&q, a, &v);
        cr_assert_eq(v.sides[IAM_SIDE_IDENTITY], IAM_YES, "excess %zu is not allowed: %s", i, text);
    }
}

Test(policies_iam_shrink_random, least_is_what_the_calls_take)
{
    struct iam_dice d = {71};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena a;
        struct calls calls = {.arena = &a};
        struct pipeline p = random_pipeline(&d);
        struct iam_doc docs[2];
        struct iam_docs least = {&docs[0], 1, false}, used = {&docs[1], 1, false};
        struct iam_draft draft;
        const char *text;

        arena_init(&a);
        text = written(&p, &a);
        docs[0] = least_of(text, &a);
        data(&calls, &p);
        keys(&calls, &p);
        rest(&calls, &p);
        for (size_t i = 0; i < calls.n; i++)
            cr_assert_eq(allowed(&least, &calls.items[i], &a),
                         calls.items[i].needed ? IAM_YES : IAM_NO, "%s on %s with %s: %s\n%s",
                         calls.items[i].action, calls.items[i].resource,
                         calls.items[i].value != NULL ? calls.items[i].value : "nothing",
                         calls.items[i].needed ? "needed" : "not needed", text);
        draft = iam_random_draft(&d, &had, &a);
        docs[1] = iam_text_doc(iam_draft_text(&draft, &a), &a);
        hold(&used, &least, &calls, &a, iam_draft_text(&draft, &a));
        arena_release(&a);
    }
}
