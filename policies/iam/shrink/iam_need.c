#include "policies/iam/shrink/iam_need.h"

#include <string.h>

#include "policies/iam/document/iam_request.h"

struct need {
    const struct fact *pipeline;
    struct arena *arena;
    struct iam_need *out;
    struct iam_need_data *data;
    struct iam_need_key *keys;
    const char **notes;
};

#define STAR SLICE_LIT("*")
/* datasets and keys of one pipeline; tens occur, and each is compared with each */
#define NEED_MAX 1000

static void note(struct need *n, const char *text)
{
    *(const char **)ARENA_PUSH(n->arena, &n->notes, &n->out->nnotes) = text;
}

static struct slice text(struct need *n, const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);

    n->out->unknown = n->out->unknown || value_is(v, VALUE_UNKNOWN);
    return value_text(v);
}

static const struct value *of(const struct need *n)
{
    return n->pipeline->attributes;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- where: partition, region, account ---- */

/* Takes what an ARN tells and is not known yet. */
static void learn(struct need *n, struct slice arn)
{
    const struct slice partition = iam_request_field(arn, 1), region = iam_request_field(arn, 3);
    const struct slice account = iam_request_account(arn);

    if (n->out->partition.len == 0)
        n->out->partition = partition;
    if (n->out->region.len == 0)
        n->out->region = region;
    if (n->out->account.len == 0)
        n->out->account = account;
}

static void places(struct need *n)
{
    n->out->region = text(n, of(n), "region");
    learn(n, n->out->role);
    learn(n, text(n, of(n), "kms_key_arn"));
    learn(n, text(n, of(n), "output_kms_key_arn"));
    if (n->out->partition.len == 0)
        n->out->partition = SLICE_LIT("aws");
    if (n->out->region.len == 0) {
        n->out->region = STAR;
        note(n, "no region is given: resources are named in all regions");
    }
    if (n->out->account.len == 0) {
        n->out->account = STAR;
        note(n, "no ARN tells the account: resources are named in all accounts");
    }
}

/* More than anybody has: what is beyond is unknown. */
static bool full(struct need *n, size_t have)
{
    n->out->unknown = n->out->unknown || have >= NEED_MAX;
    return have >= NEED_MAX;
}

/* ---- keys ---- */

static void add_key(struct need *n, struct slice arn, enum iam_need_use use)
{
    for (size_t i = 0; n->keys != NULL && i < n->out->nkeys; i++)
        if (n->keys[i].use == use && slice_eq(n->keys[i].arn, arn))
            return;
    if (full(n, n->out->nkeys))
        return;
    if (arn.len > 0 && !slice_starts(arn, "arn:"))
        note(n, arena_printf(n->arena, "'%.*s' is no ARN of a key", (int)arn.len,
                             (const char *)arn.data));
    else if (arn.len > 0)
        *(struct iam_need_key *)ARENA_PUSH(n->arena, &n->keys, &n->out->nkeys) =
            (struct iam_need_key){arn, use};
}

/* The key of its own, else that of the pipeline. */
static struct slice key_or(struct slice own, struct slice all)
{
    return own.len > 0 ? own : all;
}

/* ---- data ---- */

static void add_data(struct need *n, struct slice bucket, struct slice prefix, bool write)
{
    if (full(n, n->out->ndata))
        return;
    *(struct iam_need_data *)ARENA_PUSH(n->arena, &n->data, &n->out->ndata) =
        (struct iam_need_data){bucket, prefix, write};
}

/* The key of the dataset in the catalogue, else that of the pipeline. */
static struct slice key_of(struct need *n, struct host_index *ix, const struct value *uri)
{
    const struct fact *dataset =
        value_is(uri, VALUE_STRING) ? host_facts_dataset(ix, value_text(uri)) : NULL;

    return key_or(dataset != NULL ? text(n, dataset->attributes, "kms_key_arn") : (struct slice){0},
                  text(n, of(n), "kms_key_arn"));
}

static void one_dataset(struct need *n, struct host_index *ix, const struct fact *f)
{
    const struct value *v = f->attributes;
    const bool write = slice_is(text(n, v, "role"), "output");

    if (!slice_is(text(n, v, "scheme"), "s3")) {
        note(n, arena_printf(n->arena, "%s is not in S3: what it needs is not derived",
                             value_cstr(value_get(v, "uri"), f->address)));
        return;
    }
    add_data(n, text(n, v, "bucket"), text(n, v, "prefix"), write);
    if (!write)
        add_key(n, key_of(n, ix, value_get(v, "uri")), IAM_NEED_INPUT);
    if (write && n->out->endpoint)
        add_data(n, text(n, v, "bucket"), text(n, v, "prefix"), false);
}

static void datasets(struct need *n, struct host_index *ix)
{
    size_t ngroups;
    const struct host_group *g = host_index_groups(ix, SLICE_LIT("pipeline.data"), &ngroups);

    for (size_t i = 0; i < ngroups; i++)
        for (size_t k = 0; k < g[i].n; k++) {
            const struct fact *f = g[i].facts[k];

            if (same(f->subject, n->pipeline->subject) && same(f->at.path, n->pipeline->at.path) &&
                slice_is(text(n, f->attributes, "pipeline"), n->pipeline->address))
                one_dataset(n, ix, f);
        }
    if (n->out->ndata == 0)
        note(n, "the pipeline names no data");
}

static void keys(struct need *n)
{
    const struct value *steps = value_get(of(n), "resource_config");
    const struct value *endpoint = value_get(of(n), "endpoint");
    const struct slice all = text(n, of(n), "kms_key_arn");
    const struct slice volume = key_or(text(n, of(n), "volume_kms_key_arn"), all);

    add_key(n, key_or(text(n, of(n), "output_kms_key_arn"), all), IAM_NEED_OUTPUT);
    add_key(n, volume, IAM_NEED_VOLUME);
    for (size_t i = 0; value_is(steps, VALUE_MAP) && i < value_len(steps); i++)
        add_key(n, text(n, steps->as.members[i].value, "volume_kms_key_arn"), IAM_NEED_VOLUME);
    if (endpoint == NULL)
        return;
    add_key(n, key_or(text(n, of(n), "output_kms_key_arn"), all), IAM_NEED_INPUT);
    add_key(n, text(n, endpoint, "kms_key_arn"), IAM_NEED_VOLUME);
    add_key(n, text(n, endpoint, "data_capture_kms_key_arn"), IAM_NEED_OUTPUT);
}

/* ---- image, network ---- */

/* "ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME[:TAG][@DIGEST]" as the ARN of its repository. */
static bool repository(struct need *n, struct slice image)
{
    const struct slice mark = SLICE_LIT(".dkr.ecr.");
    struct slice host = image, account, region;
    size_t at;

    if (!slice_find(image, SLICE_LIT("/"), &at))
        return false;
    host.len = at;
    image = slice_from(image, at + 1);
    if (!slice_find(host, mark, &at))
        return false;
    account = (struct slice){host.data, at};
    region = slice_from(host, at + mark.len);
    if (!slice_find(region, SLICE_LIT("."), &at))
        return false;
    region.len = at;
    for (size_t i = 0; i < 2; i++)
        if (slice_find(image, i == 0 ? SLICE_LIT("@") : SLICE_LIT(":"), &at))
            image.len = at;
    if (account.len != 12 || image.len == 0)
        return false;
    n->out->repository = slice_str(arena_printf(
        n->arena, "arn:%.*s:ecr:%.*s:%.*s:repository/%.*s", (int)n->out->partition.len,
        (const char *)n->out->partition.data, (int)region.len, (const char *)region.data,
        (int)account.len, (const char *)account.data, (int)image.len, (const char *)image.data));
    return true;
}

static void image(struct need *n)
{
    const struct slice name = text(n, of(n), "image");

    if (name.len == 0)
        note(n, "no image is given: pulling one is not allowed");
    else if (!repository(n, name))
        note(n, arena_printf(n->arena, "the image %.*s is not in ECR", (int)name.len,
                             (const char *)name.data));
}

static struct iam_texts list(struct need *n, const struct value *v)
{
    struct slice *items = ARENA_ARRAY(n->arena, struct slice, value_len(v));
    struct iam_texts out = {items, 0, value_is(v, VALUE_UNKNOWN)};

    n->out->unknown = n->out->unknown || out.unknown;

    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++)
        if (value_is(value_item(v, i), VALUE_STRING))
            items[out.n++] = value_text(value_item(v, i));
    return out;
}

