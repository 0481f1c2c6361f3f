#include "policies/iam/evaluate/iam_derived.h"

#include "policies/iam/text/iam_arn.h"

struct keys {
    struct arena *arena;
    struct iam_key *items;
    size_t n;
    const struct iam_context *given;
};

static void add(struct keys *k, const char *name, struct slice value)
{
    if (iam_request_key(k->given, slice_str(name)) == NULL && value.len > 0)
        *(struct iam_key *)ARENA_PUSH(k->arena, &k->items, &k->n) =
            iam_request_single(name, value, k->arena);
}

/* AWS knows it, and nobody here. */
static void add_unknown(struct keys *k, const char *name)
{
    if (iam_request_key(k->given, slice_str(name)) == NULL)
        *(struct iam_key *)ARENA_PUSH(k->arena, &k->items, &k->n) =
            (struct iam_key){.name = slice_str(name), .unknown = true};
}

/* What the other key is, whatever that is. */
static void add_as(struct keys *k, const char *name, const char *other)
{
    const struct iam_context so_far = {.keys = k->items, .n = k->n};
    const struct iam_key *known = iam_request_key(&so_far, slice_str(other));
    struct iam_key copy;

    if (known == NULL || iam_request_key(k->given, slice_str(name)) != NULL)
        return;
    copy = *known;
    copy.name = slice_str(name);
    *(struct iam_key *)ARENA_PUSH(k->arena, &k->items, &k->n) = copy;
}

static bool asks(const struct iam_request *r, const char *prefix)
{
    const struct slice want = slice_str(prefix);

    return r->action.len > want.len &&
           iam_glob_same((struct slice){r->action.data, want.len}, want);
}

/* aws:PrincipalArn of a session is that of its role, whose path the session does not show. */
static void add_role(struct keys *k, const struct iam_arn *arn)
{
    static const char kind[] = "assumed-role/";
    struct slice role = slice_from(arn->field[5], sizeof(kind) - 1);
    struct slice *like = ARENA_ARRAY(k->arena, struct slice, 2);
    const char *head;
    size_t at;

    if (slice_find(role, SLICE_LIT("/"), &at))
        role.len = at;
    add_unknown(k, "aws:PrincipalArn");
    if (k->n == 0 || !k->items[k->n - 1].unknown || role.len == 0 || iam_glob_wild(role))
        return;
    head = arena_printf(k->arena, "arn:%.*s:iam::%.*s:role/", (int)arn->field[1].len,
                        (const char *)arn->field[1].data, (int)arn->field[4].len,
                        (const char *)arn->field[4].data);
    like[0] =
        slice_str(arena_printf(k->arena, "%s%.*s", head, (int)role.len, (const char *)role.data));
    like[1] =
        slice_str(arena_printf(k->arena, "%s*/%.*s", head, (int)role.len, (const char *)role.data));
    k->items[k->n - 1].like = like;
    k->items[k->n - 1].nlike = 2;
}

static void of_arn(struct keys *k, struct slice arn)
{
    const struct iam_arn parts = iam_arn_split(arn, IAM_ARN_RESOURCE);
    const struct slice what = parts.n == 6 ? parts.field[5] : (struct slice){NULL, 0};

    add(k, "aws:PrincipalAccount", iam_request_account(arn));
    add(k, "aws:PrincipalIsAWSService", SLICE_LIT("false"));
    add_unknown(k, "aws:userid");
    add_unknown(k, "aws:MultiFactorAuthPresent");
    add_unknown(k, "aws:MultiFactorAuthAge");
    add_unknown(k, "aws:TokenIssueTime");
    if (slice_starts(what, "assumed-role/")) {
        add(k, "aws:PrincipalType", SLICE_LIT("AssumedRole"));
        add_role(k, &parts);
        return;
    }
    add(k, "aws:PrincipalArn", arn);
    if (slice_starts(what, "user/")) {
        add(k, "aws:PrincipalType", SLICE_LIT("User"));
        add(k, "aws:username", slice_base_name(what));
    } else if (slice_starts(what, "role/")) {
        add(k, "aws:PrincipalType", SLICE_LIT("AssumedRole"));
    } else if (slice_starts(what, "federated-user/")) {
        add(k, "aws:PrincipalType", SLICE_LIT("FederatedUser"));
    } else if (slice_is(what, "root")) {
        add(k, "aws:PrincipalType", SLICE_LIT("Account"));
    }
}

/* Of the request itself, whoever makes it. */
static void of_request(struct keys *k, const struct iam_request *r)
{
    static const char *const always[] = {
        "aws:CurrentTime", "aws:EpochTime",     "aws:RequestedRegion", "aws:SecureTransport",
        "aws:SourceIp",    "aws:ViaAWSService", "aws:UserAgent"};
    const struct slice owner =
        r->resource_account.len > 0 ? r->resource_account : iam_request_account(r->resource);

    if (owner.len > 0)
        add(k, "aws:ResourceAccount", owner);
    else
        add_unknown(k, "aws:ResourceAccount");
    /* S3 has a name of its own for it. SPEC: Service Authorization Reference, "Amazon S3" */
    if (asks(r, "s3:"))
        add_as(k, "s3:ResourceAccount", "aws:ResourceAccount");
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        add_unknown(k, always[i]);
}

void iam_derived_keys(struct iam_request *r, struct arena *a)
{
    struct keys k = {.arena = a, .given = &r->context};
    const struct slice who = r->principal;

    for (size_t i = 0; i < r->context.n; i++)
        *(struct iam_key *)ARENA_PUSH(a, &k.items, &k.n) = r->context.keys[i];
    if (slice_starts(who, "arn:")) {
        of_arn(&k, who);
        if (asks(r, "kms:"))
            add(&k, "kms:CallerAccount", iam_request_account(who));
    } else if (who.len == 0 || slice_is(who, "*") || slice_is(who, "anonymous")) {
        add(&k, "aws:PrincipalType", SLICE_LIT("Anonymous"));
    } else {
        add(&k, "aws:PrincipalIsAWSService", SLICE_LIT("true"));
        add(&k, "aws:PrincipalServiceName", who);
        add_unknown(&k, "aws:PrincipalServiceNamesList"); /* that name, and its regional ones */
    }
    of_request(&k, r);
    r->context.keys = k.items;
    r->context.n = k.n;
}
