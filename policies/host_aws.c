/* KMS keys, ARNs, S3 uris, tags. SPEC: docs/rules.md, "Functions". */
#include <string.h>

#include "policies/host_table.h"

/* An ARN's parts. SPEC: AWS General Reference, "Amazon Resource Names":
 * arn:partition:service:region:account:resource */
struct arn {
    struct slice partition, service, region, account, resource;
};

static bool arn_split(struct slice s, struct arn *out)
{
    struct slice part[5];
    size_t at;

    if (!slice_starts(s, "arn:"))
        return false;
    s = slice_from(s, 4);
    for (size_t i = 0; i < 4; i++) {
        if (!slice_find(s, SLICE_LIT(":"), &at))
            return false;
        part[i] = (struct slice){s.data, at};
        s = slice_from(s, at + 1);
    }
    if (part[0].len == 0 || part[1].len == 0 || s.len == 0)
        return false;
    *out = (struct arn){part[0], part[1], part[2], part[3], s};
    return true;
}

bool host_aws_arn_parse(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct value_builder b;
    struct slice s;
    struct arn arn;

    if (!host_facts_text(c, 0, &s, e))
        return false;
    if (!arn_split(s, &arn))
        return err_fail(e, ERR_USAGE, "'%.*s' is not an ARN", (int)(s.len < 100 ? s.len : 100),
                        (const char *)s.data);
    value_map_begin(&b, c->arena);
    value_map_add(&b, "partition", value_bytes(c->arena, arn.partition, NULL));
    value_map_add(&b, "service", value_bytes(c->arena, arn.service, NULL));
    value_map_add(&b, "region", value_bytes(c->arena, arn.region, NULL));
    value_map_add(&b, "account", value_bytes(c->arena, arn.account, NULL));
    value_map_add(&b, "resource", value_bytes(c->arena, arn.resource, NULL));
    *out = cel_value_of(value_map_end(&b, NULL));
    return true;
}