/* SPEC: SageMaker Developer Guide, "CloudWatch Logs for Amazon SageMaker AI" */
static void group(struct need *n)
{
    static const struct {
        const char *word, *group;
    } groups[] = {{"train", "/aws/sagemaker/TrainingJobs"},
                  {"process", "/aws/sagemaker/ProcessingJobs"},
                  {"transform", "/aws/sagemaker/TransformJobs"},
                  {"notebook", "/aws/sagemaker/NotebookInstances"}};
    const struct slice type = text(n, of(n), "pipeline_type");
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        if (slice_find(type, slice_str(groups[i].word), &at)) {
            n->out->group = groups[i].group;
            return;
        }
    n->out->group = "/aws/sagemaker/*";
    note(n, "the type of the pipeline does not tell what it runs: logs of all kinds of jobs");
}

static void network(struct need *n)
{
    const struct value *vpc = value_get(of(n), "vpc_config");

    n->out->in_vpc = vpc != NULL;
    n->out->subnets = list(n, value_get(vpc, "subnets"));
    n->out->groups = list(n, value_get(vpc, "security_group_ids"));
}

void iam_need_read(struct host_index *ix, const struct fact *pipeline, struct arena *a,
                   struct iam_need *out)
{
    struct need n = {.pipeline = pipeline, .arena = a, .out = out};

    *out = (struct iam_need){.name = pipeline->address};
    out->role = text(&n, of(&n), "role_arn");
    out->endpoint = value_get(of(&n), "endpoint") != NULL;
    places(&n);
    datasets(&n, ix);
    keys(&n);
    image(&n);
    group(&n);
    network(&n);
    out->data = n.data;
    out->keys = n.keys;
    out->notes = n.notes;
}
