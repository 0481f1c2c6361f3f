#include "policies/iam/shrink/iam_least.h"

#include <string.h>

#include "policies/iam/document/iam_request.h"

struct least {
    const struct iam_need *need;
    struct arena *arena;
    struct value_builder statements;
};

/* One statement while it is written. */
struct wording {
    struct value_builder resources, condition;
};

#define TEXT(s) (int)(s).len, (const char *)(s).data
#define ACTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void begin(const struct least *l, struct wording *w)
{
    value_list_begin(&w->resources, l->arena);
    value_map_begin(&w->condition, l->arena);
}

static void resource(const struct least *l, struct wording *w, const char *arn)
{
    value_list_add(&w->resources, value_str(l->arena, arn));
}

static void condition(const struct least *l, struct wording *w, const char *op, const char *key,
                      const struct value *v)
{
    struct value_builder one;

    value_map_begin(&one, l->arena);
    value_map_add(&one, key, v);
    value_map_add(&w->condition, op, value_map_end(&one, NULL));
}

static void finish(struct least *l, struct wording *w, const char *sid, const char *const *actions)
{
    struct value_builder s, list;

    if (w->resources.n == 0)
        return;
    value_list_begin(&list, l->arena);
    for (size_t i = 0; actions[i] != NULL; i++)
        value_list_add(&list, value_str(l->arena, actions[i]));
    value_map_begin(&s, l->arena);
    value_map_add(&s, "Sid", value_str(l->arena, sid));
    value_map_add(&s, "Effect", value_str(l->arena, "Allow"));
    value_map_add(&s, "Action", value_list_end(&list, NULL));
    value_map_add(&s, "Resource", value_list_end(&w->resources, NULL));
    if (w->condition.n > 0)
        value_map_add(&s, "Condition", value_map_end(&w->condition, NULL));
    value_list_add(&l->statements, value_map_end(&s, NULL));
}

/* An ARN of the pipeline's account and region. */
static const char *arn(const struct least *l, const char *service, const char *rest)
{
    const struct iam_need *n = l->need;

    return arena_printf(l->arena, "arn:%.*s:%s:%.*s:%.*s:%s", TEXT(n->partition), service,
                        TEXT(n->region), TEXT(n->account), rest);
}

/* A text that is meant literally, where wildcards and variables are read. SPEC: IAM User Guide,
 * "IAM policy elements: Variables and tags", special characters */
static const char *literal(struct arena *a, struct slice text)
{
    char *out = arena_alloc(a, 4 * text.len + 1), *at = out;

    for (size_t i = 0; i < text.len; i++) {
        const char c = (char)text.data[i];

        if (c == '*' || c == '?' || c == '$') {
            memcpy(at, (char[]){'$', '{', c, '}'}, 4);
            at += 4;
        } else {
            *at++ = c;
        }
    }
    return out;
}

/* ---- data ---- */

static bool within(const struct iam_need_data *d, const struct iam_need_data *other)
{
    return d->write == other->write && slice_eq(d->bucket, other->bucket) &&
           d->prefix.len >= other->prefix.len &&
           slice_eq((struct slice){d->prefix.data, other->prefix.len}, other->prefix);
}

/* Does another one that is kept include data `i`? */
static bool redundant(const struct iam_need *n, size_t i)
{
    for (size_t k = 0; k < n->ndata; k++)
        if (k != i && within(&n->data[i], &n->data[k]) &&
            (k < i || !within(&n->data[k], &n->data[i])))
            return true;
    return false;
}

static void objects(struct least *l, bool write)
{
    const struct iam_need *n = l->need;
    struct wording w;

    begin(l, &w);
    for (size_t i = 0; i < n->ndata; i++)
        if (n->data[i].write == write && !redundant(n, i))
            resource(l, &w,
                     arena_printf(l->arena, "arn:%.*s:s3:::%.*s/%s*", TEXT(n->partition),
                                  TEXT(n->data[i].bucket), literal(l->arena, n->data[i].prefix)));
    if (write)
        finish(l, &w, "WriteOutput", ACTIONS("s3:PutObject"));
    else
        finish(l, &w, "ReadInput", ACTIONS("s3:GetObject"));
}

/* Is it the first that is read of its bucket? */
static bool first_of_bucket(const struct iam_need *n, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!n->data[k].write && slice_eq(n->data[k].bucket, n->data[i].bucket))
            return false;
    return !n->data[i].write;
}

