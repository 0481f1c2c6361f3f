#include "scanner/config/iam_granted.h"

#include <string.h>

/* An attribute that becomes a test of the statement. */
struct limit {
    const char *attribute, *op, *key;
};

/* A type of such resources. */
struct grant {
    const char *type;
    const char *whole; /* an attribute that is the statement itself; or NULL */
    const char *principal, *action;
    const char *usual;     /* action when none is said */
    const char *condition; /* a block of one test: key, type, value; or NULL */
    struct limit limits[6];
};

static const struct grant grants[] = {
    {"AWS::Events::EventBusPolicy",
     "Statement",
     "Principal",
     "Action",
     "events:PutEvents",
     "Condition",
     {{NULL, NULL, NULL}}},
    {"AWS::Lambda::LayerVersionPermission",
     NULL,
     "Principal",
     "Action",
     "lambda:GetLayerVersion",
     NULL,
     {{"OrganizationId", "StringEquals", "aws:PrincipalOrgID"}}},
    {"AWS::Lambda::Permission",
     NULL,
     "Principal",
     "Action",
     "lambda:InvokeFunction",
     NULL,
     {{"SourceArn", "ArnLike", "aws:SourceArn"},
      {"SourceAccount", "StringEquals", "aws:SourceAccount"},
      {"EventSourceToken", "StringEquals", "lambda:EventSourceToken"},
      {"PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"},
      {"FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"}}},
    {"aws_cloudwatch_event_permission",
     NULL,
     "principal",
     "action",
     "events:PutEvents",
     "condition",
     {{NULL, NULL, NULL}}},
    {"aws_lambda_layer_version_permission",
     NULL,
     "principal",
     "action",
     "lambda:GetLayerVersion",
     NULL,
     {{"organization_id", "StringEquals", "aws:PrincipalOrgID"}}},
    {"aws_lambda_permission",
     NULL,
     "principal",
     "action",
     "lambda:InvokeFunction",
     NULL,
     {{"source_arn", "ArnLike", "aws:SourceArn"},
      {"source_account", "StringEquals", "aws:SourceAccount"},
      {"event_source_token", "StringEquals", "lambda:EventSourceToken"},
      {"principal_org_id", "StringEquals", "aws:PrincipalOrgID"},
      {"function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"}}},
};

static const struct grant *grant_of(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(grants); i++)
        if (strcmp(grants[i].type, type) == 0)
            return &grants[i];
    return NULL;
}

static bool said(const struct value *v)
{
    return v != NULL && v->kind != VALUE_NULL && !(value_is(v, VALUE_STRING) && v->len == 0) &&
           !(value_is(v, VALUE_LIST) && v->len == 0);
}

/* "*", an account or an ARN, or a service. */
static const struct value *principal(struct arena *a, const struct value *v)
{
    const struct slice text = value_text(v);
    const bool number = text.len == 12 && text.data[0] >= '0' && text.data[0] <= '9';
    struct value_builder b;

    if (slice_is(text, "*"))
        return v;
    value_map_begin(&b, a);
    value_map_add(
        &b, !value_is(v, VALUE_STRING) || number || slice_starts(text, "arn:") ? "AWS" : "Service",
        v);
    return value_map_end(&b, NULL);
}

/* Operators, each with its keys. */
static void put_test(struct arena *a, struct value_builder *ops, const struct limit *l,
                     const struct value *v)
{
    struct value_builder keys;
    const struct value *before = NULL;
    const struct value_member *members = value_map_members(ops);

    for (size_t i = 0; i < ops->n; i++)
        if (slice_is(members[i].key, l->op))
            before = members[i].value;
    value_map_begin(&keys, a);
    for (size_t i = 0; before != NULL && i < value_len(before); i++)
        value_map_put(&keys, before->as.members[i].key, before->as.members[i].value);
    value_map_add(&keys, l->key, v);
    value_map_add(ops, l->op, value_map_end(&keys, NULL));
}

/* {Key, Type, Value} of CloudFormation; a list of one block with small letters in plans. false: it
 * is not known. */
static bool put_block(struct arena *a, struct value_builder *ops, const struct value *block)
{
    const struct value *v = value_is(block, VALUE_LIST) ? value_item(block, 0) : block;
    const bool small = value_get(v, "key") != NULL;
    const struct value *key = value_get(v, small ? "key" : "Key");
    const struct value *op = value_get(v, small ? "type" : "Type");
    const struct value *to = value_get(v, small ? "value" : "Value");

    if (!value_is(key, VALUE_STRING) || !value_is(op, VALUE_STRING) || to == NULL)
        return false;
    put_test(a, ops, &(struct limit){NULL, value_cstr(op, ""), value_cstr(key, "")}, to);
    return true;
}

static const struct value *conditions(struct arena *a, const struct grant *g,
                                      const struct value *attributes)
{
    const struct value *block = g->condition != NULL ? value_get(attributes, g->condition) : NULL;
    struct value_builder ops;

    value_map_begin(&ops, a);
    for (size_t i = 0; g->limits[i].attribute != NULL; i++) {
        const struct value *v = value_get(attributes, g->limits[i].attribute);

        if (said(v))
            put_test(a, &ops, &g->limits[i], v);
    }
    if (said(block) && !put_block(a, &ops, block))
        return value_is(block, VALUE_UNKNOWN)
                   ? block
                   : value_unknown(a, "the condition is not known", NULL, 0, NULL);
    return ops.n > 0 ? value_map_end(&ops, NULL) : NULL;
}

static const struct value *statement(struct arena *a, const struct grant *g,
                                     const struct iam_owner *o)
{
    const struct value *who = value_get(o->attributes, g->principal);
    const struct value *what = value_get(o->attributes, g->action);
    const struct value *when = conditions(a, g, o->attributes);
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "Effect", value_str(a, "Allow"));
    value_map_add(&b, "Principal", principal(a, who));
    value_map_add(&b, "Action", said(what) ? what : value_str(a, g->usual));
    value_map_add(&b, "Resource", value_str(a, "*"));
    if (when != NULL)
        value_map_add(&b, "Condition", when);
    return value_map_end(&b, NULL);
}

void iam_granted_tell(struct doc *d, const struct iam_owner *owner)
{
    const struct grant *g = grant_of(owner->type);
    const struct value *whole = NULL;
    struct value_builder b;
    struct iam_policy p = {
        .kind = IAM_RESOURCE,
        .address = arena_printf(d->arena, "%s#statement", owner->address),
        .resource = owner->address,
        .resource_type = owner->type,
        .at = owner->attributes,
    };

    if (g == NULL || !value_is(owner->attributes, VALUE_MAP))
        return;
    if (g->whole != NULL && said(value_get(owner->attributes, g->whole)))
        whole = value_get(owner->attributes, g->whole);
    if (whole == NULL && !said(value_get(owner->attributes, g->principal)))
        return; /* the resource is refused */
    value_map_begin(&b, d->arena);
    value_map_add(&b, "Version", value_str(d->arena, "2012-10-17"));
    value_map_add(&b, "Statement", whole != NULL ? whole : statement(d->arena, g, owner));
    p.document = value_map_end(&b, NULL);
    iam_policy_embedded(d, &p);
}