bool host_aws_arn_is(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice s;
    struct arn arn;

    if (!host_facts_text(c, 0, &s, e))
        return false;
    *out = cel_value_bool(arn_split(s, &arn));
    return true;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A UUID, or "mrk-" and 32 hex digits. SPEC: KMS API reference, KeyId */
static bool is_key_id(struct slice s)
{
    bool multi = slice_starts(s, "mrk-");

    if (s.len != 36)
        return false;
    for (size_t i = multi ? 4 : 0; i < s.len; i++) {
        bool dash = !multi && (i == 8 || i == 13 || i == 18 || i == 23);

        if (dash ? s.data[i] != '-' : !is_hex(s.data[i]))
            return false;
    }
    return true;
}

static enum host_answer is_cmk(struct slice s)
{
    struct slice name = s;
    struct arn arn;

    if (s.len == 0)
        return HOST_NO;
    if (arn_split(s, &arn)) {
        if (!slice_is(arn.service, "kms"))
            return HOST_MAYBE;
        if (slice_starts(arn.resource, "key/"))
            return HOST_YES;
        name = arn.resource;
    }
    if (slice_starts(name, "alias/aws/"))
        return HOST_NO;
    return (slice_starts(name, "alias/") && name.len > 6) || is_key_id(name) ? HOST_YES
                                                                             : HOST_MAYBE;
}

/* Keys and aliases that customers make; AWS managed ones cannot be created. */
static bool accept_key(const void *ctx, const struct fact *f, struct slice attribute)
{
    static const char *const types[] = {
        "aws_kms_key",   "aws_kms_alias",   "aws_kms_replica_key",          "aws_kms_external_key",
        "AWS::KMS::Key", "AWS::KMS::Alias", "aws_kms_replica_external_key", "AWS::KMS::ReplicaKey"};
    static const char *const names[] = {
        "arn",           "id",  "key_id", "name",        "target_key_arn",
        "target_key_id", "Arn", "KeyId",  "TargetKeyId", "AliasName"};
    bool named = attribute.len == 0;

    (void)ctx;
    for (size_t i = 0; i < ARRAY_LEN(names) && !named; i++)
        named = slice_is(attribute, names[i]);
    for (size_t i = 0; i < ARRAY_LEN(types) && named; i++)
        if (strcmp(f->type, types[i]) == 0)
            return true;
    return false;
}

bool host_aws_is_cmk(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct cel_value key = c->args[0];
    enum host_answer answer;

    if (cel_value_is(key, CEL_GAP)) {
        answer = host_facts_refers(host_facts_of(c), cel_value_gap(key), accept_key, NULL);
        /* a reference to something else may still hold a key */
        *out = answer == HOST_YES ? cel_value_bool(true) : key;
        return true;
    }
    if (cel_value_is(key, CEL_NULL)) {
        *out = cel_value_bool(false);
        return true;
    }
    if (!cel_value_is(key, CEL_STRING))
        return err_fail(e, ERR_USAGE, "expected a string or null, found %s",
                        cel_value_type_name((enum cel_kind)key.kind));
    answer = is_cmk(cel_value_text(key));
    *out = answer != HOST_MAYBE
               ? cel_value_bool(answer == HOST_YES)
               : cel_value_unknown(c->arena,
                                   arena_printf(c->arena, "'%.*s' does not tell whose key it is",
                                                (int)(key.len < 200 ? key.len : 200),
                                                (const char *)cel_value_text(key).data));
    return true;
}

/* s3://bucket/key; also s3a and s3n, which Hadoop writes. */
static bool s3_split(struct slice s, struct slice *bucket, struct slice *key)
{
    static const char *const schemes[] = {"s3://", "s3a://", "s3n://"};
    size_t at;

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (!slice_starts(s, schemes[i]))
            continue;
        s = slice_from(s, strlen(schemes[i]));
        if (!slice_find(s, SLICE_LIT("/"), &at))
            at = s.len;
        *bucket = (struct slice){s.data, at};
        *key = slice_from(s, at + 1);
        return at > 0;
    }
    return false;
}

static bool s3_part(const struct cel_call *c, bool want_key, struct cel_value *out, struct err *e)
{
    struct slice s, bucket = SLICE_LIT(""), key = SLICE_LIT("");

    if (!host_facts_text(c, 0, &s, e))
        return false;
    if (!s3_split(s, &bucket, &key))
        bucket = key = SLICE_LIT("");
    *out = cel_value_string(want_key ? key : bucket);
    return true;
}

bool host_aws_s3_bucket(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    return s3_part(c, false, out, e);
}

bool host_aws_s3_key(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    return s3_part(c, true, out, e);
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool same_letters(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

/* The exact key first, then the first that differs in case only. */
static bool tag_find(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct slice want;

    *out = (struct cel_value){.kind = CEL_FAULT}; /* not there */
    if (!cel_value_is(c->args[0], CEL_MAP))
        return err_fail(e, ERR_USAGE, "argument 1: expected a map, found %s",
                        cel_value_type_name((enum cel_kind)c->args[0].kind));
    if (!host_facts_text(c, 1, &want, e))
        return false;
    if (cel_value_field(c->args[0], want, out))
        return true;
    for (size_t i = 0; i < c->args[0].len; i++) {
        struct cel_value key, value;

        cel_value_entry(c->args[0], i, &key, &value);
        if (cel_value_is(key, CEL_STRING) && same_letters(cel_value_text(key), want)) {
            *out = value;
            return true;
        }
    }
    return true;
}

bool host_aws_tags_get(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct cel_value found;

    if (!tag_find(c, &found, e))
        return false;
    *out = found.kind == CEL_FAULT ? c->args[2] : found;
    return true;
}

bool host_aws_tags_has(const struct cel_call *c, struct cel_value *out, struct err *e)
{
    struct cel_value found;

    if (!tag_find(c, &found, e))
        return false;
    *out = cel_value_bool(found.kind != CEL_FAULT);
    return true;
}