/* Listing the prefixes that are read of one bucket. */
static void list_bucket(struct least *l, size_t first, unsigned number)
{
    const struct iam_need *n = l->need;
    struct value_builder prefixes;
    struct wording w;
    bool all = false;

    begin(l, &w);
    value_list_begin(&prefixes, l->arena);
    for (size_t i = first; i < n->ndata; i++) {
        const struct iam_need_data *d = &n->data[i];

        if (d->write || !slice_eq(d->bucket, n->data[first].bucket) || redundant(n, i))
            continue;
        all = all || d->prefix.len == 0;
        value_list_add(&prefixes, value_str(l->arena, arena_printf(l->arena, "%s*",
                                                                   literal(l->arena, d->prefix))));
    }
    resource(l, &w,
             arena_printf(l->arena, "arn:%.*s:s3:::%.*s", TEXT(n->partition),
                          TEXT(n->data[first].bucket)));
    if (!all)
        condition(l, &w, "StringLike", "s3:prefix", value_list_end(&prefixes, NULL));
    finish(l, &w, number == 1 ? "ListInput" : arena_printf(l->arena, "ListInput%u", number),
           ACTIONS("s3:ListBucket"));
}

static void data(struct least *l)
{
    unsigned number = 0;

    for (size_t i = 0; i < l->need->ndata; i++)
        if (first_of_bucket(l->need, i))
            list_bucket(l, i, ++number);
    objects(l, false);
    objects(l, true);
}

/* ---- keys ---- */

static bool is_alias(struct slice key)
{
    size_t at;

    return slice_find(key, SLICE_LIT(":alias/"), &at);
}

/* "s3.us-west-2.amazonaws.com" for the regions of the keys. */
static void via_s3(struct least *l, struct wording *w, enum iam_need_use use, bool alias)
{
    const struct iam_need *n = l->need;
    const char *const end = slice_is(n->partition, "aws-cn") ? ".cn" : "";
    struct value_builder seen;
    struct value_builder hosts;

    value_map_begin(&seen, l->arena);
    value_list_begin(&hosts, l->arena);
    for (size_t i = 0; i < n->nkeys; i++) {
        const struct slice region = iam_request_field(n->keys[i].arn, 3);
        const char *host = arena_printf(l->arena, "s3.%.*s.amazonaws.com%s", TEXT(region), end);
        const size_t before = seen.n;

        if (n->keys[i].use != use || is_alias(n->keys[i].arn) != alias)
            continue;
        value_map_add(&seen, host, value_null(l->arena, NULL));
        if (seen.n > before)
            value_list_add(&hosts, value_str(l->arena, host));
    }
    condition(l, w, "StringEquals", "kms:ViaService", value_list_end(&hosts, NULL));
}

static bool used(const struct iam_need *n, struct slice key, enum iam_need_use use)
{
    for (size_t i = 0; i < n->nkeys; i++)
        if (n->keys[i].use == use && slice_eq(n->keys[i].arn, key))
            return true;
    return false;
}

/* Keys by ARN; an alias stands for whichever key has it. SPEC: KMS Developer Guide, "Use aliases to
 * control access to KMS keys" */
static void keys(struct least *l, enum iam_need_use use, const char *sid,
                 const char *const *actions, bool alias)
{
    const struct iam_need *n = l->need;
    struct value_builder aliases;
    struct wording w;

    begin(l, &w);
    value_list_begin(&aliases, l->arena);
    for (size_t i = 0; i < n->nkeys; i++) {
        const struct slice key = n->keys[i].arn;
        size_t at;

        if (n->keys[i].use != use || is_alias(key) != alias ||
            (use == IAM_NEED_INPUT && used(n, key, IAM_NEED_OUTPUT))) /* says it already */
            continue;
        if (!alias) {
            resource(l, &w, arena_strndup(l->arena, key));
            continue;
        }
        (void)slice_find(key, SLICE_LIT(":alias/"), &at);
        resource(l, &w, arena_printf(l->arena, "%.*s:key/*", (int)at, (const char *)key.data));
        value_list_add(&aliases,
                       value_str(l->arena, arena_strndup(l->arena, slice_from(key, at + 1))));
    }
    if (w.resources.n == 0)
        return;
    if (use == IAM_NEED_VOLUME)
        condition(l, &w, "Bool", "kms:GrantIsForAWSResource", value_str(l->arena, "true"));
    else
        via_s3(l, &w, use, alias);
    if (alias)
        condition(l, &w, "ForAnyValue:StringEquals", "kms:ResourceAliases",
                  value_list_end(&aliases, NULL));
    finish(l, &w, alias ? arena_printf(l->arena, "%sByAlias", sid) : sid, actions);
}

