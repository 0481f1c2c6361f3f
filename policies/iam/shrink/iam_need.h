#ifndef POLICIES_IAM_SHRINK_IAM_NEED_H
#define POLICIES_IAM_SHRINK_IAM_NEED_H
/*
 * What the role of a pipeline must be able to do, from the pipeline's specification alone
 * (docs/pipeline.md): the data it names, its keys, its image, its network. SPEC: Amazon SageMaker
 * Developer Guide, "How to use SageMaker AI execution roles"
 */
#include "policies/host_index.h"
#include "policies/iam/document/iam_doc.h"

/* Objects under s3://bucket/prefix. */
struct iam_need_data {
    struct slice bucket, prefix;
    bool write;
};

/* What a key is used for. */
enum iam_need_use {
    IAM_NEED_INPUT,  /* objects read are decrypted */
    IAM_NEED_OUTPUT, /* objects written are encrypted */
    IAM_NEED_VOLUME  /* volumes are attached */
};

struct iam_need_key {
    struct slice arn; /* of a key, or of an alias */
    enum iam_need_use use;
};

struct iam_need {
    const char *name;                        /* of the pipeline */
    struct slice partition, region, account; /* "*" where nothing tells */
    struct slice role;                       /* role_arn, or empty */
    const struct iam_need_data *data;
    size_t ndata;
    const struct iam_need_key *keys;
    size_t nkeys;
    struct slice repository; /* ARN of the image's repository in ECR, or empty */
    struct iam_texts subnets, groups;
    bool in_vpc;
    const char *group;        /* of logs and of metrics: "/aws/sagemaker/TrainingJobs" */
    bool endpoint;            /* serves what it trained */
    bool unknown;             /* part of the specification is not known: it may need more */
    const char *const *notes; /* what the specification does not tell, one sentence each */
    size_t nnotes;
};

/* iam_need_read(ix, pipeline, a, out): `pipeline` is a fact of type "pipeline". Keys of datasets
 * come from the data catalogue, when the run has one. */
void iam_need_read(struct host_index *ix, const struct fact *pipeline, struct arena *a,
                   struct iam_need *out);
#endif