static void all_keys(struct least *l)
{
    for (int alias = 0; alias < 2; alias++) {
        keys(l, IAM_NEED_INPUT, "DecryptInput", ACTIONS("kms:Decrypt"), alias == 1);
        keys(l, IAM_NEED_OUTPUT, "EncryptOutput", ACTIONS("kms:Decrypt", "kms:GenerateDataKey"),
             alias == 1);
        keys(l, IAM_NEED_VOLUME, "EncryptVolumes", ACTIONS("kms:CreateGrant"), alias == 1);
    }
}

/* ---- image, logs, network ---- */

static void image(struct least *l)
{
    struct wording w;

    if (l->need->repository.len == 0)
        return;
    begin(l, &w);
    resource(l, &w, "*");
    finish(l, &w, "LoginToRegistry", ACTIONS("ecr:GetAuthorizationToken"));
    begin(l, &w);
    resource(l, &w, arena_strndup(l->arena, l->need->repository));
    finish(l, &w, "PullImage",
           ACTIONS("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage",
                   "ecr:GetDownloadUrlForLayer"));
}

static void logs(struct least *l)
{
    const char *const group = l->need->group;
    struct value_builder spaces;
    struct wording w;

    begin(l, &w);
    resource(l, &w, arn(l, "logs", arena_printf(l->arena, "log-group:%s", group)));
    if (group[strlen(group) - 1] != '*')
        resource(l, &w, arn(l, "logs", arena_printf(l->arena, "log-group:%s:*", group)));
    if (l->need->endpoint && group[strlen(group) - 1] != '*')
        resource(l, &w, arn(l, "logs", "log-group:/aws/sagemaker/Endpoints/*"));
    finish(l, &w, "WriteLogs",
           ACTIONS("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams",
                   "logs:PutLogEvents"));
    begin(l, &w);
    resource(l, &w, "*");
    value_list_begin(&spaces, l->arena);
    value_list_add(&spaces, value_str(l->arena, group));
    if (l->need->endpoint && group[strlen(group) - 1] != '*')
        value_list_add(&spaces, value_str(l->arena, "/aws/sagemaker/Endpoints"));
    condition(l, &w, "StringLike", "cloudwatch:namespace", value_list_end(&spaces, NULL));
    finish(l, &w, "PutMetrics", ACTIONS("cloudwatch:PutMetricData"));
}

static void named(const struct least *l, struct wording *w, const struct iam_texts *ids,
                  const char *kind)
{
    for (size_t i = 0; i < ids->n; i++)
        resource(l, w, arn(l, "ec2", arena_printf(l->arena, "%s/%.*s", kind, TEXT(ids->items[i]))));
    if (ids->n == 0)
        resource(l, w, arn(l, "ec2", arena_printf(l->arena, "%s/*", kind)));
}

static void network(struct least *l)
{
    struct wording w;

    if (!l->need->in_vpc)
        return;
    begin(l, &w);
    resource(l, &w, "*");
    finish(l, &w, "DescribeNetwork",
           ACTIONS("ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces",
                   "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"));
    begin(l, &w);
    resource(l, &w, arn(l, "ec2", "network-interface/*"));
    named(l, &w, &l->need->subnets, "subnet");
    named(l, &w, &l->need->groups, "security-group");
    finish(l, &w, "CreateInterface", ACTIONS("ec2:CreateNetworkInterface"));
    begin(l, &w);
    resource(l, &w, arn(l, "ec2", "network-interface/*"));
    finish(l, &w, "UseInterface",
           ACTIONS("ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
                   "ec2:DeleteNetworkInterfacePermission"));
}

const struct value *iam_least_policy(const struct iam_need *n, struct arena *a)
{
    struct least l = {.need = n, .arena = a};
    struct value_builder doc;

    value_list_begin(&l.statements, a);
    data(&l);
    all_keys(&l);
    image(&l);
    logs(&l);
    network(&l);
    value_map_begin(&doc, a);
    value_map_add(&doc, "Version", value_str(a, "2012-10-17"));
    value_map_add(&doc, "Statement", value_list_end(&l.statements, NULL));
    return value_map_end(&doc, NULL);
}
